package spec

import "testing"

func TestFacts(t *testing.T) {
	for _, c := range []struct {
		name string
		got  bool
		want bool
	}{
		{"length/1 is a guard", IsGuardBIF("length", 1), true},
		{"is_integer/3 is a guard (OTP 29)", IsGuardBIF("is_integer", 3), true},
		{"put/2 is no guard", IsGuardBIF("put", 2), false},
		{"spawn/1 is auto-imported", IsAutoImported("spawn", 1), true},
		{"send/2 is not auto-imported", IsAutoImported("send", 2), false},
		{"max/2 is auto-imported, but not old", IsOldAutoImported("max", 2), false},
		{"abs/1 is old", IsOldAutoImported("abs", 1), true},
		{"+ is pure", IsPure("erlang", "+", 2), true},
		{"self/0 is not pure", IsPure("erlang", "self", 0), false},
		{"// parses as the operator / of arity 2", IsOperator("/", 2), true},
		{"throw/1 never returns", IsExit("erlang", "throw", 1), true},
		{"is_record/3 is a type test", IsTypeTest("is_record", 3), true},
		{"tuple/1 is an old type test", IsOldTypeTest("tuple", 1), true},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %v", c.name, c.got)
		}
	}
}

// Lookup finds every row, so the table is sorted as Lookup expects.
func TestLookupFindsEveryRow(t *testing.T) {
	for _, f := range All() {
		if g, ok := Lookup(f.Module, f.Function, f.Arity); !ok || g != f {
			t.Errorf("%s:%s/%d not found", f.Module, f.Function, f.Arity)
		}
	}
}
