package dist

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gerl-lang/gerl/etf"
	"github.com/gerl-lang/gerl/term"
)

// peer is what the handshake found out about the other node.
type peer struct {
	name     string
	flags    flags
	creation uint32
	version  int
}

// shake is one handshake on a socket. Messages have two bytes of length in front.
type shake struct {
	d       *Dist
	l       *local
	sock    net.Conn
	peer    peer
	old     bool // the other side began with version 5
	attempt *attempt
}

// quiet is the end of a handshake that is told to nobody.
type quiet struct{ why string }

func (q quiet) Error() string { return q.why }

// maxHandshake bounds a message of the handshake: names have at most 255 characters.
const maxHandshake = 2 << 10

func (s *shake) send(b []byte) error {
	_, err := s.sock.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
	return err
}

func (s *shake) recv() ([]byte, error) {
	var n [2]byte
	if _, err := io.ReadFull(s.sock, n[:]); err != nil {
		return nil, err
	}
	size := int(binary.BigEndian.Uint16(n[:]))
	if size == 0 || size > maxHandshake {
		return nil, errMalformed
	}
	b := make([]byte, size)
	_, err := io.ReadFull(s.sock, b)
	return b, err
}

var errMalformed = errors.New("malformed message of the handshake")

// ownFlags are those told to a node.
func (s *shake) ownFlags() flags {
	if s.l.hidden {
		return flagsOwn
	}
	return flagsOwn | flagPublished
}

// nameMessage is the first message, by the side that connects.
func (s *shake) nameMessage(version int, f flags) []byte {
	var b []byte
	if version < versionHighest {
		b = append(b, 'n', 0, versionLowest)
		b = binary.BigEndian.AppendUint32(b, uint32(f))
		return append(b, s.l.name...)
	}
	b = append(b, 'N')
	b = binary.BigEndian.AppendUint64(b, uint64(f))
	b = binary.BigEndian.AppendUint32(b, s.l.creation)
	b = binary.BigEndian.AppendUint16(b, uint16(len(s.l.name)))
	return append(b, s.l.name...)
}

// readName takes the first message apart.
func (s *shake) readName() error {
	b, err := s.recv()
	if err != nil {
		return err
	}
	switch {
	case b[0] == 'N' && len(b) >= 15:
		s.peer.flags = flags(binary.BigEndian.Uint64(b[1:]))
		s.peer.creation = binary.BigEndian.Uint32(b[9:])
		n := int(binary.BigEndian.Uint16(b[13:]))
		if len(b) < 15+n {
			return errMalformed
		}
		s.peer.name = string(b[15 : 15+n])
		s.peer.version = versionHighest
	case b[0] == 'n' && len(b) > 7:
		s.old = true
		s.peer.flags = flags(binary.BigEndian.Uint32(b[3:]))
		s.peer.name = string(b[7:])
		s.peer.version = int(binary.BigEndian.Uint16(b[1:]))
		if s.peer.flags&flagHandshake23 != 0 {
			s.peer.version = versionHighest
		}
	default:
		return errMalformed
	}
	return nil
}

func (s *shake) status(text string) error { return s.send([]byte("s" + text)) }

func (s *shake) readStatus() (string, error) {
	b, err := s.recv()
	if err != nil {
		return "", err
	}
	if b[0] != 's' {
		return "", errMalformed
	}
	return string(b[1:]), nil
}

func newChallenge() uint32 {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint32(b[:])
}

// digest proves that a side knows the cookie.
func digest(cookie string, challenge uint32) [16]byte {
	latin, ok := etf.Latin1(cookie)
	if !ok {
		latin = []byte(cookie)
	}
	return md5.Sum(strconv.AppendUint(latin, uint64(challenge), 10))
}

func (s *shake) sendChallenge(challenge uint32) error {
	var b []byte
	if s.old && s.peer.flags&flagHandshake23 == 0 {
		b = append(b, 'n', 0, versionLowest)
		b = binary.BigEndian.AppendUint32(b, uint32(s.ownFlags()))
		b = binary.BigEndian.AppendUint32(b, challenge)
		return s.send(append(b, s.l.name...))
	}
	b = append(b, 'N')
	b = binary.BigEndian.AppendUint64(b, uint64(s.ownFlags()))
	b = binary.BigEndian.AppendUint32(b, challenge)
	b = binary.BigEndian.AppendUint32(b, s.l.creation)
	b = binary.BigEndian.AppendUint16(b, uint16(len(s.l.name)))
	return s.send(append(b, s.l.name...))
}

func (s *shake) readChallenge() (challenge uint32, err error) {
	b, err := s.recv()
	if err != nil {
		return 0, err
	}
	switch {
	case b[0] == 'N' && len(b) >= 19:
		s.peer.flags = flags(binary.BigEndian.Uint64(b[1:]))
		s.peer.creation = binary.BigEndian.Uint32(b[13:])
		n := int(binary.BigEndian.Uint16(b[17:]))
		if len(b) < 19+n {
			return 0, errMalformed
		}
		s.peer.name = string(b[19 : 19+n])
		return binary.BigEndian.Uint32(b[9:]), nil
	case b[0] == 'n' && len(b) > 11:
		s.peer.flags = flags(binary.BigEndian.Uint32(b[3:]))
		s.peer.name = string(b[11:])
		return binary.BigEndian.Uint32(b[7:]), nil
	}
	return 0, errMalformed
}

// missing names the first flag that is mandatory and that the peer lacks.
func missing(f flags) (names string) {
	for bit, name := range flagNames {
		if f&bit == 0 {
			return name
		}
	}
	return ""
}

// ---- the side that connects ------------------------------------------------------------------------

// attempt is one try to set up a connection from here.
type attempt struct {
	c  *conn
	mu sync.Mutex
	// sock is closed and ctx cancelled when the other side's attempt wins.
	sock   net.Conn
	cancel context.CancelFunc
	over   bool
	own    bool // begun by this node
}

// stop ends the attempt without effect on the connection.
func (a *attempt) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	if a.cancel != nil {
		a.cancel()
	}
	if a.sock != nil {
		a.sock.Close()
	}
}

// run tries; when it fails the connection fails, unless another attempt has taken its place.
func (a *attempt) run() {
	c := a.c
	d := c.d
	ctx, cancel := context.WithTimeout(context.Background(), d.setupTime())
	a.mu.Lock()
	a.cancel = cancel
	a.mu.Unlock()
	defer cancel()
	s, err := a.dial(ctx)
	if err == nil {
		err = s.connect(c)
	}
	d.mu.Lock()
	current := c.attempt == a
	d.mu.Unlock()
	switch {
	case err == nil && current:
		_ = s.sock.SetDeadline(time.Time{})
		c.established(a, s.sock, s.peer)
		return
	case !current:
	case errors.Is(err, errTheirs):
		// The other node's own attempt goes on; without it nothing will come.
		time.AfterFunc(d.setupTime(), func() { c.failAttempt(a) })
	default:
		if text := ""; errors.As(err, new(reported)) {
			text = err.Error()
			d.report("%s", text)
		}
		c.close(reasonSetupFailed)
	}
	if s != nil && s.sock != nil {
		s.sock.Close()
	}
}

// reported is an error that is worth a report.
type reported struct{ text string }

func (r reported) Error() string { return r.text }

// errTheirs says that the other node connects at the same time and its attempt goes on.
var errTheirs = errors.New("the other node is connecting")

// dial finds the node and connects to it.
func (a *attempt) dial(ctx context.Context) (*shake, error) {
	d, c := a.c.d, a.c
	alias, host, ok := strings.Cut(c.name, "@")
	if !ok || alias == "" || host == "" {
		return nil, quiet{"its name is not of the form name@host"}
	}
	_, own, _ := strings.Cut(c.self.name, "@")
	long, ownLong := strings.ContainsAny(host, ".:"), strings.ContainsAny(own, ".:")
	switch {
	case long && !ownLong:
		return nil, reported{fmt.Sprintf("** System NOT running to use fully qualified hostnames **\n** Hostname %s is illegal **\n", host)}
	case !long && ownLong && host != "localhost":
		return nil, reported{fmt.Sprintf("** System running to use fully qualified hostnames **\n** Hostname %s is illegal **\n", host)}
	}
	at := host
	if host == own {
		at = d.ownHost(host)
	}
	found, err := d.PortPlease(ctx, alias, at)
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	sock, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(at, strconv.Itoa(found.Port)))
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	if a.over {
		a.mu.Unlock()
		sock.Close()
		return nil, errTheirs
	}
	a.sock = sock
	a.mu.Unlock()
	if t, ok := ctx.Deadline(); ok {
		_ = sock.SetDeadline(t)
	}
	return &shake{d: d, l: c.self, sock: sock, peer: peer{version: found.Highest}}, nil
}

// ownHost is where nodes of this host are asked for: its name may not be known to the resolver.
func (d *Dist) ownHost(host string) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if _, err := net.DefaultResolver.LookupHost(ctx, host); err != nil {
		return "127.0.0.1"
	}
	return host
}

// connect is the handshake of the side that connects.
func (s *shake) connect(c *conn) error {
	version := versionHighest
	if s.peer.version < versionHighest {
		version = versionLowest
		s.old = true
	}
	if err := s.send(s.nameMessage(version, s.ownFlags())); err != nil {
		return err
	}
	status, err := s.readStatus()
	if err != nil {
		return err
	}
	switch status {
	case "ok", "ok_simultaneous":
	case "nok":
		return errTheirs
	case "alive":
		// The other side thinks that there is a connection, which we have lost.
		if err := s.status("true"); err != nil {
			return err
		}
	case "not_allowed":
		return reported{fmt.Sprintf("** Connection attempt to node %s was refused: this node is not allowed there **", quoted(c.name))}
	default:
		return errMalformed
	}
	theirs, err := s.readChallenge()
	if err != nil {
		return err
	}
	if s.peer.name != c.name {
		return quiet{"the node has another name"}
	}
	if name := missing(s.peer.flags); name != "" {
		return reported{fmt.Sprintf("** %s: Connection attempt to node %s aborted since it cannot handle [\"%s\"].**", quoted(s.l.name), quoted(c.name), name)}
	}
	if s.old && s.peer.flags&flagHandshake23 != 0 {
		b := binary.BigEndian.AppendUint32([]byte{'c'}, uint32(s.ownFlags()>>32))
		if err := s.send(binary.BigEndian.AppendUint32(b, s.l.creation)); err != nil {
			return err
		}
	}
	cookie := s.d.Cookie(c.name)
	ours := newChallenge()
	proof := digest(cookie, theirs)
	b := binary.BigEndian.AppendUint32([]byte{'r'}, ours)
	if err := s.send(append(b, proof[:]...)); err != nil {
		return err
	}
	ack, err := s.recv()
	if err != nil {
		return err
	}
	if want := digest(cookie, ours); len(ack) != 17 || ack[0] != 'a' || [16]byte(ack[1:]) != want {
		return reported{fmt.Sprintf("** Connection attempt to disallowed node %s ** ", quoted(c.name))}
	}
	return nil
}

func quoted(name string) string {
	return string(term.AppendAtom(nil, name, true))
}

// ---- the side that is connected to -------------------------------------------------------------------

func (d *Dist) accept(l *local) {
	for {
		sock, err := l.listener.Accept()
		if err != nil {
			select {
			case <-l.done:
				return
			case <-time.After(50 * time.Millisecond): // no more files, most likely
				continue
			}
		}
		go d.accepted(l, sock)
	}
}

func (d *Dist) accepted(l *local, sock net.Conn) {
	s := &shake{d: d, l: l, sock: sock}
	_ = sock.SetDeadline(time.Now().Add(d.setupTime()))
	c, err := s.answer()
	if err != nil {
		sock.Close()
		if errors.As(err, new(reported)) {
			d.report("%s", err.Error())
		}
		if c != nil {
			c.failAttempt(s.attempt)
		}
		return
	}
	_ = sock.SetDeadline(time.Time{})
	c.established(s.attempt, sock, s.peer)
}

// answer is the handshake of the side that is connected to. It gives the connection that is to be established; with an error, the one that was
// waiting for this.
func (s *shake) answer() (*conn, error) {
	d := s.d
	if err := s.readName(); err != nil {
		return nil, err
	}
	name := s.peer.name
	if !strings.Contains(name, "@") || name == s.l.name || len(name) > 255 {
		return nil, quiet{"bad name"}
	}
	if !d.allows(name) {
		_ = s.status("not_allowed")
		return nil, reported{fmt.Sprintf("** Connection attempt from disallowed node %s ** ", quoted(name))}
	}
	if want := s.peer.flags; !s.old {
		if lacks := missing(want); lacks != "" {
			_ = s.status("not_allowed")
			return nil, reported{fmt.Sprintf("** %s: Connection attempt from node %s rejected since it cannot handle [\"%s\"].**", quoted(s.l.name), quoted(name), lacks)}
		}
	}
	node, ok := term.TryIntern(name)
	if !ok {
		_ = s.status("not_allowed")
		return nil, reported{"** Connection attempt from node " + quoted(name) + " rejected: no room for its name in the atom table **"}
	}
	c, err := s.place(node)
	if err != nil {
		return nil, err
	}
	challenge := newChallenge()
	if err := s.sendChallenge(challenge); err != nil {
		return c, err
	}
	if s.old && s.peer.flags&flagHandshake23 != 0 {
		b, err := s.recv()
		if err != nil {
			return c, err
		}
		if len(b) != 9 || b[0] != 'c' {
			return c, errMalformed
		}
		s.peer.flags |= flags(binary.BigEndian.Uint32(b[1:])) << 32
		s.peer.creation = binary.BigEndian.Uint32(b[5:])
	}
	if lacks := missing(s.peer.flags); lacks != "" {
		return c, reported{fmt.Sprintf("** %s: Connection attempt from node %s rejected since it cannot handle [\"%s\"].**", quoted(s.l.name), quoted(name), lacks)}
	}
	reply, err := s.recv()
	if err != nil {
		return c, err
	}
	if len(reply) != 21 || reply[0] != 'r' {
		return c, errMalformed
	}
	cookie := d.Cookie(name)
	if want := digest(cookie, challenge); [16]byte(reply[5:]) != want {
		return c, reported{fmt.Sprintf("** Connection attempt from node %s rejected. Invalid challenge reply. **\n", quoted(name))}
	}
	proof := digest(cookie, binary.BigEndian.Uint32(reply[1:]))
	return c, s.send(append([]byte{'a'}, proof[:]...))
}

// place finds the connection that this handshake is for, and tells the other side how things stand: there may be one, or an attempt of our own.
func (s *shake) place(node term.Term) (*conn, error) {
	d := s.d
	d.mu.Lock()
	if d.self.Load() != s.l {
		d.mu.Unlock()
		return nil, quiet{"stopped"}
	}
	c := d.find(node)
	if c == nil {
		c = d.newConn(s.l, node)
		d.put(c)
		s.take(c)
		d.mu.Unlock()
		return c, s.status("ok")
	}
	if !c.isUp() {
		// Both connect at the same time: the attempt of the node with the greater name goes on.
		if c.attempt != nil && c.attempt.own && s.l.name > s.peer.name {
			d.mu.Unlock()
			_ = s.status("nok")
			return nil, quiet{"our attempt goes on"}
		}
		if old := c.attempt; old != nil {
			go old.stop()
		}
		s.take(c)
		d.mu.Unlock()
		return c, s.status("ok_simultaneous")
	}
	d.mu.Unlock()
	if err := s.status("alive"); err != nil {
		return nil, err
	}
	answer, err := s.readStatus()
	if err != nil {
		return nil, err
	}
	if answer != "true" {
		return nil, quiet{"there is a connection"}
	}
	c.close(reasonConnectionClosed)
	d.mu.Lock()
	if d.find(node) == nil {
		c = d.newConn(s.l, node)
		s.take(c)
		d.put(c)
		d.mu.Unlock()
		return c, nil
	}
	d.mu.Unlock()
	return nil, quiet{"another connection came first"}
}

// take makes this handshake the connection's attempt; the caller holds the Dist's mu.
func (s *shake) take(c *conn) {
	s.attempt = &attempt{c: c, sock: s.sock}
	c.attempt = s.attempt
}
