//go:build unix

package port

import (
	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// dataForm is how data reaches the owner: a list or a binary, perhaps with the first bytes as a list before the binary.
type dataForm struct {
	binary bool
	header int
}

func (f dataForm) data(h *term.Heap, b []byte) term.Term {
	switch {
	case !f.binary:
		return h.ByteList(b, term.Nil)
	case f.header == 0:
		return h.Binary(b)
	case len(b) <= f.header:
		return h.ByteList(b, term.Nil)
	}
	return h.ByteList(b[:f.header], h.Binary(b[f.header:]))
}

// activeMode says when input becomes messages.
type activeMode uint8

const (
	passive activeMode = iota
	activeAlways
	activeOnce
	activeCount
)

// inetOptions are the options that the operating system does not know.
type inetOptions struct {
	active           activeMode
	count            int // messages left of {active, N}
	form             dataForm
	framing          Framing
	packetInt        bool // the packet type was given as a number
	deliverPort      bool
	buffer           int
	bufferSet        bool
	highWater        int
	lowWater         int
	highQueue        int
	lowQueue         int
	sendTimeout      int // milliseconds, negative: none
	sendTimeoutClose bool
	delaySend        bool
	exitOnClose      bool
	showReset        bool
	readPackets      int
	ancillary        bool // recvtos, recvtclass or recvttl is on
	facts            map[string]bool
	afterDrain       func()
}

func (o *inetOptions) init() {
	*o = inetOptions{
		active: activeAlways, framing: Framing{Delimiter: '\n'}, buffer: 1460, highWater: 8192, lowWater: 4096, highQueue: 8192,
		lowQueue: 4096, facts: map[string]bool{}, sendTimeout: -1, exitOnClose: true, readPackets: 5, packetInt: true,
	}
}

// A localOption is one that the operating system does not know: set gives false for a bad value.
type localOption struct {
	set func(s *Inet, v term.Term) bool
	get func(s *Inet, h *term.Heap) term.Term
}

func boolTerm(b bool) term.Term {
	if b {
		return term.AtomTrue
	}
	return term.AtomFalse
}

func boolOption(field func(o *inetOptions) *bool) localOption {
	return localOption{
		set: func(s *Inet, v term.Term) bool {
			*field(&s.o) = v == term.AtomTrue
			return v == term.AtomTrue || v == term.AtomFalse
		},
		get: func(s *Inet, _ *term.Heap) term.Term { return boolTerm(*field(&s.o)) },
	}
}

func intOption(least int, field func(o *inetOptions) *int) localOption {
	return localOption{
		set: func(s *Inet, v term.Term) bool {
			if !v.IsSmall() || v.Small() < least || v.Small() > 1<<31-1 {
				return false
			}
			*field(&s.o) = v.Small()
			return true
		},
		get: func(s *Inet, _ *term.Heap) term.Term { return term.Int(*field(&s.o)) },
	}
}

// LocalOptions are the options of gen_tcp and gen_udp that live in the node.
func localOptions() map[string]localOption {
	return map[string]localOption{
		"active":              {setActive, getActive},
		"mode":                {setMode, getMode},
		"packet":              {setPacket, getPacket},
		"header":              intOption(0, func(o *inetOptions) *int { return &o.form.header }),
		"packet_size":         intOption(0, func(o *inetOptions) *int { return &o.framing.Max }),
		"line_delimiter":      {setDelimiter, func(s *Inet, _ *term.Heap) term.Term { return term.Int(int(s.o.framing.Delimiter)) }},
		"buffer":              {setBuffer, func(s *Inet, _ *term.Heap) term.Term { return term.Int(s.o.buffer) }},
		"deliver":             {setDeliver, getDeliver},
		"exit_on_close":       boolOption(func(o *inetOptions) *bool { return &o.exitOnClose }),
		"show_econnreset":     boolOption(func(o *inetOptions) *bool { return &o.showReset }),
		"delay_send":          boolOption(func(o *inetOptions) *bool { return &o.delaySend }),
		"send_timeout_close":  boolOption(func(o *inetOptions) *bool { return &o.sendTimeoutClose }),
		"send_timeout":        {setSendTimeout, getSendTimeout},
		"high_watermark":      intOption(-1<<31, func(o *inetOptions) *int { return &o.highWater }),
		"low_watermark":       intOption(-1<<31, func(o *inetOptions) *int { return &o.lowWater }),
		"high_msgq_watermark": intOption(1, func(o *inetOptions) *int { return &o.highQueue }),
		"low_msgq_watermark":  intOption(1, func(o *inetOptions) *int { return &o.lowQueue }),
		"read_packets":        intOption(1, func(o *inetOptions) *int { return &o.readPackets }),
		"debug":               {ignoreBool, func(*Inet, *term.Heap) term.Term { return term.AtomFalse }},
		"read_ahead":          {ignoreBool, func(*Inet, *term.Heap) term.Term { return term.AtomTrue }},
		"exclusiveaddruse":    {ignoreBool, func(*Inet, *term.Heap) term.Term { return term.AtomFalse }},
	}
}

func ignoreBool(_ *Inet, v term.Term) bool { return v == term.AtomTrue || v == term.AtomFalse }

func setActive(s *Inet, v term.Term) bool {
	o := &s.o
	switch {
	case v == term.AtomTrue:
		o.active, o.count = activeAlways, 0
	case v == term.AtomFalse:
		o.active, o.count = passive, 0
	case v == atomOnce:
		o.active, o.count = activeOnce, 0
	case v.IsSmall() && v.Small() >= -32768 && v.Small() <= 32767:
		n := v.Small()
		if o.active == activeCount {
			n += o.count
		}
		if n > 32767 {
			return false
		}
		if o.active, o.count = activeCount, n; n <= 0 {
			s.becamePassive()
		}
	default:
		return false
	}
	return true
}

func getActive(s *Inet, _ *term.Heap) term.Term {
	switch s.o.active {
	case activeAlways:
		return term.AtomTrue
	case activeOnce:
		return atomOnce
	case activeCount:
		return term.Int(s.o.count)
	}
	return term.AtomFalse
}

func setMode(s *Inet, v term.Term) bool {
	s.o.form.binary = v == atomBinary
	return v == atomBinary || v == atomList
}

func getMode(s *Inet, _ *term.Heap) term.Term {
	if s.o.form.binary {
		return atomBinary
	}
	return atomList
}

func setPacket(s *Inet, v term.Term) bool {
	kind, ok := PacketRaw, false
	switch {
	case v.IsAtom():
		kind, ok = PacketNamed(v.AtomName())
	case v.IsSmall():
		kinds := map[int]Packet{0: PacketRaw, 1: Packet1, 2: Packet2, 4: Packet4}
		kind, ok = kinds[v.Small()]
	}
	if !ok {
		return false
	}
	s.o.framing.Kind, s.o.packetInt, s.headers = kind, v.IsSmall(), false
	return true
}

func getPacket(s *Inet, _ *term.Heap) term.Term {
	switch k := s.o.framing.Kind; k {
	case PacketRaw:
		return term.Int(0)
	case Packet1, Packet2, Packet4:
		return term.Int(k.headerSize())
	default:
		for name, kind := range packetNames {
			if kind == k {
				return term.Intern(name)
			}
		}
	}
	return term.Int(0)
}

func setDelimiter(s *Inet, v term.Term) bool {
	if !v.IsSmall() || v.Small() < 0 || v.Small() > 255 {
		return false
	}
	s.o.framing.Delimiter = byte(v.Small())
	return true
}

func setBuffer(s *Inet, v term.Term) bool {
	if !v.IsSmall() || v.Small() < -1<<31 || v.Small() > 1<<31-1 {
		return false
	}
	s.o.buffer, s.o.bufferSet = max(v.Small(), 1), true
	return true
}

func setDeliver(s *Inet, v term.Term) bool {
	s.o.deliverPort = v == atomPort
	return v == atomPort || v == atomTerm
}

func getDeliver(s *Inet, _ *term.Heap) term.Term {
	if s.o.deliverPort {
		return atomPort
	}
	return atomTerm
}

func setSendTimeout(s *Inet, v term.Term) bool {
	switch {
	case v == atomInfinity:
		s.o.sendTimeout = -1
	case v.IsSmall() && v.Small() >= 0 && v.Small() <= 1<<32-1:
		s.o.sendTimeout = v.Small()
	default:
		return false
	}
	return true
}

func getSendTimeout(s *Inet, _ *term.Heap) term.Term {
	if s.o.sendTimeout < 0 {
		return atomInfinity
	}
	return term.Int(s.o.sendTimeout)
}

// sysOption is an option of the operating system with an integer or a boolean.
type sysOption struct {
	level, name int
	boolean     bool
}

// SetOptions sets options one after the other: {Name, Value}, {raw, Level, Name, Bytes}, binary, list. The first that
// fails ends it.
func (s *Inet) SetOptions(list term.Term) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	local := localOptions()
	for ; list.IsCons(); list = list.Tail() {
		if err := s.setOption(local, list.Head()); err != nil {
			return err
		}
	}
	if !list.IsNil() {
		return errInvalid
	}
	if s.port != nil {
		s.wantInput()
	}
	return nil
}

func (s *Inet) setOption(local map[string]localOption, t term.Term) error {
	switch {
	case t == atomBinary || t == atomList:
		s.o.form.binary = t == atomBinary
		return nil
	case t.TupleOf(4) && t.Elem(0) == atomRaw:
		value, ok := term.IOListBytes(t.Elem(3))
		if !ok || !t.Elem(1).IsSmall() || !t.Elem(2).IsSmall() {
			return errInvalid
		}
		return s.sock.SetBytes(t.Elem(1).Small(), t.Elem(2).Small(), value)
	case !t.TupleOf(2) || !t.Elem(0).IsAtom():
		return errInvalid
	}
	name, v := t.Elem(0).AtomName(), t.Elem(1)
	if o, ok := local[name]; ok {
		if !o.set(s, v) {
			return errInvalid
		}
		return nil
	}
	err := s.setSysOption(name, v)
	if err != nil && err != errInvalid && !toldOptions[name] {
		return nil
	}
	if err != nil {
		return errInvalid
	}
	return nil
}

// toldOptions are those whose refusal by the operating system is an error; that of others is passed over, as in OTP.
var toldOptions = map[string]bool{
	"priority": true, "tos": true, "tclass": true, "ttl": true, "recvtos": true, "recvtclass": true, "recvttl": true,
	"user_timeout": true, "ipv6_v6only": true, "bind_to_device": true, "netns": true, "reuseport": true,
	"reuseport_lb": true, "nopush": true,
}

func (s *Inet) setSysOption(name string, v term.Term) error {
	switch name {
	case "linger":
		if !v.TupleOf(2) || !ignoreBool(s, v.Elem(0)) || !v.Elem(1).IsSmall() {
			return errInvalid
		}
		l := &unix.Linger{Linger: int32(v.Elem(1).Small())}
		if v.Elem(0) == term.AtomTrue {
			l.Onoff = 1
		}
		return refused(s.sock.control(func(fd int) error { return unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, l) }))
	case "add_membership", "drop_membership":
		return s.membership(name == "add_membership", v)
	case "multicast_if":
		ip, ok := IPBytes(v)
		if !ok || len(ip) != 4 {
			return errInvalid
		}
		return refused(s.sock.control(func(fd int) error {
			return unix.SetsockoptInet4Addr(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_IF, [4]byte(ip))
		}))
	case "bind_to_device", "netns":
		device, ok := term.IOListBytes(v)
		if !ok {
			return errInvalid
		}
		return bindToDevice(s.sock, string(device))
	}
	o, ok := sysOptions[name]
	if !ok {
		return errInvalid
	}
	if name == "nodelay" && s.sock.Domain == unix.AF_UNIX {
		return nil
	}
	n := 0
	switch {
	case o.boolean && v == term.AtomTrue:
		n = 1
	case o.boolean && v == term.AtomFalse:
	case !o.boolean && v.IsSmall() && v.Small() >= -1<<31 && v.Small() < 1<<32:
		n = v.Small()
	default:
		return errInvalid
	}
	set := s.sock.SetInt
	if name == "tos" || name == "tclass" {
		set = s.setKeepingPriority
	}
	if err := set(o.level, o.name, n); err != nil {
		return refused(err)
	}
	switch name {
	case "recvtos", "recvtclass", "recvttl":
		s.o.facts[name] = n != 0
		s.o.ancillary = s.o.facts["recvtos"] || s.o.facts["recvtclass"] || s.o.facts["recvttl"]
	case "recbuf":
		// the buffer grows with the system's, as long as it has no size of its own
		if !s.o.bufferSet {
			if s.o.buffer = max(s.o.buffer, n); !s.stream {
				s.o.buffer = min(s.o.buffer, maxGram)
			}
		}
	}
	return nil
}

// setKeepingPriority sets an option that would change the priority.
func (s *Inet) setKeepingPriority(level, name, n int) error {
	priority, ok := sysOptions["priority"]
	was, err := 0, error(nil)
	if ok {
		was, err = s.sock.GetInt(priority.level, priority.name)
	}
	if e := s.sock.SetInt(level, name, n); e != nil {
		return e
	}
	if ok && err == nil {
		_ = s.sock.SetInt(priority.level, priority.name, was)
	}
	return nil
}

func (s *Inet) membership(add bool, v term.Term) error {
	if !v.TupleOf(2) && !v.TupleOf(3) {
		return errInvalid
	}
	group, ok := IPBytes(v.Elem(0))
	if !ok {
		return errInvalid
	}
	if len(group) == 16 {
		if !v.Elem(1).IsSmall() {
			return errInvalid
		}
		name := unix.IPV6_JOIN_GROUP
		if !add {
			name = unix.IPV6_LEAVE_GROUP
		}
		m := &unix.IPv6Mreq{Multiaddr: [16]byte(group), Interface: uint32(v.Elem(1).Small())}
		return s.sock.control(func(fd int) error { return unix.SetsockoptIPv6Mreq(fd, unix.IPPROTO_IPV6, name, m) })
	}
	via, ok := IPBytes(v.Elem(1))
	if !ok || len(via) != 4 {
		return errInvalid
	}
	name := unix.IP_ADD_MEMBERSHIP
	if !add {
		name = unix.IP_DROP_MEMBERSHIP
	}
	m := &unix.IPMreq{Multiaddr: [4]byte(group), Interface: [4]byte(via)}
	return refused(s.sock.control(func(fd int) error { return unix.SetsockoptIPMreq(fd, unix.IPPROTO_IP, name, m) }))
}

// refused is the operating system's error for a well-formed value: never the one for a malformed one.
func refused(err error) error {
	if err == errInvalid {
		return unix.ENOPROTOOPT
	}
	return err
}

// GetOptions gives [{Name, Value}] for a list of names; options that this system does not have are left out.
func (s *Inet) GetOptions(h *term.Heap, names term.Term) (term.Term, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	local := localOptions()
	var out []term.Term
	for ; names.IsCons(); names = names.Tail() {
		t, err := s.getOption(h, local, names.Head())
		if err != nil {
			return term.None, err
		}
		if t != term.None {
			out = append(out, t)
		}
	}
	if !names.IsNil() {
		return term.None, errInvalid
	}
	return h.List(out...), nil
}

func (s *Inet) getOption(h *term.Heap, local map[string]localOption, t term.Term) (term.Term, error) {
	if t.TupleOf(4) && t.Elem(0) == atomRaw && t.Elem(1).IsSmall() && t.Elem(2).IsSmall() {
		size := 0
		if b, ok := t.Elem(3).Bytes(); ok {
			size = len(b)
		} else if t.Elem(3).IsSmall() {
			size = t.Elem(3).Small()
		} else {
			return term.None, errInvalid
		}
		if size < 0 || size > 1<<16 {
			return term.None, errInvalid
		}
		b, err := getRaw(s.sock, t.Elem(1).Small(), t.Elem(2).Small(), size)
		if err != nil {
			return term.None, nil
		}
		return h.Tuple(t.Elem(0), t.Elem(1), t.Elem(2), h.Binary(b)), nil
	}
	if !t.IsAtom() {
		return term.None, errInvalid
	}
	name := t.AtomName()
	if o, ok := local[name]; ok {
		return h.Tuple(t, o.get(s, h)), nil
	}
	switch name {
	case "linger":
		var l *unix.Linger
		err := s.sock.control(func(fd int) (err error) {
			l, err = unix.GetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER)
			return err
		})
		if err != nil {
			return term.None, nil
		}
		return h.Tuple(t, h.Tuple(boolTerm(l.Onoff != 0), term.Int(int(l.Linger)))), nil
	case "pktoptions":
		oob, err := packetOptions(s.sock)
		if err != nil {
			return term.None, nil
		}
		return h.Tuple(t, ancillaryTerm(h, parseAncillary(oob))), nil
	case "multicast_if":
		var ip [4]byte
		err := s.sock.control(func(fd int) (err error) {
			ip, err = unix.GetsockoptInet4Addr(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_IF)
			return err
		})
		if err != nil {
			return term.None, nil
		}
		return h.Tuple(t, ipTerm(h, ip[:])), nil
	}
	o, ok := sysOptions[name]
	if !ok {
		return term.None, errInvalid
	}
	n, err := s.sock.GetInt(o.level, o.name)
	if err != nil {
		return term.None, nil
	}
	if o.boolean {
		return h.Tuple(t, boolTerm(n != 0)), nil
	}
	return h.Tuple(t, term.Int(n)), nil
}

var (
	atomOnce     = term.Intern("once")
	atomBinary   = term.Intern("binary")
	atomList     = term.Intern("list")
	atomPort     = term.Intern("port")
	atomTerm     = term.Intern("term")
	atomRaw      = term.Intern("raw")
	atomInfinity = term.Intern("infinity")
)
