// Command gen writes the machine's loop and the tables of specialised instructions from families.go.
//
// A family is one operation; each of its operands may be of several kinds; every combination that is
// listed becomes an instruction of its own, so that the loop never looks at operand kinds.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Operand kinds in a signature.
//
//	x  X register (u16 byte offset)        y  Y register (u16 byte offset)
//	z  float register (u16 byte offset in the context)
//	c  constant term or raw 64-bit word    n  unsigned 16-bit number
//	b  unsigned 8-bit number in byte 1     r  unsigned 32-bit number
//	l  label, 32-bit displacement          j  label or none, 16-bit displacement in words, 0 = none
type operand struct {
	name string
	off  int
	kind byte
}

// A variant is one instruction.
type variant struct {
	family   *family
	number   int // opcode
	name     string
	operands []operand
	size     int // bytes
}

// width of an operand kind in bytes.
func width(kind byte) int {
	switch kind {
	case 'b':
		return 1
	case 'x', 'y', 'z', 'n', 'j':
		return 2
	case 'r', 'l':
		return 4
	case 'c':
		return 8
	}
	panic("kind " + string(kind))
}

// lay gives the operands their places: the byte operand at 1, the others first-fit at their natural alignment.
func lay(v *variant) {
	used := map[int]bool{0: true, 1: true}
	end := 8
	for i := range v.operands {
		o := &v.operands[i]
		w := width(o.kind)
		if w == 1 {
			o.off = 1
			continue
		}
	search:
		for at := 0; ; at += w {
			for k := 0; k < w; k++ {
				if used[at+k] {
					continue search
				}
			}
			for k := 0; k < w; k++ {
				used[at+k] = true
			}
			o.off = at
			if at+w > end {
				end = at + w
			}
			break
		}
	}
	v.size = (end + 7) &^ 7
}

// opcodes is the number of opcodes: nine bits, the last of which is the lowest of byte 1.
const opcodes = 512

func variants() []*variant {
	var all []*variant
	for i := range families {
		f := &families[i]
		names := strings.Fields(f.args)
		combos := strings.Fields(f.kinds)
		if len(names) == 0 {
			combos = []string{""}
		}
		for _, c := range combos {
			if len(c) != len(names) {
				panic(f.name + ": kinds " + c)
			}
			v := &variant{family: f, name: f.name, number: len(all) + 1}
			suffix := ""
			for k, n := range names {
				v.operands = append(v.operands, operand{name: n, kind: c[k]})
				if strings.IndexByte("xyzc", c[k]) >= 0 {
					suffix += string(c[k])
				}
			}
			if len(combos) > 1 {
				v.name += "_" + suffix
			}
			lay(v)
			all = append(all, v)
		}
	}
	return all
}

// expr is the Go expression for the operand's value; for registers it is also assignable.
func expr(o operand) string {
	at := fmt.Sprintf("unsafe.Add(pc, %d)", o.off)
	switch o.kind {
	case 'x', 'z':
		return fmt.Sprintf("*(*uint64)(unsafe.Add(mp, *(*uint16)(%s)))", at)
	case 'y':
		return fmt.Sprintf("*(*uint64)(unsafe.Add(E, *(*uint16)(%s)))", at)
	case 'c':
		return fmt.Sprintf("*(*uint64)(%s)", at)
	case 'n':
		return fmt.Sprintf("*(*uint16)(%s)", at)
	case 'j':
		return fmt.Sprintf("*(*int16)(%s)", at)
	case 'b':
		return fmt.Sprintf("(*(*uint8)(%s)>>1)", at)
	case 'r':
		return fmt.Sprintf("*(*uint32)(%s)", at)
	case 'l':
		return fmt.Sprintf("*(*int32)(%s)", at)
	}
	panic("kind")
}

// enc is the register as a full-word operand (see operand.go), for slow paths.
func enc(o operand) string {
	raw := fmt.Sprintf("uint64(*(*uint16)(unsafe.Add(pc, %d)))<<3", o.off)
	if o.kind == 'y' {
		return raw + "|4"
	}
	return raw
}

func expand(v *variant) string {
	s := strings.ReplaceAll(v.family.body, "$DONE", "pc = unsafe.Add(pc, $n)")
	for _, o := range v.operands {
		s = strings.ReplaceAll(s, "$br("+o.name+")", "pc = unsafe.Add(pc, "+expr(o)+")")
		s = strings.ReplaceAll(s, "$enc("+o.name+")", enc(o))
		s = strings.ReplaceAll(s, "$is_c("+o.name+")", fmt.Sprint(o.kind == 'c'))
	}
	// Longer names first, so that $d2 is not taken for $d.
	for n := 8; n >= 1; n-- {
		for _, o := range v.operands {
			if len(o.name) == n {
				s = strings.ReplaceAll(s, "$"+o.name, expr(o))
			}
		}
	}
	s = strings.ReplaceAll(s, "$NEXT", fmt.Sprintf("pc = unsafe.Add(pc, %d)", v.size))
	s = strings.ReplaceAll(s, "$SIZE", fmt.Sprint(v.size))
	if strings.Contains(s, "$") {
		panic(v.name + ": unexpanded $ in " + s)
	}
	return macros(s)
}

// macros expands @ld(t,disp): the word at term t plus disp, and @w(p,off): the word at pointer p plus off.
func macros(s string) string {
	for {
		i := strings.LastIndex(s, "@")
		if i < 0 {
			return s
		}
		open := i + strings.IndexByte(s[i:], '(')
		name := s[i+1 : open]
		depth, end, comma := 0, -1, -1
		for k := open; k < len(s); k++ {
			switch s[k] {
			case '(':
				depth++
			case ')':
				depth--
			case ',':
				if depth == 1 && comma < 0 {
					comma = k
				}
			}
			if depth == 0 {
				end = k
				break
			}
		}
		var r string
		if name == "out" {
			r = "code = " + s[open+1:end] + "; goto out"
		} else {
			a, b := s[open+1:comma], strings.TrimSpace(s[comma+1:end])
			switch name {
			case "ld":
				r = fmt.Sprintf("*(*uint64)(unsafe.Add(unsafe.Pointer(uintptr(%s)), %s))", a, b)
			case "w":
				r = fmt.Sprintf("*(*uint64)(unsafe.Add(%s, %s))", a, b)
			default:
				panic("macro " + name)
			}
		}
		s = s[:i] + r + s[end+1:]
	}
}

func main() {
	out := flag.String("out", ".", "directory to write to")
	flag.Parse()
	vs := variants()
	if len(vs) >= opcodes {
		fmt.Fprintf(os.Stderr, "%d instructions, at most %d fit\n", len(vs), opcodes-1)
		os.Exit(1)
	}
	write(filepath.Join(*out, "loop_gen.go"), loopSource(vs))
	write(filepath.Join(*out, "ops_gen.go"), opsSource(vs))
}

func write(path string, src []byte) {
	b, err := format.Source(src)
	if err != nil {
		os.WriteFile(path, src, 0o644)
		fmt.Fprintln(os.Stderr, path, err)
		os.Exit(1)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// stepLast is the end of a body that goes on with the next instruction.
var stepLast = regexp.MustCompile(`pc = unsafe\.Add\(pc, (\d+)\)$`)

func loopSource(vs []*variant) []byte {
	var b bytes.Buffer
	b.WriteString(loopHead)
	table := func() {
		b.WriteString("switch op & 0x1ff {\n")
		for _, v := range vs {
			fmt.Fprintf(&b, "case %d: goto L%d\n", v.number, v.number)
		}
		b.WriteString("case 0")
		for i := len(vs) + 1; i < opcodes; i++ {
			fmt.Fprintf(&b, ", %d", i)
		}
		b.WriteString(":\ngoto illegal\n}\n")
	}
	table()
	b.WriteString("illegal:\ncode = exitIllegal\ngoto out\n")
	for _, v := range vs {
		body := strings.TrimSpace(expand(v))
		fmt.Fprintf(&b, "L%d: // %s\n{\n%s\n", v.number, v.name, body)
		switch {
		case strings.HasSuffix(body, "goto out"):
			b.WriteString("}\n")
		case replicated[v.family.name]:
			b.Truncate(b.Len() - len(body) - 1)
			b.WriteString(stepLast.ReplaceAllString(body, "op = *(*uint16)(unsafe.Add(pc, $1))\npc = unsafe.Add(pc, $1)") + "\n")
			if !stepLast.MatchString(body) {
				b.WriteString("op = *(*uint16)(pc)\n")
			}
			b.WriteString("}\n")
			table()
		default:
			b.WriteString("goto next\n}\n")
		}
	}
	b.WriteString(loopTail)
	return b.Bytes()
}

const loopHead = `// Code generated by eval/gen from families.go; DO NOT EDIT.

package eval

import (
	"math"
	"math/bits"
	"unsafe"

	"github.com/gerl-lang/gerl/term"
)

// loop executes instructions from m.PC on until something has to be done that needs Go code; it gives the
// exit code. No local is live across a call anywhere in it: there are no calls. Every case ends with a jump to the dispatch
// itself: with a loop statement the compiler would join all cases first and shuffle registers there.
//
// Its pointers lead into blocks, which checkptr (on in race builds) takes for unrelated allocations.
//
//go:nocheckptr
func loop(m *Machine) (code int) {
	mp := unsafe.Pointer(m)
	pc := term.At(m.PC)
	E := unsafe.Pointer((*term.Heap)(unsafe.Pointer(m.Heap)).E)
	hp := unsafe.Pointer((*term.Heap)(unsafe.Pointer(m.Heap)).Htop)
	m.Op = 0 // eleven bytes: see TestLoopAssembly for what must lie where
	var op uint16
next:
	op = *(*uint16)(pc)
`

const loopTail = `
out:
	m.PC = uintptr(pc)
	(*term.Heap)(unsafe.Pointer(m.Heap)).E = uintptr(E)
	(*term.Heap)(unsafe.Pointer(m.Heap)).Htop = uintptr(hp)
	return code
}
`

// kindCode numbers the kinds that choose a variant.
func kindCode(k byte) int { return strings.IndexByte("xycz", k) }

func opsSource(vs []*variant) []byte {
	var b bytes.Buffer
	b.WriteString("// Code generated by eval/gen from families.go; DO NOT EDIT.\n\npackage eval\n\n")
	b.WriteString("// Families of specialised instructions.\nconst (\n")
	for i := range families {
		fmt.Fprintf(&b, "fam%s family = %d\n", camel(families[i].name), i)
	}
	b.WriteString(")\n\n// Instructions that have a single form.\nconst (\n")
	for _, v := range vs {
		if v.name == v.family.name {
			fmt.Fprintf(&b, "op%s = %d\n", camel(v.name), v.number)
		}
	}
	b.WriteString(")\n\n// opTable describes each specialised instruction.\nvar opTable = [512]opInfo{\n")
	for _, v := range vs {
		fmt.Fprintf(&b, "%d: {name: %q, size: %d, operands: []opOperand{", v.number, v.name, v.size)
		for _, o := range v.operands {
			fmt.Fprintf(&b, "{%q, %q, %d},", o.name, o.kind, o.off)
		}
		b.WriteString("}},\n")
	}
	b.WriteString("}\n\n// famTable finds the instruction of a family by the kinds of its operands, two bits each (x y c z).\nvar famTable = [...]map[uint16]uint16{\n")
	byFam := map[*family][]int{}
	for i, v := range vs {
		byFam[v.family] = append(byFam[v.family], i)
	}
	for i := range families {
		fmt.Fprintf(&b, "%d: {", i)
		for _, vi := range byFam[&families[i]] {
			key, n := 0, 0
			for _, o := range vs[vi].operands {
				if k := kindCode(o.kind); k >= 0 {
					key |= k << (2 * n)
					n++
				}
			}
			fmt.Fprintf(&b, "%d: %d, ", key, vs[vi].number)
		}
		b.WriteString("},\n")
	}
	b.WriteString("}\n")
	return b.Bytes()
}

func camel(s string) string {
	r := ""
	for _, p := range strings.Split(s, "_") {
		r += strings.ToUpper(p[:1]) + p[1:]
	}
	return r
}
