package aws

import (
	"encoding/xml"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// options are what somebody has set about a tunnel, by the names in requests:
// absent means AWS's default, and stays absent until it is touched.
type options map[string][]string

// option is a row of the table of tunnel options.
type option struct {
	name, answer string   // its names in requests and in answers
	allowed      []string // the values it may have; nil: a number
	least, most  int      // the bounds of a number
	list         bool
	fallback     []string // what AWS does when it is absent
}

// The algorithms that AWS takes, as its user guide of 2025 lists them.
var (
	encryptions  = []string{"AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16"}
	integrities  = []string{"SHA1", "SHA2-256", "SHA2-384", "SHA2-512"}
	phase1Groups = []string{"2", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24"}
	phase2Groups = []string{"2", "5", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24"}
	ikeVersions  = []string{"ikev1", "ikev2"}
	booleans     = []string{"true", "false"}
)

// unbounded is the bound of a number that has none.
const unbounded = 1<<31 - 1

// tunnelOptions lists the options in the order in which answers show them.
var tunnelOptions = []option{
	{name: "Phase1LifetimeSeconds", answer: "phase1LifetimeSeconds", least: 900, most: 28800, fallback: []string{"28800"}},
	{name: "Phase2LifetimeSeconds", answer: "phase2LifetimeSeconds", least: 900, most: 3600, fallback: []string{"3600"}},
	{name: "RekeyMarginTimeSeconds", answer: "rekeyMarginTimeSeconds", least: 60, most: 1800, fallback: []string{"270"}},
	{name: "RekeyFuzzPercentage", answer: "rekeyFuzzPercentage", least: 0, most: 100, fallback: []string{"100"}},
	{name: "ReplayWindowSize", answer: "replayWindowSize", least: 64, most: 2048, fallback: []string{"1024"}},
	{name: "DPDTimeoutSeconds", answer: "dpdTimeoutSeconds", least: 30, most: unbounded, fallback: []string{"40"}},
	{name: "DPDTimeoutAction", answer: "dpdTimeoutAction", allowed: []string{"clear", "none", "restart"}, fallback: []string{"clear"}},
	{name: "Phase1EncryptionAlgorithm", answer: "phase1EncryptionAlgorithmSet", allowed: encryptions, list: true, fallback: encryptions},
	{name: "Phase2EncryptionAlgorithm", answer: "phase2EncryptionAlgorithmSet", allowed: encryptions, list: true, fallback: encryptions},
	{name: "Phase1IntegrityAlgorithm", answer: "phase1IntegrityAlgorithmSet", allowed: integrities, list: true, fallback: integrities},
	{name: "Phase2IntegrityAlgorithm", answer: "phase2IntegrityAlgorithmSet", allowed: integrities, list: true, fallback: integrities},
	{name: "Phase1DHGroupNumber", answer: "phase1DHGroupNumberSet", allowed: phase1Groups, list: true, fallback: phase1Groups},
	{name: "Phase2DHGroupNumber", answer: "phase2DHGroupNumberSet", allowed: phase2Groups, list: true, fallback: phase2Groups},
	{name: "IKEVersion", answer: "ikeVersionSet", allowed: ikeVersions, list: true, fallback: ikeVersions},
	{name: "StartupAction", answer: "startupAction", allowed: []string{"add", "start"}, fallback: []string{"add"}},
	{name: "EnableTunnelLifecycleControl", answer: "enableTunnelLifecycleControl", allowed: booleans, fallback: []string{"false"}},
}

// logOptions are nested two deep in requests and answers alike. LogEnabled is
// there from the start.
var logOptions = []option{
	{name: "LogEnabled", answer: "logEnabled", allowed: booleans},
	{name: "LogGroupArn", answer: "logGroupArn"},
	{name: "LogOutputFormat", answer: "logOutputFormat", allowed: []string{"json", "text"}},
	{name: "BgpLogEnabled", answer: "bgpLogEnabled", allowed: booleans},
	{name: "BgpLogGroupArn", answer: "bgpLogGroupArn"},
	{name: "BgpLogOutputFormat", answer: "bgpLogOutputFormat", allowed: []string{"json", "text"}},
}

const logPrefix = "LogOptions.CloudWatchLogOptions."

// readOptions reads the options that a request sets for a tunnel, other than
// its inside range and its key.
func readOptions(f form) (options, error) {
	given := options{}
	for _, row := range tunnelOptions {
		values, err := row.read(f)
		if err != nil {
			return nil, err
		}
		if values != nil {
			given[row.name] = values
		}
	}
	for _, row := range logOptions {
		if value := f.text(logPrefix + row.name); value != "" {
			if row.allowed != nil && !slices.Contains(row.allowed, value) {
				return nil, badValue("Value (%s) for parameter %s is invalid.", value, row.name)
			}
			given[row.name] = []string{value}
		}
	}
	return given, recognizeOptions(f)
}

func (o option) read(f form) ([]string, error) {
	if o.list {
		var values []string
		for _, member := range f.structures(o.name) {
			value := member.text("Value")
			if !slices.Contains(o.allowed, value) {
				return nil, badValue("Invalid value '%s' for %s", value, o.name)
			}
			values = append(values, value)
		}
		return values, nil
	}
	if !f.has(o.name) {
		return nil, nil
	}
	value := f.text(o.name)
	if o.allowed != nil {
		if !slices.Contains(o.allowed, value) {
			return nil, badValue("Invalid value '%s' for %s", value, o.name)
		}
		return []string{value}, nil
	}
	n, err := f.number(o.name, 0)
	if err != nil {
		return nil, err
	}
	if n < o.least || n > o.most {
		return nil, badValue("Invalid value '%d' for %s. It must be between %d and %d.", n, o.name, o.least, o.most)
	}
	return []string{strconv.Itoa(n)}, nil
}

// recognizeOptions refuses what no tunnel has.
func recognizeOptions(f form) error {
	for name := range f.values {
		rest, of := strings.CutPrefix(name, f.prefix)
		if !of {
			continue
		}
		top, _, _ := strings.Cut(rest, ".")
		known := slices.ContainsFunc(tunnelOptions, func(row option) bool { return row.name == top })
		if !known && top != "TunnelInsideCidr" && top != "PreSharedKey" && top != "LogOptions" {
			return refuse("UnknownParameter", "The parameter %s is not recognized", name)
		}
	}
	return nil
}

// with lays the options of a request over those that are set.
func (o options) with(given options) options {
	next := maps.Clone(o)
	if next == nil {
		next = options{}
	}
	maps.Copy(next, given)
	return next
}

// effective is the values that an option comes to.
func (o options) effective(name string) []string {
	if values, set := o[name]; set {
		return values
	}
	for _, row := range tunnelOptions {
		if row.name == name {
			return row.fallback
		}
	}
	return nil
}

// number is the value that a numeric option comes to.
func (o options) number(name string) int {
	n, _ := strconv.Atoi(o.effective(name)[0])
	return n
}

// check refuses options that do not fit together.
func (o options) check() error {
	switch {
	case o.number("Phase2LifetimeSeconds") >= o.number("Phase1LifetimeSeconds"):
		return refuse("InvalidParameterCombination", "Phase2LifetimeSeconds must be less than Phase1LifetimeSeconds")
	case o["RekeyMarginTimeSeconds"] != nil && o.number("RekeyMarginTimeSeconds") > o.number("Phase2LifetimeSeconds")/2:
		return badValue("RekeyMarginTimeSeconds must be between 60 and half of Phase2LifetimeSeconds")
	case o.effective("StartupAction")[0] == "start" && !slices.Contains(o.effective("IKEVersion"), "ikev2"):
		return refuse("InvalidParameterCombination", "StartupAction start is supported for ikev2 only")
	}
	return nil
}

// MarshalXML shows the options that are set, and the log options always.
func (o options) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	for _, row := range tunnelOptions {
		if err := row.write(e, o[row.name]); err != nil {
			return err
		}
	}
	var logs struct {
		LogEnabled       string `xml:"cloudWatchLogOptions>logEnabled"`
		LogGroup         string `xml:"cloudWatchLogOptions>logGroupArn,omitempty"`
		LogOutput        string `xml:"cloudWatchLogOptions>logOutputFormat,omitempty"`
		BGPLogEnabled    string `xml:"cloudWatchLogOptions>bgpLogEnabled,omitempty"`
		BGPLogGroup      string `xml:"cloudWatchLogOptions>bgpLogGroupArn,omitempty"`
		BGPLogOutputForm string `xml:"cloudWatchLogOptions>bgpLogOutputFormat,omitempty"`
	}
	logs.LogEnabled = "false"
	fields := []*string{&logs.LogEnabled, &logs.LogGroup, &logs.LogOutput, &logs.BGPLogEnabled, &logs.BGPLogGroup, &logs.BGPLogOutputForm}
	for i, row := range logOptions {
		if values := o[row.name]; len(values) > 0 {
			*fields[i] = values[0]
		}
	}
	return e.EncodeElement(logs, xml.StartElement{Name: xml.Name{Local: "logOptions"}})
}

func (o option) write(e *xml.Encoder, values []string) error {
	if len(values) == 0 {
		return nil
	}
	start := xml.StartElement{Name: xml.Name{Local: o.answer}}
	if !o.list {
		return e.EncodeElement(values[0], start)
	}
	type item struct {
		Value string `xml:"value"`
	}
	return e.EncodeElement(listed(values, func(v string) item { return item{v} }), start)
}
