package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// projectFiles are those of a new application; NAME stands for its name.
var projectFiles = []struct{ name, text string }{
	{"src/NAME.app.src", `{application, NAME,
 [{description, "The application NAME"},
  {vsn, "0.1.0"},
  {registered, []},
  {mod, {NAME_app, []}},
  {applications, [kernel, stdlib]},
  {env, []},
  {modules, []}]}.
`},
	{"src/NAME.erl", `-module(NAME).
-moduledoc "What NAME does.".

-export([main/1, hello/1]).

-include("NAME.hrl").

-doc "Greets those who are named on the command line: gerl run NAME Joe Robert".
-spec main([string()]) -> ok.
main([]) -> main(["world"]);
main(Names) -> lists:foreach(fun(Name) -> io:format("~ts~n", [hello(Name)]) end, Names).

-doc "A greeting.".
-spec hello(string()) -> string().
hello(Name) -> ?GREETING ++ ", " ++ Name.
`},
	{"src/NAME_app.erl", `-module(NAME_app).
-moduledoc "Starts and stops the application.".

-behaviour(application).

-export([start/2, stop/1]).

-doc false.
start(_Type, _Args) -> NAME_sup:start_link().

-doc false.
stop(_State) -> ok.
`},
	{"src/NAME_sup.erl", `-module(NAME_sup).
-moduledoc "The application's supervisor.".

-behaviour(supervisor).

-export([start_link/0, init/1]).

-doc "Starts the supervisor.".
-spec start_link() -> {ok, pid()} | ignore | {error, term()}.
start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

-doc false.
init([]) -> {ok, {#{strategy => one_for_one, intensity => 1, period => 5}, []}}.
`},
	{"include/NAME.hrl", `%% What other applications may know of NAME.
-define(GREETING, "hello").
`},
	{"test/NAME_tests.erl", `-module(NAME_tests).

-include_lib("eunit/include/eunit.hrl").

hello_test() -> ?assertEqual("hello, Joe", NAME:hello("Joe")).
`},
	{"rebar.config", "{erl_opts, [debug_info]}.\n{deps, []}.\n"},
	{".gitignore", "_build/\nebin/\n*.beam\nerl_crash.dump\n"},
	{"README.md", "# NAME\n\n    gerl run NAME Joe    runs NAME:main/1\n    gerl test            runs the tests\n    gerl build . -o NAME makes one executable\n"},
}

var applicationName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// newCommand lays out a new application: src, include, test, a resource file.
func newCommand(args []string) int {
	if len(args) != 1 {
		return helpUsage("new")
	}
	dir := args[0]
	name := filepath.Base(dir)
	if !applicationName.MatchString(name) {
		fmt.Fprintf(os.Stderr, "gerl new: %q is no name for an application: it begins with a small letter and has small letters, digits and _\n", name)
		return 2
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		fmt.Fprintf(os.Stderr, "gerl new: %s exists already; choose another name or remove it\n", dir)
		return 1
	}
	for _, f := range projectFiles {
		file := filepath.Join(dir, filepath.FromSlash(strings.ReplaceAll(f.name, "NAME", name)))
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		if err == nil {
			err = os.WriteFile(file, []byte(strings.ReplaceAll(f.text, "NAME", name)), 0o644)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "gerl new: %s: %s\n", file, reason(err))
			return 1
		}
		fmt.Println(file)
	}
	return 0
}
