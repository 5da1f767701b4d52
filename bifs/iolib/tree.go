package iolib

import (
	"unicode/utf8"

	"github.com/gerl-lang/gerl/term"
	"github.com/rivo/uniseg"
)

// Options of printing a term.
type Options struct {
	Depth    int  // levels to show, < 0 for all
	Limit    int  // characters to aim for (chars_limit), < 0 for no limit
	Latin1   bool // escape characters above 255
	Strings  bool // show lists and binaries of printable characters as strings
	Reversed bool // maps in reversed key order
	// Record gives the field names of a record, by tag and number of fields, or ok = false.
	Record func(tag term.Term, fields int) (names []term.Term, ok bool)
	// PrintLatin1 narrows what counts as printable to Latin-1 (the node's +pc latin1).
	PrintLatin1 bool
}

type kind uint8

const (
	kText   kind = iota // atomic: text is the whole
	kBinary             // text of a binary as numbers, may be broken after commas
	kList
	kTuple  // kids; tagged when the first is an atom and there are more
	kMap    // kids are kPair
	kRecord // name, kids are kField
	kPair   // kids[0] => kids[1]
	kField  // name (with " = " counted in nameLen) and kids[0]
)

// node is a term prepared for layout: its parts and how long they are on one line.
type node struct {
	kind    kind
	tagged  bool
	dots    bool // something below was left out
	text    string
	name    string
	nameLen int
	len     int
	kids    []*node
	tail    *node // tail of an improper list
	cut     bool  // "..." follows the kids
}

func text(s string) *node { return &node{text: s, len: utf8.RuneCountInString(s)} }

func cutText(s string) *node { n := text(s); n.dots = true; return n }

// maxNesting bounds the recursion over a term's depth: deeper terms print on one line.
const maxNesting = 20000

type builder struct {
	opt     *Options
	nesting int
	tooDeep bool
}

func sub(t, n int) int {
	if t < 0 {
		return t
	}
	return max(t-n, 0)
}

// node prepares one term with depth d and room for about t characters.
func (b *builder) node(v term.Term, d, t int) *node {
	switch {
	case v == term.Nil:
		return text("[]")
	case v.IsAtom():
		return text(atomText(v, b.opt.Latin1))
	}
	b.nesting++
	defer func() { b.nesting-- }()
	if b.nesting > maxNesting {
		b.tooDeep = true
		return text("...")
	}
	switch {
	case v.IsCons():
		return b.list(v, d, t)
	case v.IsTuple():
		return b.tuple(v, d, t)
	case v.IsMap():
		return b.mapNode(v, d, t)
	case v.IsBitstring():
		return b.bits(v, d, t)
	case v.IsRecord():
		return b.native(v, d, t)
	}
	return text(term.Format(v))
}

// kidsDone fills in lengths: extra counts brackets and the like.
func (n *node) kidsDone(extra int) *node {
	n.len += extra
	for i, k := range n.kids {
		if i > 0 {
			n.len++
		}
		n.len += k.len
		n.dots = n.dots || k.dots
	}
	if n.tail != nil {
		n.len += n.tail.len + 1
		n.dots = n.dots || n.tail.dots
	}
	if n.cut {
		n.dots = true
		n.len += 3
		if len(n.kids) > 0 {
			n.len++
		}
	}
	return n
}

func (b *builder) list(v term.Term, d, t int) *node {
	if b.opt.Strings && d != 1 {
		if n := b.stringNode(v, t); n != nil {
			return n
		}
	}
	n := &node{kind: kList}
	t = sub(t, 2)
	for {
		if d == 1 || t == 0 {
			n.cut = true
			break
		}
		last := v.Tail() == term.Nil
		if !last {
			t = sub(t, 1)
		}
		k := b.node(v.Head(), d-1, t)
		t = sub(t, k.len)
		d--
		n.kids = append(n.kids, k)
		v = v.Tail()
		if last {
			break
		}
		if !v.IsCons() {
			if d == 1 || t == 0 {
				n.cut = true
			} else {
				n.tail = b.node(v, d-1, t)
			}
			break
		}
	}
	return n.kidsDone(2)
}

func (b *builder) tuple(v term.Term, d, t int) *node {
	size := v.Arity()
	if size == 0 {
		return text("{}")
	}
	tag := v.Elem(0)
	if b.opt.Record != nil && tag.IsAtom() {
		if names, ok := b.opt.Record(tag, size-1); ok {
			return b.record(v, names, d, t)
		}
	}
	if d == 1 {
		return cutText("{...}")
	}
	n := &node{kind: kTuple, tagged: tag.IsAtom() && size > 1}
	t = sub(t, 2)
	for i := 0; i < size; i++ {
		if d == 1 || t == 0 {
			n.cut = true
			break
		}
		if i < size-1 {
			t = sub(t, 1)
		}
		k := b.node(v.Elem(i), d-1, t)
		t = sub(t, k.len)
		n.kids = append(n.kids, k)
		d--
	}
	return n.kidsDone(2)
}

func (b *builder) record(v term.Term, names []term.Term, d, t int) *node {
	if d == 1 {
		return cutText("{...}")
	}
	return b.fields("#"+atomText(v.Elem(0), b.opt.Latin1), names, func(i int) term.Term { return v.Elem(i + 1) }, d, t)
}

// native prepares a native record, which names its module.
func (b *builder) native(v term.Term, d, t int) *node {
	name := "#" + atomText(term.RecordModule(v), b.opt.Latin1) + ":" + atomText(term.RecordName(v), b.opt.Latin1)
	if d == 1 {
		return cutText(name + "{...}")
	}
	names := make([]term.Term, term.RecordLen(v))
	for i := range names {
		names[i] = term.RecordField(v, i)
	}
	return b.fields(name, names, func(i int) term.Term { return term.RecordValue(v, i) }, d, t)
}

// fields prepares a record's fields.
func (b *builder) fields(name string, names []term.Term, value func(int) term.Term, d, t int) *node {
	n := &node{kind: kRecord, name: name}
	n.nameLen = utf8.RuneCountInString(n.name)
	t = sub(t, n.nameLen+2)
	d--
	for i, name := range names {
		if d == 1 || t == 0 {
			n.cut = true
			break
		}
		if i < len(names)-1 {
			t = sub(t, 1)
		}
		f := &node{kind: kField, name: atomText(name, b.opt.Latin1)}
		f.nameLen = utf8.RuneCountInString(f.name) + 3
		k := b.node(value(i), d-1, sub(t, f.nameLen))
		f.kids, f.len, f.dots = []*node{k}, f.nameLen+k.len, k.dots
		t = sub(t, f.len)
		n.kids = append(n.kids, f)
		d--
	}
	return n.kidsDone(n.nameLen + 2)
}

func (b *builder) mapNode(v term.Term, d, t int) *node {
	if term.MapSize(v) == 0 {
		return text("#{}")
	}
	if d == 1 {
		return cutText("#{...}")
	}
	var pairs [][2]term.Term
	term.MapEach(v, func(key, val term.Term) bool {
		pairs = append(pairs, [2]term.Term{key, val})
		return true
	})
	if b.opt.Reversed {
		for i, j := 0, len(pairs)-1; i < j; i, j = i+1, j-1 {
			pairs[i], pairs[j] = pairs[j], pairs[i]
		}
	}
	n := &node{kind: kMap}
	t = sub(t, 3)
	inner := d - 1
	for i, p := range pairs {
		if d == 1 || t == 0 {
			n.cut = true
			break
		}
		if i < len(pairs)-1 {
			t = sub(t, 1)
		}
		key := b.node(p[0], inner, t)
		val := b.node(p[1], inner, sub(t, key.len+4))
		k := &node{kind: kPair, kids: []*node{key, val}, len: key.len + 4 + val.len, dots: key.dots || val.dots}
		t = sub(t, k.len)
		n.kids = append(n.kids, k)
		d--
	}
	return n.kidsDone(3)
}

// stringNode gives the list as a string, or nil when it is not one.
func (b *builder) stringNode(v term.Term, t int) *node {
	if t < 0 {
		runes, rest := b.printables(v, -1)
		if rest != term.Nil {
			return nil
		}
		return text(quote(string(runes), '"', b.opt.Latin1))
	}
	room := sub(t, 2)
	if room == 0 {
		return nil
	}
	// In Latin-1 a character is an element; else the elements of a cluster count once, and
	// what follows the last cluster must be a character, which could have belonged to it.
	if b.opt.Latin1 {
		runes, rest := b.printables(v, room)
		if len(runes) < room && rest != term.Nil {
			return nil
		}
		return b.cutString(string(runes), rest)
	}
	runes, rest := b.printables(v, room+maxCluster)
	s := string(runes)
	if end := prefixOf(s, room); end < len(s) {
		return b.cutString(s[:end], v)
	}
	if rest != term.Nil && (uniseg.GraphemeClusterCount(s) < room || !startsWithChar(rest)) {
		return nil
	}
	return b.cutString(s, rest)
}

// maxCluster is how many elements more are looked at than characters may be shown.
const maxCluster = 64

// startsWithChar tells whether a list begins with a character, printable or not.
func startsWithChar(v term.Term) bool {
	return v.IsCons() && v.Head().IsSmall() && v.Head().Small() >= 0 && v.Head().Small() <= utf8.MaxRune
}

// cutString is the text of a string's beginning; rest is what follows it.
func (b *builder) cutString(s string, rest term.Term) *node {
	s = quote(s, '"', b.opt.Latin1)
	if rest != term.Nil {
		s += "..."
	}
	return text(s)
}

// printables takes at most so many printable characters (< 0: all) from the front of a list.
func (b *builder) printables(v term.Term, most int) (runes []rune, rest term.Term) {
	for v.IsCons() && len(runes) != most && v.Head().IsSmall() && b.printable(v.Head().Small()) {
		runes = append(runes, rune(v.Head().Small()))
		v = v.Tail()
	}
	return runes, v
}

// prefixOf says where the first n characters of s end, as the reader sees them.
func prefixOf(s string, n int) int {
	g := uniseg.NewGraphemes(s)
	end := 0
	for i := 0; i < n && g.Next(); i++ {
		_, end = g.Positions()
	}
	return end
}

// printable tells whether a character may stand in a string that is shown as such.
func (b *builder) printable(c int) bool {
	switch {
	case c >= ' ' && c <= '~', c >= 0xA0 && c <= 0xFF:
		return true
	case c == '\n', c == '\r', c == '\t', c == '\v', c == '\b', c == '\f', c == 27:
		return true
	case b.opt.Latin1 || b.opt.PrintLatin1:
		return false
	}
	return c > 0xFF && c < 0xD800 || c > 0xDFFF && c < 0xFFFE || c > 0xFFFF && c <= utf8.MaxRune
}

// charsPerLevel is how many characters of a binary's text one level of depth is worth.
const charsPerLevel = 4

func (b *builder) bits(v term.Term, d, t int) *node {
	size, _ := term.BitSize(v)
	if size == 0 {
		return text("<<>>")
	}
	if d == 1 {
		return cutText("<<...>>")
	}
	data, whole := v.Bytes()
	if b.opt.Strings && whole {
		if n := b.binaryString(data, d-1, sub(t, 6)); n != nil {
			return n
		}
	}
	s, cut := binaryText(v, d, t)
	n := &node{kind: kBinary, text: s, len: len(s), dots: cut}
	return n
}

// binaryString gives a binary as text, or nil.
func (b *builder) binaryString(data []byte, d, t int) *node {
	n := len(data) // characters to look at
	if d >= 0 {
		n = min(charsPerLevel*d, n)
		if t >= 0 {
			n = min(t, n)
		}
	} else if t >= 0 {
		n = t
	}
	if n == 0 {
		return nil
	}
	if !b.opt.Latin1 {
		if r, decided := b.utf8String(data, n, d); decided {
			return r
		}
	}
	i := 0
	for i < n && i < len(data) && (&builder{opt: &Options{Latin1: true}}).printable(int(data[i])) {
		i++
	}
	switch {
	case i == len(data):
		return text("<<" + quote(latin1(data), '"', b.opt.Latin1) + ">>")
	case i == n, d > 0 && i >= d:
		return cutText("<<" + quote(latin1(data[:i]), '"', b.opt.Latin1) + "...>>")
	}
	return nil
}

// utf8String tries data as UTF-8; decided is false when it is not valid UTF-8 within the first n characters.
func (b *builder) utf8String(data []byte, n, d int) (*node, bool) {
	i, count := 0, 0
	for count < n && i < len(data) {
		r, w := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && w <= 1 {
			return nil, false
		}
		if !b.printable(int(r)) {
			break
		}
		i += w
		count++
	}
	if i < len(data) && count == n {
		if r, w := utf8.DecodeRune(data[i:]); r == utf8.RuneError && w <= 1 {
			return nil, false
		}
	}
	ascii := count == i
	suffix := ">>"
	if !ascii {
		suffix = "/utf8>>"
	}
	s := quote(string(data[:i]), '"', b.opt.Latin1)
	switch {
	case i == len(data):
		return text("<<" + s + suffix), true
	case d > 0 && count >= d:
		return cutText("<<" + s + suffix[:len(suffix)-2] + "...>>"), true
	}
	return nil, true
}

func latin1(data []byte) string {
	r := make([]rune, len(data))
	for i, c := range data {
		r[i] = rune(c)
	}
	return string(r)
}

// build prepares a term; with a limit the depth is the largest whose text is not longer
// than the limit allows, found by doubling and then halving the interval.
func build(v term.Term, opt *Options) (*node, bool) {
	run := func(d, t int) (*node, bool) {
		b := builder{opt: opt}
		n := b.node(v, d, t)
		return n, !b.tooDeep
	}
	t := opt.Limit
	if t < 0 {
		return run(opt.Depth, t)
	}
	if t == 0 {
		return text("..."), true
	}
	low, ok := run(1, t)
	if !low.dots || low.len > t || opt.Depth == 1 {
		return low, ok
	}
	dl, step := 1, 2
	for {
		step *= 2
		du := dl + step
		if opt.Depth >= 0 {
			du = min(du, opt.Depth)
		}
		up, ok := run(du, t)
		if !ok || !up.dots || up.len == low.len {
			return up, ok
		}
		if up.len <= t && (du < opt.Depth || opt.Depth < 0) {
			low, dl = up, du
			continue
		}
		for du-dl > 1 {
			mid := (dl + du) / 2
			m, _ := run(mid, t)
			if m.len > t {
				up, du = m, mid
			} else {
				low, dl = m, mid
			}
		}
		if low.len == t {
			return low, true
		}
		return up, true
	}
}
