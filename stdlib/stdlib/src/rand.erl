-module(rand).
-moduledoc """
Pseudo-random numbers: reproducible, and not fit for secrets.

A state is {Algorithm, AlgorithmState}, the algorithm a map (see gerl_generators): type, its name; next, a fun that gives
a word and the next state; bits, the width of a word, with weak_low_bits, how many of the lowest to leave out, or, for
the oldest ones, max; jump. The functions without _s keep the state in the process dictionary as rand_seed.
""".

-export([seed/1, seed/2, seed_s/1, seed_s/2, export_seed/0, export_seed_s/1, jump/0, jump/1]).
-export([uniform/0, uniform/1, uniform_s/1, uniform_s/2, uniform_real/0, uniform_real_s/1, normal/0,
         normal/2, normal_s/1, normal_s/3, bytes/1, bytes_s/2, shuffle/1, shuffle_s/2]).
%% Bare generators, for those who keep the state themselves
-export([exro928_jump_2pow20/1, exro928_jump_2pow512/1, exro928_next/1, exro928_next_state/1,
         exro928_seed/1, exsp_jump/1, exsp_next/1, mwc59/1, mwc59_float/1, mwc59_seed/0, mwc59_seed/1,
         mwc59_value/1, mwc59_value32/1, seed58/2, splitmix64_next/1]).
%% Tools for tests
-export([bc64/1, float2str/1, format_jumpconst58/1, make_float/3]).

-export_type([builtin_alg/0, alg/0, alg_handler/0, alg_handler/1, alg_state/0, state/0, export_state/0,
              seed/0]).
-export_type([exsplus_state/0, exro928_state/0, exrop_state/0, exs1024_state/0, exs64_state/0,
              mwc59_state/0, dummy_state/0, uint58/0, uint64/0, splitmix64_state/0]).

-type uint58() :: 0..16#3ffffffffffffff.
-type uint64() :: 0..16#ffffffffffffffff.
-type builtin_alg() :: exsss | exro928ss | exrop | exs1024s | exsp | exs64 | exsplus | exs1024 | dummy.
-type alg() :: builtin_alg() | atom().
-type alg_state() :: exsplus_state() | exro928_state() | exrop_state() | exs1024_state() | exs64_state()
                   | dummy_state() | term().
-type alg_handler() :: alg_handler(alg_state()).
-type alg_handler(S) :: #{type := alg(), bits => non_neg_integer(), weak_low_bits => 0..3,
                          max => non_neg_integer(), next := fun((S) -> {non_neg_integer(), S}), _ => _}.
-type state() :: {alg_handler(), alg_state()}.
-type export_state() :: {alg(), alg_state()}.
-type seed() :: [integer()] | integer() | {integer(), integer(), integer()}.
-opaque exsplus_state() :: nonempty_improper_list(uint58(), uint58()).
-opaque exro928_state() :: {[uint58()], [uint58()]}.
-opaque exrop_state() :: nonempty_improper_list(uint58(), uint58()).
-opaque exs1024_state() :: {[uint64()], [uint64()]}.
-opaque exs64_state() :: uint64().
-opaque dummy_state() :: uint58().
-type mwc59_state() :: 1..16#1ffb072f7ffffff.
-type splitmix64_state() :: uint64().

-define(MASK(Bits, X), ((X) band ((1 bsl (Bits)) - 1))).
-define(UNIT53, (1.0 / (1 bsl 53))).

%%% ---- states ------------------------------------------------------------------------------------

-doc "Seeds the process: with an algorithm of which the rest is taken from the clock, or with a state.".
-spec seed(default | builtin_alg() | state() | export_state()) -> state().
seed(What) -> keep(seed_s(What)).

-doc "Seeds the process.".
-spec seed(default | builtin_alg(), seed()) -> state().
seed(Name, Seed) -> keep(seed_s(Name, Seed)).

-doc "The state of an algorithm, seeded from the clock; or the state of an exported one.".
-spec seed_s(default | builtin_alg() | state() | export_state()) -> state().
seed_s({Algorithm, _} = State) when is_map(Algorithm) -> State;
seed_s({Name, State}) when is_atom(Name) -> {gerl_generators:algorithm(Name), State};
seed_s(Name) -> seed_s(Name, any_seed()).

-doc "The state of an algorithm for a seed.".
-spec seed_s(default | builtin_alg(), seed()) -> state().
seed_s(default, Seed) -> seed_s(exsss, Seed);
seed_s(Name, Seed) ->
    Algorithm = gerl_generators:algorithm(Name),
    {Algorithm, gerl_generators:seed(Name, Seed)}.

any_seed() ->
    Unique = {erlang:system_time(), self(), erlang:unique_integer()},
    <<A:43, B:43, C:42>> = erlang:md5(term_to_binary(Unique)),
    {A, B, C}.

keep(State) ->
    put(rand_seed, State),
    State.

current() ->
    case get(rand_seed) of
        undefined -> seed(default);
        State -> State
    end.

%% Calls a function of the process's state and keeps the new one.
stepping(Function) ->
    {Result, State} = Function(current()),
    keep(State),
    Result.

-doc "The process's state in a form that can be written down, or undefined.".
-spec export_seed() -> undefined | export_state().
export_seed() ->
    case get(rand_seed) of
        {#{type := _}, _} = State -> export_seed_s(State);
        _ -> undefined
    end.

-doc "A state in a form that can be written down.".
-spec export_seed_s(state()) -> export_state().
export_seed_s({#{type := Name}, State}) -> {Name, State}.

-doc "Jumps far ahead in the process's sequence of numbers.".
-spec jump() -> state().
jump() -> keep(jump(current())).

-doc "Jumps far ahead in a sequence of numbers.".
-spec jump(state()) -> state().
jump({#{jump := Jump}, _} = State) -> Jump(State);
jump({#{}, _}) -> error(not_implemented).

%%% ---- uniform numbers ---------------------------------------------------------------------------

-doc "A float from 0.0 up to 1.0, a multiple of 2 to the power of -53.".
-spec uniform() -> float().
uniform() -> stepping(fun uniform_s/1).

-doc "An integer from 1 to N.".
-spec uniform(pos_integer()) -> pos_integer().
uniform(N) -> stepping(fun(State) -> uniform_s(N, State) end).

-doc "A float from 0.0 up to 1.0, and the new state.".
-spec uniform_s(state()) -> {float(), state()}.
uniform_s({#{uniform := Uniform}, _} = State) -> Uniform(State);
uniform_s({#{bits := Bits, next := Next} = Algorithm, S}) ->
    {Word, S1} = Next(S),
    {(Word bsr (Bits - 53)) * ?UNIT53, {Algorithm, S1}};
uniform_s({#{max := Max, next := Next} = Algorithm, S}) ->
    {Word, S1} = Next(S),
    {Word / (Max + 1), {Algorithm, S1}}.

-doc "An integer from 1 to N, and the new state.".
-spec uniform_s(pos_integer(), state()) -> {pos_integer(), state()}.
uniform_s(N, {#{uniform_n := Uniform}, _} = State) when is_integer(N), N >= 1 -> Uniform(N, State);
uniform_s(N, {#{bits := Bits, next := Next} = Algorithm, S}) when is_integer(N), N >= 1 ->
    {Word, S1} = Next(S),
    State = {Algorithm, S1},
    if N > 1 bsl Bits -> wide(N, Word, State);
       Word < N -> {Word + 1, State};
       true ->
            %% the last, incomplete run of N numbers would favour the small ones
            Rest = Word rem N,
            case Word - Rest + N =< 1 bsl Bits of
                true -> {Rest + 1, State};
                false -> uniform_s(N, State)
            end
    end;
uniform_s(N, {#{max := Max, next := Next} = Algorithm, S}) when is_integer(N), N >= 1 ->
    {Word, S1} = Next(S),
    case N =< Max of
        true -> {Word rem N + 1, {Algorithm, S1}};
        false -> {trunc(Word / (Max + 1) * N) + 1, {Algorithm, S1}}
    end.

%% A range that one word does not cover: words are strung together, each but the last without its weak
%% bits, until they are as wide as the range, and two bits wider where it is no power of two.
wide(N, Word, {#{bits := Bits, next := Next} = Algorithm, S}) ->
    Weak = maps:get(weak_low_bits, Algorithm, 0),
    case N band (N - 1) of
        0 ->
            {Wide, _, S1} = string_words(N bsr Bits, Word, Bits, Weak, Bits, Next, S),
            {(Wide band (N - 1)) + 1, {Algorithm, S1}};
        _ ->
            {Wide, Width, S1} = string_words(N bsr (Bits - 2), Word, Bits, Weak, Bits, Next, S),
            Rest = Wide rem N,
            case Wide - Rest + N =< 1 bsl Width of
                true ->
                    {Rest + 1, {Algorithm, S1}};
                false ->
                    {Again, S2} = Next(S1),
                    wide(N, Again, {Algorithm, S2})
            end
    end.

string_words(Missing, Word, Width, _, _, _, S) when Missing =< 1 -> {Word, Width, S};
string_words(Missing, Word, Width, Weak, Bits, Next, S) ->
    Good = Bits - Weak,
    {Low, S1} = Next(S),
    Strung = (((Word bsr Weak) bsl Weak) bsl Good) bor Low,
    string_words(Missing bsr Good, Strung, Width + Good, Weak, Bits, Next, S1).

-doc "A float between 0.0 and 1.0, both left out, of full precision however small it is.".
-spec uniform_real() -> float().
uniform_real() -> stepping(fun uniform_real_s/1).

-doc "As uniform_real/0; gives the new state too.".
-spec uniform_real_s(state()) -> {float(), state()}.
uniform_real_s({Algorithm, S}) -> leading(-56, Algorithm, S).

%% Draws 56 bits that weigh 2 to the power of Exponent each; words of zeros only make the number smaller.
leading(Exponent, #{next := Next} = Algorithm, S) ->
    {Word, S1} = Next(S),
    {Bits, Source} = word_of(Word, Algorithm),
    case Source bsr (Bits - 56) of
        M when M >= 1 bsl 52 ->
            Surplus = width(M) - 53,
            {(M bsr Surplus) * math:pow(2.0, Exponent + Surplus), {Algorithm, S1}};
        M when Exponent =:= -1064, M < 1 bsl 42 ->
            uniform_real_s({Algorithm, S1}); % it would not be a normal float
        0 ->
            leading(Exponent - 56, Algorithm, S1);
        M ->
            {More, S2} = Next(S1),
            Source2 = case Algorithm of
                          #{max := _} when Exponent =:= -56 -> More; % all 64 bits: OTP's numbers are so
                          #{} -> element(2, word_of(More, Algorithm))
                      end,
            Missing = 53 - width(M),
            Filled = (M bsl Missing) bor (Source2 bsr (Bits - Missing)),
            {Filled * math:pow(2.0, Exponent - Missing), {Algorithm, S2}}
    end.

word_of(Word, #{bits := Bits}) -> {Bits, Word};
word_of(Word, #{max := _}) -> {56, ?MASK(56, Word)}.

%% The number of bits of a number above 0.
width(N) -> width(N, 0).

width(0, Bits) -> Bits;
width(N, Bits) -> width(N bsr 1, Bits + 1).

%%% ---- normal numbers ----------------------------------------------------------------------------

-define(TAIL, 3.6541528853610087963519472518).

-doc "A normally distributed float: mean 0, variance 1.".
-spec normal() -> float().
normal() -> stepping(fun normal_s/1).

-doc "A normally distributed float.".
-spec normal(number(), number()) -> float().
normal(Mean, Variance) -> Mean + math:sqrt(Variance) * normal().

-doc "As normal/2; gives the new state too.".
-spec normal_s(number(), number(), state()) -> {float(), state()}.
normal_s(Mean, Variance, State) when Variance >= 0 ->
    {X, State1} = normal_s(State),
    {Mean + math:sqrt(Variance) * X, State1}.

-doc "As normal/0; gives the new state too.".
-spec normal_s(state()) -> {float(), state()}.
normal_s({#{next := Next} = Algorithm, S}) ->
    {Word, S1} = Next(S),
    {Negative, R} =
        case Algorithm of
            #{bits := Bits} -> {(Word bsr (Bits - 52)) band 1 =:= 1, Word bsr (Bits - 51)};
            #{} -> {(Word bsr 51) band 1 =:= 1, ?MASK(51, Word)}
        end,
    Layer = ?MASK(8, R) + 1,
    X = R * gerl_ziggurat:width(Layer),
    Signed = case Negative of
                 true -> -X;
                 false -> X
             end,
    case R < gerl_ziggurat:bound(Layer) of
        true -> {Signed, {Algorithm, S1}};
        false when Layer =:= 1 -> tail(Negative, {Algorithm, S1});
        false -> edge(Layer, Signed, {Algorithm, S1})
    end.

%% Beyond the lowest layer (Marsaglia, 1964).
tail(Negative, State) ->
    {U, State1} = uniform_s(State),
    X = -(1 / ?TAIL) * math:log(U),
    {V, State2} = uniform_s(State1),
    Y = -math:log(V),
    if Y + Y =< X * X -> tail(Negative, State2);
       Negative -> {-?TAIL - X, State2};
       true -> {?TAIL + X, State2}
    end.

%% Where the layer sticks out of the curve.
edge(Layer, X, State) ->
    Low = gerl_ziggurat:height(Layer),
    {U, State1} = uniform_s(State),
    case (gerl_ziggurat:height(Layer - 1) - Low) * U + Low < math:exp(-0.5 * X * X) of
        true -> {X, State1};
        false -> normal_s(State1)
    end.

%%% ---- bytes and lists ---------------------------------------------------------------------------

-doc "A binary of N bytes.".
-spec bytes(non_neg_integer()) -> binary().
bytes(N) -> stepping(fun(State) -> bytes_s(N, State) end).

-doc "A binary of N bytes, and the new state.".
-spec bytes_s(non_neg_integer(), state()) -> {binary(), state()}.
bytes_s(N, {#{bytes := Bytes}, _} = State) when is_integer(N), N >= 0 -> Bytes(N, State);
bytes_s(N, {#{bits := Bits} = Algorithm, S}) when is_integer(N), N >= 0 ->
    chunks(N, Bits, Bits - maps:get(weak_low_bits, Algorithm, 0), Algorithm, S, <<>>);
bytes_s(N, {#{max := Max} = Algorithm, S}) when is_integer(N), N >= 0, Max >= (1 bsl 58) - 1 ->
    chunks(N, 58, 56, Algorithm, S, <<>>).

chunks(N, Bits, Good, #{next := Next} = Algorithm, S, Bytes) ->
    {Word, S1} = Next(S),
    case Good div 8 of
        Whole when N > Whole ->
            Shift = Bits - 8 * Whole,
            chunks(N - Whole, Bits, Good, Algorithm, S1, <<Bytes/binary, (Word bsr Shift):Whole/unit:8>>);
        Whole ->
            {<<Bytes/binary, (Word bsr (8 * (Whole - N))):N/unit:8>>, {Algorithm, S1}}
    end.

-doc "The elements of a list in a random order.".
-spec shuffle([T]) -> [T].
shuffle(List) -> stepping(fun(State) -> shuffle_s(List, State) end).

-doc "As shuffle/1; gives the new state too.".
-spec shuffle_s([T], state()) -> {[T], state()}.
shuffle_s(List, {#{next := Next} = Algorithm, S}) when is_list(List) ->
    {Mask, Weak} =
        case Algorithm of
            #{bits := Bits} -> {(1 bsl Bits) - 1, maps:get(weak_low_bits, Algorithm, 0)};
            #{max := Max} -> {Max, 2}
        end,
    {Shuffled, {_, S1, _}} = shuffled(List, [], {1, S, {Next, Weak, ?MASK(58, Mask bsr Weak)}}),
    {Shuffled, {Algorithm, S1}}.

%% A radix sort by random digits of two bits; two or three elements are put in order at once. The bits that are left of
%% a word are kept below a one, which marks their end.
shuffled([A, B, C], Acc, Source) ->
    case bits(3, Source) of
        {0, Source1} -> {[C, B, A | Acc], Source1};
        {1, Source1} -> {[B, C, A | Acc], Source1};
        {2, Source1} -> {[C, A, B | Acc], Source1};
        {3, Source1} -> {[A, C, B | Acc], Source1};
        {4, Source1} -> {[B, A, C | Acc], Source1};
        {5, Source1} -> {[A, B, C | Acc], Source1};
        {_, Source1} -> shuffled([A, B, C], Acc, Source1)
    end;
shuffled([A, B], Acc, Source) ->
    case bits(1, Source) of
        {0, Source1} -> {[B, A | Acc], Source1};
        {1, Source1} -> {[A, B | Acc], Source1}
    end;
shuffled([A], Acc, Source) ->
    {[A | Acc], Source};
shuffled([], Acc, Source) ->
    {Acc, Source};
shuffled(List, Acc, Source) ->
    {Piles, Source1} = dealt(List, [], [], [], [], Source),
    lists:foldl(fun(Pile, {Acc1, Source2}) -> shuffled(Pile, Acc1, Source2) end, {Acc, Source1}, Piles).

dealt([], P0, P1, P2, P3, Source) -> {[P0, P1, P2, P3], Source};
dealt([X | Rest], P0, P1, P2, P3, Source) ->
    case bits(2, Source) of
        {0, Source1} -> dealt(Rest, [X | P0], P1, P2, P3, Source1);
        {1, Source1} -> dealt(Rest, P0, [X | P1], P2, P3, Source1);
        {2, Source1} -> dealt(Rest, P0, P1, [X | P2], P3, Source1);
        {3, Source1} -> dealt(Rest, P0, P1, P2, [X | P3], Source1)
    end.

bits(N, {Kept, S, Word}) when Kept >= 1 bsl N -> {?MASK(N, Kept), {Kept bsr N, S, Word}};
bits(N, {_, S, {Next, Weak, Mask} = Word}) ->
    {V, S1} = Next(S),
    bits(N, {((V bsr Weak) band Mask) bor (Mask + 1), S1, Word}).

%%% ---- bare generators ---------------------------------------------------------------------------

-doc "A word and the next state of xorshift116+.".
-spec exsp_next(exsplus_state()) -> {uint58(), exsplus_state()}.
exsp_next(State) -> gerl_generators:exs_next(State).

-doc "Jumps 2 to the power of 64 steps of xorshift116+.".
-spec exsp_jump(exsplus_state()) -> exsplus_state().
exsp_jump(State) -> gerl_generators:exs_jump(State).

-doc "The first state of xoroshiro928.".
-spec exro928_seed(seed()) -> exro928_state().
exro928_seed(Seed) -> gerl_generators:exro_seed(Seed).

-doc "Two words and the next state of xoroshiro928.".
-spec exro928_next(exro928_state()) -> {{uint58(), uint58()}, exro928_state()}.
exro928_next(State) -> gerl_generators:exro_next(State).

-doc "The next state of xoroshiro928.".
-spec exro928_next_state(exro928_state()) -> exro928_state().
exro928_next_state(State) -> gerl_generators:exro_step(State).

-doc "Jumps 2 to the power of 20 steps of xoroshiro928.".
-spec exro928_jump_2pow20(exro928_state()) -> exro928_state().
exro928_jump_2pow20(State) -> gerl_generators:exro_jump(20, State).

-doc "Jumps 2 to the power of 512 steps of xoroshiro928.".
-spec exro928_jump_2pow512(exro928_state()) -> exro928_state().
exro928_jump_2pow512(State) -> gerl_generators:exro_jump(512, State).

-doc "A word and the next state of splitmix64.".
-spec splitmix64_next(integer()) -> {uint64(), splitmix64_state()}.
splitmix64_next(State) -> gerl_generators:splitmix64(State).

-doc false.
seed58(Count, State) -> gerl_generators:word58(Count, State).

%% Multiply with carry (Marsaglia, 1994) in base 2^32: the state is the number and the carry above it.
-define(FACTOR, 16#7fa6502).
-define(IS_MWC(S), is_integer(S), S >= 1, S < (?FACTOR bsl 32) - 1).

-doc "The next state of mwc59.".
-spec mwc59(mwc59_state()) -> mwc59_state().
mwc59(S) when ?IS_MWC(S) -> ?FACTOR * ?MASK(32, S) + (S bsr 32).

-doc "32 good bits of a state.".
-spec mwc59_value32(mwc59_state()) -> 0..16#ffffffff.
mwc59_value32(S) when ?IS_MWC(S) ->
    Low = ?MASK(32, S),
    Low bxor (?MASK(24, Low) bsl 8).

-doc "59 bits of a state, the lower ones better.".
-spec mwc59_value(mwc59_state()) -> 0..16#7ffffffffffffff.
mwc59_value(S) when ?IS_MWC(S) ->
    X = S bxor (?MASK(55, S) bsl 4),
    X bxor (?MASK(32, X) bsl 27).

-doc "A float from 0.0 up to 1.0, of a state.".
-spec mwc59_float(mwc59_state()) -> float().
mwc59_float(S) when ?IS_MWC(S) -> ?MASK(53, mwc59_value(S)) * ?UNIT53.

-doc "A state, seeded from the clock.".
-spec mwc59_seed() -> mwc59_state().
mwc59_seed() ->
    {A, B, C} = any_seed(),
    (stirred(A) bxor stirred(B) bxor stirred(C)) + 1.

-doc "A state, for a seed of 58 bits.".
-spec mwc59_seed(0..16#3ffffffffffffff) -> mwc59_state().
mwc59_seed(Seed) when is_integer(Seed), Seed >= 0, Seed < 1 bsl 58 -> stirred(Seed) + 1.

stirred(N) ->
    A = ?MASK(58, N),
    B = ?MASK(58, (A bxor (A bsr 29)) * 16#351afd7ed558ccd),
    C = ?MASK(58, (B bxor (B bsr 29)) * 16#0ceb9fe1a85ec53),
    C bxor (C bsr 29).

%%% ---- tools for tests ---------------------------------------------------------------------------

-doc false.
bc64(N) when N >= 1 bsl 63 -> 64;
bc64(N) when is_integer(N), N >= 0 -> width(N).

-doc false.
make_float(Sign, Exponent, Fraction) ->
    <<Float/float>> = <<Sign:1, Exponent:11, Fraction:52>>,
    Float.

-doc false.
float2str(N) ->
    <<Sign:1, Exponent:11, Fraction:52>> = <<(float(N))/float>>,
    Digits = string:pad(integer_to_list(Fraction, 16), 13, leading, $0),
    lists:flatten([if Sign =:= 1 -> $-; true -> $+ end, if Exponent =:= 0 -> $0; true -> $1 end, $.,
                   string:lowercase(Digits), "E", integer_to_list(Exponent - 1023)]).

-doc false.
format_jumpconst58(Text) ->
    Numbers = [string:take(Rest, "0123456789abcdefABCDEF") || [_ | _] = Rest <- tl(string:split(Text, "0x", all))],
    Words = [list_to_integer(Digits, 16) || {[_ | _] = Digits, _} <- Numbers],
    print58(lists:foldr(fun(Word, Acc) -> (Acc bsl 64) bor Word end, 0, Words)).

print58(0) -> ok;
print58(N) ->
    io:format("16#~s,~n", [integer_to_list(?MASK(58, N) bor (1 bsl 58), 16)]),
    print58(N bsr 58).
