package beam

import (
	"encoding/binary"
	"fmt"
)

// Flags in an entry of the Type chunk; OTP 29 has moved them up by one for native records.
const (
	typeHasMin  = 1 << 12
	typeHasMax  = 1 << 13
	typeHasUnit = 1 << 14
)

// types reads the type table. As in OTP, a version that nobody knows yet counts as none.
func (r *reader) types() error {
	version, err := r.u32()
	if err != nil {
		return err
	}
	if version < typesVersion25 || version > typesVersion29 {
		return nil
	}
	n, err := r.count(2)
	if err != nil {
		return err
	}
	t := Types{Version: int(version), Entries: make([]Type, n)}
	for i := range t.Entries {
		if t.Entries[i], err = r.typeEntry(t.Version); err != nil {
			return err
		}
		if t.Entries[i].Bits == anyOf(t.Version) {
			t.Entries[i].Bits = TypeAny
		}
	}
	if n == 0 || t.Entries[0] != (Type{Bits: TypeAny}) {
		return r.bad("entry 0 of the type table is not any")
	}
	r.m.Types = t
	return nil
}

// anyOf is what a version of the table calls any.
func anyOf(version int) TypeBits {
	switch version {
	case typesVersion25:
		return TypeAny &^ TypeRecord
	case typesVersion29:
		return TypeAny &^ TypeContext
	}
	return TypeAny &^ (TypeContext | TypeRecord)
}

func (r *reader) typeEntry(version int) (Type, error) {
	var t Type
	b, err := r.bytes(2)
	if err != nil {
		return t, err
	}
	w := binary.BigEndian.Uint16(b)
	if version == typesVersion25 { // always two bounds; Min > Max means that there are none
		if b, err = r.bytes(16); err != nil {
			return t, err
		}
		t.Bits = TypeBits(w) & (TypeAny &^ TypeRecord)
		lo, hi := int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:]))
		if lo <= hi {
			t.HasMin, t.HasMax, t.Min, t.Max = true, true, lo, hi
		}
		return t, nil
	}
	flags := w
	if version == typesVersion29 {
		flags = w >> 1 &^ 0xFFF
		if w&(1<<12) != 0 {
			t.Bits |= TypeRecord
		}
	}
	// Below the flags: as in OTP 25, without the bit for match contexts.
	t.Bits |= TypeBits(w&3 | w&0xFFC<<1)
	if flags&typeHasMin != 0 {
		if b, err = r.bytes(8); err != nil {
			return t, err
		}
		t.HasMin, t.Min = true, int64(binary.BigEndian.Uint64(b))
	}
	if flags&typeHasMax != 0 {
		if b, err = r.bytes(8); err != nil {
			return t, err
		}
		t.HasMax, t.Max = true, int64(binary.BigEndian.Uint64(b))
	}
	if flags&typeHasUnit != 0 {
		if b, err = r.bytes(1); err != nil {
			return t, err
		}
		t.HasUnit, t.Unit = true, int(b[0])+1
	}
	return t, nil
}

// appendTypes writes the type table in its version, OTP 25's if it has none.
func appendTypes(out []byte, t *Types) []byte {
	version, entries := t.Version, t.Entries
	if version == 0 {
		version = typesVersion25
	}
	if len(entries) == 0 {
		entries = []Type{{Bits: anyOf(version)}}
	}
	out = binary.BigEndian.AppendUint32(out, uint32(version))
	out = binary.BigEndian.AppendUint32(out, uint32(len(entries)))
	for i := range entries {
		out = appendType(out, &entries[i], version)
	}
	return out
}

func appendType(out []byte, t *Type, version int) []byte {
	if version == typesVersion25 {
		lo, hi := int64(0), int64(-1)
		if t.HasMin && t.HasMax {
			lo, hi = t.Min, t.Max
		}
		out = binary.BigEndian.AppendUint16(out, uint16(t.Bits&^TypeRecord))
		out = binary.BigEndian.AppendUint64(out, uint64(lo))
		return binary.BigEndian.AppendUint64(out, uint64(hi))
	}
	w := uint16(t.Bits&3 | t.Bits&(TypeRecord-1)>>1&0xFFC)
	var flags uint16
	if t.HasMin {
		flags |= typeHasMin
	}
	if t.HasMax {
		flags |= typeHasMax
	}
	if t.HasUnit {
		flags |= typeHasUnit
	}
	if version == typesVersion29 {
		flags <<= 1
		if t.Bits&TypeRecord != 0 {
			w |= 1 << 12
		}
	}
	out = binary.BigEndian.AppendUint16(out, w|flags)
	if t.HasMin {
		out = binary.BigEndian.AppendUint64(out, uint64(t.Min))
	}
	if t.HasMax {
		out = binary.BigEndian.AppendUint64(out, uint64(t.Max))
	}
	if t.HasUnit {
		out = append(out, byte(t.Unit-1))
	}
	return out
}

var sortNames = [...]string{"atom", "bitstring", "context", "cons", "float", "fun", "integer", "map", "nil", "pid", "port",
	"reference", "tuple", "record"}

// String names the sorts and bounds, e.g. "integer 0..255" or "cons|nil".
func (t Type) String() string {
	s := ""
	any := t.Bits&anyOf(typesVersion26) == anyOf(typesVersion26)
	if any {
		s = "any"
	}
	for i, n := range sortNames {
		if !any && t.Bits&(1<<i) != 0 {
			if s != "" {
				s += "|"
			}
			s += n
		}
	}
	if t.HasMin || t.HasMax {
		lo, hi := "", ""
		if t.HasMin {
			lo = fmt.Sprint(t.Min)
		}
		if t.HasMax {
			hi = fmt.Sprint(t.Max)
		}
		s += " " + lo + ".." + hi
	}
	if t.HasUnit && t.Unit != 1 {
		s += fmt.Sprintf(" unit %d", t.Unit)
	}
	return s
}
