package desired

import (
	"slices"
	"strings"
)

// DidYouMean is the hint beside a word that nobody knows: the nearest of the
// known ones, or what there is.
func DidYouMean(written string, known []string) string { return didYouMean(written, known) }

// didYouMean is the hint that names the known word nearest to what was
// written, or lists the known words when none is near.
func didYouMean(written string, known []string) string {
	if word := nearest(written, known); word != "" {
		return "did you mean " + word + "?"
	}
	if len(known) == 0 {
		return "there is none here"
	}
	if len(known) > 20 {
		return "write it as the cloud does, such as " + known[0]
	}
	return "known here: " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}

// nearest returns the known word that is fewest edits away, or "" when even
// that one has little in common with what was written.
func nearest(written string, known []string) string {
	best, fewest := "", max(2, len(written)/3)+1
	for _, word := range known {
		if d := edits(strings.ToLower(written), strings.ToLower(word)); d < fewest {
			best, fewest = word, d
		}
	}
	return best
}

// edits counts the single-letter changes from a to b, two neighbours swapped
// being one. What is far too long to be a slip is not counted out.
func edits(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			rows[i][j] = min(change, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
