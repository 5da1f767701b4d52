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

// packetKind reads the packet type of decode_packet.
func packetKind(kind term.Term) (port.Packet, bool) {
	if kind.IsAtom() {
		return port.PacketNamed(kind.AtomName())
	}
	n, ok := smallIn(kind, 0, 4)
	if !ok {
		return 0, false
	}
	k, ok := map[int]port.Packet{0: port.PacketRaw, 1: port.Packet1, 2: port.Packet2, 4: port.Packet4}[n]
	return k, ok
}

// framingArgs reads the options of decode_packet.
func framingArgs(kind port.Packet, options term.Term) (f port.Framing, ok bool) {
	f = port.Framing{Kind: kind, Delimiter: '\n', Wide: true}
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
	if f.Kind.IsHTTP() && f.Max == 0 {
		f.Max = f.LineLimit
	}
	return f, options.IsNil()
}

// erlang:decode_packet(Type, Bin, Options) -> {ok, Packet, Rest} | {more, Length | undefined} | {error, invalid}
func erlangDecodePacket3(p *proc.Process, a []term.Term) term.Term {
	kind, ok := packetKind(a[0])
	if !ok {
		return p.BadargCause(atomBadopt)
	}
	f, ok := framingArgs(kind, a[2])
	bin := a[1]
	data, isBin := bin.Bytes()
	if !ok || !isBin {
		return p.Badarg()
	}
	h := &p.Heap
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
	return h.Tuple(term.AtomOk, packet, h.SubBits(bin, total*8, (len(data)-total)*8))
}
