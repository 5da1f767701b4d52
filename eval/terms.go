package eval

import "github.com/gerl-lang/gerl/term"

// Building and taking apart terms.

// doMakeFun: entry, destination, number of free variables, variables.
func doMakeFun(c *cpu, a []uint64) uintptr {
	var few [8]term.Term
	env := few[:0]
	for _, o := range a[3 : 3+a[2]] {
		env = append(env, c.get(o))
	}
	c.set(a[1], c.h.Closure(uintptr(a[0]), c.p.Pid, env...))
	return c.next
}

func doGetTupleElement(c *cpu, a []uint64) uintptr {
	c.set(a[2], c.get(a[0]).Elem(int(a[1])))
	return c.next
}

// doSetTupleElement changes a tuple that only this code has seen yet (the compiler guarantees it).
func doSetTupleElement(c *cpu, a []uint64) uintptr {
	c.get(a[1]).SetElem(int(a[2]), c.get(a[0]))
	return c.next
}

func doPutList(c *cpu, a []uint64) uintptr {
	c.set(a[0], c.h.Cons(c.get(a[1]), c.get(a[2])))
	return c.next
}

// doUpdateRecord: size, source, destination, (index from 1, value)...
func doUpdateRecord(c *cpu, a []uint64) uintptr {
	src := c.get(a[1])
	n := int(a[0])
	if !src.TupleOf(n) {
		return c.fail(term.AtomBadrecord, src)
	}
	t := c.h.NewTuple(n)
	for i := 0; i < n; i++ {
		t.SetElem(i, src.Elem(i))
	}
	for i := 3; i+1 < len(a); i += 2 {
		t.SetElem(int(a[i])-1, c.get(a[i+1]))
	}
	c.set(a[2], t)
	return c.next
}

func (c *cpu) values(ops []uint64) []term.Term {
	if cap(c.args) < len(ops) {
		c.args = make([]term.Term, 2*len(ops))
	}
	r := c.args[:len(ops)]
	for i, o := range ops {
		r[i] = c.get(o)
	}
	return r
}

// doPutMapAssoc: fail, source, destination, (key, value)...
func doPutMapAssoc(c *cpu, a []uint64) uintptr {
	m := c.get(a[1])
	if !m.IsMap() {
		if a[0] != 0 {
			return uintptr(a[0])
		}
		return c.fail(term.AtomBadmap, m)
	}
	kv := c.values(a[3:])
	if r := c.h.FlatUpdate(m, kv); r != term.None {
		m = r
	} else if len(kv) == 2 {
		m = c.h.MapPut(m, kv[0], kv[1])
	} else {
		m = c.h.MapPutAll(m, kv)
	}
	c.set(a[2], m)
	c.collectSoon()
	return c.next
}

// doPutMapExact: as doPutMapAssoc; all keys must exist.
func doPutMapExact(c *cpu, a []uint64) uintptr {
	m := c.get(a[1])
	if !m.IsMap() {
		if a[0] != 0 {
			return uintptr(a[0])
		}
		return c.fail(term.AtomBadmap, m)
	}
	kv := c.values(a[3:])
	if r := c.h.FlatUpdate(m, kv); r != term.None {
		c.set(a[2], r)
		c.collectSoon()
		return c.next
	}
	for i := 0; i < len(kv); i += 2 {
		if _, ok := term.MapGet(m, kv[i]); !ok {
			if a[0] != 0 {
				return uintptr(a[0])
			}
			return c.fail(term.AtomBadkey, kv[i])
		}
	}
	m, _ = c.h.MapUpdateAll(m, kv)
	c.set(a[2], m)
	c.collectSoon()
	return c.next
}

// doHasMapFields: fail, map, keys...
func doHasMapFields(c *cpu, a []uint64) uintptr {
	m := c.get(a[1])
	if !m.IsMap() {
		return uintptr(a[0])
	}
	for _, o := range a[2:] {
		if _, ok := term.MapGet(m, c.get(o)); !ok {
			return uintptr(a[0])
		}
	}
	return c.next
}

// doGetMapElements: fail, map, (key, destination)...
func doGetMapElements(c *cpu, a []uint64) uintptr {
	m := c.get(a[1])
	if !m.IsMap() {
		return uintptr(a[0])
	}
	for i := 2; i+1 < len(a); i += 2 {
		v, ok := term.MapGet(m, c.get(a[i]))
		if !ok {
			return uintptr(a[0])
		}
		c.set(a[i+1], v)
	}
	return c.next
}

// maxMapSteps is how many keys are looked up one by one, by instructions for flat maps.
const maxMapSteps = 12

// getMapElements emits the reading of map elements (key, destination)...: one key after the other, if the map stays in its register.
func (l *loader) getMapElements(fail, m opd, list []opd) {
	steps := len(list) <= 2*maxMapSteps && fail.val != 0 && m.kind != 'c'
	for i := 1; i+2 < len(list); i += 2 {
		steps = steps && list[i] != m
	}
	if !steps {
		l.slow(slowGetMapElements, append([]opd{fail, m}, list...)...)
		return
	}
	for i := 0; i+1 < len(list); i += 2 {
		k, d := list[i], list[i+1]
		slow := []opd{fail, m, k, d}
		if k.kind == 'c' && !term.Term(k.val).IsImmediate() {
			l.slow(slowGetMapElements, slow...)
			continue
		}
		l.short(famMapGet, []opd{m, k, d, fail}, slowGetMapElements, slow...)
	}
}

func (l *loader) hasMapFields(fail, m opd, keys []opd) {
	if len(keys) > maxMapSteps || fail.val == 0 || m.kind == 'c' {
		l.slow(slowHasMapFields, append([]opd{fail, m}, keys...)...)
		return
	}
	for _, k := range keys {
		if k.kind != 'c' || !term.Term(k.val).IsImmediate() {
			l.slow(slowHasMapFields, fail, m, k)
			continue
		}
		l.short(famMapHas, []opd{m, k, fail}, slowHasMapFields, fail, m, k)
	}
}
