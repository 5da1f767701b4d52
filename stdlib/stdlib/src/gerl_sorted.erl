-module(gerl_sorted).
-moduledoc "Work on sorted lists without duplicates, and on pairs that are sorted by their keys; all compare with ==.".

-export([common/2, minus/2, sift/4, gathered/1, matches/2, widened/2, all_indices/2, shared_indices/2, first_indices/2, unique_keys/1]).

-doc "The elements of both lists.".
-spec common([A], [B]) -> [A | B].
common([X | Xs] = A, [Y | Ys] = B) ->
    if
        X == Y -> [X | common(Xs, Ys)];
        X < Y -> common(Xs, B);
        true -> common(A, Ys)
    end;
common(_, _) -> [].

-doc "The elements of the first list only.".
-spec minus([A], [_]) -> [A].
minus([X | Xs] = A, [Y | Ys] = B) ->
    if
        X == Y -> minus(Xs, Ys);
        X < Y -> [X | minus(Xs, B)];
        true -> minus(A, Ys)
    end;
minus(A, _) -> A.

-doc "Whether the keys of pairs are in a list: the values of those that are, and of those that are not, in reverse.".
-spec sift([{K, V}], [K], [V], [V]) -> {[V], [V]}.
sift([{Y, X} | Pairs] = All, [W | Ws] = Wanted, In, Out) ->
    if
        Y == W -> sift(Pairs, Wanted, [X | In], Out);
        Y < W -> sift(Pairs, Wanted, In, [X | Out]);
        true -> sift(All, Ws, In, Out)
    end;
sift([{_, X} | Pairs], [], In, Out) -> sift(Pairs, [], In, [X | Out]);
sift([], _, In, Out) -> {In, Out}.

-doc "Pairs, gathered by their keys.".
-spec gathered([{K, V}]) -> [{K, [V]}].
gathered([{K, V} | Pairs]) -> gathered(Pairs, K, [V]);
gathered([]) -> [].

gathered([{K, V} | Pairs], Key, Vs) when K == Key -> gathered(Pairs, Key, [V | Vs]);
gathered(Pairs, Key, Vs) -> [{Key, lists:reverse(Vs)} | gathered(Pairs)].

-doc "The gathered values of the keys that two lists have in common.".
-spec matches([{K, [A]}], [{K, [B]}]) -> [{[A], [B]}].
matches([{J, Xs} | R1] = A, [{K, Ys} | R2] = B) ->
    if
        J == K -> [{Xs, Ys} | matches(R1, R2)];
        J < K -> matches(R1, B);
        true -> matches(A, R2)
    end;
matches(_, _) -> [].

-doc "Rows of gathered values, each with a value more in front.".
-spec widened([{K, [V]}], [{K, [[V]]}]) -> [{K, [[V]]}].
widened([{X, Ys} | More] = All, [{K, Rows} | Rest] = Known) ->
    if
        X == K -> [{K, [[Y | Row] || Row <- Rows, Y <- Ys]} | widened(More, Rest)];
        X < K -> widened(More, Known);
        true -> widened(All, Rest)
    end;
widened(_, _) -> [].

-doc "The unions of lists at the same index, for all indices.".
-spec all_indices([{K, [V]}], [{K, [V]}]) -> [{K, [V]}].
all_indices([{I, Xs} | R1] = A, [{J, Ys} | R2] = B) ->
    if
        I == J -> [{I, lists:umerge(Xs, Ys)} | all_indices(R1, R2)];
        I < J -> [{I, Xs} | all_indices(R1, B)];
        true -> [{J, Ys} | all_indices(A, R2)]
    end;
all_indices([], B) -> B;
all_indices(A, []) -> A.

-doc "The common elements of lists at the same index, for the indices of both.".
-spec shared_indices([{K, [V]}], [{K, [V]}]) -> [{K, [V]}].
shared_indices([{I, Xs} | R1] = A, [{J, Ys} | R2] = B) ->
    if
        I == J -> [{I, common(Xs, Ys)} | shared_indices(R1, R2)];
        I < J -> shared_indices(R1, B);
        true -> shared_indices(A, R2)
    end;
shared_indices(_, _) -> [].

-doc "The first list's lists without what the second one has at the same index.".
-spec first_indices([{K, [V]}], [{K, [V]}]) -> [{K, [V]}].
first_indices([{I, Xs} | R1] = A, [{J, Ys} | R2] = B) ->
    if
        I == J -> [{I, minus(Xs, Ys)} | first_indices(R1, R2)];
        I < J -> [{I, Xs} | first_indices(R1, B)];
        true -> first_indices(A, R2)
    end;
first_indices(A, _) -> A.

-doc "Whether no two pairs have the same key.".
-spec unique_keys([{_, _}]) -> boolean().
unique_keys([{K, _} | [{L, _} | _] = Rest]) -> not (K == L) andalso unique_keys(Rest);
unique_keys(_) -> true.
