-module(sofs).
-moduledoc """
Sets of sets: finite sets, relations, functions and families with types.

An unordered set holds its elements sorted and without duplicates, and the type of its elements; an atomic or
ordered set (a tuple) holds its value and type. '_' is the type of what is not known, the elements of an empty set.
What does not fit raises badarg, type_mismatch or bad_function.
""".

-export([from_term/1, from_term/2, from_external/2, empty_set/0, set/1, set/2, from_sets/1, relation/1, relation/2,
         a_function/1, a_function/2, family/1, family/2, to_external/1, type/1, to_sets/1, no_elements/1]).
-export([is_type/1, is_set/1, is_empty_set/1, is_sofs_set/1, is_a_function/1, is_equal/2, is_subset/2, is_disjoint/2]).
-export([union/2, intersection/2, difference/2, symdiff/2, symmetric_partition/2, product/1, product/2, union/1,
         intersection/1, canonical_relation/1, specification/2]).
-export([projection/2, substitution/2, restriction/3, drestriction/3, partition/1, partition/2, partition/3,
         partition_family/2]).
-export([relation_to_family/1, domain/1, range/1, field/1, relative_product/1, relative_product/2,
         relative_product1/2, converse/1, image/2, inverse_image/2, strict_relation/1, weak_relation/1, extension/3,
         restriction/2, drestriction/2, multiple_relative_product/2, join/4]).
-export([composite/2, inverse/1, constant_function/2, rel2fam/1, fam2rel/1]).
-export([family_to_relation/1, family_specification/2, union_of_family/1, intersection_of_family/1, family_union/1,
         family_intersection/1, family_domain/1, family_range/1, family_field/1, family_union/2,
         family_intersection/2, family_difference/2, family_projection/2, digraph_to_family/1, digraph_to_family/2,
         family_to_digraph/1, family_to_digraph/2]).
-import(gerl_sofs_types, [meet/2, is_proper/1]).
-import(gerl_sorted, [common/2, minus/2, sift/4, gathered/1, matches/2, widened/2, all_indices/2, shared_indices/2,
                      first_indices/2, unique_keys/1]).
-export_type([anyset/0, binary_relation/0, external_set/0, a_function/0, family/0, relation/0, set_of_sets/0,
              set_fun/0, spec_fun/0, type/0, ordset/0, a_set/0, tuple_of/1]).

-record('Set', {elements = [] :: list(), type :: term()}).
-record('OrdSet', {value :: term(), type :: term()}).

-opaque anyset() :: ordset() | a_set().
-opaque ordset() :: #'OrdSet'{}.
-opaque a_set() :: #'Set'{}.
-type binary_relation() :: relation().
-type relation() :: a_set().
-type a_function() :: relation().
-type family() :: a_function().
-type set_of_sets() :: a_set().
-type external_set() :: term().
-type type() :: term().
-type tuple_of(_T) :: tuple().
-type set_fun() :: pos_integer() | {external, fun((external_set()) -> external_set())} | fun((anyset()) -> anyset()).
-type spec_fun() :: {external, fun((external_set()) -> boolean())} | fun((anyset()) -> boolean()).

-define(ANY, '_').

%%% ---- types ---------------------------------------------------------------------------------------------

-doc "Whether a term is a type: an atom, a tuple of types, or a list of one type.".
-spec is_type(term()) -> boolean().
is_type([?ANY]) -> true;
is_type([Type]) -> is_type(Type);
is_type(?ANY) -> false;
is_type(Type) when is_tuple(Type), Type =/= {} -> lists:all(fun is_type/1, tuple_to_list(Type));
is_type(Type) -> is_atom(Type).

%% Runs what may throw the name of an error.
guarded(Run) ->
    try Run()
    catch throw:{sofs, Reason} -> error(Reason)
    end.

make(Elements, Type) -> #'Set'{elements = Elements, type = Type}.

%% An element of a set as a set of its own.
element_set(X, [Type]) -> make(X, Type);
element_set(X, Type) -> #'OrdSet'{value = X, type = Type}.

%%% ---- making sets -----------------------------------------------------------------------------------------

-doc "The set that a term stands for: lists are sets, tuples ordered sets.".
-spec from_term(term()) -> anyset().
from_term(Term) -> derived(Term, ?ANY).

-doc "The set that a term stands for; a type that is an atom leaves its part of the term alone.".
-spec from_term(term(), type()) -> anyset().
from_term(Term, Type) ->
    is_type(Type) orelse error(badarg),
    derived(Term, Type).

derived(Term, Type) ->
    try gerl_sofs_types:typed(Term, Type) of
        {Value, Found} -> element_set(Value, Found)
    catch
        throw:{sofs, _} -> error(badarg)
    end.

-doc "The set of an external set, which must be sorted and of the given type: nothing is checked.".
-spec from_external(external_set(), type()) -> anyset().
from_external(Value, Type) -> element_set(Value, Type).

-doc "The empty set of no type.".
-spec empty_set() -> a_set().
empty_set() -> make([], ?ANY).

-doc "A set of atoms, in the wide sense of sofs.".
-spec set([term()]) -> a_set().
set(Terms) -> set(Terms, [atom]).

-doc "A set of a type.".
-spec set([term()], type()) -> a_set().
set([], [Type]) -> make([], Type);
set(Terms, [Type]) when is_list(Terms) -> from_term(Terms, [Type]);
set(_, _) -> error(badarg).

-doc "The set of a list's sets, or the ordered set of a tuple's.".
-spec from_sets([anyset()] | tuple()) -> anyset().
from_sets(Sets) when is_list(Sets) ->
    guarded(fun() ->
                is_proper(Sets) orelse throw({sofs, badarg}),
                {Values, Types} = lists:unzip([value_and_type(S) || S <- Sets]),
                make(lists:usort(Values), lists:foldl(fun gerl_sofs_types:meet/2, ?ANY, Types))
            end);
from_sets(Sets) when is_tuple(Sets) ->
    guarded(fun() ->
                {Values, Types} = lists:unzip([value_and_type(S) || S <- tuple_to_list(Sets)]),
                element_set(list_to_tuple(Values), list_to_tuple(Types))
            end);
from_sets(_) -> error(badarg).

value_and_type(#'Set'{elements = Elements, type = Type}) -> {Elements, [Type]};
value_and_type(#'OrdSet'{value = Value, type = Type}) -> {Value, Type};
value_and_type(_) -> throw({sofs, badarg}).

-doc "A relation of atoms; the first tuple settles the size.".
-spec relation([tuple()]) -> relation().
relation([]) -> relation([], 2);
relation([Tuple | _] = Tuples) when is_tuple(Tuple), Tuple =/= {} -> relation(Tuples, tuple_size(Tuple));
relation(_) -> error(badarg).

-doc "A relation of a type, or of atoms in tuples of a size.".
-spec relation([tuple()], pos_integer() | type()) -> relation().
relation(Tuples, Size) when is_integer(Size), Size > 0 -> from_term(Tuples, [erlang:make_tuple(Size, atom)]);
relation(Tuples, [Type]) when is_tuple(Type), is_list(Tuples); Type =:= ?ANY, is_list(Tuples) ->
    case from_term(Tuples, [Type]) of
        #'Set'{type = Found} = Relation when is_tuple(Found); Found =:= ?ANY -> Relation;
        _ -> error(badarg)
    end;
relation(_, _) -> error(badarg).

-doc "A function from atoms to atoms.".
-spec a_function([tuple()]) -> a_function().
a_function(Tuples) -> a_function(Tuples, [{atom, atom}]).

-doc "A function of a type.".
-spec a_function([tuple()], type()) -> a_function().
a_function(Tuples, [Type]) when is_list(Tuples), tuple_size(Type) =:= 2;
                                is_list(Tuples), Type =:= ?ANY ->
    case from_term(Tuples, [Type]) of
        #'Set'{type = Found} = F when tuple_size(Found) =:= 2; Found =:= ?ANY -> only_function(F);
        _ -> error(badarg)
    end;
a_function(_, _) -> error(badarg).

only_function(#'Set'{elements = Pairs} = F) ->
    case unique_keys(Pairs) of
        true -> F;
        false -> error(bad_function)
    end.

-doc "A family of sets of atoms.".
-spec family([tuple()]) -> family().
family(Tuples) -> family(Tuples, [{atom, [atom]}]).

-doc "A family of a type.".
-spec family([tuple()], type()) -> family().
family(Tuples, [Type]) when is_list(Tuples) ->
    case from_term(Tuples, [Type]) of
        #'Set'{type = {_, [_]}} = F -> only_function(F);
        #'Set'{type = ?ANY} = F -> F;
        _ -> error(badarg)
    end;
family(_, _) -> error(badarg).

%%% ---- looking at sets ----------------------------------------------------------------------------------------

-doc "The set as a term.".
-spec to_external(anyset()) -> external_set().
to_external(#'Set'{elements = Elements}) -> Elements;
to_external(#'OrdSet'{value = Value}) -> Value.

-doc "The set's type.".
-spec type(anyset()) -> type().
type(#'Set'{type = Type}) -> [Type];
type(#'OrdSet'{type = Type}) -> Type.

-doc "The elements as sets, in a list or a tuple.".
-spec to_sets(anyset()) -> [anyset()] | tuple().
to_sets(#'Set'{elements = Elements, type = Type}) -> [element_set(X, Type) || X <- Elements];
to_sets(#'OrdSet'{value = Tuple, type = Types}) when is_tuple(Types) ->
    list_to_tuple(lists:zipwith(fun element_set/2, tuple_to_list(Tuple), tuple_to_list(Types)));
to_sets(#'OrdSet'{}) -> error(badarg).

-doc "The number of elements of a set or an ordered set.".
-spec no_elements(anyset()) -> non_neg_integer().
no_elements(#'Set'{elements = Elements}) -> length(Elements);
no_elements(#'OrdSet'{value = Tuple, type = Types}) when is_tuple(Types) -> tuple_size(Tuple);
no_elements(#'OrdSet'{}) -> error(badarg).

-doc "Whether it is an unordered set.".
-spec is_set(anyset()) -> boolean().
is_set(#'Set'{}) -> true;
is_set(#'OrdSet'{}) -> false.

-doc "Whether it is an unordered set without elements.".
-spec is_empty_set(anyset()) -> boolean().
is_empty_set(#'Set'{elements = Elements}) -> Elements =:= [];
is_empty_set(#'OrdSet'{}) -> false.

-doc "Whether a term is a set of this module.".
-spec is_sofs_set(term()) -> boolean().
is_sofs_set(#'Set'{}) -> true;
is_sofs_set(#'OrdSet'{}) -> true;
is_sofs_set(_) -> false.

-doc "Whether a relation has one pair at most for each first element.".
-spec is_a_function(binary_relation()) -> boolean().
is_a_function(#'Set'{elements = Pairs, type = {_, _}}) -> unique_keys(Pairs);
is_a_function(#'Set'{type = ?ANY}) -> true;
is_a_function(#'Set'{}) -> error(badarg).

-doc "Whether two sets are equal; 1 and 1.0 are.".
-spec is_equal(anyset(), anyset()) -> boolean().
is_equal(#'Set'{elements = A, type = S}, #'Set'{elements = B, type = T}) -> compare(A == B, S, T);
is_equal(#'OrdSet'{value = A, type = S}, #'OrdSet'{value = B, type = T}) -> compare(A == B, S, T);
is_equal(#'Set'{}, #'OrdSet'{}) -> error(type_mismatch);
is_equal(#'OrdSet'{}, #'Set'{}) -> error(type_mismatch).

compare(Result, S, T) ->
    guarded(fun() -> meet(S, T), Result end).

-doc "Whether all elements of the first set are in the second one.".
-spec is_subset(a_set(), a_set()) -> boolean().
is_subset(#'Set'{elements = A, type = S}, #'Set'{elements = B, type = T}) ->
    compare(minus(A, B) =:= [], S, T).

-doc "Whether two sets have no element in common.".
-spec is_disjoint(a_set(), a_set()) -> boolean().
is_disjoint(#'Set'{elements = A, type = S}, #'Set'{elements = B, type = T}) ->
    compare(common(A, B) =:= [], S, T).

both(#'Set'{elements = A, type = S}, #'Set'{elements = B, type = T}, Combine) ->
    guarded(fun() ->
                Type = meet(S, T),
                make(Combine(A, B), Type)
            end).

-doc "What is in one of the sets.".
-spec union(a_set(), a_set()) -> a_set().
union(#'Set'{} = A, #'Set'{} = B) -> both(A, B, fun lists:umerge/2).

-doc "What is in both sets.".
-spec intersection(a_set(), a_set()) -> a_set().
intersection(#'Set'{} = A, #'Set'{} = B) -> both(A, B, fun gerl_sorted:common/2).

-doc "What is in the first set only.".
-spec difference(a_set(), a_set()) -> a_set().
difference(#'Set'{} = A, #'Set'{} = B) -> both(A, B, fun gerl_sorted:minus/2).

-doc "What is in exactly one of the sets.".
-spec symdiff(a_set(), a_set()) -> a_set().
symdiff(#'Set'{} = A, #'Set'{} = B) -> both(A, B, fun(X, Y) -> lists:umerge(minus(X, Y), minus(Y, X)) end).

-doc "What is in the first set only, in both, and in the second one only.".
-spec symmetric_partition(a_set(), a_set()) -> {a_set(), a_set(), a_set()}.
symmetric_partition(#'Set'{} = A, #'Set'{} = B) -> {difference(A, B), intersection(A, B), difference(B, A)}.

-doc "All pairs of elements of two sets.".
-spec product(a_set(), a_set()) -> binary_relation().
product(#'Set'{type = ?ANY}, #'Set'{}) -> empty_set();
product(#'Set'{}, #'Set'{type = ?ANY}) -> empty_set();
product(#'Set'{elements = A, type = S}, #'Set'{elements = B, type = T}) -> make([{X, Y} || X <- A, Y <- B], {S, T}).

-doc "All tuples with an element of each of the sets.".
-spec product(tuple()) -> relation().
product({A, B}) -> product(A, B);
product(Sets) when is_tuple(Sets) ->
    List = tuple_to_list(Sets),
    Sets =/= {} andalso lists:all(fun(S) -> is_record(S, 'Set') end, List) orelse error(badarg),
    case lists:any(fun(#'Set'{type = Type}) -> Type =:= ?ANY end, List) of
        true -> empty_set();
        false ->
            Rows = lists:foldr(fun(#'Set'{elements = Xs}, Rows) -> [[X | Row] || X <- Xs, Row <- Rows] end, [[]], List),
            make([list_to_tuple(Row) || Row <- Rows], list_to_tuple([Type || #'Set'{type = Type} <- List]))
    end.

-doc "What is in one of a set's sets.".
-spec union(set_of_sets()) -> a_set().
union(#'Set'{type = ?ANY} = S) -> S;
union(#'Set'{elements = Sets, type = [Type]}) -> make(lists:umerge(Sets), Type);
union(#'Set'{}) -> error(badarg).

-doc "What is in all of a set's sets.".
-spec intersection(set_of_sets()) -> a_set().
intersection(#'Set'{elements = [First | Rest], type = [Type]}) -> make(lists:foldl(fun gerl_sorted:common/2, First, Rest), Type);
intersection(#'Set'{}) -> error(badarg).

-doc "All pairs of an element and a set that has it.".
-spec canonical_relation(set_of_sets()) -> binary_relation().
canonical_relation(#'Set'{type = ?ANY} = S) -> S;
canonical_relation(#'Set'{type = [?ANY]}) -> empty_set();
canonical_relation(#'Set'{elements = Sets, type = [Type]}) ->
    make(lists:usort([{X, Set} || Set <- Sets, X <- Set]), {Type, [Type]});
canonical_relation(#'Set'{}) -> error(badarg).

-doc "The elements for which a fun is true.".
-spec specification(spec_fun(), a_set()) -> a_set().
specification(Fun, #'Set'{elements = Elements, type = Type} = S) ->
    S#'Set'{elements = [X || X <- Elements, holds(Fun, X, Type)]}.

holds({external, Fun}, X, _Type) -> truth(Fun(X));
holds(Fun, X, Type) -> truth(Fun(element_set(X, Type))).

truth(Truth) when is_boolean(Truth) -> Truth;
truth(_) -> error(badarg).

%%% ---- funs over elements ----------------------------------------------------------------------------------------------

%% Pairs of a fun's result and the element, and the type of the results. The caller is guarded.
applied(_Fun, #'Set'{elements = [], type = ?ANY}) -> {[], ?ANY};
applied(I, #'Set'{elements = Elements, type = Types}) when is_integer(I) ->
    is_tuple(Types) andalso I > 0 andalso I =< tuple_size(Types) orelse throw({sofs, badarg}),
    {[{element(I, X), X} || X <- Elements], element(I, Types)};
applied({external, Fun}, #'Set'{elements = Elements, type = Type}) ->
    is_list(Type) andalso throw({sofs, badarg}),
    New = Fun(Type),
    is_type(New) orelse throw({sofs, badarg}),
    {[{Fun(X), X} || X <- Elements], New};
applied(Fun, #'Set'{elements = Elements, type = Type}) -> % what is no fun fails at the first element
    {Results, Types} = lists:unzip([value_and_type(Fun(element_set(X, Type))) || X <- Elements]),
    {lists:zip(Results, Elements), lists:foldl(fun gerl_sofs_types:meet/2, ?ANY, Types)}.

%% Whether it stands for a fun of sets: neither a position nor a fun of external sets.
is_set_fun({external, _}) -> false;
is_set_fun(Fun) -> not is_integer(Fun).

-doc "The results of a fun, or the parts at a position, of all elements.".
-spec projection(set_fun(), a_set()) -> a_set().
projection(Fun, #'Set'{} = S) ->
    guarded(fun() ->
                {Pairs, Type} = applied(Fun, S),
                make(lists:usort([Y || {Y, _} <- Pairs]), Type)
            end).

-doc "The function from each element to a fun's result.".
-spec substitution(set_fun(), a_set()) -> a_function().
substitution(Fun, #'Set'{type = Old} = S) ->
    guarded(fun() ->
                case applied(Fun, S) of
                    {[], ?ANY} -> empty_set();
                    {Pairs, Type} -> make(lists:usort([{X, Y} || {Y, X} <- Pairs]), {Old, Type})
                end
            end).

-doc "The elements of Set1 for which the fun gives an element of Set2.".
-spec restriction(set_fun(), a_set(), a_set()) -> a_set().
restriction(Fun, #'Set'{} = S1, #'Set'{} = S2) -> element(1, partition(Fun, S1, S2)).

-doc "The elements of Set1 for which the fun gives no element of Set2.".
-spec drestriction(set_fun(), a_set(), a_set()) -> a_set().
drestriction(Fun, #'Set'{} = S1, #'Set'{} = S2) -> element(2, partition(Fun, S1, S2)).

-doc "The results of restriction/3 and drestriction/3.".
-spec partition(set_fun(), a_set(), a_set()) -> {a_set(), a_set()}.
partition(Fun, #'Set'{type = Type} = S1, #'Set'{elements = Wanted, type = WantedType} = S2) ->
    case WantedType =:= ?ANY andalso is_set_fun(Fun) of
        true -> {S2, S1};
        false ->
            {Pairs, Results} = guarded(fun() -> applied(Fun, S1) end),
            guarded(fun() -> meet(Results, WantedType) end),
            {In, Out} = sift(lists:keysort(1, Pairs), Wanted, [], []),
            {make(lists:sort(In), Type), make(lists:sort(Out), Type)}
    end.

-doc "The coarsest partition of the union that splits none of the sets.".
-spec partition(set_of_sets()) -> a_set().
partition(#'Set'{type = ?ANY} = S) -> S;
partition(#'Set'{elements = Sets, type = [Type]}) ->
    Numbered = lists:usort([{X, N} || {N, Set} <- lists:enumerate(Sets), X <- Set]),
    Memberships = [{Ns, X} || {X, Ns} <- gathered(Numbered)],
    make(lists:sort([Class || {_, Class} <- gathered(lists:sort(Memberships))]), [Type]);
partition(#'Set'{}) -> error(badarg).

-doc "The classes of elements for which the fun gives the same.".
-spec partition(set_fun(), a_set()) -> a_set().
partition(Fun, #'Set'{type = Type} = S) ->
    guarded(fun() ->
                {Pairs, _} = applied(Fun, S),
                case Pairs =:= [] andalso is_set_fun(Fun) orelse Type =:= ?ANY of
                    true -> empty_set();
                    false -> make(lists:sort([Class || {_, Class} <- gathered(lists:usort(Pairs))]), [Type])
                end
            end).

-doc "The family of the classes of elements, with the fun's results as indices.".
-spec partition_family(set_fun(), a_set()) -> family().
partition_family(Fun, #'Set'{type = Type} = S) ->
    guarded(fun() ->
                case applied(Fun, S) of
                    {[], ?ANY} -> empty_set();
                    {Pairs, Results} -> make(gathered(lists:usort(Pairs)), {Results, [Type]})
                end
            end).

%% The pairs of a binary relation and their types.
pairs(#'Set'{type = ?ANY}) -> {[], ?ANY, ?ANY};
pairs(#'Set'{elements = Pairs, type = {S, T}}) -> {Pairs, S, T};
pairs(_) -> throw({sofs, badarg}).

checked(R) ->
    guarded(fun() -> pairs(R) end),
    R.

relation_of(_Pairs, ?ANY, _) -> empty_set();
relation_of(_Pairs, _, ?ANY) -> empty_set();
relation_of(Pairs, S, T) -> make(Pairs, {S, T}).

-doc "The family of the images of each first element.".
-spec relation_to_family(binary_relation()) -> family().
relation_to_family(#'Set'{type = ?ANY} = R) -> R;
relation_to_family(#'Set'{} = R) ->
    {Pairs, S, T} = guarded(fun() -> pairs(R) end),
    make(gathered(Pairs), {S, [T]}).

-doc false.
rel2fam(R) -> relation_to_family(R).

-doc "The first elements.".
-spec domain(binary_relation()) -> a_set().
domain(#'Set'{} = R) -> projection(1, checked(R)).

-doc "The second elements.".
-spec range(binary_relation()) -> a_set().
range(#'Set'{} = R) -> projection(2, checked(R)).

-doc "Domain and range together.".
-spec field(binary_relation()) -> a_set().
field(#'Set'{} = R) -> union(domain(R), range(R)).

-doc "The pairs turned around.".
-spec converse(binary_relation()) -> binary_relation().
converse(#'Set'{} = R) ->
    {Pairs, S, T} = guarded(fun() -> pairs(R) end),
    relation_of(lists:usort([{Y, X} || {X, Y} <- Pairs]), T, S).

-doc "What is related to elements of the set.".
-spec image(binary_relation(), a_set()) -> a_set().
image(#'Set'{} = R, #'Set'{} = S) -> range(restriction(R, S)).

-doc "What is related, the other way round, to elements of the set.".
-spec inverse_image(binary_relation(), a_set()) -> a_set().
inverse_image(#'Set'{} = R, #'Set'{} = S) -> image(converse(R), S).

-doc "The pairs whose first element is in the set.".
-spec restriction(binary_relation(), a_set()) -> binary_relation().
restriction(#'Set'{} = R, #'Set'{} = S) ->
    restriction(1, checked(R), S).

-doc "The pairs whose first element is not in the set.".
-spec drestriction(binary_relation(), a_set()) -> binary_relation().
drestriction(#'Set'{} = R, #'Set'{} = S) ->
    drestriction(1, checked(R), S).

-doc "The pairs of different elements.".
-spec strict_relation(binary_relation()) -> binary_relation().
strict_relation(#'Set'{} = R) ->
    {Pairs, _, _} = guarded(fun() -> pairs(R) end),
    R#'Set'{elements = [Pair || {X, Y} = Pair <- Pairs, not (X == Y)]}.

-doc "The relation together with the pair of each element of its field with itself.".
-spec weak_relation(binary_relation()) -> binary_relation().
weak_relation(#'Set'{} = R) ->
    guarded(fun() ->
                {Pairs, S, T} = pairs(R),
                try meet(S, T) of
                    ?ANY -> R;
                    Type ->
                        Field = lists:usort(lists:append([[X, Y] || {X, Y} <- Pairs])),
                        make(lists:umerge(Pairs, [{X, X} || X <- Field]), {Type, Type})
                catch
                    throw:{sofs, type_mismatch} -> throw({sofs, badarg})
                end
            end).

-doc "The relation together with pairs of AnySet for those elements of Set that it has not.".
-spec extension(binary_relation(), a_set(), anyset()) -> binary_relation().
extension(#'Set'{} = R, #'Set'{elements = Xs, type = XType}, Any) ->
    is_sofs_set(Any) orelse error({case_clause, {R#'Set'.type, XType, false}}),
    guarded(fun() ->
                {Pairs, S, T} = pairs(R),
                {Value, ValueType} = value_and_type(Any),
                Domain = meet(S, XType),
                Range = meet(T, ValueType),
                case R of
                    #'Set'{type = ?ANY} when XType =:= ?ANY; Xs =:= [], Range =:= [?ANY] -> R;
                    _ ->
                        New = minus(Xs, lists:usort([X || {X, _} <- Pairs])),
                        relation_of(lists:umerge(Pairs, [{X, Value} || X <- New]), Domain, Range)
                end
            end).

-doc "The pairs of first elements and tuples of what the relations relate to them.".
-spec relative_product(tuple() | [binary_relation(), ...]) -> binary_relation().
relative_product(Relations) when is_tuple(Relations) -> relative_product(tuple_to_list(Relations));
relative_product([]) -> error(badarg);
relative_product([_ | _] = Relations) -> guarded(fun() -> fan(all_pairs(Relations, ?ANY)) end).

%% The pairs of relations whose first elements have one type; the first relation that is wrong decides what the error is.
all_pairs([#'Set'{} = R | Rest], Domain) ->
    {_, S, _} = Pairs = pairs(R),
    [Pairs | all_pairs(Rest, meet(S, Domain))];
all_pairs([], _) -> [].

%% The relation from each element to the tuples of its images.
fan(Triples) ->
    case [T || {_, S, T} <- Triples, S =:= ?ANY orelse T =:= ?ANY] of
        [_ | _] -> empty_set();
        [] ->
            Domain = lists:foldl(fun({_, S, _}, Type) -> meet(S, Type) end, ?ANY, Triples),
            [First | Rest] = [gathered(Pairs) || {Pairs, _, _} <- Triples],
            Start = [{X, [[Y] || Y <- Ys]} || {X, Ys} <- First],
            Rows = lists:foldl(fun gerl_sorted:widened/2, Start, Rest),
            Pairs = [{X, list_to_tuple(lists:reverse(Row))} || {X, Row0} <- Rows, Row <- Row0],
            make(lists:usort(Pairs), {Domain, list_to_tuple([T || {_, _, T} <- Triples])})
    end.

-doc "The relations one after the other; of a list, the relative product of its tuples and the relation.".
-spec relative_product(tuple() | [binary_relation(), ...] | binary_relation(), binary_relation()) -> binary_relation().
relative_product(#'Set'{} = R1, #'Set'{} = R2) -> relative_product1(converse(R1), R2);
relative_product(Relations, #'Set'{} = R) when is_tuple(Relations) ->
    relative_product(tuple_to_list(Relations), R);
relative_product(Relations, #'Set'{} = R) when is_list(Relations) ->
    guarded(fun() -> pairs(R) end),
    relative_product(relative_product(Relations), R).

-doc "The pairs of what the relations relate the same element to.".
-spec relative_product1(binary_relation(), binary_relation()) -> binary_relation().
relative_product1(#'Set'{} = R1, #'Set'{} = R2) ->
    guarded(fun() ->
                {Pairs1, S1, T1} = pairs(R1),
                {Pairs2, S2, T2} = pairs(R2),
                meet(S1, S2),
                Matches = matches(gathered(Pairs1), gathered(Pairs2)),
                relation_of(lists:usort([{X, Y} || {Xs, Ys} <- Matches, X <- Xs, Y <- Ys]), T1, T2)
            end).

-doc "The relation from the tuples of images of the first elements to those of the second ones.".
-spec multiple_relative_product(tuple(), binary_relation()) -> binary_relation().
multiple_relative_product(Relations, #'Set'{elements = Tuples, type = Types}) when is_tuple(Relations) ->
    guarded(fun() ->
                Types =:= ?ANY orelse is_tuple(Types) andalso tuple_size(Types) =:= tuple_size(Relations) orelse throw({sofs, badarg}),
                Triples = [pairs(R) || R <- tuple_to_list(Relations), Types =:= ?ANY orelse is_relation(R)],
                case Types =:= ?ANY orelse lists:any(fun({_, S, _}) -> S =:= ?ANY end, Triples) of
                    true -> empty_set();
                    false ->
                        Domain = lists:zipwith(fun({_, S, _}, T) -> meet(S, T) end, Triples, tuple_to_list(Types)),
                        Maps = [#{X => Ys || {X, Ys} <- gathered(Pairs)} || {Pairs, _, _} <- Triples],
                        Images = [{Tuple, Row} || Tuple <- Tuples, Row <- rows(tuple_to_list(Tuple), Maps)],
                        make(lists:usort([{X, list_to_tuple(Row)} || {X, Row} <- Images]),
                             {list_to_tuple(Domain), list_to_tuple([T || {_, _, T} <- Triples])})
                end
            end).

is_relation(#'Set'{}) -> true.

rows([X | Xs], [Map | Maps]) -> [[Y | Row] || Y <- maps:get(X, Map, []), Row <- rows(Xs, Maps)];
rows([], []) -> [[]].

-doc "The tuples of two relations put together where they agree at positions I and J.".
-spec join(relation(), pos_integer(), relation(), pos_integer()) -> relation().
join(#'Set'{} = R1, I, #'Set'{} = R2, J) when is_integer(I), is_integer(J) ->
    guarded(fun() ->
                Size = fun(#'Set'{type = ?ANY}, _) -> any;
                          (#'Set'{type = T}, N) when is_tuple(T), N > 0, N =< tuple_size(T) -> T;
                          (_, _) -> throw({sofs, badarg})
                       end,
                case {Size(R1, I), Size(R2, J)} of
                    {any, _} -> empty_set();
                    {_, any} -> empty_set();
                    {T1, T2} ->
                        meet(element(I, T1), element(J, T2)),
                        Left = gathered(lists:sort([{element(I, X), X} || X <- R1#'Set'.elements])),
                        Right = gathered(lists:sort([{element(J, Y), Y} || Y <- R2#'Set'.elements])),
                        Tuples = [together(X, Y, J) || {Xs, Ys} <- matches(Left, Right), X <- Xs, Y <- Ys],
                        make(lists:usort(Tuples), together(T1, T2, J))
                end
            end).

together(X, Y, J) -> list_to_tuple(tuple_to_list(X) ++ tuple_to_list(erlang:delete_element(J, Y))).

-doc "The function that applies the first function and then the second one.".
-spec composite(a_function(), a_function()) -> a_function().
composite(#'Set'{} = F1, #'Set'{} = F2) ->
    guarded(fun() ->
                {Pairs1, S1, T1} = pairs(F1),
                {Pairs2, S2, T2} = pairs(F2),
                case {F1, F2} of
                    {#'Set'{type = ?ANY}, _} -> F1;
                    {_, #'Set'{type = ?ANY}} -> F2;
                    _ ->
                        meet(T1, S2),
                        unique_keys(Pairs1) andalso unique_keys(Pairs2) orelse throw({sofs, bad_function}),
                        Second = [{X, [Y]} || {X, Y} <- Pairs2],
                        First = gathered(lists:sort([{Y, X} || {X, Y} <- Pairs1])),
                        Found = [{X, Y} || {Xs, [Y]} <- matches(First, Second), X <- Xs],
                        length(Found) =:= length(Pairs1) orelse throw({sofs, bad_function}),
                        relation_of(lists:sort(Found), S1, T2)
                end
            end).

-doc "The function that turns the pairs around; there must be one.".
-spec inverse(a_function()) -> a_function().
inverse(#'Set'{} = F) ->
    guarded(fun() ->
                {Pairs, S, T} = pairs(F),
                Turned = lists:usort([{Y, X} || {X, Y} <- Pairs]),
                unique_keys(Pairs) andalso unique_keys(Turned) orelse throw({sofs, bad_function}),
                relation_of(Turned, T, S)
            end).

-doc "The function that gives AnySet for each element.".
-spec constant_function(a_set(), anyset()) -> a_function().
constant_function(#'Set'{elements = Xs, type = Type} = S, Any) ->
    guarded(fun() ->
                case is_sofs_set(Any) of
                    true when Type =:= ?ANY -> S;
                    true ->
                        {Value, ValueType} = value_and_type(Any),
                        make([{X, Value} || X <- Xs], {Type, ValueType});
                    false -> throw({sofs, badarg})
                end
            end);
constant_function(#'OrdSet'{}, _Any) -> error(badarg).

%%% ---- families -----------------------------------------------------------------------------------------------------------------

%% The pairs of a family, the type of its indices and of its sets' elements.
members(#'Set'{type = ?ANY}) -> {[], ?ANY, ?ANY};
members(#'Set'{elements = Pairs, type = {S, [T]}}) ->
    unique_keys(Pairs) orelse throw({sofs, badarg}),
    {Pairs, S, T};
members(#'Set'{}) -> throw({sofs, badarg}).

family_of(_Pairs, ?ANY, _) -> empty_set();
family_of(Pairs, S, T) -> make(Pairs, {S, [T]}).

-doc "The pairs of an index and an element of its set.".
-spec family_to_relation(family()) -> binary_relation().
family_to_relation(#'Set'{} = F) ->
    {Pairs, S, T} = guarded(fun() -> members(F) end),
    relation_of([{I, X} || {I, Xs} <- Pairs, X <- Xs], S, T).

-doc false.
fam2rel(F) -> family_to_relation(F).

-doc "The indices whose sets a fun is true of.".
-spec family_specification(spec_fun(), family()) -> family().
family_specification(Fun, #'Set'{} = F) ->
    guarded(fun() ->
                {Pairs, _, T} = members(F),
                Holds = case Fun of
                            {external, External} -> fun(Xs) -> truth(External(Xs)) end;
                            _ -> fun(Xs) -> truth(Fun(make(Xs, T))) end
                        end,
                F#'Set'{elements = [Pair || {_, Xs} = Pair <- Pairs, Holds(Xs)]}
            end).

-doc "What is in one of the family's sets.".
-spec union_of_family(family()) -> a_set().
union_of_family(#'Set'{} = F) ->
    {Pairs, _, T} = guarded(fun() -> members(F) end),
    make(lists:umerge([Xs || {_, Xs} <- Pairs]), T).

-doc "What is in all of the family's sets.".
-spec intersection_of_family(family()) -> a_set().
intersection_of_family(#'Set'{} = F) ->
    guarded(fun() ->
                case members(F) of
                    {[{_, First} | Rest], _, T} -> make(lists:foldl(fun({_, Xs}, Acc) -> common(Acc, Xs) end, First, Rest), T);
                    {[], _, _} -> throw({sofs, badarg})
                end
            end).

%% A family whose sets change; Change gives the new elements, Type the type of those.
changed(F, Type, Change) ->
    guarded(fun() ->
                {Pairs, S, T} = members(F),
                case F of
                    #'Set'{type = ?ANY} -> F;
                    _ ->
                        New = Type(T),
                        family_of([{I, Change(Xs)} || {I, Xs} <- Pairs], S, New)
                end
            end).

inner_set([T]) -> T;
inner_set(?ANY) -> ?ANY;
inner_set(_) -> throw({sofs, badarg}).

inner_pair({S, T}) -> {S, T};
inner_pair(?ANY) -> {?ANY, ?ANY};
inner_pair(_) -> throw({sofs, badarg}).

-doc "The family of the unions of each set of sets.".
-spec family_union(family()) -> family().
family_union(#'Set'{} = F) -> changed(F, fun inner_set/1, fun lists:umerge/1).

-doc "The family of the intersections of each set of sets.".
-spec family_intersection(family()) -> family().
family_intersection(#'Set'{} = F) ->
    changed(F, fun inner_set/1, fun([First | Rest]) -> lists:foldl(fun gerl_sorted:common/2, First, Rest);
                                   ([]) -> throw({sofs, badarg})
                                end).

-doc "The family of the domains of each relation.".
-spec family_domain(family()) -> family().
family_domain(#'Set'{} = F) ->
    changed(F, fun(T) -> element(1, inner_pair(T)) end, fun(Pairs) -> lists:usort([X || {X, _} <- Pairs]) end).

-doc "The family of the ranges of each relation.".
-spec family_range(family()) -> family().
family_range(#'Set'{} = F) ->
    changed(F, fun(T) -> element(2, inner_pair(T)) end, fun(Pairs) -> lists:usort([Y || {_, Y} <- Pairs]) end).

-doc "The family of the fields of each relation.".
-spec family_field(family()) -> family().
family_field(#'Set'{} = F) -> family_union(family_domain(F), family_range(F)).

-doc "The family of the results of a fun for each set.".
-spec family_projection(set_fun(), family()) -> family().
family_projection(Fun, #'Set'{} = F) ->
    guarded(fun() ->
                {Pairs, S, T} = members(F),
                is_set_fun(Fun) orelse is_integer(Fun) orelse throw({sofs, badarg}),
                {Results, Types} = lists:unzip([value_and_type(Fun(make(Xs, T))) || {_, Xs} <- Pairs]),
                case lists:foldl(fun gerl_sofs_types:meet/2, ?ANY, Types) of
                    ?ANY -> empty_set();
                    Type -> make(lists:zip([I || {I, _} <- Pairs], Results), {S, Type})
                end
            end).

%% Two families index by index: Left, Right and Both say what becomes of the indices.
combined(F1, F2, Combine) ->
    guarded(fun() ->
                {Pairs1, S1, T1} = members(F1),
                {Pairs2, S2, T2} = members(F2),
                family_of(Combine(Pairs1, Pairs2), meet(S1, S2), meet(T1, T2))
            end).

-doc "The family of the unions, index by index.".
-spec family_union(family(), family()) -> family().
family_union(#'Set'{} = F1, #'Set'{} = F2) -> combined(F1, F2, fun gerl_sorted:all_indices/2).

-doc "The family of the intersections, for the indices of both.".
-spec family_intersection(family(), family()) -> family().
family_intersection(#'Set'{} = F1, #'Set'{} = F2) -> combined(F1, F2, fun gerl_sorted:shared_indices/2).

-doc "The first family's sets without what the second one has at the same index.".
-spec family_difference(family(), family()) -> family().
family_difference(#'Set'{} = F1, #'Set'{} = F2) -> combined(F1, F2, fun gerl_sorted:first_indices/2).

-doc "The family of the out-neighbours of each vertex.".
-spec digraph_to_family(digraph:graph()) -> family().
digraph_to_family(G) -> digraph_to_family(G, [{atom, [atom]}]).

-doc "digraph_to_family/1 with a type.".
-spec digraph_to_family(digraph:graph(), type()) -> family().
digraph_to_family(G, [{_, [_]} = Type]) ->
    Neighbours = fun(V) -> {V, lists:usort(digraph:out_neighbours(G, V))} end,
    Sorted = try lists:sort(lists:map(Neighbours, digraph:vertices(G))) catch error:_ -> error(badarg) end,
    is_type(Type) andalso unique_keys(Sorted) orelse error(badarg),
    make(Sorted, Type);
digraph_to_family(_, _) -> error(badarg).

-doc "A graph with the indices as vertices and edges to the elements of their sets.".
-spec family_to_digraph(family()) -> digraph:graph().
family_to_digraph(F) -> family_to_digraph(F, []).

-doc "family_to_digraph/1 with a graph of a type.".
-spec family_to_digraph(family(), [digraph:d_type()]) -> digraph:graph().
family_to_digraph(#'Set'{} = F, GraphType) ->
    try {members(F), digraph:new(GraphType)} of
        {{Pairs, _, _}, G} ->
            case [cycle || {I, Xs} <- Pairs, digraph:add_vertex(G, I) =:= I, X <- Xs, not connect(G, I, X)] of
                [] -> G;
                _ ->
                    digraph:delete(G),
                    error(cyclic)
            end
    catch
        throw:{sofs, Reason} -> error(Reason);
        error:badarg -> error(badarg)
    end.

connect(G, I, X) ->
    digraph:add_vertex(G, X),
    not is_tuple(digraph:add_edge(G, I, X)).
