package format

import (
	"fmt"
	"strings"
)

// context lines of a diff.
const around = 3

// Diff writes what changes between two texts in the unified form. Since formatting keeps most lines apart, lines
// are matched greedily with a bounded look ahead.
func Diff(name string, old, changed []byte) string {
	a, b := splitLines(old), splitLines(changed)
	type edit struct {
		sign byte
		text string
	}
	var edits []edit
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		if i < len(a) && j < len(b) && a[i] == b[j] {
			edits = append(edits, edit{' ', a[i]})
			i, j = i+1, j+1
			continue
		}
		di, dj := resync(a[i:], b[j:])
		for range di {
			edits = append(edits, edit{'-', a[i]})
			i++
		}
		for range dj {
			edits = append(edits, edit{'+', b[j]})
			j++
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s (formatted)\n", name, name)
	lineA, lineB := 1, 1
	for k := 0; k < len(edits); {
		if edits[k].sign == ' ' {
			lineA, lineB, k = lineA+1, lineB+1, k+1
			continue
		}
		start := max(k-around, 0)
		end, same := k, 0
		for ; end < len(edits) && same <= 2*around; end++ {
			if edits[end].sign == ' ' {
				same++
			} else {
				same = 0
			}
		}
		end -= max(same-around, 0)
		hunk := edits[start:end]
		na, nb := 0, 0
		for _, e := range hunk {
			if e.sign != '+' {
				na++
			}
			if e.sign != '-' {
				nb++
			}
		}
		fmt.Fprintf(&out, "@@ -%d,%d +%d,%d @@\n", lineA-(k-start), na, lineB-(k-start), nb)
		for n, e := range hunk {
			fmt.Fprintf(&out, "%c%s\n", e.sign, e.text)
			if start+n >= k {
				if e.sign != '+' {
					lineA++
				}
				if e.sign != '-' {
					lineB++
				}
			}
		}
		k = end
	}
	return out.String()
}

// resync is how many lines of each text to give up until they meet again.
func resync(a, b []string) (int, int) {
	const look = 200
	for n := 1; n <= look; n++ {
		for i := 0; i <= n; i++ {
			if j := n - i; i < len(a) && j < len(b) && a[i] == b[j] {
				return i, j
			}
		}
	}
	return min(len(a), look), min(len(b), look)
}

func splitLines(text []byte) []string {
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}
