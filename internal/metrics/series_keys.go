package metrics

// keyRows tell how old the pre-shared keys are. They hold nothing of a key.
var keyRows = []row{
	{
		name: "linkd_key_set_timestamp_seconds", kind: gauge, labels: []string{"link", "tunnel"}, unit: "seconds since 1970",
		help:   "When the tunnel was given the key that it has, where linkd or AWS made that. Absent when nobody noted it.",
		sample: `{link="tokyo",tunnel="tokyo-0-1"} 1.764086400e+09`,
		read: func(s Snapshot, emit emit) {
			for _, k := range s.Keys {
				for _, t := range k.Tunnels {
					if !t.Set.IsZero() {
						emit(seconds(t.Set), k.Link, t.Name)
					}
				}
			}
		},
	},
	{
		name: "linkd_keys_of_unknown_age", kind: gauge, labels: []string{"link"}, unit: "tunnels",
		help:   "Tunnels that were seen and of which nobody noted when they were given their key. They count as due.",
		sample: `{link="tokyo"} 0`,
		read: func(s Snapshot, emit emit) {
			for _, k := range s.Keys {
				unknown := 0
				for _, t := range k.Tunnels {
					unknown += int(oneIf(t.Set.IsZero()))
				}
				emit(float64(unknown), k.Link)
			}
		},
	},
	{
		name: "linkd_key_rotate_every_seconds", kind: gauge, labels: []string{"link"}, unit: "seconds",
		help:   "How old the keys of a link may become, as the file says in keys.rotate_every. Absent when it says nothing.",
		sample: `{link="tokyo"} 7.776e+06`,
		read: func(s Snapshot, emit emit) {
			for _, k := range s.Keys {
				if k.RotateEvery > 0 {
					emit(k.RotateEvery.Seconds(), k.Link)
				}
			}
		},
	},
}
