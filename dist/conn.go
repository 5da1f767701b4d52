package dist

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// conn is the connection to a node, from the first wish for it to its loss. While it is being set up, signals wait in its queue.
type conn struct {
	d    *Dist
	self *local
	id   int
	node term.Term
	name string

	attempt *attempt // written under d.mu; who is setting it up

	started chan struct{} // closed when it is up or has failed

	mu      sync.Mutex
	cond    sync.Cond // the writer waits
	state   state
	reason  term.Term // why it is over
	sock    net.Conn
	peer    peer
	queue   []*frame
	queued  int // bytes in the queue or being written
	blocked []term.Term
	wake    []*proc.Process // that wait for the connection in a BIF
	ticker  *time.Timer

	links    map[linkKey]struct{}
	monitors map[monKey]target   // of ours
	watchers map[uint64]*watcher // of theirs, by our number
	byRef    map[refKey]uint64
	spawns   map[monKey]struct{}

	sent, received     atomic.Uint64 // packets
	sentSeen, recvSeen uint64
	silent             int
	tickNow            bool // the writer is to send a tick

	in reader
}

type state uint8

const (
	pending state = iota
	up
	down
)

// linkKey names a link between a local and a remote process, monKey a monitor or request of a local process.
type linkKey struct {
	from term.Term
	to   proc.ID
}

type monKey struct {
	pid term.Term
	n   uint64
}

// target is what a monitor of ours watches: a process or a name.
type target struct {
	id    proc.ID
	name  term.Term // or None
	alias bool      // its reference is an alias
}

func (t target) term(h *term.Heap, node term.Term) term.Term {
	if t.name != term.None {
		return h.Tuple(t.name, node)
	}
	return t.id.Term(h)
}

// watcher is a monitor that a process of the other node has on one here.
type watcher struct {
	pid   term.Term // ours
	owner proc.ID
	ref   refKey
}

// refKey is a reference in a form that compares.
type refKey struct {
	node, creation uint32
	nums           [term.MaxRefNumbers]uint32
	n              int
}

func keyOf(ref term.Term) refKey {
	k := refKey{}
	if node, creation, ok := term.ExtNode(ref); ok {
		k.node, k.creation = uint32(node), creation
	}
	k.nums, k.n = term.RefNumbers(ref)
	return k
}

func (k *refKey) term(h *term.Heap) term.Term {
	return h.ExtRef(term.Term(k.node), k.creation, k.nums[:k.n])
}

// Reasons of the end of a connection, as nodedown messages tell them.
var (
	reasonSetupFailed      = term.Intern("connection_setup_failed")
	reasonConnectionClosed = term.Intern("connection_closed")
	reasonDisconnect       = term.Intern("disconnect")
	reasonTickTimeout      = term.Intern("net_tick_timeout")
	reasonKernelTerminated = term.Intern("net_kernel_terminated")
)

func (c *conn) isUp() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == up
}

// hidden reports whether the two nodes do not see each other in nodes/0.
func (c *conn) hidden() bool { return c.self.hidden || c.peer.flags&flagPublished == 0 }

// Port is the term that stands for the connection where OTP has the port of its socket.
func (c *conn) port() term.Term { return term.Port(1<<40 + uint64(c.id)) }

// established takes over a socket after the handshake.
func (c *conn) established(a *attempt, sock net.Conn, p peer) {
	c.d.mu.Lock()
	if c.attempt != a || c.d.find(c.node) != c {
		c.d.mu.Unlock()
		sock.Close()
		return
	}
	c.attempt = nil
	c.mu.Lock()
	if c.state != pending {
		c.mu.Unlock()
		c.d.mu.Unlock()
		sock.Close()
		return
	}
	c.sock, c.peer = sock, p
	c.d.mu.Unlock()
	c.mu.Unlock()
	if t, ok := sock.(*net.TCPConn); ok {
		_ = t.SetNoDelay(true)
	}
	// Whoever watches nodes hears of this one before anything comes from it.
	c.d.nodeUp(c.node, c.id, c.hidden())
	c.mu.Lock()
	lost := c.state != pending // meanwhile
	if !lost {
		c.state = up
	}
	wake := c.wake
	c.wake = nil
	c.mu.Unlock()
	if lost {
		sock.Close()
		c.d.nodeDown(c.node, c.id, c.hidden(), reasonDisconnect)
		return
	}
	close(c.started)
	c.ready(wake)
	c.retick()
	go c.write()
	go c.read()
}

func (c *conn) ready(ps []*proc.Process) {
	for _, p := range ps {
		c.d.sys.Sched.Ready(&p.Node)
	}
}

// failAttempt ends a connection that an attempt should have set up.
func (c *conn) failAttempt(a *attempt) {
	c.d.mu.Lock()
	current := c.attempt == a
	c.d.mu.Unlock()
	if current {
		c.close(reasonSetupFailed)
	}
}

// close ends the connection. What was set up over it is taken back: at once if it was pending, else by the reader when it has ended, so that
// nothing comes from the node after its nodedown message.
func (c *conn) close(reason term.Term) {
	d := c.d
	d.mu.Lock()
	a := c.attempt
	c.attempt = nil
	d.remove(c)
	c.mu.Lock()
	was := c.state
	if was == down {
		c.mu.Unlock()
		d.mu.Unlock()
		return
	}
	c.state, c.reason = down, reason
	if was == up {
		dead := map[term.Term]struct{}{c.node: {}}
		if old := d.dead.Load(); old != nil {
			for n := range *old {
				dead[n] = struct{}{}
			}
		}
		d.dead.Store(&dead)
	}
	d.mu.Unlock()
	if c.ticker != nil {
		c.ticker.Stop()
	}
	c.cond.Broadcast()
	sock := c.sock
	c.mu.Unlock()
	if a != nil {
		a.stop()
	}
	if sock != nil {
		sock.Close()
	}
	if was == pending {
		close(c.started)
		c.takeBack()
		d.connectFailed(c.node)
	}
}

// takeBack ends what was set up over a connection that is over.
func (c *conn) takeBack() {
	d := c.d
	c.mu.Lock()
	links, monitors, watchers, spawns := c.links, c.monitors, c.watchers, c.spawns
	blocked, wake := c.blocked, c.wake
	c.links, c.monitors, c.watchers, c.byRef, c.spawns = nil, nil, nil, nil, nil
	c.blocked, c.wake, c.queue, c.queued = nil, nil, nil, 0
	c.mu.Unlock()
	sys := d.sys
	noconnection := term.AtomNoconnection
	h := term.NewArena()
	defer h.Free()
	for l := range links {
		sys.RemoteExit(l.to, l.from, noconnection, term.None, true)
	}
	for k, target := range monitors {
		sys.RemoteDown(k.pid, k.n, target.term(h, c.node), noconnection)
	}
	for n, w := range watchers {
		sys.RemoteDemonitor(w.pid, n)
	}
	for k := range spawns {
		sys.RemoteSpawned(k.pid, k.n, term.None, noconnection, term.None, false, false)
	}
	for _, pid := range blocked {
		sys.UnblockFromPort(pid)
	}
	c.ready(wake)
}

// ---- writing ---------------------------------------------------------------------------------

// busyLimit is how many bytes may wait before senders do.
const busyLimit = 1 << 20

// enqueue appends a frame. False: the connection is over. before is called, with the lock held, if it is not.
func (c *conn) enqueue(f *frame, before func()) (ok, busy bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == down {
		return false, false
	}
	if before != nil {
		before()
	}
	c.queue = append(c.queue, f)
	c.queued += f.size()
	if len(c.queue) == 1 && c.state == up {
		c.cond.Signal()
	}
	return true, c.queued > busyLimit
}

// busy reports whether a sender would have to wait.
func (c *conn) busy() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queued > busyLimit
}

// block lets p wait until the queue is shorter.
func (c *conn) block(p *proc.Process) {
	c.mu.Lock()
	if c.state != down && c.queued > busyLimit {
		c.blocked = append(c.blocked, p.Pid)
		c.mu.Unlock()
		p.BlockOnConnection(c.port())
		return
	}
	c.mu.Unlock()
}

// write sends what is in the queue until the connection is over.
func (c *conn) write() {
	var out writer
	out.init(c.peer.flags)
	for {
		c.mu.Lock()
		for c.state == up && len(c.queue) == 0 && !c.tickNow {
			c.cond.Wait()
		}
		if c.state != up {
			c.mu.Unlock()
			return
		}
		queue, tick := c.queue, c.tickNow
		c.queue, c.tickNow = nil, false
		sock := c.sock
		c.mu.Unlock()
		if len(queue) == 0 && tick {
			if _, err := sock.Write([]byte{0, 0, 0, 0}); err != nil {
				c.close(reasonConnectionClosed)
				return
			}
			c.sent.Add(1)
		}
		for len(queue) > 0 {
			n, bytes := out.batch(queue)
			_, err := sock.Write(out.buf)
			c.sent.Add(uint64(n))
			if err != nil {
				c.close(reasonConnectionClosed)
				return
			}
			queue = queue[n:]
			c.written(bytes)
		}
	}
}

// unwritten reports whether something waits to be written.
func (c *conn) unwritten() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == up && c.queued > 0
}

// written takes bytes off the count and wakes who waits for that.
func (c *conn) written(bytes int) {
	c.mu.Lock()
	c.queued -= bytes
	var blocked []term.Term
	if c.queued <= busyLimit/2 {
		blocked, c.blocked = c.blocked, nil
	}
	c.mu.Unlock()
	for _, pid := range blocked {
		c.d.sys.UnblockFromPort(pid)
	}
}

// ---- ticks -----------------------------------------------------------------------------------

// retick begins to watch the connection for silence, or anew after a change of the time.
func (c *conn) retick() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != up {
		return
	}
	if c.ticker != nil {
		c.ticker.Stop()
	}
	c.silent = 0
	t := c.d.ticking()
	c.ticker = time.AfterFunc(t.time/time.Duration(t.intensity), c.tick)
}

// tick is called several times in the time that a connection may be silent.
func (c *conn) tick() {
	t := c.d.ticking()
	c.mu.Lock()
	if c.state != up {
		c.mu.Unlock()
		return
	}
	if n := c.received.Load(); n != c.recvSeen {
		c.recvSeen, c.silent = n, 0
	} else {
		c.silent++
	}
	dead := c.silent > t.intensity
	if n := c.sent.Load(); n == c.sentSeen {
		c.tickNow = true
		c.cond.Signal()
	} else {
		c.sentSeen = n
	}
	if !dead {
		c.ticker.Reset(t.time / time.Duration(t.intensity))
	}
	c.mu.Unlock()
	if dead {
		c.d.report("** Node %s not responding **\n** Removing (timedout) connection **\n", quoted(c.name))
		c.close(reasonTickTimeout)
	}
}
