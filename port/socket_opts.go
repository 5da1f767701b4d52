//go:build unix

package port

import (
	"encoding/binary"

	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// socketOption is an option of the operating system that has a name.
type socketOption struct {
	number int
	form   valueForm
	access access
}

// access says whether an option can be read and set.
type access uint8

const (
	readWrite access = iota
	readOnly
	writeOnly
)

// SocketLevel reads the level of an option: a name or a number.
func SocketLevel(t term.Term) (int, bool) {
	if t == atomSocket {
		return unix.SOL_SOCKET, true
	}
	return nameNumber(socketProtocols, t)
}

// OptionNames passes the names of all options that OTP knows, and whether they are there.
func OptionNames(f func(level, name string, there bool)) {
	for level, names := range knownOptions {
		for _, name := range names {
			_, there := namedOption(level, name)
			f(level, name, there)
		}
	}
}

func namedOption(level, name string) (o socketOption, ok bool) {
	if o, ok = systemOptions[level][name]; !ok {
		o, ok = portableOptions[level][name]
	}
	return o, ok
}

func findOption(level, name term.Term) (o socketOption, l int, ok bool) {
	if !level.IsAtom() || !name.IsAtom() {
		return o, 0, false
	}
	o, ok = namedOption(level.AtomName(), name.AtomName())
	l, _ = SocketLevel(level)
	return o, l, ok
}

// OptionResult says what became of an option.
type OptionResult uint8

// The results.
const (
	OptionDone     OptionResult = iota
	OptionUnknown               // there is no such option
	OptionBad                   // it does not take this value
	OptionNotOwner              // only the owner may set it
)

// SetOption sets an option of the operating system.
func (s *Socket) SetOption(level, name, value term.Term) (OptionResult, error) {
	o, l, ok := findOption(level, name)
	if !ok || o.access == readOnly {
		return OptionUnknown, nil
	}
	data, ok := o.form.encode(value)
	if !ok {
		return OptionBad, nil
	}
	return OptionDone, s.setBytes(l, o.number, data)
}

func (s *Socket) setBytes(level, number int, data []byte) error {
	return s.sock.control(func(fd int) error {
		if len(data) == 4 {
			return unix.SetsockoptInt(fd, level, number, int(int32(binary.NativeEndian.Uint32(data))))
		}
		return unix.SetsockoptString(fd, level, number, string(data))
	})
}

// GetOption reads an option of the operating system.
func (s *Socket) GetOption(h *term.Heap, level, name term.Term) (term.Term, OptionResult, error) {
	o, l, ok := findOption(level, name)
	if !ok || o.access == writeOnly {
		return term.None, OptionUnknown, nil
	}
	var out term.Term
	err := s.sock.control(func(fd int) error {
		switch o.form {
		case formLinger:
			v, err := unix.GetsockoptLinger(fd, l, o.number)
			if err == nil {
				out = h.MapFromPairs([]term.Term{term.Intern("onoff"), term.Bool(v.Onoff != 0), term.Intern("linger"), term.Int(int(v.Linger))})
			}
			return err
		case formText:
			text, err := unix.GetsockoptString(fd, l, o.number)
			out = h.Chars(text)
			return err
		case formControl:
			oob, err := packetOptions(s.sock)
			out = controlTerms(h, oob)
			return err
		case formIP:
			ip, err := unix.GetsockoptInet4Addr(fd, l, o.number)
			out = ipTerm(h, ip[:])
			return err
		}
		b, err := optionBytes(fd, l, o.number, 4)
		if err == nil {
			out = o.form.decode(h, b)
		}
		return err
	})
	return out, OptionDone, err
}

// NativeOption finds the numbers of an option that is given by a name or a number.
func NativeOption(level, name term.Term) (l, number int, ok bool) {
	if o, l, ok := findOption(level, name); ok {
		return l, o.number, true
	}
	l, ok = SocketLevel(level)
	if !ok || !name.IsSmall() {
		return 0, 0, false
	}
	return l, name.Small(), true
}

// SetNative sets an option to bytes.
func (s *Socket) SetNative(level, number int, data []byte) error {
	return s.setBytes(level, number, data)
}

// GetNative reads size bytes of an option.
func (s *Socket) GetNative(level, number, size int) (b []byte, err error) {
	err = s.sock.control(func(fd int) (err error) { b, err = optionBytes(fd, level, number, size); return err })
	return b, err
}

// optionBytes reads an option.
func optionBytes(fd, level, number, size int) ([]byte, error) {
	if size > 4 {
		return rawOption(fd, level, number, size)
	}
	n, err := unix.GetsockoptInt(fd, level, number)
	return nativeInt(n)[:size], err
}

// ---- level otp ------------------------------------------------------------------------------------

// maxSocketBuffer is the largest size of a buffer that can be set.
const maxSocketBuffer = 1 << 30

// SetOTP sets an option of level otp; the owner is set elsewhere.
func (s *Socket) SetOTP(caller term.Term, name string, v term.Term) OptionResult {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := &s.o
	var flag *bool
	switch name {
	case "debug":
		flag = &o.debug
	case "iow":
		flag = &o.iow
	case "select_read":
		flag = &o.selectRead
	case "rcvbuf":
		reads := 0
		if v.TupleOf(2) && v.Elem(0).IsSmall() && v.Elem(0).Small() > 0 {
			reads, v = v.Elem(0).Small(), v.Elem(1)
		}
		r := setSize(&o.rcvbuf, v, defaultSocketBuffer)
		if r == OptionDone {
			o.reads = reads
		}
		return r
	case "rcvctrlbuf":
		return setSize(&o.rcvctrl, v, defaultControlBuffer)
	case "sndctrlbuf":
		return setSize(&o.sndctrl, v, defaultControlBuffer)
	case "meta":
		if s.owner != caller {
			return OptionNotOwner
		}
		if o.meta != nil {
			o.meta.Free()
		}
		o.meta = term.NewArena()
		o.metaTerm = term.CopyTo(o.meta, v)
		return OptionDone
	case "use_registry":
		if v != term.AtomTrue {
			return OptionBad
		}
		s.unlisted = false
		return OptionDone
	default:
		return OptionUnknown
	}
	if v != term.AtomTrue && v != term.AtomFalse {
		return OptionBad
	}
	*flag = v == term.AtomTrue
	return OptionDone
}

func setSize(to *int, v term.Term, standard int) OptionResult {
	switch {
	case v.IsAtom() && v.AtomName() == "default":
		*to = standard
	case v.IsSmall() && v.Small() > 0 && v.Small() <= maxSocketBuffer:
		*to = v.Small()
	default:
		return OptionBad
	}
	return OptionDone
}

// GetOTP reads an option of level otp; None: there is none of that name.
func (s *Socket) GetOTP(h *term.Heap, name string) term.Term {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := &s.o
	switch name {
	case "debug":
		return term.Bool(o.debug)
	case "iow":
		return term.Bool(o.iow)
	case "select_read":
		return term.Bool(o.selectRead)
	case "rcvbuf":
		if o.reads > 0 {
			return h.Tuple(term.Int(o.reads), term.Int(o.rcvbuf))
		}
		return term.Int(o.rcvbuf)
	case "rcvctrlbuf":
		return term.Int(o.rcvctrl)
	case "sndctrlbuf":
		return term.Int(o.sndctrl)
	case "meta":
		if o.meta == nil {
			return term.AtomUndefined
		}
		return term.CopyTo(h, o.metaTerm)
	case "use_registry":
		return term.Bool(!s.unlisted)
	case "controlling_process":
		return s.owner
	case "fd":
		return term.Int(s.sock.FD())
	case "domain":
		return DomainTerm(s.sock.Domain)
	}
	return term.None
}

// Info is what socket:info/1 tells.
func (s *Socket) Info(h *term.Heap) term.Term {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &s.count
	var counters []term.Term
	for _, e := range []struct {
		name string
		n    int64
	}{
		{"read_byte", c.ReadByte}, {"read_fails", c.ReadFails}, {"read_pkg", c.ReadPkg}, {"read_pkg_max", c.ReadPkgMax}, {"read_tries", c.ReadTries},
		{"read_waits", c.ReadWaits}, {"write_byte", c.WriteByte}, {"write_fails", c.WriteFails}, {"write_pkg", c.WritePkg},
		{"write_pkg_max", c.WritePkgMax}, {"write_tries", c.WriteTries}, {"write_waits", c.WriteWaits}, {"acc_success", c.AccSuccess},
		{"acc_fails", c.AccFails}, {"acc_tries", c.AccTries}, {"acc_waits", c.AccWaits},
	} {
		counters = append(counters, term.Intern(e.name), h.Int64(e.n))
	}
	kind := term.Intern("normal")
	if s.from >= 0 {
		kind = h.Tuple(term.Intern("fromfd"), term.Int(s.from))
	}
	rstates, wstates, readers, acceptors := s.states()
	return h.MapFromPairs([]term.Term{
		term.Intern("domain"), DomainTerm(s.sock.Domain), atomType, TypeTerm(s.sock.Type), term.Intern("protocol"), ProtocolTerm(s.sock.Protocol),
		term.Intern("owner"), s.owner, term.Intern("ctype"), kind, term.Intern("counters"), h.MapFromPairs(counters),
		term.Intern("num_readers"), term.Int(readers), term.Intern("num_writers"), term.Int(len(s.out.queue)),
		term.Intern("num_acceptors"), term.Int(acceptors), term.Intern("rstates"), atomNames(h, rstates), term.Intern("wstates"), atomNames(h, wstates),
	})
}

func atomNames(h *term.Heap, names []string) term.Term {
	out := make([]term.Term, len(names))
	for i, n := range names {
		out[i] = term.Intern(n)
	}
	return h.List(out...)
}

// states names what goes on in each direction.
func (s *Socket) states() (r, w []string, readers, acceptors int) {
	if s.bound {
		r = append(r, "bound")
	}
	if s.listening {
		r = append(r, "listening")
	}
	for _, x := range s.in.queue {
		if x.op == atomAccept {
			acceptors++
		} else {
			readers++
		}
	}
	if acceptors > 0 {
		r = append(r, "accepting")
	}
	if _, selected := s.in.waiting(); selected {
		r = append(r, "selected")
	}
	if s.linking {
		w = append(w, "connecting")
	}
	if s.connected {
		w = append(w, "connected")
	}
	if _, selected := s.out.waiting(); selected {
		w = append(w, "selected")
	}
	if s.closed {
		r, w = append(r, "closing", "closed"), append(w, "closing", "closed")
	}
	return r, w, readers, acceptors
}

// NativeInt is the integer that an option's bytes hold.
func NativeInt(b []byte) int {
	n, _ := intOf(b)
	return n
}

// Setting reads a switch that all sockets share, and sets it when asked to: debug or use_registry.
func (set *Sockets) Setting(name string, on, change bool) (was bool) {
	set.mu.Lock()
	defer set.mu.Unlock()
	at := &set.debug
	if name == "use_registry" {
		at = &set.registry
	}
	was = *at
	if change {
		*at = on
	}
	return was
}
