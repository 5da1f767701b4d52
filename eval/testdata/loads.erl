-module(loads).
-export([t_on_load/0, t_bad_on_load/0, t_undef/0, t_hook/0, '$handle_undefined_function'/2]).

t_on_load() -> onload:value().
t_bad_on_load() -> try badload:value() catch C:R:S -> {C, R, S} end.
t_undef() -> try loads:nope(1, [2]) catch C:R -> {C, R} end.
t_hook() -> [loads:one(1), catch_undef(fun() -> no_such_module:f(1) end)].

'$handle_undefined_function'(one, Args) -> {one, Args};
'$handle_undefined_function'(F, Args) -> error({hook, F, Args}).

catch_undef(F) -> try F() catch C:R:St -> {C, R, hd(St)} end.
