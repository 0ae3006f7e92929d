package boundaries

import (
	"slices"
	"strings"
	"testing"
)

// ban says that the files of the folders in, but for those of except, import
// nothing of what, but for allowed. Each is a list apart by spaces, so that a
// ban can be the key of a map. "anything" is every package, "ours" every
// package of this module, "std" the standard library; a path stands for all
// below it, unless it ends in "$".
type ban struct{ in, except, what, allowed string }

// bans gives the reason of each ban. Tests are free of them: they bring the
// parts together that must not know each other.
var bans = map[ban]string{
	{in: "internal/resource internal/survey internal/failure", what: "anything", allowed: "std"}: "the vocabulary is a leaf: what all others speak may depend on none of them",

	{in: "internal/desired", what: "ours", allowed: "linkd/internal/resource"}: "the file is read, checked and named without any cloud",

	{in: "internal/reconcile", what: "ours", allowed: "linkd/internal/resource linkd/internal/desired linkd/internal/durable"}: "observe, diff, decide and apply speak of resources; a cloud is an interface to them",

	{in: "internal/rotate", what: "ours", allowed: "linkd/internal/resource linkd/internal/desired linkd/internal/reconcile"}: "a rotation decides whose turn it is; what changes a key is the walk, and no cloud is asked beside it",

	{in: "internal/drill", what: "ours", allowed: "linkd/internal/resource linkd/internal/desired linkd/internal/reconcile linkd/internal/probe"}: "a drill decides whether a tunnel may go down; what takes it down is the walk, and what measures is handed in",

	{in: "internal/path internal/verify", what: "ours", allowed: "linkd/internal/resource linkd/internal/desired linkd/internal/survey linkd/internal/failure linkd/internal/path linkd/internal/probe"}: "a judgement is computed from evidence and fetches none",

	{in: "internal/examine", what: "ours", allowed: "linkd/internal/resource linkd/internal/desired linkd/internal/survey linkd/internal/reconcile linkd/internal/path linkd/internal/verify linkd/internal/probe"}: "evidence is gathered through interfaces: clouds and vantages are handed in",

	{in: "internal/probe", what: "ours", allowed: "linkd/internal/resource linkd/internal/desired"}: "a prober sends echoes and knows neither plans nor metrics",

	{in: "internal/identity", what: "anything", allowed: "std"}: "who may speak is decided by certificates alone, and can be read in one place",

	{in: "internal/vantage", what: "ours", allowed: "linkd/internal/probe"}: "a vantage is the same on a test machine as in the daemon: it knows neither the file nor the cloud",

	{in: "internal/agent", what: "ours", allowed: "linkd/internal/resource linkd/internal/probe linkd/internal/vantage linkd/internal/identity"}: "an agent is told what to probe and has limits of its own; whoever takes one over learns nothing of the file or the clouds",

	{in: "internal/watch", what: "ours", allowed: "linkd/internal/resource linkd/internal/desired linkd/internal/probe linkd/internal/vantage linkd/internal/identity linkd/internal/agent"}: "what the vantages see is kept beside the loop; plans, clouds and metrics are told of it and never asked",

	{in: "internal/netlab", what: "anything", allowed: "std golang.org/x/sys"}: "a network of a test knows nothing of what is tested over it",

	{in: "internal cmd", what: "linkd/internal/netlab linkd/internal/agent/agenttest"}: "they make networks and authorities for tests alone",

	{in: "internal/journal", what: "anything", allowed: "std"}: "a record is read years later: its words are its own, and no type of the program changes them",

	{in: "internal/azure", what: "ours", allowed: "linkd/internal/resource linkd/internal/desired linkd/internal/survey"}: "an adapter translates between one cloud and the vocabulary; it learns of the other cloud through the World, and the engine calls it",

	{in: "internal/aws", what: "ours", allowed: "linkd/internal/resource linkd/internal/desired linkd/internal/survey"}: "an adapter translates between one cloud and the vocabulary; it learns of the other cloud through the World, and the engine calls it",

	{in: "internal/sim", what: "ours", allowed: "linkd/internal/sim"}: "code shared with the simulator would hide its own errors",

	{in: "internal/sim", what: "github.com/Azure github.com/AzureAD github.com/aws"}: "a simulator made of the SDK's own types could never show what those types lack",

	{in: "internal cmd", except: "internal/azure", what: "github.com/Azure github.com/AzureAD"}: "armnetwork takes two gigabytes to compile, and its pointers to everything stay in one package",

	{in: "internal cmd", except: "internal/aws", what: "github.com/aws"}: "ec2 takes three and a half gigabytes to compile, and its 812 methods stay in one package",

	{in: "internal cmd", except: "internal/metrics", what: "github.com/prometheus"}: "the domain emits events and returns reports; metrics are one listener among others",

	{in: "internal cmd", what: "text/template html/template"}: "executing a template calls methods by name, and the linker then keeps all 812 methods of the EC2 client: 15 MB become 48",

	{in: "internal", except: "internal/sim internal/demo", what: "linkd/internal/sim"}: "a program that manages real clouds holds no simulated one but for the demo",

	{in: "internal/durable internal/control", what: "anything", allowed: "std"}: "a leaf: how files are replaced and how a person speaks with linkd need nothing of what linkd does",

	{in: "internal/progress", what: "ours", allowed: "linkd/internal/resource linkd/internal/desired linkd/internal/reconcile"}: "progress listens to the events of a walk and touches nothing that the walk touches",

	{in: "internal/metrics", what: "ours", allowed: "linkd/internal/resource linkd/internal/desired linkd/internal/reconcile"}: "metrics are made of what a look saw and of calls by the daemon; no cloud is asked for them",

	{in: "internal cmd", what: "linkd/internal/metrics/prometheustest"}: "it starts a program of Debian's, for tests alone",

	{in: "internal/notify", what: "anything", allowed: "std github.com/coreos/go-systemd/v22/daemon$"}: "how the daemon tells its service manager is one small protocol; what it tells is handed in as text",

	{in: "internal cmd", except: "internal/notify", what: "github.com/coreos/go-systemd"}: "systemd is spoken to in one place, and its library reads the environment behind one's back",

	{in: "internal", except: "internal/clouds internal/daemon", what: "linkd/internal/clouds"}: "both clouds are opened where a program is put together, and handed in as interfaces",

	{in: "internal", what: "linkd/cmd linkd/internal/daemon"}: "the daemon calls the parts, never they it",

	{in: "internal cmd", except: "internal/desired internal/sim", what: "reflect"}: "a comparison by reflection has no name for what differs; only the schema of the file is made from its types, and a simulated body is JSON without any",

	{in: "internal cmd", what: "log$"}: "the standard logger is a global; loggers are handed in, and are log/slog's",
}

func TestEveryPackageImportsOnlyWhatItMay(t *testing.T) {
	for _, s := range sources(t) {
		for _, imported := range s.imports {
			if s.isTest() {
				continue
			}
			for _, why := range offences(s.folder(), imported) {
				t.Errorf("%s imports %s: %s", s.path, imported, why)
			}
		}
	}
}

func TestEveryBanCatchesWhatItNames(t *testing.T) {
	stands := map[string]string{"anything": "example.org/other", "ours": "linkd/internal/elsewhere"}
	for b, why := range bans {
		for folder := range strings.FieldsSeq(b.in) {
			for what := range strings.FieldsSeq(b.what) {
				imported := strings.TrimSuffix(what, "$")
				if stand, generic := stands[what]; generic {
					imported = stand
				}
				if !slices.Contains(offences(folder+"/part", imported), why) {
					t.Errorf("%s may import %s, although %s", folder, imported, why)
				}
			}
		}
	}
}

// offences lists the reasons against the import, none when it is allowed.
func offences(folder, imported string) []string {
	var reasons []string
	for b, why := range bans {
		if below(folder, strings.Fields(b.in)...) && !below(folder, strings.Fields(b.except)...) &&
			matches(imported, b.what) && !matches(imported, b.allowed) {
			reasons = append(reasons, why)
		}
	}
	return reasons
}

// matches reports whether the imported package is one of the list.
func matches(imported, list string) bool {
	first, _, _ := strings.Cut(imported, "/")
	ours := first == "linkd"
	for what := range strings.FieldsSeq(list) {
		switch what {
		case "anything":
			return true
		case "ours":
			if ours {
				return true
			}
		case "std":
			if !ours && !strings.Contains(first, ".") {
				return true
			}
		default:
			if exact, only := strings.CutSuffix(what, "$"); below(imported, what) || only && imported == exact {
				return true
			}
		}
	}
	return false
}
