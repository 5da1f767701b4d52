package node

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/compiler"
	"github.com/stretchr/testify/require"
)

// output is a writer that tests may read while nodes write.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func compile(t *testing.T, src string) (string, []byte) {
	t.Helper()
	mod, _, list, _ := compiler.CompileText("prog.erl", []byte(src), compiler.Options{})
	require.NotNil(t, mod, "%v", list.Err())
	data, err := beam.Write(mod, beam.WriteOptions{})
	require.NoError(t, err)
	return mod.Name.AtomName(), data
}

// run executes main/1 of a program on a node of its own and gives exit status and output.
func run(t *testing.T, src, input string, args ...string) (int, string, string) {
	t.Helper()
	name, data := compile(t, src)
	var out, errs output
	n, err := New(Config{
		Workers: 2,
		Console: NewStreamConsole(strings.NewReader(input), &out, &errs),
		Flags:   append([]string{"-noshell", "-gerl_run", name, "-extra"}, args...),
	})
	require.NoError(t, err)
	n.AddModule(name, data)
	require.NoError(t, n.Start())
	status := make(chan int, 1)
	go func() { status <- n.Wait() }()
	select {
	case s := <-status:
		return s, out.String(), errs.String()
	case <-time.After(60 * time.Second):
		t.Fatalf("the program does not end; it printed %q %q", out.String(), errs.String())
		return 0, "", ""
	}
}

func TestProgramGetsItsArguments(t *testing.T) {
	status, out, _ := run(t, `-module(prog).
-export([main/1]).
main(Args) -> io:format("~p~n", [Args]).
`, "", "-a", "b c", "--")
	require.Equal(t, 0, status)
	require.Equal(t, `["-a","b c","--"]`+"\n", out)
}

func TestUncaughtErrorGivesStatus127AndAStackTrace(t *testing.T) {
	status, out, errs := run(t, `-module(prog).
-export([main/1]).
main([X]) -> {ok, Y} = list_to_atom(X), Y.
`, "", "no")
	require.Equal(t, 127, status)
	require.Empty(t, out)
	require.Equal(t, "gerl: exception error: no match of right hand side value no\n  in function  prog:main/1 (prog.erl:3)\n", errs)
}

func TestHaltGivesItsStatusAndFlushesOutput(t *testing.T) {
	status, out, _ := run(t, `-module(prog).
-export([main/1]).
main(_) -> [io:put_chars("x") || _ <- lists:seq(1, 1000)], halt(3).
`, "")
	require.Equal(t, 3, status)
	require.Equal(t, strings.Repeat("x", 1000), out)
}

func TestProgramReadsItsInput(t *testing.T) {
	status, out, _ := run(t, `-module(prog).
-export([main/1]).
main(_) -> loop(0).
loop(N) ->
    case io:get_line("") of
        eof -> io:format("~w lines~n", [N]);
        Line -> io:format("<~ts>", [string:chomp(Line)]), loop(N + 1)
    end.
`, "one\ntwo\nthree")
	require.Equal(t, 0, status)
	require.Equal(t, "<one><two><three>3 lines\n", out)
}

func TestACrashOfOneProcessLeavesTheOthersAlone(t *testing.T) {
	status, out, _ := run(t, `-module(prog).
-export([main/1]).
main(_) ->
    Me = self(),
    Good = [spawn(fun() -> receive go -> Me ! {done, N} end end) || N <- lists:seq(1, 100)],
    Bad = [spawn_monitor(fun() -> exit({bad, N}) end) || N <- lists:seq(1, 100)],
    [receive {'DOWN', R, process, P, {bad, _}} -> ok end || {P, R} <- Bad],
    [P ! go || P <- Good],
    io:format("~w~n", [length([receive {done, N} -> N end || N <- lists:seq(1, 100)])]).
`, "")
	require.Equal(t, 0, status)
	require.Equal(t, "100\n", out)
}

// Nodes share nothing but the atom table: names registered on one are unknown on the other.
func TestTwoNodesInOneProgram(t *testing.T) {
	src := `-module(prog).
-export([main/1]).
main([Name]) ->
    register(list_to_atom(Name), self()),
    timer:sleep(50),
    io:format("~w ~w~n", [whereis(a) =:= self(), whereis(b) =:= self()]).
`
	var wg sync.WaitGroup
	outs := make([]string, 2)
	for i, name := range []string{"a", "b"} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, outs[i], _ = run(t, src, "", name)
		}()
	}
	wg.Wait()
	require.Equal(t, []string{"true false\n", "false true\n"}, outs)
}

func TestUnknownDebugSwitchIsRefused(t *testing.T) {
	_, err := New(Config{Debug: "nonsense"})
	require.ErrorContains(t, err, "nonsense")
}

func TestNodesOwnDirectoryAndEnvironment(t *testing.T) {
	n, err := New(Config{Workers: 1})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, n.Chdir(dir))
	require.Equal(t, dir, n.Dir())
	require.Error(t, n.Chdir("not/there"))
	n.Setenv("GERL_TEST_VAR", "x")
	v, ok := n.Getenv("GERL_TEST_VAR")
	require.True(t, ok)
	require.Equal(t, "x", v)
	n.Unsetenv("GERL_TEST_VAR")
	_, ok = n.Getenv("GERL_TEST_VAR")
	require.False(t, ok)
}

// Storing a large persistent term, replacing it and finding that it is there already keep nobody from running.
func TestALargePersistentTermLeavesTheWorkersToOthers(t *testing.T) {
	status, out, errs := run(t, `
-module(prog).
-export([main/1]).
main(_) ->
    erlang:system_flag(schedulers_online, 1),
    C = counters:new(1, []),
    spawn(fun() -> tick(C) end),
    L = lists:seq(1, 2000000),
    Puts = [during(C, fun() -> persistent_term:put(k, V) end) || V <- [L, [0 | L], [0 | L]]],
    {New, again} = during(C, fun() -> try persistent_term:put_new(k, [1 | L]) catch error:badarg -> again end end),
    {Other, ok} = during(C, fun() -> persistent_term:put_new(k2, [1 | L]) end),
    Shown = [N || {N, ok} <- Puts] ++ [Other],
    case lists:min(Shown) > 20 andalso length(persistent_term:get(k2)) =:= 2000001 of
        true -> io:format("ok~n");
        false -> io:format("~p~n", [{Shown, New}])
    end.
during(C, F) -> Before = counters:get(C, 1), R = F(), {counters:get(C, 1) - Before, R}.
tick(C) -> counters:add(C, 1, 1), erlang:yield(), tick(C).
`, "")
	require.Equal(t, "ok\n", out, "%s", errs)
	require.Zero(t, status)
}
