package survey

import (
	"sync/atomic"
	"testing"
)

func TestAPanicInOneOfManyCallsIsToldAndSurvived(t *testing.T) {
	var ran atomic.Int64
	defect := Together(func() { ran.Add(1) }, func() { panic("nil map") }, func() { ran.Add(1) })
	if defect != "this is a defect of linkd: nil map" || ran.Load() != 2 {
		t.Errorf("%q after %d calls, want the panic after all", defect, ran.Load())
	}
	if defect := Together(func() {}); defect != "" {
		t.Errorf("%q of a call without", defect)
	}
	all := Survey{Defect: "one"}
	if all.Merge(Survey{}); all.Defect != "one" {
		t.Errorf("%q after nothing was added", all.Defect)
	}
	if all.Merge(Survey{Defect: "two"}); all.Defect != "one" {
		t.Errorf("%q after another", all.Defect)
	}
}
