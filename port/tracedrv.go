package port

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Tracers that are ports: each trace message goes to the port in the external format, whoever owns the port. Two drivers, known by
// the names that OTP's have, take them to files or to who connects. A packet is an operation (0: a message,
// 1: messages that were lost), 32 bits and, with operation 0, as many bytes.

const (
	packetTerm = 0
	packetDrop = 1
	packetHead = 5
)

func tracePacket(op byte, n int, data []byte) []byte {
	b := make([]byte, packetHead, packetHead+len(data))
	b[0] = op
	binary.BigEndian.PutUint32(b[1:], uint32(n))
	return append(b, data...)
}

// Starter is a driver that open_port/2 makes. Start may block; the port may be closed meanwhile. dir is the node's directory.
type Starter interface {
	Driver
	Start(pt *Port, environ []string, dir string) error
}

// Controller is what a Driver may offer besides: operations of port_control/3. Controls may block. The answer is a list of bytes or a binary; done is false for
// an operation that the driver lacks.
type Controller interface {
	Controls(op int64, data []byte) (answer []byte, binary, done bool)
}

// Drainer is a Driver whose output is to be seen by others once port_close/1 has returned.
type Drainer interface {
	// Drain returns when all is written; it may block.
	Drain()
}

// errBadName is how drivers refuse arguments that they do not understand.
type errBadName struct{}

func (errBadName) Error() string { return "the driver does not understand its arguments" }

// ErrBadName says that open_port/2 raises badarg.
var ErrBadName error = errBadName{}

// NewDriver makes the driver of a port with these options.
func NewDriver(o *Options) Starter {
	if o.Kind == Spawn {
		name, args, _ := strings.Cut(o.Command, " ")
		switch name {
		case "trace_file_drv":
			return &traceFile{args: args}
		case "trace_ip_drv":
			return &traceIP{args: args}
		}
	}
	return NewChild(o)
}

func isDriver(command string) bool {
	_, child := NewDriver(&Options{Kind: Spawn, Command: command}).(*Child)
	return !child
}

// numbers reads n numbers at the beginning of s, each with a space behind it.
func numbers(s string, n int) (list []int, rest string, ok bool) {
	for range n {
		word, after, _ := strings.Cut(s, " ")
		i, err := strconv.Atoi(word)
		if err != nil || i < 0 || i >= 1<<32 {
			return nil, "", false
		}
		list, s = append(list, i), after
	}
	return list, s, true
}

// Trace implements proc.Ports.
func (t *Table) Trace(from *proc.Process, port, msg term.Term) bool {
	pt := t.Get(port)
	if pt == nil || pt.owner == term.None {
		return false
	}
	data := t.sys.EncodeTerm(msg)
	pt.Output.Add(int64(len(data)))
	pt.Driver.Output(pt, data)
	if from != nil {
		pt.slowDown(from)
	}
	return true
}

// outflow is the part of drivers that keeps what has to be written and says when it is too much.
type outflow struct {
	queued  int
	busy    bool
	blocked []func()
}

// The limits of a tracer's output, in bytes.
const (
	traceHigh = 1 << 20
	traceLow  = 1 << 18
)

// add counts bytes that wait, take those that do not any more: its result is to be called without the driver's lock.
func (o *outflow) add(n int) {
	o.queued += n
	o.busy = o.busy || o.queued >= traceHigh
}

func (o *outflow) take(n int) []func() {
	o.queued -= n
	if !o.busy || o.queued >= traceLow {
		return nil
	}
	return o.free()
}

func (o *outflow) free() []func() {
	wake := o.blocked
	o.busy, o.blocked = false, nil
	return wake
}

func callAll(fs []func()) {
	for _, f := range fs {
		f()
	}
}

// turner lets a file that changes after a time do so.
type turner struct {
	proc.Timer
	f *traceFile
}

// Expire implements scheduler.Expirer.
func (t *turner) Expire(*proc.Timer, *proc.Worker) { t.f.turnNow() }
