package eval

import (
	"sync"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/term"
)

// lazy serialises loading of the same module by several callers.
type lazy struct {
	mu      sync.Mutex
	waiting map[term.Term]chan struct{}
}

// loadOnce loads a module that a call needs, if it can be found. It is called outside of the workers.
func (vm *VM) loadOnce(name term.Term) {
	vm.lazy.mu.Lock()
	if ch, ok := vm.lazy.waiting[name]; ok {
		vm.lazy.mu.Unlock()
		<-ch
		return
	}
	ch := make(chan struct{})
	if vm.lazy.waiting == nil {
		vm.lazy.waiting = map[term.Term]chan struct{}{}
	}
	vm.lazy.waiting[name] = ch
	vm.lazy.mu.Unlock()
	defer func() {
		vm.lazy.mu.Lock()
		delete(vm.lazy.waiting, name)
		vm.lazy.mu.Unlock()
		close(ch)
	}()
	if vm.Code.Loaded(name) {
		return
	}
	data, file, ok := vm.Find(name.AtomName())
	if !ok {
		return
	}
	if err := vm.LoadBinary(data); err != nil {
		vm.warn("loading " + name.AtomName() + ": " + err.Error())
	} else if c := vm.Code.current(name); c != nil {
		c.file = file
	}
}

// LoadBinary loads the module in a .beam file. It must not be called on a worker.
func (vm *VM) LoadBinary(data []byte) error {
	f, err := beam.ParseFile(data)
	if err != nil {
		return err
	}
	arena := term.NewArena()
	defer arena.Free()
	m, err := f.Module(arena, vm.Code.exportAddr)
	if err != nil {
		return err
	}
	return vm.Code.LoadProved(m, f.MD5(), nil)
}
