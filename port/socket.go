//go:build unix

package port

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// Socket is a socket as module socket knows it: no port but a reference, with an owner. It is closed when its owner ends.
//
// Calls never block a worker: a call that cannot be served at once joins the queue of its direction, and a goroutine, which is there only
// while somebody waits, serves the queue when Go's poller says that the operating system is ready. Fields are guarded by mu.
type Socket struct {
	sys  *proc.System
	set  *Sockets
	sock *Sock
	nums [3]uint32
	// users are the processes in the set's field users that have this socket; the set's lock guards them.
	users map[term.Term]struct{}

	mu        sync.Mutex
	owner     term.Term
	from      int  // the descriptor that it was made of, -1: it was opened
	unlisted  bool // the lists of all sockets do not have it
	closed    bool
	bound     bool
	listening bool
	linking   bool // a connect is on its way
	connected bool
	in, out   direction
	o         socketOptions
	count     SocketCounters
	monitors  []*socketMonitor
	scratch   []byte // what is read comes here first
}

// socketOptions are the options of level otp.
type socketOptions struct {
	reads                    int // how often one call reads into the buffer at most, 0: until there is nothing
	rcvbuf, rcvctrl, sndctrl int
	debug, iow, selectRead   bool
	meta                     *term.Heap
	metaTerm                 term.Term
}

// SocketCounters are what socket:info/1 counts.
type SocketCounters struct {
	ReadByte, ReadFails, ReadPkg, ReadPkgMax, ReadTries, ReadWaits       int64
	WriteByte, WriteFails, WritePkg, WritePkgMax, WriteTries, WriteWaits int64
	AccSuccess, AccFails, AccTries, AccWaits                             int64
}

type socketMonitor struct {
	pid  term.Term
	nums [3]uint32
}

// Sockets are all sockets of a node that module socket made.
type Sockets struct {
	mu       sync.Mutex
	all      map[*Socket]uint64 // with numbers in the order of their making
	next     uint64
	users    map[term.Term]map[*Socket]struct{} // by process: what it owns or waits for
	monitors map[[3]uint32]*Socket
	debug    bool
	registry bool
}

type socketsKey struct{}

// SocketsOf gives the sockets of a node.
func SocketsOf(sys *proc.System) *Sockets {
	v, ok := sys.Values.Load(socketsKey{})
	if !ok {
		v, _ = sys.Values.LoadOrStore(socketsKey{}, &Sockets{
			all: map[*Socket]uint64{}, users: map[term.Term]map[*Socket]struct{}{}, monitors: map[[3]uint32]*Socket{}, registry: true,
		})
	}
	return v.(*Sockets)
}

// Defaults of the options of level otp.
const (
	defaultSocketBuffer  = 8192
	defaultControlBuffer = 1024
)

// NewSocket makes a socket that p owns. from: the descriptor that it was made of, -1 if it was opened.
func NewSocket(p *proc.Process, sock *Sock, from int) *Socket {
	s := &Socket{sys: p.Sys, set: SocketsOf(p.Sys), sock: sock, owner: p.Pid, from: from}
	nums, _ := term.RefNumbers(p.MakeRef())
	s.nums = [3]uint32(nums[:3])
	s.o = socketOptions{rcvbuf: defaultSocketBuffer, rcvctrl: defaultControlBuffer, sndctrl: defaultControlBuffer}
	s.set.mu.Lock()
	s.set.next++
	s.set.all[s] = s.set.next
	s.set.use(p.Pid, s)
	s.set.mu.Unlock()
	s.sys.Sched.External(1)
	s.set.follow(p)
	return s
}

// Release implements term.Resource: the socket lives until it is closed or its owner ends.
func (*Socket) Release() {}

// Ref makes the reference that stands for the socket.
func (s *Socket) Ref(h *term.Heap) term.Term { return h.MagicRef(s.nums, s) }

// Term makes {'$socket', Reference}.
func (s *Socket) Term(h *term.Heap) term.Term { return h.Tuple(atomSocketTag, s.Ref(h)) }

// SocketOf gives the socket behind a reference, nil if it is none.
func SocketOf(t term.Term) *Socket {
	if r, ok := term.MagicResource(t); ok {
		if s, ok := r.(*Socket); ok {
			return s
		}
	}
	return nil
}

// Sock is the socket of the operating system.
func (s *Socket) Sock() *Sock { return s.sock }

// ---- who uses a socket -----------------------------------------------------------------------

// use notes that a process owns a socket or waits for it. The set is locked.
func (set *Sockets) use(pid term.Term, s *Socket) {
	m := set.users[pid]
	if m == nil {
		m = map[*Socket]struct{}{}
		set.users[pid] = m
	}
	m[s] = struct{}{}
	if s.users == nil {
		s.users = map[term.Term]struct{}{}
	}
	s.users[pid] = struct{}{}
}

// follow sees to it that the set hears of the end of a process; it is called in that process.
func (set *Sockets) follow(p *proc.Process) { p.OnExit(socketsKey{}, set.ended) }

// ended gives up what a process had.
func (set *Sockets) ended(p *proc.Process) {
	set.mu.Lock()
	mine := set.users[p.Pid]
	delete(set.users, p.Pid)
	set.mu.Unlock()
	for s := range mine {
		s.leftBy(p.Pid)
	}
}

func (s *Socket) leftBy(pid term.Term) {
	s.mu.Lock()
	if s.owner == pid {
		s.owner = term.AtomUndefined
		s.mu.Unlock()
		if file := s.Close(); file != nil {
			go file()
		}
		return
	}
	for _, d := range []*direction{&s.in, &s.out} {
		if d.turn != nil && d.turn.pid == pid {
			d.turn.free()
			d.turn = nil
		}
		keep := d.queue[:0]
		for _, w := range d.queue {
			if w.pid != pid {
				keep = append(keep, w)
			} else {
				w.free()
			}
		}
		d.queue = keep
		s.kick(d)
	}
	s.mu.Unlock()
}

// ---- the end ---------------------------------------------------------------------------------

// Close closes the socket. nil: it was closed already; else the function that gives the descriptor back, which may take time.
func (s *Socket) Close() func() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	for _, d := range []*direction{&s.in, &s.out} {
		for _, w := range d.queue {
			if w.req != nil {
				w.req.finish(s.late(w, atomClosed))
				continue
			}
			s.tell(w, atomAbort, func(h *term.Heap) term.Term { return h.Tuple(term.CopyTo(h, w.handle), atomClosed) })
			w.free()
		}
		if d.turn != nil {
			d.turn.free()
		}
		d.queue, d.turn = nil, nil
	}
	monitors := s.monitors
	s.monitors = nil
	s.mu.Unlock()
	set := s.set
	set.mu.Lock()
	delete(set.all, s)
	for pid := range s.users {
		m := set.users[pid]
		if delete(m, s); len(m) == 0 {
			delete(set.users, pid)
		}
	}
	for _, m := range monitors {
		delete(set.monitors, m.nums)
	}
	set.mu.Unlock()
	s.sys.Sched.External(-1)
	for _, m := range monitors {
		s.down(m)
	}
	return func() { _ = s.sock.Close() }
}

// down tells a process that monitors the socket of its end.
func (s *Socket) down(m *socketMonitor) {
	h := term.NewArena()
	defer h.Free()
	s.sys.SendTo(nil, m.pid, h.Tuple(atomDOWN, h.Ref(m.nums), atomSocket, s.Term(h), atomClosed))
}

// Lingers reports whether closing may take time.
func (s *Socket) Lingers() bool {
	on := false
	_ = s.sock.control(func(fd int) error {
		l, err := unix.GetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER)
		on = err == nil && l.Onoff != 0 && l.Linger != 0
		return err
	})
	return on
}

// Monitor lets p hear of the end of the socket; the reference is the monitor's.
func (s *Socket) Monitor(p *proc.Process) term.Term {
	ref := p.MakeRef()
	nums, _ := term.RefNumbers(ref)
	m := &socketMonitor{p.Pid, [3]uint32(nums[:3])}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		s.down(m)
		return ref
	}
	s.unlisted = false
	s.monitors = append(s.monitors, m)
	s.set.mu.Lock()
	s.set.monitors[m.nums] = s
	s.set.mu.Unlock()
	return ref
}

// Demonitor ends a monitor that p has; false: there is none.
func (set *Sockets) Demonitor(p *proc.Process, ref term.Term) bool {
	nums, _ := term.RefNumbers(ref)
	key := [3]uint32(nums[:3])
	set.mu.Lock()
	s := set.monitors[key]
	set.mu.Unlock()
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, m := range s.monitors {
		if m.nums == key && m.pid == p.Pid {
			s.monitors = append(s.monitors[:i:i], s.monitors[i+1:]...)
			set.mu.Lock()
			delete(set.monitors, key)
			set.mu.Unlock()
			return true
		}
	}
	return false
}

// Monitors gives the references and the owners of the monitors of a socket.
func (s *Socket) Monitors(h *term.Heap) (refs, pids []term.Term) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.monitors {
		refs = append(refs, h.Ref(m.nums))
		pids = append(pids, m.pid)
	}
	return refs, pids
}

// Unlist leaves the socket out of the lists of all.
func (s *Socket) Unlist() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unlisted = true
}

// All gives the open sockets that are listed in the order of their making.
func (set *Sockets) All() []*Socket {
	return slices.DeleteFunc(set.every(), func(s *Socket) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.unlisted
	})
}

func (set *Sockets) every() []*Socket {
	set.mu.Lock()
	defer set.mu.Unlock()
	return slices.SortedFunc(maps.Keys(set.all), func(a, b *Socket) int { return cmp.Compare(set.all[a], set.all[b]) })
}

// SetOwner gives the socket to another process: p must be the owner. reason: what is wrong, None if nothing is.
func (s *Socket) SetOwner(p *proc.Process, pid term.Term) (reason term.Term) {
	s.mu.Lock()
	switch {
	case s.closed:
		s.mu.Unlock()
		return atomClosed
	case s.owner != p.Pid:
		s.mu.Unlock()
		return atomNotOwner
	}
	s.owner = pid
	s.mu.Unlock()
	s.set.mu.Lock()
	s.set.use(pid, s)
	s.set.mu.Unlock()
	return term.None
}

// Adopted tells that the new owner p lives; it is called in p.
func (s *Socket) Adopted(p *proc.Process) { s.set.follow(p) }

// Abandoned closes a socket whose new owner is no more.
func (s *Socket) Abandoned() {
	if file := s.Close(); file != nil {
		go file()
	}
}

// Owner is the process that the socket belongs to, undefined after it has ended.
func (s *Socket) Owner() term.Term {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owner
}

// Closed reports whether the socket was closed.
func (s *Socket) Closed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

var (
	atomSocketTag = term.Intern("$socket")
	atomSocket    = term.Intern("socket")
	atomSelect    = term.Intern("select")
	atomSelInfo   = term.Intern("select_info")
	atomSelRead   = term.Intern("select_read")
	atomAbort     = term.Intern("abort")
	atomDOWN      = term.Intern("DOWN")
	atomNotOwner  = term.Intern("not_owner")
	atomInvalid   = term.Intern("invalid")
)
