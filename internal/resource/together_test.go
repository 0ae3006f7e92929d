package resource

import (
	"sync/atomic"
	"testing"
)

func TestAPanicInOneOfManyCallsIsTheCallers(t *testing.T) {
	var ran atomic.Int64
	defer func() {
		if cause := recover(); cause != "nil map" || ran.Load() != 2 {
			t.Errorf("the caller got %v after %d calls, want the panic after all", cause, ran.Load())
		}
	}()
	Together(func() { ran.Add(1) }, func() { panic("nil map") }, func() { ran.Add(1) })
	t.Error("it returned")
}
