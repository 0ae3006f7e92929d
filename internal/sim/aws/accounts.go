package aws

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// accounts is what IAM and STS know: which accounts there are, which roles of
// theirs may be assumed, and who has done so.
type accounts struct {
	home     string // of whoever signs with any other key: the simulator lets everybody in
	known    map[string]bool
	roles    map[string]role    // by ARN
	sessions map[string]session // by access key
	made     *int               // roles so far, so that each is another one
}

// role is an IAM role. One that was taken away and made again is another.
type role struct {
	made       int
	externalID string // that has to be given; "" when none has
}

// session is what an AssumeRole gave.
type session struct {
	caller
	role    string // its ARN
	made    int    // of the role
	token   string
	expires time.Time
}

// caller is whose credentials sign a request. The ARN is that of an assumed
// role, or "" for the user of the first account.
type caller struct{ account, arn string }

func newAccounts(given scenario.AWS) accounts {
	all := accounts{home: given.Account, known: map[string]bool{}, roles: map[string]role{}, sessions: map[string]session{}, made: new(int)}
	for _, account := range given.All() {
		all.known[account.Account] = true
		for _, r := range account.Roles {
			all.roles[roleARN(account.Account, r.Name)] = all.newRole(r.ExternalID)
		}
	}
	return all
}

func roleARN(account, name string) string { return "arn:aws:iam::" + account + ":role/" + name }

func (a accounts) newRole(externalID string) role {
	*a.made++
	return role{*a.made, externalID}
}

// temporary is how the access keys begin that AssumeRole gives here.
const temporary = "ASIALINKSIM"

// signInFaults are what the services answer to a session that is none, and to
// one that has ended.
var signInFaults = map[string]struct{ none, ended fault }{
	"ec2": {
		fault{http.StatusUnauthorized, "AuthFailure", "AWS was not able to validate the provided access credentials"},
		fault{http.StatusBadRequest, "RequestExpired", "Request has expired."},
	},
	"sts": {
		fault{http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid"},
		fault{http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired"},
	},
}

// jsonSignInFaults are those of the services that speak JSON.
var jsonSignInFaults = struct{ none, ended fault }{
	fault{http.StatusBadRequest, "UnrecognizedClientException", "The security token included in the request is invalid."},
	fault{http.StatusBadRequest, "ExpiredTokenException", "The security token included in the request is expired"},
}

// caller says whose credentials they are. A session ends with its time, and with
// its role.
func (a accounts) caller(now time.Time, key, token, service string) (caller, *fault) {
	if !strings.HasPrefix(key, temporary) {
		return caller{account: a.home}, nil
	}
	faults, own := signInFaults[service]
	if !own {
		faults = jsonSignInFaults
	}
	s, known := a.sessions[key]
	switch {
	case !known || s.token != token || a.roles[s.role].made != s.made:
		return caller{}, &faults.none
	case !now.Before(s.expires):
		return caller{}, &faults.ended
	}
	return s.caller, nil
}

// changeRole changes a role behind the API's back. Name is its ARN. With op
// delete it is taken away and its sessions end, with op create it is made, and
// with op set its field ExternalId changes.
func (a accounts) changeRole(m ground.Mutation) error {
	parts := strings.SplitN(m.Name, ":", 6)
	if len(parts) < 6 || !a.known[parts[4]] || !strings.HasPrefix(parts[5], "role/") {
		return fmt.Errorf("a role goes by its ARN, in an account that there is")
	}
	r, there := a.roles[m.Name]
	switch {
	case m.Op == "create" && !there:
		a.roles[m.Name] = a.newRole("")
	case !there:
		return fmt.Errorf("there is no such role")
	case m.Op == "delete" && m.Field == "":
		delete(a.roles, m.Name)
	case m.Op == "set" && m.Field == "ExternalId":
		r.externalID = word(m.Value)
		a.roles[m.Name] = r
	default:
		return fmt.Errorf("a role is created, deleted, or its ExternalId set")
	}
	return nil
}

// user is the ARN of whoever signs.
func (k *call) user() string { return cmp.Or(k.who, "arn:aws:iam::"+k.account+":user/linksim") }
