package bifs

import (
	"crypto/rand"
	"encoding/binary"

	"github.com/gerl-lang/gerl/etf"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// FunEntries is the part of the code server that finds the entries of closures that come from outside.
type FunEntries interface {
	// FunEntry gives the entry of a closure, making one that waits for its module when it is not loaded; nil when
	// code that is loaded contradicts the arity or the number of free variables.
	FunEntry(module term.Term, index int, uniq [16]byte, oldUniq, arity, numFree uint32) *term.FunEntry
}

// funResolver lets package etf find funs through the code server.
type funResolver struct {
	code Code
	safe bool
}

func (r funResolver) Export(m, f term.Term, arity int) uintptr {
	if r.safe && !r.code.Exported(m, f, arity) {
		return 0
	}
	return r.code.Export(m, f, arity).Address()
}

func (r funResolver) Fun(f etf.FunInfo) uintptr {
	c, ok := r.code.(FunEntries)
	if !ok {
		return 0
	}
	return c.FunEntry(f.Module, int(f.Index), f.Uniq, f.OldUniq, f.Arity, f.NumFree).Address()
}

func etfSelf(p *proc.Process) etf.Self {
	return etf.Self{Node: p.Sys.Node(), Creation: p.Sys.Creation.Load()}
}

// Funs is how funs that come from other nodes are resolved.
func Funs(sys *proc.System) etf.Funs {
	c, _ := sys.Values.Load(codeKey{})
	if c == nil {
		return nil
	}
	return funResolver{code: c.(Code)}
}

var (
	atomMinorVersion  = term.Intern("minor_version")
	atomDeterministic = term.Intern("deterministic")
	atomSafe          = term.Intern("safe")
	atomUsed          = term.Intern("used")
)

// etfSecret is what marks terms written with the option local: only this node reads them.
func etfSecret(p *proc.Process) []byte {
	s := nodeState(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.etfSecret == nil {
		s.etfSecret = make([]byte, 16)
		if policy := p.Sys.Sched.Policy; policy != nil {
			binary.LittleEndian.PutUint64(s.etfSecret, policy.Rand())
			binary.LittleEndian.PutUint64(s.etfSecret[8:], policy.Rand())
		} else {
			_, _ = rand.Read(s.etfSecret) // never fails
		}
	}
	return s.etfSecret
}

// encodeOptions reads the options of term_to_binary/2 and its relatives.
func encodeOptions(p *proc.Process, l term.Term) (o *etf.EncodeOptions, ok bool) {
	o = &etf.EncodeOptions{Self: etfSelf(p)}
	for ; l.IsCons(); l = l.Tail() {
		x := l.Head()
		switch x {
		case term.AtomCompressed:
			o.Compressed = 6
			continue
		case atomDeterministic:
			o.Deterministic = true
			continue
		case atomLocal:
			o.Local = etfSecret(p)
			continue
		}
		if v, is := optionTuple(x, term.AtomCompressed); is {
			if o.Compressed, ok = smallIn(v, 0, 9); !ok {
				return nil, false
			}
		} else if v, is := optionTuple(x, atomMinorVersion); is {
			n, ok := smallIn(v, 0, 2)
			if !ok {
				return nil, false
			}
			o.Minor = n + 1
			if n == 2 {
				o.Minor = 0
			}
		} else {
			return nil, false
		}
	}
	return o, l.IsNil() && !(o.Deterministic && o.Local != nil)
}

func termToBinary(p *proc.Process, t, opts term.Term) term.Term {
	o, ok := encodeOptions(p, opts)
	if !ok {
		return p.Badarg()
	}
	b := etf.Encode(t, o)
	p.Bump(len(b) / 200)
	return p.Heap.Binary(b)
}

func erlangTermToBinary1(p *proc.Process, a []term.Term) term.Term {
	return termToBinary(p, a[0], term.Nil)
}
func erlangTermToBinary2(p *proc.Process, a []term.Term) term.Term {
	return termToBinary(p, a[0], a[1])
}

func termToIovec(p *proc.Process, t, opts term.Term) term.Term {
	o, ok := encodeOptions(p, opts)
	switch {
	case !ok:
		return p.Badarg()
	case o.Compressed > 0 || o.Local != nil:
		return termToBinary(p, t, opts) // as OTP: one binary, no list
	}
	h := &p.Heap
	chunks := etf.EncodeChunks(t, o)
	l := make([]term.Term, len(chunks))
	for i, c := range chunks {
		if l[i] = c.Bin; c.Bin == term.None {
			l[i] = h.Binary(c.Data)
			p.Bump(len(c.Data) / 200)
		}
	}
	return h.List(l...)
}

func erlangTermToIovec1(p *proc.Process, a []term.Term) term.Term {
	return termToIovec(p, a[0], term.Nil)
}
func erlangTermToIovec2(p *proc.Process, a []term.Term) term.Term {
	return termToIovec(p, a[0], a[1])
}

func externalSize(p *proc.Process, t, opts term.Term) term.Term {
	o, ok := encodeOptions(p, opts)
	if !ok {
		return p.Badarg()
	}
	return term.Int(etf.Size(t, o))
}

func erlangExternalSize1(p *proc.Process, a []term.Term) term.Term {
	return externalSize(p, a[0], term.Nil)
}
func erlangExternalSize2(p *proc.Process, a []term.Term) term.Term {
	return externalSize(p, a[0], a[1])
}

// decoding is how a process reads terms.
func decoding(p *proc.Process, safe bool) *etf.DecodeOptions {
	o := &etf.DecodeOptions{Self: etfSelf(p), Safe: safe, Local: etfSecret(p)}
	if c := codeOf(p); c != nil {
		o.Funs = funResolver{c, safe}
	}
	return o
}

func binaryToTerm(p *proc.Process, bin, opts term.Term) term.Term {
	safe, used := false, false
	for ; opts.IsCons(); opts = opts.Tail() {
		switch opts.Head() {
		case atomSafe:
			safe = true
		case atomUsed:
			used = true
		default:
			return p.BadargCause(atomBadopt)
		}
	}
	if !opts.IsNil() {
		return p.BadargCause(atomBadopt)
	}
	b, ok := bin.Bytes()
	if !ok {
		return p.Badarg()
	}
	t, n, err := etf.Decode(&p.Heap, b, decoding(p, safe))
	if err != nil {
		return p.Badarg()
	}
	p.Bump(n / 100)
	if used {
		return p.Heap.Tuple(t, term.Int(n))
	}
	return t
}

func erlangBinaryToTerm1(p *proc.Process, a []term.Term) term.Term {
	return binaryToTerm(p, a[0], term.Nil)
}
func erlangBinaryToTerm2(p *proc.Process, a []term.Term) term.Term {
	return binaryToTerm(p, a[0], a[1])
}
