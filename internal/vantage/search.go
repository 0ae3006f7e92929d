package vantage

import (
	"context"
	"time"

	"linkd/internal/probe"
)

// betweenSearches keeps searches apart: one at a time, and never a burst of
// large packets when many become due at once.
const betweenSearches = time.Second

// search keeps searching the path MTU of whatever target is due, one after the
// other, until ctx ends. It is poked when the tasks have changed.
func (v *Vantage) search(ctx context.Context, poke <-chan struct{}) {
	due := map[string]time.Time{}
	for ctx.Err() == nil {
		task, at := v.next(due, time.Now())
		if wait := time.Until(at); task.Name == "" || wait > 0 {
			if task.Name == "" {
				wait = time.Hour
			}
			timer := time.NewTimer(wait)
			select {
			case <-poke:
			case <-timer.C:
			case <-ctx.Done():
			}
			timer.Stop()
			continue
		}
		v.searchOne(ctx, task)
		if due[task.Name] = time.Now().Add(task.MTUEvery); task.MTUEvery == 0 {
			delete(due, task.Name)
		}
		select {
		case <-time.After(betweenSearches):
		case <-ctx.Done():
		}
	}
}

// next is the task whose search is due first, and when. A new one is due after
// its first burst, so that a target that does not answer at all is known
// before.
func (v *Vantage) next(due map[string]time.Time, now time.Time) (Task, time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var first Task
	var at time.Time
	there := map[string]bool{}
	for _, task := range v.tasks {
		there[task.Name] = true
		when, known := due[task.Name]
		switch {
		case v.asked[task.Name]:
			when = now
		case task.MTUEvery == 0:
			continue
		case !known:
			when = now.Add(time.Duration(task.Count)*task.Interval + task.Timeout)
			due[task.Name] = when
		case when.Sub(now) > task.MTUEvery: // it is searched more often now
			when = now.Add(task.MTUEvery)
			due[task.Name] = when
		}
		if first.Name == "" || when.Before(at) {
			first, at = task, when
		}
	}
	for name := range due {
		if !there[name] {
			delete(due, name)
		}
	}
	for name := range v.asked {
		if !there[name] {
			delete(v.asked, name)
		}
	}
	return first, at
}

// searchOne searches one path MTU on a wire of its own.
func (v *Vantage) searchOne(ctx context.Context, task Task) {
	v.mu.Lock()
	delete(v.asked, task.Name)
	v.mu.Unlock()
	wire, err := v.Open()
	if err != nil {
		return // the trouble is told by the echoes, which cannot be sent either
	}
	defer wire.Close()
	found, err := probe.SearchMTU(ctx, wire, probe.Target{Name: task.Name, Address: task.Address, Timeout: task.Timeout}, 0)
	if err == nil && ctx.Err() == nil {
		v.Tell(Finding{Result: probe.Result{From: v.Name, To: task.Name, At: time.Now(), MTU: &found}})
	}
}
