package term

// Native records (EEP 79, OTP 29): values under the names of a definition, which all records made at one place share.
//
//	header(SubRecord, 1+n) | definition | n values
//
// The definition is a tuple {Module, Name, Exported, Field1, ..., Fieldn}; Exported is true or false.

// Record makes a native record from its definition and as many values as that has fields.
func (h *Heap) Record(def Term, values ...Term) Term {
	a := h.Alloc(2 + len(values))
	store(a, 0, Header(SubRecord, 1+len(values)))
	store(a, 1, uint64(def))
	for i, v := range values {
		store(a, 2+i, uint64(v))
	}
	return MakeBoxed(a)
}

// RecordDef makes a definition.
func (h *Heap) RecordDef(module, name Term, exported bool, fields ...Term) Term {
	return h.Tuple(append([]Term{module, name, Bool(exported)}, fields...)...)
}

// RecordOf is the definition of a record, RecordLen the number of its fields, RecordField the name of field i
// and RecordValue its value.
func RecordOf(t Term) Term           { return Term(t.Word(1)) }
func RecordLen(t Term) int           { return payload(*t.Words()) - 1 }
func RecordField(t Term, i int) Term { return RecordOf(t).Elem(3 + i) }
func RecordValue(t Term, i int) Term { return Term(t.Word(2 + i)) }
func RecordModule(t Term) Term       { return RecordOf(t).Elem(0) }
func RecordName(t Term) Term         { return RecordOf(t).Elem(1) }
func RecordExported(t Term) bool     { return RecordOf(t).Elem(2) == AtomTrue }

// RecordSet gives the record with field i set to v.
func (h *Heap) RecordSet(t Term, i int, v Term) Term {
	n := 1 + payload(*t.Words())
	a := h.Alloc(n)
	copyWords(a, t.Addr(), n)
	store(a, 2+i, uint64(v))
	return MakeBoxed(a)
}
