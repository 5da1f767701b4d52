-module(gerl_generators).
-moduledoc """
The generators of rand: how each is seeded, stepped and jumped.

The 58-bit ones are S. Vigna's and D. Blackman's xorshift116+, xorshift116** and xoroshiro116+ and xoroshiro928**, cut down to
58 bits so that Erlang's small integers hold the words; the 64-bit ones are xorshift64* and xorshift1024*.
""".
-moduledoc #{hide => true}.

-export([algorithm/1, seed/2, splitmix64/1, word58/2]).
-export([exs_next/1, exs_jump/1, exro_next/1, exro_step/1, exro_jump/2, exro_seed/1]).

-define(M(Bits, X), ((X) band ((1 bsl (Bits)) - 1))).
-define(SHL(Bits, X, N), (?M((Bits) - (N), X) bsl (N))).
-define(ROTL58(X, N), (?SHL(58, X, N) bor ((X) bsr (58 - (N))))).

%% The odd multipliers that spread the three numbers of a seed.
-define(P1, 4294967197).
-define(P2, 4294967231).
-define(P3, 4294967279).

-doc "What rand keeps about an algorithm beside its state; there are no others than these.".
-spec algorithm(atom()) -> map().
algorithm(exsss) ->
    #{type => exsss, bits => 58, next => fun exsss/1, jump => jumper(fun exs_jump/1)};
algorithm(exro928ss) ->
    #{type => exro928ss, bits => 58, next => fun exro928ss/1,
      jump => jumper(fun(S) -> exro_jump(512, S) end)};
algorithm(exrop) ->
    #{type => exrop, bits => 58, weak_low_bits => 1, next => fun exrop/1, jump => jumper(fun exrop_jump/1)};
algorithm(exs1024s) ->
    #{type => exs1024s, bits => 64, weak_low_bits => 3, next => fun exs1024/1,
      jump => jumper(fun exs1024_jump/1)};
algorithm(exsp) ->
    #{type => exsp, bits => 58, weak_low_bits => 1, next => fun exs_next/1, jump => jumper(fun exs_jump/1)};
algorithm(exs64) ->
    #{type => exs64, max => ?M(64, -1), next => fun exs64/1};
algorithm(exsplus) ->
    #{type => exsplus, max => ?M(58, -1), next => fun exs_next/1, jump => jumper(fun exs_jump/1)};
algorithm(exs1024) ->
    #{type => exs1024, max => ?M(64, -1), next => fun exs1024/1, jump => jumper(fun exs1024_jump/1)};
algorithm(dummy) ->
    #{type => dummy, bits => 58, next => fun dummy/1,
      uniform => fun({A, S}) -> {0.5, {A, flip(S)}} end,
      uniform_n => fun(_, {A, S}) -> {1, {A, flip(S)}} end}.

jumper(Jump) -> fun({Algorithm, State}) -> {Algorithm, Jump(State)} end.

-doc "The first state of an algorithm, from an integer, three integers, or the words of the state.".
-spec seed(atom(), integer() | {integer(), integer(), integer()} | [integer()]) -> term().
seed(exsss, {A, B, C}) ->
    {_, X} = word58(A),
    {S0, Y} = word58(B bxor X),
    {S1, _} = word58(C bxor Y),
    [S0 | S1];
seed(exrop, {A, B, C}) ->
    [_ | S1] = exrop_step(?M(58, A * ?P1 + 1), ?M(58, B * ?P2 + 1)),
    exrop_step(?M(58, C * ?P3 + 1), S1);
seed(Exs, {A, B, C}) when Exs =:= exsp; Exs =:= exsplus ->
    {_, [_ | S1]} = exs_next([?M(58, A * ?P1 + 1) | ?M(58, B * ?P2 + 1)]),
    {_, Seed} = exs_next([?M(58, C * ?P3 + 1) | S1]),
    Seed;
seed(Pair, Seed) when Pair =:= exsss; Pair =:= exrop; Pair =:= exsp; Pair =:= exsplus ->
    [S0, S1] = words(2, 58, Seed),
    [S0 | S1];
seed(exro928ss, Seed) ->
    exro_seed(Seed);
seed(exs64, {A, B, C}) ->
    Product = lists:foldl(fun({N, P}, Acc) ->
                                  {V, _} = exs64(?M(32, N) * P + 1),
                                  V * Acc
                          end,
                          1, [{A, ?P1}, {B, ?P2}, {C, ?P3}]),
    Product rem (?M(64, -1) - 1) + 1;
seed(exs64, Seed) ->
    [Word] = words(1, 64, Seed),
    Word;
seed(Exs1024, {A, B, C}) when Exs1024 =:= exs1024; Exs1024 =:= exs1024s ->
    [X, Y, Z] = [?M(21, (?M(21, N) + 1) * P) || {N, P} <- [{A, 2097131}, {B, 2097133}, {C, 2097143}]],
    {Words, _} = lists:foldl(fun(_, {Words, S}) ->
                                     {W, S1} = exs64(S),
                                     {[W | Words], S1}
                             end,
                             {[], (X bsl 43) bor (Y bsl 22) bor (Z bsl 1) bor 1}, lists:seq(1, 16)),
    {Words, []};
seed(Exs1024, Seed) when Exs1024 =:= exs1024; Exs1024 =:= exs1024s ->
    {words(16, 64, Seed), []};
seed(dummy, []) -> error(zero_seed);
seed(dummy, [N]) when is_integer(N) -> ?M(58, N);
seed(dummy, [N | _]) when is_integer(N) -> error(too_many_seed_integers);
seed(dummy, [_ | _]) -> error(non_integer_seed);
seed(dummy, N) when is_integer(N) ->
    {Z, _} = splitmix64(N),
    ?M(58, Z);
seed(dummy, {A, B, C}) ->
    {_, X} = splitmix64(A),
    {_, Y} = splitmix64(B bxor X),
    {Z, _} = splitmix64(C bxor Y),
    ?M(58, Z).

-doc "The first state of exro928ss.".
-spec exro_seed(integer() | {integer(), integer(), integer()} | [integer()]) -> {[integer()], [integer()]}.
exro_seed({A, B, C}) ->
    {S0, X} = word58(A),
    {S1, Y} = word58(B bxor X),
    {S2, Z} = word58(C bxor Y),
    {[S0, S1, S2 | word58(13, Z)], []};
exro_seed(Seed) ->
    {words(16, 58, Seed), []}.

%% Count words from one integer, or those of a list, which is filled up with zeros.
words(Count, 58, N) when is_integer(N) -> word58(Count, N);
words(Count, 64, N) when is_integer(N) -> spread(fun word64/1, Count, N);
words(Count, Bits, List) when is_list(List) -> given(Count, Bits, List, false).

given(_, _, [], false) -> error(zero_seed);
given(0, _, [_ | _], _) -> error(too_many_seed_integers);
given(Left, _, [], true) -> lists:duplicate(Left, 0);
given(Left, Bits, [N | Rest], NonZero) when is_integer(N) ->
    Word = ?M(Bits, N),
    [Word | given(Left - 1, Bits, Rest, NonZero orelse Word =/= 0)];
given(_, _, [_ | _], _) -> error(non_integer_seed).

-doc "Words of 58 bits that are not 0, from splitmix64.".
-spec word58(non_neg_integer(), integer()) -> [pos_integer()].
word58(Count, State) -> spread(fun word58/1, Count, State).

spread(_, 0, _) -> [];
spread(Word, Left, State) ->
    {W, Next} = Word(State),
    [W | spread(Word, Left - 1, Next)].

word58(State) ->
    case splitmix64(State) of
        {Z, Next} when ?M(58, Z) =:= 0 -> word58(Next);
        {Z, Next} -> {?M(58, Z), Next}
    end.

word64(State) ->
    case splitmix64(State) of
        {0, Next} -> word64(Next);
        Step -> Step
    end.

-doc "A step of splitmix64 (G. L. Steele and others, 2014).".
-spec splitmix64(integer()) -> {non_neg_integer(), non_neg_integer()}.
splitmix64(State) ->
    Next = ?M(64, State + 16#9e3779b97f4a7c15),
    A = ?M(64, (Next bxor (Next bsr 30)) * 16#bf58476d1ce4e5b9),
    B = ?M(64, (A bxor (A bsr 27)) * 16#94d049bb133111eb),
    {B bxor (B bsr 31), Next}.

%%% ---- xorshift116 -------------------------------------------------------------------------------

-doc "A step of xorshift116+.".
-spec exs_next(nonempty_improper_list(integer(), integer())) -> {integer(), nonempty_improper_list(integer(), integer())}.
exs_next([S1 | S0]) ->
    Old = ?M(58, S0),
    New = xorshift(Old, S1),
    {?M(58, Old + New), [Old | New]}.

exsss([S1 | S0]) ->
    Old = ?M(58, S0),
    {starstar(Old), [Old | xorshift(Old, S1)]}.

xorshift(S0, S1) ->
    A = ?M(58, S1) bxor ?SHL(58, S1, 24),
    A bxor S0 bxor (A bsr 11) bxor (S0 bsr 41).

%% The scrambler of the generators with two stars: times 5, turned by 7 bits, times 9.
starstar(S) ->
    Five = S + ?SHL(58, S, 2),
    Turned = ?SHL(58, Five, 7) bor ?M(7, Five bsr 51),
    ?M(58, Turned + ?SHL(58, Turned, 3)).

-doc "2 to the power of 64 steps at once.".
-spec exs_jump(nonempty_improper_list(integer(), integer())) -> nonempty_improper_list(integer(), integer()).
exs_jump(State) ->
    Step = fun(S) -> element(2, exs_next(S)) end,
    pair_jump(Step, 16#02f8ea6bc32c797 bor (16#345d2a0f85f788c bsl 58), State, [0 | 0]).

%% Adds up the states at which the polynomial, an integer, has a one.
pair_jump(_, 0, _, Sum) -> Sum;
pair_jump(Step, Polynomial, [A | B] = State, [SumA | SumB] = Sum) ->
    Sum1 = case Polynomial band 1 of
               1 -> [SumA bxor A | SumB bxor B];
               0 -> Sum
           end,
    pair_jump(Step, Polynomial bsr 1, Step(State), Sum1).

%%% ---- xoroshiro116+ -----------------------------------------------------------------------------

exrop([S0 | S1]) -> {?M(58, S0 + S1), exrop_step(S0, S1)}.

exrop_step(S0, S1) ->
    X = S0 bxor S1,
    [?ROTL58(S0, 24) bxor X bxor ?SHL(58, X, 2) | ?ROTL58(X, 35)].

exrop_jump(State) ->
    pair_jump(fun([A | B]) -> exrop_step(A, B) end, 16#9863200f83fcd4a11293241fcb12a, State, [0 | 0]).

%%% ---- xoroshiro928 ------------------------------------------------------------------------------

%% The state is a ring of sixteen words: {those to come, those seen, the last one first}.

exro928ss(State) ->
    {{_, S0}, Next} = exro_next(State),
    {starstar(S0), Next}.

-doc "Both words that a step of xoroshiro928 looks at, and the next state.".
-spec exro_next({[integer()], [integer()]}) -> {{integer(), integer()}, {[integer()], [integer()]}}.
exro_next({[S15], Seen}) -> exro_next({[S15 | lists:reverse(Seen)], []});
exro_next({[S15, S0 | Coming], Seen}) ->
    A = ?M(58, S0),
    X = ?M(58, S15) bxor A,
    {{S15, S0}, {[?ROTL58(X, 45) | Coming], [?ROTL58(A, 44) bxor X bxor ?SHL(58, X, 9) | Seen]}}.

-doc "The next state of xoroshiro928.".
-spec exro_step({[integer()], [integer()]}) -> {[integer()], [integer()]}.
exro_step(State) -> element(2, exro_next(State)).

-doc "2 to the power of 20 or of 512 steps at once.".
-spec exro_jump(20 | 512, {[integer()], [integer()]}) -> {[integer()], [integer()]}.
exro_jump(Power, {Coming, Seen} = State) ->
    Polynomial = binary:decode_unsigned(exro_polynomial(Power)),
    {ring_jump(fun exro_step/1, Polynomial, State, [0 || _ <- Coming ++ Seen]), []}.

ring_jump(_, 0, _, Sums) -> Sums;
ring_jump(Step, Polynomial, {Coming, Seen} = State, Sums) ->
    Sums1 = case Polynomial band 1 of
                1 -> lists:zipwith(fun erlang:'bxor'/2, Sums, Coming ++ lists:reverse(Seen));
                0 -> Sums
            end,
    ring_jump(Step, Polynomial bsr 1, Step(State), Sums1).

exro_polynomial(512) ->
    <<16#b10773cbe19f5fc1a1504acd83f240c6007e76cebcb3b7c4cc049c536e62a33c:256,
      16#c2323831b45a3a8a3cef3cc0f02f778573cf0f0a0657e19f00d4b3584ddd98ee:256,
      16#4be41e015ac26d5d20f9b49fa81b0090567fd9f0b83fe51a1eb3be1910a1de1d:256,
      16#7d6813d2ba05381fdfd1490244085302f77130ca:160>>;
exro_polynomial(20) ->
    <<16#cb3d181ca30bebc15fefcc78ff45ef33c82f3d48a480c5878c3549bd5bdeb1a5:256,
      16#a90f2e6b06df2eb1feaf0fb690627c014098f4b6dc4d3af15f8a4dfdc081a7bf:256,
      16#148531fb8ebc73c700b8b091af699c306d8e75664a426866bfad3c77da90f4a8:256,
      16#06c17e9e644807a56270cf78bdb966a3daf905e6:160>>.

%%% ---- 64 bits -----------------------------------------------------------------------------------

exs64(S) ->
    A = S bxor (S bsr 12),
    B = A bxor ?SHL(64, A, 25),
    C = B bxor (B bsr 27),
    {?M(64, C * 2685821657736338717), C}.

exs1024({[S15], Seen}) -> exs1024({[S15 | lists:reverse(Seen)], []});
exs1024({[S0, S1 | Coming], Seen}) ->
    A = S1 bxor ?SHL(64, S1, 31),
    New = A bxor (A bsr 11) bxor S0 bxor (S0 bsr 30),
    {?M(64, New * 1181783497276652981), {[New | Coming], [S0 | Seen]}}.

exs1024_jump({_, Seen} = State) ->
    Polynomial = binary:decode_unsigned(
                   <<16#284600e3f30e38c3b99181f2d8f685ca047f7684e9fc949d0b5fc64563b3e2a8:256,
                     16#7910c41d10a1e6a5691548c86c1bd5405ee975283d71c93bc4cb815590989b13:256,
                     16#aac17d8efa43cab83659132bb12fea70dc2d9891fe68c0222ffeeb0a48316f40:256,
                     16#4489affce4f31a1e5b34a39f070b5837a3c65b8776f9685584242f96eca9c41d:256>>),
    Sums = ring_jump(fun(S) -> element(2, exs1024(S)) end, Polynomial, State, lists:duplicate(16, 0)),
    {Coming, Rest} = lists:split(16 - length(Seen), Sums),
    {Coming, lists:reverse(Rest)}.

%%% ---- none at all -------------------------------------------------------------------------------

%% The cheapest generator there can be, to measure the others against.
dummy(S) -> {S, flip(S)}.

flip(S) -> S bxor ?M(58, -1).
