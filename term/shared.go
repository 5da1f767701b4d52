package term

// SharedSize is the number of words that t takes as it lies in memory: what occurs several times counts once
// (erts_debug:size).
func SharedSize(t Term) int {
	st := termStacks.Get().(*termStack)
	defer st.release()
	seen := map[uintptr]bool{}
	words := 0
	st.terms = append(st.terms, t)
	for len(st.terms) > 0 {
		t := st.terms[len(st.terms)-1]
		st.terms = st.terms[:len(st.terms)-1]
		if !t.IsCons() && !t.IsBoxed() || seen[t.Addr()] {
			continue
		}
		seen[t.Addr()] = true
		if t.IsCons() {
			words += 2
			st.terms = append(st.terms, t.Tail(), t.Head())
			continue
		}
		header := t.Word(0)
		n := payload(header)
		words += 1 + n
		raw := int(rawWords[header&SubMask>>2])
		if raw == allRaw {
			continue
		}
		for i := 1 + raw; i <= n; i++ {
			st.terms = append(st.terms, Term(t.Word(i)))
		}
	}
	return words
}
