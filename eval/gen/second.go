package main

// Instructions that do more work or are met less often. Many are the short way of a slow instruction that stands right behind them: after success they go on behind it ($DONE: n bytes
// from the start of this instruction), when the case is not theirs they go on with it ($NEXT). They decide themselves only where that is
// certain.

// matchRead gives a match context's parts: the words of the context lie at its term plus 6 (end), 14 (position), 22 (start), 30 (base).
const matchRead = `mc := unsafe.Pointer(uintptr($s))
	pos, end := @w(mc,14), @w(mc,6)
	`

// matchData is the address of the base's first byte.
const matchData = `data := @w(mc,30)
	if @ld(data,-2)&0x3f == subHeapBits {
		data += 14
	} else {
		data = @ld(data,14)
	}
	`

// room2 is the test whether there is room for some words, where there must be none left over from a test before.
func room2(bytes string) string {
	return "uintptr(E)-uintptr(hp) >= " + bytes + "+reserveBytes"
}

// typeTest is test for both kinds of register.
func typeTest(name, cond string) family { return test(name, "xl yl", cond) }

// sizeOf is a BIF of one argument with a small result: t is the argument.
func sizeOf(name, cond, value string) family {
	return family{name, "d s n", "xxn xyn yxn yyn", `if t := $s; ` + cond + ` {
		$d = ` + value + `
		$DONE
	} else {
		$NEXT
	}`}
}

// orderValue is a comparison of small integers as a value.
func orderValue(name, op string) family {
	return family{name, "d a b n", "xxxn xxcn xcxn", `a, b := $a, $b
	if a&b&15 == 15 {
		r := atomFalse
		if int64(a) ` + op + ` int64(b) {
			r = atomTrue
		}
		$d = r
		$DONE
	} else {
		$NEXT
	}`}
}

// sameValue is exact equality as a value, where it can be told from the words.
func sameValue(name, yes, no string) family {
	return family{name, "d a b n", "xxxn xxcn xyxn xxyn", `a, b := $a, $b
	if a == b {
		$d = ` + yes + `
		$DONE
	} else if a&3 == 3 || b&3 == 3 {
		$d = ` + no + `
		$DONE
	} else {
		$NEXT
	}`}
}

var second = []family{
	// ---- bit strings ------------------------------------------------------------------------------
	{"bs_start", "d s n", "xxn xyn", `t := $s
	if t&3 == 2 {
		k := @ld(t,-2) & 0x3f
		if k == subMatch {
			$d = t
			$DONE
			goto next
		}
		if (k == subHeapBits || k == subBits) && ` + room2("40") + ` {
			off, base := uint64(0), t
			if k == subBits {
				off, base = @ld(t,14), @ld(t,22)
			}
			@w(hp,0) = 4<<6 | subMatch
			@w(hp,8) = off + @ld(t,6)
			@w(hp,16) = off
			@w(hp,24) = off
			@w(hp,32) = base
			$d = uint64(uintptr(hp)) + 2
			hp = unsafe.Add(hp, 40)
			$DONE
			goto next
		}
	}
	$NEXT`},
	// A whole byte.
	{"bs_byte", "s d f n", "xxln xyln", matchRead + `if end-pos < 8 {
		$br(f)
	} else if pos&7 == 0 {
		` + matchData + `$d = uint64(*(*uint8)(unsafe.Add(unsafe.Pointer(uintptr(data)), pos>>3)))<<4 | 15
		@w(mc,14) = pos + 8
		$DONE
	} else {
		$NEXT
	}`},
	// An unsigned big-endian field of k bits, 1 to 56: read with the seven bytes behind its first, if there are so many, or byte
	// by byte.
	{"bs_bits", "s d k f n", "xxnln xynln", matchRead + `k := uint64($k)
	if end-pos < k {
		$br(f)
	} else {
		` + matchData + `p := unsafe.Add(unsafe.Pointer(uintptr(data)), pos>>3)
		var v uint64
		if end-pos >= 64 {
			v = bits.ReverseBytes64(*(*uint64)(p))
		} else {
			for i := (pos&7 + k + 7) &^ 7; i > 0; i -= 8 {
				v = v<<8 | uint64(*(*uint8)(p))
				p = unsafe.Add(p, 1)
			}
			v <<= (64 - (pos&7+k+7)&^7) & 63
		}
		$d = v<<(pos&7)>>((64-k)&63)<<4 | 15
		@w(mc,14) = pos + k
		$DONE
	}`},
	// The same compared with a value that is known.
	{"bs_equal", "s k c f n", "xncln", matchRead + `k := uint64($k)
	if end-pos < k {
		$br(f)
	} else {
		` + matchData + `p := unsafe.Add(unsafe.Pointer(uintptr(data)), pos>>3)
		var v uint64
		if end-pos >= 64 {
			v = bits.ReverseBytes64(*(*uint64)(p))
		} else {
			for i := (pos&7 + k + 7) &^ 7; i > 0; i -= 8 {
				v = v<<8 | uint64(*(*uint8)(p))
				p = unsafe.Add(p, 1)
			}
			v <<= (64 - (pos&7+k+7)&^7) & 63
		}
		if v<<(pos&7)>>((64-k)&63) == $c {
			@w(mc,14) = pos + k
			$DONE
		} else {
			$br(f)
		}
	}`},
	{"bs_ascii", "s d f n", "xxln", matchRead + `if end-pos < 8 {
		$br(f)
	} else if pos&7 != 0 {
		$NEXT
	} else {
		` + matchData + `if v := uint64(*(*uint8)(unsafe.Add(unsafe.Pointer(uintptr(data)), pos>>3))); v < 0x80 {
			$d = v<<4 | 15
			@w(mc,14) = pos + 8
			$DONE
		} else {
			$NEXT
		}
	}`},
	{"bs_skip", "s r f", "xrl", matchRead + `if end-pos < uint64($r) {
		$br(f)
	} else {
		@w(mc,14) = pos + uint64($r)
		$NEXT
	}`},
	// The rest, if it is of whole units; n as in bs_test_unit.
	{"bs_skip_all", "s n f", "xnl", matchRead + `if (end-pos)&uint64($n) != 0 {
		$br(f)
	} else {
		@w(mc,14) = end
		$NEXT
	}`},
	{"bs_at_least", "s r f", "xrl", matchRead + `if end-pos < uint64($r) { $br(f) } else { $NEXT }`},
	{"bs_test_tail", "s r f", "xrl yrl", matchRead + `if end-pos != uint64($r) { $br(f) } else { $NEXT }`},
	// n is a unit less one, which is a mask.
	{"bs_test_unit", "s n f", "xnl", matchRead + `if (end-pos)&uint64($n) != 0 { $br(f) } else { $NEXT }`},
	// A window of size units of k bits. Those of up to eight bytes are copied here if they are followed by so many; the other short ones are
	// left to the slow way.
	{"bs_window", "s d size k n", "xxxnn xxcnn xyxnn xycnn", matchRead + `z := $size
	w := z >> 4 * uint64($k)
	if z&15 == 15 && z>>4 < 1<<40 && w > 128 && w <= end-pos && ` + room2("32") + ` {
		@w(hp,0) = 3<<6 | subBits
		@w(hp,8) = w
		@w(hp,16) = pos
		@w(hp,24) = @w(mc,30)
		@w(mc,14) = pos + w
		$d = uint64(uintptr(hp)) + 2
		hp = unsafe.Add(hp, 32)
		$DONE
	} else if z&15 == 15 && w-1 < 64 && w <= end-pos && (w|pos)&7 == 0 && end-pos >= 64 && ` + room2("24") + ` {
		` + matchData + `@w(hp,0) = 2<<6 | subHeapBits
		@w(hp,8) = w
		@w(hp,16) = *(*uint64)(unsafe.Add(unsafe.Pointer(uintptr(data)), pos>>3)) & (^uint64(0) >> ((64 - w) & 63))
		@w(mc,14) = pos + w
		$d = uint64(uintptr(hp)) + 2
		hp = unsafe.Add(hp, 24)
		$DONE
	} else {
		$NEXT
	}`},
	{"bs_tail", "s d n", "xxn xyn", matchRead + `if end-pos > 128 && ` + room2("32") + ` {
		@w(hp,0) = 3<<6 | subBits
		@w(hp,8) = end - pos
		@w(hp,16) = pos
		@w(hp,24) = @w(mc,30)
		$d = uint64(uintptr(hp)) + 2
		hp = unsafe.Add(hp, 32)
		$DONE
	} else {
		$NEXT
	}`},
	{"bs_position", "s d", "xx xy", `mc := unsafe.Pointer(uintptr($s))
	$d = @w(mc,14)<<4 | 15
	$NEXT`},
	{"bs_set_position", "s p n", "xxn xyn", `mc, p := unsafe.Pointer(uintptr($s)), $p
	if p&15 == 15 && p>>4 >= @w(mc,22) && p>>4 <= @w(mc,6) {
		@w(mc,14) = p >> 4
		$DONE
	} else {
		$NEXT
	}`},

	// ---- maps ---------------------------------------------------------------------------------------
	// A flat map and an immediate key. The words of a flat map lie at its term plus 6 (size), 14 (keys), 22... (values), those of the
	// tuple of keys at plus 6...; bits 38 and 39 of the header tell other forms.
	{"map_get", "s key d f n", "xcxln xcyln ycxln ycyln xxxln yxxln", `t, k := $s, $key
	if t&3 != 2 || @ld(t,-2)&0x3f != subMap {
		$br(f)
	} else if k&3 == 3 && @ld(t,-2)>>38&3 == 0 {
		n := @ld(t,6) >> 4
		keys := unsafe.Pointer(uintptr(@ld(t,14)))
		for n != 0 && @w(keys,6) != k {
			keys = unsafe.Add(keys, 8)
			n--
		}
		if n == 0 {
			$br(f)
		} else {
			$d = @ld(t+uint64(uintptr(keys))-@ld(t,14),22)
			$DONE
		}
	} else {
		$NEXT
	}`},
	{"map_has", "s key f n", "xcln ycln", `t, k := $s, $key
	if t&3 != 2 || @ld(t,-2)&0x3f != subMap {
		$br(f)
	} else if @ld(t,-2)>>38&3 == 0 {
		n := @ld(t,6) >> 4
		keys := unsafe.Pointer(uintptr(@ld(t,14)))
		for n != 0 && @w(keys,6) != k {
			keys = unsafe.Add(keys, 8)
			n--
		}
		if n == 0 { $br(f) } else { $DONE }
	} else {
		$NEXT
	}`},

	{"self", "d", "x y", `$d = m.Self
	$NEXT`},
	// ---- BIFs in guards and bodies --------------------------------------------------------------------
	{"element", "d i t n", "xxxn xcxn xxyn xcyn yxxn ycxn", `i, t := $i, $t
	if i&15 == 15 && t&3 == 2 && @ld(t,-2)&0x3f == 0 && i>>4-1 < @ld(t,-2)>>6 {
		$d = @ld(t+i>>4<<3,-2)
		$DONE
	} else {
		$NEXT
	}`},
	sizeOf("tuple_size", sub("@ld(t,-2)&0x3f == 0"), "@ld(t,-2)>>6<<4 | 15"),
	sizeOf("byte_size", sub("(@ld(t,-2)&0x3f == subHeapBits || @ld(t,-2)&0x3f == subBits)"), "(@ld(t,6)+7)>>3<<4 | 15"),
	sizeOf("map_size", sub("@ld(t,-2)&0x3f == subMap"), "@ld(t,6)"),
	sizeOf("hd", "t&3 == 1", "@ld(t,-1)"),
	sizeOf("tl", "t&3 == 1", "@ld(t,7)"),
	sameValue("same", "atomTrue", "atomFalse"),
	sameValue("not_same", "atomFalse", "atomTrue"),
	orderValue("less", "<"),
	orderValue("at_most", "<="),
	{"fdivide", "d a b n", "xxxn xxcn xcxn", `a, b := $a, $b
	if ` + bothFloats + floatRoom + ` {
		f := math.Float64frombits(@ld(a,6)) / math.Float64frombits(@ld(b,6))
		if f-f == 0 {
			` + storeFloat + `
			$DONE
			goto next
		}
	}
	$NEXT`},

	// ---- more type tests ---------------------------------------------------------------------------------
	typeTest("binary", sub("(@ld(t,-2)&0x3f == subHeapBits || @ld(t,-2)&0x3f == subBits) && @ld(t,6)&7 == 0")),
	// The closure has arity k.
	{"is_fun", "s k n", "xnn ynn", `if t := $s; t&3 == 2 && @ld(t,-2)&0x3f == subFun && *(*uint32)(unsafe.Add(unsafe.Pointer(uintptr(@ld(t,6))), 24)) == uint32($k) { $DONE } else { $NEXT }`},
}
