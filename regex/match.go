package regex

import (
	"bytes"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Status is the state of a matcher.
type Status uint8

// What Run gives.
const (
	Again          Status = iota // the budget is used up: call Run again
	Matched                      // Captures holds the result
	NoMatch                      // there is no match
	MatchLimit                   // the match limit was reached
	RecursionLimit               // the recursion limit was reached
	RecursionLoop                // the pattern calls itself for ever
)

// RunOptions are those of one search.
type RunOptions struct {
	Anchored        bool
	NotBOL, NotEOL  bool
	NotEmpty        bool
	NotEmptyAtStart bool
	Limit           int // of choices tried; 0 is the default
	RecursionLimit  int // of choices open at a time; 0 is the default
}

// DefaultLimit is the number of choices that a search tries unless told otherwise.
const DefaultLimit = 10_000_000

type frameKind uint8

const (
	frAlt    frameKind = iota // go on at pc with position a
	frBranch                  // the same, between the branches of an alternation
	frReg                     // register pc was a
	frRepeat                  // greedy repetition: give one character back, down to b
	frLazy                    // lazy repetition: take one more
	frCall                    // current call was a; b is the number of calls to keep, or -1
	frCommit                  // verbs
	frPrune
	frSkip
	frThen
)

type frame struct {
	kind frameKind
	pc   int32
	a, b int
}

type call struct {
	ret, group, parent, pos int
	regs                    []int
}

// Matcher is one search. It holds the subject until it is done.
type Matcher struct {
	p       *Program
	s       []byte
	o       RunOptions
	reg     []int
	stack   []frame
	calls   []call
	cur     int
	pc, pos int
	origin  int // where the search began
	start   int // where the present attempt began
	last    int // the last possible start
	count   int
	open    int // choices on the stack
	running bool
	status  Status
}

// NewMatcher prepares a search for p in subject from offset on.
func NewMatcher(p *Program, subject []byte, offset int, o RunOptions) *Matcher {
	m := &Matcher{p: p, s: subject}
	m.reg = make([]int, p.regs)
	m.Restart(offset, o)
	return m
}

// Restart makes m a new search from offset in the same subject.
func (m *Matcher) Restart(offset int, o RunOptions) {
	m.o, m.origin, m.start, m.last, m.count, m.running, m.status = o, offset, offset, len(m.s), 0, false, Again
	if m.o.Limit == 0 {
		m.o.Limit = DefaultLimit
	}
	if m.o.RecursionLimit == 0 {
		m.o.RecursionLimit = DefaultLimit
	}
	if m.p.limit >= 0 {
		m.o.Limit = min(m.o.Limit, m.p.limit)
	}
	if m.p.depth >= 0 {
		m.o.RecursionLimit = min(m.o.RecursionLimit, m.p.depth)
	}
	if m.p.opts.FirstLine {
		for i := offset; i < len(m.s); i++ {
			if m.newlineAt(i) > 0 {
				m.last = i
				break
			}
		}
	}
	if m.p.anchored || o.Anchored {
		m.last = min(m.last, offset)
	}
}

// Subject is the subject of the search.
func (m *Matcher) Subject() []byte { return m.s }

// SetSubject exchanges the subject for a copy of it that lives elsewhere.
func (m *Matcher) SetSubject(s []byte) { m.s = s }

// Captures gives start and end of the match and of each group, -1 for a group that took no part.
func (m *Matcher) Captures() []int { return m.reg[:2*(m.p.groups+1)] }

// Run goes on with the search for at most budget steps and gives the number of them that are left.
func (m *Matcher) Run(budget int) (Status, int) {
	for m.status == Again {
		if !m.running {
			if !m.nextStart() {
				m.status = NoMatch
				break
			}
		}
		budget = m.step(budget)
		if budget <= 0 && m.status == Again {
			return Again, 0
		}
	}
	return m.status, budget
}

// nextStart finds the next place where a match may begin.
func (m *Matcher) nextStart() bool {
	if f := m.p.first; f != nil {
		for m.start < len(m.s) && m.start <= m.last && !f[m.s[m.start]] {
			m.start++
		}
		if m.start >= len(m.s) {
			return false
		}
	}
	if m.start > m.last || m.p.required >= 0 && bytes.IndexByte(m.s[m.start:], byte(m.p.required)) < 0 {
		return false
	}
	for i := range m.reg {
		m.reg[i] = -1
	}
	m.stack, m.calls, m.cur = m.stack[:0], m.calls[:0], -1
	m.pc, m.pos, m.open, m.running = 0, m.start, 0, true
	m.reg[0] = m.start
	return true
}

// failed ends the attempt at the present start.
func (m *Matcher) failed(next int) {
	m.running = false
	if next > m.start {
		m.start = next
		return
	}
	if m.start >= len(m.s) {
		m.start++
		return
	}
	n := m.width(m.start)
	if m.s[m.start] == '\r' && m.start+1 < len(m.s) && m.s[m.start+1] == '\n' && !m.p.hasCRLF &&
		(m.p.opts.Newline == CRLF || m.p.opts.Newline == AnyCRLF || m.p.opts.Newline == AnyNewline) {
		n = 2
	}
	m.start += n
}

func (m *Matcher) width(pos int) int {
	if !m.p.opts.UTF || m.s[pos] < 0x80 {
		return 1
	}
	_, n := utf8.DecodeRune(m.s[pos:])
	return n
}

func (m *Matcher) back(pos int) int {
	pos--
	if m.p.opts.UTF {
		for pos > 0 && m.s[pos]&0xc0 == 0x80 {
			pos--
		}
	}
	return pos
}

func (m *Matcher) rune(pos int) (rune, int) {
	c := m.s[pos]
	if c < 0x80 || !m.p.opts.UTF {
		return rune(c), 1
	}
	return utf8.DecodeRune(m.s[pos:])
}

// newlineAt gives the length of the newline at pos, or 0.
func (m *Matcher) newlineAt(pos int) int {
	if pos >= len(m.s) {
		return 0
	}
	c := m.s[pos]
	pair := c == '\r' && pos+1 < len(m.s) && m.s[pos+1] == '\n'
	switch m.p.opts.Newline {
	case LF:
		if c == '\n' {
			return 1
		}
	case CR:
		if c == '\r' {
			return 1
		}
	case NUL:
		if c == 0 {
			return 1
		}
	case CRLF:
		if pair {
			return 2
		}
	case AnyCRLF:
		if pair {
			return 2
		}
		if c == '\r' || c == '\n' {
			return 1
		}
	default:
		if pair {
			return 2
		}
		if r, n := m.rune(pos); isVertical(r) {
			return n
		}
	}
	return 0
}

// afterNewline says whether a newline ends at pos.
func (m *Matcher) afterNewline(pos int) bool {
	if pos == 0 {
		return false
	}
	q := m.back(pos)
	if m.p.opts.Newline == CRLF {
		return pos >= 2 && m.newlineAt(pos-2) == 2
	}
	if m.s[q] == '\r' && m.newlineAt(q) == 2 {
		return false // between CR and LF
	}
	return m.newlineAt(q) > 0
}

func (m *Matcher) set(r, v int) {
	if m.reg[r] == v {
		return
	}
	m.stack = append(m.stack, frame{frReg, int32(r), m.reg[r], 0})
	m.reg[r] = v
}

func (m *Matcher) push(k frameKind, pc, a, b int) bool {
	m.count++
	if m.count > m.o.Limit {
		m.status = MatchLimit
		return false
	}
	if m.open++; m.open > m.o.RecursionLimit {
		m.status = RecursionLimit
		return false
	}
	m.stack = append(m.stack, frame{k, int32(pc), a, b})
	return true
}

// cut forgets the choices above height h but keeps what undoes their effects.
func (m *Matcher) cut(h int) {
	k := h
	for _, f := range m.stack[h:] {
		if f.kind == frReg || f.kind == frCall || f.kind >= frCommit {
			m.stack[k] = f
			k++
		} else {
			m.open--
		}
	}
	m.stack = m.stack[:k]
}

// undo takes back the effect of a frame that is no choice.
func (m *Matcher) undo(f frame) {
	switch f.kind {
	case frReg:
		m.reg[f.pc] = f.a
	case frCall:
		m.cur = f.a
		if f.b >= 0 {
			m.calls = m.calls[:f.b]
		}
	default:
		m.open--
	}
}

func (m *Matcher) unwind(h int) {
	for len(m.stack) > h {
		f := m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		m.undo(f)
	}
}

// backtrack goes to the last open choice; false when the attempt or the search is over.
func (m *Matcher) backtrack() bool {
	for len(m.stack) > 0 {
		top := len(m.stack) - 1
		f := m.stack[top]
		switch f.kind {
		case frRepeat:
			if f.a <= f.b {
				m.stack = m.stack[:top]
				m.open--
				continue
			}
			m.count++
			if m.count > m.o.Limit {
				m.status = MatchLimit
				return false
			}
			m.pos = m.back(f.a)
			m.pc = int(f.pc)
			m.stack[top].a = m.pos
			return true
		case frLazy:
			in := &m.p.code[f.pc]
			next := -1
			if f.b != 0 {
				next = m.atom(in, in.atom, f.a)
			}
			m.count++
			if m.count > m.o.Limit {
				m.status = MatchLimit
				return false
			}
			if next < 0 {
				m.stack = m.stack[:top]
				m.open--
				continue
			}
			m.stack[top].a = next
			m.stack[top].b--
			m.pos, m.pc = next, int(f.pc)+1
			return true
		}
		m.stack = m.stack[:top]
		switch f.kind {
		case frAlt, frBranch:
			m.open--
			m.pc, m.pos = int(f.pc), f.a
			return true
		case frCommit:
			m.status = NoMatch
			return false
		case frPrune:
			m.failed(0)
			return false
		case frSkip:
			m.failed(f.a)
			return false
		case frThen:
			for len(m.stack) > 0 && m.stack[len(m.stack)-1].kind != frBranch {
				m.unwind(len(m.stack) - 1)
			}
		default:
			m.undo(f)
		}
	}
	m.failed(0)
	return false
}

// atom matches one character (or literal) at pos and gives the position behind it, or -1.
func (m *Matcher) atom(in *inst, op opcode, pos int) int {
	if op == opStr {
		if len(m.s)-pos < len(in.str) || string(m.s[pos:pos+len(in.str)]) != string(in.str) {
			return -1
		}
		return pos + len(in.str)
	}
	if op == opNewlineSeq {
		return m.newlineSeq(pos)
	}
	if pos >= len(m.s) {
		return -1
	}
	switch op {
	case opSet:
		r, n := m.rune(pos)
		if !in.set.has(r) {
			return -1
		}
		return pos + n
	case opAny:
		if m.newlineAt(pos) > 0 {
			return -1
		}
		return pos + m.width(pos)
	case opAll:
		return pos + m.width(pos)
	case opCluster:
		b := m.s[pos:]
		if !m.p.opts.UTF {
			return pos + 1
		}
		c, _, _, _ := uniseg.FirstGraphemeCluster(b, -1)
		return pos + len(c)
	}
	return pos + 1 // opByte
}

func (m *Matcher) newlineSeq(pos int) int {
	if pos >= len(m.s) {
		return -1
	}
	if m.s[pos] == '\r' && pos+1 < len(m.s) && m.s[pos+1] == '\n' {
		return pos + 2
	}
	r, n := m.rune(pos)
	if r == '\r' || r == '\n' || !m.p.opts.BSRAnyCRLF && isVertical(r) {
		return pos + n
	}
	return -1
}

func (m *Matcher) wordAt(pos int) bool {
	if pos >= len(m.s) {
		return false
	}
	r, _ := m.rune(pos)
	if m.p.opts.UCP {
		return uniWord(r)
	}
	return isWord(r)
}

// assert evaluates the simple assertions.
func (m *Matcher) assert(op opcode) bool {
	pos, end := m.pos, len(m.s)
	switch op {
	case opBegin:
		return pos == 0
	case opBOL:
		return pos == 0 && !m.o.NotBOL
	case opMultiBOL:
		return pos == 0 && !m.o.NotBOL || pos != 0 && pos < end && m.afterNewline(pos)
	case opEnd:
		return pos == end
	case opEOL, opEndNewline:
		if m.o.NotEOL && op == opEOL {
			return false
		}
		if pos == end {
			return true
		}
		n := m.newlineAt(pos)
		return n > 0 && pos+n == end && !(op == opEOL && m.p.opts.DollarEndOnly)
	case opMultiEOL:
		return pos == end && !m.o.NotEOL || m.newlineAt(pos) > 0 && (pos == 0 || m.p.opts.Newline == CRLF || m.s[pos] != '\n' || m.s[pos-1] != '\r' || m.p.opts.Newline == LF)
	case opStart:
		return pos == m.origin
	}
	before := pos > 0 && m.wordAt(m.back(pos))
	return (before != m.wordAt(pos)) == (op == opWord)
}

// step runs instructions until the attempt is over or the budget used up.
func (m *Matcher) step(budget int) int {
	code := m.p.code
	for budget > 0 {
		budget--
		in := &code[m.pc]
		ok := true
		switch in.op {
		case opStr, opSet, opAny, opAll, opByte, opNewlineSeq, opCluster:
			if next := m.atom(in, in.op, m.pos); next >= 0 {
				m.pos = next
				m.pc++
			} else {
				ok = false
			}
		case opRepeat:
			ok, budget = m.repeat(in, budget)
		case opSplit:
			k := frAlt
			if in.mode == 1 {
				k = frBranch
			}
			ok = m.push(k, in.y, m.pos, 0)
			m.pc = in.x
		case opJump:
			m.pc = in.x
		case opOpen:
			m.set(in.x, m.pos)
			m.pc++
		case opClose:
			if m.cur >= 0 && m.calls[m.cur].group == in.x {
				m.leave()
				break
			}
			m.set(2*in.x, m.reg[in.y])
			m.set(2*in.x+1, m.pos)
			m.pc++
		case opShut:
			m.set(2*in.x, m.reg[in.y])
			m.set(2*in.x+1, m.pos)
			m.pc++
		case opZero:
			m.set(in.x, 0)
			m.pc++
		case opLoop:
			n := m.reg[in.x]
			switch {
			case n < in.min:
				m.pc++
			case in.max >= 0 && n >= in.max:
				m.pc = in.exit
			case in.mode == lazy:
				ok = m.push(frAlt, m.pc+1, m.pos, 0)
				m.pc = in.exit
			default:
				ok = m.push(frAlt, in.exit, m.pos, 0)
				m.pc++
			}
		case opEnter:
			m.set(in.x, m.reg[in.x]+1)
			m.set(in.y, m.pos)
			m.pc++
		case opLoopEnd:
			if m.reg[in.y] == m.pos {
				m.pc = in.exit
			} else {
				m.pc = in.x
			}
		case opAtomic, opLook:
			if in.op == opLook {
				m.set(in.y, m.pos)
			}
			m.stack = append(m.stack, frame{frReg, int32(in.x), m.reg[in.x], 0})
			m.reg[in.x] = len(m.stack)
			m.pc++
		case opAtomicEnd:
			m.cut(m.reg[in.x])
			m.pc++
		case opLookEnd:
			m.cut(m.reg[in.x])
			m.pos = m.reg[in.y]
			m.pc++
		case opNeg, opCond:
			m.set(in.y, m.pos)
			m.stack = append(m.stack, frame{frReg, int32(in.x), m.reg[in.x], 0})
			m.reg[in.x] = len(m.stack)
			ok = m.push(frAlt, in.exit, m.pos, 0)
			m.pc++
		case opNegEnd:
			at := m.reg[in.y]
			m.unwind(m.reg[in.x])
			if in.exit < 0 {
				ok = false
			} else {
				m.pos, m.pc = at, in.exit
			}
		case opBack:
			pos, n := m.pos, 0
			for n < in.max && pos > 0 {
				pos = m.back(pos)
				n++
			}
			if n < in.min {
				ok = false
				break
			}
			for k := in.min; k < n; k++ { // nearer starts are tried after farther ones
				q := m.pos
				for range k {
					q = m.back(q)
				}
				if ok = m.push(frAlt, m.pc+1, q, 0); !ok {
					break
				}
			}
			m.pos = pos
			m.pc++
		case opBackEnd:
			ok = m.pos == m.reg[in.y]
			m.pc++
		case opCondGroup:
			m.pc++
			if m.defined(in.groups) < 0 {
				m.pc = in.exit
			}
		case opCondRecurse:
			m.pc++
			if m.cur < 0 || in.groups != nil && !contains(in.groups, m.calls[m.cur].group) {
				m.pc = in.exit
			}
		case opBackref:
			ok = m.backref(in)
			m.pc++
		case opCall:
			ok = m.enter(in.x)
		case opKeep:
			m.set(0, m.pos)
			m.pc++
		case opMatch, opAccept:
			if m.cur >= 0 && (in.op == opAccept || m.calls[m.cur].group == 0) {
				m.leave()
				break
			}
			if m.reg[0] == m.pos && (m.o.NotEmpty || m.o.NotEmptyAtStart && m.pos == m.origin) {
				ok = false
				break
			}
			m.reg[1] = m.pos
			m.status = Matched
			return budget
		case opFail:
			ok = false
		case opCommit, opPrune, opSkip, opThen:
			ok = m.push(frCommit+frameKind(in.op-opCommit), 0, m.pos, 0)
			m.pc++
		default:
			ok = m.assert(in.op)
			m.pc++
		}
		if m.status != Again {
			return budget
		}
		if !ok && !m.backtrack() {
			return budget
		}
	}
	return budget
}

func contains(list []int, n int) bool {
	for _, v := range list {
		if v == n {
			return true
		}
	}
	return false
}

// repeat matches an atom as often as its bounds say.
func (m *Matcher) repeat(in *inst, budget int) (bool, int) {
	pos, n := m.pos, 0
	limit := in.max
	if in.mode == lazy {
		limit = in.min
	}
	floor := pos
	for limit < 0 || n < limit {
		next := m.atom(in, in.atom, pos)
		if next < 0 {
			break
		}
		pos = next
		if n++; n <= in.min {
			floor = pos
		}
	}
	budget -= n / 8
	if n < in.min {
		return false, budget
	}
	m.pos = pos
	switch {
	case in.mode == lazy && (in.max < 0 || n < in.max):
		if !m.push(frLazy, m.pc, pos, in.max-n) {
			return false, budget
		}
	case in.mode == greedy && pos > floor:
		if !m.push(frRepeat, m.pc+1, pos, floor) {
			return false, budget
		}
	}
	m.pc++
	return true, budget
}

// defined gives the first of the groups that has matched, or -1.
func (m *Matcher) defined(groups []int) int {
	for _, g := range groups {
		if m.reg[2*g+1] >= 0 {
			return g
		}
	}
	return -1
}

func (m *Matcher) backref(in *inst) bool {
	g := m.defined(in.groups)
	if g < 0 {
		return false
	}
	part := m.s[m.reg[2*g]:m.reg[2*g+1]]
	if !in.fold {
		if len(m.s)-m.pos < len(part) || string(m.s[m.pos:m.pos+len(part)]) != string(part) {
			return false
		}
		m.pos += len(part)
		return true
	}
	wide := m.p.opts.UTF || m.p.opts.UCP
	q, pos := m.reg[2*g], m.pos
	for q < m.reg[2*g+1] {
		if pos >= len(m.s) {
			return false
		}
		a, n := m.rune(q)
		b, k := m.rune(pos)
		if a != b {
			same := false
			for _, f := range folds(a, wide) {
				same = same || f == b
			}
			if !same {
				return false
			}
		}
		q += n
		pos += k
	}
	m.pos = pos
	return true
}

// enter calls a group as a subroutine.
func (m *Matcher) enter(group int) bool {
	for c := m.cur; c >= 0; c = m.calls[c].parent {
		if m.calls[c].pos != m.pos {
			break
		}
		if m.calls[c].group == group {
			m.status = RecursionLoop
			return false
		}
	}
	if m.count++; m.count > m.o.Limit {
		m.status = MatchLimit
		return false
	}
	if len(m.calls) >= maxCalls {
		m.status = RecursionLimit
		return false
	}
	m.stack = append(m.stack, frame{frCall, 0, m.cur, len(m.calls)})
	m.calls = append(m.calls, call{m.pc + 1, group, m.cur, m.pos, append([]int(nil), m.reg...)})
	m.cur = len(m.calls) - 1
	m.pc = m.p.entry[group]
	return true
}

// maxCalls bounds the memory of nested and undoable subroutine calls.
const maxCalls = 1 << 18

// leave returns from a subroutine: captures become what they were before.
func (m *Matcher) leave() {
	c := &m.calls[m.cur]
	for r := 1; r < len(m.reg); r++ {
		m.set(r, c.regs[r])
	}
	m.stack = append(m.stack, frame{frCall, 0, m.cur, -1})
	m.pc, m.cur = c.ret, c.parent
}
