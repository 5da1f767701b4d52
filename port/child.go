package port

import (
	"errors"
	"io"
	"os"
	"sync"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Child is the driver of ports that open_port/2 makes: a child process or a pair of file descriptors. A goroutine reads,
// another one writes while there is something to write, a third waits for the child's end, so no child is left unreaped.
type Child struct {
	opts *Options
	pt   *Port

	// telling orders what the goroutines send to the owner.
	telling sync.Mutex
	frames  framer
	eof     bool // nothing more comes from the child
	over    bool // the child has ended
	ended   bool // the owner knows
	status  int

	mu      sync.Mutex
	closed  bool
	in      *os.File // what the port reads from, nil: nothing
	out     *os.File // what it writes to, nil: nothing
	queue   [][]byte
	queued  int // bytes in the queue and those being written
	writing bool
	busy    bool
	blocked []func() // wake those who wait until the port is not busy
}

// NewChild makes a driver that is not started.
func NewChild(o *Options) *Child {
	c := &Child{opts: o}
	c.frames.o = o
	return c
}

// Options are what the port was opened with.
func (c *Child) Options() *Options { return c.opts }

// Start starts what the port stands for. It may block; environ and dir are the node's. The port
// may be closed meanwhile.
func (c *Child) Start(pt *Port, environ []string, dir string) error {
	if c.opts.Kind == Descriptors {
		return c.startDescriptors(pt)
	}
	if c.opts.Dir != "" {
		dir = c.opts.Dir
	}
	pt.table.shut.Do(keepDescriptors)
	process, in, out, err := c.opts.start(c.opts.environ(environ), dir)
	if err != nil {
		return err
	}
	pt.opened()
	c.run(pt, in, out)
	pt.Sys().Sched.External(1)
	c.telling.Lock()
	pt.osPid.Store(int64(process.Pid))
	c.telling.Unlock()
	go c.await(process)
	return nil
}

func (c *Child) startDescriptors(pt *Port) error {
	var in, out *os.File
	var err error
	if c.opts.In {
		if in, err = descriptor(c.opts.FD[0]); err != nil {
			return err
		}
	}
	if c.opts.Out {
		if out, err = descriptor(c.opts.FD[1]); err != nil {
			return err
		}
	}
	pt.opened()
	c.run(pt, in, out)
	return nil
}

// run lets the goroutines begin; if the port was closed meanwhile its ends are closed.
func (c *Child) run(pt *Port, in, out *os.File) {
	c.mu.Lock()
	c.pt, c.in, c.out = pt, in, out
	closed := c.closed
	c.mu.Unlock()
	if closed {
		c.shut()
		return
	}
	if in == nil {
		c.eof = true
		return
	}
	pt.Sys().Sched.External(1)
	go c.read(pt, in)
}

const readSize = 64 << 10

func (c *Child) read(pt *Port, in *os.File) {
	defer pt.Sys().Sched.External(-1)
	buf := make([]byte, readSize)
	for {
		n, err := in.Read(buf)
		if n > 0 {
			pt.Input.Add(int64(n))
			c.telling.Lock()
			done := pt.runs(nil, term.Int(0))
			c.frames.feed(buf[:n], c.emit)
			done()
			c.telling.Unlock()
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, os.ErrClosed):
			return
		case errors.Is(err, io.EOF) || n == 0:
		}
		c.telling.Lock()
		c.eof = true
		c.finished()
		c.telling.Unlock()
		return
	}
}

func (c *Child) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

func (c *Child) emit(p piece) {
	if c.isClosed() {
		return
	}
	c.pt.Send(func(h *term.Heap) term.Term { return h.Tuple(c.pt.ID, c.frames.body(h, p)) })
}

// await waits for the child's end.
func (c *Child) await(process *os.Process) {
	state, err := process.Wait()
	c.telling.Lock()
	c.over = true
	if err == nil {
		c.status = exitStatus(state)
	}
	// The end of the child says nothing about descriptors that it left to its own children.
	c.finished()
	c.telling.Unlock()
	c.pt.Sys().Sched.External(-1)
}

// finished tells the owner of the end, as soon as all that was asked for is known. telling is held.
func (c *Child) finished() {
	pt := c.pt
	if pt == nil || c.ended || c.isClosed() || !c.eof || c.opts.ExitStatus && !c.over || !c.opts.ExitStatus && !c.opts.In {
		return
	}
	c.ended = true
	defer pt.runs(nil, term.Int(0))()
	if c.opts.ExitStatus {
		pt.Send(func(h *term.Heap) term.Term { return h.Tuple(pt.ID, h.Tuple(atomExitStatus, term.Int(c.status))) })
	}
	c.frames.finish(c.emit)
	if c.opts.EOF {
		pt.Send(func(h *term.Heap) term.Term { return h.Tuple(pt.ID, atomEOF) })
		return
	}
	pt.Close(term.AtomNormal)
}

var (
	atomExitStatus = term.Intern("exit_status")
	atomEOF        = term.Intern("eof")
	atomEpipe      = term.Intern("epipe")
	atomEinval     = term.Intern("einval")
	atomEbadf      = term.Intern("ebadf")
)

// Output implements Driver.
func (c *Child) Output(pt *Port, data []byte) {
	header, ok := c.opts.header(len(data))
	if !ok {
		pt.Close(atomEinval)
		return
	}
	if !c.opts.Out {
		pt.Close(atomEbadf)
		return
	}
	pt.Output.Add(int64(len(data)))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	if len(header) > 0 {
		data = append(header, data...)
	}
	if len(data) == 0 {
		return
	}
	c.queue = append(c.queue, data)
	c.queued += len(data)
	c.busy = c.busy || c.queued >= c.opts.High
	if !c.writing && c.out != nil {
		c.writing = true
		go c.write(pt, c.out)
	}
}

// write writes until the queue is empty.
func (c *Child) write(pt *Port, out *os.File) {
	c.mu.Lock()
	for len(c.queue) > 0 {
		batch := c.queue
		c.queue = nil
		c.mu.Unlock()
		for _, data := range batch {
			if _, err := out.Write(data); err != nil {
				c.failed(pt, err)
				return
			}
			c.mu.Lock()
			c.queued -= len(data)
			var wake []func()
			if c.busy && c.queued < c.opts.Low {
				c.busy = false
				wake, c.blocked = c.blocked, nil
			}
			c.mu.Unlock()
			for _, f := range wake {
				f()
			}
		}
		c.mu.Lock()
	}
	c.writing = false
	closed := c.closed
	c.mu.Unlock()
	if closed {
		_ = out.Close()
	}
}

// failed closes the port after a write that failed.
func (c *Child) failed(pt *Port, err error) {
	c.mu.Lock()
	c.queue, c.queued, c.writing = nil, 0, false
	closed, out := c.closed, c.out
	c.mu.Unlock()
	if closed {
		_ = out.Close()
		return
	}
	reason := atomEpipe
	if name := PosixName(err); name != "" {
		reason = term.Intern(name)
	}
	pt.Close(reason)
}

// Close implements Driver: what waits to be written is still written.
func (c *Child) Close(_ *Port, _ term.Term) {
	c.mu.Lock()
	c.closed = true
	c.busy = false
	blocked := c.blocked
	c.blocked = nil
	c.mu.Unlock()
	for _, f := range blocked {
		f()
	}
	c.shut()
}

// shut closes the files; writing, if it goes on, closes its own at its end. A
// device may take its time to close, so this happens elsewhere.
func (c *Child) shut() {
	c.mu.Lock()
	in, out := c.in, c.out
	c.in = nil
	if c.writing {
		out = nil
	}
	c.mu.Unlock()
	go func() {
		if in != nil {
			_ = in.Close()
		}
		if out != nil {
			_ = out.Close()
		}
	}()
}

// QueueSize implements Flow.
func (c *Child) QueueSize() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queued
}

// Busy implements Flow.
func (c *Child) Busy() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.busy
}

// WhenFree implements Flow.
func (c *Child) WhenFree(f func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.busy {
		return false
	}
	c.blocked = append(c.blocked, f)
	return true
}

// Flow is what a Driver may offer besides: how much output waits, and whether senders should wait too.
type Flow interface {
	QueueSize() int
	Busy() bool
	// WhenFree calls f once when the port is not busy any more or is closed; false if it is not busy now.
	WhenFree(f func()) bool
}

// slowDown makes a process that sent to a busy port wait until the port is free.
func (pt *Port) slowDown(from *proc.Process) {
	f, ok := pt.Driver.(Flow)
	if !ok || !f.Busy() {
		return
	}
	sys, pid := pt.Sys(), from.Pid
	from.BlockOnPort(pt.ID)
	if !f.WhenFree(func() { sys.UnblockFromPort(pid) }) {
		sys.UnblockFromPort(pid)
	}
}
