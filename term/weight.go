package term

// bytesPerUnit is how many bytes of a binary weigh as much as one word of other terms.
const bytesPerUnit = 64

// Exceeds reports whether going through t takes more than limit steps: one for each word, one for 64 bytes of binaries. It takes no more steps
// itself.
func Exceeds(t Term, limit int) bool {
	if t.IsImmediate() {
		return false
	}
	var small [32]Term
	stack := append(small[:0], t)
	for len(stack) > 0 {
		t = stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for t.IsCons() {
			if limit -= 2; limit < 0 {
				return true
			}
			if head := t.Head(); !head.IsImmediate() {
				stack = append(stack, head)
			}
			t = t.Tail()
		}
		if !t.IsBoxed() {
			continue
		}
		if bits, ok := BitSize(t); ok {
			if limit -= bits/8/bytesPerUnit + 1; limit < 0 {
				return true
			}
			continue
		}
		header := *t.Words()
		n := payload(header)
		if limit -= n + 1; limit < 0 {
			return true
		}
		raw := rawWords[header&SubMask>>2]
		if raw == allRaw {
			continue
		}
		for i := int(raw) + 1; i <= n; i++ {
			if x := Term(t.Word(i)); !x.IsImmediate() {
				stack = append(stack, x)
			}
		}
	}
	return false
}

// LongerThan reports whether the list t has more than n cells.
func LongerThan(t Term, n int) bool {
	for ; t.IsCons(); t = t.Tail() {
		if n--; n < 0 {
			return true
		}
	}
	return false
}
