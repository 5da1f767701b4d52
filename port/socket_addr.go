//go:build unix

package port

import (
	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

var socketDomains = map[string]int{"inet": unix.AF_INET, "inet6": unix.AF_INET6, "local": unix.AF_UNIX, "unspec": unix.AF_UNSPEC}

// DomainTerm is the name of an address family, or its number.
func DomainTerm(domain int) term.Term { return nameOr(socketDomains, domain) }

func nameOr(names map[string]int, number int) term.Term {
	for name, n := range names {
		if n == number {
			return term.Intern(name)
		}
	}
	return term.Int(number)
}

var socketTypes = map[string]int{
	"stream": unix.SOCK_STREAM, "dgram": unix.SOCK_DGRAM, "raw": unix.SOCK_RAW, "rdm": unix.SOCK_RDM, "seqpacket": unix.SOCK_SEQPACKET,
}

// TypeTerm is the name of a type of sockets, or its number.
func TypeTerm(typ int) term.Term { return nameOr(socketTypes, typ) }

// SocketDomain and SocketType read names or numbers.
func SocketDomain(t term.Term) (int, bool) { return nameNumber(socketDomains, t) }

// SocketType reads the type of a socket.
func SocketType(t term.Term) (int, bool) { return nameNumber(socketTypes, t) }

func nameNumber(names map[string]int, t term.Term) (int, bool) {
	if t.IsAtom() {
		n, ok := names[t.AtomName()]
		return n, ok
	}
	if t.IsSmall() && t.Small() >= 0 && t.Small() <= 1<<31-1 {
		return t.Small(), true
	}
	return 0, false
}

// SocketProtocol reads a protocol: a name, default or a number.
func SocketProtocol(t term.Term) (int, bool) {
	if t.IsAtom() && t.AtomName() == "default" {
		return 0, true
	}
	return nameNumber(socketProtocols, t)
}

// ProtocolTerm is the name of a protocol, or its number.
func ProtocolTerm(number int) term.Term {
	if number == 0 {
		return term.Intern("ip")
	}
	return nameOr(socketProtocols, number)
}

// Protocols gives the names of the protocols that are known.
func Protocols() (names []string) {
	for name := range socketProtocols {
		names = append(names, name)
	}
	return names
}

// Sockaddr reads an address. reason says what is wrong with it, None if nothing is.
func Sockaddr(h *term.Heap, t term.Term) (a unix.Sockaddr, reason term.Term) {
	bad := func(more ...term.Term) (unix.Sockaddr, term.Term) {
		elems := append(append([]term.Term{atomSockaddr}, more...), t)
		return nil, h.Tuple(atomInvalid, h.Tuple(elems...))
	}
	family, ok := term.MapGet(t, atomFamily)
	if !ok {
		return bad(atomFamily)
	}
	if !family.IsAtom() {
		return bad()
	}
	var known []term.Term
	switch family.AtomName() {
	case "inet":
		known = []term.Term{atomFamily, atomPort, atomAddr}
	case "inet6":
		known = []term.Term{atomFamily, atomPort, atomAddr, atomFlowinfo, atomScopeID}
	case "local":
		path, ok := term.MapGet(t, atomPath)
		name, isName := localPath(path, ok)
		switch {
		case !isName:
			return bad(atomPath)
		case len(name) > maxLocalPath:
			return bad()
		case term.MapSize(t) > 2:
			return bad(h.Tuple(atomKeys, unknownKeys(h, t, []term.Term{atomFamily, atomPath})))
		}
		return &unix.SockaddrUnix{Name: name}, term.None
	default:
		return bad()
	}
	if rest := unknownKeys(h, t, known); rest != term.Nil {
		return bad(h.Tuple(atomKeys, rest))
	}
	number := 0
	if v, ok := term.MapGet(t, atomPort); ok {
		if !v.IsSmall() {
			return bad()
		}
		number = v.Small() & 0xffff
	}
	addr := atomAny
	if v, ok := term.MapGet(t, atomAddr); ok {
		addr = v
	}
	if family.AtomName() == "inet" {
		ip, ok := ipOf(addr, 4)
		if !ok {
			return bad()
		}
		return &unix.SockaddrInet4{Port: number, Addr: [4]byte(ip)}, term.None
	}
	ip, ok := ipOf(addr, 16)
	if !ok {
		return bad()
	}
	scope := 0
	for _, key := range []term.Term{atomFlowinfo, atomScopeID} {
		if v, ok := term.MapGet(t, key); ok {
			if !v.IsSmall() || v.Small() < 0 || v.Small() > 1<<32-1 {
				return bad()
			}
			if key == atomScopeID {
				scope = v.Small()
			}
		}
	}
	return &unix.SockaddrInet6{Port: number, Addr: [16]byte(ip), ZoneId: uint32(scope)}, term.None
}

// maxLocalPath is how long the path of a local address may be.
const maxLocalPath = 107

func localPath(t term.Term, ok bool) (string, bool) {
	if !ok || !t.IsList() && !t.IsBitstring() {
		return "", false
	}
	if b, ok := t.Bytes(); ok {
		return string(b), true
	}
	return term.CharsText(t)
}

func unknownKeys(h *term.Heap, m term.Term, known []term.Term) term.Term {
	rest := term.Nil
	term.MapEach(m, func(k, _ term.Term) bool {
		for _, o := range known {
			if k == o {
				return true
			}
		}
		rest = h.Cons(k, rest)
		return true
	})
	return rest
}

// ipOf reads an address of so many bytes: a tuple, or a name such as any.
func ipOf(t term.Term, size int) ([]byte, bool) {
	if t.IsAtom() {
		ip := make([]byte, size)
		switch t.AtomName() {
		case "any":
		case "loopback":
			if size == 4 {
				ip[0] = 127
			}
			ip[size-1] = 1
		case "broadcast":
			if size != 4 {
				return nil, false
			}
			copy(ip, []byte{255, 255, 255, 255})
		default:
			return nil, false
		}
		return ip, true
	}
	ip, ok := IPBytes(t)
	return ip, ok && len(ip) == size
}

// SockaddrTerm is an address as module socket shows it.
func SockaddrTerm(h *term.Heap, a unix.Sockaddr, domain int) term.Term {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return h.MapFromPairs([]term.Term{atomFamily, term.Intern("inet"), atomPort, term.Int(a.Port), atomAddr, ipTerm(h, a.Addr[:])})
	case *unix.SockaddrInet6:
		return h.MapFromPairs([]term.Term{atomFamily, term.Intern("inet6"), atomPort, term.Int(a.Port), atomAddr, ipTerm(h, a.Addr[:]),
			atomFlowinfo, term.Int(0), atomScopeID, term.Int(int(a.ZoneId))})
	case *unix.SockaddrUnix:
		return h.MapFromPairs([]term.Term{atomFamily, atomLocal, atomPath, h.Binary([]byte(localName(a.Name)))})
	}
	if domain == unix.AF_UNIX {
		return h.MapFromPairs([]term.Term{atomFamily, atomLocal, atomPath, h.Binary(nil)})
	}
	return unspecified(h)
}

// unspecified is the address that tells nothing.
func unspecified(h *term.Heap) term.Term {
	return h.MapFromPairs([]term.Term{atomFamily, term.Intern("unspec"), atomAddr, h.Binary(nil)})
}

var (
	atomSockaddr = term.Intern("sockaddr")
	atomFamily   = term.Intern("family")
	atomFlowinfo = term.Intern("flowinfo")
	atomScopeID  = term.Intern("scope_id")
	atomPath     = term.Intern("path")
	atomKeys     = term.Intern("keys")
	atomAny      = term.Intern("any")
)
