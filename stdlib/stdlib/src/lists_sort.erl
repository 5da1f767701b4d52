-module(lists_sort).
-moduledoc false.

%% A stable merge sort that halves by length, and merges of sorted lists, for module lists. The
%% comparison is the term order, a fun that says whether its first argument may come first, or the
%% order of the tuples' N:th elements. Merges build their result backwards. Pieces in the term
%% order are sorted by gerl_lists, in Go.

-export([msort/2, fsort/2, ksort_n/3]).
-export([merge_body/2, fmerge/4, kmerge/4, umerge_2/3, fumerge/5, frumerge/5, ukmerge/4]).
-export([dedup_eq/1, fdedup/2, kdedup/2]).

%% The longest list that is sorted in one go, without giving other processes a turn.
-define(PIECE, 32768).

msort(List, N) ->
    {Sorted, []} = msort_n(N, List),
    Sorted.

%% Sorts the first N elements of the list, gives them and the rest.
msort_n(1, [A | Rest]) ->
    {[A], Rest};
msort_n(2, [A, B | Rest]) ->
    if A =< B -> {[A, B], Rest};
       true -> {[B, A], Rest}
    end;
msort_n(3, [A, B, C | Rest]) ->
    if A =< B ->
            if B =< C -> {[A, B, C], Rest};
               A =< C -> {[A, C, B], Rest};
               true -> {[C, A, B], Rest}
            end;
       A =< C -> {[B, A, C], Rest};
       B =< C -> {[B, C, A], Rest};
       true -> {[C, B, A], Rest}
    end;
msort_n(N, List) when N =< ?PIECE ->
    gerl_lists:sort(N, List);
msort_n(N, List) ->
    Half = N div 2,
    {Left, Middle} = msort_n(Half, List),
    {Right, Rest} = msort_n(N - Half, Middle),
    {merge_body(Left, Right), Rest}.

merge_body([A | As], [B | _] = Bs) when A =< B -> merge_a(As, Bs, [A]);
merge_body(As, [B | Bs]) -> merge_b(As, Bs, [B]).

merge_a([A | As], [B | _] = Bs, Acc) when A =< B -> merge_a(As, Bs, [A | Acc]);
merge_a([_ | _] = As, [B | Bs], Acc) -> merge_b(As, Bs, [B | Acc]);
merge_a([], Bs, Acc) -> lists:reverse(Acc, proper(Bs)).

merge_b([A | As], [B | _] = Bs, Acc) when A =< B -> merge_a(As, Bs, [A | Acc]);
merge_b([_ | _] = As, [B | Bs], Acc) -> merge_b(As, Bs, [B | Acc]);
merge_b(As, [], Acc) -> lists:reverse(Acc, proper(As)).

%% What is left over of one list is taken as it is, but must end as lists do: length/1 raises badarg.
proper(List) ->
    _ = length(List),
    List.

fsort(Fun, List) ->
    {Sorted, []} = fsort_n(length(List), Fun, List),
    Sorted.

fsort_n(1, _Fun, [A | Rest]) ->
    {[A], Rest};
fsort_n(N, Fun, List) ->
    Half = (N + 1) div 2, % so the first two elements are compared first
    {Left, Middle} = fsort_n(Half, Fun, List),
    {Right, Rest} = fsort_n(N - Half, Fun, Middle),
    {fmerge(Fun, Left, Right, []), Rest}.

fmerge(Fun, [A | As] = L, [B | Bs] = R, Acc) ->
    case Fun(A, B) of
        true -> fmerge(Fun, As, R, [A | Acc]);
        false -> fmerge(Fun, L, Bs, [B | Acc])
    end;
fmerge(_Fun, [], R, Acc) ->
    lists:reverse(Acc, R);
fmerge(_Fun, L, [], Acc) ->
    lists:reverse(Acc, L).

dedup_eq([A, B | Rest]) when A == B -> dedup_eq([A | Rest]);
dedup_eq([A | Rest]) -> [A | dedup_eq(Rest)];
dedup_eq([]) -> [].

%% The list is sorted, so Fun(A, B) is true for neighbours; equal ones have Fun(B, A) too.
fdedup(Fun, [A, B | Rest]) ->
    case Fun(B, A) of
        true -> fdedup(Fun, [A | Rest]);
        false -> [A | fdedup(Fun, [B | Rest])]
    end;
fdedup(_Fun, List) ->
    List.

umerge_2([A | As], [B | _] = Bs, Acc) when A < B -> umerge_2(As, Bs, [A | Acc]);
umerge_2([A | As], [B | Bs], Acc) when A == B -> umerge_2(As, Bs, [A | Acc]);
umerge_2([_ | _] = As, [B | Bs], Acc) -> umerge_2(As, Bs, [B | Acc]);
umerge_2([], Bs, Acc) -> lists:reverse(Acc, proper(Bs));
umerge_2(As, [], Acc) -> lists:reverse(Acc, proper(As)).

%% An element of the second list that is equal to one of the first goes. Where it is looked for matters when
%% a list has equal elements itself: Last, empty or with one element, is the last of the first list, and it
%% takes one element of the second list away.
fumerge(Fun, [A | As], [B | Bs], Last, Acc) ->
    case Fun(A, B) of
        true -> fumerge(Fun, As, [B | Bs], [A], Last ++ Acc);
        false when Last =:= [] -> fumerge(Fun, [A | As], Bs, [], [B | Acc]);
        false -> fumerge(Fun, [A | As], Bs, [], kept(Fun(B, hd(Last)), B, Last ++ Acc))
    end;
fumerge(_Fun, As, [], Last, Acc) ->
    lists:reverse(Acc, Last ++ As);
fumerge(_Fun, [], Bs, [], Acc) ->
    lists:reverse(Acc, Bs);
fumerge(Fun, [], [B | Bs], [Before], Acc) ->
    lists:reverse(kept(Fun(B, Before), B, [Before | Acc]), Bs).

%% The same downwards: Last is the last of the second list, which goes if the next of the first is equal.
frumerge(Fun, [A | As], [B | Bs], Last, Acc) ->
    case Fun(A, B) of
        true -> frumerge(Fun, [A | As], Bs, [B], Last ++ Acc);
        false when Last =:= [] -> frumerge(Fun, As, [B | Bs], [], [A | Acc]);
        false -> frumerge(Fun, As, [B | Bs], [], [A | kept(Fun(hd(Last), A), hd(Last), Acc)])
    end;
frumerge(_Fun, [], Bs, Last, Acc) ->
    lists:reverse(Acc, Last ++ Bs);
frumerge(_Fun, As, [], [], Acc) ->
    lists:reverse(Acc, As);
frumerge(Fun, [A | As], [], [Before], Acc) ->
    lists:reverse(kept(Fun(Before, A), Before, Acc), [A | As]).

kept(true, _Equal, Acc) -> Acc;
kept(false, Elem, Acc) -> [Elem | Acc].

ksort_n(Len, N, List) when Len =< ?PIECE ->
    case gerl_lists:keysort(Len, N, List) of
        false -> ksort_slowly(Len, N, List);
        SortedAndRest -> SortedAndRest
    end;
ksort_n(Len, N, List) ->
    Half = Len div 2,
    {Left, Middle} = ksort_n(Half, N, List),
    {Right, Rest} = ksort_n(Len - Half, N, Middle),
    {kmerge(N, Left, Right, []), Rest}.

%% One of the elements is no such tuple: this raises the error at the same place as ever.
ksort_slowly(1, N, [A | Rest]) ->
    _ = element(N, A),
    {[A], Rest};
ksort_slowly(Len, N, List) ->
    Half = Len div 2,
    {Left, Middle} = ksort_slowly(Half, N, List),
    {Right, Rest} = ksort_slowly(Len - Half, N, Middle),
    {kmerge(N, Left, Right, []), Rest}.

kmerge(N, [A | As] = L, [B | Bs] = R, Acc) ->
    case element(N, A) =< element(N, B) of
        true -> kmerge(N, As, R, [A | Acc]);
        false -> kmerge(N, L, Bs, [B | Acc])
    end;
kmerge(_N, [], R, Acc) ->
    lists:reverse(Acc, R);
kmerge(_N, L, [], Acc) ->
    lists:reverse(Acc, L).

kdedup(N, [A, B | Rest]) when element(N, A) == element(N, B) -> kdedup(N, [A | Rest]);
kdedup(N, [A | Rest]) -> [A | kdedup(N, Rest)];
kdedup(_N, []) -> [].

ukmerge(N, [A | As] = L, [B | Bs] = R, Acc) ->
    KeyA = element(N, A),
    KeyB = element(N, B),
    if KeyA == KeyB -> ukmerge(N, L, Bs, Acc);
       KeyA < KeyB -> ukmerge(N, As, R, [A | Acc]);
       true -> ukmerge(N, L, Bs, [B | Acc])
    end;
ukmerge(_N, [], R, Acc) ->
    lists:reverse(Acc, R);
ukmerge(_N, L, [], Acc) ->
    lists:reverse(Acc, L).
