package regex

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

type nodeKind uint8

const (
	nEmpty   nodeKind = iota
	nCat              // kids
	nAlt              // kids
	nLit              // str: one character
	nAtom             // op, set
	nSimple           // op without operands
	nRepeat           // kids[0], min, max, mode
	nGroup            // n: number, kids[0]
	nAtomic           // kids[0]
	nLook             // kids[0], neg, behind
	nCond             // cond, kids[0], kids[1]
	nBackref          // n or name
	nCall             // n or name
)

type node struct {
	kind        nodeKind
	op          opcode
	mode        uint8
	neg, behind bool
	fold        bool
	n           int
	min, max    int
	at          int // offset for errors found later
	name        string
	str         []byte
	set         *set
	cond        *node // of nCond: nLook, nBackref (group), nCall (recursion), nEmpty (DEFINE)
	kids        []*node
}

type flags struct {
	fold, multi, dotall, ext, extMore, dup, ungreedy, noauto bool
	restrict                                                 bool // (?r): case is folded within ASCII and outside of it
	asciiD, asciiS, asciiW, asciiP, asciiT                   bool // (?a...): \d, \s, \w, [:class:], [:digit:] and [:xdigit:] are ASCII's
}

type parser struct {
	src   string
	i     int
	o     Options
	f     flags
	count int // groups so far
	named []Name
	quote bool
	depth int
	limit int
	lim2  int
}

func (p *parser) fail(text string, at int) {
	panic(&Error{text, at})
}

func (p *parser) more() bool { return p.i < len(p.src) }

func (p *parser) at(s string) bool { return strings.HasPrefix(p.src[p.i:], s) }

func (p *parser) eat(s string) bool {
	if p.at(s) {
		p.i += len(s)
		return true
	}
	return false
}

const (
	errParen    = "missing closing parenthesis"
	errDigits   = "digits missing after \\x or in \\x{} or \\o{} or \\N{U+}"
	errRef      = "reference to non-existent subpattern"
	errNameEnd  = "syntax error in subpattern name (missing terminator?)"
	errTooLarge = "character code point value in \\x{} or \\o{} is too large"
)

// parse gives the tree of the pattern.
func (p *parser) parse() *node {
	for p.start() {
	}
	n := p.alternatives()
	if p.more() {
		p.fail("unmatched closing parenthesis", p.i+1)
	}
	return n
}

// start takes one of the items that may stand at the very beginning only.
func (p *parser) start() bool {
	if !p.at("(*") {
		return false
	}
	end := strings.IndexByte(p.src[p.i:], ')')
	if end < 0 {
		return false
	}
	word := p.src[p.i+2 : p.i+end]
	o := &p.o
	switch word {
	case "UTF", "UTF8":
		if o.NeverUTF {
			p.fail("using UTF is disabled by the application", p.i+end+1)
		}
		o.UTF = true
	case "UCP":
		o.UCP = true
	case "CR":
		o.Newline = CR
	case "LF":
		o.Newline = LF
	case "CRLF":
		o.Newline = CRLF
	case "ANY":
		o.Newline = AnyNewline
	case "ANYCRLF":
		o.Newline = AnyCRLF
	case "NUL":
		o.Newline = NUL
	case "BSR_ANYCRLF":
		o.BSRAnyCRLF = true
	case "BSR_UNICODE":
		o.BSRAnyCRLF = false
	case "NO_START_OPT", "NO_AUTO_POSSESS", "NO_JIT", "NO_DOTSTAR_ANCHOR":
	default:
		k, v, _ := strings.Cut(word, "=")
		n, err := strconv.ParseUint(v, 10, 32)
		switch {
		case err != nil:
			return false
		case k == "LIMIT_MATCH":
			p.limit = int(n)
		case k == "LIMIT_DEPTH" || k == "LIMIT_RECURSION":
			p.lim2 = int(n)
		case k != "LIMIT_HEAP":
			return false
		}
	}
	p.i += end + 1
	return true
}

func (p *parser) alternatives() *node {
	if p.depth++; p.depth > 250 {
		p.fail("parentheses are too deeply nested", p.i)
	}
	saved := p.f
	alt := &node{kind: nAlt, kids: []*node{p.sequence()}}
	for p.eat("|") {
		alt.kids = append(alt.kids, p.sequence())
	}
	p.f = saved
	p.depth--
	if len(alt.kids) == 1 {
		return alt.kids[0]
	}
	return alt
}

func (p *parser) sequence() *node {
	seq := &node{kind: nCat}
	last := -1 // index of the repeatable item
	for p.more() {
		if p.quote {
			if p.eat("\\E") {
				p.quote = false
				continue
			}
			last = len(seq.kids)
			seq.kids = append(seq.kids, p.literal(p.char()))
			continue
		}
		c := p.src[p.i]
		if p.f.ext && p.blank() {
			continue
		}
		switch {
		case c == '|' || c == ')':
			return seq
		case p.eat("\\Q"):
			p.quote = true
			continue
		case p.eat("\\E"):
			continue
		case p.bracketComment():
			continue
		}
		if lo, hi, ok := p.quantifier(); ok {
			if last < 0 {
				p.fail("quantifier does not follow a repeatable item", p.i)
			}
			mode := uint8(greedy)
			if p.f.ungreedy {
				mode = lazy
			}
			for p.bracketComment() || p.f.ext && p.blank() { // may stand before what goes with the quantifier
			}
			switch {
			case p.eat("?"):
				mode ^= lazy
			case p.eat("+"):
				mode = possessive
			}
			seq.kids[last] = &node{kind: nRepeat, min: lo, max: hi, mode: mode, kids: []*node{seq.kids[last]}}
			last = -1
			continue
		}
		n, can := p.item()
		last = -1
		if n == nil {
			continue
		}
		if can {
			last = len(seq.kids)
		}
		seq.kids = append(seq.kids, n)
	}
	return seq
}

// blank passes over one piece of what the extended syntax ignores.
func (p *parser) blank() bool {
	switch {
	case !p.more():
		return false
	case isSpace(rune(p.src[p.i])):
		p.i++
		return true
	case p.src[p.i] == '#':
		p.comment()
		return true
	}
	return false
}

// bracketComment passes over (?#...).
func (p *parser) bracketComment() bool {
	if !p.at("(?#") {
		return false
	}
	end := strings.IndexByte(p.src[p.i:], ')')
	if end < 0 {
		p.fail("missing ) after (?# comment", len(p.src))
	}
	p.i += end + 1
	return true
}

func (p *parser) comment() {
	nl := "\n"
	if p.o.Newline == CR {
		nl = "\r"
	}
	end := strings.Index(p.src[p.i:], nl)
	if end < 0 {
		p.i = len(p.src)
		return
	}
	p.i += end + 1
}

func (p *parser) char() rune {
	c := p.src[p.i]
	if c < 0x80 || !p.o.UTF {
		p.i++
		return rune(c)
	}
	r, n := utf8.DecodeRuneInString(p.src[p.i:])
	p.i += n
	return r
}

func (p *parser) digits() (n int, ok bool) {
	from := p.i
	for p.more() && isDigit(rune(p.src[p.i])) {
		if n = n*10 + int(p.src[p.i]-'0'); n > 1<<30 {
			n = 1 << 30
		}
		p.i++
	}
	return n, p.i > from
}

// quantifier takes *, +, ? or a counted repetition; hi < 0 means no bound.
func (p *parser) quantifier() (lo, hi int, ok bool) {
	switch p.src[p.i] {
	case '*':
		p.i++
		return 0, -1, true
	case '+':
		p.i++
		return 1, -1, true
	case '?':
		p.i++
		return 0, 1, true
	case '{':
	default:
		return 0, 0, false
	}
	from := p.i
	p.i++
	number := func() (int, bool) {
		p.blanks()
		n, ok := p.digits()
		end := p.i
		p.blanks()
		return n | end<<32, ok
	}
	a, okA := number()
	b, okB := a, okA
	comma := p.eat(",")
	if comma {
		b, okB = number()
	}
	if !p.eat("}") || !okA && !okB {
		p.i = from
		return 0, 0, false
	}
	value := func(v int) int {
		n, end := v&(1<<32-1), v>>32
		if n > 65535 {
			digits := end
			for digits > 0 && isDigit(rune(p.src[digits-1])) {
				digits--
			}
			p.fail("number too big in {} quantifier", digits+5)
		}
		return n
	}
	if okA {
		lo = value(a)
	}
	hi = -1
	if okB {
		if hi = value(b); hi < lo {
			p.fail("numbers out of order in {} quantifier", b>>32)
		}
	}
	return lo, hi, true
}

func (p *parser) blanks() {
	for p.more() && (p.src[p.i] == ' ' || p.src[p.i] == '\t') {
		p.i++
	}
}

// literal makes the node of one character.
func (p *parser) literal(r rune) *node {
	if p.f.fold {
		if fs := folds(r, p.o.UTF || p.o.UCP); len(fs) > 0 {
			s := &set{fold: true, wide: p.o.UTF || p.o.UCP, restrict: p.f.restrict}
			s.add(r, r)
			return &node{kind: nAtom, op: opSet, set: s.seal()}
		}
	}
	if p.o.UTF {
		return &node{kind: nLit, str: utf8.AppendRune(nil, r)}
	}
	return &node{kind: nLit, str: []byte{byte(r)}}
}

func (p *parser) test(f func(rune) bool) *node {
	s := &set{tests: []func(rune) bool{f}}
	return &node{kind: nAtom, op: opSet, set: s.seal()}
}

func simple(op opcode) *node { return &node{kind: nSimple, op: op} }
func atom(op opcode) *node   { return &node{kind: nAtom, op: op} }

// item takes one item of a sequence; can says that it may be repeated. A nil node is an item without effect on the match.
func (p *parser) item() (n *node, can bool) {
	switch p.src[p.i] {
	case '^':
		p.i++
		if p.f.multi {
			return simple(opMultiBOL), false
		}
		return simple(opBOL), false
	case '$':
		p.i++
		if p.f.multi {
			return simple(opMultiEOL), false
		}
		return simple(opEOL), false
	case '.':
		p.i++
		if p.f.dotall {
			return atom(opAll), true
		}
		return atom(opAny), true
	case '[':
		return p.class(), true
	case '(':
		return p.group()
	case '\\':
		return p.escape()
	}
	return p.literal(p.char()), true
}

// name takes a group's name up to its terminator.
func (p *parser) name(end string) (string, int) {
	at := p.i
	if !p.more() {
		p.fail("subpattern name expected", p.i)
	}
	if isDigit(rune(p.src[p.i])) {
		p.fail("subpattern name must start with a non-digit", p.i+1)
	}
	for p.more() {
		from := p.i
		r := p.char()
		if !(isWord(r) || p.o.UTF && uniWord(r)) {
			p.i = from
			break
		}
	}
	if p.i == at {
		p.fail("subpattern name expected", p.i)
	}
	name := p.src[at:p.i]
	if len(name) > 128 {
		p.fail("subpattern name is too long (maximum 128 code units)", at+129)
	}
	if !p.eat(end) {
		p.fail(errNameEnd, p.i)
	}
	return name, at
}

// reference makes a node for a group's number that may be relative.
func (p *parser) relative(sign byte, n int) int {
	switch sign {
	case '-':
		return p.count - n + 1
	case '+':
		return p.count + n
	}
	return n
}

func (p *parser) close(n *node) *node {
	if !p.eat(")") {
		p.fail(errParen, p.i)
	}
	return n
}

func (p *parser) body() *node { return p.close(p.alternatives()) }

func (p *parser) capture(name string) *node {
	p.count++
	g := &node{kind: nGroup, n: p.count}
	if name != "" {
		p.declare(name, p.count)
	}
	g.kids = []*node{p.body()}
	return g
}

func (p *parser) declare(name string, n int) {
	for _, o := range p.named {
		if o.Name == name && o.Group == n {
			return
		}
		if o.Name == name && !p.o.DupNames && !p.f.dup {
			p.fail("two named subpatterns have the same name (PCRE2_DUPNAMES not set)", p.i)
		}
		if o.Group == n && o.Name != name {
			p.fail("different names for subpatterns of the same number are not allowed", p.i)
		}
	}
	p.named = append(p.named, Name{name, n})
}

func (p *parser) group() (*node, bool) {
	open := p.i
	p.i++
	if p.at("*") {
		return p.verb()
	}
	if !p.eat("?") {
		if p.f.noauto {
			return p.body(), true
		}
		return p.capture(""), true
	}
	if !p.more() {
		p.fail(errParen, p.i)
	}
	look := func(neg, behind bool) (*node, bool) {
		return &node{kind: nLook, neg: neg, behind: behind, at: open, kids: []*node{p.body()}}, true
	}
	switch {
	case p.eat(":"):
		n := p.body()
		return &node{kind: nCat, kids: []*node{n}}, true
	case p.eat("|"):
		return p.close(p.branchReset()), true
	case p.eat(">"):
		return &node{kind: nAtomic, kids: []*node{p.body()}}, true
	case p.eat("="), p.eat("*"):
		return look(false, false)
	case p.eat("!"):
		return look(true, false)
	case p.eat("<="), p.eat("<*"):
		return look(false, true)
	case p.eat("<!"):
		return look(true, true)
	case p.eat("P<"), p.eat("<"):
		name, _ := p.name(">")
		return p.capture(name), true
	case p.eat("'"):
		name, _ := p.name("'")
		return p.capture(name), true
	case p.eat("P="):
		name, at := p.name(")")
		return &node{kind: nBackref, name: name, at: at, fold: p.f.fold}, true
	case p.eat("P>"), p.eat("&"):
		name, at := p.name(")")
		return &node{kind: nCall, name: name, at: at}, true
	case p.eat("P"):
		p.fail("unrecognized character after (?P", min(p.i+1, len(p.src)))
	case p.eat("R"):
		if !p.eat(")") {
			p.fail("(?R (recursive pattern call) must be followed by a closing parenthesis", p.i)
		}
		return &node{kind: nCall}, true
	case p.eat("("):
		return p.conditional(open), true
	case p.eat("C"):
		p.callout()
		return nil, false
	}
	c := p.src[p.i]
	sign := byte(0)
	if (c == '+' || c == '-') && p.i+1 < len(p.src) && isDigit(rune(p.src[p.i+1])) {
		sign = c
		p.i++
	}
	if c == '+' && sign == 0 {
		p.fail("digit expected after (?+", p.i+2)
	}
	if sign != 0 || isDigit(rune(c)) {
		n, _ := p.digits()
		if sign != 0 && n == 0 {
			p.fail("a relative value of zero is not allowed", p.i)
		}
		at := p.i
		if !p.eat(")") {
			p.fail("(?R (recursive pattern call) must be followed by a closing parenthesis", p.i)
		}
		if n = p.relative(sign, n); n < 0 || n == 0 && sign != 0 {
			p.fail(errRef, at)
		}
		return &node{kind: nCall, n: n, at: at}, true
	}
	return p.options()
}

func (p *parser) branchReset() *node {
	saved := p.f
	p.depth++
	first, most := p.count, p.count
	alt := &node{kind: nAlt}
	for {
		p.count = first
		alt.kids = append(alt.kids, p.sequence())
		most = max(most, p.count)
		if !p.eat("|") {
			break
		}
	}
	p.depth--
	p.count, p.f = most, saved
	return alt
}

func (p *parser) conditional(open int) *node {
	n := &node{kind: nCond, at: open}
	from := p.i
	switch {
	case p.at("?=") || p.at("?!") || p.at("?<=") || p.at("?<!"):
		p.i--
		n.cond, _ = p.group()
	case p.eat("DEFINE)"):
		n.cond = &node{kind: nEmpty}
	case p.eat("R)"):
		n.cond = &node{kind: nCall, n: -1}
	case p.eat("R&"):
		name, at := p.name(")")
		n.cond = &node{kind: nCall, name: name, at: at}
	case p.eat("<"):
		name, at := p.name(">")
		n.cond = p.close(&node{kind: nBackref, name: name, at: at})
	case p.eat("'"):
		name, at := p.name("'")
		n.cond = p.close(&node{kind: nBackref, name: name, at: at})
	default:
		sign := byte(0)
		if p.at("+") || p.at("-") {
			sign = p.src[p.i]
			p.i++
		}
		recurse := p.at("R") && p.i+1 < len(p.src) && isDigit(rune(p.src[p.i+1]))
		if recurse {
			p.i++
		}
		if k, ok := p.digits(); ok {
			if !p.eat(")") {
				p.fail("missing closing parenthesis for condition", p.i)
			}
			kind := nBackref
			if recurse {
				kind = nCall
			}
			n.cond = &node{kind: kind, n: p.relative(sign, k), at: p.i - 3}
			if n.cond.n <= 0 {
				p.fail(errRef, from-1)
			}
			break
		}
		if !p.more() {
			p.fail("missing closing parenthesis", p.i)
		}
		if p.at("?") {
			p.fail("atomic assertion expected after (?( or (?(?C)", p.i)
		}
		if !isWord(rune(p.src[p.i])) {
			p.fail("atomic assertion expected after (?( or (?(?C)", p.i+min(2, len(p.src)-p.i))
		}
		name, at := p.name(")")
		n.cond = &node{kind: nBackref, name: name, at: at}
	}
	branches := p.body()
	n.kids = []*node{branches, {kind: nEmpty}}
	if branches.kind == nAlt {
		switch {
		case n.cond.kind == nEmpty:
			p.fail("DEFINE subpattern contains more than one branch", open+3)
		case len(branches.kids) > 2:
			n.max = p.i // told when the references have been checked
		}
		n.kids = branches.kids
	}
	return n
}

func (p *parser) verb() (*node, bool) {
	p.i++
	from := p.i
	for p.more() && (isAlpha(rune(p.src[p.i])) || p.src[p.i] == '_') {
		p.i++
	}
	word := p.src[from:p.i]
	for alias, s := range map[string]string{"atomic": "?>", "pla": "?=", "positive_lookahead": "?=", "nla": "?!",
		"negative_lookahead": "?!", "plb": "?<=", "positive_lookbehind": "?<=", "nlb": "?<!", "negative_lookbehind": "?<!"} {
		if word == alias && p.eat(":") {
			n := &node{kind: nLook, at: from - 2, neg: strings.Contains(s, "!"), behind: strings.Contains(s, "<")}
			if s == "?>" {
				n.kind = nAtomic
			}
			n.kids = []*node{p.body()}
			return n, true
		}
	}
	if word != "" && word[0] >= 'a' && word[0] <= 'z' {
		if !p.at(":") {
			p.i = min(p.i+1, len(p.src))
		}
		p.fail("(*alpha_assertion) not recognized", p.i)
	}
	if p.eat(":") {
		for p.more() && p.src[p.i] != ')' {
			p.i++
		}
	}
	op, ok := map[string]opcode{"F": opFail, "FAIL": opFail, "ACCEPT": opAccept, "COMMIT": opCommit, "PRUNE": opPrune,
		"SKIP": opSkip, "THEN": opThen, "MARK": opMatch, "": opMatch}[word]
	if !ok || !p.at(")") {
		p.fail("(*VERB) not recognized or malformed", p.i)
	}
	p.i++
	if op == opMatch {
		return nil, false
	}
	return simple(op), op == opAccept
}
