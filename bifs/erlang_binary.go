package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

func erlangByteSize1(p *proc.Process, a []term.Term) term.Term {
	n, ok := term.BitSize(a[0])
	return orBadarg(p, term.Int((n+7)/8), ok)
}

func erlangBitSize1(p *proc.Process, a []term.Term) term.Term {
	n, ok := term.BitSize(a[0])
	return orBadarg(p, term.Int(n), ok)
}

func erlangSplitBinary2(p *proc.Process, a []term.Term) term.Term {
	n, ok := term.BitSize(a[0])
	if !ok {
		return p.Badarg()
	}
	pos, ok := smallIn(a[1], 0, (n+7)/8)
	if !ok || pos*8 > n {
		return p.Badarg()
	}
	h := &p.Heap
	return h.Tuple(h.SubBits(a[0], 0, pos*8), h.SubBits(a[0], pos*8, n-pos*8))
}

// partRange checks position and length of a part of size bytes; a negative length reaches backwards.
func partRange(pos, length term.Term, size int) (from, n int, ok bool) {
	from, ok1 := smallIn(pos, 0, size)
	n, ok2 := smallIn(length, -size, size)
	if !ok1 || !ok2 {
		return 0, 0, false
	}
	if n < 0 {
		from, n = from+n, -n
	}
	return from, n, from >= 0 && from+n <= size
}

func binaryPart(p *proc.Process, bin, pos, length term.Term) term.Term {
	if !bin.IsBinary() {
		return p.Badarg()
	}
	size, _ := term.BitSize(bin)
	from, n, ok := partRange(pos, length, size/8)
	if !ok {
		return p.Badarg()
	}
	return p.Heap.SubBits(bin, from*8, n*8)
}

func erlangBinaryPart3(p *proc.Process, a []term.Term) term.Term {
	return binaryPart(p, a[0], a[1], a[2])
}

func erlangBinaryPart2(p *proc.Process, a []term.Term) term.Term {
	if !a[1].TupleOf(2) {
		return p.Badarg()
	}
	return binaryPart(p, a[0], a[1].Elem(0), a[1].Elem(1))
}

func erlangBinaryToList1(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	if !ok {
		return p.Badarg()
	}
	p.Bump(len(b) / 100)
	return byteList(&p.Heap, b, term.Nil)
}

// binary_to_list(Bin, Start, Stop): positions count from 1, both ends belong to it.
func erlangBinaryToList3(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	if !ok {
		return p.Badarg()
	}
	from, ok1 := smallIn(a[1], 1, len(b))
	to, ok2 := smallIn(a[2], 1, len(b))
	if !ok1 || !ok2 || from > to {
		return p.Badarg()
	}
	return byteList(&p.Heap, b[from-1:to], term.Nil)
}

// bitstring_to_list: bytes, then what is left as a bitstring.
func erlangBitstringToList1(p *proc.Process, a []term.Term) term.Term {
	n, ok := term.BitSize(a[0])
	if !ok {
		return p.Badarg()
	}
	h := &p.Heap
	tail := term.Nil
	if n%8 != 0 {
		tail = h.List(h.SubBits(a[0], n&^7, n%8))
	}
	bits, _ := term.BitsOf(a[0])
	return byteList(h, bits.Bytes()[:n/8], tail)
}

func erlangIolistToBinary1(p *proc.Process, a []term.Term) term.Term {
	if a[0].IsBinary() {
		return a[0]
	}
	n, ok := term.IOListSize(a[0])
	if !ok {
		return p.Badarg()
	}
	p.Bump(n / 200)
	t, data := p.Heap.NewBinary(n)
	term.AppendIOList(data[:0], a[0])
	return t
}

func erlangListToBinary1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsList() {
		return p.Badarg()
	}
	return erlangIolistToBinary1(p, a)
}

func erlangIolistSize1(p *proc.Process, a []term.Term) term.Term {
	n, ok := term.IOListSize(a[0])
	return orBadarg(p, term.Int(n), ok)
}

func erlangIolistToIovec1(p *proc.Process, a []term.Term) term.Term {
	t := erlangIolistToBinary1(p, a)
	if t == term.None {
		return t
	}
	if n, _ := term.BitSize(t); n == 0 {
		return term.Nil
	}
	return p.Heap.List(t)
}

// list_to_bitstring: like list_to_binary, and bitstrings of any length may occur.
func erlangListToBitstring1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsList() {
		return p.Badarg()
	}
	var w bitWriter
	stack := []term.Term{a[0]}
	for len(stack) > 0 {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for t.IsCons() {
			x := t.Head()
			t = t.Tail()
			if v, ok := smallIn(x, 0, 255); ok {
				w.write([]byte{byte(v)}, 8)
				continue
			}
			if bits, ok := term.BitsOf(x); ok {
				w.write(bits.Bytes(), bits.Len)
				continue
			}
			if !x.IsList() {
				return p.Badarg()
			}
			stack = append(stack, t)
			t = x
		}
		if t.IsNil() {
			continue
		}
		bits, ok := term.BitsOf(t)
		if !ok {
			return p.Badarg()
		}
		w.write(bits.Bytes(), bits.Len)
	}
	return p.Heap.Bits(w.data, w.n)
}

// bitWriter appends runs of bits.
type bitWriter struct {
	data []byte
	n    int
}

// write appends the first n bits of b.
func (w *bitWriter) write(b []byte, n int) {
	if w.n%8 == 0 {
		w.data = append(w.data, b[:(n+7)/8]...)
		w.n += n
		if n%8 != 0 {
			w.data[len(w.data)-1] &= 0xFF << (8 - n%8)
		}
		return
	}
	shift := w.n % 8
	for i := 0; i < n; i += 8 {
		c := b[i/8]
		k := min(8, n-i)
		c &= 0xFF << (8 - k)
		w.data[len(w.data)-1] |= c >> shift
		if shift+k > 8 {
			w.data = append(w.data, c<<(8-shift))
		}
		w.n += k
	}
}
