// Package node is the composition root: it wires scheduler, processes, engine, BIFs and library into one
// running system. There is no global state: several nodes may run in one Go process.
//
// Main types: Config, Node.
//
// It may import everything but shell, observer and cmd.
package node

import (
	"crypto/md5"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/bifs/lang"
	"github.com/gerl-lang/gerl/dist"
	"github.com/gerl-lang/gerl/etf"
	"github.com/gerl-lang/gerl/ets"
	"github.com/gerl-lang/gerl/eval"
	"github.com/gerl-lang/gerl/port"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Config says how a node is built. The zero value is a node with as many workers as cores and no console.
type Config struct {
	Workers     int
	Console     Console
	PathsFirst  []string         // directories of .beam files that come before the library (-pa)
	PathsLast   []string         // and after it (-pz)
	Flags       []string         // the command line as init:get_arguments/0 shows it
	Env         [][2]string      // variables set over those of the operating system
	Preload     []string         // modules that the program needs at once; they and those of each start are loaded ahead, if it is not nil
	Processes   int              // the largest number of processes, 0: the default
	Ports       int              // and of ports
	Atoms       int              // and of atoms, in all nodes of the Go process
	Emulator    map[string]int64 // settings of emulator flags, by the names SetMinHeap and so on
	MemoryLimit int64            // bytes for terms, 0: none
	CanRestart  bool             // whoever waits for the node looks at Restarts and begins anew
	AtomsEnd    bool             // a full atom table ends the node, as OTP does; otherwise what needs an atom raises system_limit
	Debug       string           // switches, separated by commas: gcstress, walk, poison, tight, trace, trace=MODULE
	// Epmd is the command that starts the daemon which knows the nodes of a host; without one the node starts none.
	Epmd []string
	// Seed, if there is one, makes the run deterministic: one worker, virtual time, all choices from the seed. A deadlock of
	// the program's processes then ends the node with status 1 and a report.
	Seed *uint64
	// Record names a file, with a Seed, that all is written to that comes from outside; Replay names one that a run with the same seed
	// takes it from instead.
	Record, Replay string
	// Profile names a file that a pprof profile of Erlang functions is written to when the node ends.
	Profile string
}

// Console is a bifs.Console that can be flushed before the node ends.
type Console interface {
	bifs.Console
	Flush()
}

// Node is one running system.
type Node struct {
	Sys *proc.System
	VM  *eval.VM

	config   Config
	env      environment
	paths    codePath
	archives archives
	library  library
	signals  signals
	modules  sync.Map // name -> []byte: modules given to the node directly
	done     chan struct{}
	once     sync.Once
	status   int
	ending   atomic.Bool // somebody has called Halt
	restarts atomic.Bool // somebody has called Restart
	sampler  *eval.Sampler
	journal  *os.File // that is written
	initPid  atomic.Uint64
}

// New builds a node; Start lets it run.
func New(c Config) (*Node, error) {
	n := &Node{config: c, done: make(chan struct{})}
	if err := n.setDebug(c.Debug); err != nil {
		return nil, err
	}
	n.env.init(c.Env)
	libs, _ := n.Getenv("ERL_LIBS")
	n.paths.init(c.PathsFirst, c.PathsLast, libs)
	n.VM = eval.New()
	if err := n.setVMDebug(c.Debug); err != nil {
		return nil, err
	}
	schedule, err := n.schedulerConfig()
	if err != nil {
		return nil, err
	}
	n.Sys = proc.NewSystem(proc.Config{
		Machine:   n.VM,
		Scheduler: schedule,
		Reporter:  reporter{n},

		ProcessLimit: c.Processes,
	})
	n.VM.Sys = n.Sys
	bifs.SetEmulator(n.Sys, c.Emulator)
	n.Sys.AtExit = append(n.Sys.AtExit, n.processEnded)
	n.VM.Find = n.find
	bifs.SetNode(n.Sys, n)
	bifs.SetCode(n.Sys, n.VM.Code)
	dist.Install(n.Sys, dist.Config{
		Funs: func() etf.Funs { return bifs.Funs(n.Sys) }, SpawnOptions: bifs.SpawnOptions, Getenv: n.Getenv, Epmd: c.Epmd,
	})
	ets.Install(n.Sys)
	if ports := port.Install(n.Sys); c.Ports > 0 {
		ports.SetLimit(c.Ports)
	}
	if c.Atoms > 0 {
		term.SetAtomLimit(c.Atoms)
	}
	if c.AtomsEnd {
		term.WhenAtomsFull(n.atomsFull)
	}
	n.Sys.Recorded(codec{n.Sys})
	bifs.SetTextStages(n.Sys, lang.Stages{})
	switch {
	case c.Console == nil:
	case c.Seed != nil:
		bifs.SetConsole(n.Sys, promptConsole{c.Console})
	default:
		bifs.SetConsole(n.Sys, c.Console)
	}
	if c.Profile != "" {
		n.sampler = n.VM.Profile()
	}
	if c.MemoryLimit > 0 {
		term.SetMemoryLimit(c.MemoryLimit, func(e *term.MemoryLimitError) {
			fmt.Fprintf(os.Stderr, "gerl: out of memory: %v\n(raise the limit with --memory SIZE or GERL_MEMORY)\n", e)
			n.stop(1)
			os.Exit(1)
		})
	}
	return n, nil
}

// setDebug turns the switches of package term on.
func (n *Node) setDebug(list string) error {
	for _, s := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		switch s {
		case "poison":
			term.Debug.Poison = true
		case "tight":
			term.Debug.Tight = true
		case "gcstress", "walk", "trace":
		default:
			if module, ok := strings.CutPrefix(s, "trace="); ok && module != "" {
				continue
			}
			return fmt.Errorf("unknown debug switch %q: it is one of gcstress, walk, poison, tight, trace, trace=MODULE", s)
		}
	}
	return nil
}

func (n *Node) setVMDebug(list string) error {
	for _, s := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		switch s {
		case "gcstress":
			n.VM.Debug.CollectAlways = true
		case "walk":
			term.Debug.CheckHeap = true
		case "trace":
			n.traceInstructions("")
		default:
			if module, ok := strings.CutPrefix(s, "trace="); ok {
				n.traceInstructions(module + ":")
			}
		}
	}
	return nil
}

// traceInstructions writes the instructions that processes execute to the standard error: those of functions whose names begin so.
func (n *Node) traceInstructions(prefix string) {
	n.VM.Debug.Trace = func(pid term.Term, instr string) {
		if strings.HasPrefix(instr, prefix) {
			fmt.Fprintf(os.Stderr, "%s %s\n", term.Format(pid), instr)
		}
	}
}

// ListLoaded writes the specialised code that the machine makes of a .beam file.
func (n *Node) ListLoaded(w io.Writer, image []byte) error {
	m, err := beam.Read(image)
	if err != nil {
		return err
	}
	return n.VM.List(w, m)
}

// AddModule makes a compiled module known by name; it is loaded when it is first called.
func (n *Node) AddModule(name string, data []byte) { n.modules.Store(name, data) }

// Load loads a module at once.
func (n *Node) Load(m *beam.Module, image []byte) error {
	return n.VM.Code.Load(m, md5.Sum(image))
}

// Start starts the workers and the first process, which calls init:boot/1 with the node's flags.
func (n *Node) Start() error {
	h := term.NewArena()
	args := make([]term.Term, len(n.config.Flags))
	for i, f := range n.config.Flags {
		args[i] = h.Binary([]byte(f))
	}
	n.watchSignals()
	// The workers start when they have something to do: without any process they would report a deadlock.
	defer n.Sys.Sched.Start()
	pid, err := n.Sys.Spawn(term.AtomInit, atomBoot, h.List(h.List(args...)), &proc.SpawnOpts{})
	if err != 0 {
		return fmt.Errorf("the first process could not be started (%v)", err)
	}
	n.initPid.Store(uint64(pid))
	n.Sys.Lookup(pid).TellEnd()
	n.preload()
	return nil
}

// processEnded stops the node when its first process, init, is gone: nothing works without it.
func (n *Node) processEnded(p *proc.Process) {
	if uint64(p.Pid) == n.initPid.Load() {
		n.Halt(1, fmt.Sprintf("init terminating (%s)\n", term.Format(p.ExitReason())), true)
	}
}

// Wait blocks until the node has stopped and gives its exit status.
func (n *Node) Wait() int {
	<-n.done
	if err := n.closeJournal(); err != nil {
		fmt.Fprintf(os.Stderr, "gerl: the recording is incomplete: %v\n", err)
		n.status = max(n.status, 1)
	}
	if n.sampler != nil {
		if err := writeProfile(n.config.Profile, n.sampler, int64(time.Since(n.sampler.Began()))); err != nil {
			fmt.Fprintf(os.Stderr, "gerl: the profile could not be written: %v\n", err)
			return max(n.status, 1)
		}
	}
	return n.status
}

// Halt implements bifs.Node.
func (n *Node) Halt(status int, message string, flush bool) {
	n.ending.Store(true)
	if n.config.Seed != nil {
		n.Sys.Sched.StopSoon() // how long the output takes does not decide what others still do
	}
	go func() {
		if c := n.config.Console; c != nil {
			if message != "" {
				_, _ = c.Write(2, []byte(message))
			}
			if flush {
				dist.Of(n.Sys).Drain()
			}
			if flush || message != "" {
				flushed := make(chan struct{})
				go func() { c.Flush(); close(flushed) }()
				select {
				case <-flushed:
				case <-time.After(flushTimeout):
				}
			}
		}
		n.stop(status)
	}()
}

// atomsFull ends the node. Who needs the atom goes no further: there is nothing that it could be told.
func (n *Node) atomsFull(limit int) {
	n.Halt(1, fmt.Sprintf("%v (max=%d)\n", term.ErrAtomLimit, limit), false)
	select {}
}

// CanRestart implements bifs.Node.
func (n *Node) CanRestart() bool { return n.config.CanRestart }

// Restart implements bifs.Node.
func (n *Node) Restart() {
	n.restarts.Store(true)
	n.Halt(0, "", true)
}

// Restarts reports whether the node has ended in order to begin anew (init:restart/0).
func (n *Node) Restarts() bool { return n.restarts.Load() }

// flushTimeout bounds how long a node waits for its last output to be taken.
const flushTimeout = 30 * time.Second

func (n *Node) stop(status int) {
	n.once.Do(func() {
		n.status = status
		n.Sys.Sched.StopSoon()
		close(n.done)
	})
}

// EmulatorVersion is the version of OTP's runtime system that a node behaves like.
const EmulatorVersion = bifs.ErtsVersion

// MaxAtoms is the largest Config.Atoms.
const MaxAtoms = term.MaxAtoms
