package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/node"
)

// nodeOptions are the options of gerl run and gerl eval that say how the node works; all take a value.
var nodeOptions = map[string]func(c *node.Config, value string) error{
	"--memory": func(c *node.Config, value string) (err error) {
		c.MemoryLimit, err = memorySize(value)
		if err == nil && c.MemoryLimit == 0 {
			err = errors.New("a size is missing: write it like 512M or 4G")
		}
		return err
	},
	"--seed": func(c *node.Config, value string) error {
		seed, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is no seed: it is a number from 0 to 18446744073709551615", value)
		}
		c.Seed = &seed
		return nil
	},
	"--record": func(c *node.Config, value string) error {
		if c.Record = value; value == "" {
			return errors.New("a file name is missing: write --seed N --record FILE")
		}
		return nil
	},
	"--replay": func(c *node.Config, value string) error {
		if c.Replay = value; value == "" {
			return errors.New("a file name is missing: write --seed N --replay FILE")
		}
		return nil
	},
	"--profile": func(c *node.Config, value string) error {
		if c.Profile = value; value == "" {
			return errors.New("a file name is missing: write --profile cpu.pb.gz")
		}
		return nil
	},
}

// nodeOption carries out one of nodeOptions; false after an error, which it tells.
func nodeOption(c *node.Config, name, value string) bool {
	if err := nodeOptions[name](c, value); err != nil {
		fmt.Fprintf(os.Stderr, "gerl: %s: %v\n", name, err)
		return false
	}
	return true
}

// nodeOptionList names them in messages.
const nodeOptionList = "--memory SIZE, --seed N, --record FILE, --replay FILE, --profile FILE"

// evalOptions takes the options of gerl eval from the front of its arguments.
func evalOptions(c *node.Config, args []string) (rest []string, ok bool) {
	for len(args) > 0 && (strings.HasPrefix(args[0], "--") || len(args) > 1 && strings.HasPrefix(args[0], "+")) { // the last is the expression
		if args[0][0] == '+' {
			if args, ok = emulatorOption(c, "eval", args); !ok {
				return nil, false
			}
			continue
		}
		name, value, given := strings.Cut(args[0], "=")
		args = args[1:]
		if nodeOptions[name] == nil {
			fmt.Fprintf(os.Stderr, "gerl eval: unknown option %s; the options are: %s\n", name, nodeOptionList)
			return nil, false
		}
		if !given && len(args) > 0 {
			value, args = args[0], args[1:]
		}
		if !nodeOption(c, name, value) {
			return nil, false
		}
	}
	return args, true
}

// nodeHelp explains the options.
const nodeHelp = `  +P 1048576 ...    flags of OTP's emulator, here or before the command's name
  --memory SIZE     the most memory that terms may take, like 512M
  --seed N          a deterministic run: one scheduler, virtual time, which costs nothing while all processes sleep, and every
                    choice of the scheduler and every random number from the seed. The same seed gives the same output;
                    other seeds try other interleavings. A deadlock is reported and ends the program with status 1.
  --record FILE     with --seed: write all input from outside (files, the environment, ports, sockets, the terminal) to FILE
  --replay FILE     with the same --seed: run again as recorded. Input comes from FILE; nothing is read, written or started, but
                    what the program prints is printed.
  --profile FILE    write a CPU profile with Erlang functions when the program ends: go tool pprof -top FILE
`
