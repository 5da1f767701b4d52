-module(gerl_qlc_worlds).
-moduledoc """
What the generators' patterns and the filters of a query say about its variables, in symbols.

A world is one way in which all of it can be true: a map of variables to symbolic terms. A filter with
alternatives splits a world, a contradiction ends one. A symbolic term is a constant, a variable from outside
of the query (an import, whose value is known when the query is prepared), a variable, a cell or a tuple:

    {const, Value}   {import, Name}   {var, Key}   {cell, Head, Tail}   {tuple, SymbolicList}

A tuple's list may end in a variable: of element(2, X) nothing but the least size of X is known.

How an equation was written matters where numbers can be: 1 == 1.0. Of the context, `equal` says whether what
`==` tells is of use, `constants` whether variables get constants for values. Equations that could not be used
leave the mark `lost`, equations with `=:=` that `==` would not replace the mark `exact`.
""".

-export([new/0, pattern/4, filter/3, surely/3, elements/2, closed_size/2, value/2, deep/2, unify/5, implied/3]).
-export([marked/2, root/1, expression/2, free_of_numbers/1]).
-export_type([world/0, context/0, symbol/0]).

-type symbol() :: {const, term()} | {import, atom()} | {var, term()} | {cell, symbol(), symbol()} | {tuple, symbol()}.
-type world() :: #{term() => term()}.
-type context() :: #{equal := boolean(), constants := boolean(), locals := #{atom() => []},
                     records := #{atom() => [{atom(), term()}]}, hidden := fun(({atom(), arity()}) -> boolean())}.
-type op() :: '=:=' | '=='.

%% Keys of a world that are no variables.
-define(NEXT, '$next').
-define(LOST, '$lost').
-define(EXACT, '$exact').

-doc "The world in which nothing is known.".
-spec new() -> world().
new() -> #{?NEXT => 1}.

-doc "The variable that stands for the objects of a generator.".
-spec root(non_neg_integer()) -> symbol().
root(Number) -> {var, {objects, Number}}.

-doc "Whether a world has a mark: `lost` or `exact`.".
-spec marked(lost | exact, world()) -> boolean().
marked(lost, World) -> is_map_key(?LOST, World);
marked(exact, World) -> is_map_key(?EXACT, World).

-doc "The worlds in which a generator's objects match its pattern too.".
-spec pattern(non_neg_integer(), term(), [world()], context()) -> [world()].
pattern(Number, Pattern, Worlds, Context) ->
    [New || World <- Worlds, {Term, World1, _} <- [symbolic(Pattern, World, Context#{pattern => true})],
            New <- [unify('=:=', root(Number), Term, World1, Context)], New =/= none].

-doc "The worlds in which a filter can be true.".
-spec filter(term(), [world()], context()) -> [world()].
filter(Filter, Worlds, Context) -> filter(Filter, Worlds, Context, false).

-doc "The worlds of a filter that consists of equations alone; `unclear` of any other.".
-spec surely(term(), [world()], context()) -> [world()] | unclear.
surely(Filter, Worlds, Context) ->
    try
        filter(Filter, Worlds, Context, true)
    catch
        throw:unclear -> unclear
    end.

filter({op, _, Op, Left, Right}, Worlds, Context, Sure) when Op =:= '=:='; Op =:= '==' ->
    [New || World <- Worlds, New <- [equation(Op, Left, Right, World, Context, Sure)], New =/= none];
filter({op, _, Op, Left, Right}, Worlds, Context, Sure) when Op =:= 'and'; Op =:= 'andalso' ->
    filter(Right, filter(Left, Worlds, Context, Sure), Context, Sure);
filter({op, _, Op, Left, Right}, Worlds, Context, Sure) when Op =:= 'or'; Op =:= 'orelse'; Op =:= 'xor', not Sure ->
    filter(Left, Worlds, Context, Sure) ++ filter(Right, Worlds, Context, Sure);
filter({atom, _, Value}, Worlds, _, _) ->
    [World || World <- Worlds, Value =:= true];
filter(_, _, _, true) ->
    throw(unclear);
filter({call, _, Callee, [Subject, {atom, At, Name} | Size]}, Worlds, Context, false) when length(Size) < 2 ->
    case guard_bif(Callee, length(Size) + 2, Context) of
        is_record ->
            Tag = {call, At, {remote, At, {atom, At, erlang}, {atom, At, element}}, [{integer, At, 1}, Subject]},
            filter({op, At, '=:=', Tag, {atom, At, Name}}, Worlds, Context, false);
        _ ->
            Worlds
    end;
filter(_, Worlds, _, false) ->
    Worlds.

equation(Op, Left, Right, World, Context, Sure) ->
    case symbolic(Left, World, Context) of
        none -> none;
        {A, World1, KnownA} ->
            case symbolic(Right, World1, Context) of
                none -> none;
                {B, World2, KnownB} ->
                    Sure andalso not (KnownA andalso KnownB) andalso throw(unclear),
                    New = unify(Op, A, B, World2, Context),
                    case Op =:= '=:=' andalso New =/= none andalso not (numberless(A, New) orelse numberless(B, New)) of
                        true -> New#{?EXACT => true};
                        false -> New
                    end
            end
    end.

numberless(Term, World) ->
    case value(Term, World) of
        {_, {const, Value}} -> free_of_numbers(Value);
        _ -> false
    end.

-doc "Whether no number is in a term: then `==` is `=:=`.".
-spec free_of_numbers(term()) -> boolean().
free_of_numbers(Term) when is_number(Term) -> false;
free_of_numbers([Head | Tail]) -> free_of_numbers(Head) andalso free_of_numbers(Tail);
free_of_numbers(Term) when is_tuple(Term) -> free_of_numbers(tuple_to_list(Term));
free_of_numbers(Term) when is_map(Term) -> map_size(Term) =:= 0;
free_of_numbers(Term) when is_function(Term) -> false;
free_of_numbers(_) -> true.

%%% ---- expressions and patterns ---------------------------------------------------------------------

%% {Term, World, whether the term says all of the expression}; `none` if the expression fails.
symbolic({var, _, '_'}, World, _) ->
    fresh(World, true);
symbolic({var, _, Name}, World, #{locals := Locals}) ->
    case is_map_key(Name, Locals) of
        true -> {{var, Name}, World, true};
        false -> {{import, Name}, World, true}
    end;
symbolic({match, _, Left, Right}, World, #{pattern := true} = Context) ->
    case both(Left, Right, World, Context) of
        {A, B, World1, Known} ->
            case unify('=:=', A, B, World1, Context) of
                none -> none;
                World2 -> {case value(A, World2) of none -> A; _ -> B end, World2, Known}
            end;
        none -> none
    end;
symbolic({tuple, _, Elements}, World, Context) ->
    case symbolic_list(Elements, World, Context) of
        none -> none;
        {List, World1, Known} -> {folded({tuple, List}), World1, Known}
    end;
symbolic({cons, _, Head, Tail}, World, Context) ->
    case both(Head, Tail, World, Context) of
        none -> none;
        {A, B, World1, Known} -> {folded({cell, A, B}), World1, Known}
    end;
symbolic({op, At, '++', {string, _, Text}, Tail}, World, Context) ->
    symbolic(lists:foldr(fun(C, T) -> {cons, At, {char, At, C}, T} end, Tail, Text), World, Context);
symbolic({record, At, Name, Fields}, World, #{records := Records} = Context) ->
    case Records of
        #{Name := Defined} ->
            Values = [record_field(At, Field, Default, Fields, Context) || {Field, Default} <- Defined],
            symbolic({tuple, At, [{atom, At, Name} | Values]}, World, Context);
        _ -> fresh(World, false)
    end;
symbolic({record_index, At, Name, {atom, _, Field}}, World, Context) ->
    case position(Name, Field, Context) of
        none -> fresh(World, false);
        Index -> symbolic({integer, At, Index}, World, Context)
    end;
symbolic({record_field, At, Record, Name, {atom, _, Field}}, World, Context) ->
    case position(Name, Field, Context) of
        none -> fresh(World, false);
        Index ->
            case selected(Index, Record, World, Context) of
                {Term, World1, Known} ->
                    case selected(1, Record, World1, Context) of
                        none -> none;
                        {Tag, World2, _} ->
                            {Name1, World3, _} = symbolic({atom, At, Name}, World2, Context),
                            case unify('=:=', Tag, Name1, World3, Context) of
                                none -> none;
                                World4 -> {Term, World4, Known}
                            end
                    end;
                none -> none
            end
    end;
symbolic({call, _, Callee, [Position, Subject]} = Call, World, Context) ->
    case {guard_bif(Callee, 2, Context), Position} of
        {element, {integer, _, Index}} when Index > 0, Index < 256 -> selected(Index, Subject, World, Context);
        {element, {record_index, _, _, _}} ->
            case symbolic(Position, World, Context) of
                {{const, Index}, _, true} -> selected(Index, Subject, World, Context);
                _ -> fresh(World, false)
            end;
        _ -> literal(Call, World)
    end;
symbolic(Expr, World, _) ->
    literal(Expr, World).

literal(Expr, World) ->
    try erl_parse:normalise(Expr) of
        Value -> {{const, Value}, World, true}
    catch
        error:_ -> fresh(World, false)
    end.

both(Left, Right, World, Context) ->
    case symbolic(Left, World, Context) of
        none -> none;
        {A, World1, KnownA} ->
            case symbolic(Right, World1, Context) of
                none -> none;
                {B, World2, KnownB} -> {A, B, World2, KnownA andalso KnownB}
            end
    end.

symbolic_list([], World, _) -> {{const, []}, World, true};
symbolic_list([Element | Elements], World, Context) ->
    case symbolic(Element, World, Context) of
        none -> none;
        {A, World1, Known} ->
            case symbolic_list(Elements, World1, Context) of
                none -> none;
                {B, World2, Knowns} -> {folded({cell, A, B}), World2, Known andalso Knowns}
            end
    end.

%% element(Index, Subject): the subject is a tuple of that many elements or more.
selected(Index, Subject, World, Context) ->
    case symbolic(Subject, World, Context) of
        none -> none;
        {Term, World1, Known} ->
            {Element, World2, _} = fresh(World1, true),
            {Rest, World3, _} = fresh(World2, true),
            {Tuple, World4} = padded(Index - 1, {cell, Element, Rest}, World3),
            case unify('=:=', Term, {tuple, Tuple}, World4, Context) of
                none -> none;
                World5 -> {Element, World5, Known}
            end
    end.

padded(0, List, World) -> {List, World};
padded(N, List, World) ->
    {Before, World1, _} = fresh(World, true),
    padded(N - 1, {cell, Before, List}, World1).

fresh(#{?NEXT := N} = World, Known) -> {{var, N}, World#{?NEXT := N + 1}, Known}.

%% Constants inside of constants are one constant.
folded({cell, {const, Head}, {const, Tail}}) -> {const, [Head | Tail]};
folded({tuple, {const, List}}) -> {const, list_to_tuple(List)};
folded(Term) -> Term.

record_field(At, Field, Default, Fields, Context) ->
    Given = [Value || {record_field, _, {_, _, Name}, Value} <- Fields, Name =:= Field orelse Name =:= '_'],
    case Given of
        [Value | _] -> Value;
        [] when is_map_key(pattern, Context) -> {var, At, '_'};
        [] -> Default
    end.

position(Name, Field, #{records := Records}) ->
    Names = [F || {F, _} <- maps:get(Name, Records, [])],
    case length(lists:takewhile(fun(F) -> F =/= Field end, Names)) of
        Before when Before < length(Names) -> Before + 2;
        _ -> none
    end.

guard_bif({remote, _, {atom, _, erlang}, {atom, _, Name}}, _, _) -> Name;
guard_bif({atom, _, Name}, Arity, #{hidden := Hidden}) ->
    case Hidden({Name, Arity}) of
        true -> none;
        false -> if Name =:= record -> is_record; true -> Name end
    end;
guard_bif(_, _, _) -> none.

%%% ---- equations ------------------------------------------------------------------------------------

-doc "The world in which two terms are equal too.".
-spec unify(op(), symbol(), symbol(), world(), context()) -> world() | none.
unify(Op, A, B, World, Context) -> unify([{Op, A, B}], World, Context).

%% Pairs that wait stand in a list: a term may be deep.
unify([], World, _) ->
    World;
unify([{Op0, A0, B0} | Pairs], World, Context) ->
    {Op1, A} = chased(A0, Op0, World),
    {Op, B} = chased(B0, Op1, World),
    case met(Op, A, B) of
        equal -> unify(Pairs, World, Context);
        differ -> none;
        lost -> unify(Pairs, World#{?LOST => true}, Context);
        {bind, Key, Term} -> unify(Pairs, bound(Op, Key, Term, World, Context), Context);
        {pairs, More} -> unify(More ++ Pairs, World, Context)
    end.

chased({var, Key} = Var, Op, World) ->
    case World of
        #{Key := {Op1, Term}} -> chased(Term, weaker(Op, Op1), World);
        _ -> {Op, Var}
    end;
chased(Term, Op, _) -> {Op, Term}.

weaker('=:=', '=:=') -> '=:=';
weaker(_, _) -> '=='.

met(_, Term, Term) -> equal;
met(_, {var, Key}, Term) -> {bind, Key, Term};
met(_, Term, {var, Key}) -> {bind, Key, Term};
met(_, {import, _}, _) -> lost;
met(_, _, {import, _}) -> lost;
met('=:=', {const, A}, {const, B}) -> if A =:= B -> equal; true -> differ end;
met('==', {const, A}, {const, B}) -> if A == B -> equal; true -> differ end;
met(Op, {cell, H1, T1}, {cell, H2, T2}) -> {pairs, [{Op, H1, H2}, {Op, T1, T2}]};
met(Op, {tuple, A}, {tuple, B}) -> {pairs, [{Op, A, B}]};
met(Op, {const, Const}, Term) -> met_constant(Op, Const, Term);
met(Op, Term, {const, Const}) -> met_constant(Op, Const, Term);
met(_, _, _) -> differ.

met_constant(Op, Tuple, {tuple, List}) when is_tuple(Tuple) -> {pairs, [{Op, {const, tuple_to_list(Tuple)}, List}]};
met_constant(Op, [Head | Tail], {cell, H, T}) -> {pairs, [{Op, {const, Head}, H}, {Op, {const, Tail}, T}]};
met_constant(_, _, _) -> differ.

bound(Op, Key, Term, World, #{equal := Equal, constants := Constants}) ->
    Value = value(Term, World),
    Strict = Op =:= '=:=' orelse case Value of {_, {const, C}} -> free_of_numbers(C); _ -> false end,
    if
        not Equal, not Strict -> World#{?LOST => true};
        not Constants, Value =/= none -> World#{?LOST => true};
        true ->
            case occurs(Key, [Term], World) of
                true -> World#{?LOST => true};
                false -> World#{Key => {if Strict -> '=:='; true -> Op end, Term}}
            end
    end.

occurs(Key, [{var, Key} | _], _) -> true;
occurs(Key, [{var, Other} | Terms], World) ->
    case World of
        #{Other := {_, Term}} -> occurs(Key, [Term | Terms], World);
        _ -> occurs(Key, Terms, World)
    end;
occurs(Key, [{cell, Head, Tail} | Terms], World) -> occurs(Key, [Head, Tail | Terms], World);
occurs(Key, [{tuple, List} | Terms], World) -> occurs(Key, [List | Terms], World);
occurs(Key, [_ | Terms], World) -> occurs(Key, Terms, World);
occurs(_, [], _) -> false.

%%% ---- what a world tells ---------------------------------------------------------------------------

-doc "The elements that are known of a generator's objects; none if they are not known to be tuples.".
-spec elements(symbol(), world()) -> [symbol()].
elements(Root, World) ->
    case chased(Root, '=:=', World) of
        {_, {tuple, List}} -> cells(List, World);
        {_, {const, Tuple}} when is_tuple(Tuple) -> [{const, E} || E <- tuple_to_list(Tuple)];
        _ -> []
    end.

cells(List, World) ->
    case chased(List, '=:=', World) of
        {_, {cell, Head, Tail}} -> [Head | cells(Tail, World)];
        {_, {const, Rest}} when is_list(Rest) -> [{const, E} || E <- Rest];
        _ -> []
    end.

-doc "The size of a generator's objects if they are tuples of one size.".
-spec closed_size(symbol(), world()) -> non_neg_integer() | undefined.
closed_size(Root, World) ->
    case chased(Root, '=:=', World) of
        {_, {tuple, List}} -> closed(List, World, 0);
        {_, {const, Tuple}} when is_tuple(Tuple) -> tuple_size(Tuple);
        _ -> undefined
    end.

closed(List, World, N) ->
    case chased(List, '=:=', World) of
        {_, {cell, _, Tail}} -> closed(Tail, World, N + 1);
        {_, {const, Rest}} when is_list(Rest) -> N + length(Rest);
        _ -> undefined
    end.

-doc "The value of a term without variables, and how equal it is; `none` of others.".
-spec value(symbol(), world()) -> {op(), symbol()} | none.
value(Term, World) ->
    {Op, Deep} = substituted(Term, '=:=', World),
    case open(Deep) of
        true -> none;
        false -> {Op, Deep}
    end.

open({var, _}) -> true;
open({cell, Head, Tail}) -> open(Head) orelse open(Tail);
open({tuple, List}) -> open(List);
open(_) -> false.

-doc "A term with all that is known put in.".
-spec deep(symbol(), world()) -> symbol().
deep(Term, World) -> element(2, substituted(Term, '=:=', World)).

substituted(Term, Op, World) ->
    case chased(Term, Op, World) of
        {Op1, {cell, Head, Tail}} ->
            {Op2, H} = substituted(Head, Op1, World),
            {Op3, T} = substituted(Tail, Op2, World),
            {Op3, folded({cell, H, T})};
        {Op1, {tuple, List}} ->
            {Op2, L} = substituted(List, Op1, World),
            {Op2, folded({tuple, L})};
        Known -> Known
    end.

-doc "Whether what a world tells of variables is told by another one, too.".
-spec implied([symbol()], world(), world()) -> boolean().
implied(Vars, World, By) ->
    covers([{deep(V, World), deep(V, By)} || V <- Vars], #{}).

%% A variable on the left side stands for anything, but always for the same.
covers([], _) -> true;
covers([{{var, Key}, Term} | Pairs], Seen) ->
    case Seen of
        #{Key := Term} -> covers(Pairs, Seen);
        #{Key := _} -> false;
        _ -> covers(Pairs, Seen#{Key => Term})
    end;
covers([{Term, Term} | Pairs], Seen) -> covers(Pairs, Seen);
covers([{{cell, H1, T1}, {cell, H2, T2}} | Pairs], Seen) -> covers([{H1, H2}, {T1, T2} | Pairs], Seen);
covers([{{cell, H, T}, {const, [A | B]}} | Pairs], Seen) -> covers([{H, {const, A}}, {T, {const, B}} | Pairs], Seen);
covers([{{tuple, A}, {tuple, B}} | Pairs], Seen) -> covers([{A, B} | Pairs], Seen);
covers([{{tuple, A}, {const, T}} | Pairs], Seen) when is_tuple(T) -> covers([{A, {const, tuple_to_list(T)}} | Pairs], Seen);
covers(_, _) -> false.

-doc "The expression of a value.".
-spec expression(symbol(), erl_anno:anno()) -> term().
expression({const, Value}, Anno) -> erl_parse:abstract(Value, erl_anno:line(Anno));
expression({import, Name}, Anno) -> {var, Anno, Name};
expression({cell, Head, Tail}, Anno) -> {cons, Anno, expression(Head, Anno), expression(Tail, Anno)};
expression({tuple, List}, Anno) -> {tuple, Anno, expressions(List, Anno)}.

expressions({cell, Head, Tail}, Anno) -> [expression(Head, Anno) | expressions(Tail, Anno)];
expressions({const, List}, Anno) -> [expression({const, E}, Anno) || E <- List].
