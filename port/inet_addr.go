//go:build unix

package port

import (
	"strings"

	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// ipTerm is the tuple of four bytes or of eight words that an address is.
func ipTerm(h *term.Heap, ip []byte) term.Term {
	step := 1
	if len(ip) == 16 {
		step = 2
	}
	elems := make([]term.Term, 0, 8)
	for i := 0; i < len(ip); i += step {
		v := int(ip[i])
		if step == 2 {
			v = v<<8 | int(ip[i+1])
		}
		elems = append(elems, term.Int(v))
	}
	return h.Tuple(elems...)
}

func isLinkLocal(ip []byte) bool {
	return ip[0] == 0xfe && ip[1] == 0x80 || ip[0] == 0xff && ip[1] == 2
}

// addressParts gives address and port number; a local address is {local, Path} and 0.
func addressParts(h *term.Heap, a unix.Sockaddr, domain int) (address, number term.Term) {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return ipTerm(h, a.Addr[:]), term.Int(a.Port)
	case *unix.SockaddrInet6:
		ip := a.Addr
		if a.ZoneId != 0 && a.ZoneId <= 0xffff && isLinkLocal(ip[:]) {
			ip[2], ip[3] = byte(a.ZoneId>>8), byte(a.ZoneId)
		}
		return ipTerm(h, ip[:]), term.Int(a.Port)
	case *unix.SockaddrUnix:
		return h.Tuple(atomLocal, h.Binary([]byte(localName(a.Name)))), term.Int(0)
	}
	if domain == unix.AF_UNIX {
		return h.Tuple(atomLocal, h.Binary(nil)), term.Int(0)
	}
	return term.AtomUndefined, term.Int(0)
}

// localName is the path of a local address. The system package shows the zero byte that an abstract name starts with as @; a
// socket without a name has nothing but that.
func localName(name string) string {
	switch {
	case name == "@":
		return ""
	case strings.HasPrefix(name, "@"):
		return "\x00" + name[1:]
	}
	return name
}

// AddressTerm is {Address, Port}, or {local, Path}.
func AddressTerm(h *term.Heap, a unix.Sockaddr, domain int) term.Term {
	address, number := addressParts(h, a, domain)
	if domain == unix.AF_UNIX {
		return address
	}
	return h.Tuple(address, number)
}

// IPBytes reads the tuple of an address: 4 or 16 bytes.
func IPBytes(t term.Term) (ip []byte, ok bool) {
	step, limit := 1, 255
	switch {
	case t.TupleOf(4):
	case t.TupleOf(8):
		step, limit = 2, 65535
	default:
		return nil, false
	}
	for i := range t.Arity() {
		e := t.Elem(i)
		if !e.IsSmall() || e.Small() < 0 || e.Small() > limit {
			return nil, false
		}
		if step == 2 {
			ip = append(ip, byte(e.Small()>>8))
		}
		ip = append(ip, byte(e.Small()))
	}
	return ip, true
}

// Address reads {IP, Port}, {IP, Port, ScopeId} or {local, Path} for a socket of the domain.
func Address(t term.Term, domain int) (a unix.Sockaddr, ok bool) {
	if !t.IsTuple() || t.Arity() < 2 || t.Arity() > 3 {
		return nil, false
	}
	if t.Elem(0) == atomLocal {
		path, ok := term.IOListBytes(t.Elem(1))
		if !ok || domain != unix.AF_UNIX || len(path) > 107 {
			return nil, false
		}
		return &unix.SockaddrUnix{Name: string(path)}, true
	}
	n := t.Elem(1)
	if !n.IsSmall() || n.Small() < 0 || n.Small() > 65535 || domain == unix.AF_UNIX {
		return nil, false
	}
	ip, ok := IPBytes(t.Elem(0))
	switch {
	case !ok:
		return nil, false
	case domain == unix.AF_INET && len(ip) == 4:
		return &unix.SockaddrInet4{Port: n.Small(), Addr: [4]byte(ip)}, true
	case domain == unix.AF_INET6 && len(ip) == 16:
		scope := uint32(0)
		if t.Arity() == 3 && t.Elem(2).IsSmall() {
			scope = uint32(t.Elem(2).Small())
		}
		if zone := uint32(ip[2])<<8 | uint32(ip[3]); zone != 0 && isLinkLocal(ip) {
			// the address of a link has the number of the link in it
			ip[2], ip[3] = 0, 0
			scope = zone
		}
		return &unix.SockaddrInet6{Port: n.Small(), Addr: [16]byte(ip), ZoneId: scope}, true
	}
	return nil, false
}
