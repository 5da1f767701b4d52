package bifs

import (
	"io/fs"

	"github.com/gerl-lang/gerl/bifs/spec"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// ModuleFinder is how a node finds modules; the node provides it beside Node.
type ModuleFinder interface {
	// FindModule gives the contents and the file name of a module. It may block.
	FindModule(name string) (data []byte, file string, ok bool)
	// CodePath lists the directories that are searched.
	CodePath() []string
	// SetCodePath replaces them.
	SetCodePath(dirs []string)
	// Root is the directory of an installed Erlang/OTP, "" without one.
	Root() string
	// Inside says what a path leads to that goes on behind a file: the program itself, which has the library, or an archive. When code is to be
	// loaded any file whose name ends in .ez may be one; else it is one that the node was given.
	Inside(path string, loading bool) (tree fs.FS, name string, ok bool)
	// LibraryRoot is the folder that has the library's lib; InLibrary whether a directory of the code path is below it; LibraryFile where
	// one of its modules is, "" for others.
	LibraryRoot() string
	InLibrary(dir string) bool
	LibraryFile(module string) string
	// Modules lists the library's modules and those given to the node.
	Modules() []string
	// AddArchive makes an archive known and puts its ebin directories into the code path.
	AddArchive(name string, data []byte) error
}

// ErtsVersion is the version of OTP's runtime system whose behaviour is followed.
const ErtsVersion = ertsVersion

// gerl_code:find(Module) -> {Binary, File} | error
func gerlCodeFind1(p *proc.Process, a []term.Term) term.Term {
	f, ok := NodeOf(p).(ModuleFinder)
	if !ok || !a[0].IsAtom() {
		return p.Badarg()
	}
	name := a[0].AtomName()
	return p.Async(func() func(*proc.Process) term.Term {
		data, file, ok := f.FindModule(name)
		return func(p *proc.Process) term.Term {
			if !ok {
				return term.AtomError
			}
			return p.Heap.Tuple(p.Heap.Binary(data), p.Heap.Chars(file))
		}
	})
}

// gerl_code:path() -> [Directory]
func gerlCodePath0(p *proc.Process, _ []term.Term) term.Term {
	f, ok := NodeOf(p).(ModuleFinder)
	if !ok {
		return term.Nil
	}
	var dirs []term.Term
	for _, d := range f.CodePath() {
		dirs = append(dirs, p.Heap.Chars(d))
	}
	return p.Heap.List(dirs...)
}

// gerl_code:set_path([Directory]) -> true
func gerlCodeSetPath1(p *proc.Process, a []term.Term) term.Term {
	f, ok := NodeOf(p).(ModuleFinder)
	if !ok {
		return p.Badarg()
	}
	var dirs []string
	l := a[0]
	for ; l.IsCons(); l = l.Tail() {
		d, ok := term.CharsText(l.Head())
		if !ok {
			return p.Badarg()
		}
		dirs = append(dirs, d)
	}
	if l != term.Nil {
		return p.Badarg()
	}
	f.SetCodePath(dirs)
	return term.AtomTrue
}

// gerl_code:own() -> [Name]: the modules of the library inside the program.
func gerlCodeOwn0(p *proc.Process, _ []term.Term) term.Term {
	var names []term.Term
	if n, ok := NodeOf(p).(interface{ Modules() []string }); ok {
		for _, m := range n.Modules() {
			names = append(names, p.Heap.Chars(m))
		}
	}
	return p.Heap.List(names...)
}

// gerl_code:root() -> Directory | ""
func gerlCodeRoot0(p *proc.Process, _ []term.Term) term.Term {
	f, ok := NodeOf(p).(ModuleFinder)
	if !ok {
		return term.Nil
	}
	return p.Heap.Chars(f.Root())
}

// gerl_code:library_root() -> Directory
func gerlCodeLibraryRoot0(p *proc.Process, _ []term.Term) term.Term {
	f, ok := NodeOf(p).(ModuleFinder)
	if !ok {
		return term.Nil
	}
	return p.Heap.Chars(f.LibraryRoot())
}

// gerl_code:archive_file(Name) -> {ok, Binary} | error
func gerlCodeArchiveFile1(p *proc.Process, a []term.Term) term.Term {
	return inArchive(p, a[0], func(tree fs.FS, name string) (result, error) {
		data, err := fs.ReadFile(tree, name)
		return okBytes(data), err
	})
}

// gerl_code:archive_dir(Name) -> {ok, [Name]} | error
func gerlCodeArchiveDir1(p *proc.Process, a []term.Term) term.Term {
	return inArchive(p, a[0], func(tree fs.FS, name string) (result, error) {
		entries, err := fs.ReadDir(tree, name)
		return func(p *proc.Process) term.Term {
			list := make([]term.Term, len(entries))
			for i, e := range entries {
				list[i] = p.Heap.Chars(e.Name())
			}
			return p.Heap.Tuple(term.AtomOk, p.Heap.List(list...))
		}, err
	})
}

// gerl_code:archive_info(Name) -> {ok, {regular | directory, Size, Seconds}} | error
func gerlCodeArchiveInfo1(p *proc.Process, a []term.Term) term.Term {
	return inArchive(p, a[0], func(tree fs.FS, name string) (result, error) {
		info, err := fs.Stat(tree, name)
		if err != nil {
			return nil, err
		}
		kind := "regular"
		if info.IsDir() {
			kind = "directory"
		}
		return func(p *proc.Process) term.Term {
			h := &p.Heap
			return h.Tuple(term.AtomOk, h.Tuple(term.Intern(kind), h.Int64(info.Size()), h.Int64(max(0, info.ModTime().Unix()))))
		}, nil
	})
}

func inArchive(p *proc.Process, name term.Term, work func(tree fs.FS, name string) (result, error)) term.Term {
	f, ok := NodeOf(p).(ModuleFinder)
	path, isName := term.CharsText(name)
	if !ok || !isName {
		return p.Badarg()
	}
	return p.Async(func() result {
		if tree, member, ok := f.Inside(path, true); ok {
			if done, err := work(tree, member); err == nil {
				return done
			}
		}
		return func(*proc.Process) term.Term { return term.AtomError }
	})
}

// gerl_code:add_archive(Name, Binary) -> ok | error
func gerlCodeAddArchive2(p *proc.Process, a []term.Term) term.Term {
	f, ok := NodeOf(p).(ModuleFinder)
	name, isName := term.CharsText(a[0])
	data, isData := a[1].Bytes()
	if !ok || !isName || !isData {
		return p.Badarg()
	}
	if f.AddArchive(name, append([]byte(nil), data...)) != nil {
		return term.AtomError
	}
	return term.AtomOk
}

// gerl_code:modules() -> [Name]
func gerlCodeModules0(p *proc.Process, _ []term.Term) term.Term {
	f, ok := NodeOf(p).(ModuleFinder)
	if !ok {
		return term.Nil
	}
	var names []term.Term
	for _, name := range f.Modules() {
		names = append(names, p.Heap.Chars(name))
	}
	return p.Heap.List(names...)
}

// erts_internal:bif_fact(auto | old | guard | typetest, Name, Arity) -> boolean(): what package spec
// says about erlang:Name/Arity.
func ertsInternalBifFact3(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() || !a[1].IsAtom() || !a[2].IsSmall() {
		return p.Badarg()
	}
	name, arity := a[1].AtomName(), a[2].Small()
	switch a[0].AtomName() {
	case "auto":
		return term.Bool(spec.IsAutoImported(name, arity))
	case "old":
		return term.Bool(spec.IsOldAutoImported(name, arity))
	case "guard":
		return term.Bool(spec.IsGuardBIF(name, arity))
	case "typetest":
		return term.Bool(spec.IsTypeTest(name, arity))
	}
	return p.Badarg()
}

// erts_internal:map_to_list(Map) -> [{Key, Value}]
func ertsInternalMapToList1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsMap() {
		return p.Badarg()
	}
	n := term.MapSize(a[0])
	pairs := make([]term.Term, 0, n)
	term.MapEach(a[0], func(k, v term.Term) bool {
		pairs = append(pairs, p.Heap.Tuple(k, v))
		return true
	})
	p.Bump(n / 4)
	return p.Heap.List(pairs...)
}

// gerl_code:restart(Now) -> true: ends the node so that its program begins anew; false only asks whether that is possible.
func gerlCodeRestart1(p *proc.Process, a []term.Term) term.Term {
	n := NodeOf(p)
	if n == nil || !n.CanRestart() {
		return notSupported(p)
	}
	if a[0] == term.AtomTrue {
		n.Restart()
	}
	return term.AtomTrue
}
