package bifs

import (
	"bytes"
	"math/big"
	"slices"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

var (
	atomNomatch = term.Intern("nomatch")
	atomGlobal  = term.Intern("global")
	atomScope   = term.Intern("scope")
	atomTrim    = term.Intern("trim")
	atomTrimAll = term.Intern("trim_all")
	atomBm      = term.Intern("bm")
	atomAc      = term.Intern("ac")
)

func binaryAt2(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	if !ok {
		return p.Badarg()
	}
	i, ok := smallIn(a[1], 0, len(b)-1)
	if !ok {
		return p.Badarg()
	}
	return term.Int(int(b[i]))
}

func binaryFirst1(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	if !ok || len(b) == 0 {
		return p.Badarg()
	}
	return term.Int(int(b[0]))
}

func binaryLast1(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	if !ok || len(b) == 0 {
		return p.Badarg()
	}
	return term.Int(int(b[len(b)-1]))
}

func binaryPart2(p *proc.Process, a []term.Term) term.Term { return erlangBinaryPart2(p, a) }
func binaryPart3(p *proc.Process, a []term.Term) term.Term { return erlangBinaryPart3(p, a) }

func binaryListToBin1(p *proc.Process, a []term.Term) term.Term { return erlangListToBinary1(p, a) }

func binToList(p *proc.Process, bin, pos, length term.Term) term.Term {
	b, ok := bin.Bytes()
	if !ok {
		return p.Badarg()
	}
	from, n, ok := partRange(pos, length, len(b))
	if !ok {
		return p.Badarg()
	}
	return byteList(&p.Heap, b[from:from+n], term.Nil)
}

func binaryBinToList1(p *proc.Process, a []term.Term) term.Term { return erlangBinaryToList1(p, a) }
func binaryBinToList2(p *proc.Process, a []term.Term) term.Term {
	if !a[1].TupleOf(2) {
		return p.Badarg()
	}
	return binToList(p, a[0], a[1].Elem(0), a[1].Elem(1))
}
func binaryBinToList3(p *proc.Process, a []term.Term) term.Term {
	return binToList(p, a[0], a[1], a[2])
}

func binaryCopy1(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	if !ok {
		return p.Badarg()
	}
	return p.Heap.Binary(b)
}

// maxBinary is the largest result of binary:copy/2 in bytes.
const maxBinary = 1<<58 - 1

func binaryCopy2(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	n, ok2 := smallIn(a[1], 0, maxInt)
	if !ok || !ok2 {
		return p.Badarg()
	}
	if len(b) > 0 && n > maxBinary/len(b) {
		return p.SystemLimit()
	}
	t, data := p.Heap.NewBinary(n * len(b))
	for i := 0; i < len(data); i += len(b) {
		copy(data[i:], b)
	}
	p.Bump(len(data) / 1000)
	return t
}

func binaryReferencedByteSize1(p *proc.Process, a []term.Term) term.Term {
	n, ok := term.BitSize(a[0])
	if !ok || n%8 != 0 {
		return p.Badarg()
	}
	if size, _ := term.BinaryInfo(a[0]); size > n/8 {
		return term.Int(size)
	}
	return term.Int(n / 8)
}

func endianArg(t term.Term) (little, ok bool) {
	return t == term.AtomLittle, t == term.AtomLittle || t == term.AtomBig
}

func encodeUnsigned(p *proc.Process, n, endian term.Term) term.Term {
	little, ok := endianArg(endian)
	if !ok || !n.IsInteger() || term.IntSign(n) < 0 {
		return p.Badarg()
	}
	b := n.BigInt().Bytes()
	if len(b) == 0 {
		b = []byte{0}
	}
	if little {
		slices.Reverse(b)
	}
	return p.Heap.Binary(b)
}

func decodeUnsigned(p *proc.Process, bin, endian term.Term) term.Term {
	little, ok := endianArg(endian)
	b, ok2 := bin.Bytes()
	if !ok || !ok2 {
		return p.Badarg()
	}
	if little {
		b = slices.Clone(b)
		slices.Reverse(b)
	}
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	if len(b) > term.MaxBigWords*8 {
		return p.SystemLimit()
	}
	return p.Heap.BigInt(new(big.Int).SetBytes(b))
}

func binaryEncodeUnsigned1(p *proc.Process, a []term.Term) term.Term {
	return encodeUnsigned(p, a[0], term.AtomBig)
}
func binaryEncodeUnsigned2(p *proc.Process, a []term.Term) term.Term {
	return encodeUnsigned(p, a[0], a[1])
}
func binaryDecodeUnsigned1(p *proc.Process, a []term.Term) term.Term {
	return decodeUnsigned(p, a[0], term.AtomBig)
}
func binaryDecodeUnsigned2(p *proc.Process, a []term.Term) term.Term {
	return decodeUnsigned(p, a[0], a[1])
}

// binariesArg gives the bytes of a non-empty list of binaries.
func binariesArg(t term.Term) (bs [][]byte, ok bool) {
	for ; t.IsCons(); t = t.Tail() {
		b, ok := t.Head().Bytes()
		if !ok {
			return nil, false
		}
		bs = append(bs, b)
	}
	return bs, t.IsNil() && len(bs) > 0
}

func binaryLongestCommonPrefix1(p *proc.Process, a []term.Term) term.Term {
	bs, ok := binariesArg(a[0])
	if !ok {
		return p.Badarg()
	}
	n := len(bs[0])
	for _, b := range bs[1:] {
		n = min(n, len(b))
		for i := 0; i < n; i++ {
			if b[i] != bs[0][i] {
				n = i
			}
		}
	}
	return term.Int(n)
}

func binaryLongestCommonSuffix1(p *proc.Process, a []term.Term) term.Term {
	bs, ok := binariesArg(a[0])
	if !ok {
		return p.Badarg()
	}
	x := bs[0]
	n := len(x)
	for _, b := range bs[1:] {
		n = min(n, len(b))
		for i := 0; i < n; i++ {
			if b[len(b)-1-i] != x[len(x)-1-i] {
				n = i
			}
		}
	}
	return term.Int(n)
}

// ---- searching ---------------------------------------------------------------------------

// matcher finds patterns: the match that begins first, of those the longest.
type matcher struct {
	single []byte        // the only pattern
	byHead [256][][]byte // patterns by first byte, longest first
}

// Release implements term.Resource: a compiled pattern holds nothing outside Go's memory.
func (m *matcher) Release() {}

// find gives position and length of the first match in s[from:to].
func (m *matcher) find(s []byte, from, to int) (pos, n int, ok bool) {
	if m.single != nil {
		i := bytes.Index(s[from:to], m.single)
		return from + i, len(m.single), i >= 0
	}
	for i := from; i < to; i++ {
		for _, pat := range m.byHead[s[i]] {
			if bytes.HasPrefix(s[i:to], pat) {
				return i, len(pat), true
			}
		}
	}
	return 0, 0, false
}

// newMatcher reads a pattern: a binary, a list of binaries (none empty), or a compiled pattern.
func newMatcher(t term.Term) (m *matcher, ok bool) {
	if b, ok := t.Bytes(); ok {
		if len(b) == 0 {
			return nil, false
		}
		return &matcher{single: slices.Clone(b)}, true
	}
	if t.TupleOf(2) && (t.Elem(0) == atomBm || t.Elem(0) == atomAc) {
		if r, ok := term.MagicResource(t.Elem(1)); ok {
			m, ok := r.(*matcher)
			return m, ok && (t.Elem(0) == atomBm) == (m.single != nil)
		}
		return nil, false
	}
	bs, ok := binariesArg(t)
	if !ok {
		return nil, false
	}
	m = &matcher{}
	for _, b := range bs {
		if len(b) == 0 {
			return nil, false
		}
		m.byHead[b[0]] = append(m.byHead[b[0]], slices.Clone(b))
	}
	for _, l := range m.byHead {
		slices.SortFunc(l, func(x, y []byte) int { return len(y) - len(x) })
	}
	if len(bs) == 1 {
		m = &matcher{single: slices.Clone(bs[0])}
	}
	return m, true
}

func binaryCompilePattern1(p *proc.Process, a []term.Term) term.Term {
	if a[0].IsTuple() {
		return p.Badarg()
	}
	m, ok := newMatcher(a[0])
	if !ok {
		return p.Badarg()
	}
	tag := atomAc
	if m.single != nil {
		tag = atomBm
	}
	ref := p.MakeRef()
	nums, _ := term.RefNumbers(ref)
	return p.Heap.Tuple(tag, p.Heap.MagicRef([3]uint32(nums[:3]), m))
}

// searchOptions reads the options of match, matches and split.
type searchOptions struct {
	from, to              int
	global, trim, trimAll bool
}

func readSearchOptions(opts term.Term, size int, split bool) (o searchOptions, ok bool) {
	o.to = size
	for ; opts.IsCons(); opts = opts.Tail() {
		x := opts.Head()
		switch {
		case split && x == atomGlobal:
			o.global = true
		case split && x == atomTrim:
			o.trim = true
		case split && x == atomTrimAll:
			o.trimAll = true
		default:
			v, is := optionTuple(x, atomScope)
			if !is || !v.TupleOf(2) {
				return o, false
			}
			from, n, good := partRange(v.Elem(0), v.Elem(1), size)
			if !good {
				return o, false
			}
			o.from, o.to = from, from+n
		}
	}
	return o, opts.IsNil()
}

// search checks the arguments of match, matches and split.
func search(a []term.Term, split bool) (s []byte, m *matcher, o searchOptions, ok bool) {
	s, ok = a[0].Bytes()
	if !ok {
		return
	}
	if m, ok = newMatcher(a[1]); !ok {
		return
	}
	opts := term.Nil
	if len(a) > 2 {
		opts = a[2]
	}
	o, ok = readSearchOptions(opts, len(s), split)
	return
}

func binaryMatch(p *proc.Process, a []term.Term) term.Term {
	s, m, o, ok := search(a, false)
	if !ok {
		return p.Badarg()
	}
	p.Bump((o.to - o.from) / 1000)
	pos, n, ok := m.find(s, o.from, o.to)
	if !ok {
		return atomNomatch
	}
	return p.Heap.Tuple(term.Int(pos), term.Int(n))
}

func binaryMatches(p *proc.Process, a []term.Term) term.Term {
	s, m, o, ok := search(a, false)
	if !ok {
		return p.Badarg()
	}
	p.Bump((o.to - o.from) / 1000)
	var found []term.Term
	for o.from < o.to {
		pos, n, ok := m.find(s, o.from, o.to)
		if !ok {
			break
		}
		found = append(found, p.Heap.Tuple(term.Int(pos), term.Int(n)))
		o.from = pos + n
	}
	return p.Heap.List(found...)
}

func binarySplit(p *proc.Process, a []term.Term) term.Term {
	s, m, o, ok := search(a, true)
	if !ok {
		return p.Badarg()
	}
	p.Bump((o.to - o.from) / 1000)
	type part struct{ from, to int }
	var parts []part
	last := 0
	for o.from < o.to {
		pos, n, ok := m.find(s, o.from, o.to)
		if !ok {
			break
		}
		parts = append(parts, part{last, pos})
		last, o.from = pos+n, pos+n
		if !o.global {
			break
		}
	}
	parts = append(parts, part{last, len(s)})
	if o.trimAll {
		parts = slices.DeleteFunc(parts, func(x part) bool { return x.from == x.to })
	} else if o.trim {
		for len(parts) > 0 && parts[len(parts)-1].from == parts[len(parts)-1].to {
			parts = parts[:len(parts)-1]
		}
	}
	h := &p.Heap
	l := term.Nil
	for i := len(parts) - 1; i >= 0; i-- {
		l = h.Cons(h.SubBits(a[0], parts[i].from*8, (parts[i].to-parts[i].from)*8), l)
	}
	return l
}

func binaryMatch2(p *proc.Process, a []term.Term) term.Term   { return binaryMatch(p, a) }
func binaryMatch3(p *proc.Process, a []term.Term) term.Term   { return binaryMatch(p, a) }
func binaryMatches2(p *proc.Process, a []term.Term) term.Term { return binaryMatches(p, a) }
func binaryMatches3(p *proc.Process, a []term.Term) term.Term { return binaryMatches(p, a) }
func binarySplit2(p *proc.Process, a []term.Term) term.Term   { return binarySplit(p, a) }
func binarySplit3(p *proc.Process, a []term.Term) term.Term   { return binarySplit(p, a) }
