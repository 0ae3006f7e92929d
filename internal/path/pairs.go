package path

// Pair is two networks of the file, or a prefix of each, and whether an echo
// between them comes back: the way there and the way back are one verdict.
type Pair struct {
	From, To string
	Verdict  Verdict
}

// Pairs judges all pairs of networks, in the order of the file. It walks each
// way once, and what is beyond a router once for all that come by it, and notes no
// hops.
func (m *Model) Pairs() []Pair {
	var ends []*end
	for _, name := range m.Networks() {
		own, err := m.ends(name)
		if err != nil {
			continue // it is of the file
		}
		ends = append(ends, own...)
	}
	verdicts := make([]Verdict, len(ends)*len(ends))
	for j, to := range ends {
		routed := map[router]Verdict{}
		for i, from := range ends {
			if from.network.name == to.network.name {
				continue
			}
			w := walk{Model: m, from: from, to: to, quiet: true, verdict: Pass, routed: routed}
			w.send()
			verdicts[i*len(ends)+j] = w.verdict
		}
	}
	var pairs []Pair
	for i, from := range ends {
		for j, to := range ends[i+1:] {
			if from.network.name != to.network.name {
				pairs = append(pairs, Pair{from.name, to.name, worse(verdicts[i*len(ends)+i+1+j], verdicts[(i+1+j)*len(ends)+i])})
			}
		}
	}
	return pairs
}

// Change is a pair of networks of which a plan changes the verdict.
type Change struct {
	From, To      string
	Before, After Verdict
}

// Compare lists the pairs whose verdict differs, and counts all pairs.
func Compare(before, after *Model) (changes []Change, all int) {
	was := map[[2]string]Verdict{}
	for _, pair := range before.Pairs() {
		was[[2]string{pair.From, pair.To}] = pair.Verdict
	}
	pairs := after.Pairs()
	for _, pair := range pairs {
		earlier, known := was[[2]string{pair.From, pair.To}]
		if !known {
			earlier = Unknown
		}
		if earlier != pair.Verdict {
			changes = append(changes, Change{pair.From, pair.To, earlier, pair.Verdict})
		}
	}
	return changes, len(pairs)
}
