-module(gerl_sofs_types).
-moduledoc "The types of the sets of sofs, found and compared; what does not fit throws {sofs, Reason}.".

-export([meet/2, typed/2, is_proper/1]).

-define(ANY, '_').

-doc "The type that two have in common; '_' fits everything.".
-spec meet(sofs:type(), sofs:type()) -> sofs:type().
meet(T, T) -> T;
meet(?ANY, T) -> T;
meet(T, ?ANY) -> T;
meet([A], [B]) -> [meet(A, B)];
meet(A, B) when is_tuple(A), is_tuple(B), tuple_size(A) =:= tuple_size(B) ->
    list_to_tuple(lists:zipwith(fun meet/2, tuple_to_list(A), tuple_to_list(B)));
meet(_, _) -> throw({sofs, type_mismatch}).

-doc "A term with its lists sorted, as far as the type goes, and the type that it has.".
-spec typed(term(), sofs:type()) -> {term(), sofs:type()}.
typed(List, ?ANY) when is_list(List) -> typed(List, [?ANY]);
typed(Tuple, ?ANY) when is_tuple(Tuple) -> typed(Tuple, erlang:make_tuple(tuple_size(Tuple), ?ANY));
typed(_, {}) -> throw({sofs, badarg});
typed(Term, ?ANY) -> {Term, atom};
typed([], [Type]) -> {[], [Type]};
typed(List, [Type]) when is_list(List) ->
    is_proper(List) orelse throw({sofs, badarg}),
    {Elements, Types} = lists:unzip([typed(X, Type) || X <- List]),
    {lists:usort(Elements), [lists:foldl(fun meet/2, Type, Types)]};
typed(Tuple, Types) when is_tuple(Types), is_tuple(Tuple), tuple_size(Types) =:= tuple_size(Tuple) ->
    {Values, Found} = lists:unzip(lists:zipwith(fun typed/2, tuple_to_list(Tuple), tuple_to_list(Types))),
    {list_to_tuple(Values), list_to_tuple(Found)};
typed(Term, Type) when is_atom(Type) -> {Term, Type};
typed(_, _) -> throw({sofs, badarg}).

-doc "Whether a term is a list with a proper end.".
-spec is_proper(term()) -> boolean().
is_proper([_ | Rest]) -> is_proper(Rest);
is_proper(End) -> End =:= [].
