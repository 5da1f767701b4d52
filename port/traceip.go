package port

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/gerl-lang/gerl/term"
)

// traceIP is the driver trace_ip_drv: its arguments are "PORT LENGTH FLAGS". It listens and writes to the one who is
// connected; at most LENGTH messages wait, those that come then are counted (flag 1: the oldest ones make room instead). Without
// flag 2 nothing waits while nobody is connected.
type traceIP struct {
	args      string
	length    int
	oldest    bool
	always    bool
	listener  net.Listener
	client    net.Conn
	queue     [][]byte // at most one packet of lost ones, at the end where new ones are lost
	lost      int      // 1: such a packet is in the queue
	pt        *Port
	closed    bool
	mu        sync.Mutex
	something sync.Cond // in the queue, or another client, or the end
}

// Start implements Starter.
func (d *traceIP) Start(pt *Port, _ []string, _ string) error {
	d.something.L = &d.mu
	n, rest, ok := numbers(d.args, 3)
	if !ok || rest != "" || n[0] > 65535 || n[1] < 1 {
		return os.ErrInvalid
	}
	d.length, d.oldest, d.always, d.pt = n[1], n[2]&1 != 0, n[2]&2 != 0, pt
	l, err := net.Listen("tcp", ":"+strconv.Itoa(n[0]))
	if err != nil {
		return err
	}
	pt.opened()
	d.mu.Lock()
	d.listener = l
	closed := d.closed
	d.mu.Unlock()
	if closed {
		return l.Close()
	}
	pt.Sys().Sched.External(1)
	go d.accept(l)
	go d.write()
	return nil
}

// accept takes one client at a time; others are closed at once.
func (d *traceIP) accept(l net.Listener) {
	defer d.pt.Sys().Sched.External(-1)
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		d.mu.Lock()
		taken := d.client != nil || d.closed
		if !taken {
			d.client = c
			d.something.Broadcast()
		}
		d.mu.Unlock()
		if taken {
			_ = c.Close()
			continue
		}
		go func() {
			_, _ = io.Copy(io.Discard, c)
			d.gone(c)
		}()
	}
}

// gone: a client has left.
func (d *traceIP) gone(c net.Conn) {
	_ = c.Close()
	d.mu.Lock()
	if d.client == c {
		d.client = nil
		if !d.always {
			d.queue, d.lost = nil, 0
		}
	}
	d.mu.Unlock()
}

// Output implements Driver.
func (d *traceIP) Output(_ *Port, data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.client == nil && !d.always {
		return
	}
	packet := tracePacket(packetTerm, len(data), data)
	switch {
	case len(d.queue)-d.lost < d.length && (d.oldest || d.lost == 0):
		d.queue = append(d.queue, packet)
	case len(d.queue)-d.lost < d.length: // behind those that were lost
		d.queue, d.lost = append(d.queue, packet), 0
	case d.oldest:
		d.drop(0)
		d.queue = append(append(d.queue[:1:1], d.queue[2:]...), packet)
	default:
		d.drop(len(d.queue) - d.lost)
	}
	d.something.Broadcast()
}

// drop counts one more lost message in the packet for them at the place at.
func (d *traceIP) drop(at int) {
	if d.lost == 0 {
		d.lost = 1
		d.queue = append(d.queue[:at:at], append([][]byte{tracePacket(packetDrop, 1, nil)}, d.queue[at:]...)...)
		return
	}
	p := d.queue[at]
	binary.BigEndian.PutUint32(p[1:], binary.BigEndian.Uint32(p[1:])+1)
}

func (d *traceIP) write() {
	d.mu.Lock()
	for {
		for !d.closed && (d.client == nil || len(d.queue) == 0) {
			d.something.Wait()
		}
		if d.client == nil || len(d.queue) == 0 {
			break
		}
		c, packet := d.client, d.queue[0]
		if d.queue = d.queue[1:]; packet[0] == packetDrop {
			d.lost = 0
		}
		d.mu.Unlock()
		if _, err := c.Write(packet); err != nil {
			d.gone(c)
		}
		d.mu.Lock()
	}
	c := d.client
	d.mu.Unlock()
	if c != nil {
		_ = c.Close()
	}
}

// Controls implements Controller: $p gives the number of the port.
func (d *traceIP) Controls(op int64, _ []byte) (answer []byte, bin, done bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if op != 'p' || d.listener == nil {
		return nil, true, false
	}
	return binary.BigEndian.AppendUint16([]byte{0}, uint16(d.listener.Addr().(*net.TCPAddr).Port)), true, true
}

// Close implements Driver: a client still gets what waits for it.
func (d *traceIP) Close(_ *Port, _ term.Term) {
	d.mu.Lock()
	d.closed = true
	l, c := d.listener, d.client
	if c != nil {
		_ = c.SetWriteDeadline(time.Now().Add(time.Second)) // it may have stopped reading
	}
	if d.something.L != nil {
		d.something.Broadcast()
	}
	d.mu.Unlock()
	if l != nil {
		go func() { _ = l.Close() }()
	}
}
