package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/compiler"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/node"
)

// runOptions are those of gerl run.
type runOptions struct {
	config node.Config
	watch  bool
	main   string
}

// runCommand compiles a program in memory, or a project, and runs it.
func runCommand(args []string) int {
	var o runOptions
	for len(args) > 0 && (strings.HasPrefix(args[0], "--") || strings.HasPrefix(args[0], "+")) {
		if args[0][0] == '+' {
			var ok bool
			if args, ok = emulatorOption(&o.config, "run", args); !ok {
				return 2
			}
			continue
		}
		name, value, _ := strings.Cut(args[0], "=")
		args = args[1:]
		if (nodeOptions[name] != nil || name == "--main") && value == "" && len(args) > 0 {
			value, args = args[0], args[1:]
		}
		switch name {
		case "--memory", "--seed", "--record", "--replay", "--profile":
			if !nodeOption(&o.config, name, value) {
				return 2
			}
		case "--watch":
			o.watch = true
		case "--main":
			o.main = value
		default:
			fmt.Fprintf(os.Stderr, "gerl run: unknown option %s; the options are: --main MODULE, --watch, %s\n", name, nodeOptionList)
			return 2
		}
	}
	if len(args) == 0 {
		return helpUsage("run")
	}
	target := args[0]
	switch {
	case isDir(target):
		return o.project(target, args[1:])
	case isScript(target):
		return runScript(o.config, args)
	case filepath.Ext(target) == "" && !isFile(target) && isDir("src"):
		// the name of a module or an application of the project here
		if o.main == "" {
			o.main = target
		}
		return o.project(".", args[1:])
	}
	return o.file(target, args[1:])
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// isScript reports whether a file begins like a script of escript.
func isScript(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // only read
	var head [2]byte
	n, _ := f.Read(head[:])
	return n == 2 && string(head[:]) == "#!"
}

// project compiles a project into its _build folder and runs a module's main function, or starts the application.
func (o runOptions) project(root string, args []string) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl run: %v\n", err)
		return 1
	}
	b := &builder{self: self, keep: true, tmp: filepath.Join(root, "_build", "gerl", "lib"), members: map[string][]byte{}}
	module := o.main
	m, err := b.project(root, module)
	if err != nil && module != "" {
		// an application without a main function has the name as well
		var e error
		if m, e = b.project(root, ""); e == nil && m.Application == module {
			err = nil
		}
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl run: %v\n", err)
		return 1
	}
	start := []string{"-gerl_run", m.Main}
	if m.Main == "" {
		start = []string{"-gerl_start", m.Application}
	}
	o.config.PathsLast = projectPaths(root)
	return o.boot(start, args, []string{root}, nil)
}

// projectPaths are the folders of a project with compiled modules.
func projectPaths(root string) []string {
	var dirs []string
	for _, p := range []string{"_build/gerl/lib/*/ebin", "_checkouts/*/ebin", "_build/default/checkouts/*/ebin", "_build/default/lib/*/ebin", "ebin"} {
		found, _ := filepath.Glob(filepath.Join(root, filepath.FromSlash(p)))
		dirs = append(dirs, found...)
	}
	return dirs
}

// boot runs a node; with --watch, changed sources below the roots are compiled and loaded into it.
func (o runOptions) boot(start, args, roots []string, prepare func(*node.Node) error) int {
	var environ erlLine
	if err := environ.take(environFlags("ERL_AFLAGS")); err != nil {
		fmt.Fprintf(os.Stderr, "gerl run: ERL_AFLAGS: %v\n", err)
		return 2
	}
	environ.emulator.complete(&o.config)
	o.config.Env = append(o.config.Env, environ.env...)
	first, last := codePaths(environ.init)
	o.config.PathsFirst = append(first, o.config.PathsFirst...)
	o.config.PathsLast = append(o.config.PathsLast, last...)
	flags := append(append(whereabouts(), environ.init...), "-noshell")
	if o.watch {
		flags = append(append(flags, "-run", "gerl_watch", "start"), roots...)
	}
	o.config.Flags = append(append(append(flags, start...), "-extra"), args...)
	o.config.Preload = programModules
	return boot(o.config, prepare)
}

// file runs a single source file, or a compiled one.
func (o runOptions) file(file string, args []string) int {
	name, image, ok := loadProgram(file)
	if !ok {
		return 1
	}
	o.config.PathsLast = []string{filepath.Dir(file)}
	if image == nil { // it has parse transforms: only Erlang code can compile it
		return o.boot([]string{"-gerl_run", "source", file}, args, []string{file}, nil)
	}
	return o.boot([]string{"-gerl_run", name}, args, []string{file}, func(n *node.Node) error {
		n.AddModule(name, image)
		return nil
	})
}

// loadProgram compiles a source file, or reads a compiled one; problems are told on the standard error. There is no image of a
// source file with parse transforms.
func loadProgram(file string) (name string, image []byte, ok bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl: %s: %s\n", file, reason(err))
		return "", nil, false
	}
	if strings.HasSuffix(file, ".beam") {
		return strings.TrimSuffix(filepath.Base(file), ".beam"), text, true
	}
	mod, fset, list, err := compiler.CompileText(file, text, compiler.Options{RefuseTransforms: true})
	if err != nil {
		return "", nil, true
	}
	_ = diag.WriteText(os.Stderr, fset, list.All())
	if mod == nil {
		return "", nil, false
	}
	image, err = beam.Write(mod, beam.WriteOptions{})
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl: %s: %v\n", file, err)
		return "", nil, false
	}
	return mod.Name.AtomName(), image, true
}

// reason is the operating system's reason for an error in the words of erlc.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file or directory"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
