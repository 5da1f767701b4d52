-module(random).
-moduledoc """
Pseudo-random numbers of B. A. Wichmann and I. D. Hill (1982). New programs use rand.

A seed is three numbers, each the state of a multiplicative generator; the sum of the three, each divided by its
modulus, gives the number. The state is kept in the process dictionary as random_seed.
""".

-export([seed/0, seed/1, seed/3, seed0/0, uniform/0, uniform/1, uniform_s/1, uniform_s/2]).

-deprecated({'_', '_', "use the 'rand' module instead"}).

-type ran() :: {integer(), integer(), integer()}.

-define(M1, 30269).
-define(M2, 30307).
-define(M3, 30323).

-doc "The seed that is used where none was given.".
-spec seed0() -> ran().
seed0() -> {3172, 9814, 20125}.

-doc "Seeds the process with seed0/0; gives the old seed.".
-spec seed() -> ran().
seed() -> previous(put(random_seed, seed0())).

previous(undefined) -> seed0();
previous({_, _, _} = Seed) -> Seed.

-doc "Seeds the process with three numbers or with the bits of one; gives the old seed or undefined.".
-spec seed(ran() | integer()) -> undefined | ran().
seed({A, B, C}) -> seed(A, B, C);
seed(N) when is_integer(N) ->
    seed((N bsr 16) band 16#fffffff, N band 16#ffffff, (N bsr 36) bor ((N band 16#ffffff) bsr 16)).

-doc "Seeds the process with three numbers; gives the old seed or undefined.".
-spec seed(integer(), integer(), integer()) -> undefined | ran().
seed(A, B, C) -> put(random_seed, {within(A, ?M1), within(B, ?M2), within(C, ?M3)}).

%% Nothing that the modulus divides: the generator would stay at 0.
within(N, Modulus) -> abs(N) rem (Modulus - 1) + 1.

-doc "A float from 0.0 up to 1.0.".
-spec uniform() -> float().
uniform() ->
    Seed = case get(random_seed) of
               undefined -> seed0();
               Kept -> Kept
           end,
    {Number, Next} = uniform_s(Seed),
    put(random_seed, Next),
    Number.

-doc "An integer from 1 to N.".
-spec uniform(pos_integer()) -> pos_integer().
uniform(N) when is_integer(N), N > 0 -> 1 + trunc(N * uniform()).

-doc "A float from 0.0 up to 1.0, and the next seed.".
-spec uniform_s(ran()) -> {float(), ran()}.
uniform_s({A, B, C}) ->
    {X, Y, Z} = Next = {171 * A rem ?M1, 172 * B rem ?M2, 170 * C rem ?M3},
    Sum = X / ?M1 + Y / ?M2 + Z / ?M3,
    {Sum - trunc(Sum), Next}.

-doc "An integer from 1 to N, and the next seed.".
-spec uniform_s(pos_integer(), ran()) -> {pos_integer(), ran()}.
uniform_s(N, Seed) when is_integer(N), N > 0 ->
    {Number, Next} = uniform_s(Seed),
    {1 + trunc(N * Number), Next}.
