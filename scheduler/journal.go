package scheduler

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Journal is all that a run with a Policy learns from outside: when tasks were made ready by others than tasks, what was sent from
// outside, how time went on while all slept, and the results of calls that ask the outside. A recording Journal writes it down, with the
// number of slices run before as its date; a replaying one lets the same happen at the same places, and nothing else.
type Journal struct {
	// Name names a task in the journal (0: the task is not mentioned), Find is its inverse. Deliver hands over what Outside was given. The
	// owner of the tasks sets them before the scheduler starts.
	Name    func(n *Node) uint64
	Find    func(name uint64) *Node
	Deliver func(data []byte)
	// Lost is told when the run leaves the recorded one.
	Lost func(problem string)

	mu      sync.Mutex
	out     *bufio.Writer
	failed  error
	arrived []arrival // recording: what has not been taken in yet
	events  []event   // replaying: what is to come, by slice
	results map[uint64][]byte
	slices  uint64
	calls   uint64
	lost    bool
}

// arrival is something from outside that waits for the end of the slice.
type arrival struct {
	kind byte
	node *Node
	data []byte
	do   func(w *Worker)
}

type event struct {
	kind  byte
	slice uint64 // for a result the number of the call
	clock int64
	data  []byte
}

const (
	evWake   = 'w' // data: the task's name
	evSignal = 's'
	evTime   = 't'
	evResult = 'r'
)

// journalMagic begins every journal.
const journalMagic = "gerl journal 1\n"

// NewRecorder gives a Journal that writes to w. title says what kind of run it is: only one with the same title can be replayed from it.
func NewRecorder(w io.Writer, title string) *Journal {
	j := &Journal{out: bufio.NewWriter(w)}
	_, j.failed = j.out.WriteString(journalMagic + title + "\n")
	return j
}

// NewReplay reads a journal.
func NewReplay(r io.Reader, title string) (*Journal, error) {
	in := bufio.NewReader(r)
	head := make([]byte, len(journalMagic))
	if _, err := io.ReadFull(in, head); err != nil || string(head) != journalMagic {
		return nil, errors.New("this is no journal that --record has written")
	}
	found, err := in.ReadString('\n')
	if err != nil || found != title+"\n" {
		return nil, fmt.Errorf("the journal was recorded with %q, this run has %q", trimEnd(found), title)
	}
	j := &Journal{results: map[uint64][]byte{}}
	for {
		var e event
		switch e.kind, err = in.ReadByte(); {
		case err == io.EOF:
			return j, nil
		case err != nil:
			return nil, err
		}
		var clock, size uint64
		for _, v := range []*uint64{&e.slice, &clock, &size} {
			if *v, err = binary.ReadUvarint(in); err != nil {
				return j, nil // the recorded run was killed while it wrote
			}
		}
		e.clock = int64(clock)
		if size > 1<<32 {
			return nil, errors.New("the journal is damaged")
		}
		e.data = make([]byte, size)
		if _, err = io.ReadFull(in, e.data); err != nil {
			return j, nil
		}
		switch e.kind {
		case evResult:
			j.results[e.slice] = e.data
		case evWake, evSignal, evTime:
			j.events = append(j.events, e)
		default:
			return nil, errors.New("the journal is damaged")
		}
	}
}

func trimEnd(s string) string {
	if n := len(s); n > 0 && s[n-1] == '\n' {
		return s[:n-1]
	}
	return s
}

// Replaying tells which of the two kinds it is.
func (j *Journal) Replaying() bool { return j.out == nil }

// Close writes what is left and gives the first error of writing.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.out != nil && j.failed == nil {
		j.failed = j.out.Flush()
	}
	return j.failed
}

func (j *Journal) write(e event) {
	if j.failed != nil {
		return
	}
	var b [1 + 3*binary.MaxVarintLen64]byte
	b[0] = e.kind
	n := 1 + binary.PutUvarint(b[1:], e.slice)
	n += binary.PutUvarint(b[n:], uint64(e.clock))
	n += binary.PutUvarint(b[n:], uint64(len(e.data)))
	if _, j.failed = j.out.Write(b[:n]); j.failed == nil {
		_, j.failed = j.out.Write(e.data)
	}
}

// Call gives a call that asks the outside its number.
func (j *Journal) Call() uint64 {
	j.calls++
	return j.calls
}

// SetResult notes the result of a call, Result gives it in a replay.
func (j *Journal) SetResult(call uint64, data []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.write(event{kind: evResult, slice: call, data: data})
}

// Result is false for a call that did not end in the recorded run.
func (j *Journal) Result(call uint64) (data []byte, ok bool) {
	data, ok = j.results[call]
	return data, ok
}

// Outside is called with what is sent to a task from outside; deliver would hand it over. In a replay it is dropped (false): it comes from the
// journal.
func (j *Journal) Outside(s *Scheduler, data []byte, deliver func(w *Worker)) bool {
	if j.Replaying() {
		return false
	}
	j.arrive(s, arrival{kind: evSignal, data: data, do: deliver})
	return true
}

func (j *Journal) arrive(s *Scheduler, a arrival) {
	j.mu.Lock()
	j.arrived = append(j.arrived, a)
	j.mu.Unlock()
	s.setAttention(attJournal)
	s.deadTold.Store(false)
	s.wakeOne()
}

// wake takes over Ready from outside; false: the journal does not mention the task.
func (j *Journal) wake(s *Scheduler, n *Node) bool {
	name := j.Name(n)
	if name == 0 {
		return false
	}
	j.mu.Lock()
	began := j.slices > 0
	j.mu.Unlock()
	if !began {
		return false // the first task of all
	}
	if !j.Replaying() {
		j.arrive(s, arrival{kind: evWake, node: n, data: binary.AppendUvarint(nil, name)})
	}
	return true
}

// ran counts a slice.
func (j *Journal) ran() {
	j.mu.Lock()
	j.slices++
	j.mu.Unlock()
}

// boundary takes in what has come from outside, between two slices. It reports whether there was something.
func (j *Journal) boundary(w *Worker) bool {
	if j.Replaying() {
		some := false
		for len(j.events) > 0 && j.events[0].slice <= j.slices {
			e := j.events[0]
			j.events = j.events[1:]
			j.happen(w, e)
			some = true
		}
		return some
	}
	w.Sched.clearAttention(attJournal)
	j.mu.Lock()
	arrived := j.arrived
	j.arrived = nil
	now := w.Now()
	for _, a := range arrived {
		j.write(event{kind: a.kind, slice: j.slices, clock: now, data: a.data})
	}
	j.mu.Unlock()
	for _, a := range arrived {
		if a.do != nil {
			a.do(w)
		} else {
			w.Ready(a.node)
		}
	}
	return len(arrived) > 0
}

// happen lets one event of the recorded run happen again.
func (j *Journal) happen(w *Worker, e event) {
	s := w.Sched
	if s.virtual != nil && e.clock > w.Now() {
		s.virtual.Advance(e.clock)
		s.fireTimers(w, e.clock)
	}
	switch e.kind {
	case evSignal:
		j.Deliver(e.data)
	case evWake:
		name, _ := binary.Uvarint(e.data)
		if n := j.Find(name); n != nil {
			w.Ready(n)
		} else {
			j.leave("a process is not there that the recorded run woke")
		}
	}
}

// passed notes that time went on while all slept.
func (j *Journal) passed(now int64) {
	if j.Replaying() {
		return
	}
	j.mu.Lock()
	j.write(event{kind: evTime, slice: j.slices, clock: now})
	if j.failed == nil {
		j.failed = j.out.Flush()
	}
	j.mu.Unlock()
}

// stuck is called when nothing can go on. In a replay it leaves the recorded run, and is true, if something should have happened still.
func (j *Journal) stuck() bool {
	left := j.Replaying() && len(j.events) > 0
	if left {
		j.leave(fmt.Sprintf("every process waits after %d slices, and the recorded run went on", j.slices))
	}
	return left
}

// Leave tells that the run is not the recorded one any more.
func (j *Journal) Leave(problem string) { j.leave(problem) }

func (j *Journal) leave(problem string) {
	if !j.lost && j.Lost != nil {
		j.lost = true
		j.Lost(problem)
	}
}
