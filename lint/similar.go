package lint

// similarity is Jaro's measure of how alike two strings are, from 0 to 1
// (M. A. Jaro, Advances in Record-Linkage Methodology, 1989), with a window of
// half the longer string.
func similarity(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	if len(x) == 0 && len(y) == 0 {
		return 1
	}
	window := max(len(x), len(y))/2 - 1
	window = max(window, 0)
	taken := make([]bool, len(y))
	var left []rune
	for i, c := range x {
		for j := max(0, i-window); j < min(len(y), i+window+1); j++ {
			if !taken[j] && y[j] == c {
				taken[j] = true
				left = append(left, c)
				break
			}
		}
	}
	m := len(left)
	if m == 0 {
		return 0
	}
	swapped, k := 0, 0
	for j, c := range y {
		if taken[j] {
			if left[k] != c {
				swapped++
			}
			k++
		}
	}
	n := float64(m)
	return (n/float64(len(x)) + n/float64(len(y)) + (n-float64(swapped)/2)/n) / 3
}

// enoughAlike is what a name must exceed to be suggested: two of three letters.
const enoughAlike = 0.66

// guess is the candidate that is most like name, if one is alike enough; of
// equally good ones it is the last in the order of names.
func guess(name string, candidates []string) (string, bool) {
	best, at := 0.0, ""
	for _, c := range candidates {
		if s := similarity(name, c); s > best || s == best && c > at {
			best, at = s, c
		}
	}
	return at, best > enoughAlike
}
