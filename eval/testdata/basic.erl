-module(basic).
-compile([export_all, nowarn_export_all, nowarn_deprecated_catch]).

fib(N) when N < 2 -> N;
fib(N) -> fib(N-1) + fib(N-2).

tak(X, Y, Z) when Y >= X -> Z;
tak(X, Y, Z) -> tak(tak(X-1, Y, Z), tak(Y-1, Z, X), tak(Z-1, X, Y)).

app([], L) -> L;
app([H|T], L) -> [H|app(T, L)].

nrev([]) -> [];
nrev([H|T]) -> app(nrev(T), [H]).

nrevs(0, L) -> nrev(L);
nrevs(N, L) -> nrev(L), nrevs(N-1, L).

nrevn(K) -> nrevs(K, seq(1, 30)).

count(0) -> done;
count(N) -> count(N-1).

map(F, [H|T]) -> [F(H)|map(F, T)];
map(_, []) -> [].

foldl(F, A, [H|T]) -> foldl(F, F(H, A), T);
foldl(_, A, []) -> A.

seq(I, J) when I =< J -> [I|seq(I+1, J)];
seq(_, _) -> [].

mapfold(N) ->
    K = N rem 7,
    foldl(fun(X, A) -> X + A + K end, 0, map(fun(X) -> X * 2 + K end, seq(1, N))).

mapfolds(0, N) -> mapfold(N);
mapfolds(R, N) -> mapfold(N), mapfolds(R-1, N).

tree(0) -> nil;
tree(N) -> {tree(N-1), N, tree(N-1)}.

sum(nil) -> 0;
sum({L, V, R}) -> sum(L) + V + sum(R).

trees(N) -> sum(tree(N)).

fac(0) -> 1;
fac(N) -> N * fac(N-1).

deep(0) -> 0;
deep(N) -> 1 + deep(N-1).

kind(X) when is_integer(X), X > 100 -> big;
kind(X) when is_integer(X) -> int;
kind(X) when is_float(X) -> float;
kind(X) when is_atom(X) -> atom;
kind({_}) -> one;
kind({_, _}) -> two;
kind({point, _, _}) -> point;
kind({_, _, _}) -> three;
kind([]) -> nil;
kind([_|_]) -> list;
kind(X) when is_map(X) -> map;
kind(X) when is_binary(X) -> binary;
kind(X) when is_function(X, 1) -> fun1;
kind(X) when is_function(X) -> 'fun';
kind(X) when is_pid(X) -> pid;
kind(_) -> other.

kinds() ->
    [kind(X) || X <- [1, 1000, 1.5, a, {1}, {1,2}, {point,1,2}, {1,2,3}, [], [1], #{}, <<1>>, fun kind/1,
                      fun() -> 1 end, self(), {1,2,3,4}]].

select(X) ->
    case X of
        a -> 1; b -> 2; c -> 3; d -> 4; e -> 5; f -> 6; g -> 7; h -> 8;
        10 -> ten; 11 -> eleven; 12 -> twelve; 13 -> thirteen;
        1000000 -> million; 99999999999999999999 -> huge; 2.5 -> half;
        _ -> none
    end.

selects() -> [select(X) || X <- [a,h,i,10,13,14,1000000,99999999999999999999,2.5,{},"x"]].

floats(X, Y) -> X * 2.0 + Y / 3 - 1.

arith(A, B) ->
    [catch A + B, catch A - B, catch A * B, catch A div B, catch A rem B, catch A band B, catch A bor B, catch A bxor B,
     catch A bsl (B band 7), catch A bsr (B band 7), A < B, A >= B, A == B, A =:= B, A /= B, A =/= B, catch -A, catch bnot A].

big() ->
    A = 1 bsl 58, B = A + A, C = B * B, [A, B, C, C div A, C - C, B - A, -B, (A + A) - 1, C rem 1000007].

ring(N, M) ->
    Self = self(),
    Last = lists_foldl(fun(_, Next) -> spawn(fun() -> relay(Next) end) end, Self, seq(1, N)),
    Last ! {token, M},
    ring_loop(Last).

ring_loop(First) ->
    receive
        {token, 0} -> done;
        {token, K} -> First ! {token, K-1}, ring_loop(First)
    end.

relay(Next) -> receive {token, K} -> Next ! {token, K}, relay(Next) end.

lists_foldl(F, A, L) -> foldl(F, A, L).

spawns(N) ->
    Self = self(),
    [spawn(fun() -> Self ! {I, I * I} end) || I <- seq(1, N)],
    collect(seq(1, N), 0).

collect([], Acc) -> Acc;
collect([I|Is], Acc) -> receive {I, Sq} -> collect(Is, Acc + Sq) end.

timeouts() ->
    self() ! x,
    A = receive y -> got_y after 0 -> zero end,
    B = receive y -> got_y after 20 -> twenty end,
    C = receive Z -> Z end,
    {A, B, C}.

maps(N) ->
    M0 = #{a => 1, b => N},
    M1 = M0#{c => 3, a => 2},
    M2 = M1#{b := N + 1},
    #{a := A, b := B} = M2,
    {A, B, M2, maps_get(c, M2), maps_get(zzz, M2), map_size(M2), is_map_key(c, M2)}.

maps_get(K, M) -> case M of #{K := V} -> {ok, V}; #{} -> error end.

bins(X) ->
    B = <<X:16, "abc", (X+1):32/little, 3:4, 5:4, 1.5/float>>,
    <<A:16, S:3/binary, L:32/little, P:4, Q:4, F/float>> = B,
    <<_:8, T/binary>> = B,
    {B, A, S, L, P, Q, F, byte_size(T), << <<(E+1)>> || <<E>> <= S >>}.

append(0, B) -> B;
append(N, B) -> append(N-1, <<B/binary, N:8>>).

utf(S) -> [X || <<X/utf8>> <= << <<C/utf8>> || C <- S >>].

excs() ->
    F = fun(G) -> try G() of V -> {value, V} catch throw:T -> {thrown, T}; error:E -> {error, E}; exit:R -> {exit, R}
                  after put_done() end end,
    [F(fun() -> 1 end), F(fun() -> throw(a) end), F(fun() -> exit(b) end), F(fun() -> error(c) end),
     F(fun() -> {x, _} = id(z) end), F(fun() -> case id(1) of 2 -> ok end end),
     F(fun() -> basic:nope() end), F(fun() -> (id(1))(2) end), F(fun() -> id(fun() -> 1 end) end), (catch throw(q)), (catch exit(q)),
     F(fun() -> kindf(id(a), id(b)) end)].

put_done() -> ok.
id(X) -> X.
kindf(a, c) -> 1.

%% Each function t_NAME/0 is a test; its value on OTP is in basic.golden.

t_fib() -> fib(20).
t_tak() -> tak(12, 8, 4).
t_nrev() -> nrev(seq(1, 30)).
t_nrevn() -> nrevn(100).
t_count() -> count(100000).
t_mapfold() -> {mapfold(1000), mapfolds(3, 20)}.
t_trees() -> trees(10).
t_fac() -> [fac(N) || N <- [0, 5, 20, 25, 100]].
t_deep() -> deep(1000000).
t_kinds() -> kinds().
t_selects() -> selects().
t_floats() -> [floats(1, 2), floats(2.5, 7), catch_class(fun() -> floats(a, 1) end), catch_class(fun() -> floats(1.0e308, 3) * 10 end)].
t_arith() ->
    V = [0, 1, -1, 7, -13, 1 bsl 58, -(1 bsl 59), (1 bsl 59) - 1, 1 bsl 64, -(1 bsl 70), 3.0, a],
    [[case R of {'EXIT', {E, _}} -> E; _ -> R end || R <- arith(A, B)] || A <- V, B <- V].
t_big() -> big().
t_ring() -> ring(10, 50).
t_spawns() -> spawns(100).
t_timeouts() -> timeouts().
t_maps() -> maps(7).
t_bins() -> bins(1000).
t_append() -> append(300, <<>>).
t_utf() -> utf([$a, 228, 8364, 128512]).
t_excs() -> [strip(X) || X <- excs()].
t_badarity() -> catch_class(fun() -> (id(fun(X) -> X end))(1, 2) end).
t_trace() -> try app(id(x), y) catch C:R:S -> {C, R, S} end.
t_trace2() -> try [fib2(1)] catch C:R:S -> {C, R, S} end.
fib2(N) -> [1 | fib3(N)].
fib3(N) -> N + id(a).
t_catch() -> [catch fib3(1), catch throw(x), catch exit(y), catch error(z)].
t_raise() -> try erlang:raise(exit, why, [{m, f, 1, []}]) catch C:R:S -> {C, R, S} end.
t_reraise() ->
    try try fib3(1) catch error:R:_ when R =:= nope -> ok end catch C:E:S -> {C, E, S} end.
t_apply() -> [apply(basic, fib, [10]), apply(fun fib/1, [10]), apply(fun basic:fib/1, [10]),
              (id(basic)):(id(fib))(10), (id(fun basic:fib/1))(10), catch_class(fun() -> apply(id(basic), id(nope), [1]) end),
              catch_class(fun() -> apply(id(basic), fib, [1|id(2)]) end)].

catch_class(F) -> try F() catch C:{badarity, {_, A}} -> {C, badarity, A}; C:R -> {C, R} end.
strip({error, {badarity, {_, A}}}) -> {badarity, A};
strip({value, F}) when is_function(F) -> a_fun;
strip({'EXIT', {R, S}}) when is_list(S) -> {'EXIT', R};
strip(X) -> X.
