-module(nr).
-export([mkq/0,t_a/0, t_b/0, mk/1, upd/1, fld/1, isr/1]).
-record #pt{x = 0, y = 7, z}.
-record #q{a, b = [1,2]}.
-export_record([pt]).
mk(X) -> #pt{x = X, z = 1}.
upd(P) -> P#pt{y = 3}.
fld(P) -> {P#pt.x, P#pt.y}.
isr(#pt{x = X}) -> {yes, X};
isr(X) when is_record(X, q) -> q;
isr(_) -> no.
t_a() -> P = mk(1), [P, upd(P), fld(upd(P)), isr(P), isr(#q{a=1}), isr(3), P#_.x, P#nr:pt.y].
t_b() -> [try upd(3) catch C:R -> {C,R} end, try fld(#q{a=2}) catch C:R -> {C,R} end, try mk2(#q{a=1}) catch C:R -> {C,R} end].
mk2(P) -> P#pt{z = 3}.
mkq() -> #q{a=1}.
