package bifs

import (
	"github.com/gerl-lang/gerl/port"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

var (
	atomPacketSize    = term.Intern("packet_size")
	atomLineLength    = term.Intern("line_length")
	atomLineDelimiter = term.Intern("line_delimiter")
	atomMore          = term.Intern("more")
	atomInvalid       = term.Intern("invalid")
)

// framingArgs reads the packet type and the options of decode_packet.
func framingArgs(kind, options term.Term) (f port.Framing, ok bool) {
	f.Delimiter = '\n'
	if n, isInt := smallIn(kind, 0, 4); isInt {
		kinds := map[int]port.Packet{0: port.PacketRaw, 1: port.Packet1, 2: port.Packet2, 4: port.Packet4}
		if f.Kind, ok = kinds[n]; !ok {
			return f, false
		}
	} else if !kind.IsAtom() {
		return f, false
	} else if f.Kind, ok = port.PacketNamed(kind.AtomName()); !ok {
		return f, false
	}
	for ; options.IsCons(); options = options.Tail() {
		o := options.Head()
		if !o.TupleOf(2) {
			return f, false
		}
		n, isSize := smallIn(o.Elem(1), 0, 1<<32-1)
		switch {
		case !isSize:
			return f, false
		case o.Elem(0) == atomPacketSize:
			f.Max = n
		case o.Elem(0) == atomLineLength:
			f.LineLimit = n
		case o.Elem(0) == atomLineDelimiter && n < 256:
			f.Delimiter = byte(n)
		default:
			return f, false
		}
	}
	return f, options.IsNil()
}

// erlang:decode_packet(Type, Bin, Options) -> {ok, Packet, Rest} | {more, Length | undefined} | {error, invalid}
func erlangDecodePacket3(p *proc.Process, a []term.Term) term.Term {
	f, ok := framingArgs(a[0], a[2])
	bits, isBits := term.BitSize(a[1])
	if !ok || !isBits {
		return p.Badarg()
	}
	h := &p.Heap
	bin := a[1]
	data, whole := bin.Bytes()
	if !whole {
		data, _ = h.SubBits(bin, 0, bits&^7).Bytes()
	}
	total, ok := f.Frame(data)
	switch {
	case !ok:
		return h.Tuple(term.AtomError, atomInvalid)
	case total == 0:
		return h.Tuple(atomMore, term.AtomUndefined)
	case total > len(data):
		return h.Tuple(atomMore, term.Int(total))
	}
	packet := f.Decode(h, data[:total])
	return h.Tuple(term.AtomOk, packet, h.SubBits(bin, total*8, bits-total*8))
}
