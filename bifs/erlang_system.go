package bifs

import (
	"fmt"
	"os"
	"runtime"

	"github.com/gerl-lang/gerl/bifs/spec"
	"github.com/gerl-lang/gerl/ets"
	"github.com/gerl-lang/gerl/port"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Versions that programs ask for: those of the OTP that gerl follows.
const (
	otpRelease  = "29"
	ertsVersion = "17.1.1"
	wordBytes   = 8
)

// systemInfo gives one item of erlang:system_info/1, None for an unknown one.
func systemInfo(p *proc.Process, item term.Term) term.Term {
	h := &p.Heap
	sys := p.Sys
	workers := len(sys.Sched.Workers())
	switch item.AtomName() {
	case "otp_release":
		return h.Chars(otpRelease)
	case "version":
		return h.Chars(ertsVersion)
	case "machine":
		return h.Chars("BEAM")
	case "system_version":
		return h.Chars(fmt.Sprintf("Erlang/OTP %s [erts-%s] [gerl] [64-bit] [smp:%d:%d]\n", otpRelease, ertsVersion, workers, workers))
	case "system_architecture":
		return h.Chars(architecture())
	case "os_type":
		if runtime.GOOS == "windows" {
			return h.Tuple(term.Intern("win32"), term.Intern("nt"))
		}
		return h.Tuple(term.Intern("unix"), term.Intern(runtime.GOOS))
	case "os_version":
		v := osVersion()
		return h.Tuple(term.Int(v[0]), term.Int(v[1]), term.Int(v[2]))
	case "wordsize":
		return term.Int(wordBytes)
	case "endian":
		return term.Intern("little") // of the terms, on every system
	case "process_count":
		return term.Int(sys.ProcessCount())
	case "process_limit":
		return term.Int(sys.ProcessLimit())
	case "port_count":
		if t := port.Of(sys); t != nil {
			return term.Int(t.Count())
		}
		return term.Int(0)
	case "port_limit":
		if t := port.Of(sys); t != nil {
			return term.Int(t.Limit())
		}
		return term.Int(port.DefaultLimit)
	case "atom_count":
		return term.Int(term.AtomCount())
	case "atom_limit":
		return term.Int(term.AtomLimit())
	case "ets_limit":
		return term.Int(int(nodeState(p).flags.get(SetETSLimit, 8192)))
	case "ets_always_compress":
		return term.AtomFalse
	case "ets_count":
		if ts := ets.Of(sys); ts != nil {
			return term.Int(len(ts.All()))
		}
		return term.Int(0)
	case "schedulers", "dirty_cpu_schedulers":
		return term.Int(workers)
	case "schedulers_online":
		return term.Int(schedulersOnline(p))
	case "dirty_cpu_schedulers_online":
		return term.Int(int(nodeState(p).flags.get("dirty_cpu_schedulers_online", int64(workers))))
	case "dirty_io_schedulers":
		return term.Int(10)
	case "logical_processors", "logical_processors_online", "logical_processors_available":
		return term.Int(runtime.NumCPU())
	case "threads", "smp_support", "kernel_poll", "eager_check_io":
		return term.AtomTrue
	case "time_correction":
		return term.Bool(nodeState(p).flags.get(SetCorrection, 1) != 0)
	case "async_dist", "debug_compiled", "lock_checking", "lock_counting", "dynamic_trace_probes", "port_parallelism", "ets_realloc_moves", "break_ignored":
		return term.AtomFalse
	case "thread_pool_size":
		return term.Int(int(nodeState(p).flags.get(SetThreadPool, 1)))
	case "build_type", "emu_type":
		return term.Intern("opt")
	case "emu_flavor":
		return term.Intern("emu")
	case "compat_rel":
		return term.Int(29)
	case "cpu_quota":
		return term.Intern("unknown")
	case "c_compiler_used":
		return h.Tuple(term.AtomUndefined, term.AtomUndefined)
	case "cpu_topology", "modified_timing_level":
		return term.AtomUndefined
	case "trace_control_word":
		return term.Int(int(nodeState(p).flags.get("trace_control_word", 0)))
	case "creation":
		return term.Int(0)
	case "delayed_node_table_gc":
		return term.Int(60)
	case "dist_buf_busy_limit":
		return term.Int(int(nodeState(p).flags.get(SetDistBuffer, 1<<20)))
	case "dist_ctrl", "taints":
		return term.Nil
	case "driver_version":
		return h.Chars("3.3")
	case "nif_version":
		return h.Chars("2.18")
	case "dynamic_trace":
		return atomNone
	case "start_time":
		return h.Int64(monotonicBase)
	case "end_time":
		return h.Int64(1<<63 - 1 + monotonicBase)
	case "fullsweep_after":
		return h.Tuple(item, h.Int64(sys.Defaults.Fullsweep.Load()))
	case "min_heap_size":
		return h.Tuple(item, h.Int64(sys.Defaults.MinHeap.Load()))
	case "min_bin_vheap_size":
		return h.Tuple(item, h.Int64(sys.Defaults.MinBinVHeap.Load()))
	case "max_heap_size":
		m := sys.Defaults.MaxHeap()
		return m.Term(h)
	case "garbage_collection":
		m := sys.Defaults.MaxHeap()
		return h.List(h.Tuple(term.AtomMaxHeapSize, term.Int(m.Size)), h.Tuple(term.AtomMinBinVheapSize, h.Int64(sys.Defaults.MinBinVHeap.Load())),
			h.Tuple(term.AtomMinHeapSize, h.Int64(sys.Defaults.MinHeap.Load())), h.Tuple(term.AtomFullsweepAfter, h.Int64(sys.Defaults.Fullsweep.Load())))
	case "heap_sizes":
		var sizes []term.Term
		for n := 12; n < 1<<59; n = proc.HeapSize(n + 1) {
			sizes = append(sizes, term.Int(n))
		}
		return h.List(sizes...)
	case "heap_type":
		return term.Intern("private")
	case "message_queue_data":
		return p.Sys.Defaults.QueueData()
	case "multi_scheduling":
		return nodeState(p).blockers.state()
	case "multi_scheduling_blockers":
		return h.List(nodeState(p).blockers.pids(false)...)
	case "normal_multi_scheduling_blockers":
		return h.List(nodeState(p).blockers.pids(true)...)
	case "outstanding_system_requests_limit":
		return term.Int(int(nodeState(p).flags.get("outstanding_system_requests_limit", 4)))
	case "sequential_tracer":
		return h.Tuple(item, seqTracer(p))
	case "snifs":
		var fs []term.Term
		for i := range names {
			n := &names[i]
			if f, ok := spec.Lookup(n.module, n.function, n.arity); !ok || f.Flags&spec.Erl != 0 {
				continue
			}
			fs = append(fs, h.Tuple(term.Intern(n.module), term.Intern(n.function), term.Int(n.arity)))
		}
		return h.List(fs...)
	case "scheduler_bind_type":
		return term.Intern("unbound")
	case "scheduler_bindings":
		e := make([]term.Term, workers)
		for i := range e {
			e[i] = term.Intern("unbound")
		}
		return h.Tuple(e...)
	case "scheduler_id":
		return term.Int(p.Worker().ID + 1)
	case "system_logger":
		return p.Sys.LoggerSet()
	case "time_offset":
		return p.Sys.TimeOffsetState()
	case "time_warp_mode":
		return p.Sys.TimeWarpMode()
	case "tolerant_timeofday":
		return term.Intern("disabled")
	case "update_cpu_info":
		return term.Intern("unchanged")
	case "context_reductions":
		return term.Int(4000)
	case "halt_flush_timeout":
		return term.AtomInfinity
	case "schedulers_active":
		return term.Int(p.Sys.Sched.Online())
	case "info", "procs", "loaded", "dist", "allocated_areas", "allocator", "alloc_util_allocators", "check_io", "ethread_info", "beam_jump_table":
		return emulatorInfo(p, item.AtomName())
	case "os_monotonic_time_source":
		return timeSource(h, "CLOCK_MONOTONIC", sys.Sched.Clock.Monotonic(), true)
	case "os_system_time_source":
		return timeSource(h, "CLOCK_REALTIME", sys.Sched.Clock.System(), false)
	}
	return term.None
}

func timeSource(h *term.Heap, clock string, now int64, mono bool) term.Term {
	pair := func(k string, v term.Term) term.Term { return h.Tuple(term.Intern(k), v) }
	l := []term.Term{pair("function", term.Intern("clock_gettime")), pair("clock_id", term.Intern(clock)),
		pair("resolution", term.Int(1_000_000_000))}
	if mono {
		l = append(l, pair("used_resolution", term.Int(1_000_000_000)), pair("extended", atomNo))
	}
	return h.List(append(l, pair("parallel", atomYes), pair("time", h.Int64(now)))...)
}

// architecture is the triple that OTP's configure would name.
func architecture() string {
	cpu := map[string]string{"amd64": "x86_64", "arm64": "aarch64", "386": "i686"}[runtime.GOARCH]
	if cpu == "" {
		cpu = runtime.GOARCH
	}
	switch runtime.GOOS {
	case "linux":
		return cpu + "-pc-linux-gnu"
	case "darwin":
		return cpu + "-apple-darwin"
	case "windows":
		return "win32"
	}
	return cpu + "-unknown-" + runtime.GOOS
}

func erlangSystemInfo1(p *proc.Process, a []term.Term) term.Term {
	if v, ok := optionTuple(a[0], term.Intern("wordsize")); ok && (v == term.Intern("internal") || v == term.AtomExternal) {
		return term.Int(wordBytes)
	}
	if v, ok := optionTuple(a[0], term.Intern("cpu_topology")); ok && (v == term.Intern("defined") || v == term.Intern("detected") || v == term.Intern("used")) {
		return term.AtomUndefined
	}
	if a[0].TupleOf(2) && a[0].Elem(1).IsAtom() && (a[0].Elem(0) == term.Intern("allocator") || a[0].Elem(0) == term.Intern("allocator_sizes")) {
		return term.AtomUndefined // OTP's answer for an allocator that does not exist
	}
	if a[0].TupleOf(3) && a[0].Elem(0) == atomMemoryInternal {
		return memoryInternal(p, a[0].Elem(1), a[0].Elem(2))
	}
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	if t := systemInfo(p, a[0]); t != term.None {
		return t
	}
	return p.Badarg()
}

// memoryItems are those of erlang:memory/0, in its order.
var memoryItems = [...]string{"total", "processes", "processes_used", "system", "atom", "atom_used", "binary", "code", "ets"}

// memoryUse gives the bytes of each item of erlang:memory/0.
func memoryUse(p *proc.Process) map[string]int {
	m := term.ReadMemoryStats()
	tables := 0
	if ts := ets.Of(p.Sys); ts != nil {
		for _, t := range ts.All() {
			tables += t.Words() * term.WordBytes
		}
	}
	persistent := &nodeState(p).persistent
	persistent.mu.RLock()
	code := int(m.Code+m.Literals) - persistent.words*term.WordBytes
	persistent.mu.RUnlock()
	atoms := term.AtomCount() * 32 // names and table, roughly
	processes := int(m.Heaps+m.Fragments) - tables
	total := int(m.Mapped+m.Literals) + atoms
	return map[string]int{"total": total, "processes": processes, "processes_used": processes, "system": total - processes,
		"atom": atoms, "atom_used": atoms, "binary": int(m.Binaries), "code": code, "ets": tables}
}

func erlangMemory0(p *proc.Process, _ []term.Term) term.Term {
	use := memoryUse(p)
	l := make([]term.Term, len(memoryItems))
	for i, k := range memoryItems {
		l[i] = p.Heap.Tuple(term.Intern(k), term.Int(use[k]))
	}
	return p.Heap.List(l...)
}

func erlangMemory1(p *proc.Process, a []term.Term) term.Term {
	use := memoryUse(p)
	if a[0].IsAtom() {
		v, ok := use[a[0].AtomName()]
		return orBadarg(p, term.Int(v), ok)
	}
	keys, ok := listElems(a[0])
	if !ok {
		return p.Badarg()
	}
	for i, k := range keys {
		if !k.IsAtom() {
			return p.Badarg()
		}
		v, ok := use[k.AtomName()]
		if !ok {
			return p.Badarg()
		}
		keys[i] = p.Heap.Tuple(k, term.Int(v))
	}
	return p.Heap.List(keys...)
}

func erlangBumpReductions1(p *proc.Process, a []term.Term) term.Term {
	n, ok := smallIn(a[0], 0, maxInt)
	if !ok {
		return p.Badarg()
	}
	p.Bump(n)
	return term.AtomTrue
}

// display/1 writes the term as ~w would, to the standard output of the node's operating system process: it is for
// debugging without any process in between.
func erlangDisplay1(p *proc.Process, a []term.Term) term.Term {
	b := append(term.Append(nil, a[0], term.FormatOptions{Unicode: true}), '\r', '\n')
	if c := console(p); c != nil {
		c.Write(1, b)
	} else {
		os.Stdout.Write(b)
	}
	return term.AtomTrue
}

// ---- os -----------------------------------------------------------------------------------------

func osGetpid0(p *proc.Process, _ []term.Term) term.Term {
	return p.Heap.Chars(fmt.Sprint(os.Getpid()))
}

// envName checks the name of an environment variable.
func envName(t term.Term) (string, bool) {
	b, ok := charsOf(t)
	if !ok {
		return "", false
	}
	for _, c := range b {
		if c == '=' || c == 0 {
			return "", false
		}
	}
	return string(b), true
}

func osGetenv1(p *proc.Process, a []term.Term) term.Term {
	name, ok := envName(a[0])
	n := NodeOf(p)
	switch {
	case !ok:
		return p.Badarg()
	case n == nil:
		return notSupported(p)
	}
	v, ok := n.Getenv(name)
	if !ok {
		return term.AtomFalse
	}
	return p.Heap.Chars(v)
}

func osPutenv2(p *proc.Process, a []term.Term) term.Term {
	name, ok := envName(a[0])
	value, ok2 := charsOf(a[1])
	for _, c := range value {
		ok2 = ok2 && c != 0
	}
	n := NodeOf(p)
	switch {
	case !ok || !ok2:
		return p.Badarg()
	case n == nil:
		return notSupported(p)
	}
	n.Setenv(name, string(value))
	return term.AtomTrue
}

func osUnsetenv1(p *proc.Process, a []term.Term) term.Term {
	name, ok := envName(a[0])
	n := NodeOf(p)
	switch {
	case !ok:
		return p.Badarg()
	case n == nil:
		return notSupported(p)
	}
	n.Unsetenv(name)
	return term.AtomTrue
}

func osEnv0(p *proc.Process, _ []term.Term) term.Term {
	n := NodeOf(p)
	if n == nil {
		return notSupported(p)
	}
	h := &p.Heap
	var l []term.Term
	for _, kv := range n.Environ() {
		for i := 1; i < len(kv); i++ {
			if kv[i] == '=' {
				l = append(l, h.Tuple(h.Chars(kv[:i]), h.Chars(kv[i+1:])))
				break
			}
		}
	}
	return h.List(l...)
}

// ---- erts_internal, erts_debug ---------------------------------------------------------------------

func ertsInternalCmpTerm2(_ *proc.Process, a []term.Term) term.Term {
	return term.Int(term.CompareKeys(a[0], a[1]))
}

func ertsInternalTermType1(_ *proc.Process, a []term.Term) term.Term {
	t := a[0]
	name := ""
	switch {
	case t.IsSmall():
		name = "fixnum"
	case t.IsBig():
		name = "bignum"
	case t.IsFloat():
		name = "hfloat"
	case t.IsAtom():
		name = "atom"
	case t.IsNil():
		name = "nil"
	case t.IsCons():
		name = "list"
	case t.IsTuple():
		name = "tuple"
	case t.IsMap():
		name = "flatmap"
		if !term.IsFlatMap(t) {
			name = "hashmap"
		}
	case t.IsFun():
		name = "fun"
	case t.IsLocalPid():
		name = "pid"
	case t.IsPid():
		name = "external_pid"
	case t.IsLocalPort():
		name = "port"
	case t.IsPort():
		name = "external_port"
	case t.IsRef():
		name = "reference"
		if _, _, ext := term.ExtNode(t); ext {
			name = "external_reference"
		}
	case t.IsBitstring():
		name = "heap_binary"
	}
	return term.Intern(name)
}

func ertsInternalListToInteger2(p *proc.Process, a []term.Term) term.Term {
	return erlangListToInteger2(p, a)
}
func ertsInternalBinaryToInteger2(p *proc.Process, a []term.Term) term.Term {
	return erlangBinaryToInteger2(p, a)
}

func fileNativeNameEncoding0(_ *proc.Process, _ []term.Term) term.Term {
	return term.AtomUtf8
}

// display_string writes characters to the standard output of the node's operating system process.
func erlangDisplayString1(p *proc.Process, a []term.Term) term.Term {
	return displayString(p, 1, a[0])
}

func erlangDisplayString2(p *proc.Process, a []term.Term) term.Term {
	switch a[0] {
	case term.Intern("stdout"):
		return displayString(p, 1, a[1])
	case term.Intern("stderr"):
		return displayString(p, 2, a[1])
	}
	return p.Badarg()
}

func displayString(p *proc.Process, fd int, t term.Term) term.Term {
	text, ok := charsOf(t)
	if !ok {
		text, ok = t.Bytes()
	}
	if !ok {
		return p.Badarg()
	}
	if c := console(p); c != nil {
		c.Write(fd, text)
		return term.AtomTrue
	}
	f := os.Stdout
	if fd == 2 {
		f = os.Stderr
	}
	f.Write(text)
	return term.AtomTrue
}

var (
	atomMemoryInternal = term.Intern("memory_internal")
	atomFixAlloc       = term.Intern("fix_alloc")
	atomFixTypes       = term.Intern("fix_types")
	atomBifTimer       = term.Intern("bif_timer")
)

// memoryInternal answers system_info({memory_internal, Ref, [fix_alloc]}), from which OTP's test programs learn how much memory
// timers take: one message for the whole node.
func memoryInternal(p *proc.Process, ref, what term.Term) term.Term {
	if !ref.IsRef() || !what.IsCons() || what.Head() != atomFixAlloc || !what.Tail().IsNil() {
		return p.Badarg()
	}
	return p.YieldBIF(timerMemory) // OTP's answers come from all schedulers, so others have run before
}

func timerMemory(p *proc.Process, a []term.Term) term.Term {
	h, ref := &p.Heap, a[0].Elem(1)
	bytes := term.Int(p.Sys.TimerBytes())
	types := h.List(h.Tuple(atomBifTimer, bytes, bytes))
	p.Send(p.Pid, h.Tuple(ref, term.Int(0), h.List(h.Tuple(atomFixAlloc, term.Int(0), h.List(h.Tuple(atomFixTypes, types))))))
	return term.AtomTrue
}

// no_aux_work_threads(): those who answer memory_internal, and the one that OTP's programs leave out.
func ertsInternalNoAuxWorkThreads0(*proc.Process, []term.Term) term.Term { return term.Int(2) }

// is_process_executing_dirty(Pid): nothing is executed by other schedulers than the usual ones.
func ertsInternalIsProcessExecutingDirty1(p *proc.Process, a []term.Term) term.Term {
	return orBadarg(p, term.AtomFalse, a[0].IsLocalPid())
}
