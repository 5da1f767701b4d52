package term

// MapWalk goes through a large map piece by piece, from the last pair in MapEach's order to the first. It keeps
// positions and no terms, so the map may move between the pieces.
type MapWalk struct {
	path  []int // for each node on the way down, which of its children is next; negative after the last one
	begun bool
}

// Back calls f for the next pairs, most of them at a time, and reports whether there are more. m is the same map each time.
func (w *MapWalk) Back(m Term, most int, f func(k, v Term)) bool {
	_, _, n := nodeShape(m)
	if !w.begun {
		w.begun, w.path = true, append(w.path[:0], n-1)
	}
	nodes := []Term{m}
	for _, i := range w.path[:max(len(w.path)-1, 0)] {
		nodes = append(nodes, childOf(nodes[len(nodes)-1], i))
	}
	for len(w.path) > 0 {
		last := len(w.path) - 1
		if w.path[last] < 0 {
			w.path, nodes = w.path[:last], nodes[:last]
			if last > 0 {
				w.path[last-1]--
			}
			continue
		}
		child := childOf(nodes[last], w.path[last])
		if !child.IsCons() {
			_, _, n := nodeShape(child)
			w.path, nodes = append(w.path, n-1), append(nodes, child)
			continue
		}
		if most == 0 {
			return true
		}
		most--
		w.path[last]--
		f(child.Head(), child.Tail())
	}
	return false
}

func childOf(node Term, i int) Term {
	first, _, _ := nodeShape(node)
	return Term(node.Word(first + i))
}
