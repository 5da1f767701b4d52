package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

var (
	atomUppercase = term.Intern("uppercase")
	atomLowercase = term.Intern("lowercase")
)

func encodeHex(p *proc.Process, bin term.Term, digits string) term.Term {
	b, ok := bin.Bytes()
	if !ok {
		return p.Badarg()
	}
	t, out := p.Heap.NewBinary(2 * len(b))
	for i, c := range b {
		out[2*i], out[2*i+1] = digits[c>>4], digits[c&15]
	}
	p.Bump(len(b) / 500)
	return t
}

func binaryEncodeHex1(p *proc.Process, a []term.Term) term.Term {
	return encodeHex(p, a[0], "0123456789ABCDEF")
}

func binaryEncodeHex2(p *proc.Process, a []term.Term) term.Term {
	switch a[1] {
	case atomUppercase:
		return binaryEncodeHex1(p, a)
	case atomLowercase:
		return encodeHex(p, a[0], "0123456789abcdef")
	}
	return p.Badarg()
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

func binaryDecodeHex1(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	if !ok || len(b)%2 != 0 {
		return p.Badarg()
	}
	out := make([]byte, len(b)/2)
	for i := range out {
		hi, ok1 := hexDigit(b[2*i])
		lo, ok2 := hexDigit(b[2*i+1])
		if !ok1 || !ok2 {
			return p.Badarg()
		}
		out[i] = hi<<4 | lo
	}
	p.Bump(len(b) / 500)
	return p.Heap.Binary(out)
}

func binaryJoin2(p *proc.Process, a []term.Term) term.Term {
	sep, ok := a[1].Bytes()
	if !ok || !a[0].IsList() {
		return p.Badarg()
	}
	var out []byte
	l := a[0]
	for first := true; l.IsCons(); l, first = l.Tail(), false {
		b, ok := l.Head().Bytes()
		if !ok {
			return p.Badarg()
		}
		if !first {
			out = append(out, sep...)
		}
		out = append(out, b...)
	}
	if !l.IsNil() {
		return p.Badarg()
	}
	p.Bump(len(out) / 500)
	return p.Heap.Binary(out)
}
