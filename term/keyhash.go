package term

// keyHashBits is the length of the hash that places keys in large maps: 14 levels of 4 bits.
const keyHashBits = 56

// keyHashMask is all ones but in tests, which shorten the hash to make keys collide.
var keyHashMask uint64 = 1<<keyHashBits - 1

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// keyHash hashes a map key: keys that are =:= have the same hash, in every run of every node, as the order
// in which large maps are iterated follows from it.
func keyHash(t Term) uint64 {
	if t.IsImmediate() {
		return mix(immHash(t)) >> (64 - keyHashBits) & keyHashMask
	}
	return mix(deepHash(t)) >> (64 - keyHashBits) & keyHashMask
}

func immHash(t Term) uint64 {
	if t.IsAtom() {
		return uint64(t.atomHash()) | 0xA<<60
	}
	return uint64(t) * 0x9E3779B97F4A7C15
}

// deepHash folds the term in the order of a walk that visits heads before tails.
func deepHash(t Term) uint64 {
	s := termStacks.Get().(*termStack)
	stack := s.terms
	acc := uint64(0x2545F4914F6CDD1D)
	add := func(x uint64) {
		acc = (acc ^ x) * 0x9E3779B97F4A7C15
		acc ^= acc >> 29
	}
	for {
		for t.IsCons() {
			add(1)
			if head := t.Head(); head.IsImmediate() {
				add(immHash(head))
				t = t.Tail()
			} else {
				stack = append(stack, t.Tail())
				t = head
			}
		}
		if t.IsImmediate() {
			add(immHash(t))
		} else {
			hdr := *t.Words()
			n := payload(hdr)
			switch sub := hdr & SubMask; sub {
			case SubTuple, SubRecord:
				add(hdr)
				for i := n; i >= 1; i-- {
					stack = append(stack, Term(t.Word(i)))
				}
			case SubMap:
				add(SubMap | uint64(MapSize(t))<<8)
				MapEach(t, func(k, v Term) bool {
					stack = append(stack, v, k)
					return true
				})
			case SubFun:
				e := t.FunEntryOf()
				add(SubFun)
				add(immHash(e.Module))
				add(uint64(e.Index)<<32 | uint64(e.Arity))
				for i := range FunFree(t) {
					stack = append(stack, FunEnv(t, i))
				}
			case SubExport:
				e := t.ExportOf()
				add(SubExport)
				add(immHash(e.Module))
				add(immHash(e.Function))
				add(e.Arity)
			case SubHeapBits, SubBits:
				b, _ := BitsOf(t)
				add(SubHeapBits | uint64(b.Len)<<8)
				for b.Len > 0 {
					k := min(b.Len, 64)
					add(ReadBits(b.Data, b.Off, k))
					b.Off, b.Len = b.Off+k, b.Len-k
				}
			case SubRef, SubExtRef:
				nums, k := RefNumbers(t)
				add(sub)
				for _, v := range nums[:k] {
					add(uint64(v))
				}
			case SubExtPid, SubExtPort:
				add(sub)
				add(immHash(Term(t.Word(1))))
				add(t.Word(2))
				add(t.Word(3))
			default: // numbers
				add(hdr)
				for i := 1; i <= n; i++ {
					add(t.Word(i))
				}
			}
		}
		if len(stack) == 0 {
			break
		}
		t = stack[len(stack)-1]
		stack = stack[:len(stack)-1]
	}
	s.terms = stack
	s.release()
	return acc
}

// MapHash is the hash that places keys in large maps, for other tables inside the node: terms that are =:= have the same one.
func MapHash(t Term) uint64 { return keyHash(t) }
