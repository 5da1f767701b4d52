package main

import "slices"

// longHelp are details and examples of the commands.
var longHelp = map[string]string{
	"run": `A file is compiled in memory; main/1 gets the arguments, else main/0 or start/0 is called. A directory, or the name of a module or application of
the project here, compiles the project (src, apps/*/src, _checkouts; dependencies in _build/default/lib) into _build/gerl first. A file that begins
with #! is run as a script.

  --watch           changed sources are compiled and loaded into the running program
  --main MODULE     the module whose main function is called
` + nodeHelp + `
examples:
  gerl run hello.erl Joe
  gerl run --seed 42 race.erl
  gerl run --watch .
  gerl run myapp
`,
	"compile": compileUsage + `
example:
  gerl compile -o ebin -I include +debug_info src/*.erl
`,
	"escript": `  -s    check the script only
  -c, -i, -d, -n    accepted: scripts are always compiled

example:
  gerl escript count.escript words.txt
`,
	"dis": `example:
  gerl dis --docs ebin/hello.beam
  gerl dis --loaded ebin/hello.beam    the instructions that the machine makes of them
`,
	"eval": `options:
` + nodeHelp + `
The expressions end with a full stop or not; the exit status is 127 after an uncaught exception.

examples:
  gerl eval 'lists:seq(1, 10)'
  gerl eval 'X = 6, X * 7'
`,
	"doc": `examples:
  gerl doc lists
  gerl doc lists:map
  gerl doc maps:get/3
`,
	"new": `example:
  gerl new bank && cd bank && gerl test && gerl run bank
`,
	"conformance": `Programs that show a rule of the language or library each, with the result that Erlang/OTP gives. Without --on they run on this gerl; the exit
status is 1 if one fails.

examples:
  gerl conformance
  gerl conformance maps
  gerl conformance --on /usr/bin/erl Guards
  gerl conformance --list Binaries
`,
	"version": "",
}

// nearest finds the command that a mistyped name is meant to be.
func nearest(name string) string {
	best, least := "", 3
	for _, c := range commands {
		if d := distance(name, c.name); d < least {
			best, least = c.name, d
		}
	}
	return best
}

// distance counts the letters to change, insert or delete to make b of a.
func distance(a, b string) int {
	if len(a) == len(b) && sorted(a) == sorted(b) {
		return 1 // letters have changed places
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := last
			if a[i] != b[j] {
				change++
			}
			last = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func sorted(s string) string {
	b := []byte(s)
	slices.Sort(b)
	return string(b)
}
