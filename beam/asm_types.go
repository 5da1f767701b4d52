package beam

import "fmt"

// typ writes a type as the records of OTP's beam_types.
func (a *asm) typ(t Type) string { return a.typeWith(t, "{t_atom,any}", "{t_tuple,0,false,#{}}") }

// typeWith is typ with what atoms and tuples are.
func (a *asm) typeWith(t Type, atoms, tuples string) string {
	if t.Bits == TypeAny && !t.HasMin && !t.HasMax {
		return "any"
	}
	new := a.rel >= OTP29
	var atom, list, number, tuple, record, other string
	if t.Bits&TypeAtom != 0 {
		atom = atoms
	}
	switch t.Bits & (TypeCons | TypeNil) {
	case TypeCons:
		list = "{t_cons,any,any}"
	case TypeNil:
		list = "nil"
	case TypeCons | TypeNil:
		list = "{t_list,any,any}"
	}
	switch t.Bits & (TypeInteger | TypeFloat) {
	case TypeInteger:
		number = "{t_integer," + a.bounds(t) + "}"
	case TypeFloat:
		number = "{t_float,any}"
	case TypeInteger | TypeFloat:
		if number = "number"; new {
			number = "{t_number," + a.bounds(t) + "}"
		}
	}
	if t.Bits&TypeTuple != 0 {
		tuple = tuples
	}
	if t.Bits&TypeRecord != 0 && new {
		record = "{t_record,nil,#{}}"
	}
	if other = a.otherType(t); other == "any" {
		return "any"
	}
	parts := []string{atom, list, number, tuple, record, other}
	if !new {
		parts = []string{atom, list, number, tuple, other}
	}
	one, n := "none", 0
	for i, p := range parts {
		if p == "" {
			parts[i] = "none"
		} else {
			one = p
			n++
		}
	}
	if n <= 1 {
		return one
	}
	s := "{t_union"
	for _, p := range parts {
		s += "," + p
	}
	return s + "}"
}

func (a *asm) otherType(t Type) string {
	unit := 1
	if t.HasUnit {
		unit = t.Unit
	}
	const ids = TypePid | TypePort | TypeReference
	switch b := t.Bits & (TypeBitstring | TypeContext | TypeFun | TypeMap | ids); b {
	case 0:
		return ""
	case TypeBitstring:
		if a.rel >= OTP29 {
			return fmt.Sprintf("{t_bitstring,%d,false}", unit)
		}
		return fmt.Sprintf("{t_bitstring,%d}", unit)
	case TypeContext:
		return fmt.Sprintf("{t_bs_context,%d}", unit)
	case TypeBitstring | TypeContext:
		return fmt.Sprintf("{t_bs_matchable,%d}", unit)
	case TypeFun:
		return "{t_fun,any,any,any}"
	case TypeMap:
		return "{t_map,any,any}"
	case TypePid:
		return "pid"
	case TypePort:
		return "port"
	case TypeReference:
		return "reference"
	default:
		switch {
		case a.rel < OTP29:
			return "any"
		case b == ids:
			return "identifier"
		}
		return "other"
	}
}

func (a *asm) bounds(t Type) string {
	switch {
	case t.HasMin && t.HasMax:
		return fmt.Sprintf("{%d,%d}", t.Min, t.Max)
	case a.rel < OTP29 || !t.HasMin && !t.HasMax:
		return "any"
	case t.HasMin:
		return fmt.Sprintf("{%d,'+inf'}", t.Min)
	}
	return fmt.Sprintf("{'-inf',%d}", t.Max)
}
