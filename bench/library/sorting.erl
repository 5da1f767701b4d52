%% Sorting in lists: integers, tuples, texts, with a key and with a fun of its own.
-module(sorting).
-export([main/1]).
-include("rounds.hrl").

main(["sort"]) ->
    L = numbers(?SIZE(100000)),
    rounds(?ROUNDS(25), fun() -> lists:sort(L) end);
main(["sort_texts"]) ->
    L = [integer_to_list(X, 36) || X <- numbers(?SIZE(50000))],
    rounds(?ROUNDS(15), fun() -> lists:sort(L) end);
main(["sort_fun"]) ->
    L = numbers(?SIZE(50000)),
    rounds(?ROUNDS(15), fun() -> lists:sort(fun(A, B) -> A >= B end, L) end);
main(["usort"]) ->
    L = [X rem 5000 || X <- numbers(?SIZE(100000))],
    rounds(?ROUNDS(25), fun() -> lists:usort(L) end);
main(["keysort"]) ->
    L = [{X rem 5000, X, name} || X <- numbers(?SIZE(100000))],
    rounds(?ROUNDS(20), fun() -> lists:keysort(1, L) end);
main(["merge"]) ->
    A = lists:sort(numbers(?SIZE(100000))),
    B = [X + 1 || X <- A],
    rounds(?ROUNDS(40), fun() -> lists:merge(A, B) end).

numbers(N) -> numbers(N, 7, []).

numbers(0, _, L) -> L;
numbers(N, S, L) ->
    Next = (S * 1103515245 + 12345) band 16#7fffffff,
    numbers(N - 1, Next, [Next bsr 6 | L]).
