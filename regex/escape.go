package regex

import (
	"strings"
	"unicode"
)

// classUCP tells whether \\d, \\s, \\w and so on follow Unicode's properties here.
func (p *parser) classUCP(c byte) bool {
	switch c | 32 {
	case 'd':
		return p.o.UCP && !p.f.asciiD
	case 's':
		return p.o.UCP && !p.f.asciiS
	case 'w':
		return p.o.UCP && !p.f.asciiW
	}
	return p.o.UCP
}

// escape takes an item that begins with a backslash, outside a class.
func (p *parser) escape() (*node, bool) {
	if p.i+1 >= len(p.src) {
		p.fail("\\ at end of pattern", len(p.src))
	}
	c := p.src[p.i+1]
	if op, ok := map[byte]opcode{'A': opBegin, 'z': opEnd, 'Z': opEndNewline, 'G': opStart, 'b': opWord, 'B': opNotWord, 'K': opKeep}[c]; ok {
		p.i += 2
		return simple(op), false
	}
	if f := classTest(c, p.classUCP(c)); f != nil {
		p.i += 2
		return p.test(f), true
	}
	switch c {
	case 'R':
		p.i += 2
		return &node{kind: nAtomic, kids: []*node{atom(opNewlineSeq)}}, true
	case 'X':
		p.i += 2
		return &node{kind: nAtomic, kids: []*node{atom(opCluster)}}, true
	case 'C':
		p.i += 2
		return atom(opByte), true
	case 'N':
		p.i += 2
		if p.at("{") {
			from := p.i
			_, _, counted := p.quantifier()
			if p.i = from; !counted { // a character's name or number
				p.i -= 2
				break
			}
		}
		return atom(opAny), true
	case 'p', 'P':
		return p.test(p.property()), true
	case 'g', 'k':
		return p.reference(), true
	}
	if c >= '1' && c <= '9' {
		from := p.i
		p.i++
		n, _ := p.digits()
		if n < 10 || n <= p.count {
			return &node{kind: nBackref, n: n, at: p.i, fold: p.f.fold}, true
		}
		if c >= '8' {
			p.i = from + 2
			return p.literal(rune(c)), true
		}
		p.i = from
	}
	return p.literal(p.escapedChar(false)), true
}

// property takes \p or \P.
func (p *parser) property() func(rune) bool {
	neg := p.src[p.i+1] == 'P'
	p.i += 2
	if !p.more() {
		p.fail("malformed \\P or \\p sequence", p.i)
	}
	name := p.src[p.i : p.i+1]
	if !isAlpha(rune(name[0])) && name != "{" {
		p.fail("malformed \\P or \\p sequence", p.i+1)
	}
	if name == "{" {
		end := strings.IndexByte(p.src[p.i:], '}')
		if end < 0 {
			p.fail("malformed \\P or \\p sequence", len(p.src))
		}
		name = p.src[p.i+1 : p.i+end]
		for k := range len(name) {
			if c := name[k]; k > 0 && !(isWord(rune(c)) || isSpace(rune(c)) || strings.IndexByte("-:=&", c) >= 0) {
				p.fail("malformed \\P or \\p sequence", p.i+1+k+1)
			}
		}
		p.i += end
	}
	p.i++
	f := property(name, p.f.fold)
	if f == nil {
		p.fail("unknown property after \\P or \\p", p.i)
	}
	if neg {
		return not(f)
	}
	return f
}

// reference takes \g and \k in all their forms.
func (p *parser) reference() *node {
	c := p.src[p.i+1]
	p.i += 2
	begin := p.i
	n := &node{kind: nBackref, fold: p.f.fold}
	ends := map[byte]string{'{': "}", '<': ">", '\'': "'"}
	end := ""
	if p.more() {
		end = ends[p.src[p.i]]
	}
	if c == 'k' {
		if end == "" {
			p.fail("\\k is not followed by a braced, angle-bracketed, or quoted name", p.i)
		}
		p.i++
		n.name, n.at = p.name(end)
		return n
	}
	if end != "" {
		p.i++
		if end == "}" {
			p.blanks()
		} else {
			n.kind = nCall
		}
	}
	sign := byte(0)
	from := p.i
	if p.at("-") || p.at("+") {
		sign = p.src[p.i]
		p.i++
	}
	if k, ok := p.digits(); ok {
		n.n = p.relative(sign, k)
		switch {
		case sign != 0 && k == 0:
			p.fail("a relative value of zero is not allowed", begin)
		case sign != 0 && n.n <= 0:
			p.fail(errRef, begin)
		}
		if end == "}" {
			p.blanks()
		}
		if end != "" && !p.eat(end) {
			p.fail("syntax error in subpattern number (missing terminator?)", p.i)
		}
		if n.n == 0 && n.kind == nBackref {
			p.fail(errRef, begin)
		}
		n.at = p.i
		return n
	}
	p.i = from
	if end == "" || sign != 0 {
		p.fail("\\g is not followed by a braced, angle-bracketed, or quoted name/number or by a plain number", p.i)
	}
	n.name, n.at = p.name(end)
	return n
}

func (p *parser) check(v int, at int) rune {
	switch {
	case !p.o.UTF && v > 255 || v > 0x10ffff:
		p.fail(errTooLarge, at)
	case p.o.UTF && v >= 0xd800 && v <= 0xdfff:
		p.fail("disallowed Unicode code point (>= 0xd800 && <= 0xdfff)", at)
	}
	return rune(v)
}

// based takes digits in braces after \x or \o.
func (p *parser) based(base int, bad string) rune {
	from, v := p.i, 0
	for p.more() {
		d := strings.IndexByte("0123456789abcdef", p.src[p.i]|32)
		if p.src[p.i] < '0' || d < 0 || d >= base {
			break
		}
		v = min(v*base+d, 1<<24)
		p.i++
	}
	p.check(v, p.i)
	switch {
	case !p.more() && p.i == from:
		p.fail(errDigits, p.i)
	case !p.more() || p.src[p.i] != '}':
		p.fail(bad, p.i+1)
	case p.i == from:
		p.fail(errDigits, p.i)
	}
	p.i++
	return p.check(v, p.i-1)
}

// escapedChar takes an escape that stands for one character.
func (p *parser) escapedChar(class bool) rune {
	p.i++
	if !p.more() {
		p.fail("\\ at end of pattern", p.i)
	}
	c := p.src[p.i]
	switch c {
	case 'a':
		p.i++
		return 7
	case 'e':
		p.i++
		return 27
	case 'f':
		p.i++
		return 12
	case 'n':
		p.i++
		return 10
	case 'r':
		p.i++
		return 13
	case 't':
		p.i++
		return 9
	case 'c':
		p.i++
		if !p.more() {
			p.fail("\\c at end of pattern", p.i)
		}
		x := p.src[p.i]
		p.i++
		if x < 32 || x > 126 {
			p.fail("\\c must be followed by a printable ASCII character", p.i)
		}
		return unicode.ToUpper(rune(x)) ^ 64
	case 'x':
		p.i++
		if p.eat("{") {
			return p.based(16, "non-hex character in \\x{} (closing brace missing?)")
		}
		v, from := 0, p.i
		for k := 0; k < 2 && p.more(); k++ {
			d := strings.IndexByte("0123456789abcdef", p.src[p.i]|32)
			if d < 0 || p.src[p.i] < '0' {
				break
			}
			v = v*16 + d
			p.i++
		}
		if p.i == from {
			p.fail(errDigits, p.i)
		}
		return rune(v)
	case 'o':
		p.i++
		if !p.eat("{") {
			p.fail("missing opening brace after \\o", p.i)
		}
		return p.based(8, "non-octal character in \\o{} (closing brace missing?)")
	case 'N':
		if strings.HasPrefix(p.src[p.i:], "N{U+") {
			p.i += 4
			if !p.o.UTF {
				end := strings.IndexByte(p.src[p.i:], '}')
				p.fail("\\N{U+dddd} is supported only in Unicode (UTF) mode", p.i+end+1)
			}
			return p.based(16, "non-hex character in \\x{} (closing brace missing?)")
		}
		if class {
			p.fail("\\N is not supported in a class", p.i+1)
		}
		p.fail("PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u", p.i+2)
	case 'F', 'L', 'l', 'U', 'u':
		p.fail("PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u", p.i+1)
	}
	if c >= '0' && c <= '7' {
		v := 0
		for k := 0; k < 3 && p.more() && p.src[p.i] >= '0' && p.src[p.i] <= '7'; k++ {
			v = v*8 + int(p.src[p.i]-'0')
			p.i++
		}
		if v > 255 && !p.o.UTF {
			p.fail("octal value is greater than \\377 in 8-bit non-UTF-8 mode", p.i)
		}
		return rune(v)
	}
	if isAlpha(rune(c)) {
		p.fail("unrecognized character follows \\", p.i+1)
	}
	return p.char()
}

const errClass = "missing terminating ] for character class"

// class takes a class in brackets.
func (p *parser) class() *node {
	open := p.i
	if p.at("[[:<:]]") || p.at("[[:>:]]") {
		op := opStr
		start := p.at("[[:<:]]")
		p.i += 7
		inner := &node{kind: nLook, behind: !start, kids: []*node{p.test(isWord)}}
		op = opWord
		return &node{kind: nCat, kids: []*node{simple(op), inner}}
	}
	if p.at("[:") || p.at("[.") || p.at("[=") {
		if end := p.posixEnd(); end > 0 {
			if p.src[open+1] == ':' {
				p.fail("POSIX named classes are supported only within a class", end)
			}
			p.fail("POSIX collating elements are not supported", end)
		}
	}
	p.i++
	s := &set{fold: p.f.fold, wide: p.o.UTF || p.o.UCP, restrict: p.f.restrict}
	s.neg = p.eat("^")
	first, quote := true, false
	for {
		if !p.more() {
			p.fail(errClass, p.i)
		}
		if !quote {
			if p.at("]") && !first {
				p.i++
				return &node{kind: nAtom, op: opSet, set: s.seal()}
			}
			if p.eat("\\Q") {
				quote = true
				continue
			}
			if p.f.extMore && (p.at(" ") || p.at("\t")) {
				p.i++
				continue
			}
		}
		if p.eat("\\E") {
			quote = false
			continue
		}
		first = false
		lo, f := p.classItem(quote)
		if f != nil {
			s.tests = append(s.tests, f)
			if !quote && p.at("-") && p.i+1 < len(p.src) && p.src[p.i+1] != ']' {
				if p.src[p.i+1] != '\\' || p.i+2 < len(p.src) && p.src[p.i+2] != 'E' {
					p.fail("invalid range in character class", p.i+1)
				}
			}
			continue
		}
		hi := lo
		if p.eat("\\E") {
			quote = false
		}
		if !quote && p.at("-") && p.i+1 < len(p.src) && p.src[p.i+1] != ']' {
			p.i++
			if p.eat("\\Q") {
				quote = true
			}
			if hi, f = p.classItem(quote); f != nil {
				p.fail("invalid range in character class", p.i)
			}
			if hi < lo {
				p.fail("range out of order in character class", p.i)
			}
		}
		s.add(lo, hi)
	}
}

// posixEnd gives the offset behind a POSIX item that begins here, or 0 when there is none.
func (p *parser) posixEnd() int {
	kind := p.src[p.i+1]
	for k := p.i + 2; k+1 < len(p.src); k++ {
		switch {
		case p.src[k] == kind && p.src[k+1] == ']':
			return k + 2
		case p.src[k] == '\\' || p.src[k] == ']' || p.src[k] == '[':
			return 0
		}
	}
	return 0
}

// classItem takes one member of a class: a character or a test.
func (p *parser) classItem(quote bool) (rune, func(rune) bool) {
	if quote {
		return p.char(), nil
	}
	if p.at("[:") || p.at("[.") || p.at("[=") {
		if end := p.posixEnd(); end > 0 {
			if p.src[p.i+1] != ':' {
				p.fail("POSIX collating elements are not supported", end)
			}
			name := p.src[p.i+2 : end-2]
			neg := strings.HasPrefix(name, "^")
			name = strings.TrimPrefix(name, "^")
			ascii := p.f.asciiP || p.f.asciiT && (name == "digit" || name == "xdigit")
			f := posixTest(name, p.o.UCP && !ascii, p.f.fold)
			if f == nil {
				p.fail("unknown POSIX class name", end)
			}
			p.i = end
			if neg {
				f = not(f)
			}
			return 0, f
		}
	}
	if p.src[p.i] != '\\' {
		return p.char(), nil
	}
	if p.i+1 >= len(p.src) {
		p.fail("\\ at end of pattern", len(p.src))
	}
	c := p.src[p.i+1]
	if f := classTest(c, p.classUCP(c)); f != nil {
		p.i += 2
		return 0, f
	}
	switch c {
	case 'b':
		p.i += 2
		return 8, nil
	case 'p', 'P':
		return 0, p.property()
	case 'A', 'B', 'C', 'G', 'K', 'R', 'X', 'Z', 'z':
		p.fail("escape sequence is invalid in character class", p.i+2)
	case 'g', 'k':
		p.i++
		return p.char(), nil
	}
	return p.escapedChar(true), nil
}
