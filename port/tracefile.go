package port

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gerl-lang/gerl/term"
)

// traceFile is the driver trace_file_drv: its arguments are "n FILE" for one file, or "w SIZE COUNT MILLISECONDS AT n FILE" for COUNT+1 numbers that
// take turns, the number standing at the byte AT of the name: the next file is begun when one has SIZE bytes or after a time, and the one after it is removed, so that
// the oldest stands behind the gap. A goroutine writes while there is something to write.
type traceFile struct {
	args    string
	path    string
	at      int // where the number goes, -1: one file
	size    int
	count   int
	period  time.Duration
	timer   turner
	number  int
	written int
	file    *os.File

	mu      sync.Mutex
	settled sync.Cond // nothing is being written
	queue   [][]byte  // nil: begin the next file
	flow    outflow
	writing bool
	closed  bool
	failed  error
	pt      *Port
}

// Start implements Starter.
func (f *traceFile) Start(pt *Port, _ []string, dir string) error {
	f.settled.L = &f.mu
	args, wrap := strings.CutPrefix(f.args, "w ")
	if wrap {
		n, rest, ok := numbers(args, 4)
		if !ok || n[1] < 1 {
			return ErrBadName
		}
		f.size, f.count, f.period, f.at, args = n[0], n[1], time.Duration(n[2])*time.Millisecond, n[3], rest
	} else {
		f.at = -1
	}
	name, ok := strings.CutPrefix(args, "n ")
	if !ok || name == "" || f.at > len(name) {
		return ErrBadName
	}
	if !filepath.IsAbs(name) {
		f.path = filepath.Join(dir, name)
		if f.at >= 0 {
			f.at += len(f.path) - len(name)
		}
	} else {
		f.path = name
	}
	file, err := os.Create(f.name(0))
	if err != nil {
		return err
	}
	pt.opened()
	f.mu.Lock()
	f.file, f.pt = file, pt
	closed := f.closed
	f.mu.Unlock()
	if closed {
		return f.file.Close()
	}
	f.again()
	return nil
}

func (f *traceFile) name(i int) string {
	if f.at < 0 {
		return f.path
	}
	return fmt.Sprint(f.path[:f.at], i, f.path[f.at:])
}

// again starts the time of a file.
func (f *traceFile) again() {
	if f.period > 0 {
		f.timer.f = f
		f.pt.Sys().Sched.After(nil, &f.timer.Timer, &f.timer, int64(f.period))
	}
}

func (f *traceFile) turnNow() {
	f.mu.Lock()
	closed := f.closed
	f.mu.Unlock()
	if !closed {
		f.put(nil)
		f.again()
	}
}

func (f *traceFile) put(packet []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pt == nil || f.closed || f.failed != nil {
		return
	}
	f.queue = append(f.queue, packet)
	f.flow.add(len(packet))
	if !f.writing {
		f.writing = true
		go f.write()
	}
}

// Output implements Driver.
func (f *traceFile) Output(_ *Port, data []byte) { f.put(tracePacket(packetTerm, len(data), data)) }

func (f *traceFile) write() {
	f.mu.Lock()
	for len(f.queue) > 0 && f.failed == nil {
		batch := f.queue
		f.queue = nil
		f.mu.Unlock()
		var err error
		n := 0
		for _, packet := range batch {
			if err = f.writePacket(packet); err != nil {
				break
			}
			n += len(packet)
		}
		f.mu.Lock()
		if f.failed = err; err == nil {
			wake := f.flow.take(n)
			f.mu.Unlock()
			callAll(wake)
			f.mu.Lock()
		}
	}
	f.writing = false
	err, closed := f.failed, f.closed
	f.settled.Broadcast()
	f.mu.Unlock()
	switch {
	case closed:
		_ = f.file.Close()
	case err != nil:
		reason := term.AtomNormal
		if name := PosixName(err); name != "" {
			reason = term.Intern(name)
		}
		f.pt.Close(reason)
	}
}

// writePacket belongs to the goroutine that writes.
func (f *traceFile) writePacket(packet []byte) error {
	if packet == nil {
		return f.turn()
	}
	if _, err := f.file.Write(packet); err != nil {
		return err
	}
	f.written += len(packet)
	if f.at >= 0 && f.period == 0 && f.written > f.size {
		return f.turn()
	}
	return nil
}

func (f *traceFile) turn() error {
	_ = f.file.Close()
	f.number, f.written = (f.number+1)%(f.count+1), 0
	file, err := os.Create(f.name(f.number))
	if err != nil {
		return err
	}
	f.file = file
	_ = os.Remove(f.name((f.number + 1) % (f.count + 1)))
	return nil
}

// Drain implements Drainer.
func (f *traceFile) Drain() {
	f.mu.Lock()
	for f.writing {
		f.settled.Wait()
	}
	f.mu.Unlock()
}

// Controls implements Controller: $f flushes.
func (f *traceFile) Controls(op int64, _ []byte) (answer []byte, binary, done bool) {
	if op != 'f' {
		return nil, false, false
	}
	f.Drain()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed != nil {
		return append([]byte{1}, PosixName(f.failed)...), false, true
	}
	return []byte{0}, false, true
}

// Close implements Driver: what waits to be written is still written.
func (f *traceFile) Close(pt *Port, _ term.Term) {
	f.mu.Lock()
	f.closed = true
	wake, writing, file := f.flow.free(), f.writing, f.file
	f.mu.Unlock()
	if f.period > 0 {
		pt.Sys().Sched.CancelTimer(&f.timer.Timer)
	}
	callAll(wake)
	if !writing && file != nil {
		go func() { _ = file.Close() }()
	}
}

// QueueSize implements Flow.
func (f *traceFile) QueueSize() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.flow.queued
}

// Busy implements Flow.
func (f *traceFile) Busy() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.flow.busy
}

// WhenFree implements Flow.
func (f *traceFile) WhenFree(wake func()) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.flow.busy {
		f.flow.blocked = append(f.flow.blocked, wake)
	}
	return f.flow.busy
}
