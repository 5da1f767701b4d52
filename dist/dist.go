// Package dist connects a node with others by Erlang's distribution protocol: it finds them through epmd, shakes hands, and carries
// signals between processes. The protocol is documented in the ERTS User's Guide, "Distribution Protocol" and "External Term
// Format".
//
// Main types: Dist (a node's part in it, a proc.Router), conn (a connection to another node).
//
// It may import term, etf and proc.
//
//	d := dist.Install(sys, dist.Config{...})
//	name, err := d.Start(dist.Options{Name: "a@localhost", Cookie: "secret"})
package dist

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gerl-lang/gerl/etf"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Config is what a node provides.
type Config struct {
	// Funs resolves funs that come in.
	Funs func() etf.Funs
	// Getenv reads the node's environment.
	Getenv func(name string) (string, bool)
	// SpawnOptions reads the options of a process that another node asks for.
	SpawnOptions func(sys *proc.System, opts term.Term) (*proc.SpawnOpts, bool)
	// Epmd is the command that starts the port mapper daemon; without one nobody starts it.
	Epmd []string
}

// Dist is a node's part in the distribution. It costs next to nothing until Start.
type Dist struct {
	sys *proc.System
	cfg Config

	self atomic.Pointer[local]                  // nil: not alive
	open atomic.Pointer[map[term.Term]*conn]    // connections by node, pending ones too; written under mu
	ids  sync.Map                               // the same by number
	dead atomic.Pointer[map[term.Term]struct{}] // nodes that were connected once; written under mu

	mu      sync.Mutex
	lastID  int
	cookies map[string]string // by node; "" is the own one
	allowed []string          // nodes that may connect, nil: all
	tick    ticking
	setup   time.Duration
	auto    autoConnect
	subs    []*subscription
	waiting map[term.Term]map[term.Term]int // monitor_node: node -> pid -> count
}

// ticking says when a silent connection is given up.
type ticking struct {
	time      time.Duration
	intensity int
}

// autoConnect is the parameter dist_auto_connect.
type autoConnect uint8

// When a signal to a node sets up a connection.
const (
	AutoAlways autoConnect = iota
	AutoOnce
	AutoNever
)

// local is what a node is while it is alive.
type local struct {
	name     string
	atom     term.Term
	creation uint32
	hidden   bool
	listener net.Listener
	epmd     net.Conn
	port     int
	done     chan struct{}
}

// Options say how a node becomes alive.
type Options struct {
	Name          string // name@host
	Cookie        string
	Hidden        bool
	LowPort, High int  // where to listen, 0: anywhere
	NoListen      bool // only connect
	NoEpmd        bool // do not register
	StartEpmd     bool // start the daemon if there is none
	Address       net.IP
	TickTime      time.Duration
	TickIntensity int
	SetupTime     time.Duration
	Auto          autoConnect
}

type distKey struct{}

// Install gives a node its part in the distribution.
func Install(sys *proc.System, cfg Config) *Dist {
	d := &Dist{sys: sys, cfg: cfg, cookies: map[string]string{}, tick: ticking{60 * time.Second, 4}, setup: 7 * time.Second}
	sys.Router = d
	sys.Values.Store(distKey{}, d)
	return d
}

// Of gives the part that Install made.
func Of(sys *proc.System) *Dist {
	v, _ := sys.Values.Load(distKey{})
	d, _ := v.(*Dist)
	return d
}

// Errors of Start.
var (
	ErrAlive     = errors.New("already_started")
	ErrName      = errors.New("badname")
	ErrInUse     = errors.New("duplicate_name")
	ErrNoEpmd    = errors.New("epmd")
	ErrRecording = errors.New("not_supported_in_seeded_runs")
)

// Alive reports whether the node has a name.
func (d *Dist) Alive() bool { return d.self.Load() != nil }

// Start makes the node alive. It blocks.
func (d *Dist) Start(o Options) error {
	if d.sys.Sched.Policy != nil {
		return ErrRecording
	}
	if d.Alive() {
		return ErrAlive
	}
	alias, host, ok := strings.Cut(o.Name, "@")
	if !ok || alias == "" || host == "" || len(o.Name) > 255 {
		return ErrName
	}
	atom, ok := term.TryIntern(o.Name)
	if !ok {
		return term.ErrAtomLimit
	}
	l := &local{name: o.Name, atom: atom, hidden: o.Hidden, done: make(chan struct{})}
	if !o.NoListen {
		ln, err := listen(o.Address, o.LowPort, o.High)
		if err != nil {
			return err
		}
		l.listener = ln
		l.port = ln.Addr().(*net.TCPAddr).Port
	}
	l.creation = newCreation()
	if l.listener != nil && !o.NoEpmd {
		conn, creation, err := d.register(alias, l.port, o.Hidden, o.StartEpmd)
		if err != nil {
			l.listener.Close()
			return err
		}
		l.epmd, l.creation = conn, creation
	}
	d.mu.Lock()
	d.cookies[""] = o.Cookie
	if o.TickTime > 0 {
		d.tick.time = o.TickTime
	}
	if o.TickIntensity > 0 {
		d.tick.intensity = o.TickIntensity
	}
	if o.SetupTime > 0 {
		d.setup = o.SetupTime
	}
	d.auto = o.Auto
	empty := map[term.Term]*conn{}
	d.open.Store(&empty)
	d.mu.Unlock()
	if !d.self.CompareAndSwap(nil, l) {
		l.close()
		return ErrAlive
	}
	d.sys.Creation.Store(l.creation)
	term.SetOwnNode(atom, l.creation)
	d.sys.NodeName.Store(uint64(atom))
	d.nodeUp(atom, 0, false)
	if l.listener != nil {
		go d.accept(l)
	}
	if l.epmd != nil {
		go d.keepRegistered(l, alias, o)
	}
	return nil
}

func listen(ip net.IP, low, high int) (net.Listener, error) {
	if low == 0 {
		return net.ListenTCP("tcp", &net.TCPAddr{IP: ip})
	}
	var err error
	for p := low; p <= max(low, high); p++ {
		var ln net.Listener
		if ln, err = net.ListenTCP("tcp", &net.TCPAddr{IP: ip, Port: p}); err == nil {
			return ln, nil
		}
	}
	return nil, err
}

func (l *local) close() {
	select {
	case <-l.done:
	default:
		close(l.done)
	}
	if l.listener != nil {
		l.listener.Close()
	}
	if l.epmd != nil {
		l.epmd.Close()
	}
}

// Stop ends all connections; the node is nonode@nohost again. False: it was not alive.
func (d *Dist) Stop() bool {
	l := d.self.Swap(nil)
	if l == nil {
		return false
	}
	l.close()
	for _, c := range d.conns() {
		c.close(reasonKernelTerminated)
	}
	d.sys.NodeName.Store(uint64(term.AtomNonodeNohost))
	d.sys.Creation.Store(0)
	term.SetOwnNode(term.AtomNonodeNohost, 0)
	d.nodeDown(l.atom, 0, false, reasonKernelTerminated)
	return true
}

// lastWords bounds how long what was sent to other nodes may still take when this one leaves them.
const lastWords = 500 * time.Millisecond

// Drain waits until all that was sent before to some nodes (none: to all) has been written, for no longer than lastWords. It blocks.
func (d *Dist) Drain(nodes ...term.Term) {
	until := time.Now().Add(lastWords)
	for _, c := range d.conns() {
		for (len(nodes) == 0 || slices.Contains(nodes, c.node)) && c.unwritten() && time.Now().Before(until) {
			time.Sleep(time.Millisecond)
		}
	}
}

// Unwritten reports whether something waits to be written to a node.
func (d *Dist) Unwritten(node term.Term) bool {
	c := d.find(node)
	return c != nil && c.unwritten()
}

// conns are all connections, pending ones too.
func (d *Dist) conns() []*conn {
	m := d.open.Load()
	if m == nil {
		return nil
	}
	out := make([]*conn, 0, len(*m))
	for _, c := range *m {
		out = append(out, c)
	}
	return out
}

// find gives the connection to a node, nil if there is none.
func (d *Dist) find(node term.Term) *conn {
	if m := d.open.Load(); m != nil {
		return (*m)[node]
	}
	return nil
}

// NodeOf implements proc.Router.
func (d *Dist) NodeOf(index int) (node term.Term, creation uint32, ok bool) {
	m := d.open.Load()
	if m == nil {
		return term.None, 0, false
	}
	for node, c := range *m {
		if node.AtomIndex() == index {
			c.mu.Lock()
			defer c.mu.Unlock()
			return node, c.peer.creation, true
		}
	}
	return term.None, 0, false
}

// why says what a connection is asked for by.
type why uint8

const (
	forSignal  why = iota // a signal: dist_auto_connect decides
	forRequest            // net_kernel:connect_node/1
)

// to gives the connection to a node, beginning to set it up if there is none. failed: the node is this one's own name or cannot be reached.
func (d *Dist) to(node term.Term, w why) *conn {
	if c := d.find(node); c != nil {
		return c
	}
	l := d.self.Load()
	if l == nil || node == l.atom || node == term.AtomNonodeNohost {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.find(node); c != nil {
		return c
	}
	if w == forSignal {
		if d.auto == AutoNever {
			return nil
		}
		if dead := d.dead.Load(); d.auto == AutoOnce && dead != nil {
			if _, was := (*dead)[node]; was {
				return nil
			}
		}
	}
	c := d.newConn(l, node)
	a := &attempt{c: c, own: true}
	c.attempt = a
	d.put(c)
	go a.run()
	return c
}

// newConn makes a connection that is yet to be set up; the caller holds mu.
func (d *Dist) newConn(l *local, node term.Term) *conn {
	d.lastID++
	c := &conn{d: d, self: l, id: d.lastID, node: node, name: node.AtomName(), started: make(chan struct{})}
	c.cond.L = &c.mu
	return c
}

// put enters c into the table, remove takes it out; the caller holds mu.
func (d *Dist) put(c *conn) {
	m := maps.Clone(*d.open.Load())
	m[c.node] = c
	d.open.Store(&m)
	d.ids.Store(c.id, c)
}

func (d *Dist) remove(c *conn) {
	if old := *d.open.Load(); old[c.node] == c {
		m := maps.Clone(old)
		delete(m, c.node)
		d.open.Store(&m)
	}
	d.ids.Delete(c.id)
}

func (d *Dist) byID(id int) *conn {
	v, _ := d.ids.Load(id)
	c, _ := v.(*conn)
	return c
}

// Cookie is what a node is expected to know, and told to.
func (d *Dist) Cookie(node string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c, ok := d.cookies[node]; ok {
		return c
	}
	return d.cookies[""]
}

// SetCookie sets the cookie of a node, or with "" the own one.
func (d *Dist) SetCookie(node, cookie string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if l := d.self.Load(); l != nil && node == l.name {
		node = ""
	}
	d.cookies[node] = cookie
}

// Allow limits who may connect to the nodes given, those allowed before included.
func (d *Dist) Allow(nodes []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.allowed = append(d.allowed, nodes...)
}

// Allowed are the nodes of Allow.
func (d *Dist) Allowed() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.allowed...)
}

func (d *Dist) allows(node string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.allowed) == 0 {
		return true
	}
	_, host, _ := strings.Cut(node, "@")
	for _, a := range d.allowed {
		if a == node || a == host {
			return true
		}
	}
	return false
}

// SetTickTime changes how long a connection may be silent; TickTime is that.
func (d *Dist) SetTickTime(t time.Duration) {
	d.mu.Lock()
	d.tick.time = t
	d.mu.Unlock()
	for _, c := range d.conns() {
		c.retick()
	}
}

// TickTime is how long a connection may be silent.
func (d *Dist) TickTime() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tick.time
}

func (d *Dist) ticking() ticking {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tick
}

func (d *Dist) setupTime() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.setup
}

// report logs an error of the distribution's.
func (d *Dist) report(format string, args ...any) {
	if r := d.sys.Reporter; r != nil {
		r.Report(proc.Report{Kind: proc.Error, Text: fmt.Sprintf(format, args...)})
	}
}

func (d *Dist) getenv(name string) string {
	if d.cfg.Getenv == nil {
		return ""
	}
	v, _ := d.cfg.Getenv(name)
	return v
}

// encoding is how terms for other nodes are written.
func (d *Dist) encoding(atoms etf.AtomWriter) *etf.EncodeOptions {
	o := &etf.EncodeOptions{Atoms: atoms}
	if l := d.self.Load(); l != nil {
		o.Self = etf.Self{Node: l.atom, Creation: l.creation}
	}
	return o
}
