package main

import (
	"fmt"
	"os"
	"runtime/pprof"
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/node"
)

// boot starts a node and waits for its end. prepare may add modules before the first process runs.
func boot(c node.Config, prepare func(*node.Node) error) int {
	c.Debug = os.Getenv("GERL_DEBUG")
	if c.MemoryLimit == 0 {
		limit, err := memorySize(os.Getenv("GERL_MEMORY"))
		if err != nil {
			fmt.Fprintf(os.Stderr, "gerl: GERL_MEMORY: %v\n", err)
			return 2
		}
		c.MemoryLimit = limit
	}
	if c.MemoryLimit == 0 {
		c.MemoryLimit = defaultMemoryLimit()
	}
	if w, err := strconv.Atoi(os.Getenv("GERL_WORKERS")); err == nil && w > 0 && c.Workers == 0 {
		c.Workers = w
	}
	if c.Console == nil {
		c.Console = node.NewStreamConsole(os.Stdin, os.Stdout, os.Stderr)
	}
	c.CanRestart = canRestart
	c.AtomsEnd = true
	if exe, err := os.Executable(); err == nil {
		c.Epmd = []string{exe, "epmd", "-daemon"}
	}
	n, err := node.New(c)
	if err == nil && prepare != nil {
		err = prepare(n)
	}
	if err == nil {
		defer machineProfile()()
		err = n.Start()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl: %v\n", err)
		return 1
	}
	status := n.Wait()
	tellPauses()
	if !n.Restarts() {
		return status
	}
	if t, ok := c.Console.(interface{ Close() }); ok {
		t.Close() // the terminal as it was
	}
	if err := beginAnew(n.Environ()); err != nil {
		fmt.Fprintf(os.Stderr, "gerl: the program could not be started again: %v\n", err)
	}
	return 1
}

// machineProfile writes a CPU profile of gerl itself, with Go functions, to the file that GERL_CPUPROFILE names, if it names one.
// The result ends it.
func machineProfile() (end func()) {
	name := os.Getenv("GERL_CPUPROFILE")
	if name == "" {
		return func() {}
	}
	f, err := os.Create(name)
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl: GERL_CPUPROFILE: %v\n", err)
		return func() {}
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}
}

// memorySize reads a size like 512M or 4G; "" is 0.
func memorySize(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	factor := int64(1)
	switch strings.ToUpper(s[len(s)-1:]) {
	case "K":
		factor = 1 << 10
	case "M":
		factor = 1 << 20
	case "G":
		factor = 1 << 30
	}
	digits := s
	if factor > 1 {
		digits = s[:len(s)-1]
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n <= 0 || n > 1<<62/factor {
		return 0, fmt.Errorf("%q is no size: write it like 512M or 4G", s)
	}
	return n * factor, nil
}

// defaultMemoryLimit leaves the machine an eighth of its memory: a runaway program ends with a
// message before the kernel kills it, or something else.
func defaultMemoryLimit() int64 {
	data, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(data), "\n") {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "MemTotal:" {
			if kb, err := strconv.ParseInt(f[1], 10, 64); err == nil {
				return kb << 10 / 8 * 7
			}
		}
	}
	return 0
}
