package regex

import (
	"sort"
	"unicode/utf8"
)

type compiler struct {
	*parser
	p       *Program
	tree    *node
	active  map[*node]bool // groups whose length is being worked out
	unknown bool           // what a match begins with
	looks   int            // assertions around what is being generated
	open    []inst         // the groups around what is being generated, as opShut; those outside an assertion are not its
	accept  []int          // targets of (*ACCEPT) inside assertions, innermost last
}

// Compile translates a pattern. The error is an *Error. With UTF the pattern must be valid UTF-8.
func Compile(pattern string, o Options) (prog *Program, err error) {
	defer func() {
		if x := recover(); x != nil {
			e, ok := x.(*Error)
			if !ok {
				panic(x)
			}
			prog, err = nil, e
		}
	}()
	ps := &parser{src: pattern, o: o, limit: -1, lim2: -1}
	if o.UTF && o.NeverUTF {
		ps.fail("using UTF is disabled by the application", 0)
	}
	ps.f = flags{fold: o.Caseless, multi: o.Multiline, dotall: o.DotAll, ext: o.Extended, dup: o.DupNames, ungreedy: o.Ungreedy, noauto: o.NoAutoCapture}
	tree := ps.parse()
	p := &Program{opts: ps.o, groups: ps.count, names: ps.named, limit: ps.limit, depth: ps.lim2, entry: make([]int, ps.count+1)}
	sort.Slice(p.names, func(i, j int) bool {
		a, b := p.names[i], p.names[j]
		return a.Name < b.Name || a.Name == b.Name && a.Group < b.Group
	})
	p.regs = 2 * (p.groups + 1)
	c := &compiler{parser: ps, p: p, tree: tree, active: map[*node]bool{}}
	for i := range p.entry {
		p.entry[i] = -1
	}
	p.entry[0] = 0
	c.checkBehind(tree)
	c.gen(tree)
	c.emit(inst{op: opMatch})
	p.anchored = o.Anchored || beginsAtStart(tree)
	var first [256]bool
	if nullable := c.firstOf(tree, &first, 0); !nullable && !c.unknown {
		p.first = &first
	}
	p.hasCRLF = mentionsCRLF(tree)
	p.required = -1
	if accepts(tree) {
		p.first = nil // an early end makes what follows optional
	} else {
		p.required = required(tree)
	}
	if o.NoStartOptimize {
		p.first, p.required = nil, -1
	}
	return p, nil
}

func (c *compiler) emit(in inst) int {
	c.p.code = append(c.p.code, in)
	if len(c.p.code) > 1<<20 {
		c.fail("regular expression is too large", len(c.src))
	}
	return len(c.p.code) - 1
}

func (c *compiler) here() int { return len(c.p.code) }

func (c *compiler) reg() int {
	c.p.regs++
	return c.p.regs - 1
}

// groupsOf gives the numbers of the groups that a reference means.
func (c *compiler) groupsOf(n *node) []int {
	if n.name == "" {
		if n.n > c.count {
			c.fail(errRef, n.at)
		}
		return []int{n.n}
	}
	var out []int
	for _, d := range c.named {
		if d.Name == n.name {
			out = append(out, d.Group)
		}
	}
	if out == nil {
		c.fail(errRef, n.at)
	}
	return out
}

func (c *compiler) gen(n *node) {
	switch n.kind {
	case nCat:
		for i := 0; i < len(n.kids); i++ {
			k := n.kids[i]
			if k.kind != nLit {
				c.gen(k)
				continue
			}
			str := append([]byte(nil), k.str...)
			for i+1 < len(n.kids) && n.kids[i+1].kind == nLit {
				i++
				str = append(str, n.kids[i].str...)
			}
			c.emit(inst{op: opStr, str: str})
		}
	case nAlt:
		var ends []int
		for i, k := range n.kids {
			if i == len(n.kids)-1 {
				c.gen(k)
				break
			}
			s := c.emit(inst{op: opSplit, mode: 1})
			c.p.code[s].x = c.here()
			c.gen(k)
			ends = append(ends, c.emit(inst{op: opJump}))
			c.p.code[s].y = c.here()
		}
		for _, e := range ends {
			c.p.code[e].x = c.here()
		}
	case nLit:
		c.emit(inst{op: opStr, str: n.str})
	case nAtom:
		c.emit(inst{op: n.op, set: n.set})
	case nSimple:
		if n.op == opAccept {
			for i := len(c.open) - 1; i >= 0; i-- { // they end here
				c.emit(c.open[i])
			}
		}
		if n.op == opAccept && len(c.accept) > 0 {
			c.emit(inst{op: opSplit}) // patched by assertion
			c.p.code[c.here()-1].exit = c.accept[len(c.accept)-1]
			c.p.code[c.here()-1].op = opJump
			c.p.code[c.here()-1].x = -c.accept[len(c.accept)-1]
			return
		}
		if n.op == opKeep && c.looks > 0 {
			c.fail("\\K is not allowed in lookarounds (but see PCRE2_EXTRA_ALLOW_LOOKAROUND_BSK)", len(c.src))
		}
		c.emit(inst{op: n.op})
	case nRepeat:
		c.repeatNode(n)
	case nGroup:
		r := c.reg()
		open := c.emit(inst{op: opOpen, x: r})
		if c.p.entry[n.n] < 0 { // of several groups with one number a call means the first
			c.p.entry[n.n] = open
		}
		c.open = append(c.open, inst{op: opShut, x: n.n, y: r})
		c.gen(n.kids[0])
		c.open = c.open[:len(c.open)-1]
		c.emit(inst{op: opClose, x: n.n, y: r})
	case nAtomic:
		r := c.reg()
		c.emit(inst{op: opAtomic, x: r})
		c.gen(n.kids[0])
		c.emit(inst{op: opAtomicEnd, x: r})
	case nLook:
		c.look(n)
	case nCond:
		c.condition(n)
	case nBackref:
		c.emit(inst{op: opBackref, groups: c.groupsOf(n), fold: n.fold})
	case nCall:
		c.emit(inst{op: opCall, x: c.groupsOf(n)[0]})
	}
}

// assertion generates the body of an assertion; (*ACCEPT) in it goes to its end.
func (c *compiler) assertion(n *node, y int) {
	mark := 1<<30 + len(c.accept)
	c.accept = append(c.accept, mark)
	from := c.here()
	c.looks++
	outer := c.open
	c.open = nil
	if n.behind {
		c.behind(n, y)
	} else {
		c.gen(n.kids[0])
	}
	c.looks--
	c.open = outer
	c.accept = c.accept[:len(c.accept)-1]
	for i := from; i < c.here(); i++ {
		if in := &c.p.code[i]; in.op == opJump && in.x == -mark {
			in.x = c.here()
		}
	}
}

func (c *compiler) look(n *node) {
	x, y := c.reg(), c.reg()
	if n.neg {
		i := c.emit(inst{op: opNeg, x: x, y: y})
		c.assertion(n, y)
		c.emit(inst{op: opNegEnd, x: x, y: y, exit: -1})
		c.p.code[i].exit = c.here()
		return
	}
	c.emit(inst{op: opLook, x: x, y: y})
	c.assertion(n, y)
	c.emit(inst{op: opLookEnd, x: x, y: y})
}

// maxBehind is the longest look-behind whose length varies.
const maxBehind = 255

func (c *compiler) behind(n *node, y int) {
	branches := []*node{n.kids[0]}
	if n.kids[0].kind == nAlt {
		branches = n.kids[0].kids
	}
	var ends []int
	for i, b := range branches {
		lo, hi := c.length(b, n.at, 0)
		s := -1
		if i < len(branches)-1 {
			s = c.emit(inst{op: opSplit})
			c.p.code[s].x = c.here()
		}
		c.emit(inst{op: opBack, min: lo, max: hi})
		c.gen(b)
		if lo != hi {
			c.emit(inst{op: opBackEnd, y: y})
		}
		if s >= 0 {
			ends = append(ends, c.emit(inst{op: opJump}))
			c.p.code[s].y = c.here()
		}
	}
	for _, e := range ends {
		c.p.code[e].x = c.here()
	}
}

// checkBehind refuses look-behinds in n whose length is not bounded. References are checked later.
func (c *compiler) checkBehind(n *node) {
	if n == nil {
		return
	}
	if n.kind == nLook && n.behind {
		branches := []*node{n.kids[0]}
		if n.kids[0].kind == nAlt {
			branches = n.kids[0].kids
		}
		for _, b := range branches {
			lo, hi := c.length(b, n.at, 0)
			if hi < 0 {
				c.fail("length of lookbehind assertion is not limited", n.at)
			}
			if lo != hi && hi > maxBehind {
				c.fail("branch too long in variable-length lookbehind assertion", n.at)
			}
		}
	}
	c.checkBehind(n.cond)
	for _, k := range n.kids {
		c.checkBehind(k)
	}
}

// length gives the least and the greatest number of characters that n matches; hi < 0 means no bound.
func (c *compiler) length(n *node, at, depth int) (lo, hi int) {
	if depth > 500 {
		c.fail("lookbehind is too complicated", at)
	}
	switch n.kind {
	case nCat:
		for _, k := range n.kids {
			l, h := c.length(k, at, depth+1)
			lo += l
			if hi < 0 || h < 0 {
				hi = -1
			} else {
				hi += h
			}
		}
	case nAlt, nCond:
		for i, k := range n.kids {
			l, h := c.length(k, at, depth+1)
			if i == 0 {
				lo, hi = l, h
				continue
			}
			lo = min(lo, l)
			if h < 0 || hi < 0 {
				hi = -1
			} else {
				hi = max(hi, h)
			}
		}
	case nLit:
		return 1, 1
	case nAtom:
		switch n.op {
		case opNewlineSeq:
			return 1, 2
		case opCluster:
			return 1, -1
		case opByte:
			if c.o.UTF {
				c.fail("\\C is not allowed in a lookbehind assertion in UTF-8 mode", at)
			}
		}
		return 1, 1
	case nRepeat:
		l, h := c.length(n.kids[0], at, depth+1)
		lo = l * n.min
		hi = -1
		if n.max >= 0 && h >= 0 {
			hi = h * n.max
		}
		lo, hi = min(lo, 1<<24), min(hi, 1<<24)
	case nGroup, nAtomic:
		return c.length(n.kids[0], at, depth+1)
	case nLook:
		if n.behind {
			c.checkBehind(n)
		}
	case nBackref, nCall:
		gs := c.groupsOf(n)
		if k := findGroup(c.tree, gs[0]); k != nil && len(gs) == 1 && !c.active[k] {
			c.active[k] = true
			lo, hi = c.length(k.kids[0], at, depth+1)
			delete(c.active, k)
			return lo, hi
		}
		return 0, -1
	}
	return lo, hi
}

func findGroup(n *node, g int) *node {
	if n == nil {
		return nil
	}
	if n.kind == nGroup && n.n == g {
		return n
	}
	for _, k := range n.kids {
		if f := findGroup(k, g); f != nil {
			return f
		}
	}
	return findGroup(n.cond, g)
}

func (c *compiler) condition(n *node) {
	i := -1
	switch n.cond.kind {
	case nEmpty:
		i = c.emit(inst{op: opJump})
	case nBackref:
		if n.cond.name == "" && n.cond.n > c.count {
			c.fail(errRef, n.cond.at)
		}
		i = c.emit(inst{op: opCondGroup, groups: c.groupsOf(n.cond)})
	case nCall:
		in := inst{op: opCondRecurse}
		if n.cond.n >= 0 {
			in.groups = c.groupsOf(n.cond)
		}
		i = c.emit(in)
	case nLook:
		x, y := c.reg(), c.reg()
		if n.cond.neg {
			j := c.emit(inst{op: opNeg, x: x, y: y})
			c.assertion(n.cond, y)
			i = c.emit(inst{op: opNegEnd, x: x, y: y})
			c.p.code[j].exit = c.here()
		} else {
			i = c.emit(inst{op: opCond, x: x, y: y})
			c.assertion(n.cond, y)
			c.emit(inst{op: opLookEnd, x: x, y: y})
		}
	}
	if n.max > 0 {
		c.fail("conditional subpattern contains more than two branches", n.max)
	}
	c.gen(n.kids[0])
	j := c.emit(inst{op: opJump})
	c.p.code[i].exit = c.here()
	if n.cond.kind == nEmpty {
		c.p.code[i].x = c.here()
	}
	c.gen(n.kids[1])
	c.p.code[j].x = c.here()
}

func (c *compiler) repeatNode(n *node) {
	k := n.kids[0]
	if n.max == 0 && k.kind != nGroup && !hasGroup(k) {
		return
	}
	if k.kind == nAtom && k.op != opNewlineSeq && k.op != opCluster && !(k.op == opByte && c.o.UTF) {
		c.emit(inst{op: opRepeat, atom: k.op, set: k.set, min: n.min, max: n.max, mode: n.mode})
		return
	}
	if k.kind == nLit && (len(k.str) == 1 || c.o.UTF && utf8.RuneCount(k.str) == 1) {
		c.emit(inst{op: opRepeat, atom: opStr, str: k.str, min: n.min, max: n.max, mode: n.mode})
		return
	}
	if k.kind == nLook && n.max != 0 { // once is as good as many times
		n = &node{kind: nRepeat, min: min(n.min, 1), max: 1, mode: n.mode, kids: n.kids}
	}
	if n.mode == possessive {
		r := c.reg()
		c.emit(inst{op: opAtomic, x: r})
		c.loop(n, greedy)
		c.emit(inst{op: opAtomicEnd, x: r})
		return
	}
	c.loop(n, n.mode)
}

func (c *compiler) loop(n *node, mode uint8) {
	k := n.kids[0]
	if n.max == 1 {
		if n.min == 1 {
			c.gen(k)
			return
		}
		s := c.emit(inst{op: opSplit})
		body := c.here()
		c.gen(k)
		if mode == lazy {
			c.p.code[s].x, c.p.code[s].y = c.here(), body
		} else {
			c.p.code[s].x, c.p.code[s].y = body, c.here()
		}
		return
	}
	x, y := c.reg(), c.reg()
	c.emit(inst{op: opZero, x: x})
	head := c.emit(inst{op: opLoop, x: x, min: n.min, max: n.max, mode: mode})
	c.emit(inst{op: opEnter, x: x, y: y})
	c.gen(k)
	end := c.emit(inst{op: opLoopEnd, x: head, y: y})
	c.p.code[head].exit = c.here()
	c.p.code[end].exit = c.here()
}

func hasGroup(n *node) bool {
	if n.kind == nGroup {
		return true
	}
	for _, k := range n.kids {
		if hasGroup(k) {
			return true
		}
	}
	return n.cond != nil && hasGroup(n.cond)
}

// beginsAtStart says that n can match at the subject's start only.
func beginsAtStart(n *node) bool {
	switch n.kind {
	case nCat:
		return len(n.kids) > 0 && beginsAtStart(n.kids[0])
	case nAlt:
		for _, k := range n.kids {
			if !beginsAtStart(k) {
				return false
			}
		}
		return true
	case nGroup, nAtomic:
		return beginsAtStart(n.kids[0])
	case nSimple:
		return n.op == opBegin || n.op == opBOL || n.op == opStart
	}
	return false
}

// firstOf collects the bytes that a match of n may begin with; nullable says that there may be none, or that they are not known.
func (c *compiler) firstOf(n *node, f *[256]bool, depth int) (nullable bool) {
	if depth > 100 {
		c.unknown = true
	}
	if c.unknown {
		return true
	}
	switch n.kind {
	case nCall, nCond, nBackref:
		c.unknown = true
	case nCat:
		for _, k := range n.kids {
			if !c.firstOf(k, f, depth+1) {
				return false
			}
		}
		return true
	case nAlt:
		for _, k := range n.kids {
			if c.firstOf(k, f, depth+1) {
				nullable = true
			}
		}
		return nullable
	case nLit:
		f[n.str[0]] = true
		return false
	case nAtom:
		if n.op != opSet {
			for i := range f {
				f[i] = true
			}
			return false
		}
		for r := range rune(256) {
			if n.set.low[r] && (r < 128 || !c.o.UTF) {
				f[r] = true
			}
			if r >= 0x80 && c.o.UTF {
				f[r] = true
			}
		}
		return false
	case nRepeat:
		return c.firstOf(n.kids[0], f, depth+1) || n.min == 0
	case nGroup, nAtomic:
		return c.firstOf(n.kids[0], f, depth+1)
	}
	return true
}

// required gives the last byte that every match must contain as a literal of its own, or -1.
func required(n *node) int {
	last := -1
	switch n.kind {
	case nLit:
		return int(n.str[len(n.str)-1])
	case nCat:
		for _, k := range n.kids {
			if k.kind == nSimple && k.op == opAccept {
				return -1
			}
			if r := required(k); r >= 0 {
				last = r
			}
		}
	case nRepeat:
		if n.min > 0 {
			return required(n.kids[0])
		}
	case nGroup, nAtomic:
		return required(n.kids[0])
	}
	return last
}

func accepts(n *node) bool {
	if n.kind == nSimple && n.op == opAccept {
		return true
	}
	for _, k := range n.kids {
		if accepts(k) {
			return true
		}
	}
	return false
}

// mentionsCRLF says that the pattern names CR or LF itself.
func mentionsCRLF(n *node) bool {
	if n.kind == nLit && (n.str[0] == '\r' || n.str[0] == '\n') || n.kind == nAtom && n.op == opNewlineSeq {
		return true
	}
	for _, k := range n.kids {
		if mentionsCRLF(k) {
			return true
		}
	}
	return false
}
