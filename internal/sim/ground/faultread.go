package ground

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Rows lists the faults of the table.
func (f *Faults) Rows() []Fault {
	rows := []Fault{}
	for _, row := range f.rows {
		rows = append(rows, row.Fault)
	}
	return rows
}

// DecodeFaults reads a fault or a list of faults from JSON, strictly.
func DecodeFaults(text []byte, into *[]Fault) error {
	text = bytes.TrimSpace(text)
	if len(text) > 0 && text[0] == '{' {
		text = slices.Concat([]byte("["), text, []byte("]"))
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("cannot read the faults: %w", err)
	}
	for _, fault := range *into {
		if err := fault.check(); err != nil {
			return err
		}
	}
	return nil
}

// ParseFault reads a fault as it is written on a command line:
// "operation=PUT virtualHubs,effect=status,status=429,retry_after=5,count=2".
func ParseFault(text string) (Fault, error) {
	var fault Fault
	for field := range strings.SplitSeq(text, ",") {
		name, value, found := strings.Cut(field, "=")
		set, known := fields[strings.TrimSpace(name)]
		if !found || !known {
			return Fault{}, fmt.Errorf("a fault has no field %q: it is name=value, with the names %s", field, strings.Join(fieldNames(), ", "))
		}
		if err := set(&fault, value); err != nil {
			return Fault{}, fmt.Errorf("%s of a fault cannot be %q: %w", name, value, err)
		}
	}
	return fault, fault.check()
}

// fields are the fields of a fault on a command line.
var fields = map[string]func(f *Fault, value string) error{
	"cloud":       func(f *Fault, v string) error { f.Cloud = v; return nil },
	"operation":   func(f *Fault, v string) error { f.Operation = v; return nil },
	"path":        func(f *Fault, v string) error { f.Path = v; return nil },
	"effect":      func(f *Fault, v string) error { f.Effect = Effect(v); return nil },
	"code":        func(f *Fault, v string) error { f.Code = v; return nil },
	"message":     func(f *Fault, v string) error { f.Message = v; return nil },
	"nonsense":    func(f *Fault, v string) error { f.Nonsense = v; return nil },
	"nth":         func(f *Fault, v string) error { return number(&f.Nth, v) },
	"count":       func(f *Fault, v string) error { return number(&f.Count, v) },
	"status":      func(f *Fault, v string) error { return number(&f.Status, v) },
	"probability": func(f *Fault, v string) error { return fraction(&f.Probability, v) },
	"retry_after": func(f *Fault, v string) error { return fraction(&f.RetryAfter, v) },
	"stall":       func(f *Fault, v string) error { return fraction(&f.Stall, v) },
}

func fieldNames() []string {
	var names []string
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func number(into *int, value string) (err error) {
	*into, err = strconv.Atoi(value)
	return err
}

func fraction(into *float64, value string) (err error) {
	*into, err = strconv.ParseFloat(value, 64)
	return err
}

// effects are what a fault can do, with what each needs.
var effects = map[Effect]func(Fault) string{
	EffectStatus: func(f Fault) string {
		return unless(f.Status >= 400 && f.Status < 600, "needs a status from 400 to 599")
	},
	EffectDeny:  func(Fault) string { return "" },
	EffectDrop:  func(Fault) string { return "" },
	EffectDie:   func(Fault) string { return "" },
	EffectStall: func(f Fault) string { return unless(f.Stall > 0, "needs the seconds of stall") },
	EffectNonsense: func(f Fault) string {
		return unless(slices.Contains([]string{"cut", "garbage", "empty"}, f.Nonsense), "needs nonsense: cut, garbage or empty")
	},
	EffectStale: func(Fault) string { return "" },
	EffectFail:  func(f Fault) string { return unless(f.Code != "", "needs the code with which the operation fails") },
}

func unless(holds bool, why string) string {
	if holds {
		return ""
	}
	return why
}

// check says what a fault lacks.
func (f Fault) check() error {
	needs, known := effects[f.Effect]
	if !known {
		return fmt.Errorf("a fault has no effect %q: status, deny, drop, die, stall, nonsense, stale or fail", f.Effect)
	}
	if why := needs(f); why != "" {
		return fmt.Errorf("a fault with the effect %s %s", f.Effect, why)
	}
	if f.Cloud != "" && f.Cloud != "azure" && f.Cloud != "aws" {
		return fmt.Errorf("there is no cloud %q: azure or aws", f.Cloud)
	}
	if f.Probability < 0 || f.Probability > 1 {
		return fmt.Errorf("a probability is between 0 and 1, not %v", f.Probability)
	}
	return nil
}
