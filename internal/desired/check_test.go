package desired

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// Each row spoils a file that is right in one way, and names the one problem
// that follows.
func TestOneMistakeIsOneProblem(t *testing.T) {
	seed, everything := read(t, examples+"/redundant-tunnels.yaml"), read(t, "testdata/everything.yaml")
	second := `  - name: second
    hub: hub-jpe
    transit_gateway: tgw-tokyo
`
	tests := []struct{ name, old, new, want string }{
		{"a VNet overlaps a VPC", "prefixes: [10.2.0.0/16]", "prefixes: [10.2.0.0/16, 172.20.128.0/17]", "172.20.0.0/16 of the VPC vpc-a overlaps 172.20.128.0/17 of the VNet vnet-use in line 36"},
		{"a hub overlaps a hub", "192.168.1.0/24", "192.168.0.0/24", "192.168.0.0/24 of the hub hub-use overlaps 192.168.0.0/24 of the hub hub-jpe"},
		{"a VPC overlaps a VPC", "[172.21.0.0/16]", "[172.21.0.0/16, 172.20.7.0/24]", "172.20.7.0/24 of the VPC vpc-b overlaps 172.20.0.0/16 of the VPC vpc-a"},
		{"a VNet overlaps its hub", "[10.1.0.0/16]", "[10.1.0.0/16, 192.168.0.128/25]", "192.168.0.128/25 of the VNet vnet-jpe overlaps 192.168.0.0/24 of the hub hub-jpe"},
		{"a hub prefix too small", "192.168.1.0/24", "192.168.1.0/26", "is too small, Azure needs a /24"},
		{"a target in a zone without a subnet", "zone: ap-northeast-1c\n", "zone: ap-northeast-1d\n", "the target ec2-b is in ap-northeast-1d, and its subnet subnet-0b2000000000000b1 is in ap-northeast-1c"},
		{"a target whose zone the VPC is not attached in", "      subnet: subnet-0b2000000000000b1\n      zone: ap-northeast-1c\n", "      zone: ap-northeast-1d\n", "the VPC vpc-b is attached in ap-northeast-1c only (line 53), so nothing reaches ec2-b in ap-northeast-1d"},
		{"a zone of another region", "zone: ap-northeast-1c\n", "zone: us-east-1c\n", `"us-east-1c" is not an availability zone of ap-northeast-1`},
		{"a target outside its network", "address: 10.1.0.4", "address: 10.2.0.5", "10.2.0.5 is not an address of the VNet vnet-jpe"},
		{"a link to a hub without a gateway", "hub: hub-jpe", "hub: hub-use", "the hub hub-use has no VPN gateway"},
		{"two static links of the same gateways", "links:\n", "links:\n" + second, "the links tokyo and second (line 59) join the same two gateways"},
		{"a peering of one", "join: [tgw-tokyo, tgw-virginia]", "join: [tgw-tokyo]", "a peering joins two transit gateways, not 1"},
		{"a peering with itself", "join: [tgw-tokyo, tgw-virginia]", "join: [tgw-tokyo, tgw-tokyo]", "this one joins tgw-tokyo with itself"},
		{"BGP in its own range is fine", "routing: static", "routing: bgp", ""},
		{"static routing in the range of BGP is fine", "routing: static", "routing: static ", ""},
		{"phase 2 that outlives phase 1", "lifetime: 8h", "lifetime: 30m", "phase 2 lives 1h and phase 1 30m"},
		{"an integrity beside GCM", "encryption: aes256-gcm, ", "encryption: aes256-gcm, integrity: sha256, ", "aes256-gcm has an integrity of its own"},
		{"a misspelt region", "location: Japan East", "location: Japan Eats", `"japaneats" is not a region of Azure`},
		{"a redundancy that is misspelt, with ranges for four tunnels", "redundancy: full", "redundancy: ful", `redundancy cannot be "ful"`},
		{"a reserved inside range", "[169.254.21.0/30,", "[169.254.5.0/30,", "AWS keeps 169.254.5.0/30 for itself"},
		{"http to another machine", "  resource_group: rg-network\n", "  resource_group: rg-network\n  endpoint: http://192.0.2.1\n", "192.0.2.1 would be reached without encryption"},
		{"a user in an endpoint", "  resource_group: rg-network\n", "  resource_group: rg-network\n  endpoint: https://me:pw@example.com\n", "an endpoint carries no user"},
		{"http to this machine is fine", "  resource_group: rg-network\n", "  resource_group: rg-network\n  endpoint: http://[::1]:8080/\n", ""},
		{"a key in place of its source", "from: aws  ", "from: Abcdefgh1234  ", "from does not name a source of secrets"},
		{"a client secret behind the sign-in", "awssm:arn:aws:secretsmanager:us-east-1:123456789012:secret:linkd/azure-a1b2c3", "azkv:https://vault.vault.azure.net/secrets/linkd", "the client secret cannot be in Azure Key Vault, which only answers who is signed in"},
		{"keys every 90 days are fine", "from: aws  ", "rotate_every: 90d  ", ""},
		{"keys every few hours", "from: aws  ", "rotate_every: 8h  ", "keys cannot be changed every 8h"},
		{"keys every six years", "from: aws  ", "rotate_every: 1826d  ", "keys cannot be changed every 1826d"},
		{"keys never", "from: aws  ", "rotate_every: 0d  ", "keys cannot be changed every 0s"},
		{"keys never, in seconds", "from: aws  ", "rotate_every: 0s  ", "keys cannot be changed every 0s"},
		{"keys every three lives", "from: aws  ", "rotate_every: 99999d  ", "keys cannot be changed every 99999d"},
		{"keys at the end of days", "from: aws  ", "rotate_every: 9999999d  ", "rotate_every must be a duration of 99999 days at the most, not \"9999999d\""},
		{"keys every day are fine", "from: aws  ", "rotate_every: 24h  ", ""},
		{"keys before they were made", "from: aws  ", "rotate_every: -48h  ", "keys cannot be changed every -2d"},
		{"new keys where a file gives them", "from: aws  ", "from: env:KEY\n      rotate_every: 90d  ", "linkd makes no new keys for a link whose keys come from somewhere else"},
		{"a day that is no number", "from: aws  ", "rotate_every: 9.5d  ", "rotate_every must be a duration, not \"9.5d\""},
		{"a BGP range outside APIPA", "169.254.22.4/30]", "169.254.40.4/30]", "with BGP the inside range 169.254.40.4/30 must be within 169.254.21.0 to 169.254.22.255"},
		{"BGP between equal ASNs", "asn: 65515, adopt", "asn: 64600, adopt", "both ends of the link tokyo have the ASN 64600"},
		{"an ASN of Azure", "        - name: tgw-tokyo\n", "        - name: tgw-tokyo\n          asn: 65517\n", "the ASN 65517 belongs to Azure"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := seed
			if !strings.Contains(text, test.old) {
				text = everything
			}
			if !strings.Contains(text, test.old) {
				t.Fatalf("no file has %q", test.old)
			}
			_, err := Parse("f.yaml", []byte(strings.Replace(text, test.old, test.new, 1)))
			problems, _ := errors.AsType[Problems](err)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("it is refused: %v", err)
			case test.want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Text, test.want)):
				t.Errorf("the problems are\n%v\nand not one with\n%s", err, test.want)
			}
		})
	}
}

func TestParseTimes(t *testing.T) {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for expression, want := range map[string]time.Time{
		"0 2 * * *":    time.Date(2026, 3, 1, 2, 0, 0, 0, tokyo).AddDate(0, 0, 1), // 02:00 in Tokyo is over by then
		"*/15 * * * *": from.Add(15 * time.Minute),
		"@every 90s":   from.Add(90 * time.Second),
		"@daily":       time.Date(2026, 3, 2, 0, 0, 0, 0, tokyo),
		"0 0 29 2 *":   time.Date(2028, 2, 29, 0, 0, 0, 0, tokyo),
	} {
		times, err := ParseTimes(expression, tokyo)
		if err != nil {
			t.Errorf("%q is refused: %v", expression, err)
			continue
		}
		if got := times.Next(from); !got.Equal(want) {
			t.Errorf("%q is due at %v, want %v", expression, got, want)
		}
	}
	for _, expression := range []string{
		"", "TZ=UTC", "CRON_TZ=UTC", "tz=UTC * * * * *", "TZ=UTC 0 2 * * *", "@every", "@every -5m", "@every 0s", "@every 1500ms",
		"@every 59s", "@reboot", "0 0 30 2 *", "* * * * * *", "61 * * * *", "0 0 * * 7", "every day",
	} {
		if times, err := ParseTimes(expression, tokyo); err == nil {
			t.Errorf("%q is taken, due at %v", expression, times.Next(from))
		}
	}
}

func TestTheFieldThatCannotBeIsNamed(t *testing.T) {
	for expression, want := range map[string]string{
		"0 0 * * 7":  `its field 5, "7", is the day of the week, 0 (Sunday) to 6`,
		"60 0 * * *": `its field 1, "60", is the minute, 0 to 59`,
		"0 2 * *":    "is not a cron expression of five fields",
	} {
		if _, err := ParseTimes(expression, time.UTC); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", expression, err, want)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"japaneast", "japanwest", "eastus"}
	for word, want := range map[string]string{"japaneats": "japaneast", "japan": "", "EastUS": "eastus", "easus": "eastus", "moon": ""} {
		if got := nearest(word, known); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
}
