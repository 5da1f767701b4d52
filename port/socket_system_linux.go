package port

import (
	"net"
	"os"
	"runtime"
	"strings"

	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// ProtocolOf asks for the protocol of the socket of an open descriptor.
func ProtocolOf(fd int) (int, error) {
	return unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
}

// InNamespace opens a socket in the network namespace of a file. It blocks, and ends a thread of the system if it cannot be brought back.
func InNamespace(path string, open func() (*Sock, error)) (*Sock, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unwrapErrno(err)
	}
	defer f.Close()
	runtime.LockOSThread()
	old, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		runtime.UnlockOSThread()
		return nil, unwrapErrno(err)
	}
	defer old.Close()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	sock, err := open()
	if unix.Setns(int(old.Fd()), unix.CLONE_NEWNET) == nil {
		runtime.UnlockOSThread() // else the thread ends with this goroutine
	}
	return sock, err
}

func unwrapErrno(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = u.Unwrap()
	}
}

var deviceFlags = map[string]uint16{
	"up": unix.IFF_UP, "broadcast": unix.IFF_BROADCAST, "debug": unix.IFF_DEBUG, "loopback": unix.IFF_LOOPBACK,
	"pointopoint": unix.IFF_POINTOPOINT, "notrailers": unix.IFF_NOTRAILERS, "running": unix.IFF_RUNNING, "noarp": unix.IFF_NOARP,
	"promisc": unix.IFF_PROMISC, "allmulti": unix.IFF_ALLMULTI, "master": unix.IFF_MASTER, "slave": unix.IFF_SLAVE,
	"multicast": unix.IFF_MULTICAST, "portsel": unix.IFF_PORTSEL, "automedia": unix.IFF_AUTOMEDIA, "dynamic": unix.IFF_DYNAMIC,
}

// IoctlRequests and IoctlFlags are what this system has of them.
func IoctlRequests() []string {
	return []string{"gifconf", "gifname", "gifindex", "gifaddr", "gifdstaddr", "gifbrdaddr", "gifnetmask", "gifhwaddr", "gifmtu", "giftxqlen",
		"gifflags", "sifflags", "sifaddr", "sifdstaddr", "sifbrdaddr", "sifnetmask", "sifmtu", "siftxqlen", "nread", "atmark"}
}

// IoctlFlags are the names of the flags of devices.
func IoctlFlags() (names []string) {
	for name := range deviceFlags {
		names = append(names, name)
	}
	return names
}

// Ioctl asks the operating system or tells it something about the socket or a device. known is false for requests that are not there; a
// value of None is ok.
func (s *Socket) Ioctl(h *term.Heap, request string, arg, value term.Term) (result term.Term, known bool, err error) {
	switch request {
	case "nread", "atmark":
		number := uint(unix.SIOCINQ)
		if request == "atmark" {
			number = unix.SIOCATMARK
		}
		n := 0
		err = s.sock.control(func(fd int) (err error) { n, err = unix.IoctlGetInt(fd, number); return err })
		if request == "atmark" {
			return term.Bool(n != 0), true, err
		}
		return term.Int(n), true, err
	case "gifconf":
		t, err := deviceAddresses(h)
		return t, true, err
	case "gifname":
		if !arg.IsSmall() {
			return term.None, true, unix.EINVAL
		}
		i, err := net.InterfaceByIndex(arg.Small())
		if err != nil {
			return term.None, true, unix.ENODEV
		}
		return h.Chars(i.Name), true, nil
	}
	name, ok := term.CharsText(arg)
	if !ok {
		return term.None, true, unix.EINVAL
	}
	r, ok := deviceRequests[request]
	if !ok {
		return term.None, false, nil
	}
	ifr, err := unix.NewIfreq(name)
	if err != nil {
		return term.None, true, unix.ENODEV
	}
	if r.set != nil && !r.set(h, s, ifr, value) {
		return term.None, true, unix.EINVAL
	}
	err = s.sock.control(func(fd int) error { return unix.IoctlIfreq(fd, r.number, ifr) })
	if err != nil || r.get == nil {
		return term.None, true, err
	}
	return r.get(h, ifr), true, nil
}

// deviceRequest is a request about a device.
type deviceRequest struct {
	number uint
	get    func(h *term.Heap, ifr *unix.Ifreq) term.Term
	set    func(h *term.Heap, s *Socket, ifr *unix.Ifreq, v term.Term) bool
}

var deviceRequests = map[string]deviceRequest{
	"gifindex":   {unix.SIOCGIFINDEX, deviceInt, nil},
	"gifmtu":     {unix.SIOCGIFMTU, deviceInt, nil},
	"giftxqlen":  {unix.SIOCGIFTXQLEN, deviceInt, nil},
	"gifaddr":    {unix.SIOCGIFADDR, deviceAddress, nil},
	"gifdstaddr": {unix.SIOCGIFDSTADDR, deviceAddress, nil},
	"gifbrdaddr": {unix.SIOCGIFBRDADDR, deviceAddress, nil},
	"gifnetmask": {unix.SIOCGIFNETMASK, deviceAddress, nil},
	"gifhwaddr":  {unix.SIOCGIFHWADDR, deviceHardware, nil},
	"gifflags":   {unix.SIOCGIFFLAGS, deviceFlagTerms, nil},
	"sifmtu":     {unix.SIOCSIFMTU, nil, setDeviceInt},
	"siftxqlen":  {unix.SIOCSIFTXQLEN, nil, setDeviceInt},
	"sifaddr":    {unix.SIOCSIFADDR, nil, setDeviceAddress},
	"sifdstaddr": {unix.SIOCSIFDSTADDR, nil, setDeviceAddress},
	"sifbrdaddr": {unix.SIOCSIFBRDADDR, nil, setDeviceAddress},
	"sifnetmask": {unix.SIOCSIFNETMASK, nil, setDeviceAddress},
	"sifflags":   {unix.SIOCSIFFLAGS, nil, setDeviceFlags},
}

func deviceInt(_ *term.Heap, ifr *unix.Ifreq) term.Term { return term.Int(int(int32(ifr.Uint32()))) }

func deviceAddress(h *term.Heap, ifr *unix.Ifreq) term.Term {
	ip, err := ifr.Inet4Addr()
	if err != nil {
		ip = make([]byte, 4)
	}
	return SockaddrTerm(h, &unix.SockaddrInet4{Addr: [4]byte(ip)}, unix.AF_INET)
}

// deviceHardware shows the address of the hardware as the system does: 14 bytes of which the address is the beginning.
func deviceHardware(h *term.Heap, ifr *unix.Ifreq) term.Term {
	b := make([]byte, 14)
	if i, err := net.InterfaceByName(ifr.Name()); err == nil {
		copy(b, i.HardwareAddr)
	}
	family := term.Int(int(ifr.Uint16()))
	switch ifr.Uint16() {
	case unix.ARPHRD_ETHER:
		family = term.Intern("ether")
	case unix.ARPHRD_LOOPBACK:
		family = term.Intern("loopback")
	}
	return h.MapFromPairs([]term.Term{atomFamily, family, atomAddr, h.Binary(b)})
}

func deviceFlagTerms(h *term.Heap, ifr *unix.Ifreq) term.Term {
	out := term.Nil
	for _, name := range []string{"multicast", "running", "pointopoint", "loopback", "broadcast", "up", "debug", "noarp", "promisc", "allmulti",
		"master", "slave", "portsel", "automedia", "dynamic", "notrailers"} {
		if ifr.Uint16()&deviceFlags[name] != 0 {
			out = h.Cons(term.Intern(name), out)
		}
	}
	return out
}

func setDeviceInt(_ *term.Heap, _ *Socket, ifr *unix.Ifreq, v term.Term) bool {
	if !v.IsSmall() {
		return false
	}
	ifr.SetUint32(uint32(v.Small()))
	return true
}

func setDeviceAddress(h *term.Heap, _ *Socket, ifr *unix.Ifreq, v term.Term) bool {
	a, _ := Sockaddr(h, v)
	four, ok := a.(*unix.SockaddrInet4)
	return ok && ifr.SetInet4Addr(four.Addr[:]) == nil
}

// setDeviceFlags changes the flags that the map names.
func setDeviceFlags(_ *term.Heap, s *Socket, ifr *unix.Ifreq, v term.Term) bool {
	if !v.IsMap() {
		return false
	}
	_ = s.sock.control(func(fd int) error { return unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, ifr) })
	flags := ifr.Uint16()
	ok := true
	term.MapEach(v, func(k, on term.Term) bool {
		bit := uint16(0)
		if k.IsAtom() {
			bit = deviceFlags[k.AtomName()]
		}
		if ok = bit != 0; on == term.AtomTrue {
			flags |= bit
		} else {
			flags &^= bit
		}
		return ok
	})
	ifr.SetUint16(flags)
	return ok
}

// deviceAddresses are the devices with their IPv4 addresses.
func deviceAddresses(h *term.Heap) (term.Term, error) {
	list, err := net.Interfaces()
	if err != nil {
		return term.None, unix.EIO
	}
	var out []term.Term
	for _, i := range list {
		all, _ := i.Addrs()
		for _, a := range all {
			if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !strings.Contains(i.Name, "@") {
				addr := SockaddrTerm(h, &unix.SockaddrInet4{Addr: [4]byte(n.IP.To4())}, unix.AF_INET)
				out = append(out, h.MapFromPairs([]term.Term{term.Intern("name"), h.Chars(i.Name), atomAddr, addr}))
			}
		}
	}
	return h.List(out...), nil
}

// disconnect takes a datagram socket's connection back: it connects to an address of no family, which the system package has no type for. The bytes of
// the address are those of a binary outside of Go's memory.
func disconnect(fd int) error {
	h := term.NewArena()
	defer h.Free()
	b, _ := term.BitsOf(h.Binary(make([]byte, unix.SizeofSockaddrInet4)))
	if _, _, no := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), b.Data, unix.SizeofSockaddrInet4); no != 0 {
		return no
	}
	return nil
}
