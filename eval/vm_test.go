package eval

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// heavy tests are too slow with a collection at every safe point.
var heavy = map[string]bool{"t_deep": true, "t_count": true, "t_fib": true, "t_trees": true, "t_nrevn": true}

// node is one running system for tests, with the modules of testdata.
type node struct {
	t       testing.TB
	vm      *VM
	sys     *proc.System
	results chan string
}

type reporter struct{ t testing.TB }

func (r reporter) Report(e proc.Report) { r.t.Logf("report: %v %s %s", e.Kind, text(e.Reason), e.Text) }

func text(t term.Term) string {
	if t == term.None {
		return ""
	}
	return term.Format(t)
}

func newNode(t testing.TB, workers int, dir string) *node {
	n := &node{t: t, vm: New(), results: make(chan string, 16)}
	n.vm.AddBIF("gerl_test", "result", 1, func(p *proc.Process, a []term.Term) term.Term {
		n.results <- term.Format(a[0])
		return term.AtomOk
	})
	n.sys = proc.NewSystem(proc.Config{Machine: n.vm, Scheduler: scheduler.Config{Workers: workers}, Reporter: reporter{t}})
	n.vm.Sys = n.sys
	bifs.SetCode(n.sys, n.vm.Code)
	n.vm.Find = func(m string) (Found, bool) {
		p := filepath.Join("testdata", dir, m+".beam")
		b, err := os.ReadFile(p)
		if err != nil {
			p = filepath.Join("testdata", m+".beam")
			b, err = os.ReadFile(p)
		}
		return Found{Data: b, File: p}, err == nil
	}
	n.sys.Sched.Start()
	t.Cleanup(n.sys.Sched.Stop)
	return n
}

// call runs m:f(args...) in a process of its own and gives the text of its outcome: {ok,Value} or {Class,Reason,Trace}.
func (n *node) call(m, f string, args ...term.Term) string {
	n.t.Helper()
	h := term.NewArena()
	list := h.List(term.Intern(m), term.Intern(f), h.List(args...))
	if _, e := n.sys.Spawn(term.Intern("runner"), term.Intern("run"), list, nil); e != proc.SpawnOK {
		n.t.Fatal("spawn", e)
	}
	select {
	case r := <-n.results:
		return r
	case <-time.After(20 * time.Second):
		n.t.Fatalf("%s:%s: no result", m, f)
		return ""
	}
}

// TestGolden runs each function t_NAME/0 of the modules in testdata; the golden files hold what OTP gives.
func TestGolden(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.golden")
	for _, dir := range []string{"", "29"} {
		for _, f := range files {
			n := newNode(t, 2, dir)
			golden(t, n, f, dir)
		}
	}
	files, _ = filepath.Glob("testdata/29/*.golden") // what only OTP 29 knows
	for _, f := range files {
		golden(t, newNode(t, 2, "29"), f, "29")
	}
	files, _ = filepath.Glob("testdata/24/*.golden") // instructions of compilers before OTP 25
	for _, f := range files {
		golden(t, newNode(t, 2, "24"), f, "24")
	}
}

// The same with a collection at every safe point and a check of the heap after each.
func TestGoldenWithCollectionEverywhere(t *testing.T) {
	term.Debug.CheckHeap, term.Debug.Poison = true, true
	t.Cleanup(func() { term.Debug.CheckHeap, term.Debug.Poison = false, false }) // after the node has stopped
	files, _ := filepath.Glob("testdata/*.golden")
	for _, f := range files {
		n := newNode(t, 2, "")
		n.vm.Debug.CollectAlways = true
		golden(t, n, f, "")
	}
	files, _ = filepath.Glob("testdata/24/*.golden")
	for _, f := range files {
		n := newNode(t, 2, "24")
		n.vm.Debug.CollectAlways = true
		golden(t, n, f, "24")
	}
}

func golden(t *testing.T, n *node, file, dir string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	mod := strings.TrimSuffix(filepath.Base(file), ".golden")
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		f, want, _ := strings.Cut(line, "\t")
		if n.vm.Debug.CollectAlways && heavy[f] {
			continue
		}
		if got := n.call(mod, f); got != want {
			t.Errorf("%s %s:%s\n got %s\nwant %s", dir, mod, f, got, want)
		}
	}
}

// With the trace switched on each instruction is told before it is executed.
func TestTrace(t *testing.T) {
	n := newNode(t, 1, "")
	var seen []string
	n.vm.Debug.Trace = func(_ term.Term, instr string) {
		if strings.HasPrefix(instr, "basic:fib/1") {
			seen = append(seen, instr)
		}
	}
	if got := n.call("basic", "fib", term.Int(2)); got != "{ok,1}" {
		t.Errorf("fib(2) = %s", got)
	}
	if s := strings.Join(seen, "\n"); !strings.Contains(s, "is_lt") || !strings.Contains(s, "deallocate_return") {
		t.Errorf("trace:\n%s", s)
	}
}
