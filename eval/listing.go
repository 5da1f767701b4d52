package eval

import (
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/term"
)

// Listing writes the specialised code of a loaded module; it reports false if the module has no current code.
func (cs *CodeServer) Listing(w io.Writer, m term.Term) bool {
	c := cs.current(m)
	if c == nil {
		return false
	}
	c.list(w)
	return true
}

// List writes the specialised code that a module would have, without loading it.
func (vm *VM) List(w io.Writer, m *beam.Module) error {
	c, err := vm.Code.Stage(m, [16]byte{}, nil)
	if err != nil {
		return err
	}
	c.list(w)
	c.free()
	return nil
}

func (c *code) list(w io.Writer) {
	next := 0
	for a := c.start; a < c.end; {
		if next < len(c.funcs) && uintptr(c.funcs[next].off) == a-c.start {
			f := c.funcs[next]
			fmt.Fprintf(w, "\n%s:%s/%d\n", c.module.AtomName(), f.name.AtomName(), f.arity)
			next++
		}
		text, size := instrText(a)
		fmt.Fprintf(w, "%6x  %s\n", a-c.start, text)
		a += size
	}
}

// instrText describes the instruction at an address and gives its size with all that belongs to it.
func instrText(a uintptr) (text string, size uintptr) {
	op := opAt(a)
	if op == opSlow {
		return slowText(a)
	}
	info := &opTable[op]
	if info.size == 0 {
		return fmt.Sprintf("illegal %#x", word(a)), wordBytes
	}
	var b strings.Builder
	b.WriteString(info.name)
	extra, extraKind := uintptr(0), ""
	for _, o := range info.operands {
		b.WriteByte(' ')
		at := a + uintptr(o.off)
		half := func() int { return int(*(*uint16)(term.At(at))) }
		switch o.kind {
		case 'x':
			fmt.Fprintf(&b, "x%d", half()/wordBytes)
		case 'y':
			fmt.Fprintf(&b, "y%d", half()/wordBytes)
		case 'z':
			fmt.Fprintf(&b, "fr%d", (half()-floatBase)/wordBytes)
		case 'n':
			fmt.Fprintf(&b, "%s=%d", o.name, half())
			extra = uintptr(half())
		case 'b':
			fmt.Fprintf(&b, "%s=%d", o.name, *(*uint8)(term.At(at))>>1)
		case 'r':
			fmt.Fprintf(&b, "%s=%d", o.name, *(*uint32)(term.At(at)))
			extra = uintptr(*(*uint32)(term.At(at)))
		case 'l':
			fmt.Fprintf(&b, "->%+d", *(*int32)(term.At(at)))
		case 'j':
			if j := *(*int16)(term.At(at)); j != 0 {
				fmt.Fprintf(&b, "->%+d", int(j)*wordBytes)
			} else {
				b.WriteString("raise")
			}
		case 'c':
			b.WriteString(constText(info.name, o.name, word(at)))
		}
	}
	size = uintptr(info.size)
	switch {
	case strings.HasPrefix(info.name, "select_table"):
		extraKind = "d"
	case strings.HasPrefix(info.name, "select_"):
		extraKind = "vd"
	case strings.HasPrefix(info.name, "put_tuple_"):
		extraKind = "o"
	}
	for i := uintptr(0); i < extra && extraKind != ""; i++ {
		for _, k := range extraKind {
			w := word(a + size)
			size += wordBytes
			switch k {
			case 'd':
				fmt.Fprintf(&b, " ->%+d", int64(w))
			case 'v':
				if w&term.TagMask == term.TagHeader {
					fmt.Fprintf(&b, " arity %d", w>>term.HeaderShift)
				} else {
					b.WriteString(" " + term.Format(term.Term(w)))
				}
			case 'o':
				b.WriteString(" " + operandText(w))
			}
		}
	}
	return b.String(), size
}

// constText is a 64-bit operand: a term, or for some instructions an address or number.
func constText(instr, name string, w uint64) string {
	switch {
	case name == "e" && instr != "unloaded":
		e := exportAt(uintptr(w))
		return fmt.Sprintf("%s:%s/%d", e.Module.AtomName(), e.Function.AtomName(), e.Arity)
	case strings.HasPrefix(instr, "bs_equal"): // bits that a text must begin with
		return fmt.Sprintf("%#x", w)
	case w&term.TagMask == term.TagHeader || instr == "func_info" && name == "a" || strings.HasPrefix(instr, "select_table"):
		return fmt.Sprint(int64(w))
	case w&term.Imm2Mask == term.TagCatch:
		return fmt.Sprintf("handler %#x", catchAddr(term.Term(w)))
	}
	return term.Format(term.Term(w))
}

func operandText(w uint64) string {
	switch {
	case w&term.TagMask != term.TagHeader:
		if w&term.Imm2Mask == term.TagCatch {
			return fmt.Sprintf("%#x", w)
		}
		return fmt.Sprintf("%d", w)
	case w&operandY != 0:
		return fmt.Sprintf("y%d", w>>3/wordBytes)
	case w>>3 >= floatBase && w>>3 < 2*floatBase:
		return fmt.Sprintf("fr%d", (w>>3-floatBase)/wordBytes)
	case w>>3 < floatBase:
		return fmt.Sprintf("x%d", w>>3/wordBytes)
	}
	return fmt.Sprintf("%#x", w)
}

// slowText describes a slow instruction. Its operands may be numbers and addresses too: they are shown as they would be read as
// registers and terms.
func slowText(a uintptr) (string, uintptr) {
	w := word(a)
	n := uintptr(w >> 32)
	name := runtime.FuncForPC(reflect.ValueOf(slowTable[uint16(w>>16)]).Pointer()).Name()
	name = name[strings.LastIndexByte(name, '.')+1:]
	var b strings.Builder
	b.WriteString("slow " + strings.TrimPrefix(strings.TrimPrefix(name, "do"), "test"))
	for i := uintptr(1); i < n; i++ {
		b.WriteString(" " + operandText(word(a+i*wordBytes)))
	}
	return b.String(), n * wordBytes
}

// doTrace tells the debug option Trace about the instruction behind it.
func doTrace(c *cpu, a []uint64) uintptr {
	where := ""
	if pl, ok := c.vm.Code.resolve(c.next, true); ok {
		where = fmt.Sprintf("%s:%s/%d+%d", pl.code.module.AtomName(), pl.name.AtomName(), pl.ar, c.next-pl.code.start)
	}
	text, _ := c.vm.describe(c.next)
	c.vm.Debug.Trace(c.p.Pid, where+"  "+text)
	return c.next
}
