-module(exc2).
-compile([export_all, nowarn_export_all, nowarn_deprecated_catch]).
id(I) -> I.
do_badmap(Test) ->
    Terms = [Test,fun erlang:abs/1,make_ref(),self(),0.0/id(-1),
	     <<0:1024>>,<<1:1>>,<<>>,<<1,2,3>>,
	     [],{a,b,c},[a,b],atom,10.0,42,(1 bsl 65) + 3],
    [Test(T) || T <- Terms].
t_badmap() ->
    do_badmap(fun(T) -> {'EXIT',{{badmap,T},_}} = (catch maps:is_key(hej, T)), ok end).
t_badmap2() ->
    do_badmap(fun(T) -> {'EXIT',{{badmap,T},_}} = (catch maps:get(hej, T)), ok end).
t_badmap3() ->
    do_badmap(fun(T) -> {'EXIT',{{badmap,T},_}} = (catch T#{a => id(1)}), ok end).
t_map_order() ->
    M0 = id(#{1 => a}),
    [E || {'EXIT', {E, _}} <- [catch M0#{1.0:=v,1.0=>v2}, catch M0#{42.0:=v,42:=v2}, catch M0#{42=>v1,42.0:=v2,42:=v3}]].
t_error_args() ->
    [try F() catch C:R:S -> {C, R, hd(S)} end ||
        F <- [fun() -> err(x, [1, 2]) end, fun() -> err(x, [1|y]) end, fun() -> err(x, none) end, fun() -> err(x, 7) end,
              fun() -> err3(x, [1], [{error_info, #{cause => z}}]) end, fun() -> err3(x, [1], [bad]) end]].
err(R, A) -> erlang:error(R, A).
err3(R, A, O) -> erlang:error(R, A, O).
t_depth() ->
    Old = erlang:system_flag(backtrace_depth, 2),
    L = try d1(id(a)) catch _:_:S -> length(S) end,
    {Old, L, erlang:system_flag(backtrace_depth, Old)}.
d1(X) -> [d2(X)].
d2(X) -> [d3(X)].
d3(X) -> [1 + X].
