-module(records29).
-export([new/1,upd/2,get/1,f/1,bs/1]).
-record #point{x = 0, y = 1.5, z}.
new(X) -> #point{x = X, z = 3}.
upd(P, Y) -> P#point{y = Y}.
get(#point{x = X, y = Y}) -> {X, Y}.
f(P) when is_record(P, records29, point) -> P#point.x;
f(_) -> no.
bs(<<A:8, R/binary>>) -> {A, byte_size(R), R}.
