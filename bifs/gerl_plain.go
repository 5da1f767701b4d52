package bifs

import (
	"bytes"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// The short ways of module string for plain texts: binaries or flat lists of ASCII characters. Every byte is a grapheme cluster there, but
// for a carriage return before a line feed: nothing that is looked for ends between the two. For all other texts, and for all that is
// none, these functions give false and string goes the long way.

var (
	atomLeading  = term.Intern("leading")
	atomTrailing = term.Intern("trailing")
)

// plainText is the text's bytes, if it is plain. They are a view of a binary's.
func plainText(t term.Term) (s []byte, ok bool) {
	if s, ok = t.Bytes(); ok {
		return s, isPlain(s)
	}
	s = make([]byte, 0, 64)
	for ; t.IsCons(); t = t.Tail() {
		c := t.Head()
		if !c.IsSmall() || uint64(c.Small()) >= 0x80 {
			return nil, false
		}
		s = append(s, byte(c.Small()))
	}
	return s, t == term.Nil
}

func isPlain(s []byte) bool {
	for _, c := range s {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// textIndex is the place of the first occurrence of a pattern from a place on, or -1.
func textIndex(s, pattern []byte, from int) int {
	for {
		i := bytes.Index(s[from:], pattern)
		if i < 0 {
			return -1
		}
		if !splitsNewline(s, from+i+len(pattern)) {
			return from + i
		}
		from += i + 1
	}
}

func lastIndex(s, pattern []byte) int {
	for to := len(s); ; {
		i := bytes.LastIndex(s[:to], pattern)
		if i < 0 || !splitsNewline(s, i+len(pattern)) {
			return i
		}
		to = i + len(pattern) - 1
	}
}

// splitsNewline reports whether a place lies between a carriage return and its line feed.
func splitsNewline(s []byte, at int) bool {
	return at > 0 && at < len(s) && s[at-1] == '\r' && s[at] == '\n'
}

// span is a part of a text.
type span struct{ from, to int }

// plainParts makes terms of parts of a text that follow each other; what reaches to a list's end is shared with it.
func plainParts(p *proc.Process, text term.Term, s []byte, parts []span) term.Term {
	h := &p.Heap
	made := make([]term.Term, len(parts))
	if text.IsList() {
		var chars []term.Term
		at := 0
		for i, x := range parts {
			for ; at < x.from; at++ {
				text = text.Tail()
			}
			if x.to == len(s) {
				made[i] = text
				continue
			}
			chars = chars[:0]
			for _, c := range s[x.from:x.to] {
				chars = append(chars, term.Int(int(c)))
			}
			made[i] = h.List(chars...)
		}
	} else {
		for i, x := range parts {
			made[i] = h.SubBits(text, x.from*8, (x.to-x.from)*8)
		}
	}
	return h.List(made...)
}

func plainPair(a []term.Term) (text, pattern []byte, ok bool) {
	if text, ok = plainText(a[0]); !ok {
		return
	}
	pattern, ok = plainText(a[1])
	return text, pattern, ok && len(pattern) > 0
}

// gerl_plain:split(Text, Pattern, leading | trailing | all) -> [Part] | false
func gerlPlainSplit3(p *proc.Process, a []term.Term) term.Term {
	s, pattern, ok := plainPair(a)
	if !ok {
		return term.AtomFalse
	}
	p.Bump(len(s) / 64)
	var parts []span
	last := 0
	switch a[2] {
	case atomTrailing:
		if i := lastIndex(s, pattern); i >= 0 {
			parts, last = append(parts, span{0, i}), i+len(pattern)
		}
	case atomLeading, atomReAll:
		for {
			i := textIndex(s, pattern, last)
			if i < 0 {
				break
			}
			parts = append(parts, span{last, i})
			last = i + len(pattern)
			if a[2] == atomLeading {
				break
			}
		}
	default:
		return term.AtomFalse
	}
	return plainParts(p, a[0], s, append(parts, span{last, len(s)}))
}

// gerl_plain:find(Text, Pattern, leading | trailing) -> Rest | nomatch | false
func gerlPlainFind3(p *proc.Process, a []term.Term) term.Term {
	s, pattern, ok := plainPair(a)
	if !ok {
		return term.AtomFalse
	}
	p.Bump(len(s) / 64)
	var i int
	switch a[2] {
	case atomLeading:
		i = textIndex(s, pattern, 0)
	case atomTrailing:
		i = lastIndex(s, pattern)
	default:
		return term.AtomFalse
	}
	if i < 0 {
		return atomNomatch
	}
	return plainParts(p, a[0], s, []span{{i, len(s)}}).Head()
}

// separatorSet reads a list of characters; all of them must be below limit.
func separatorSet(t term.Term, limit int) (set [256]bool, ok bool) {
	for ; t.IsCons(); t = t.Tail() {
		c := t.Head()
		if !c.IsSmall() || c.Small() < 0 || c.Small() >= limit {
			return set, false
		}
		set[c.Small()] = true
	}
	return set, t == term.Nil
}

// gerl_plain:lexemes(Text, Separators) -> [Part] | false
func gerlPlainLexemes2(p *proc.Process, a []term.Term) term.Term {
	set, ok := separatorSet(a[1], 0x80)
	if !ok {
		return term.AtomFalse
	}
	s, ok := plainText(a[0])
	if !ok {
		return term.AtomFalse
	}
	p.Bump(len(s) / 64)
	var parts []span
	// among separators with a carriage return the two together are a character that is none
	separates := func(at int) bool {
		return set[s[at]] && !splitsNewline(s, at+1) && !(set['\r'] && splitsNewline(s, at))
	}
	for at := 0; at < len(s); {
		if separates(at) {
			at++
			continue
		}
		from := at
		for at < len(s) && !separates(at) {
			at++
		}
		parts = append(parts, span{from, at})
	}
	return plainParts(p, a[0], s, parts)
}

// gerl_plain:tokens(List, Separators) -> [Part] | false, for lists and separators that are integers of any size.
func gerlPlainTokens2(p *proc.Process, a []term.Term) term.Term {
	set, ok := separatorSet(a[1], 256)
	if !ok {
		return term.AtomFalse
	}
	var part, parts []term.Term
	n := 0
	t := a[0]
	for ; t.IsCons(); t = t.Tail() {
		c := t.Head()
		if !c.IsSmall() {
			return term.AtomFalse
		}
		n++
		if v := c.Small(); v < 0 || v > 255 || !set[v] {
			part = append(part, c)
		} else if len(part) > 0 {
			parts, part = append(parts, p.Heap.List(part...)), part[:0]
		}
	}
	if t != term.Nil {
		return term.AtomFalse
	}
	if len(part) > 0 {
		parts = append(parts, p.Heap.List(part...))
	}
	p.Bump(n / 64)
	return p.Heap.List(parts...)
}
