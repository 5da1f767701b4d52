package bifs

import (
	"encoding/binary"

	"github.com/gerl-lang/gerl/etf"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

const detsHead = 8 // a collection's size and status

// gerl_dets_terms:decode(Collections, IsSet) -> [Object]
func gerlDetsTermsDecode2(p *proc.Process, a []term.Term) term.Term {
	o := decoding(p, false)
	var objects []term.Term
	used := 0
	for l := a[0]; l.IsCons(); l = l.Tail() {
		b, ok := l.Head().Bytes()
		if !ok || len(b) < detsHead || int(binary.BigEndian.Uint32(b)) != len(b) {
			return p.Badarg()
		}
		used += len(b)
		b = b[detsHead:]
		if a[1] == term.AtomTrue {
			if objects, ok = detsObjects(&p.Heap, b, o, objects); !ok {
				return p.Badarg()
			}
			continue
		}
		for len(b) > 0 {
			var key []byte
			if key, b, ok = detsPart(b); !ok {
				return p.Badarg()
			}
			if objects, ok = detsObjects(&p.Heap, key, o, objects); !ok {
				return p.Badarg()
			}
		}
	}
	p.Bump(used / 100)
	return p.Heap.List(objects...)
}

// detsObjects appends the objects that fill b, each behind its size.
func detsObjects(h *term.Heap, b []byte, o *etf.DecodeOptions, objects []term.Term) ([]term.Term, bool) {
	for len(b) > 0 {
		object, rest, ok := detsPart(b)
		if !ok {
			return nil, false
		}
		t, _, err := etf.Decode(h, object, o)
		if err != nil {
			return nil, false
		}
		objects, b = append(objects, t), rest
	}
	return objects, true
}

// detsPart cuts off what stands behind a size that counts itself.
func detsPart(b []byte) (part, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := int(binary.BigEndian.Uint32(b))
	if n < 4 || n > len(b) {
		return nil, nil, false
	}
	return b[4:n], b[n:], true
}
