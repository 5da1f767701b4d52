-module(lists).
-moduledoc "List processing. Positions count from 1; functions that take a predicate call it on the elements from the left.".

-compile({no_auto_import, [max/2, min/2]}).

%% Taking apart and putting together
-export([append/1, append/2, subtract/2, concat/1, reverse/1, reverse/2, flatten/1, flatten/2,
         flatlength/1, join/2, duplicate/2, seq/2, seq/3, enumerate/1, enumerate/2, enumerate/3,
         nth/2, nthtail/2, last/1, droplast/1, sublist/2, sublist/3, split/2, prefix/2, suffix/2]).
%% Searching
-export([member/2, delete/2, search/2, max/1, min/1, sum/1]).
%% Higher-order
-export([all/2, any/2, map/2, flatmap/2, foldl/3, foldr/3, foreach/2, mapfoldl/3, mapfoldr/3,
         filter/2, filtermap/2, zf/2, partition/2, takewhile/2, dropwhile/2, splitwith/2]).
%% Zipping
-export([zip/2, zip/3, zip3/3, zip3/4, zipwith/3, zipwith/4, zipwith3/4, zipwith3/5,
         unzip/1, unzip3/1]).
%% Sorting and merging
-export([sort/1, sort/2, usort/1, usort/2, uniq/1, uniq/2, merge/1, merge/2, merge/3, merge3/3,
         umerge/1, umerge/2, umerge/3, umerge3/3, rmerge/2, rmerge/3, rmerge3/3, rumerge/2,
         rumerge/3, rumerge3/3]).
%% Lists of tuples with a key
-export([keydelete/3, keyfind/3, keymap/3, keymember/3, keymerge/3, keyreplace/4, keysearch/3,
         keysort/2, keystore/4, keytake/3, ukeymerge/3, ukeysort/2, rkeymerge/3, rukeymerge/3]).

%%% ---- built in -----------------------------------------------------------------------------

-doc "Like keyfind/3, with the tuple wrapped as {value, Tuple}.".
-spec keysearch(term(), pos_integer(), list()) -> {value, tuple()} | false.
keysearch(_Key, _N, _Tuples) ->
    erlang:nif_error(undef).

-doc "Whether some tuple's N:th element compares equal to Key.".
-spec keymember(term(), pos_integer(), list()) -> boolean().
keymember(_Key, _N, _Tuples) ->
    erlang:nif_error(undef).

-doc "The first tuple whose N:th element compares equal to Key, or false.".
-spec keyfind(term(), pos_integer(), list()) -> tuple() | false.
keyfind(_Key, _N, _Tuples) ->
    erlang:nif_error(undef).

-doc "The elements in opposite order, followed by Tail.".
-spec reverse(list(), term()) -> term().
reverse(_List, _Tail) ->
    erlang:nif_error(undef).

-doc "Whether an element of the list is equal (`=:=`) to Elem.".
-spec member(term(), list()) -> boolean().
member(_Elem, _List) ->
    erlang:nif_error(undef).

%%% ---- taking apart and putting together -----------------------------------------------------

-doc "Whether List ends with Suffix.".
-spec suffix(list(), list()) -> boolean().
suffix(Suffix, List) -> is_rest(length(List) - length(Suffix), Suffix, List).

is_rest(0, Suffix, List) -> Suffix =:= List;
is_rest(N, Suffix, [_ | List]) when N > 0 -> is_rest(N - 1, Suffix, List);
is_rest(_, _, _) -> false.

-doc "Whether List begins with Prefix.".
-spec prefix(list(), list()) -> boolean().
prefix([P | Ps], [E | Es]) -> P =:= E andalso prefix(Ps, Es);
prefix([_ | _], []) -> false;
prefix([], List) when is_list(List) -> true.

split_1(0, Rest, Acc) -> {reverse(Acc, []), Rest};
split_1(N, [Elem | Rest], Acc) -> split_1(N - 1, Rest, [Elem | Acc]);
split_1(_N, [], _Acc) -> too_short.

-doc "The first N elements and the rest.".
-spec split(non_neg_integer(), [T]) -> {[T], [T]}.
split(N, List) when is_integer(N), N >= 0, is_list(List) ->
    case split_1(N, List, []) of
        {_, _} = Result -> Result;
        too_short -> erlang:error(badarg, [N, List], [{error_info, #{module => erl_stdlib_errors}}])
    end;
split(N, List) ->
    erlang:error(badarg, [N, List], [{error_info, #{module => erl_stdlib_errors}}]).

first_ones(0, _) -> [];
first_ones(N, [Elem | Rest]) when N > 0 -> [Elem | first_ones(N - 1, Rest)];
first_ones(N, []) when N > 0 -> [].

-doc "Len elements from position Start on, or fewer where the list ends.".
-spec sublist([T], pos_integer(), non_neg_integer()) -> [T].
sublist([_ | Rest], Start, Len) when is_integer(Start), Start > 1 -> sublist(Rest, Start - 1, Len);
sublist(List, 1, Len) when is_list(List), is_integer(Len), Len >= 0 -> first_ones(Len, List);
%% Behind the list's end nobody looks how many elements were asked for.
sublist([], Start, _Len) when is_integer(Start), Start > 1 -> [].

-doc "The first Len elements, or all if there are fewer.".
-spec sublist([T], non_neg_integer()) -> [T].
sublist(List, Len) when is_list(List), is_integer(Len) -> first_ones(Len, List).

-doc "All elements but the last.".
-spec droplast(nonempty_list(T)) -> [T].
droplast([Elem | Rest]) -> without_last(Elem, Rest).

without_last(_Last, []) -> [];
without_last(Elem, [Next | Rest]) -> [Elem | without_last(Next, Rest)].

last(Elem, []) -> Elem;
last(_, [Elem | Rest]) -> last(Elem, Rest).

-doc "The last element.".
-spec last(nonempty_list(T)) -> T.
last([Elem | Rest]) -> last(Elem, Rest).

nthtail_1(0, List) -> List;
nthtail_1(N, [_ | Rest]) -> nthtail_1(N - 1, Rest).

-doc "The list after its first N elements.".
-spec nthtail(non_neg_integer(), list()) -> list().
nthtail(0, []) -> [];
nthtail(0, [_ | _] = List) -> List;
nthtail(N, [_ | _] = List) when is_integer(N), N > 0 -> nthtail_1(N, List).

nth_1(1, [Elem | _]) -> Elem;
nth_1(N, [_ | Rest]) -> nth_1(N - 1, Rest).

-doc "The N:th element.".
-spec nth(pos_integer(), nonempty_list(T)) -> T.
nth(1, [Elem | _]) -> Elem;
nth(N, [_ | _] = List) when is_integer(N), N > 1 -> nth_1(N, List).

numbered([Elem | Rest], Index, Step) -> [{Index, Elem} | numbered(Rest, Index + Step, Step)];
numbered([], _Index, _Step) -> [].

-doc "Pairs of position and element, counted from Index in steps.".
-spec enumerate(integer(), integer(), [T]) -> [{integer(), T}].
enumerate(Index, Step, List) when is_integer(Index), is_integer(Step) ->
    numbered(List, Index, Step).

-doc "Pairs of position and element, counted from Index.".
-spec enumerate(integer(), [T]) -> [{integer(), T}].
enumerate(Index, List) -> enumerate(Index, 1, List).

-doc "Pairs of position and element, counted from 1.".
-spec enumerate([T]) -> [{integer(), T}].
enumerate(List) -> numbered(List, 1, 1).

%% The numbers from To down to From, before what there is already.
downwards(From, From, _Incr, Acc) -> [From | Acc];
downwards(From, At, Incr, Acc) -> downwards(From, At - Incr, Incr, [At | Acc]).

-doc "The integers From, From+Incr, ... as far as To.".
-spec seq(integer(), integer(), integer()) -> [integer()].
seq(From, To, Incr) when is_integer(From), is_integer(To), is_integer(Incr) ->
    Way = To - From,
    if
        Incr =:= 0, Way =:= 0 -> [From];
        Incr > 0, Way >= 0; Incr < 0, Way =< 0 -> downwards(From, From + Way div Incr * Incr, Incr, []);
        Incr > 0, Way >= -Incr; Incr < 0, Way =< -Incr -> [];
        true -> erlang:error(badarg, [From, To, Incr], [{error_info, #{module => erl_stdlib_errors}}])
    end;
seq(From, To, Incr) -> erlang:error(badarg, [From, To, Incr], [{error_info, #{module => erl_stdlib_errors}}]).

-doc "The integers From..To.".
-spec seq(integer(), integer()) -> [integer()].
seq(From, To) when is_integer(From), is_integer(To), From =< To -> downwards(From, To, 1, []);
seq(From, To) when is_integer(From), is_integer(To), To =:= From - 1 -> [].

copies(Term, N, Made) when N > 0 -> copies(Term, N - 1, [Term | Made]);
copies(_Term, 0, Made) -> Made.

-doc "A list of N times the same term.".
-spec duplicate(non_neg_integer(), T) -> [T].
duplicate(N, Term) when is_integer(N), N >= 0 -> copies(Term, N, []).

-doc "Puts Sep between the elements.".
-spec join(term(), [T]) -> [T | term()].
join(Sep, [First | Rest]) -> [First | separated(Rest, Sep)];
join(_Sep, []) -> [].

separated([Elem | Rest], Sep) -> [Sep, Elem | separated(Rest, Sep)];
separated([], _Sep) -> [].

%% Later holds the ends of the lists that leaves/3 and flat/2 are in.
leaves([Deep | Rest], Later, N) when is_list(Deep) -> leaves(Deep, [Rest | Later], N);
leaves([_ | Rest], Later, N) -> leaves(Rest, Later, N + 1);
leaves([], [Rest | Later], N) -> leaves(Rest, Later, N);
leaves([], [], N) -> N.

-doc "The length of flatten/1's result, without building it.".
-spec flatlength([term()]) -> non_neg_integer().
flatlength(Deep) -> leaves(Deep, [], 0).

do_flatten([Elem | Rest], Later) when not is_list(Elem) -> [Elem | do_flatten(Rest, Later)];
do_flatten([Deep | Rest], Later) -> do_flatten(Deep, {Rest, Later});
do_flatten([], {tail, Tail}) -> Tail;
do_flatten([], {Rest, Later}) -> do_flatten(Rest, Later);
do_flatten(Improper, Later) when Later =/= [] -> do_flatten(Improper, []).    % fails, and shows no state of ours

-doc "Like flatten/1, followed by Tail.".
-spec flatten([term()], [term()]) -> [term()].
flatten(Deep, Tail) when is_list(Deep), is_list(Tail) -> do_flatten(Deep, {tail, Tail}).

-doc "All elements of a list of lists of any depth, in order.".
-spec flatten([term()]) -> [term()].
flatten(Deep) when is_list(Deep) -> do_flatten(Deep, {tail, []}).

-doc "The elements in opposite order.".
-spec reverse([T]) -> [T].
reverse([_, _ | _] = List) -> reverse(List, []);
reverse([Elem]) -> [Elem];
reverse([]) -> [].

thing_to_list(Thing) when is_list(Thing) -> Thing;
thing_to_list(Thing) when is_atom(Thing) -> atom_to_list(Thing);
thing_to_list(Thing) when is_float(Thing) -> float_to_list(Thing);
thing_to_list(Thing) when is_integer(Thing) -> integer_to_list(Thing).

-doc "The text of atoms, numbers and strings put together.".
-spec concat([atom() | number() | string()]) -> string().
concat(Things) -> flatmap(fun thing_to_list/1, Things).

-doc "List1 without the first occurrence of each element of List2.".
-spec subtract(list(), list()) -> list().
subtract(List1, List2) -> List1 -- List2.

-doc "Two lists, one after the other.".
-spec append(list(), term()) -> term().
append(List1, List2) -> List1 ++ List2.

-doc "All lists of a list, one after the other.".
-spec append([list()]) -> list().
append([]) -> [];
append([Last]) -> Last;
append([List | Lists]) -> List ++ append(Lists).

%%% ---- searching ------------------------------------------------------------------------------

sum([], Sum) -> Sum;
sum([Number | Rest], Sum) -> sum(Rest, Sum + Number).

-doc "The sum of the elements.".
-spec sum([number()]) -> number().
sum(Numbers) -> sum(Numbers, 0).

-doc "The first of the smallest elements.".
-spec min(nonempty_list(T)) -> T.
min([Elem | Rest]) -> least(Elem, Rest).

least(Least, [Elem | Rest]) ->
    case Elem < Least of
        true -> least(Elem, Rest);
        false -> least(Least, Rest)
    end;
least(Least, []) -> Least.

-doc "The first of the largest elements.".
-spec max(nonempty_list(T)) -> T.
max([Elem | Rest]) -> greatest(Elem, Rest).

greatest(Greatest, [Elem | Rest]) ->
    case Elem > Greatest of
        true -> greatest(Elem, Rest);
        false -> greatest(Greatest, Rest)
    end;
greatest(Greatest, []) -> Greatest.

search_1(_Pred, []) ->
    false;
search_1(Pred, [Elem | Rest]) ->
    case Pred(Elem) of
        true -> {value, Elem};
        false -> search_1(Pred, Rest)
    end.

-doc "The first element for which Pred is true, as {value, Elem}, or false.".
-spec search(fun((T) -> boolean()), [T]) -> {value, T} | false.
search(Pred, List) when is_function(Pred, 1) -> search_1(Pred, List).

-doc "The list without the first element that matches Elem.".
-spec delete(T, [T]) -> [T].
delete(Elem, List) when is_list(List) ->
    case List of
        [Elem | Rest] -> Rest;
        [Other | Rest] -> [Other | delete(Elem, Rest)];
        [] -> []
    end.

%%% ---- higher-order functions -------------------------------------------------------------------

splitwith_1(_Pred, [], Taken) ->
    {reverse(Taken), []};
splitwith_1(Pred, [Elem | Rest] = List, Taken) ->
    case Pred(Elem) of
        true -> splitwith_1(Pred, Rest, [Elem | Taken]);
        false -> {reverse(Taken), List}
    end.

-doc "takewhile/2 and dropwhile/2 in one.".
-spec splitwith(fun((T) -> boolean()), [T]) -> {[T], [T]}.
splitwith(Pred, List) when is_function(Pred, 1) -> splitwith_1(Pred, List, []).

dropwhile_1(_Pred, []) ->
    [];
dropwhile_1(Pred, [Elem | Rest] = List) ->
    case Pred(Elem) of
        true -> dropwhile_1(Pred, Rest);
        false -> List
    end.

-doc "The list from the first element of which Pred is false.".
-spec dropwhile(fun((T) -> boolean()), [T]) -> [T].
dropwhile(Pred, List) when is_function(Pred, 1) -> dropwhile_1(Pred, List).

takewhile_1(_Pred, []) ->
    [];
takewhile_1(Pred, [Elem | Rest]) ->
    case Pred(Elem) of
        true -> [Elem | takewhile_1(Pred, Rest)];
        false -> []
    end.

-doc "The elements before the first of which Pred is false.".
-spec takewhile(fun((T) -> boolean()), [T]) -> [T].
takewhile(Pred, List) when is_function(Pred, 1) -> takewhile_1(Pred, List).

partition_1(_Pred, [], Yes, No) ->
    {reverse(Yes), reverse(No)};
partition_1(Pred, [Elem | Rest], Yes, No) ->
    case Pred(Elem) of
        true -> partition_1(Pred, Rest, [Elem | Yes], No);
        false -> partition_1(Pred, Rest, Yes, [Elem | No])
    end.

-doc "The elements of which Pred is true, and the others.".
-spec partition(fun((T) -> boolean()), [T]) -> {[T], [T]}.
partition(Pred, List) when is_function(Pred, 1) -> partition_1(Pred, List, [], []).

-doc "The old name of filtermap/2.".
-spec zf(fun((A) -> boolean() | {true, B}), [A]) -> [A | B].
zf(Fun, List) -> filtermap(Fun, List).

filtermap_1(_Fun, []) ->
    [];
filtermap_1(Fun, [Elem | Rest]) ->
    case Fun(Elem) of
        true -> [Elem | filtermap_1(Fun, Rest)];
        {true, New} -> [New | filtermap_1(Fun, Rest)];
        false -> filtermap_1(Fun, Rest)
    end.

-doc "Keeps, drops or replaces each element, as Fun says: true, false or {true, New}.".
-spec filtermap(fun((A) -> boolean() | {true, B}), [A]) -> [A | B].
filtermap(Fun, List) when is_function(Fun, 1) -> filtermap_1(Fun, List).

-doc "The elements of which Pred is true.".
-spec filter(fun((T) -> boolean()), [T]) -> [T].
filter(Pred, List) when is_function(Pred, 1) -> [Elem || Elem <- List, Pred(Elem)].

mapfoldr_1(_Fun, Acc, []) ->
    {[], Acc};
mapfoldr_1(Fun, Acc0, [Elem | Rest]) ->
    {Results, Acc1} = mapfoldr_1(Fun, Acc0, Rest),
    {Result, Acc} = Fun(Elem, Acc1),
    {[Result | Results], Acc}.

-doc "map/2 and foldr/3 in one.".
-spec mapfoldr(fun((A, Acc) -> {B, Acc}), Acc, [A]) -> {[B], Acc}.
mapfoldr(Fun, Acc, List) when is_function(Fun, 2) -> mapfoldr_1(Fun, Acc, List).

mapfoldl_1(_Fun, Acc, []) ->
    {[], Acc};
mapfoldl_1(Fun, Acc0, [Elem | Rest]) ->
    {Result, Acc1} = Fun(Elem, Acc0),
    {Results, Acc} = mapfoldl_1(Fun, Acc1, Rest),
    {[Result | Results], Acc}.

-doc "map/2 and foldl/3 in one.".
-spec mapfoldl(fun((A, Acc) -> {B, Acc}), Acc, [A]) -> {[B], Acc}.
mapfoldl(Fun, Acc, List) when is_function(Fun, 2) -> mapfoldl_1(Fun, Acc, List).

foreach_1(_Fun, []) ->
    ok;
foreach_1(Fun, [Elem | Rest]) ->
    Fun(Elem),
    foreach_1(Fun, Rest).

-doc "Calls Fun for each element.".
-spec foreach(fun((T) -> term()), [T]) -> ok.
foreach(Fun, List) when is_function(Fun, 1) -> foreach_1(Fun, List).

foldr_1(_Fun, Acc, []) -> Acc;
foldr_1(Fun, Acc, [Elem | Rest]) -> Fun(Elem, foldr_1(Fun, Acc, Rest)).

-doc "Fun(Elem, Acc) over the elements from the right.".
-spec foldr(fun((T, Acc) -> Acc), Acc, [T]) -> Acc.
foldr(Fun, Acc, List) when is_function(Fun, 2) -> foldr_1(Fun, Acc, List).

foldl_1(_Fun, Acc, []) -> Acc;
foldl_1(Fun, Acc, [Elem | Rest]) -> foldl_1(Fun, Fun(Elem, Acc), Rest).

-doc "Fun(Elem, Acc) over the elements from the left.".
-spec foldl(fun((T, Acc) -> Acc), Acc, [T]) -> Acc.
foldl(Fun, Acc, List) when is_function(Fun, 2) ->
    case List of
        [Elem | Rest] -> foldl_1(Fun, Fun(Elem, Acc), Rest);
        [] -> Acc
    end.

flatmap_1(_Fun, []) -> [];
flatmap_1(Fun, [Elem | Rest]) -> Fun(Elem) ++ flatmap_1(Fun, Rest).

-doc "The lists that Fun gives for each element, put together.".
-spec flatmap(fun((A) -> [B]), [A]) -> [B].
flatmap(Fun, List) when is_function(Fun, 1) -> flatmap_1(Fun, List).

map_1(_Fun, []) -> [];
map_1(Fun, [Elem | Rest]) -> [Fun(Elem) | map_1(Fun, Rest)].

-doc "The results of Fun for each element.".
-spec map(fun((A) -> B), [A]) -> [B].
map(Fun, List) when is_function(Fun, 1) ->
    case List of
        [Elem | Rest] -> [Fun(Elem) | map_1(Fun, Rest)];
        [] -> []
    end.

-doc "Whether Pred is true of some element.".
-spec any(fun((T) -> boolean()), [T]) -> boolean().
any(Pred, List) when is_function(Pred, 1) ->
    case List of
        [Elem | Rest] ->
            case Pred(Elem) of
                true -> true;
                false -> any_more(Pred, Rest)
            end;
        [] -> false
    end.

any_more(Pred, [Elem | Rest]) ->
    case Pred(Elem) of
        true -> true;
        false -> any_more(Pred, Rest)
    end;
any_more(_, []) -> false.

-doc "Whether Pred is true of every element.".
-spec all(fun((T) -> boolean()), [T]) -> boolean().
all(Pred, List) when is_function(Pred, 1) ->
    case List of
        [Elem | Rest] ->
            case Pred(Elem) of
                true -> all_more(Pred, Rest);
                false -> false
            end;
        [] -> true
    end.

all_more(Pred, [Elem | Rest]) ->
    case Pred(Elem) of
        true -> all_more(Pred, Rest);
        false -> false
    end;
all_more(_, []) -> true.

%%% ---- zipping ------------------------------------------------------------------------------------

-doc "Three lists from a list of triples.".
-spec unzip3([{A, B, C}]) -> {[A], [B], [C]}.
unzip3([{A, B, C} | Triples]) ->
    {As, Bs, Cs} = unzip3(Triples),
    {[A | As], [B | Bs], [C | Cs]};
unzip3([]) -> {[], [], []}.

-doc "The first and the second elements of a list of pairs.".
-spec unzip([{A, B}]) -> {[A], [B]}.
unzip(Pairs) -> unzip(Pairs, [], []).

unzip([{A, B} | Pairs], As, Bs) -> unzip(Pairs, [A | As], [B | Bs]);
unzip([], As, Bs) -> {reverse(As), reverse(Bs)}.

-doc "Like zipwith3/4; How as in zip/3.".
-spec zipwith3(fun((A, B, C) -> T), [A], [B], [C], How) -> [T]
              when How :: fail | trim | {pad, {A, B, C}}.
zipwith3(Fun, As, Bs, Cs, How) -> together(As, Bs, Cs, Fun, How).

%% What three lists make with a fun, as How says where the lists end.
together([A | As], [B | Bs], [C | Cs], Fun, How) -> [Fun(A, B, C) | together(As, Bs, Cs, Fun, How)];
together([], [], [], Fun, How) when is_function(Fun, 3), How =:= fail; is_function(Fun, 3), How =:= trim -> [];
together(As, Bs, Cs, Fun, trim) when is_function(Fun, 3), is_list(As), is_list(Bs), is_list(Cs) -> [];
together([], [], [], Fun, {pad, {_, _, _}}) when is_function(Fun, 3) -> [];
together(As, Bs, Cs, Fun, {pad, {A0, B0, C0}} = How) when is_list(As), is_list(Bs), is_list(Cs) ->
    {A, As1} = next_or(As, A0),
    {B, Bs1} = next_or(Bs, B0),
    {C, Cs1} = next_or(Cs, C0),
    [Fun(A, B, C) | together(As1, Bs1, Cs1, Fun, How)].

-doc "The results of Fun for the elements of three lists of equal length.".
-spec zipwith3(fun((A, B, C) -> T), [A], [B], [C]) -> [T].
zipwith3(Fun, As, Bs, Cs) -> zipwith3(Fun, As, Bs, Cs, fail).

-doc "Like zipwith/3; How as in zip/3.".
-spec zipwith(fun((A, B) -> T), [A], [B], How) -> [T] when How :: fail | trim | {pad, {A, B}}.
zipwith(Fun, [A | As], [B | Bs], How) ->
    [Fun(A, B) | zipwith(Fun, As, Bs, How)];
zipwith(Fun, [], [], fail) when is_function(Fun, 2) ->
    [];
zipwith(Fun, As, Bs, trim) when is_function(Fun, 2), is_list(As), is_list(Bs) ->
    [];
zipwith(Fun, [], [], {pad, {_, _}}) when is_function(Fun, 2) ->
    [];
zipwith(Fun, [], [_ | _] = Bs, {pad, {A, _}}) ->
    [Fun(A, B) || B <- Bs];
zipwith(Fun, [_ | _] = As, [], {pad, {_, B}}) ->
    [Fun(A, B) || A <- As].

-doc "The results of Fun for the elements of two lists of equal length.".
-spec zipwith(fun((A, B) -> T), [A], [B]) -> [T].
zipwith(Fun, As, Bs) -> zipwith(Fun, As, Bs, fail).

next_or([], Default) -> {Default, []};
next_or([Elem | Rest], _Default) -> {Elem, Rest}.

-doc "Like zip3/3; How as in zip/3.".
-spec zip3([A], [B], [C], How) -> [{A, B, C}] when How :: fail | trim | {pad, {A, B, C}}.
zip3([A | As], [B | Bs], [C | Cs], How) -> [{A, B, C} | zip3(As, Bs, Cs, How)];
zip3([], [], [], fail) -> [];
zip3(As, Bs, Cs, How) when How =/= fail, is_list(As), is_list(Bs), is_list(Cs) ->
    together(As, Bs, Cs, fun(A, B, C) -> {A, B, C} end, How).

-doc "Triples of the elements of three lists of equal length.".
-spec zip3([A], [B], [C]) -> [{A, B, C}].
zip3(As, Bs, Cs) -> zip3(As, Bs, Cs, fail).

-doc "Like zip/2; How says what happens when the lengths differ: fail, trim or {pad, {A, B}}.".
-spec zip([A], [B], How) -> [{A, B}] when How :: fail | trim | {pad, {A, B}}.
zip([A | As], [B | Bs], How) -> [{A, B} | zip(As, Bs, How)];
zip([], [], fail) -> [];
zip([], [], trim) -> [];
zip([], [], {pad, {_, _}}) -> [];
zip([_ | _], [], trim) -> [];
zip([], [_ | _], trim) -> [];
zip([], [_ | _] = Bs, {pad, {A, _}}) -> [{A, B} || B <- Bs];
zip([_ | _] = As, [], {pad, {_, B}}) -> [{A, B} || A <- As].

-doc "Pairs of the elements of two lists of equal length.".
-spec zip([A], [B]) -> [{A, B}].
zip(As, Bs) -> zip(As, Bs, fail).

%%% ---- sorting --------------------------------------------------------------------------------
%%
%% The work is done in lists_sort.
-doc "Sorts by the standard order of terms; stable.".
-spec sort([T]) -> [T].
sort(List) when length(List) > 1 -> lists_sort:msort(List, length(List));
sort([_] = List) -> List;
sort([]) -> [].

uniq_2([], _Fun, _Seen) ->
    [];
uniq_2([Elem | Rest], Fun, Seen) ->
    case Fun(Elem) of
        Key when is_map_key(Key, Seen) -> uniq_2(Rest, Fun, Seen);
        Key -> [Elem | uniq_2(Rest, Fun, Seen#{Key => true})]
    end.

-doc "The list without later elements for which Fun gives the same result.".
-spec uniq(fun((T) -> term()), [T]) -> [T].
uniq(Fun, List) when is_function(Fun, 1) -> uniq_2(List, Fun, #{}).

uniq_1([Elem | Rest], Seen) when is_map_key(Elem, Seen) -> uniq_1(Rest, Seen);
uniq_1([Elem | Rest], Seen) -> [Elem | uniq_1(Rest, Seen#{Elem => true})];
uniq_1([], _Seen) -> [].

-doc "The list without later copies (`=:=`) of an element.".
-spec uniq([T]) -> [T].
uniq(List) -> uniq_1(List, #{}).

-doc "Sorts by Fun and keeps the first of elements that Fun holds for equal.".
-spec usort(fun((T, T) -> boolean()), [T]) -> [T].
usort(Fun, List) when is_function(Fun, 2), is_list(List) ->
    case List of
        [_ | _] -> lists_sort:fdedup(Fun, lists_sort:fsort(Fun, List));
        [] -> []
    end.

-doc "Sorts by the standard order and keeps the first of elements that compare equal.".
-spec usort([T]) -> [T].
usort([]) -> [];
usort([_ | _] = List) -> lists_sort:dedup_eq(sort(List)).

-doc "Sorts by Fun(A, B), which says whether A may come before B; stable.".
-spec sort(fun((T, T) -> boolean()), [T]) -> [T].
sort(Fun, List) when is_function(Fun, 2), length(List) > 1 -> lists_sort:fsort(Fun, List);
sort(Fun, List) when is_function(Fun, 2), length(List) >= 0 -> List;
sort(Fun, [A, B | _]) when not is_function(Fun, 2) -> Fun(A, B).

%%% ---- merging sorted lists ------------------------------------------------------------------

-doc "Like umerge3/3 for lists in descending order.".
-spec rumerge3([A], [B], [C]) -> [A | B | C].
rumerge3(A, B, C) when is_list(A), is_list(B), is_list(C) -> rumerge(rumerge(A, B), C).

-doc "Like umerge/3 for lists in descending order.".
-spec rumerge(fun((A, B) -> boolean()), [A], [B]) -> [A | B].
rumerge(Fun, A, B) when is_function(Fun, 2), is_list(A), is_list(B) ->
    lists_sort:frumerge(Fun, A, B, [], []).

-doc "Like umerge/2 for lists in descending order.".
-spec rumerge([A], [B]) -> [A | B].
rumerge(A, B) when is_list(A), is_list(B) -> reverse(umerge(reverse(A), reverse(B))).

-doc "Like merge3/3 for lists in descending order.".
-spec rmerge3([A], [B], [C]) -> [A | B | C].
rmerge3(A, B, C) when is_list(A), is_list(B), is_list(C) -> rmerge(rmerge(A, B), C).

-doc "Like merge/3 for lists in descending order.".
-spec rmerge(fun((A, B) -> boolean()), [A], [B]) -> [A | B].
rmerge(Fun, A, B) when is_function(Fun, 2), is_list(A), is_list(B) ->
    reverse(lists_sort:fmerge(Fun, reverse(A), reverse(B), [])).

-doc "Like merge/2 for lists in descending order.".
-spec rmerge([A], [B]) -> [A | B].
rmerge(A, B) when is_list(A), is_list(B) -> reverse(merge(reverse(A), reverse(B))).

-doc "One sorted list without copies from three such lists.".
-spec umerge3([A], [B], [C]) -> [A | B | C].
umerge3(A, B, C) when is_list(A), is_list(B), is_list(C) -> umerge(umerge(A, B), C).

-doc "Like umerge/2 for lists that are sorted by Fun.".
-spec umerge(fun((A, B) -> boolean()), [A], [B]) -> [A | B].
umerge(Fun, A, B) when is_function(Fun, 2), is_list(A), is_list(B) -> lists_sort:fumerge(Fun, A, B, [], []).

-doc "One sorted list without copies from two such lists.".
-spec umerge([A], [B]) -> [A | B].
umerge(List, []) when is_list(List) -> List;
umerge([], List) when is_list(List) -> List;
umerge([_ | _] = A, [_ | _] = B) -> lists_sort:umerge_2(A, B, []).

umergel([], _) -> [];
umergel([List], _) -> List;
umergel([A, B | Rest], Acc) -> umergel([umerge(A, B) | Rest], Acc).

-doc "One sorted list without copies from several such lists.".
-spec umerge([[T]]) -> [T].
umerge(Lists) -> umergel(Lists, []).

-doc "One sorted list from three.".
-spec merge3([A], [B], [C]) -> [A | B | C].
merge3(A, B, C) when is_list(A), is_list(B), is_list(C) -> merge(merge(A, B), C).

-doc "One list from two that are sorted by Fun.".
-spec merge(fun((A, B) -> boolean()), [A], [B]) -> [A | B].
merge(Fun, A, B) when is_function(Fun, 2), is_list(A), is_list(B) -> lists_sort:fmerge(Fun, A, B, []).

-doc "One sorted list from two.".
-spec merge([A], [B]) -> [A | B].
merge([], List) when is_list(List) -> List;
merge(List, []) when is_list(List) -> List;
merge([_ | _] = A, [_ | _] = B) -> lists_sort:merge_body(A, B).

mergel([]) -> [];
mergel([List]) -> List;
mergel([A, B | Rest]) -> mergel([merge(A, B) | Rest]).

-doc "One sorted list from several.".
-spec merge([[T]]) -> [T].
merge(Lists) -> mergel(Lists).

%%% ---- lists of tuples ---------------------------------------------------------------------------

rukeymerge_1(N, A, B) when is_list(A), is_list(B) ->
    reverse(lists_sort:ukmerge(N, reverse(A), reverse(B), [])).

-doc "Like ukeymerge/3 for lists in descending order.".
-spec rukeymerge(pos_integer(), [A], [B]) -> [A | B].
rukeymerge(N, A, B) when is_integer(N), N > 0 -> rukeymerge_1(N, A, B).

rkeymerge_1(N, A, B) when is_list(A), is_list(B) ->
    reverse(lists_sort:kmerge(N, reverse(A), reverse(B), [])).

-doc "Like keymerge/3 for lists in descending order.".
-spec rkeymerge(pos_integer(), [A], [B]) -> [A | B].
rkeymerge(N, A, B) when is_integer(N), N > 0 -> rkeymerge_1(N, A, B).

ukeymerge_1(N, A, B) when is_list(A), is_list(B) -> lists_sort:ukmerge(N, A, B, []).

-doc "Like keymerge/3, without the second list's tuples whose keys the first has.".
-spec ukeymerge(pos_integer(), [A], [B]) -> [A | B].
ukeymerge(N, A, B) when is_integer(N), N > 0 -> ukeymerge_1(N, A, B).

keymerge_1(N, A, B) when is_list(A), is_list(B) -> lists_sort:kmerge(N, A, B, []).

-doc "One list from two that are sorted by their tuples' N:th elements.".
-spec keymerge(pos_integer(), [A], [B]) -> [A | B].
keymerge(N, A, B) when is_integer(N), N > 0 -> keymerge_1(N, A, B).

-doc "Sorts tuples by their N:th elements and keeps the first of those that compare equal.".
-spec ukeysort(pos_integer(), [T]) -> [T].
ukeysort(N, List) when is_integer(N), N > 0 ->
    case List of
        [] -> [];
        [_] -> List;
        [_ | Rest] when not is_list(Rest) -> erlang:error({case_clause, List});
        [_ | _] -> lists_sort:kdedup(N, keysort(N, List))
    end.

-doc "Sorts tuples by their N:th elements; stable.".
-spec keysort(pos_integer(), [T]) -> [T].
keysort(N, List) when is_integer(N), N > 0 ->
    case List of
        [] -> [];
        [_] -> List;
        [_ | Rest] when not is_list(Rest) -> erlang:error({case_clause, List});
        [_ | _] ->
            {Sorted, []} = lists_sort:ksort_n(length(List), N, List),
            Sorted
    end.

-doc "Replaces the N:th element of each tuple by Fun's result for it.".
-spec keymap(fun((term()) -> term()), pos_integer(), [tuple()]) -> [tuple()].
keymap(Fun, N, Tuples) -> at_position(Tuples, N, Fun).

at_position([Tuple | Rest], N, Fun) ->
    New = Fun(element(N, Tuple)),
    [setelement(N, Tuple, New) | at_position(Rest, N, Fun)];
at_position([], N, Fun) when is_integer(N), N >= 1, is_function(Fun, 1) -> [].

%% The tuples before the first one with the key, in reverse, that tuple, and those behind it.
apart([Tuple | After], N, Key, Before) ->
    case Tuple of
        _ when element(N, Tuple) == Key -> {Before, Tuple, After};
        _ -> apart(After, N, Key, [Tuple | Before])
    end;
apart([], _N, _Key, _Before) -> none.

-doc "Takes out the first tuple whose N:th element compares equal to Key.".
-spec keytake(term(), pos_integer(), [T]) -> {value, tuple(), [T]} | false.
keytake(Key, N, Tuples) when is_integer(N), N > 0 ->
    case apart(Tuples, N, Key, []) of
        {Before, Tuple, After} -> {value, Tuple, reverse(Before, After)};
        none -> false
    end.

-doc "Like keyreplace/4; a tuple that was not found is added at the end.".
-spec keystore(term(), pos_integer(), [T], tuple()) -> [T | tuple(), ...].
keystore(Key, N, Tuples, New) when is_tuple(New), is_integer(N), N > 0 ->
    case apart(Tuples, N, Key, []) of
        {Before, _, After} -> reverse(Before, [New | After]);
        none -> Tuples ++ [New]
    end.

-doc "Replaces the first tuple whose N:th element compares equal to Key, if there is one.".
-spec keyreplace(term(), pos_integer(), [T], tuple()) -> [T | tuple()].
keyreplace(Key, N, Tuples, New) when is_tuple(New), is_integer(N), N > 0 ->
    case apart(Tuples, N, Key, []) of
        {Before, _, After} -> reverse(Before, [New | After]);
        none -> Tuples
    end.

-doc "The list without the first tuple whose N:th element compares equal to Key.".
-spec keydelete(term(), pos_integer(), [T]) -> [T].
keydelete(Key, N, Tuples) when is_integer(N), N > 0 ->
    case apart(Tuples, N, Key, []) of
        {Before, _, After} -> reverse(Before, After);
        none -> Tuples
    end.
