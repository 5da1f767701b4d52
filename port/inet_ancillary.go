//go:build unix

package port

import (
	"encoding/binary"

	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// ancillary is one fact that came with a datagram.
type ancillary struct {
	name  term.Term
	value int
}

var (
	atomTOS    = term.Intern("tos")
	atomTTL    = term.Intern("ttl")
	atomTClass = term.Intern("tclass")
)

// parseAncillary reads the control data of a datagram: those parts that options ask for.
func parseAncillary(oob []byte) (out []ancillary) {
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil
	}
	for _, m := range msgs {
		n := 0
		switch {
		case len(m.Data) >= 4:
			n = int(int32(binary.NativeEndian.Uint32(m.Data)))
		case len(m.Data) > 0:
			n = int(m.Data[0])
		}
		switch level, kind := int(m.Header.Level), int(m.Header.Type); {
		case level == unix.IPPROTO_IP && kind == unix.IP_TOS:
			out = append(out, ancillary{atomTOS, n})
		case level == unix.IPPROTO_IP && kind == unix.IP_TTL:
			out = append(out, ancillary{atomTTL, n})
		case level == unix.IPPROTO_IPV6 && kind == unix.IPV6_TCLASS:
			out = append(out, ancillary{atomTClass, n})
		}
	}
	return out
}

func ancillaryTerm(h *term.Heap, anc []ancillary) term.Term {
	out := make([]term.Term, len(anc))
	for i, a := range anc {
		out[i] = h.Tuple(a.name, term.Int(a.value))
	}
	return h.List(out...)
}

// ControlData makes the control data of a list of {tos | ttl | tclass, Value}.
func ControlData(list term.Term) (oob []byte, ok bool) {
	for ; list.IsCons(); list = list.Tail() {
		t := list.Head()
		if !t.TupleOf(2) || !t.Elem(1).IsSmall() {
			return nil, false
		}
		level, kind := unix.IPPROTO_IP, unix.IP_TOS
		switch t.Elem(0) {
		case atomTOS:
		case atomTTL:
			kind = unix.IP_TTL
		case atomTClass:
			level, kind = unix.IPPROTO_IPV6, unix.IPV6_TCLASS
		default:
			return nil, false
		}
		oob = append(oob, intMessage(level, kind, t.Elem(1).Small())...)
	}
	return oob, list.IsNil()
}

// intMessage is a control message that holds an integer.
func intMessage(level, kind, value int) []byte {
	b := make([]byte, unix.CmsgSpace(4))
	head := unix.CmsgLen(0)
	// the header is a length of the system's size, then level and type
	if head == 16 {
		binary.NativeEndian.PutUint64(b, uint64(unix.CmsgLen(4)))
	} else {
		binary.NativeEndian.PutUint32(b, uint32(unix.CmsgLen(4)))
	}
	binary.NativeEndian.PutUint32(b[head-8:], uint32(level))
	binary.NativeEndian.PutUint32(b[head-4:], uint32(kind))
	binary.NativeEndian.PutUint32(b[head:], uint32(value))
	return b
}
