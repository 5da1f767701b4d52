package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// The module records: native records as values of which a program learns at run time. records:get_definition/2 is the machine's.

var (
	atomBadrecord  = term.Intern("badrecord")
	atomBadfield   = term.Intern("badfield")
	atomIsExported = term.Intern("is_exported")
)

// fieldIndex is the place of a record's field; -1 if it has none of that name.
func fieldIndex(record, name term.Term) int {
	for i := range term.RecordLen(record) {
		if term.RecordField(record, i) == name {
			return i
		}
	}
	return -1
}

func badfield(p *proc.Process, module, name, field term.Term) term.Term {
	return raiseTagged(p, atomBadfield, p.Heap.Tuple(p.Heap.Tuple(module, name), field))
}

// records:get(Field, Record) -> Value
func recordsGet2(p *proc.Process, a []term.Term) term.Term {
	if a[1].IsRecord() {
		if i := fieldIndex(a[1], a[0]); i >= 0 {
			return term.RecordValue(a[1], i)
		}
	}
	return p.Badarg()
}

// records:get_module(Record) -> Module
func recordsGetModule1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsRecord() {
		return p.Badarg()
	}
	return term.RecordModule(a[0])
}

// records:get_name(Record) -> Name
func recordsGetName1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsRecord() {
		return p.Badarg()
	}
	return term.RecordName(a[0])
}

// records:is_exported(Record) -> boolean()
func recordsIsExported1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsRecord() {
		return raiseTagged(p, atomBadrecord, a[0])
	}
	return term.Bool(term.RecordExported(a[0]))
}

// records:get_field_names(Record) -> [Name]
func recordsGetFieldNames1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsRecord() {
		return raiseTagged(p, atomBadrecord, a[0])
	}
	names := make([]term.Term, term.RecordLen(a[0]))
	for i := range names {
		names[i] = term.RecordField(a[0], i)
	}
	return p.Heap.List(names...)
}

// records:create(Module, Name, [{Field, Value}], #{is_exported := boolean()}) -> Record
func recordsCreate4(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() || !a[1].IsAtom() {
		return raiseTagged(p, atomBadrecord, a[1])
	}
	if !a[3].IsMap() {
		return badmap(p, a[3])
	}
	exported, ok := term.MapGet(a[3], atomIsExported)
	if !ok || term.MapSize(a[3]) != 1 || exported != term.AtomTrue && exported != term.AtomFalse {
		return p.Badarg()
	}
	var names, values []term.Term
	seen, twice := map[term.Term]bool{}, false
	l := a[2]
	if _, proper := term.ListLen(l); !proper {
		return p.Badarg()
	}
	for ; l.IsCons(); l = l.Tail() {
		pair := l.Head()
		if !pair.TupleOf(2) {
			return p.Badarg()
		}
		name := pair.Elem(0)
		if !name.IsAtom() {
			return badfield(p, a[0], a[1], name)
		}
		twice = twice || seen[name]
		seen[name] = true
		names, values = append(names, name), append(values, pair.Elem(1))
	}
	if twice {
		return p.Badarg()
	}
	return p.Heap.Record(p.Heap.RecordDef(a[0], a[1], exported == term.AtomTrue, names...), values...)
}

// records:update(Record, Module, Name, #{Field => Value}) -> Record
func recordsUpdate4(p *proc.Process, a []term.Term) term.Term {
	r := a[0]
	if !r.IsRecord() {
		return raiseTagged(p, atomBadrecord, r)
	}
	if term.RecordModule(r) != a[1] || term.RecordName(r) != a[2] {
		return raiseTagged(p, atomBadrecord, a[2])
	}
	if !a[3].IsMap() {
		return badmap(p, a[3])
	}
	values := make([]term.Term, term.RecordLen(r))
	for i := range values {
		values[i] = term.RecordValue(r, i)
	}
	unknown := term.None
	term.MapEach(a[3], func(k, v term.Term) bool {
		i := fieldIndex(r, k)
		if i < 0 {
			unknown = k
			return false
		}
		values[i] = v
		return true
	})
	if unknown != term.None {
		return badfield(p, a[1], a[2], unknown)
	}
	return p.Heap.Record(term.RecordOf(r), values...)
}
