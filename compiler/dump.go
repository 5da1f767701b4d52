package compiler

import (
	"fmt"
	"strings"

	"github.com/gerl-lang/gerl/term"
)

var opNames = [...]string{"none", "const", "undef", "param", "phi", "term", "call", "call_ext", "call_fun", "apply",
	"bif", "gc_bif", "make_fun", "cons", "tuple", "map_assoc", "map_exact", "hd", "tl", "elem", "bs_create", "bs_start",
	"bs_tail", "bs_pos", "bs_set_pos", "try_end", "try_case", "land", "catch_end", "stack", "send", "remove_msg", "timeout",
	"mark_reserve", "mark_bind", "mark_use", "mark_clear", "init_writable", "fconv", "farith", "fbox", "raw_raise", "put_record", "assume"}

var kindNames = [...]string{"none", "jump", "br", "switch", "arity", "bif", "gc_bif", "map_get", "record_elem", "bs_start", "bs_get",
	"bs_skip", "bs_tail", "bs_unit", "bs_string", "bs_create", "return", "loop_rec", "rec_end", "wait", "wait_time", "try", "catch",
	"fail", "func_clause", "raise", "unreach"}

// String lists a function's code.
func (f *fn) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "function %s/%d\n", f.name, f.arity)
	name := func(v val) string {
		if f.vals[v].op == opConst {
			return term.Format(f.vals[v].lit)
		}
		return fmt.Sprintf("v%d", v)
	}
	names := func(vs []val) string {
		var out []string
		for _, v := range vs {
			out = append(out, name(v))
		}
		return strings.Join(out, ", ")
	}
	for _, b := range f.blocks {
		fmt.Fprintf(&s, "b%d:", b.id)
		for _, p := range b.preds {
			fmt.Fprintf(&s, " <b%d", p.id)
		}
		if b.handler != nil {
			fmt.Fprintf(&s, " handler b%d", b.handler.id)
		}
		s.WriteByte('\n')
		for _, p := range b.phis {
			fmt.Fprintf(&s, "  v%d = phi %s\n", p, names(f.vals[p].args))
		}
		for _, v := range b.ins {
			d := &f.vals[v]
			fmt.Fprintf(&s, "  v%d = %s", v, opNames[d.op])
			switch x := d.aux.(type) {
			case *funRef:
				fmt.Fprintf(&s, " %s/%d", x.name, x.arity)
			case mfa:
				fmt.Fprintf(&s, " %s:%s/%d", x.mod, x.fun, x.arity)
			case string:
				fmt.Fprintf(&s, " %s", x)
			}
			if d.n != 0 {
				fmt.Fprintf(&s, " #%d", d.n)
			}
			fmt.Fprintf(&s, " %s\n", names(d.args))
		}
		s.WriteString("  ")
		if b.val != 0 {
			fmt.Fprintf(&s, "v%d = ", b.val)
		}
		s.WriteString(kindNames[b.kind])
		if x, ok := b.aux.(string); ok {
			s.WriteString(" " + x)
		}
		if b.n != 0 {
			fmt.Fprintf(&s, " #%d", b.n)
		}
		fmt.Fprintf(&s, " %s", names(b.args))
		for i, t := range b.succs {
			if i < len(b.cases) {
				fmt.Fprintf(&s, " %s:", term.Format(b.cases[i]))
			}
			fmt.Fprintf(&s, " >b%d", t.id)
		}
		s.WriteByte('\n')
	}
	return s.String()
}
