package endtoend

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
	"linkd/internal/verify"
)

// stores are the secret stores that a link may take its keys from, with how a
// secret is put there, and how each reason not to be read is brought about.
var stores = []struct {
	source     desired.Source
	kind, name string // of mutations
	field      string
	cloud      string
	call       string // as faults name it
	troubles   map[string]ground.Mutation
}{
	{
		source: "awssm:arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:linkd/tokyo-a1b2c3", cloud: "aws", kind: "secret",
		name: "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:linkd/tokyo-a1b2c3", field: "SecretString", call: "GetSecretValue",
		troubles: map[string]ground.Mutation{
			"ResourceNotFoundException": {},
			"NoSecretString":            {Op: "set", Field: "SecretBinary", Value: "AAECAw=="},
			"InvalidRequestException":   {Op: "delete"},
		},
	},
	{
		source: "azkv:https://house.vault.azure.net/secrets/tokyo", cloud: "azure", kind: "secrets",
		name: "house.vault.azure.net/tokyo", field: "value", call: "GET secrets",
		troubles: map[string]ground.Mutation{
			"SecretNotFound": {},
			"Forbidden":      {Op: "set", Field: "enabled", Value: false},
		},
	},
}

// TestKeysComeFromTheSecretStoreOfEitherCloud builds a link of two tunnels whose
// keys stand in a secret store, and changes them there: without anybody's word
// the tunnels get the new keys, one after the other.
func TestKeysComeFromTheSecretStoreOfEitherCloud(t *testing.T) {
	t.Parallel()
	for _, store := range stores {
		t.Run(store.cloud, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, nil)
				keep := func(text string) {
					l.mustMutate(ground.Mutation{Cloud: store.cloud, Kind: store.kind, Name: store.name, Op: "set", Field: store.field, Value: text})
				}
				keep("first.key.one\nfirst.key.two\n")
				l.file.Links[0].Redundancy, l.file.Links[0].Keys.From = desired.Tunnels, string(store.source)
				l.mustBuild()
				time.Sleep(time.Hour)
				l.mustBeClean()
				before, ended := l.keys(), l.watchEchoes()
				keep("second.key.one\nsecond.key.two")
				_, report := l.unattended()
				l.complain(report)
				if lost := ended(); lost != 0 {
					t.Errorf("%d looks found no way across", lost)
				}
				time.Sleep(time.Minute)
				if now := l.keys(); now[1].Reveal() != "second.key.one" || now[2].Reveal() != "second.key.two" || before[1].Reveal() != "first.key.one" {
					t.Error("the tunnels do not have the keys of the store")
				}
				l.mustBeClean()
			})
		})
	}
}

// TestASecretThatCannotBeReadIsNamed brings about each reason, and looks for the
// place, the action and the code in what the plan says: nothing is written, and
// no key is in it.
func TestASecretThatCannotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	for _, store := range stores {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, instant)
			l.mustBuild()
			l.file.Links[0].Keys.From = string(store.source)
			action := map[string]string{"aws": "secretsmanager:GetSecretValue", "azure": "Microsoft.KeyVault/vaults/secrets/getSecret/action"}[store.cloud]
			look := func(code string) {
				t.Helper()
				writes := l.wire.sent()
				step := stepOf(l.plan(), desired.AWSConnectionID("tokyo", 0))
				text := step.Fault
				for _, d := range step.Drifts {
					text += " " + d.Reason()
				}
				if step.Verb == reconcile.Update || !strings.Contains(text, code) || !strings.Contains(text, action) || !strings.Contains(text, string(store.source)) || step.Hint == "" && code != "NoSecretString" {
					t.Errorf("%s, %s: the plan says %s %q, hint %q", store.cloud, code, step.Verb, text, step.Hint)
				}
				if strings.Contains(text+step.Hint, "a.key.to.be.hidden") || l.wire.sent() != writes {
					t.Errorf("%s, %s: a key is shown, or something was written: %q", store.cloud, code, text)
				}
			}
			for code, trouble := range store.troubles {
				if trouble.Op != "" {
					l.mustMutate(ground.Mutation{Cloud: store.cloud, Kind: store.kind, Name: store.name, Op: "set", Field: store.field, Value: "a.key.to.be.hidden"})
					trouble.Cloud, trouble.Kind, trouble.Name = store.cloud, store.kind, store.name
					l.mustMutate(trouble)
					look(code)
					continue
				}
				fresh := store.source
				if strings.HasPrefix(string(fresh), "awssm:") {
					l.file.Links[0].Keys.From = strings.Replace(string(fresh), "tokyo-a1b2c3", "osaka-a1b2c3", 1)
				} else {
					l.file.Links[0].Keys.From = strings.Replace(string(fresh), "tokyo", "osaka", 1)
				}
				store.source = desired.Source(l.file.Links[0].Keys.From)
				look(code)
				store.source, l.file.Links[0].Keys.From = fresh, string(fresh)
			}
			l.sim.Inject(ground.Fault{Operation: store.call, Effect: ground.EffectDeny})
			look(map[string]string{"aws": "AccessDeniedException", "azure": "Forbidden"}[store.cloud])
		})
	}
}

// TestVerifyNamesAKeySourceThatCannotBeRead asks before a link is built, and of one
// that stands and carries: it is not well when its keys are not to be had.
func TestVerifyNamesAKeySourceThatCannotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		sources := map[desired.Source]string{
			"env:LINKD_NO_SUCH_KEY": "LINKD_NO_SUCH_KEY is not set", "file:/nonexistent/key": "no such file",
			"credential:tokyo-key": "CREDENTIALS_DIRECTORY is not set", "env:TWO_LINES": "it has 2 lines for 1 tunnels",
			stores[0].source: "ResourceNotFoundException", stores[1].source: "SecretNotFound",
		}
		l.env = map[string]string{"TWO_LINES": "a.key.to.be.hidden\nanother.key"}
		for _, stands := range []bool{false, true} {
			for source, why := range sources {
				l.file.Links[0].Keys.From = string(source)
				_, e := l.verify()
				for _, pre := range []bool{true, false} {
					report := verify.Run(e, verify.Selection{Before: pre})
					i := slices.IndexFunc(report.Findings, func(f verify.Finding) bool { return f.Code == failure.ObservationGap && f.Ref == "tokyo" })
					if i < 0 || report.Verdict == verify.Well {
						t.Errorf("%s, standing %t, before %t: %s", source, stands, pre, report.First)
						continue
					}
					f := report.Findings[i]
					if f.Link != "tokyo" || f.Hint == "" || strings.Count(f.Says, string(source)) != 1 || !strings.Contains(f.Says, why) {
						t.Errorf("%s, standing %t, before %t: %s: %s (%s)", source, stands, pre, f.Line(), f.Says, f.Hint)
					}
					if text := fmt.Sprintf("%+v %+v", report, e.Sources); strings.Contains(text, "a.key.to.be.hidden") {
						t.Errorf("%s: a key is shown", source)
					}
				}
			}
			l.file.Links[0].Keys.From = "aws"
			l.mustBuild()
			time.Sleep(time.Hour)
		}
		l.env["TWO_LINES"] = l.keys()[1].Reveal()
		l.file.Links[0].Keys.From = "env:TWO_LINES"
		report, _ := l.verify()
		l.mustBeWell("with a key that can be read", report)
		if !slices.ContainsFunc(report.Outcomes, func(o verify.Outcome) bool { return o.Check == "key-sources" && o.Mark == verify.OK }) {
			t.Errorf("the check was not made: %+v", report.Outcomes)
		}
	})
}

// TestALinkWithoutItsKeysIsNotHalfBuiltAndTheRestIsKept has a daemon build a link whose
// keys are not in the store, until they are put there: what goes with them is held, the
// rest is built and kept, and no repair fails.
func TestALinkWithoutItsKeysIsNotHalfBuiltAndTheRestIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := stores[0]
		l := newLab(t, instant)
		content, err := os.ReadFile("../../deploy/examples/seed.yaml")
		if err != nil {
			t.Fatal(err)
		}
		k := l.keepOf(strings.Replace(string(content), "from: aws", "from: "+string(store.source), 1), nil)
		defer k.stop()
		time.Sleep(2 * time.Hour)
		world, status := l.world(), k.audited()
		for id, phase := range map[resource.ID]resource.Phase{
			desired.VPNGatewayID("hub-jpe"): resource.Ready, desired.VPCAttachmentID("vpc-a"): resource.Ready,
			desired.CustomerGatewayID("tokyo", 0): resource.Absent, desired.AWSConnectionID("tokyo", 0): resource.Absent, desired.VPNSiteID("tokyo"): resource.Absent,
		} {
			if world[id].Phase != phase {
				t.Errorf("%s is %s, want %s", id, world[id].Phase, phase)
			}
		}
		i := slices.IndexFunc(status.Drifts, func(d control.Drift) bool { return d.Resource == string(desired.AWSConnectionID("tokyo", 0)) })
		if i < 0 || status.Drifts[i].Held != string(reconcile.HeldKeys) || !strings.Contains(status.Drifts[i].Because, string(store.source)) {
			t.Errorf("the daemon tells %+v", status.Drifts)
		}
		l.mustMutate(ground.Mutation{Cloud: "azure", Op: "set", Kind: "virtualWans", Name: "wan-global", Field: "properties.allowBranchToBranchTraffic", Value: false})
		k.audited()
		if live := l.world()[desired.VirtualWANID("wan-global")]; live.Attrs["branch_to_branch"].One() != "true" {
			t.Errorf("the rest is not kept: %v", live.Attrs)
		}
		for _, line := range k.journal() {
			if strings.HasPrefix(line, "failed") || strings.HasPrefix(line, "persists") {
				t.Errorf("the record has: %s", line)
			}
		}
		l.mustMutate(ground.Mutation{Cloud: store.cloud, Kind: store.kind, Name: store.name, Op: "set", Field: store.field, Value: "a.key.that.is.there"})
		k.audited()
		k.until(control.AsDesired, 2*time.Hour)
		l.mustBeClean()
		l.mustCross()
	})
}
