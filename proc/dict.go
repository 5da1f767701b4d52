package proc

import "github.com/gerl-lang/gerl/term"

// dictionary is the process dictionary: pairs holds key, value, key, value... and is a root of the
// collector; index finds a key's place by its hash once there are many.
type dictionary struct {
	pairs []term.Term
	index map[uint64][]int32
}

// dictIndexFrom is the number of pairs from which on there is an index.
const dictIndexFrom = 8

func (d *dictionary) find(key term.Term) int {
	if d.index == nil {
		for i := 0; i < len(d.pairs); i += 2 {
			if term.ExactEqual(d.pairs[i], key) {
				return i
			}
		}
		return -1
	}
	for _, i := range d.index[term.MapHash(key)] {
		if term.ExactEqual(d.pairs[i], key) {
			return int(i)
		}
	}
	return -1
}

// PutDict is put/2: the old value, or None.
func (p *Process) PutDict(key, value term.Term) (old term.Term) {
	d := &p.ext().dict
	if i := d.find(key); i >= 0 {
		old, d.pairs[i+1] = d.pairs[i+1], value
		return old
	}
	at := int32(len(d.pairs))
	d.pairs = append(d.pairs, key, value)
	if d.index != nil {
		h := term.MapHash(key)
		d.index[h] = append(d.index[h], at)
	} else if len(d.pairs)/2 > dictIndexFrom {
		d.index = make(map[uint64][]int32, len(d.pairs))
		for i := 0; i < len(d.pairs); i += 2 {
			h := term.MapHash(d.pairs[i])
			d.index[h] = append(d.index[h], int32(i))
		}
	}
	return term.None
}

// GetDict is get/1, None for no value.
func (p *Process) GetDict(key term.Term) term.Term {
	if p.x == nil {
		return term.None
	}
	if i := p.x.dict.find(key); i >= 0 {
		return p.x.dict.pairs[i+1]
	}
	return term.None
}

// EraseDict is erase/1: the value that was there, or None.
func (p *Process) EraseDict(key term.Term) (old term.Term) {
	if p.x == nil {
		return term.None
	}
	d := &p.x.dict
	i := d.find(key)
	if i < 0 {
		return term.None
	}
	old = d.pairs[i+1]
	last := len(d.pairs) - 2
	if d.index != nil {
		d.unindex(d.pairs[i], int32(i))
		if i != last {
			d.unindex(d.pairs[last], int32(last))
			h := term.MapHash(d.pairs[last])
			d.index[h] = append(d.index[h], int32(i))
		}
	}
	d.pairs[i], d.pairs[i+1] = d.pairs[last], d.pairs[last+1]
	d.pairs = d.pairs[:last]
	return old
}

func (d *dictionary) unindex(key term.Term, at int32) {
	h := term.MapHash(key)
	l := d.index[h]
	for k, i := range l {
		if i == at {
			l[k] = l[len(l)-1]
			l = l[:len(l)-1]
			break
		}
	}
	if len(l) == 0 {
		delete(d.index, h)
	} else {
		d.index[h] = l
	}
}

// Dict gives all keys and values, alternating; the slice is the dictionary's own and only valid until it changes.
func (p *Process) Dict() []term.Term {
	if p.x == nil {
		return nil
	}
	return p.x.dict.pairs
}

// ClearDict empties the dictionary (erase/0; call Dict before).
func (p *Process) ClearDict() {
	if p.x != nil {
		p.x.dict = dictionary{}
	}
}
