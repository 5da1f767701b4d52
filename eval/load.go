package eval

import (
	"errors"
	"sync"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// loadErrors of modules that are not found or are no modules.
const (
	errNoFile  = loadError("nofile")
	errBadFile = loadError("badfile")
)

// loading lets only one load of a module go on at a time: whoever else wants to load it, or calls it while its on_load function runs, waits.
type loading struct {
	mu   sync.Mutex
	busy map[term.Term]chan struct{}
}

// begin waits until nobody loads the module; end must be called afterwards. It must not be called on a worker.
func (l *loading) begin(name term.Term) (end func()) {
	l.mu.Lock()
	for l.busy[name] != nil {
		ch := l.busy[name]
		l.mu.Unlock()
		<-ch
		l.mu.Lock()
	}
	if l.busy == nil {
		l.busy = map[term.Term]chan struct{}{}
	}
	ch := make(chan struct{})
	l.busy[name] = ch
	l.mu.Unlock()
	return func() {
		l.mu.Lock()
		delete(l.busy, name)
		l.mu.Unlock()
		close(ch)
	}
}

// loadOnce loads a module that a call needs, if it can be found. It is called outside of the workers.
func (vm *VM) loadOnce(name term.Term) error {
	defer vm.loading.begin(name)()
	if vm.Code.Loaded(name) {
		return nil
	}
	found, ok := vm.Find(name.AtomName())
	if !ok {
		return errNoFile
	}
	scratch := vm.scratchFor()
	defer vm.scratch.Put(scratch)
	m, arena, proof, sum, err := vm.readProved(found, scratch)
	if err == nil && m.Name != name {
		arena.Free()
		err = wrongName{m.Name}
	}
	if err != nil {
		vm.reportBadFile(name, err)
		return errBadFile
	}
	defer arena.Free()
	if err = vm.Code.load(m, sum, proof); err == nil {
		if c := vm.Code.current(name); c != nil {
			c.file, c.image = found.File, found.Image
		}
	} else if err != errOnLoad {
		vm.reportBadFile(name, err)
		err = errBadFile
	}
	return err
}

// wrongName is why the file of another module is not loaded.
type wrongName struct{ module term.Term }

func (e wrongName) Error() string { return "the file holds module " + e.module.AtomName() }

// reportBadFile tells the logger why a module cannot be loaded, in OTP's words where it has any.
func (vm *VM) reportBadFile(name term.Term, err error) {
	if vm.Sys == nil || vm.Sys.Reporter == nil {
		return
	}
	place, why := "", err.Error()
	var wrong wrongName
	var file *beam.FileError
	switch {
	case errors.As(err, &wrong):
		place, why = "beam/beam_load.c(186): ", "module name in object code is "+wrong.module.AtomName()
	case errors.As(err, &file) && file.Text == "missing chunk":
		place, why = "beam/beam_load.c(154): ", "missing code chunk"
	case errors.As(err, &file) && file.Chunk == "":
		place, why = "beam/beam_load.c(146): ", "corrupt file header"
	}
	vm.Sys.Reporter.Report(proc.Report{Kind: proc.Error, Text: place + "Error loading module " + name.AtomName() + ":\n  " + why + "\n"})
}

// Preload loads a module that will be needed soon, if it is not loaded. What goes wrong shows when the module is called. It must not be called
// on a worker.
func (vm *VM) Preload(module string) { _ = vm.loadOnce(term.Intern(module)) }

func (vm *VM) scratchFor() *beam.Scratch {
	if s, ok := vm.scratch.Get().(*beam.Scratch); ok {
		return s
	}
	return beam.NewScratch()
}

// readProved reads a module that was found; there is no proof (nil) of one that has to be validated. Its instructions are good until
// scratch is used again.
func (vm *VM) readProved(found Found, scratch *beam.Scratch) (m *beam.Module, arena *term.Heap, proof *beam.Proof, sum [16]byte, err error) {
	f, err := beam.ParseFile(found.Data)
	if err != nil {
		return nil, nil, nil, sum, err
	}
	arena = term.NewArena()
	if m, err = f.ModuleIn(arena, vm.Code.exportAddr, scratch); err != nil {
		arena.Free()
		return nil, nil, nil, sum, err
	}
	if found.Image {
		if proof, sum, ok := f.TrustedProof(m); ok {
			return m, arena, proof, sum, nil
		}
	}
	return m, arena, nil, f.MD5(), nil
}

// readModule reads the contents of a .beam file. What it gives lives in the arena.
func (vm *VM) readModule(data []byte) (m *beam.Module, arena *term.Heap, sum [16]byte, err error) {
	m, arena, _, sum, err = vm.readProved(Found{Data: data}, &beam.Scratch{})
	return m, arena, sum, err
}

// LoadBinary loads the module in a .beam file. It must not be called on a worker.
func (vm *VM) LoadBinary(data []byte) error {
	m, arena, sum, err := vm.readModule(data)
	if err != nil {
		return err
	}
	defer arena.Free()
	return vm.Code.LoadProved(m, sum, nil)
}
