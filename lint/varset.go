package lint

import "hash/maphash"

// vars is a set of bindings by name, never changed. It is a treap whose
// priorities are hashes of the names, so its shape depends on the names alone:
// sets that came from each other share most of their nodes, and operations on
// two of them skip what is shared. A function of many variables costs little
// more than its text.
type vars = *varNode

type varNode struct {
	b           *binding
	left, right *varNode
	priority    uint64
	size        int
	// what holds for all, or any, of the bindings below
	allUsed, anyUsed, anyUnsafe bool
}

var seed = maphash.MakeSeed()

// above reports whether n belongs above other in a treap.
func (n *varNode) above(other *varNode) bool {
	if n.priority != other.priority {
		return n.priority > other.priority
	}
	return n.b.name < other.b.name
}

// node makes a node with the name of like; like itself if nothing changes.
func node(like *varNode, b *binding, left, right *varNode) *varNode {
	if like.b == b && like.left == left && like.right == right {
		return like
	}
	n := &varNode{b: b, left: left, right: right, priority: like.priority, size: 1,
		allUsed: b.used, anyUsed: b.used, anyUnsafe: b.state.kind == unsafe}
	for _, c := range [2]*varNode{left, right} {
		if c != nil {
			n.size += c.size
			n.allUsed = n.allUsed && c.allUsed
			n.anyUsed = n.anyUsed || c.anyUsed
			n.anyUnsafe = n.anyUnsafe || c.anyUnsafe
		}
	}
	return n
}

// only is the set of a single binding.
func only(b binding) vars {
	return node(&varNode{priority: maphash.String(seed, b.name)}, &b, nil, nil)
}

func find(v vars, name string) (binding, bool) {
	for v != nil {
		switch {
		case name < v.b.name:
			v = v.left
		case name > v.b.name:
			v = v.right
		default:
			return *v.b, true
		}
	}
	return binding{}, false
}

func has(v vars, name string) bool {
	_, ok := find(v, name)
	return ok
}

// each calls f for all bindings, in the order of their names.
func each(v vars, f func(b *binding)) {
	for v != nil {
		each(v.left, f)
		f(v.b)
		v = v.right
	}
}

// split divides a set at a name.
func split(v vars, name string) (less vars, at *binding, greater vars) {
	switch {
	case v == nil:
		return nil, nil, nil
	case name < v.b.name:
		less, at, greater = split(v.left, name)
		return less, at, node(v, v.b, greater, v.right)
	case name > v.b.name:
		less, at, greater = split(v.right, name)
		return node(v, v.b, v.left, less), at, greater
	}
	return v.left, v.b, v.right
}

// join unites two sets; all names of a come before those of b.
func join(a, b vars) vars {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.above(b):
		return node(a, a.b, a.left, join(a.right, b))
	}
	return node(b, b.b, join(a, b.left), b.right)
}

// combine unites two sets; both decides about variables in both of them, and
// must leave a binding alone that it gets twice.
func combine(a, b vars, both func(x, y *binding) *binding) vars {
	switch {
	case a == nil || a == b:
		return b
	case b == nil:
		return a
	case a.b.name == b.b.name:
		c := a.b
		if c != b.b {
			c = both(a.b, b.b)
		}
		left, right := combine(a.left, b.left, both), combine(a.right, b.right, both)
		if n := node(b, c, left, right); n == b {
			return b
		}
		return node(a, c, left, right)
	case a.above(b):
		less, at, greater := split(b, a.b.name)
		c := a.b
		if at != nil && at != c {
			c = both(c, at)
		}
		return node(a, c, combine(a.left, less, both), combine(a.right, greater, both))
	}
	less, at, greater := split(a, b.b.name)
	c := b.b
	if at != nil && at != c {
		c = both(at, c)
	}
	return node(b, c, combine(less, b.left, both), combine(greater, b.right, both))
}

// fresh is what is in v and not in old.
func fresh(v, old vars) vars {
	switch {
	case v == nil || v == old:
		return nil
	case old == nil:
		return v
	case v.size < old.size/8:
		return filter(v, func(b *binding) bool { return !has(old, b.name) })
	case v.b.name == old.b.name:
		return join(fresh(v.left, old.left), fresh(v.right, old.right))
	case v.above(old):
		less, at, greater := split(old, v.b.name)
		if left, right := fresh(v.left, less), fresh(v.right, greater); at == nil {
			return node(v, v.b, left, right)
		} else {
			return join(left, right)
		}
	}
	less, _, greater := split(v, old.b.name)
	return join(fresh(less, old.left), fresh(greater, old.right))
}

// known is what is in v and in old too.
func known(v, old vars) vars {
	switch {
	case v == nil || old == nil:
		return nil
	case v == old:
		return v
	case v.size < old.size/8:
		return filter(v, func(b *binding) bool { return has(old, b.name) })
	case v.b.name == old.b.name:
		return node(v, v.b, known(v.left, old.left), known(v.right, old.right))
	case v.above(old):
		less, at, greater := split(old, v.b.name)
		if left, right := known(v.left, less), known(v.right, greater); at != nil {
			return node(v, v.b, left, right)
		} else {
			return join(left, right)
		}
	}
	less, at, greater := split(v, old.b.name)
	left, right := known(less, old.left), known(greater, old.right)
	if at == nil {
		return join(left, right)
	}
	return join(join(left, only(*at)), right)
}

// filter keeps the bindings that keep accepts.
func filter(v vars, keep func(b *binding) bool) vars {
	if v == nil {
		return nil
	}
	left, right := filter(v.left, keep), filter(v.right, keep)
	if keep(v.b) {
		return node(v, v.b, left, right)
	}
	return join(left, right)
}

// safe leaves out the variables that are unsafe.
func safe(v vars) vars {
	if v == nil || !v.anyUnsafe {
		return v
	}
	left, right := safe(v.left), safe(v.right)
	if v.b.state.kind == unsafe {
		return join(left, right)
	}
	return node(v, v.b, left, right)
}

// usedOnly leaves out the variables that are not used.
func usedOnly(v vars) vars {
	switch {
	case v == nil || !v.anyUsed:
		return nil
	case v.allUsed:
		return v
	}
	left, right := usedOnly(v.left), usedOnly(v.right)
	if !v.b.used {
		return join(left, right)
	}
	return node(v, v.b, left, right)
}
