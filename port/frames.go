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

func (f *framer) lines(data []byte, emit func(piece)) {
	for len(data) > 0 {
		i := bytes.IndexByte(data, '\n')
		room := f.o.Line - len(f.rest)
		switch {
		case i >= 0 && i <= room:
			emit(piece{append(f.rest, data[:i]...), atomEOL})
			data = data[i+1:]
		case len(data) > room:
			emit(piece{append(f.rest, data[:room]...), atomNoEOL})
			data = data[room:]
		default:
			f.rest = append(f.rest, data...)
			return
		}
		f.rest = f.rest[:0]
	}
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
