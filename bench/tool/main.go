//go:build linux

// Command tool measures what a user of gerl waits for, in turn with Erlang/OTP: a script, the shell's prompt, tests, a built program.
//
//	go run ./bench/tool [-gerl PATH] [-rounds N] [-modules N]
//
// It prints a table in Markdown: the least wall time and the median of the rounds, the peak memory, and the ratios to OTP.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// side is one of the commands that take turns.
type side struct {
	name   string
	run    func() (time.Duration, int64, error) // wall time, peak memory in KiB
	walls  []time.Duration
	memory int64
}

func main() {
	gerl := flag.String("gerl", "gerl", "the gerl to measure")
	rounds := flag.Int("rounds", 11, "rounds in which the sides take turns")
	modules := flag.Int("modules", 50, "modules of the project that is tested")
	flag.Parse()
	path, err := exec.LookPath(*gerl)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err == nil {
		err = measure(path, *rounds, *modules)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tool:", err)
		os.Exit(1)
	}
}

func measure(gerl string, rounds, modules int) error {
	dir, err := os.MkdirTemp("", "gerl-tool")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // scratch files
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		return err
	}
	for _, n := range []string{"erl", "escript"} {
		if err := os.Symlink(gerl, filepath.Join(bin, n)); err != nil {
			return err
		}
	}
	files := map[string]string{
		"hello.es":  "#!/usr/bin/env escript\nmain(_) -> io:format(\"Hello, world~n\").\n",
		"hello.erl": "-module(hello).\n-export([main/1]).\nmain(_) -> io:format(\"Hello, world~n\").\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	app := filepath.Join(dir, "hello.bin")
	if out, err := exec.Command(gerl, "build", filepath.Join(dir, "hello.erl"), "-o", app).CombinedOutput(); err != nil {
		return fmt.Errorf("gerl build: %w\n%s", err, out)
	}
	fmt.Println("| what | gerl, least (median) | OTP or other, least (median) | ratio of the least (of the medians) | peak memory gerl / OTP, MiB |")
	fmt.Println("|---|---|---|---|---|")
	compare("script hello world", rounds, command(dir, filepath.Join(bin, "escript"), "hello.es"), command(dir, "escript", "hello.es"))
	compare("prompt ready", rounds, prompt(dir, filepath.Join(bin, "erl")), prompt(dir, "erl"))
	compare("built executable, beside gerl run", rounds, command(dir, app), command(dir, gerl, "run", "hello.erl"))
	if _, err := exec.LookPath("rebar3"); err != nil {
		return nil
	}
	project := filepath.Join(dir, "proj")
	if err := newProject(project, modules); err != nil {
		return err
	}
	fresh := func(run func() (time.Duration, int64, error)) func() (time.Duration, int64, error) {
		return func() (time.Duration, int64, error) {
			if err := os.RemoveAll(filepath.Join(project, "_build")); err != nil {
				return 0, 0, err
			}
			return run()
		}
	}
	few := max(rounds/4, 2)
	gerlTest, rebarTest := command(project, gerl, "test"), command(project, "rebar3", "eunit")
	compare(fmt.Sprintf("gerl test / rebar3 eunit, %d modules, from nothing", modules), few, fresh(gerlTest), fresh(rebarTest))
	compare(fmt.Sprintf("gerl test / rebar3 eunit, %d modules, nothing changed", modules), few, gerlTest, rebarTest)
	return nil
}

// compare lets two sides take turns and prints a line of the table.
func compare(what string, rounds int, ours, theirs func() (time.Duration, int64, error)) {
	sides := []*side{{name: "gerl", run: ours}, {name: "other", run: theirs}}
	for range rounds {
		for _, s := range sides {
			wall, kib, err := s.run()
			if err != nil {
				fmt.Printf("| %s | %s: %v | | | |\n", what, s.name, err)
				return
			}
			s.walls = append(s.walls, wall)
			s.memory = max(s.memory, kib)
		}
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	for _, s := range sides {
		slices.Sort(s.walls)
	}
	a, b := sides[0].walls, sides[1].walls
	am, bm := a[len(a)/2], b[len(b)/2]
	fmt.Printf("| %s | %.1f ms (%.1f) | %.1f ms (%.1f) | **%.3f** (%.3f) | %.1f / %.1f |\n", what, ms(a[0]), ms(am), ms(b[0]), ms(bm),
		ms(a[0])/ms(b[0]), ms(am)/ms(bm), float64(sides[0].memory)/1024, float64(sides[1].memory)/1024)
}

// command runs a program to its end.
func command(dir, name string, args ...string) func() (time.Duration, int64, error) {
	return func() (time.Duration, int64, error) {
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		start := time.Now()
		out, err := cmd.CombinedOutput()
		wall := time.Since(start)
		if err != nil {
			return 0, 0, fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, out)
		}
		return wall, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss, nil
	}
}

// prompt starts a shell on a pseudo-terminal and waits for its first prompt.
func prompt(dir, name string) func() (time.Duration, int64, error) {
	return func() (time.Duration, int64, error) {
		master, slave, err := terminal()
		if err != nil {
			return 0, 0, err
		}
		defer master.Close() //nolint:errcheck // the program has ended
		cmd := exec.Command(name)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "TERM=xterm")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		start := time.Now()
		if err := cmd.Start(); err != nil {
			return 0, 0, err
		}
		_ = slave.Close()
		var seen []byte
		buf := make([]byte, 4096)
		for !bytes.Contains(seen, []byte("1> ")) {
			n, err := master.Read(buf)
			if err != nil {
				return 0, 0, fmt.Errorf("%s: no prompt: %w", name, err)
			}
			seen = append(seen, buf[:n]...)
		}
		wall := time.Since(start)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return wall, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss, nil
	}
}

func terminal() (master, slave *os.File, err error) {
	if master, err = os.OpenFile("/dev/ptmx", os.O_RDWR, 0); err != nil {
		return nil, nil, err
	}
	if err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		return nil, nil, err
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		return nil, nil, err
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	return master, slave, err
}

// newProject writes an application of some modules, each with tests of its own.
func newProject(dir string, modules int) error {
	for _, d := range []string{"src", "test"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
	}
	files := map[string]string{
		"rebar.config":     "{erl_opts, [debug_info]}.\n{deps, []}.\n",
		"src/proj.app.src": "{application, proj, [{vsn, \"1\"}, {description, \"measured\"}, {registered, []}, {applications, [kernel, stdlib]}, {env, []}]}.\n",
	}
	for i := range modules {
		files[fmt.Sprintf("src/m%d.erl", i)] = fmt.Sprintf(`-module(m%d).
-export([sum/1, split/2, count/1]).

sum(List) -> lists:foldl(fun(X, Acc) -> X + Acc end, 0, List).

split(_, []) -> {[], []};
split(Pivot, [X | Rest]) ->
    {Small, Large} = split(Pivot, Rest),
    case X < Pivot of
        true -> {[X | Small], Large};
        false -> {Small, [X | Large]}
    end.

count(Text) -> maps:groups_from_list(fun(C) -> C end, Text).
`, i)
		files[fmt.Sprintf("test/m%d_tests.erl", i)] = fmt.Sprintf(`-module(m%[1]d_tests).
-include_lib("eunit/include/eunit.hrl").

sum_test() -> ?assertEqual(5050, m%[1]d:sum(lists:seq(1, 100))).

split_test_() -> [?_assertEqual({[1, 2], [3, 4]}, m%[1]d:split(3, [3, 1, 4, 2])) || _ <- [1]] ++ [?_assertMatch({[], _}, m%[1]d:split(0, [1]))].

count_test() -> ?assertEqual(#{$a => "aa", $b => "b"}, m%[1]d:count("aba")).
`, i)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
