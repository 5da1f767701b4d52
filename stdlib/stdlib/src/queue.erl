-module(queue).
-moduledoc """
Double-ended queues: {Rear, Front}, two lists, the rear one reversed.

A queue of two or more elements has one in each list, so that both ends are at hand; taking the last
element of a list moves half of the other one over.
""".

%% Queues as such
-export([all/2, any/2, delete/2, delete_r/2, delete_with/2, delete_with_r/2, filter/2, filtermap/2, fold/3,
         from_list/1, in/2, in_r/2, is_empty/1, is_queue/1, join/2, len/1, member/2, new/0, out/1,
         out_r/1, reverse/1, split/2, to_list/1]).
%% Looking at the ends
-export([drop/1, drop_r/1, get/1, get_r/1, peek/1, peek_r/1]).
%% The names of C. Okasaki
-export([cons/2, daeh/1, head/1, init/1, lait/1, last/1, liat/1, snoc/2, tail/1]).

-export_type([queue/0, queue/1]).

-opaque queue(Item) :: {[Item], [Item]}.
-type queue() :: queue(_).

-define(IS_QUEUE(R, F), is_list(R), is_list(F)).

%%% ---- making and measuring ----------------------------------------------------------------------

-doc "An empty queue.".
-spec new() -> queue(none()).
new() -> {[], []}.

-doc "Whether the term looks like a queue.".
-spec is_queue(term()) -> boolean().
is_queue({R, F}) -> is_list(R) andalso is_list(F);
is_queue(_) -> false.

-doc "Whether there are no elements.".
-spec is_empty(queue()) -> boolean().
is_empty({R, F}) when ?IS_QUEUE(R, F) -> R =:= [] andalso F =:= [];
is_empty(Q) -> error(badarg, [Q]).

-doc "The number of elements; takes time in proportion to it.".
-spec len(queue()) -> non_neg_integer().
len({R, F}) when ?IS_QUEUE(R, F) -> length(F) + length(R);
len(Q) -> error(badarg, [Q]).

-doc "The elements, from the front.".
-spec to_list(queue(T)) -> [T].
to_list({R, F}) when ?IS_QUEUE(R, F) -> F ++ lists:reverse(R);
to_list(Q) -> error(badarg, [Q]).

-doc "The queue of a list's elements, the first one at the front.".
-spec from_list([T]) -> queue(T).
from_list(List) when is_list(List) -> of_front(List);
from_list(Term) -> error(badarg, [Term]).

%% A queue whose elements are all in one list; the list keeps the smaller half of an odd number.
of_front(List) when length(List) < 2 -> {List, []};
of_front([A, B]) -> {[B], [A]};
of_front(List) ->
    {F, R} = lists:split(length(List) div 2, List),
    {lists:reverse(R), F}.

of_rear(List) -> reverse(of_front(List)).

-doc "Whether the queue has the element.".
-spec member(T, queue(T)) -> boolean().
member(X, {R, F}) when ?IS_QUEUE(R, F) -> lists:member(X, R) orelse lists:member(X, F);
member(X, Q) -> error(badarg, [X, Q]).

%%% ---- in and out --------------------------------------------------------------------------------

-doc "Puts an element in at the rear.".
-spec in(T, queue(T)) -> queue(T).
in(X, {[_] = R, []}) -> {[X], R};
in(X, {R, F}) when ?IS_QUEUE(R, F) -> {[X | R], F};
in(X, Q) -> error(badarg, [X, Q]).

-doc "Puts an element in at the front.".
-spec in_r(T, queue(T)) -> queue(T).
in_r(X, {R, F}) when ?IS_QUEUE(R, F) -> reverse(in(X, {F, R}));
in_r(X, Q) -> error(badarg, [X, Q]).

-doc "Takes the front element out.".
-spec out(queue(T)) -> {{value, T}, queue(T)} | {empty, queue(T)}.
out({R, F}) when ?IS_QUEUE(R, F) -> taken(R, F);
out(Q) -> error(badarg, [Q]).

taken(R, [X, Y | F]) -> {{value, X}, {R, [Y | F]}};
taken(R, [X | []]) -> {{value, X}, of_rear(R)};
taken(R, [X | F]) -> {{value, X}, {R, F}};
taken([], []) -> {empty, new()};
taken([X], []) -> {{value, X}, new()};
taken([Y | R], []) -> % no proper queue
    [X | F] = lists:reverse(R),
    {{value, X}, {[Y], F}}.

-doc "Takes the rear element out.".
-spec out_r(queue(T)) -> {{value, T}, queue(T)} | {empty, queue(T)}.
out_r({R, F}) when ?IS_QUEUE(R, F) ->
    {Result, Rest} = taken(F, R),
    {Result, reversed(Rest)};
out_r(Q) -> error(badarg, [Q]).

-doc "The elements in the opposite order.".
-spec reverse(queue(T)) -> queue(T).
reverse({R, F}) when ?IS_QUEUE(R, F) -> {F, R};
reverse(Q) -> error(badarg, [Q]).

-doc "The second queue behind the first.".
-spec join(queue(T), queue(T)) -> queue(T).
join({R1, F1} = Q1, {R2, F2} = Q2) when ?IS_QUEUE(R1, F1), ?IS_QUEUE(R2, F2) ->
    if Q2 =:= {[], []} -> Q1;
       Q1 =:= {[], []} -> Q2;
       true -> {R2, F1 ++ lists:reverse(R1, F2)}
    end;
join(Q1, Q2) ->
    error(badarg, [Q1, Q2]).

-doc "The first N elements and the rest.".
-spec split(non_neg_integer(), queue(T)) -> {queue(T), queue(T)}.
split(0, {R, F} = Q) when ?IS_QUEUE(R, F) -> {new(), Q};
split(N, {R, F} = Q) when is_integer(N), N > 0, ?IS_QUEUE(R, F) ->
    InFront = length(F),
    if N =:= InFront ->
            {of_front(F), of_rear(R)};
       N < InFront ->
            {[X | Xs], Rest} = lists:split(N, F),
            {{lists:reverse(Xs), [X]}, {R, Rest}};
       true ->
            case length(R) - (N - InFront) of
                0 ->
                    {Q, new()};
                Left when Left > 0 ->
                    {[X | Xs], Rest} = lists:split(Left, R),
                    {{Rest, F}, {[X], lists:reverse(Xs)}};
                _ ->
                    error(badarg, [N, Q])
            end
    end;
split(N, Q) ->
    error(badarg, [N, Q]).

%%% ---- the ends ----------------------------------------------------------------------------------

-doc "The front element; raises empty without one.".
-spec get(queue(T)) -> T.
get(Q) ->
    case peek_of(Q) of
        {value, X} -> X;
        Reason -> error(Reason, [Q])
    end.

-doc "The rear element; raises empty without one.".
-spec get_r(queue(T)) -> T.
get_r(Q) -> element_of(peek_of(reversed(Q)), Q).

element_of({value, X}, _) -> X;
element_of(Reason, Q) -> error(Reason, [Q]).

-doc "{value, Element} for the front element, or empty.".
-spec peek(queue(T)) -> empty | {value, T}.
peek(Q) -> peeked(peek_of(Q), Q).

-doc "{value, Element} for the rear element, or empty.".
-spec peek_r(queue(T)) -> empty | {value, T}.
peek_r(Q) -> peeked(peek_of(reversed(Q)), Q).

peeked(badarg, Q) -> error(badarg, [Q]);
peeked(Result, _) -> Result.

peek_of({R, F}) when ?IS_QUEUE(R, F) ->
    case F of
        [X | _] -> {value, X};
        [] when R =:= [] -> empty;
        [] -> {value, lists:last(R)}
    end;
peek_of(_) ->
    badarg.

reversed({R, F}) -> {F, R};
reversed(Term) -> Term.

-doc "The queue without its front element; raises empty without one.".
-spec drop(queue(T)) -> queue(T).
drop({R, F} = Q) when ?IS_QUEUE(R, F) ->
    case taken(R, F) of
        {empty, _} -> error(empty, [Q]);
        {_, Rest} -> Rest
    end;
drop(Q) ->
    error(badarg, [Q]).

-doc "The queue without its rear element; raises empty without one.".
-spec drop_r(queue(T)) -> queue(T).
drop_r({R, F} = Q) when ?IS_QUEUE(R, F) ->
    case taken(F, R) of
        {empty, _} -> error(empty, [Q]);
        {_, Rest} -> reversed(Rest)
    end;
drop_r(Q) ->
    error(badarg, [Q]).

%%% ---- funs over queues --------------------------------------------------------------------------

-doc "Calls a fun for each element, from the front.".
-spec fold(fun((T, A) -> A), A, queue(T)) -> A.
fold(Fun, Acc, {R, F}) when is_function(Fun, 2), ?IS_QUEUE(R, F) ->
    lists:foldr(Fun, lists:foldl(Fun, Acc, F), R);
fold(Fun, Acc, Q) ->
    error(badarg, [Fun, Acc, Q]).

-doc "Whether a fun is true for an element.".
-spec any(fun((T) -> boolean()), queue(T)) -> boolean().
any(Pred, {R, F}) when is_function(Pred, 1), ?IS_QUEUE(R, F) ->
    lists:any(Pred, F) orelse lists:any(Pred, R);
any(Pred, Q) ->
    error(badarg, [Pred, Q]).

-doc "Whether a fun is true for all elements.".
-spec all(fun((T) -> boolean()), queue(T)) -> boolean().
all(Pred, {R, F}) when is_function(Pred, 1), ?IS_QUEUE(R, F) ->
    lists:all(Pred, F) andalso lists:all(Pred, R);
all(Pred, Q) ->
    error(badarg, [Pred, Q]).

-doc "The elements for which a fun is true; a list takes an element's place.".
-spec filter(fun((T) -> boolean() | [T]), queue(T)) -> queue(T).
filter(Fun, {R, F}) when is_function(Fun, 1), ?IS_QUEUE(R, F) ->
    Choose = fun(X) ->
                     case Fun(X) of
                         true -> [X];
                         false -> [];
                         List when is_list(List) -> List
                     end
             end,
    chosen(fun(List) -> lists:flatmap(Choose, List) end, R, F);
filter(Fun, Q) ->
    error(badarg, [Fun, Q]).

-doc "The elements for which a fun is true; {true, New} puts New in an element's place.".
-spec filtermap(fun((T) -> boolean() | {true, U}), queue(T)) -> queue(T | U).
filtermap(Fun, {R, F}) when is_function(Fun, 1), ?IS_QUEUE(R, F) ->
    chosen(fun(List) -> lists:filtermap(Fun, List) end, R, F);
filtermap(Fun, Q) ->
    error(badarg, [Fun, Q]).

%% Both lists go through a fun, each from the front.
chosen(Filter, R, F) ->
    case {Filter(F), lists:reverse(Filter(lists:reverse(R)))} of
        {F1, []} -> of_front(F1);
        {[], R1} -> of_rear(R1);
        {F1, R1} -> {R1, F1}
    end.

-doc "The queue without the first element that matches a term.".
-spec delete(T, queue(T)) -> queue(T).
delete(X, {R, F} = Q) when ?IS_QUEUE(R, F) -> cut(fun(Y) -> Y =:= X end, R, F, Q);
delete(X, Q) -> error(badarg, [X, Q]).

-doc "The queue without the last element that matches a term.".
-spec delete_r(T, queue(T)) -> queue(T).
delete_r(X, {R, F} = Q) when ?IS_QUEUE(R, F) -> reverse(delete(X, reverse(Q)));
delete_r(X, Q) -> error(badarg, [X, Q]).

-doc "The queue without the first element for which a fun is true.".
-spec delete_with(fun((T) -> boolean()), queue(T)) -> queue(T).
delete_with(Pred, {R, F} = Q) when is_function(Pred, 1), ?IS_QUEUE(R, F) -> cut(Pred, R, F, Q);
delete_with(Pred, Q) -> error(badarg, [Pred, Q]).

-doc "The queue without the last element for which a fun is true.".
-spec delete_with_r(fun((T) -> boolean()), queue(T)) -> queue(T).
delete_with_r(Pred, {R, F}) when is_function(Pred, 1), ?IS_QUEUE(R, F) -> reversed(cut(Pred, F, R, {F, R}));
delete_with_r(Pred, Q) -> error(badarg, [Pred, Q]).

cut(Pred, R, F, Q) ->
    case cut(Pred, F) of
        [] -> of_rear(R);
        none ->
            case cut(Pred, lists:reverse(R)) of
                [] -> of_front(F);
                none -> Q;
                Rest -> {lists:reverse(Rest), F}
            end;
        Rest -> {R, Rest}
    end.

cut(_, []) -> none;
cut(Pred, [X | Rest]) ->
    case Pred(X) of
        true -> Rest;
        false ->
            case cut(Pred, Rest) of
                none -> none;
                Cut -> [X | Cut]
            end
    end.

%%% ---- other names -------------------------------------------------------------------------------

-doc "in_r/2.".
-spec cons(T, queue(T)) -> queue(T).
cons(X, Q) -> in_r(X, Q).

-doc "get/1.".
-spec head(queue(T)) -> T.
head(Q) -> get(Q).

-doc "drop/1.".
-spec tail(queue(T)) -> queue(T).
tail(Q) -> drop(Q).

-doc "in/2, with its arguments the other way round.".
-spec snoc(queue(T), T) -> queue(T).
snoc(Q, X) -> in(X, Q).

-doc "get_r/1.".
-spec daeh(queue(T)) -> T.
daeh(Q) -> get_r(Q).

-doc "get_r/1.".
-spec last(queue(T)) -> T.
last(Q) -> get_r(Q).

-doc "drop_r/1.".
-spec liat(queue(T)) -> queue(T).
liat(Q) -> drop_r(Q).

-doc "drop_r/1, under a name that was misspelt once.".
-spec lait(queue(T)) -> queue(T).
lait(Q) -> drop_r(Q).

-doc "drop_r/1.".
-spec init(queue(T)) -> queue(T).
init(Q) -> drop_r(Q).
