package proc

// relation is a small map that remembers the order of insertion, so that a seeded run does
// the same each time, and costs next to nothing while it has few entries.
type relation[K comparable, V any] struct {
	list  []entry[K, V]
	index map[K]int32 // places in list, from relationIndexFrom entries on
}

type entry[K comparable, V any] struct {
	key K
	val V
}

const relationIndexFrom = 16

// relationKept is for how many entries an empty relation keeps its memory: a call of a server adds one and takes it out again.
const relationKept = 2

func (r *relation[K, V]) find(k K) int {
	if r.index != nil {
		if i, ok := r.index[k]; ok {
			return int(i)
		}
		return -1
	}
	for i := range r.list {
		if r.list[i].key == k {
			return i
		}
	}
	return -1
}

// get gives the address of k's value, nil if there is none; it is good until the relation changes.
func (r *relation[K, V]) get(k K) *V {
	if i := r.find(k); i >= 0 {
		return &r.list[i].val
	}
	return nil
}

func (r *relation[K, V]) put(k K, v V) {
	if i := r.find(k); i >= 0 {
		r.list[i].val = v
		return
	}
	r.list = append(r.list, entry[K, V]{k, v})
	if r.index != nil {
		r.index[k] = int32(len(r.list) - 1)
	} else if len(r.list) > relationIndexFrom {
		r.index = make(map[K]int32, 2*len(r.list))
		for i := range r.list {
			r.index[r.list[i].key] = int32(i)
		}
	}
}

// remove takes k out and reports whether it was there. The last entry takes its place.
func (r *relation[K, V]) remove(k K) (v V, ok bool) {
	i := r.find(k)
	if i < 0 {
		return v, false
	}
	v = r.list[i].val
	last := len(r.list) - 1
	r.list[i] = r.list[last]
	r.list[last] = entry[K, V]{}
	r.list = r.list[:last]
	if r.index != nil {
		delete(r.index, k)
		if i != last {
			r.index[r.list[i].key] = int32(i)
		}
		if last == 0 {
			r.index = nil
		}
	}
	if last == 0 && cap(r.list) > relationKept {
		r.list = nil
	}
	return v, true
}

func (r *relation[K, V]) len() int { return len(r.list) }
