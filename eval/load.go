package eval

import (
	"sync"

	"github.com/gerl-lang/gerl/beam"
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
	data, file, ok := vm.Find(name.AtomName())
	if !ok {
		return errNoFile
	}
	m, arena, sum, err := vm.readModule(data)
	if err == nil && m.Name != name {
		arena.Free()
		err = loadError("the file holds module " + m.Name.AtomName())
	}
	if err != nil {
		vm.warn("loading " + name.AtomName() + ": " + err.Error())
		return errBadFile
	}
	defer arena.Free()
	if err = vm.Code.load(m, sum, nil); err == nil {
		if c := vm.Code.current(name); c != nil {
			c.file = file
		}
	} else if err != errOnLoad {
		vm.warn("loading " + name.AtomName() + ": " + err.Error())
		err = errBadFile
	}
	return err
}

// readModule reads the contents of a .beam file. What it gives lives in the arena.
func (vm *VM) readModule(data []byte) (m *beam.Module, arena *term.Heap, sum [16]byte, err error) {
	f, err := beam.ParseFile(data)
	if err != nil {
		return nil, nil, sum, err
	}
	arena = term.NewArena()
	if m, err = f.Module(arena, vm.Code.exportAddr); err != nil {
		arena.Free()
		return nil, nil, sum, err
	}
	return m, arena, f.MD5(), nil
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
