package eval

import (
	"os"
	"testing"
	"time"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// A module has two versions at most: loading a third one needs a purge, which kills processes that run the oldest.
func TestReloadAndPurge(t *testing.T) {
	n := newNode(t, 2, "")
	basic := term.Intern("basic")
	data, err := os.ReadFile("testdata/basic.beam")
	if err != nil {
		t.Fatal(err)
	}
	want := func(text, m, f string, args ...term.Term) {
		t.Helper()
		if got := n.call(m, f, args...); got != "{ok,"+text+"}" {
			t.Errorf("%s:%s = %s, want %s", m, f, got, text)
		}
	}
	want("5", "basic", "id", term.Int(5))
	want("false", "erlang", "check_old_code", basic)
	h := term.NewArena()
	pid, e := n.sys.Spawn(basic, term.Intern("relay"), h.List(basic), nil) // waits in what becomes old code
	if e != proc.SpawnOK {
		t.Fatal(e)
	}
	for i := 0; i < 1000 && n.call("erlang", "process_info", pid, term.Intern("status")) != "{ok,{status,waiting}}"; i++ {
		time.Sleep(time.Millisecond)
	}
	if err := n.vm.LoadBinary(data); err != nil {
		t.Fatal(err)
	}
	want("6", "basic", "id", term.Int(6))
	want("true", "erlang", "check_old_code", basic)
	if err := n.vm.LoadBinary(data); err != errNotPurged {
		t.Errorf("third version: %v", err)
	}
	want("true", "erlang", "check_process_code", pid, basic)
	want("false", "gerl_code", "soft_purge", basic)
	want("true", "gerl_code", "purge", basic)
	want("false", "erlang", "check_old_code", basic)
	want("false", "gerl_code", "purge", basic)
	for i := 0; n.sys.Lookup(pid) != nil; i++ {
		if i > 2000 {
			t.Fatal("the process with old code is still alive")
		}
		time.Sleep(time.Millisecond)
	}
	if err := n.vm.LoadBinary(data); err != nil {
		t.Errorf("after the purge: %v", err)
	}
	want("true", "gerl_code", "soft_purge", basic)
	want("true", "erlang", "delete_module", basic)
	want("true", "erlang", "check_old_code", basic) // what was deleted
	want("true", "gerl_code", "soft_purge", basic)
	want("false", "erlang", "check_old_code", basic)
	want("7", "basic", "id", term.Int(7)) // found again by lazy loading
}

// Damaged code is refused with an error and nothing of it becomes visible.
func TestDamagedFileIsRefused(t *testing.T) {
	n := newNode(t, 1, "")
	data, err := os.ReadFile("testdata/basic.beam")
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{20, 200, 700, 1500, 3000, len(data) - 10} {
		bad := append([]byte(nil), data...)
		for i := at; i < at+8 && i < len(bad); i++ {
			bad[i] ^= 0x5A
		}
		_ = n.vm.LoadBinary(bad) // an error, or a valid module that differs: never a crash
	}
	if err := n.vm.LoadBinary(data[:len(data)/2]); err == nil {
		t.Error("half a file was loaded")
	}
}
