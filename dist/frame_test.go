package dist

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// received collects what a connection delivers to the one process of a system without code.
func testConn(t testing.TB) *conn {
	t.Helper()
	sys := proc.NewSystem(proc.Config{Scheduler: scheduler.Config{Workers: 1}})
	d := Install(sys, Config{SpawnOptions: func(*proc.System, term.Term) (*proc.SpawnOpts, bool) { return nil, false }})
	l := &local{name: "a@h", atom: term.Intern("a@h"), creation: 7, done: make(chan struct{})}
	d.self.Store(l)
	empty := map[term.Term]*conn{}
	d.open.Store(&empty)
	c := d.newConn(l, term.Intern("b@h"))
	c.state = up
	d.put(c)
	return c
}

// packets writes frames with a writer for a node with the given capabilities and takes the packets apart again.
func packets(t *testing.T, f flags, frames ...*frame) [][]byte {
	t.Helper()
	var w writer
	w.init(f)
	var all bytes.Buffer
	for len(frames) > 0 {
		n, _ := w.batch(frames)
		all.Write(w.buf)
		frames = frames[n:]
	}
	in := bufio.NewReader(&all)
	var out [][]byte
	for {
		b, err := readPacket(in, nil)
		if err != nil {
			return out
		}
		out = append(out, b)
	}
}

// signals sends control messages from one connection's writer to another's reader and gives what comes out as text.
func signals(t *testing.T, f flags, messages [][2]term.Term) (out []string, fragments int) {
	t.Helper()
	from, to := testConn(t), testConn(t)
	var frames []*frame
	for _, m := range messages {
		frames = append(frames, from.d.frame(f&flagHeaderAtomCache != 0, m[0], m[1]))
	}
	to.in.took = func(control, message term.Term) {
		text := term.Format(control)
		if message != term.None {
			text += " " + term.Format(message)
		}
		out = append(out, text)
	}
	for _, b := range packets(t, f, frames...) {
		if b[1] == headerFirst || b[1] == headerFragment {
			fragments++
		}
		if err := to.packet(b); err != nil {
			t.Fatalf("packet %x: %v", b[:min(len(b), 40)], err)
		}
	}
	return out, fragments
}

func TestFramesArrive(t *testing.T) {
	h := term.NewArena()
	defer h.Free()
	var atoms []term.Term
	for i := range 600 {
		atoms = append(atoms, term.Intern(fmt.Sprintf("frame_test_%d", i)))
	}
	long := term.Intern(strings.Repeat("ä", 255))
	big := h.Binary(bytes.Repeat([]byte("0123456789"), 30_000))
	control := func(name term.Term) term.Term {
		return h.Tuple(term.Int(opRegSend), h.ExtPid(term.Intern("b@h"), 3, 1, 2), unused, name)
	}
	messages := [][2]term.Term{
		{control(term.Intern("one")), term.Intern("two")},
		{control(term.Intern("one")), h.List(atoms...)}, // more atoms than a header has room for
		{control(long), h.Tuple(long, atoms[3])},
		{control(atoms[5]), h.Tuple(big, atoms[599], atoms[0])},
		{h.Tuple(term.Int(opUnlinkID), term.Int(1), h.ExtPid(term.Intern("b@h"), 3, 1, 2), term.Pid(5)), term.None},
		{control(term.Intern("one")), h.List(atoms...)},
	}
	var want []string
	for _, m := range messages {
		text := term.Format(m[0])
		if m[1] != term.None {
			text += " " + term.Format(m[1])
		}
		want = append(want, text)
	}
	for name, f := range map[string]flags{"plain": 0, "header": flagHeaderAtomCache, "fragments": flagHeaderAtomCache | flagFragments} {
		t.Run(name, func(t *testing.T) {
			got, fragments := signals(t, f, messages)
			if len(got) != len(want) {
				t.Fatalf("%d messages arrived of %d", len(got), len(want))
			}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("message %d arrived as %.200s, not %.200s", i, got[i], want[i])
				}
			}
			if split := f&flagFragments != 0; split != (fragments > 1) {
				t.Errorf("%d fragments", fragments)
			}
		})
	}
}

// Atoms that the other node has seen are sent by their slot.
func TestAtomCache(t *testing.T) {
	c := testConn(t)
	h := term.NewArena()
	defer h.Free()
	control := h.Tuple(term.Int(opRegSend), h.ExtPid(term.Intern("b@h"), 3, 1, 2), unused, term.Intern("a_rather_long_name_of_a_process"))
	var frames []*frame
	for range 2 {
		frames = append(frames, c.d.frame(true, control, term.Intern("message")))
	}
	got := packets(t, flagHeaderAtomCache, frames...)
	if len(got) != 2 || len(got[1]) >= len(got[0]) || bytes.Contains(got[1], []byte("rather_long")) {
		t.Errorf("the second packet has %d bytes, the first %d", len(got[1]), len(got[0]))
	}
}

func TestMalformedPackets(t *testing.T) {
	for name, b := range map[string][]byte{
		"empty header":        {131, 68},
		"unknown header":      {131, 99, 0, 0},
		"unknown first byte":  {1, 2, 3},
		"no atom there":       {131, 68, 1, 0, 5, 104, 1, 82, 0},
		"short atom":          {131, 68, 1, 8, 5, 200, 'a'},
		"no tuple":            {131, 68, 0, 97, 1},
		"unknown operation":   {112, 131, 104, 3, 97, 99, 97, 1, 97, 2},
		"no message":          {112, 131, 104, 3, 97, 2, 119, 0, 97, 1},
		"fragment of nothing": append([]byte{131, 70}, make([]byte, 16)...),
		"truncated term":      {112, 131, 104, 3, 97},
	} {
		t.Run(name, func(t *testing.T) {
			if err := testConn(t).packet(b); err == nil {
				t.Error("no error")
			}
		})
	}
}

func FuzzPacket(f *testing.F) {
	c := testConn(f)
	h := term.NewArena()
	control := h.Tuple(term.Int(opRegSend), h.ExtPid(term.Intern("b@h"), 3, 1, 2), unused, term.Intern("name"))
	link := h.Tuple(term.Int(opLink), h.ExtPid(term.Intern("b@h"), 3, 1, 2), term.Pid(5))
	for _, has := range []flags{0, flagHeaderAtomCache, flagHeaderAtomCache | flagFragments} {
		var w writer
		w.init(has)
		w.batch([]*frame{c.d.frame(has != 0, control, h.List(term.Int(1), h.Float(2), term.Intern("x"))), c.d.frame(has != 0, link, term.None)})
		f.Add(w.buf)
	}
	h.Free()
	f.Fuzz(func(t *testing.T, data []byte) {
		c := testConn(t)
		in := bufio.NewReader(bytes.NewReader(data))
		for {
			b, err := readPacket(in, nil)
			if err != nil || len(b) > 0 && c.packet(b) != nil {
				return
			}
		}
	})
}
