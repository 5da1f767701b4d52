package port

import (
	"bytes"

	"github.com/gerl-lang/gerl/term"
)

// framer cuts what comes in into the pieces that become messages.
type framer struct {
	o    *Options
	rest []byte
}

// piece is one message's data; line is 0, or eol or noeol in line mode.
type piece struct {
	data []byte
	line term.Term
}

var (
	atomData  = term.Intern("data")
	atomEOL   = term.Intern("eol")
	atomNoEOL = term.Intern("noeol")
)

// body is the term {data, ...} of a piece.
func (f *framer) body(h *term.Heap, p piece) term.Term {
	var t term.Term
	if f.o.Binary {
		t = h.Binary(p.data)
	} else {
		t = h.ByteList(p.data, term.Nil)
	}
	if p.line != term.None {
		t = h.Tuple(p.line, t)
	}
	return h.Tuple(atomData, t)
}

// feed calls emit for each piece that data completes.
func (f *framer) feed(data []byte, emit func(piece)) {
	switch {
	case f.o.Line > 0:
		f.lines(data, emit)
	case f.o.Packet > 0:
		f.packets(data, emit)
	default:
		emit(piece{data: data})
	}
}

// lines cuts data at line feeds, and at the limit. A carriage return before the line feed belongs to it, and counts for nothing.
func (f *framer) lines(data []byte, emit func(piece)) {
	f.rest = append(f.rest, data...)
	left, limit := f.rest, f.o.Line
	for {
		i := bytes.IndexByte(left, '\n')
		if line := bytes.TrimSuffix(left[:max(i, 0)], []byte{'\r'}); i >= 0 && len(line) <= limit {
			emit(piece{line, atomEOL})
			left = left[i+1:]
			continue
		}
		if len(left) <= limit || i < 0 && len(left) == limit+1 && left[limit] == '\r' {
			break
		}
		emit(piece{left[:limit], atomNoEOL})
		left = left[limit:]
	}
	f.rest = append(f.rest[:0], left...)
}

func (f *framer) packets(data []byte, emit func(piece)) {
	f.rest = append(f.rest, data...)
	from := 0
	for {
		left := f.rest[from:]
		if len(left) < f.o.Packet {
			break
		}
		n := 0
		for _, b := range left[:f.o.Packet] {
			n = n<<8 | int(b)
		}
		if len(left)-f.o.Packet < n {
			break
		}
		emit(piece{data: left[f.o.Packet : f.o.Packet+n]})
		from += f.o.Packet + n
	}
	f.rest = append(f.rest[:0], f.rest[from:]...)
}

// finish gives what is left of an unfinished line.
func (f *framer) finish(emit func(piece)) {
	if f.o.Line > 0 && len(f.rest) > 0 {
		emit(piece{f.rest, atomNoEOL})
	}
	f.rest = nil
}

// header is the length that goes before a packet of n bytes; false if it does not fit.
func (o *Options) header(n int) ([]byte, bool) {
	if o.Packet == 0 {
		return nil, true
	}
	if o.Packet < 8 && n>>(8*o.Packet) != 0 {
		return nil, false
	}
	b := make([]byte, o.Packet)
	for i := range b {
		b[len(b)-1-i] = byte(n >> (8 * i))
	}
	return b, true
}
