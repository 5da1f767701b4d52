package eval

import (
	"strings"
	"testing"

	"github.com/gerl-lang/gerl/term"
)

// The listing shows the specialised instructions that fib/1 consists of.
func TestListing(t *testing.T) {
	n := newNode(t, 1, "")
	n.call("basic", "id", term.Int(1))
	var b strings.Builder
	if !n.vm.Code.Listing(&b, term.Intern("basic")) {
		t.Fatal("no listing")
	}
	s := b.String()
	for _, want := range []string{"basic:fib/1", "func_info basic fib 1", "is_lt_const_sub x0 x1 x0", "sub_const_xx x1 x0", "add_xyx x0 y0 x0", "deallocate_return"} {
		if !strings.Contains(s, want) {
			t.Errorf("the listing lacks %q:\n%s", want, s[:min(len(s), 1500)])
		}
	}
	if n.vm.Code.Listing(&b, term.Intern("no_such_module")) {
		t.Error("listing of a module that is not loaded")
	}
	t.Log(s)
}
