package azure_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"linkd/internal/sim/scenario"
)

func TestTheKeyIsToldByListSharedKeyAlone(t *testing.T) {
	c := newCloud(t, scenario.Scenario{Behaviour: scenario.Behaviour{Instant: true}})
	c.makeGateway()
	c.makeSite()
	const secret = "s3cret.of.the.link"
	answers := []reply{c.want(http.StatusCreated, http.MethodPut, conn, connBody(secret))}
	link := conn + "/vpnLinkConnections/link0"
	for _, url := range []string{
		conn, gateway, link, conn + "/vpnLinkConnections", gateway + "/vpnConnections", provider + "/vpnGateways",
		link + "/sharedKeys", link + "/sharedKeys/default",
	} {
		answers = append(answers, c.want(http.StatusOK, http.MethodGet, url, nil))
	}
	dump, err := json.Marshal(c.half.Dump())
	if err != nil {
		t.Fatal(err)
	}
	for _, answer := range append(answers, reply{raw: string(dump)}) {
		if strings.Contains(answer.raw, secret) {
			t.Errorf("the key is in %s", answer.raw)
		}
	}
	key := func() any {
		return at(c.want(http.StatusOK, http.MethodPost, link+"/sharedKeys/default/listSharedKey", nil).body, "properties", "sharedKey")
	}
	if got := key(); got != secret {
		t.Fatalf("listSharedKey says %v", got)
	}
	if got := at(c.get(link+"/sharedKeys/default").body, "properties", "sharedKeyLength"); got != float64(len(secret)) {
		t.Errorf("the length reads %v", got)
	}
	t.Run("a PUT of the connection without it keeps it", func(t *testing.T) {
		c.put(conn, connBody(""))
		if got := key(); got != secret {
			t.Errorf("the key is %v", got)
		}
	})
	t.Run("a PUT of the gateway that repeats its connections keeps it", func(t *testing.T) {
		body := c.get(gateway).body
		c.put(gateway, body)
		if got := key(); got != secret {
			t.Errorf("the key is %v", got)
		}
	})
	t.Run("a PUT of the key changes it, and the fabric sees it", func(t *testing.T) {
		c.put(link+"/sharedKeys/default", object{"properties": object{"sharedKey": "other"}})
		if got := key(); got != "other" || c.half.Side().Links[0].Key != "other" {
			t.Errorf("the key is %v, in force %v", got, c.half.Side().Links[0].Key)
		}
	})
	t.Run("a PUT of a length has one made", func(t *testing.T) {
		c.put(link+"/sharedKeys/default", object{"properties": object{"sharedKeyLength": 32}})
		if got, _ := key().(string); len(got) != 32 {
			t.Errorf("the key is %d long", len(got))
		}
	})
}
