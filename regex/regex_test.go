package regex

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func search(t *testing.T, pattern, subject string, o Options) (Status, []int) {
	t.Helper()
	p, err := Compile(pattern, o)
	require.NoError(t, err, pattern)
	m := NewMatcher(p, []byte(subject), 0, RunOptions{Limit: 1_000_000})
	for {
		st, _ := m.Run(1000) // small slices: every search is also a test of resuming
		if st != Again {
			return st, append([]int(nil), m.Captures()...)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, subject string
		want             []int // nil: no match
	}{
		{`b+`, "abbbc", []int{1, 4}},
		{`(a+)(b*?)b`, "aabb", []int{0, 3, 0, 2, 2, 2}},
		{`(?:a|ab)(c|bcd)(d*)`, "abcd", []int{0, 4, 1, 4, 4, 4}},
		{`a++a`, "aaa", nil},
		{`(?>a+)ab`, "aaab", nil},
		{`(?<=\d{2,3})x`, "12x", []int{2, 3}},
		{`(?<!a)b`, "abb", []int{2, 3}},
		{`(\w)\1`, "abccd", []int{2, 4, 2, 3}},
		{`(?<q>['"]).*?\k<q>`, `say "hi" x`, []int{4, 8, 4, 5}},
		{`\((?:[^()]|(?R))*\)`, "x(a(b)c)y", []int{1, 8}},
		{`^(?:(a)|b)(?(1)c|d)$`, "bd", []int{0, 2, -1, -1}},
		{`\N{2}`, "abc", []int{0, 2}},
		{`(ab)(?<=\1)c`, "abc", []int{0, 3, 0, 2}},
		{`.b`, "ab", []int{0, 2}},
		{`\R `, "\n ", []int{0, 2}},
		{`foo\Kbar`, "foobar", []int{3, 6}},
		{`(?|(a)|(b))\1`, "bb", []int{0, 2, 0, 1}},
		{`(a*)*`, "aab", []int{0, 2, 2, 2}},
		{`(?i)aB`, "xAb", []int{1, 3}},
		{`\Qa.b\E+`, "a.bb", []int{0, 4}},
		{`[[:alpha:]]+[^[:alpha:]]`, "ab1", []int{0, 3}},
		{`(?=(a+))a*b\1`, "baaabac", []int{3, 6, 3, 4}},
		{`a(*COMMIT)b`, "acab", nil},
		{`a(*SKIP)b|.`, "aac", []int{2, 3}},
	} {
		st, got := search(t, c.pattern, c.subject, Options{})
		if c.want == nil {
			assert.Equal(t, NoMatch, st, c.pattern)
			continue
		}
		if assert.Equal(t, Matched, st, c.pattern) {
			assert.Equal(t, c.want, got, c.pattern)
		}
	}
}

func TestUTF(t *testing.T) {
	st, got := search(t, `\p{Lu}.`, "xÄöü", Options{UTF: true})
	assert.Equal(t, Matched, st)
	assert.Equal(t, []int{1, 5}, got)
	st, _ = search(t, `ä`, "Ä", Options{UTF: true, Caseless: true})
	assert.Equal(t, Matched, st)
	st, _ = search(t, `^\w$`, "ж", Options{UTF: true})
	assert.Equal(t, NoMatch, st)
	st, _ = search(t, `^\w$`, "ж", Options{UTF: true, UCP: true})
	assert.Equal(t, Matched, st)
}

// The texts and offsets are those that OTP 29 gives.
func TestErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		"(a":             "missing closing parenthesis at 2",
		"a)":             "unmatched closing parenthesis at 2",
		"[a":             "missing terminating ] for character class at 2",
		"*a":             "quantifier does not follow a repeatable item at 1",
		"x(?i)*":         "quantifier does not follow a repeatable item at 6",
		`(?=a\Kb)c`:      "\\K is not allowed in lookarounds (but see PCRE2_EXTRA_ALLOW_LOOKAROUND_BSK) at 9",
		"a{2,1}":         "numbers out of order in {} quantifier at 5",
		"(?<n>a)(?<n>b)": "two named subpatterns have the same name (PCRE2_DUPNAMES not set) at 12",
		"[[:foo:]]":      "unknown POSIX class name at 8",
		"(?<=a*)b":       "length of lookbehind assertion is not limited at 0",
		`\x{100}`:        "character code point value in \\x{} or \\o{} is too large at 6",
		`[b-a]`:          "range out of order in character class at 4",
	} {
		_, err := Compile(pattern, Options{})
		assert.EqualError(t, err, want, pattern)
	}
}

func TestLimits(t *testing.T) {
	p, err := Compile(`(a+)+$`, Options{})
	require.NoError(t, err)
	m := NewMatcher(p, []byte("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"), 0, RunOptions{Limit: 10000})
	st, _ := m.Run(1 << 30)
	assert.Equal(t, MatchLimit, st)
	long := make([]byte, 1<<20)
	for i := range long {
		long[i] = 'a'
	}
	m = NewMatcher(p, long, 0, RunOptions{})
	st, _ = m.Run(1 << 30)
	assert.Equal(t, Matched, st)
}

// FuzzMatch: no pattern and subject make the matcher fail, and what it finds lies within the subject.
func FuzzMatch(f *testing.F) {
	for _, s := range []string{`(a|b)*c`, `(?<=ab?)c`, `(?(?=a)b|c)`, `\p{L}+?(?1)(x)`, `[^a-c\d]{2,}+`, `(?|(a)|(b))\1`} {
		f.Add(s, "aabcc", true)
	}
	f.Fuzz(func(t *testing.T, pattern, subject string, utf bool) {
		if utf && !(utf8.ValidString(pattern) && utf8.ValidString(subject)) {
			return
		}
		p, err := Compile(pattern, Options{UTF: utf})
		if err != nil {
			return
		}
		m := NewMatcher(p, []byte(subject), 0, RunOptions{Limit: 2000})
		if st, _ := m.Run(50000); st != Matched {
			return
		}
		for _, v := range m.Captures() {
			if v < -1 || v > len(subject) {
				t.Fatal(fmt.Sprint(m.Captures()))
			}
		}
	})
}
