package desired

// The functions of this file and of the next two name the keys that each
// mapping of the file may hold, one line a key.

func readFile(m *mapping, f *File) {
	number(m, "version", &f.Version)
	text(m, "owner", &f.Owner)
	m.child("schedule", func(m *mapping) { readSchedule(m, &f.Schedule) })
	m.child("policy", func(m *mapping) { readPolicy(m, &f.Policy) })
	m.child("azure", func(m *mapping) { readAzure(m, &f.Azure) })
	m.child("aws", func(m *mapping) { readAWS(m, &f.AWS) })
	list(m, "links", &f.Links, readLink)
	m.child("probes", func(m *mapping) { readProbes(m, &f.Probes) })
}

func readSchedule(m *mapping, s *Schedule) {
	text(m, "time_zone", &s.TimeZone)
	text(m, "audit", &s.Audit)
	text(m, "tunnels", &s.Tunnels)
	text(m, "survey", &s.Survey)
	duration(m, "jitter", &s.Jitter)
	duration(m, "budget", &s.Budget)
}

func readPolicy(m *mapping, p *Policy) {
	text(m, "default", &p.Default)
	list(m, "rules", &p.Rules, func(m *mapping, rule *Rule) {
		text(m, "drift", &rule.Drift)
		text(m, "link", &rule.Link)
		text(m, "do", &rule.Do)
		text(m, "why", &rule.Why)
		moment(m, "until", &rule.Until)
		boolean(m, "may_cut_last_tunnel", &rule.MayCutLastTunnel)
	})
	m.child("limits", func(m *mapping) {
		number(m, "changes", &p.Limits.Changes)
		number(m, "deletes", &p.Limits.Deletes)
		number(m, "replaces", &p.Limits.Replaces)
		number(m, "percent", &p.Limits.Percent)
	})
	list(m, "windows", &p.Windows, func(m *mapping, window *Window) {
		text(m, "start", &window.Start)
		duration(m, "duration", &window.Duration)
	})
}

func readLink(m *mapping, link *Link) {
	*link = newLink()
	text(m, "name", &link.Name)
	text(m, "hub", &link.Hub)
	text(m, "transit_gateway", &link.TransitGateway)
	text(m, "routing", &link.Routing)
	text(m, "redundancy", &link.Redundancy)
	m.child("ike", func(m *mapping) { readIKE(m, &link.IKE) })
	m.child("keys", func(m *mapping) {
		text(m, "from", &link.Keys.From)
		duration(m, "rotate_every", &link.Keys.RotateEvery)
	})
	m.child("site", func(m *mapping) {
		text(m, "device_vendor", &link.Site.DeviceVendor)
		text(m, "provider", &link.Site.Provider)
		number(m, "speed_mbps", &link.Site.SpeedMbps)
	})
	prefixes(m, "inside", &link.Inside)
	number(m, "bandwidth_mbps", &link.BandwidthMbps)
	boolean(m, "stateful", &link.Stateful)
}

func readIKE(m *mapping, ike *IKE) {
	number(m, "version", &ike.Version)
	m.child("phase1", func(m *mapping) {
		text(m, "encryption", &ike.Phase1.Encryption)
		text(m, "integrity", &ike.Phase1.Integrity)
		number(m, "dh_group", &ike.Phase1.DHGroup)
		duration(m, "lifetime", &ike.Phase1.Lifetime)
	})
	m.child("phase2", func(m *mapping) {
		text(m, "encryption", &ike.Phase2.Encryption)
		text(m, "integrity", &ike.Phase2.Integrity)
		number(m, "pfs_group", &ike.Phase2.PFSGroup)
		duration(m, "lifetime", &ike.Phase2.Lifetime)
	})
	text(m, "initiator", &ike.Initiator)
	duration(m, "dpd_timeout", &ike.DPDTimeout)
}

func readProbes(m *mapping, p *Probes) {
	duration(m, "interval", &p.Interval)
	duration(m, "timeout", &p.Timeout)
	number(m, "burst", &p.Burst)
	number(m, "size", &p.Size)
	duration(m, "mtu_interval", &p.MTUInterval)
	number(m, "most_per_second", &p.MostPerSecond)
	text(m, "local", &p.Local)
	m.child("agents", func(m *mapping) {
		text(m, "listen", &p.Agents.Listen)
		text(m, "certificate", &p.Agents.Certificate)
		text(m, "key", &p.Agents.Key)
		text(m, "authority", &p.Agents.Authority)
	})
	list(m, "targets", &p.Targets, func(m *mapping, target *Target) {
		text(m, "name", &target.Name)
		address(m, "address", &target.Address)
		text(m, "vnet", &target.VNet)
		text(m, "vpc", &target.VPC)
		text(m, "id", &target.ID)
		text(m, "subnet", &target.Subnet)
		text(m, "zone", &target.Zone)
		text(m, "agent", &target.Agent)
	})
}
