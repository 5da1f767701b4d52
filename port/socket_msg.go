//go:build unix

package port

import (
	"encoding/binary"
	"strings"

	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// ---- flags ----------------------------------------------------------------------------------------

// MessageFlags reads a list of flags, each a name or a number. reason says what is wrong, None if nothing is; raised: as an exception.
func MessageFlags(h *term.Heap, list term.Term) (flags int, reason term.Term, raised bool) {
	l := list
	for ; l.IsCons(); l = l.Tail() {
		switch f := l.Head(); {
		case f.IsSmall():
			flags |= f.Small()
		case f.IsAtom():
			n, ok := messageFlags[f.AtomName()]
			if !ok {
				return 0, h.Tuple(atomInvalid, h.Tuple(term.Intern("msg_flag"), f)), false
			}
			flags |= n
		default:
			return 0, h.Tuple(atomInvalid, h.Tuple(term.Intern("msg_flags"), l)), true
		}
	}
	if !l.IsNil() {
		return 0, h.Tuple(atomInvalid, h.Tuple(term.Intern("msg_flags"), l)), true
	}
	return flags, term.None, false
}

// MessageFlagNames are the flags that this system has.
func MessageFlagNames() map[string]int { return messageFlags }

// flagTerms are the flags of a message that came: names, and what is left as a number.
func flagTerms(h *term.Heap, flags int) term.Term {
	out := term.Nil
	for _, name := range []string{"ctrunc", "eor", "errqueue", "oob", "trunc"} {
		if n, ok := messageFlags[name]; ok && n != 0 && flags&n == n {
			flags &^= n
			out = h.Cons(term.Intern(name), out)
		}
	}
	if flags != 0 {
		out = h.Cons(term.Int(flags), out)
	}
	return out
}

// ---- control messages -----------------------------------------------------------------------------

// controlKind is a kind of control message: its names and the form of its value.
type controlKind struct {
	level, kind int
	name        string
	form        valueForm
}

func levelTerm(level int) term.Term {
	switch level {
	case unix.SOL_SOCKET:
		return atomSocket
	case unix.IPPROTO_IP:
		return term.Intern("ip")
	}
	return nameOr(socketProtocols, level)
}

// controlTerms are the control messages that came with a message.
func controlTerms(h *term.Heap, data []byte) term.Term {
	list, err := unix.ParseSocketControlMessage(data)
	if err != nil {
		return term.Nil
	}
	out := make([]term.Term, 0, len(list))
	for _, m := range list {
		level, kind := int(m.Header.Level), int(m.Header.Type)
		pairs := []term.Term{atomLevel, levelTerm(level), term.Intern("data"), h.Binary(m.Data)}
		name := term.Int(kind)
		for _, k := range controlKinds {
			if k.level == level && k.kind == kind {
				name = term.Intern(k.name)
				if v := k.form.decode(h, m.Data); v != term.None {
					pairs = append(pairs, atomValue, v)
				}
				break
			}
		}
		out = append(out, h.MapFromPairs(append(pairs, atomType, name)))
	}
	return h.List(out...)
}

// ControlMessages makes the bytes of a list of control messages; elements that are no maps are passed over.
func ControlMessages(list term.Term) (out []byte, ok bool) {
	for ; list.IsCons(); list = list.Tail() {
		m := list.Head()
		if !m.IsMap() {
			continue
		}
		level, ok1 := term.MapGet(m, atomLevel)
		kind, ok2 := term.MapGet(m, atomType)
		if !ok1 || !ok2 {
			return nil, false
		}
		b, ok := controlMessage(m, level, kind)
		if !ok {
			return nil, false
		}
		out = append(out, b...)
	}
	return out, list.IsNil()
}

func controlMessage(m, level, kind term.Term) ([]byte, bool) {
	l, ok := SocketLevel(level)
	if !ok {
		return nil, false
	}
	form, n := valueForm(formNone), 0
	switch {
	case kind.IsSmall():
		n = kind.Small()
	case kind.IsAtom():
		found := false
		for _, k := range controlKinds {
			if k.level == l && k.name == kind.AtomName() {
				form, n, found = k.form, k.kind, true
				break
			}
		}
		if !found {
			return nil, false
		}
	default:
		return nil, false
	}
	var data []byte
	if v, ok := term.MapGet(m, atomValue); ok {
		if data, ok = form.encode(v); !ok {
			return nil, false
		}
	} else if v, ok := term.MapGet(m, term.Intern("data")); ok {
		if data, ok = NativeValue(v); !ok {
			return nil, false
		}
	} else {
		return nil, false
	}
	return packControl(l, n, data), true
}

// packControl is a control message of the system's layout.
func packControl(level, kind int, data []byte) []byte {
	b := make([]byte, unix.CmsgSpace(len(data)))
	head := unix.CmsgLen(0)
	if head == 16 {
		binary.NativeEndian.PutUint64(b, uint64(unix.CmsgLen(len(data))))
	} else {
		binary.NativeEndian.PutUint32(b, uint32(unix.CmsgLen(len(data))))
	}
	binary.NativeEndian.PutUint32(b[head-8:], uint32(level))
	binary.NativeEndian.PutUint32(b[head-4:], uint32(kind))
	copy(b[head:], data)
	return b
}

// NativeValue is what goes to the system as it is: the bytes of a binary, an integer, a boolean.
func NativeValue(t term.Term) ([]byte, bool) {
	switch {
	case t == term.AtomTrue:
		return nativeInt(1), true
	case t == term.AtomFalse:
		return nativeInt(0), true
	case t.IsSmall() && t.Small() >= -1<<31 && t.Small() < 1<<32:
		return nativeInt(t.Small()), true
	}
	b, ok := t.Bytes()
	return append([]byte(nil), b...), ok
}

func nativeInt(n int) []byte {
	b := make([]byte, 4)
	binary.NativeEndian.PutUint32(b, uint32(n))
	return b
}

func intOf(b []byte) (int, bool) {
	switch {
	case len(b) >= 4:
		return int(int32(binary.NativeEndian.Uint32(b))), true
	case len(b) > 0:
		return int(b[0]), true
	}
	return 0, false
}

// ---- forms of values ------------------------------------------------------------------------------

// valueForm is how the bytes of an option or a control message look as a term.
type valueForm uint8

const (
	formNone valueForm = iota
	formInt
	formBool
	formLinger
	formText
	formIP
	formTOS
	formDiscover
	formTimeval
	formTimespec
	formPacketInfo
	formPacketInfo6
	formHops
	formDomain
	formType
	formProtocol
	formMembership
	formSourceMembership
	formMembership6
	formRemoteError
	formControl
	formAddress
)

var (
	tosNames  = map[string]int{"default": 0, "mincost": 2, "reliability": 4, "throughput": 8, "lowdelay": 16}
	dscpNames = map[string]int{"cs0": 0, "le": 1, "cs1": 8, "af11": 10, "af12": 12, "af13": 14, "cs2": 16, "af21": 18, "af22": 20, "af23": 22,
		"cs3": 24, "af31": 26, "af32": 28, "af33": 30, "cs4": 32, "af41": 34, "af42": 36, "af43": 38, "cs5": 40, "voice_admit": 44, "nqb": 45,
		"ef": 46, "cs6": 48, "cs7": 56}
	discoverNames = map[string]int{"dont": 0, "want": 1, "do": 2, "probe": 3}
)

// tosTerm describes a type of service. Of the precedences only the first has a name; a type without one is given by its four bits.
func tosTerm(h *term.Heap, n int) term.Term {
	precedence, kind := term.Int(n>>5&7), nameOr(tosNames, n&0x1e)
	if n>>5&7 == 0 {
		precedence = term.Intern("routine")
	}
	if !kind.IsAtom() {
		kind = term.Int(n >> 1 & 15)
	}
	tos := h.MapFromPairs([]term.Term{term.Intern("precedence"), precedence, term.Intern("tos"), kind})
	return h.MapFromPairs([]term.Term{term.Intern("native"), term.Int(n), term.Intern("tos"), tos, term.Intern("dscp"), nameOr(dscpNames, n>>2&63)})
}

// decode makes the term of the bytes, None if they are not of this form.
func (f valueForm) decode(h *term.Heap, b []byte) term.Term {
	n, ok := intOf(b)
	switch f {
	case formNone:
		return term.None
	case formAddress:
		return rawAddress(h, b)
	case formRemoteError:
		return remoteError(h, b)
	case formText:
		return h.Chars(strings.TrimRight(string(b), "\x00"))
	case formIP:
		if len(b) < 4 {
			return term.None
		}
		return ipTerm(h, b[:4])
	case formTimeval, formTimespec:
		if len(b) < 16 {
			return term.None
		}
		part := "usec"
		if f == formTimespec {
			part = "nsec"
		}
		return h.MapFromPairs([]term.Term{term.Intern("sec"), h.Int64(int64(binary.NativeEndian.Uint64(b))),
			term.Intern(part), h.Int64(int64(binary.NativeEndian.Uint64(b[8:])))})
	case formPacketInfo:
		if len(b) < 12 {
			return term.None
		}
		return h.MapFromPairs([]term.Term{term.Intern("ifindex"), term.Int(n), term.Intern("spec_dst"), ipTerm(h, b[4:8]), atomAddr, ipTerm(h, b[8:12])})
	case formPacketInfo6:
		if len(b) < 20 {
			return term.None
		}
		index, _ := intOf(b[16:])
		return h.MapFromPairs([]term.Term{atomAddr, ipTerm(h, b[:16]), term.Intern("ifindex"), term.Int(index)})
	}
	if !ok {
		return term.None
	}
	switch f {
	case formBool:
		return term.Bool(n != 0)
	case formTOS:
		return tosTerm(h, n)
	case formDiscover:
		return nameOr(discoverNames, n)
	case formDomain:
		return DomainTerm(n)
	case formType:
		return TypeTerm(n)
	case formProtocol:
		if n == 0 {
			return term.Intern("default")
		}
		return ProtocolTerm(n)
	case formInt, formHops:
		return term.Int(n)
	}
	return term.None
}

// rawAddress is the address in the system's layout: the family, then the port and the address in the order of the network.
func rawAddress(h *term.Heap, b []byte) term.Term {
	if len(b) >= 8 && int(binary.NativeEndian.Uint16(b)) == unix.AF_INET {
		return SockaddrTerm(h, &unix.SockaddrInet4{Port: int(binary.BigEndian.Uint16(b[2:])), Addr: [4]byte(b[4:8])}, unix.AF_INET)
	}
	if len(b) >= 28 && int(binary.NativeEndian.Uint16(b)) == unix.AF_INET6 {
		a := &unix.SockaddrInet6{Port: int(binary.BigEndian.Uint16(b[2:])), Addr: [16]byte(b[8:24]), ZoneId: binary.NativeEndian.Uint32(b[24:])}
		return SockaddrTerm(h, a, unix.AF_INET6)
	}
	return unspecified(h)
}

// remoteError tells of an error that a datagram met on its way: number, origin, type, code, and who told of it.
func remoteError(h *term.Heap, b []byte) term.Term {
	if len(b) < 16 {
		return term.None
	}
	name := func(names []string, n byte) term.Term {
		if int(n) < len(names) && names[n] != "" {
			return term.Intern(names[n])
		}
		return term.Int(int(n))
	}
	origin, kind, code := b[4], term.Int(int(b[5])), term.Int(int(b[6]))
	switch {
	case origin == 2 && b[5] == 3:
		kind = term.Intern("dest_unreach")
		code = name([]string{"net_unreach", "host_unreach", "", "port_unreach", "frag_needed", "", "net_unknown", "host_unknown"}, b[6])
	case origin == 2 && b[5] == 11, origin == 3 && b[5] == 3:
		kind = term.Intern("time_exceeded")
	case origin == 3 && b[5] == 1:
		kind = term.Intern("dest_unreach")
		code = name([]string{"noroute", "adm_prohibited", "not_neighbour", "addr_unreach", "port_unreach", "policy_fail", "reject_route"}, b[6])
	case origin == 3 && b[5] == 2:
		kind = term.Intern("pkt_toobig")
	}
	return h.MapFromPairs([]term.Term{
		term.Intern("error"), posix(unix.Errno(binary.NativeEndian.Uint32(b))), term.Intern("origin"), name([]string{"none", "local", "icmp", "icmp6"}, origin),
		atomType, kind, term.Intern("code"), code, term.Intern("info"), h.Int64(int64(binary.NativeEndian.Uint32(b[8:]))),
		term.Intern("data"), h.Int64(int64(binary.NativeEndian.Uint32(b[12:]))), term.Intern("offender"), rawAddress(h, b[16:]),
	})
}

// encode makes the bytes of a term.
func (f valueForm) encode(t term.Term) ([]byte, bool) {
	number := func(n int, ok bool) ([]byte, bool) { return nativeInt(n), ok }
	small := t.IsSmall() && t.Small() >= -1<<31 && t.Small() < 1<<32
	switch f {
	case formInt:
		if !small {
			return nil, false
		}
		return nativeInt(t.Small()), true
	case formBool:
		return number(map[bool]int{true: 1}[t == term.AtomTrue], t == term.AtomTrue || t == term.AtomFalse)
	case formHops:
		if t.IsAtom() && t.AtomName() == "default" {
			return nativeInt(-1), true
		}
		if !small || t.Small() < 0 || t.Small() > 255 {
			return nil, false
		}
		return nativeInt(t.Small()), true
	case formTOS:
		if small {
			return nativeInt(t.Small()), true
		}
		if !t.IsAtom() {
			return nil, false
		}
		if n, ok := tosNames[t.AtomName()]; ok {
			return nativeInt(n), true
		}
		n, ok := dscpNames[t.AtomName()]
		return number(n<<2, ok)
	case formDiscover:
		return number(nameNumber(discoverNames, t))
	case formText:
		if !t.IsList() && !t.IsBitstring() {
			return nil, false
		}
		text, ok := term.IOListBytes(t)
		return append([]byte(nil), text...), ok
	case formIP:
		return ipOf(t, 4)
	case formMembership, formSourceMembership:
		return membership(t, f == formSourceMembership)
	case formMembership6:
		addr, ok := mapIP(t, "multiaddr", 16)
		index, ok2 := term.MapGet(t, term.Intern("interface"))
		if !ok || !ok2 || !index.IsSmall() {
			return nil, false
		}
		return append(addr, nativeInt(index.Small())...), true
	case formLinger:
		return lingerBytes(t)
	case formTimeval:
		return timeBytes(t, "usec")
	case formTimespec:
		return timeBytes(t, "nsec")
	}
	return nil, false
}

func mapIP(t term.Term, key string, size int) ([]byte, bool) {
	if !t.IsMap() {
		return nil, false
	}
	v, ok := term.MapGet(t, term.Intern(key))
	if !ok {
		return nil, false
	}
	return ipOf(v, size)
}

func membership(t term.Term, source bool) ([]byte, bool) {
	group, ok1 := mapIP(t, "multiaddr", 4)
	via, ok2 := mapIP(t, "interface", 4)
	if !ok1 || !ok2 {
		return nil, false
	}
	if !source {
		return append(append([]byte(nil), group...), via...), true
	}
	from, ok := mapIP(t, "sourceaddr", 4)
	return append(append(append([]byte(nil), group...), via...), from...), ok
}

// lingerBytes reads #{onoff, linger}; abort is {true, 0}.
func lingerBytes(t term.Term) ([]byte, bool) {
	if t.IsAtom() && t.AtomName() == "abort" {
		return append(nativeInt(1), nativeInt(0)...), true
	}
	if !t.IsMap() {
		return nil, false
	}
	on, ok1 := term.MapGet(t, term.Intern("onoff"))
	n, ok2 := term.MapGet(t, term.Intern("linger"))
	if !ok1 || !ok2 || on != term.AtomTrue && on != term.AtomFalse || !n.IsSmall() || n.Small() < 0 || n.Small() > 1<<31-1 {
		return nil, false
	}
	flag := 0
	if on == term.AtomTrue {
		flag = 1
	}
	return append(nativeInt(flag), nativeInt(n.Small())...), true
}

func timeBytes(t term.Term, part string) ([]byte, bool) {
	if !t.IsMap() {
		return nil, false
	}
	sec, ok1 := term.MapGet(t, term.Intern("sec"))
	frac, ok2 := term.MapGet(t, term.Intern(part))
	if !ok1 || !ok2 || !sec.IsSmall() || !frac.IsSmall() {
		return nil, false
	}
	b := make([]byte, 16)
	binary.NativeEndian.PutUint64(b, uint64(sec.Small()))
	binary.NativeEndian.PutUint64(b[8:], uint64(frac.Small()))
	return b, true
}

var (
	atomLevel = term.Intern("level")
	atomValue = term.Intern("value")
	atomType  = term.Intern("type")
)
