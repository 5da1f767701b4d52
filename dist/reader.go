package dist

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/etf"
	"github.com/gerl-lang/gerl/term"
)

// reader is what the goroutine that reads knows.
type reader struct {
	cache   [cacheSlots]term.Term
	started map[uint64]*assembly             // messages whose fragments have not all come
	held    int                              // bytes of those
	took    func(control, message term.Term) // for tests: takes signals in place of the system
}

// assembly is a message that comes in fragments.
type assembly struct {
	left  uint64 // the number of the fragment that came last
	atoms []term.Term
	data  []byte
}

// Limits of what another node may send.
const (
	maxPacket    = 1 << 31 // bytes of a packet
	maxAssembled = 1 << 32 // bytes of messages in fragments at a time
	maxStarted   = 1 << 16 // such messages
)

// errPacket says what is wrong with a packet.
type errPacket struct{ what string }

func (e errPacket) Error() string { return e.what }

// read takes packets until the connection is over.
func (c *conn) read() {
	debug.SetPanicOnFault(true)
	in := bufio.NewReaderSize(c.sock, 64<<10)
	var buf []byte
	for {
		var err error
		if buf, err = readPacket(in, buf); err == nil {
			c.received.Add(1)
			if len(buf) == 0 {
				continue // a tick
			}
			err = c.safely(buf)
		}
		if err == nil {
			if cap(buf) > 1<<20 {
				buf = nil
			}
			continue
		}
		var bad errPacket
		if errors.As(err, &bad) {
			c.d.report("** Bad packet from node %s: %s **\n** Closing the connection **\n", quoted(c.name), bad.what)
		}
		break
	}
	c.close(reasonConnectionClosed)
	c.takeBack()
	c.mu.Lock()
	reason := c.reason
	c.mu.Unlock()
	c.d.nodeDown(c.node, c.id, c.hidden(), reason)
}

// safely is packet; a fault of ours ends the connection, not the node.
func (c *conn) safely(b []byte) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errPacket{fmt.Sprintf("internal error: %v\n%s", v, debug.Stack())}
		}
	}()
	return c.packet(b)
}

// readPacket reads a packet into buf if that has room. A length is not believed before the bytes are there.
func readPacket(in *bufio.Reader, buf []byte) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return buf, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxPacket {
		return buf, errPacket{fmt.Sprintf("a packet of %d bytes is too large", n)}
	}
	if int(n) <= cap(buf) || n <= 1<<20 {
		if int(n) > cap(buf) {
			buf = make([]byte, n)
		}
		buf = buf[:n]
		_, err := io.ReadFull(in, buf)
		return buf, err
	}
	var b bytes.Buffer
	b.Grow(1 << 20)
	if _, err := io.CopyN(&b, in, int64(n)); err != nil {
		return buf, err
	}
	return b.Bytes(), nil
}

// packet deals with one packet: a signal, or a part of one.
func (c *conn) packet(b []byte) error {
	r := &c.in
	switch {
	case b[0] == passThrough:
		return c.plain(b[1:])
	case b[0] != etf.Version || len(b) < 3:
		return errPacket{"it does not begin like one"}
	}
	kind, b := b[1], b[2:]
	switch kind {
	case headerNormal:
		atoms, rest, err := r.references(b)
		if err != nil {
			return err
		}
		return c.signal(rest, atoms)
	case headerFirst:
		if len(b) < 17 {
			return errPacket{"a fragment is too short"}
		}
		sequence, number := binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
		atoms, rest, err := r.references(b[16:])
		if err != nil {
			return err
		}
		if number <= 1 {
			return c.signal(rest, atoms)
		}
		if r.started[sequence] != nil || len(r.started) >= maxStarted {
			return errPacket{"a message in fragments begins twice, or there are too many of them"}
		}
		if r.started == nil {
			r.started = map[uint64]*assembly{}
		}
		r.started[sequence] = &assembly{left: number, atoms: atoms, data: append([]byte(nil), rest...)}
		return r.hold(len(rest))
	case headerFragment:
		if len(b) < 16 {
			return errPacket{"a fragment is too short"}
		}
		sequence, number := binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
		a := r.started[sequence]
		if a == nil || number != a.left-1 || number == 0 {
			return errPacket{"a fragment does not belong to any message"}
		}
		a.left = number
		a.data = append(a.data, b[16:]...)
		if err := r.hold(len(b) - 16); err != nil {
			return err
		}
		if number > 1 {
			return nil
		}
		delete(r.started, sequence)
		r.held -= len(a.data)
		return c.signal(a.data, a.atoms)
	}
	return errPacket{"its header is of an unknown kind"}
}

func (r *reader) hold(n int) error {
	if r.held += n; r.held > maxAssembled {
		return errPacket{"messages in fragments are too large"}
	}
	return nil
}

// references reads the header's part that says what references to atoms stand for.
func (r *reader) references(b []byte) (atoms []term.Term, rest []byte, err error) {
	short := errPacket{"its references to atoms are malformed"}
	if len(b) == 0 {
		return nil, nil, short
	}
	n := int(b[0])
	b = b[1:]
	if n == 0 {
		return nil, b, nil
	}
	if len(b) < n/2+1 {
		return nil, nil, short
	}
	flags, b := b[:n/2+1], b[n/2+1:]
	nibble := func(i int) byte { return flags[i/2] >> (i % 2 * 4) & 15 }
	long := nibble(n)&1 != 0
	atoms = make([]term.Term, n)
	for i := range atoms {
		if len(b) == 0 {
			return nil, nil, short
		}
		slot := int(nibble(i)&7)<<8 | int(b[0])
		isNew := nibble(i)&8 != 0
		b = b[1:]
		if !isNew {
			if atoms[i] = r.cache[slot]; atoms[i] == term.None {
				return nil, nil, errPacket{"it refers to an atom that never came"}
			}
			continue
		}
		size := 1
		if long {
			size = 2
		}
		if len(b) < size {
			return nil, nil, short
		}
		length := int(b[0])
		if long {
			length = int(binary.BigEndian.Uint16(b))
		}
		b = b[size:]
		if len(b) < length || !utf8.Valid(b[:length]) || utf8.RuneCount(b[:length]) > 255 {
			return nil, nil, short
		}
		t, ok := term.TryIntern(string(b[:length]))
		if !ok {
			return nil, nil, errPacket{"there is no room in the atom table for an atom of it"}
		}
		r.cache[slot], atoms[i] = t, t
		b = b[length:]
	}
	return atoms, b, nil
}

// decoding is how terms of the other node are read.
func (c *conn) decoding(atoms []term.Term) *etf.DecodeOptions {
	o := &etf.DecodeOptions{Self: etf.Self{Node: c.self.atom, Creation: c.self.creation}, Atoms: atoms}
	if c.d.cfg.Funs != nil {
		o.Funs = c.d.cfg.Funs()
	}
	return o
}

// plain reads a packet without header: terms with version bytes.
func (c *conn) plain(b []byte) error {
	h := term.NewArena()
	defer h.Free()
	o := c.decoding(nil)
	control, n, err := etf.Decode(h, b, o)
	if err != nil {
		return badTerm(err)
	}
	message := term.None
	if n < len(b) {
		if message, _, err = etf.Decode(h, b[n:], o); err != nil {
			return badTerm(err)
		}
	}
	return c.take(h, control, message)
}

// signal reads a control message and what belongs to it.
func (c *conn) signal(b []byte, atoms []term.Term) error {
	h := term.NewArena()
	defer h.Free()
	o := c.decoding(atoms)
	control, n, err := etf.DecodePlain(h, b, o)
	if err != nil {
		return badTerm(err)
	}
	message := term.None
	if n < len(b) {
		if message, _, err = etf.DecodePlain(h, b[n:], o); err != nil {
			return badTerm(err)
		}
	}
	return c.take(h, control, message)
}

func badTerm(err error) error { return errPacket{"a term of it cannot be read (" + err.Error() + ")"} }

// take carries out a signal.
func (c *conn) take(h *term.Heap, control, message term.Term) error {
	if c.in.took != nil {
		c.in.took(control, message)
		return nil
	}
	return c.incoming(h, control, message)
}
