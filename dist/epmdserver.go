package dist

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// EpmdServer is the daemon that knows the nodes of a host: it answers their requests until it is killed.
type EpmdServer struct {
	Port      int
	Addresses []string      // to listen at; none: everywhere
	Relaxed   bool          // it may be killed while nodes are registered, and registrations may be taken away
	Timeout   time.Duration // how long a request may take to come, 0: a minute
	Log       func(format string, args ...any)

	mu        sync.Mutex
	nodes     []*registered
	creation  uint32
	listeners []net.Listener
	done      chan struct{}
	conns     map[net.Conn]bool
}

// registered is a node; it stays as long as its connection.
type registered struct {
	name            string
	port            int
	kind, protocol  byte
	highest, lowest uint16
	extra           []byte
	conn            net.Conn
	creation        uint32
}

// maxEpmdConns bounds how many connections are served at a time.
const maxEpmdConns = 4096

// Listen begins to listen.
func (s *EpmdServer) Listen() error {
	s.done, s.conns = make(chan struct{}), map[net.Conn]bool{}
	s.creation = newCreation()
	addresses := s.Addresses
	if len(addresses) == 0 {
		addresses = []string{""}
	} else if !slices.Contains(addresses, "127.0.0.1") {
		addresses = append([]string{"127.0.0.1"}, addresses...)
	}
	for _, a := range addresses {
		l, err := net.Listen("tcp", net.JoinHostPort(a, strconv.Itoa(s.Port)))
		if err != nil {
			s.Close()
			return err
		}
		s.Port = l.Addr().(*net.TCPAddr).Port
		s.listeners = append(s.listeners, l)
	}
	return nil
}

// Serve answers until Close or a request to end.
func (s *EpmdServer) Serve() {
	for _, l := range s.listeners {
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					select {
					case <-s.done:
						return
					case <-time.After(50 * time.Millisecond):
						continue
					}
				}
				if s.enter(conn) {
					go s.serve(conn)
				} else {
					conn.Close()
				}
			}
		}()
	}
	<-s.done
}

func (s *EpmdServer) enter(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) >= maxEpmdConns {
		return false
	}
	s.conns[conn] = true
	return true
}

// Close ends the server and its connections.
func (s *EpmdServer) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.done:
		return
	default:
		close(s.done)
	}
	for _, l := range s.listeners {
		l.Close()
	}
	for c := range s.conns {
		c.Close()
	}
}

func (s *EpmdServer) log(format string, args ...any) {
	if s.Log != nil {
		s.Log(format, args...)
	}
}

// serve answers one request. That of a node which registers keeps its connection.
func (s *EpmdServer) serve(conn net.Conn) {
	defer func() {
		conn.Close()
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
	}()
	limit := s.Timeout
	if limit == 0 {
		limit = time.Minute
	}
	_ = conn.SetDeadline(time.Now().Add(limit))
	var n [2]byte
	if _, err := io.ReadFull(conn, n[:]); err != nil {
		return
	}
	b := make([]byte, binary.BigEndian.Uint16(n[:]))
	if _, err := io.ReadFull(conn, b); err != nil || len(b) == 0 {
		return
	}
	addr, _ := conn.RemoteAddr().(*net.TCPAddr)
	local := addr != nil && (addr.IP.IsLoopback() || sameHost(addr.IP, conn))
	body := b[1:]
	switch {
	case b[0] == epmdAlive2 && local:
		s.alive(conn, body)
	case b[0] == epmdPort2:
		s.port2(conn, string(body))
	case b[0] == epmdNames:
		s.list(conn, func(i int, r *registered) string { return fmt.Sprintf("name %s at port %d\n", r.name, r.port) })
	case b[0] == epmdDump && local:
		s.list(conn, func(i int, r *registered) string {
			return fmt.Sprintf("active name     %s at port %d, fd = %d\n", r.name, r.port, i)
		})
	case b[0] == epmdKill && local:
		s.mu.Lock()
		busy := len(s.nodes) > 0 && !s.Relaxed
		s.mu.Unlock()
		if busy {
			_, _ = conn.Write([]byte("NO"))
			return
		}
		_, _ = conn.Write([]byte("OK"))
		s.log("killed")
		s.Close()
	case b[0] == epmdStop && local && s.Relaxed:
		s.stop(conn, string(body))
	default:
		s.log("request %d refused", b[0])
	}
}

// sameHost reports whether a connection comes from this host: then both ends have the same address.
func sameHost(ip net.IP, conn net.Conn) bool {
	own, _ := conn.LocalAddr().(*net.TCPAddr)
	return own != nil && own.IP.Equal(ip)
}

// alive registers a node and waits until its connection ends.
func (s *EpmdServer) alive(conn net.Conn, b []byte) {
	if len(b) < 10 {
		return
	}
	r := &registered{conn: conn, port: int(binary.BigEndian.Uint16(b)), kind: b[2], protocol: b[3],
		highest: binary.BigEndian.Uint16(b[4:]), lowest: binary.BigEndian.Uint16(b[6:])}
	n := int(binary.BigEndian.Uint16(b[8:]))
	b = b[10:]
	if len(b) < n+2 || n == 0 {
		return
	}
	r.name, b = string(b[:n]), b[n:]
	if e := int(binary.BigEndian.Uint16(b)); len(b) >= 2+e {
		r.extra = slices.Clone(b[2 : 2+e])
	}
	result := byte(0)
	if !s.add(r) {
		result = 1
	}
	answer := []byte{epmdAlive2Resp, result}
	if r.highest >= 6 {
		answer = binary.BigEndian.AppendUint32([]byte{epmdAlive2X, result}, r.creation)
	} else {
		answer = binary.BigEndian.AppendUint16(answer, uint16(r.creation%3+1))
	}
	_, err := conn.Write(answer)
	if result != 0 {
		return
	}
	defer s.drop(r)
	if err != nil {
		return
	}
	s.log("node %s registered at port %d", r.name, r.port)
	_ = conn.SetDeadline(time.Time{})
	if t, ok := conn.(*net.TCPConn); ok {
		_ = t.SetKeepAlive(true)
	}
	_, _ = io.Copy(io.Discard, conn)
}

func (s *EpmdServer) find(name string) *registered {
	for _, r := range s.nodes {
		if r.name == name {
			return r
		}
	}
	return nil
}

func (s *EpmdServer) add(r *registered) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(r.name) != nil || strings.ContainsAny(r.name, "\x00\n") {
		return false
	}
	s.creation++
	if s.creation < 4 {
		s.creation = 4 // lower ones stood for something else in older versions
	}
	r.creation = s.creation
	s.nodes = append(s.nodes, r)
	return true
}

func (s *EpmdServer) drop(r *registered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nodes = slices.DeleteFunc(s.nodes, func(o *registered) bool { return o == r })
	s.log("node %s is gone", r.name)
}

func (s *EpmdServer) port2(conn net.Conn, name string) {
	s.mu.Lock()
	r := s.find(name)
	s.mu.Unlock()
	if r == nil {
		_, _ = conn.Write([]byte{epmdPort2Resp, 1})
		return
	}
	b := []byte{epmdPort2Resp, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(r.port))
	b = append(b, r.kind, r.protocol)
	b = binary.BigEndian.AppendUint16(b, r.highest)
	b = binary.BigEndian.AppendUint16(b, r.lowest)
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.name)))
	b = append(b, r.name...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.extra)))
	_, _ = conn.Write(append(b, r.extra...))
}

func (s *EpmdServer) list(conn net.Conn, line func(i int, r *registered) string) {
	s.mu.Lock()
	b := binary.BigEndian.AppendUint32(nil, uint32(s.Port))
	for i := len(s.nodes) - 1; i >= 0; i-- {
		b = append(b, line(i, s.nodes[i])...)
	}
	s.mu.Unlock()
	_, _ = conn.Write(b)
}

func (s *EpmdServer) stop(conn net.Conn, name string) {
	s.mu.Lock()
	r := s.find(name)
	s.mu.Unlock()
	if r == nil {
		_, _ = conn.Write([]byte("NOEXIST"))
		return
	}
	r.conn.Close()
	_, _ = conn.Write([]byte("STOPPED"))
}
