package iolib

import (
	"strings"

	"github.com/gerl-lang/gerl/term"
)

// Pretty gives the text of a term as io_lib's ~p breaks it: column is where it starts (from
// 1), width the line length (0: never break), maxChars the most characters a line may hold
// apart from its indentation (< 0: no such limit).
func Pretty(v term.Term, column, width, maxChars int, opt *Options) string {
	if opt.Depth == 0 || opt.Limit == 0 {
		return "..."
	}
	if !v.IsCons() && !v.IsBoxed() {
		if v.IsAtom() {
			return atomText(v, opt.Latin1)
		}
		return term.Format(v)
	}
	n, ok := build(v, opt)
	if !ok {
		return Write(v, opt)
	}
	if maxChars < 0 {
		maxChars = n.len
	}
	column = max(column, 1)
	p := printer{width: width, max: maxChars}
	if width == 0 || n.len < width-column && n.len <= maxChars {
		p.flat(n)
		return p.out.String()
	}
	p.tagIndent = 1
	for _, try := range []int{-1, 4} {
		trial := printer{width: width, max: maxChars, tagIndent: try, dry: true}
		trial.layout(n, column, 0, 0)
		if !trial.bad {
			p.tagIndent = try
			break
		}
	}
	p.layout(n, column, 0, 0)
	return p.out.String()
}

// printer lays a tree out. Columns are those of the terminal; an element goes on the
// current line only if it is atomic and fits with the ld closing brackets behind it and with the
// w characters already on the line. A dry run writes nothing and finds out whether tagIndent,
// the indentation below tags of tuples and records (-1: their own width), leaves room enough.
type printer struct {
	width, max int
	tagIndent  int
	dry, bad   bool
	out        strings.Builder
}

func (p *printer) text(s string) {
	if !p.dry {
		p.out.WriteString(s)
	}
}

func (p *printer) newline(col int) {
	if !p.dry {
		p.out.WriteByte('\n')
		p.out.WriteString(strings.Repeat(" ", max(col-1, 0)))
	}
}

func (p *printer) fits(n *node, col, ld, w int) bool {
	return n.len < p.width-col-ld && n.len+w+ld <= p.max
}

// follows tells whether n, with a comma before it, goes on the current line.
func (p *printer) follows(n *node, col, ld, w int) bool {
	if !n.atomicKids() {
		return false
	}
	l := n.len + 1
	if ld == 0 {
		return l+1 < p.width-col && w+l+1 <= p.max
	}
	return l < p.width-col-ld && w+l+ld <= p.max
}

func (n *node) atomic() bool { return n.kind == kText }

// atomicKids: n itself, or both sides of a pair, or a field's value, is atomic.
func (n *node) atomicKids() bool {
	switch n.kind {
	case kPair:
		return n.kids[0].atomic() && n.kids[1].atomic()
	case kField:
		return n.kids[0].atomic()
	}
	return n.atomic()
}

// layout writes n at column col; ld closing brackets follow it, w characters precede it on its line.
func (p *printer) layout(n *node, col, ld, w int) {
	if n.kind != kPair && n.kind != kField && p.fits(n, col, ld, w) {
		p.flat(n)
		return
	}
	switch n.kind {
	case kList:
		p.text("[")
		p.sequence(n, n.kids, col+1, ld, w+1, '|')
		p.text("]")
	case kTuple:
		p.text("{")
		if n.tagged && len(n.kids) > 0 {
			p.taggedTuple(n, col, ld, w+1)
		} else {
			p.sequence(n, n.kids, col+1, ld, w+1, ',')
		}
		p.text("}")
	case kMap:
		p.text("#{")
		if p.dry {
			p.elements(n, n.kids, col+2, ld, w+2)
		} else {
			p.elements(n, n.kids, col+2, ld, w+1)
		}
		p.text("}")
	case kRecord:
		p.text(n.name)
		p.text("{")
		p.recordFields(n, col, ld, w+n.nameLen+1)
		p.text("}")
	case kBinary:
		p.binary(n.text, col+2, ld, w)
	default:
		p.text(n.text)
	}
}

// lastDepth is the number of closing brackets behind an element that has these behind it.
func lastDepth(more bool, ld int) int {
	if more {
		return 0
	}
	return ld + 1
}

// sequence writes the elements of a list or tuple.
func (p *printer) sequence(n *node, kids []*node, col, ld, w int, bar byte) {
	if len(kids) == 0 {
		p.text("...")
		return
	}
	we := p.element(kids[0], col, lastDepth(len(kids) > 1, ld), w)
	p.tail(n, kids[1:], col, col+we, ld, w+we, bar)
}

// tail writes what follows an element, from column at on, new lines starting in column col.
func (p *printer) tail(n *node, kids []*node, col, at, ld, w int, bar byte) {
	for i, k := range kids {
		kld := lastDepth(i < len(kids)-1, ld)
		p.text(",")
		if p.follows(k, at, kld, w) {
			p.flat(k)
			at += k.len + 1
			w += k.len + 1
			continue
		}
		p.newline(col)
		w = p.element(k, col, kld, 0)
		at = col + w
	}
	switch {
	case n.cut:
		p.text(string(bar) + "...")
	case n.tail != nil:
		p.text(string(bar))
		e := n.tail
		if e.atomic() && e.len+1 < p.width-at-(ld+1) && e.len+1+w+ld+1 <= p.max {
			p.flat(e)
			return
		}
		p.newline(col)
		if p.dry {
			col = at
		}
		p.layout(e, col, ld+1, 0)
	}
}

// element writes one element and says how wide it counts: one that is not atomic fills the line.
func (p *printer) element(k *node, col, ld, w int) int {
	switch k.kind {
	case kPair:
		return p.pair(k, col, ld, w)
	case kField:
		return p.field(k, col, ld, w)
	}
	if k.atomic() && p.fits(k, col, ld, w) {
		p.flat(k)
		return k.len
	}
	p.layout(k, col, ld, w)
	return p.width
}

func (p *printer) taggedTuple(n *node, col, ld, w int) {
	tag := n.kids[0]
	ind := tag.len + 2
	if p.tagIndent > 0 && ind > p.tagIndent {
		c := col + p.tagIndent
		if p.dry && !(p.max+c <= p.width || c <= p.width/2) {
			p.bad = true
			return
		}
		p.text(tag.text)
		p.tail(n, n.kids[1:], c, col+ind, ld, w+tag.len, ',')
		return
	}
	c := col + ind
	if p.dry && !(p.max+c < p.width || c < p.width/2) {
		p.bad = true
		return
	}
	p.text(tag.text)
	p.text(",")
	p.sequence(n, n.kids[1:], c, ld, w+tag.len+1, ',')
}

// elements writes pairs of a map.
func (p *printer) elements(n *node, kids []*node, col, ld, w int) {
	if len(kids) == 0 {
		p.text("...")
		return
	}
	pw := p.element(kids[0], col, lastDepth(len(kids) > 1, ld), w)
	if p.dry {
		w += pw
	} else {
		w = pw
	}
	p.followers(n, kids[1:], col, col+pw, ld, w)
}

// followers writes the pairs or fields behind the first.
func (p *printer) followers(n *node, kids []*node, col, at, ld, w int) {
	for i, k := range kids {
		kld := lastDepth(i < len(kids)-1, ld)
		p.text(",")
		if p.follows(k, at, kld, w) {
			p.flat(k)
			at += k.len + 1
			w += k.len + 1
			continue
		}
		p.newline(col)
		w = p.element(k, col, kld, 0)
		at = col + w
	}
	if n.cut {
		p.text(",...")
	}
}

func (p *printer) pair(k *node, col, ld, w int) int {
	if p.fits(k, col, ld, w) {
		p.flat(k)
		if k.atomicKids() {
			return k.len
		}
		return p.width
	}
	ind := 4
	if p.tagIndent > 0 {
		ind = p.tagIndent
	}
	p.layout(k.kids[0], col, ld, w)
	p.text(" =>")
	p.newline(col + ind)
	p.layout(k.kids[1], col+ind, ld, 0)
	return p.width
}

// below finds where what follows a name of the given width goes: behind it, or on a new line.
func (p *printer) below(width, col, w int) (c, cw int, broken bool) {
	broken = p.tagIndent > 0 && width > p.tagIndent
	c, cw = col+width, w
	if broken {
		c, cw = col+p.tagIndent, 0
	}
	if p.dry && !(p.max+c <= p.width || c <= p.width/2) {
		p.bad = true
	}
	return c, cw, broken
}

func (p *printer) recordFields(n *node, col, ld, w int) {
	if len(n.kids) == 0 {
		if n.cut {
			p.text("...")
		}
		return
	}
	c, cw, broken := p.below(n.nameLen+1, col, w)
	if p.bad {
		return
	}
	if broken {
		p.newline(c)
	}
	fw := p.element(n.kids[0], c, lastDepth(len(n.kids) > 1, ld), cw)
	p.followers(n, n.kids[1:], c, c+fw, ld, cw+fw)
}

func (p *printer) field(k *node, col, ld, w int) int {
	if p.fits(k, col, ld, w) {
		p.flat(k)
		if k.atomicKids() {
			return k.len
		}
		return p.width
	}
	c, cw, broken := p.below(k.nameLen, col, w+k.nameLen)
	if p.bad {
		return p.width
	}
	p.text(k.name)
	if broken {
		p.text(" =")
		p.newline(c)
	} else {
		p.text(" = ")
	}
	p.layout(k.kids[0], c, ld, cw)
	return p.width
}

// binary writes <<1,2,...>>, broken after commas.
func (p *printer) binary(s string, col, ld, w int) {
	if p.dry {
		return
	}
	room := max(8, min(p.width-col, p.max-4-w)-ld)
	p.text("<<")
	body := s[2 : len(s)-2]
	left := room
	for {
		i := strings.IndexByte(body, ',')
		if i < 0 {
			break
		}
		if left-(i+1) < 0 {
			p.newline(col)
			left = room
		}
		p.text(body[:i+1])
		left -= i + 1
		body = body[i+1:]
	}
	if len(body) > left {
		p.newline(col)
	}
	p.text(body)
	p.text(">>")
}

// flat writes n on one line.
func (p *printer) flat(n *node) {
	if p.dry {
		return
	}
	switch n.kind {
	case kText, kBinary:
		p.text(n.text)
		return
	case kPair:
		p.flat(n.kids[0])
		p.text(" => ")
		p.flat(n.kids[1])
		return
	case kField:
		p.text(n.name)
		p.text(" = ")
		p.flat(n.kids[0])
		return
	}
	open, end, bar := "{", "}", ","
	switch n.kind {
	case kList:
		open, end, bar = "[", "]", "|"
	case kMap:
		open = "#{"
	case kRecord:
		open = n.name + "{"
	}
	p.text(open)
	for i, k := range n.kids {
		if i > 0 {
			p.text(",")
		}
		p.flat(k)
	}
	if n.cut {
		if len(n.kids) > 0 {
			p.text(bar)
		}
		p.text("...")
	}
	if n.tail != nil {
		p.text(bar)
		p.flat(n.tail)
	}
	p.text(end)
}
