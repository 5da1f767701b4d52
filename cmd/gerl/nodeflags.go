package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/gerl-lang/gerl/node"
)

// takesFlags are the commands that run a node of the user's and so take the flags of OTP's emulator, +P 5000, before or behind their name.
var takesFlags = []string{"run", "eval", "escript"}

// commandBehindFlags finds the command in `gerl +FLAG... COMMAND ...`. Without a command, or with flags that are wrong, the arguments are erl's.
func commandBehindFlags(args []string) (c command, flags, rest []string, ok bool) {
	var e emulatorFlags
	i := 0
	for ; i < len(args) && strings.HasPrefix(args[i], "+"); i++ {
		if e.take(args, &i) != nil {
			return c, nil, nil, false
		}
	}
	if i >= len(args) || e.version {
		return c, nil, nil, false
	}
	for _, c := range commands {
		if c.name == args[i] {
			return c, args[:i], args[i+1:], true
		}
	}
	return c, nil, nil, false
}

// runWithFlags runs a command with emulator flags that stood before its name.
func runWithFlags(c command, flags, rest []string) int {
	if !slices.Contains(takesFlags, c.name) {
		fmt.Fprintf(os.Stderr, "gerl %s: the emulator flag %s changes nothing here; the commands that take such flags are %s\n",
			c.name, flags[0], strings.Join(takesFlags, ", "))
		return 2
	}
	return c.run(append(slices.Clone(flags), rest...))
}

// emulatorOption takes the +FLAG in front of a command's arguments, with its value; false after an error, which it tells.
func emulatorOption(c *node.Config, command string, args []string) (rest []string, ok bool) {
	var e emulatorFlags
	i := 0
	err := e.take(args, &i)
	if err == nil && e.version {
		err = usageError("+V: gerl version prints the version")
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl %s: %v\n", command, err)
		return nil, false
	}
	e.configure(c)
	return args[i+1:], true
}

// configure gives a node the values of the flags that were there.
func (e *emulatorFlags) configure(c *node.Config) {
	given := node.Config{Processes: e.processes, Ports: e.ports, Atoms: e.atoms, Workers: e.workers, Emulator: maps.Clone(e.settings)}
	(&emulatorFlags{processes: c.Processes, ports: c.Ports, atoms: c.Atoms, workers: c.Workers, settings: c.Emulator}).complete(&given)
	c.Processes, c.Ports, c.Atoms, c.Workers, c.Emulator = given.Processes, given.Ports, given.Atoms, given.Workers, given.Emulator
}

// complete is configure for flags that count less than what the node has been given already.
func (e *emulatorFlags) complete(c *node.Config) {
	c.Processes = cmp.Or(c.Processes, e.processes)
	c.Ports = cmp.Or(c.Ports, e.ports)
	c.Atoms = cmp.Or(c.Atoms, e.atoms)
	c.Workers = cmp.Or(c.Workers, e.workers)
	settings := maps.Clone(e.settings)
	if settings == nil {
		settings = map[string]int64{}
	}
	maps.Copy(settings, c.Emulator)
	c.Emulator = settings
}
