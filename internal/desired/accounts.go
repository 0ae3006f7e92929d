package desired

import "cmp"

// AccountOf is the account in which a transit gateway stands, and all that hangs
// on it.
func (f *File) AccountOf(gateway TransitGateway) string {
	return cmp.Or(gateway.Account, f.AWS.Account)
}

// PlaceOf is the region and the account in which a transit gateway stands:
// "us-east-1" in the file's own account, else "us-east-1 of account 222222222222".
func (f *File) PlaceOf(gateway TransitGateway) string {
	if account := f.AccountOf(gateway); account != f.AWS.Account {
		return gateway.Region + " of account " + account
	}
	return gateway.Region
}

// checkAccounts holds the account of each transit gateway against the role that
// leads there. linkd works in one account by one role.
func checkAccounts(c *checker) {
	type entry struct{ path, role, external string }
	entries := map[string]entry{}
	for path, gateway := range c.transitGateways() {
		account := c.AccountOf(*gateway)
		role := path + ".assume_role"
		switch {
		case !accountID.shape.MatchString(account) || gateway.AssumeRole != "" && !roleARN.shape.MatchString(gateway.AssumeRole):
			continue // told as what it is
		case gateway.AssumeRole == "" && gateway.ExternalID != "":
			c.problem(path+".external_id", "give assume_role too", "an external id is of no use without a role")
			continue
		case account == c.AWS.Account && gateway.AssumeRole != "" && accountOfARN(gateway.AssumeRole) != account:
			c.problem(path+".account", "give account: \""+accountOfARN(gateway.AssumeRole)+"\" to the transit gateway, or remove its role",
				"the role is of account %s, and the transit gateway stands in %s", accountOfARN(gateway.AssumeRole), account)
			continue
		case account == c.AWS.Account && gateway.AssumeRole != "":
			c.problem(role, "name it in aws.credentials.assume_role, or remove it", "a role of the file's own account is for all of the file")
			continue
		case account == c.AWS.Account:
			continue
		case gateway.AssumeRole == "":
			c.problem(path+".account", "give assume_role: arn:aws:iam::"+account+":role/linkd, a role that trusts the identity by which linkd runs",
				"nothing says how linkd comes into account %s", account)
			continue
		case accountOfARN(gateway.AssumeRole) != account:
			c.problem(role, "name a role of account "+account+", or mend the account",
				"the role is of account %s, and the transit gateway stands in %s", accountOfARN(gateway.AssumeRole), account)
			continue
		}
		before, known := entries[account]
		if known && (before.role != gateway.AssumeRole || before.external != gateway.ExternalID) {
			c.problem(role, "use one role, with one external id, for all transit gateways of an account",
				"another role leads into account %s by %s", account, c.line(before.path))
			continue
		}
		entries[account] = entry{role, gateway.AssumeRole, gateway.ExternalID}
	}
}
