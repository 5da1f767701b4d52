package node

import (
	"bufio"
	"errors"
	"io"
	"os"
	"sync"

	"github.com/gerl-lang/gerl/bifs"
)

// highWater is how many bytes of output may wait before writers are slowed down.
const highWater = 256 << 10

// ErrInterrupted is what Console.Read gives when the user interrupts the line.
var ErrInterrupted = bifs.ErrInterrupted

// ErrSwitched is what Console.Read gives when the user wants another job.
var ErrSwitched = bifs.ErrSwitched

// ReadRequest, CompletionError and the modes are those of package bifs.
type (
	ReadRequest     = bifs.ReadRequest
	CompletionError = bifs.CompletionError
)

// What is read.
const (
	ReadLine       = bifs.ReadLine
	ReadExpression = bifs.ReadExpression
	ReadPassword   = bifs.ReadPassword
	ReadCommand    = bifs.ReadCommand
)

// StreamConsole is a console on plain files: what a node has that is not attached to a terminal.
// Output is written by a goroutine of its own, so that no worker ever waits for a slow reader.
type StreamConsole struct {
	in       *bufio.Reader
	out, err io.Writer

	mu      sync.Mutex
	cond    sync.Cond
	pending []chunk
	size    int
	running bool
	failed  error
}

type chunk struct {
	w    io.Writer
	data []byte
}

// NewStreamConsole makes a console of the given streams.
func NewStreamConsole(in io.Reader, out, err io.Writer) *StreamConsole {
	c := &StreamConsole{out: out, err: err}
	if in != nil {
		c.in = bufio.NewReader(in)
	}
	c.cond.L = &c.mu
	return c
}

// Write implements bifs.Console.
func (c *StreamConsole) Write(fd int, text []byte) (busy func(), err error) {
	w := c.out
	if fd == 2 {
		w = c.err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed != nil {
		return nil, c.failed
	}
	if n := len(c.pending); n > 0 && c.pending[n-1].w == w {
		c.pending[n-1].data = append(c.pending[n-1].data, text...)
	} else {
		c.pending = append(c.pending, chunk{w, append([]byte(nil), text...)})
	}
	c.size += len(text)
	if !c.running {
		c.running = true
		go c.drain()
	}
	if c.size > highWater {
		return c.wait, nil
	}
	return nil, nil
}

// wait blocks until there is room again.
func (c *StreamConsole) wait() {
	c.mu.Lock()
	for c.size > highWater/2 && c.failed == nil {
		c.cond.Wait()
	}
	c.mu.Unlock()
}

func (c *StreamConsole) drain() {
	c.mu.Lock()
	for len(c.pending) > 0 {
		batch := c.pending
		c.pending = nil
		c.mu.Unlock()
		var err error
		n := 0
		for _, b := range batch {
			n += len(b.data)
			if err == nil {
				_, err = b.w.Write(b.data)
			}
		}
		c.mu.Lock()
		c.size -= n
		if err != nil && c.failed == nil {
			c.failed = err
		}
		c.cond.Broadcast()
	}
	c.running = false
	c.cond.Broadcast()
	c.mu.Unlock()
}

// Flush waits until all output is written.
func (c *StreamConsole) Flush() {
	c.mu.Lock()
	for c.running && c.failed == nil {
		c.cond.Wait()
	}
	c.mu.Unlock()
}

// Read implements bifs.Console: it writes the prompt and reads a line, so that
// a reader takes no more of the input than it asked for.
func (c *StreamConsole) Read(r ReadRequest) ([]byte, error) {
	if r.Prompt != "" {
		if _, err := c.Write(1, []byte(r.Prompt)); err != nil {
			return nil, err
		}
	}
	if c.in == nil {
		return nil, io.EOF
	}
	line, err := c.in.ReadBytes('\n')
	if len(line) > 0 {
		return line, nil
	}
	if err == nil || errors.Is(err, os.ErrClosed) {
		err = io.EOF
	}
	return nil, err
}

// Attention implements bifs.Console.
func (c *StreamConsole) Attention() bool { return false }

// Geometry implements bifs.Console.
func (c *StreamConsole) Geometry() (int, int, bool) { return 0, 0, false }

// IsTerminal implements bifs.Console.
func (c *StreamConsole) IsTerminal() bool { return false }
