package regex

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// set is a class of characters: ranges and tests, with a bitmap for the characters below 256.
type set struct {
	low    [256]bool
	ranges []rune // pairs
	tests  []func(rune) bool
	neg    bool
	fold   bool
	wide   bool // fold by Unicode's rules, not ASCII's

	restrict bool // ASCII characters fold to ASCII characters only, others to others
}

func (s *set) add(lo, hi rune) { s.ranges = append(s.ranges, lo, hi) }

func (s *set) raw(r rune) bool {
	for i := 0; i < len(s.ranges); i += 2 {
		if r >= s.ranges[i] && r <= s.ranges[i+1] {
			return true
		}
	}
	return false
}

func (s *set) slow(r rune) bool {
	in := s.raw(r)
	if !in && s.fold {
		for _, f := range folds(r, s.wide) {
			if in = s.raw(f) && (!s.restrict || (r < 128) == (f < 128)); in {
				break
			}
		}
	}
	for i := 0; !in && i < len(s.tests); i++ {
		in = s.tests[i](r)
	}
	return in != s.neg
}

// seal fills the bitmap; the set does not change afterwards.
func (s *set) seal() *set {
	for r := range rune(256) {
		s.low[r] = s.slow(r)
	}
	return s
}

func (s *set) has(r rune) bool {
	if r < 256 {
		return s.low[r]
	}
	return s.slow(r)
}

// folds gives the other characters that r equals without regard to case.
func folds(r rune, wide bool) []rune {
	if !wide {
		switch {
		case r >= 'a' && r <= 'z':
			return []rune{r - 32}
		case r >= 'A' && r <= 'Z':
			return []rune{r + 32}
		}
		return nil
	}
	var out []rune
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		out = append(out, f)
	}
	return out
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
func isAlpha(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
func isWord(r rune) bool  { return isAlpha(r) || isDigit(r) || r == '_' }
func isSpace(r rune) bool { return r == ' ' || r >= 9 && r <= 13 }

func uniWord(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N, unicode.Mn, unicode.Pc)
}

func uniSpace(r rune) bool {
	return isSpace(r) || r == 0x85 || r == 0x180e || unicode.Is(unicode.Z, r)
}

func isHorizontal(r rune) bool {
	switch r {
	case 9, 32, 0xa0, 0x1680, 0x180e, 0x202f, 0x205f, 0x3000:
		return true
	}
	return r >= 0x2000 && r <= 0x200a
}

func isVertical(r rune) bool { return r >= 10 && r <= 13 || r == 0x85 || r == 0x2028 || r == 0x2029 }

func not(f func(rune) bool) func(rune) bool { return func(r rune) bool { return !f(r) } }

// classTest gives the test of \d, \w, \s, \h, \v and their opposites; nil for other letters.
func classTest(c byte, ucp bool) func(rune) bool {
	var f func(rune) bool
	switch c | 32 {
	case 'd':
		f = isDigit
		if ucp {
			f = func(r rune) bool { return unicode.Is(unicode.Nd, r) }
		}
	case 'w':
		f = isWord
		if ucp {
			f = uniWord
		}
	case 's':
		f = isSpace
		if ucp {
			f = uniSpace
		}
	case 'h':
		f = isHorizontal
	case 'v':
		f = isVertical
	default:
		return nil
	}
	if c < 'a' {
		return not(f)
	}
	return f
}

// posixTest gives the test of a POSIX class; nil for an unknown name.
func posixTest(name string, ucp, fold bool) func(rune) bool {
	if fold && (name == "upper" || name == "lower") {
		name = "alpha"
		if ucp {
			return func(r rune) bool { return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt) }
		}
	}
	if ucp {
		switch name {
		case "alpha":
			return func(r rune) bool { return unicode.Is(unicode.L, r) }
		case "lower":
			return func(r rune) bool { return unicode.Is(unicode.Ll, r) }
		case "upper":
			return func(r rune) bool { return unicode.Is(unicode.Lu, r) }
		case "alnum":
			return func(r rune) bool { return unicode.In(r, unicode.L, unicode.N) }
		case "space":
			return uniSpace
		case "blank":
			return isHorizontal
		case "digit":
			return func(r rune) bool { return unicode.Is(unicode.Nd, r) }
		case "word":
			return uniWord
		case "cntrl":
			return func(r rune) bool { return unicode.Is(unicode.Cc, r) }
		case "graph":
			return func(r rune) bool {
				return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Cf)
			}
		case "print":
			return func(r rune) bool {
				return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Cf, unicode.Zs)
			}
		case "punct":
			return func(r rune) bool { return unicode.Is(unicode.P, r) || r < 128 && unicode.Is(unicode.S, r) }
		}
	}
	graph := func(r rune) bool { return r > 32 && r < 127 }
	switch name {
	case "alpha":
		return isAlpha
	case "lower":
		return func(r rune) bool { return r >= 'a' && r <= 'z' }
	case "upper":
		return func(r rune) bool { return r >= 'A' && r <= 'Z' }
	case "alnum":
		return func(r rune) bool { return isAlpha(r) || isDigit(r) }
	case "ascii":
		return func(r rune) bool { return r < 128 }
	case "blank":
		return func(r rune) bool { return r == ' ' || r == 9 }
	case "cntrl":
		return func(r rune) bool { return r < 32 || r == 127 }
	case "digit":
		return isDigit
	case "graph":
		return graph
	case "print":
		return func(r rune) bool { return r >= 32 && r < 127 }
	case "punct":
		return func(r rune) bool { return graph(r) && !isAlpha(r) && !isDigit(r) }
	case "space":
		return isSpace
	case "word":
		return isWord
	case "xdigit":
		return func(r rune) bool { return isDigit(r) || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F' }
	}
	return nil
}

// property gives the test of a Unicode property by its name in \p{...}; nil for an unknown one.
func property(name string, fold bool) func(rune) bool {
	name = strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' || r == '-' {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
	if strings.HasPrefix(name, "^") {
		f := property(name[1:], fold)
		if f == nil {
			return nil
		}
		return not(f)
	}
	for _, sep := range []string{"=", ":"} {
		if k, v, ok := strings.Cut(name, sep); ok {
			switch k {
			case "script", "sc", "scriptextensions", "scx":
				return lookup(unicode.Scripts, v)
			case "bidiclass", "bc":
				return bidiClass(v)
			}
			return nil
		}
	}
	switch name {
	case "any":
		return func(rune) bool { return true }
	case "l&", "lc":
		return func(r rune) bool { return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt) }
	case "lu", "ll", "lt":
		if fold {
			return func(r rune) bool { return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt) }
		}
	case "cn":
		return unassigned
	case "c":
		return func(r rune) bool { return unicode.Is(unicode.C, r) || unassigned(r) }
	case "xan":
		return func(r rune) bool { return unicode.In(r, unicode.L, unicode.N) }
	case "xsp", "xps":
		return uniSpace
	case "xwd":
		return uniWord
	case "xuc":
		return func(r rune) bool {
			return r == '$' || r == '@' || r == '`' || r >= 0xa0 && r < 0xd800 || r >= 0xe000
		}
	case "ascii":
		return func(r rune) bool { return r < 128 }
	}
	if len(name) <= 2 {
		return lookup(unicode.Categories, name)
	}
	if f := lookup(unicode.Scripts, name); f != nil {
		return f
	}
	if long, ok := propertyAliases[name]; ok {
		name = long
	}
	if class, ok := strings.CutPrefix(name, "bidi"); ok {
		if f := bidiClass(class); f != nil {
			return f
		}
	}
	switch name {
	case "alphabetic":
		return func(r rune) bool { return unicode.In(r, unicode.L, unicode.Nl, unicode.Other_Alphabetic) }
	case "uppercase":
		return func(r rune) bool { return unicode.In(r, unicode.Lu, unicode.Other_Uppercase) }
	case "lowercase":
		return func(r rune) bool { return unicode.In(r, unicode.Ll, unicode.Other_Lowercase) }
	}
	return lookup(unicode.Properties, name)
}

// propertyAliases are the short names of binary properties (PropertyAliases.txt of Unicode's database).
var propertyAliases = map[string]string{"alpha": "alphabetic", "upper": "uppercase", "lower": "lowercase", "space": "whitespace", "wspace": "whitespace",
	"ahex": "asciihexdigit", "hex": "hexdigit", "dia": "diacritic", "ext": "extender", "ideo": "ideographic", "joinc": "joincontrol",
	"loe": "logicalorderexception", "nchar": "noncharactercodepoint", "patsyn": "patternsyntax", "patws": "patternwhitespace",
	"qmark": "quotationmark", "radical": "radical", "ri": "regionalindicator", "sd": "softdotted", "sterm": "sentenceterminal",
	"term": "terminalpunctuation", "uideo": "unifiedideograph", "vs": "variationselector", "bidic": "bidicontrol", "dep": "deprecated"}

// bidiClasses are the names of the classes in the order of package bidi's numbers.
var bidiClasses = []string{"l", "r", "en", "es", "et", "an", "cs", "b", "s", "ws", "on", "bn", "nsm", "al", "control", "", "lro", "rlo", "lre", "rle", "pdf", "lri", "rli", "fsi", "pdi"}

// bidiClass tests for the class of the bidirectional algorithm with the given short name.
func bidiClass(name string) func(rune) bool {
	i := slices.Index(bidiClasses, name)
	if i < 0 || name == "" || name == "control" {
		return nil
	}
	return func(r rune) bool {
		p, _ := bidi.LookupRune(r)
		return p.Class() == bidi.Class(i)
	}
}

func lookup(tables map[string]*unicode.RangeTable, name string) func(rune) bool {
	for k, t := range tables {
		if strings.ToLower(strings.ReplaceAll(k, "_", "")) == name {
			return func(r rune) bool { return unicode.Is(t, r) }
		}
	}
	return nil
}

func unassigned(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.C)
}
