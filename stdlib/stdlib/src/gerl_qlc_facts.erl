-module(gerl_qlc_facts).
-moduledoc """
What is known of a query when it is compiled: which columns of its generators' objects are constant, which of
two generators are equal, which filters become superfluous by that, and what match specifications do.

Columns are pairs of a qualifier's number and a position; 0 is the number of the template, which is seen as a
pattern. Numbers of qualifiers begin with 1.
""".

-export([all/3]).
-export_type([facts/0, qualifier/0]).

-type qualifier() :: {pos_integer(), {gen, Pattern :: term()} | {fil, Filter :: term(), Guard :: boolean()}, [atom()]}.
-type skip() :: {all | some, [pos_integer()]}.
-type column() :: {non_neg_integer(), pos_integer()}.
-type facts() :: #{sizes := #{pos_integer() => pos_integer()},
                   constants := [{column(), [gerl_qlc_worlds:symbol()], skip()}],
                   equal_constants := [{column(), [gerl_qlc_worlds:symbol()], skip()}],
                   extra := [{pos_integer(), [{pos_integer(), [{gerl_qlc_worlds:symbol(), '=:=' | '=='}]}]}],
                   leading := #{non_neg_integer() => pos_integer()},
                   constant_columns := #{non_neg_integer() => [pos_integer()]},
                   joins := [{[column()], skip()}] | {[{[column()], skip()}], [{[column()], skip()}]},
                   join_problem := none | too_complex_join | too_many_joins,
                   templates := [{'=:=' | '==', [{column(), [pos_integer()]}]}],
                   specs := [{pos_integer(), term(), all | [pos_integer()]}]}.

-record(query, {template, generators, filters, count, context}).

-doc """
The facts of a query. A qualifier comes with the variables that it introduces; the context has the records, the
functions that hide guard tests, and the forms of the record definitions.
""".
-spec all(Template :: term(), [qualifier()], map()) -> facts().
all(Template, Qualifiers, #{records := Records, hidden := Hidden} = Given) ->
    Locals = maps:from_keys(lists:append([Vars || {_, _, Vars} <- Qualifiers]), []),
    Guards = considered(Qualifiers, dependencies(Qualifiers), [], []),
    Query = #query{
        template = pattern_like(Template, Hidden),
        generators = [{N, Pattern} || {N, {gen, Pattern}, _} <- Qualifiers],
        filters = Guards,
        count = length([N || {N, {fil, _, _}, _} <- Qualifiers]),
        context = #{locals => Locals, records => Records, hidden => Hidden, constants => true, equal => false}
    },
    Extra = extra(Query),
    {Match, Equal} = {constants(false, Query), constants(true, Query)},
    {Joins, Problem} = joins(Query),
    Fixed = fixed_columns(Equal),
    #{
        sizes => sizes(Query),
        constants => Match,
        equal_constants => Equal,
        extra => Extra,
        constant_columns => Fixed,
        leading => #{N => leading(1, Columns) || N := [1 | _] = Columns <- Fixed},
        joins => Joins,
        join_problem => Problem,
        templates => template_columns(Query),
        specs => gerl_qlc_specs:all(Template, Qualifiers, Guards, Given)
    }.

leading(N, [N | Columns]) -> leading(N + 1, Columns);
leading(N, _) -> N - 1.

%%% ---- filters --------------------------------------------------------------------------------------

%% The qualifiers whose variables a filter needs, through variables of other filters, too.
dependencies(Qualifiers) ->
    Owner = #{Var => N || {N, _, Vars} <- Qualifiers, Var <- Vars},
    Direct = #{N => used(Filter, Owner) || {N, {fil, Filter, _}, _} <- Qualifiers},
    #{N => closure(Needs, [], Direct) || N := Needs <- Direct}.

used(Filter, Owner) -> lists:usort([N || Var <- gerl_qlc_forms:names(Filter), #{Var := N} <- [Owner]]).

closure([N | Ns], Seen, Direct) ->
    case lists:member(N, Seen) of
        true -> closure(Ns, Seen, Direct);
        false -> closure(maps:get(N, Direct, []) ++ Ns, [N | Seen], Direct)
    end;
closure([], Seen, _) -> lists:sort(Seen).

%% The guards that may be evaluated with the generators that they need, before the filters in front of them: no
%% other kind of filter is between, nor, for those of one generator, one of several. Wide and Narrow are the
%% generators since the last of these.
considered([{N, {gen, _}, _} | Qualifiers], Needs, Wide, Narrow) ->
    considered(Qualifiers, Needs, [N | Wide], [N | Narrow]);
considered([{N, {fil, Filter, true}, _} | Qualifiers], Needs, Wide, Narrow) ->
    Needed = map_get(N, Needs),
    case {length(Needed) < 2, Needed -- Narrow, Needed -- Wide} of
        {true, [], _} -> [{N, Filter, Needed} | considered(Qualifiers, Needs, Wide, Narrow)];
        {false, _, []} -> [{N, Filter, Needed} | considered(Qualifiers, Needs, Wide, [])];
        _ -> considered(Qualifiers, Needs, [], [])
    end;
considered([_ | Qualifiers], Needs, _, _) -> considered(Qualifiers, Needs, [], []);
considered([], _, _, _) -> [].

%%% ---- worlds ---------------------------------------------------------------------------------------

before_filters(WithTemplate, Context, #query{template = Template, generators = Generators}) ->
    Patterns = [{0, Template} || WithTemplate] ++ Generators,
    lists:foldl(fun({N, Pattern}, Worlds) -> gerl_qlc_worlds:pattern(N, Pattern, Worlds, Context) end,
                [gerl_qlc_worlds:new()], Patterns).

after_filters(Worlds, Context, #query{filters = Filters}) ->
    lists:foldl(fun({_, Filter, _}, Acc) -> gerl_qlc_worlds:filter(Filter, Acc, Context) end, Worlds, Filters).

%% The template as a pattern: whatever is computed is unknown.
pattern_like({var, _, _} = Var, _) -> Var;
pattern_like({tuple, At, Elements}, Hidden) -> {tuple, At, [pattern_like(E, Hidden) || E <- Elements]};
pattern_like({cons, At, Head, Tail}, Hidden) -> {cons, At, pattern_like(Head, Hidden), pattern_like(Tail, Hidden)};
pattern_like({call, At, Callee, [{integer, _, I} = Index, Of]} = Call, Hidden) when I > 0 ->
    case Callee of
        {remote, _, {atom, _, erlang}, {atom, _, element}} -> {call, At, Callee, [Index, pattern_like(Of, Hidden)]};
        {atom, _, element} -> setelement(4, Call, [Index, pattern_like(Of, Hidden)]);
        _ -> {var, At, '_'}
    end;
pattern_like({record_field, _, _, _, _} = Field, _) -> Field;
pattern_like({record, At, Name, Fields}, Hidden) ->
    {record, At, Name, [setelement(4, Field, pattern_like(element(4, Field), Hidden)) || Field <- Fields]};
pattern_like(Expr, _) ->
    try erl_parse:normalise(Expr) of
        _ -> Expr
    catch
        error:_ -> {var, element(2, Expr), '_'}
    end.

%% For every column that passes in every world: what it is in each of them.
columns(_, [], _) -> [];
columns(N, Worlds, Choose) ->
    PerWorld = [[{{N, Position}, Chosen} || {Position, Term} <- lists:enumerate(gerl_qlc_worlds:elements(gerl_qlc_worlds:root(N), World)),
                                            Chosen <- [Choose(Term, World)], Chosen =/= none] || World <- Worlds],
    Common = lists:foldl(fun(Pairs, Acc) -> [C || C <- Acc, lists:keymember(C, 1, Pairs)] end,
                         [C || {C, _} <- hd(PerWorld)], tl(PerWorld)),
    [{C, [element(2, lists:keyfind(C, 1, Pairs)) || Pairs <- PerWorld]} || C <- Common].

numbers(#query{generators = Generators}) -> [N || {N, _} <- Generators].

sizes(#query{context = Context} = Query) ->
    Both = Context#{equal := true},
    case after_filters(before_filters(false, Both, Query), Both, Query) of
        [] -> #{};
        Worlds ->
            #{N => Size || N <- numbers(Query),
                           [Size] <- [lists:usort([gerl_qlc_worlds:closed_size(gerl_qlc_worlds:root(N), W) || W <- Worlds])],
                           is_integer(Size), Size > 0}
    end.

%%% ---- constant columns -----------------------------------------------------------------------------

constant_values(Numbers, Worlds) ->
    [{Column, lists:usort(Values)} || N <- Numbers, {Column, Values} <- columns(N, Worlds, fun gerl_qlc_worlds:value/2)].

%% Constants for look-ups with =:= (Equal is false) or ==, with the filters that need not be evaluated after one.
constants(Equal, #query{context = Context0, filters = Filters, count = Count} = Query) ->
    Context = Context0#{equal := Equal},
    Before = before_filters(true, Context, Query),
    Known = constant_values([0 | numbers(Query)], after_filters(Before, Context, Query)),
    Plain = [{Column, [V || {_, V} <- Values]} || {Column, Values} <- Known],
    Skips = [{Column, N} || [World] <- [Before], {N, Filter, _} <- Filters,
                            Column <- replaced(Filter, World, Plain, Context, Query)],
    [{Column, lists:usort(Values), tagged([N || {C, N} <- Skips, C =:= Column], Count)} || {Column, Values} <- Plain].

tagged(Filters, Count) when length(Filters) =:= Count -> {all, Filters};
tagged(Filters, _) -> {some, Filters}.

%% The columns whose look-up finds no object for which a filter is false.
replaced(Filter, World, Plain, Context, Query) ->
    case gerl_qlc_worlds:surely(Filter, [World], Context) of
        unclear -> [];
        [] -> [];
        Worlds ->
            Lost = lists:any(fun(W) -> gerl_qlc_worlds:marked(lost, W) andalso not gerl_qlc_worlds:marked(lost, World) end, Worlds),
            Exact = map_get(equal, Context) andalso lists:any(fun(W) -> gerl_qlc_worlds:marked(exact, W) end, Worlds),
            [Column || not Lost, not Exact, N <- numbers(Query),
                       [{Column, Values}] <- [constant_values([N], Worlds) -- constant_values([N], [World])],
                       [V || {_, V} <- Values] -- proplists:get_value(Column, Plain, []) =:= [],
                       lists:all(fun(W) -> follows(W, Column, World, Context, Query) end, Worlds)]
    end.

%% Whether all that a filter's world tells follows from the value of a column.
follows(World, {N, Position} = Column, Before, Context, Query) ->
    [{Column, [{_, Value}]}] = [C || {Key, _} = C <- columns(N, [World], fun gerl_qlc_worlds:value/2), Key =:= Column],
    case with_column(N, Position, Value, Before, Context) of
        none -> false;
        By -> gerl_qlc_worlds:implied(variables(Query), World, By)
    end.

with_column(N, Position, Term, World, Context) ->
    Known = gerl_qlc_worlds:elements(gerl_qlc_worlds:root(N), World),
    case lists:nthtail(min(Position - 1, length(Known)), Known) of
        [Element | _] -> gerl_qlc_worlds:unify('=:=', Element, Term, World, Context);
        [] -> gerl_qlc_worlds:unify('=:=', gerl_qlc_worlds:root(N), {tuple, positioned(Position, Term, N)}, World, Context)
    end.

positioned(1, Term, N) -> {cell, Term, {var, {rest, N}}};
positioned(Position, Term, N) -> {cell, {var, {before, N, Position}}, positioned(Position - 1, Term, N)}.

variables(#query{context = #{locals := Locals}} = Query) ->
    [{var, Name} || Name := _ <- Locals] ++ [gerl_qlc_worlds:root(N) || N <- numbers(Query)].

fixed_columns(Constants) ->
    maps:groups_from_list(fun({N, _}) -> N end, fun({_, Position}) -> Position end,
                          lists:sort([Column || {Column, [_], _} <- Constants])).

%% Constants that columns have by filters: objects are chosen by them before they are joined.
extra(#query{context = Context0} = Query) ->
    Context = Context0#{equal := true},
    Before = before_filters(false, Context, Query),
    ByPattern = constant_values(numbers(Query), Before),
    Found = constant_values(numbers(Query), after_filters(Before, Context, Query)) -- ByPattern,
    Groups = maps:groups_from_list(fun({{N, _}, _}) -> N end,
                                   fun({{_, Position}, Values}) -> {Position, [{V, '=='} || {_, V} <- Values]} end, Found),
    maps:to_list(Groups).

%%% ---- joins ----------------------------------------------------------------------------------------

joins(Query) ->
    {Equal, Wide} = joined(true, Query),
    {Match, Wide1} = joined(false, Query),
    Tables = lists:usort([N || {Columns, _} <- Equal, {N, _} <- Columns]),
    if
        Wide; Wide1 -> {[], too_complex_join};
        Equal =:= [], Match =:= [] -> {[], none};
        length(Tables) > 2 -> {[], too_many_joins};
        Equal =:= Match -> {Equal, none};
        true -> {{Equal, Match}, none}
    end.

%% Pairs of equal columns with the filters that a join makes true; whether more than two generators have equal columns.
joined(Equal, Query) ->
    Classes = [lists:sort(Class) || Class <- classes(Equal, false, Query)],
    Families = [{Class, maps:to_list(maps:groups_from_list(fun({N, _}) -> N end, Class))} || Class <- Classes],
    Pairs = [{[A, B], tagged(join_skips(Class, [A, B], Equal, Query), Query#query.count)} ||
                {Class, [{_, As}, {_, Bs}]} <- Families, A <- As, B <- Bs],
    {lists:sort(Pairs), lists:any(fun({_, Family}) -> length(Family) > 2 end, Families)}.

%% Columns that are the same unknown in every world.
classes(Equal, WithTemplate, #query{context = Context0} = Query) ->
    Context = Context0#{equal := Equal, constants := false},
    Worlds = after_filters(before_filters(WithTemplate, Context, Query), Context, Query),
    Unknown = fun(Term, World) ->
        case gerl_qlc_worlds:value(Term, World) of
            none -> gerl_qlc_worlds:deep(Term, World);
            _ -> none
        end
    end,
    Columns = lists:append([columns(N, Worlds, Unknown) || N <- [0 || WithTemplate] ++ numbers(Query)]),
    Groups = maps:groups_from_list(fun({_, Terms}) -> Terms end, fun({Column, _}) -> Column end, Columns),
    [Class || _ := [_, _ | _] = Class <- Groups].

join_skips([_, _] = Class, Class, Equal, #query{context = Context0, filters = Filters} = Query) ->
    [{N1, P1}, {N2, P2}] = Class,
    Context = Context0#{equal := Equal},
    [N || [World] <- [before_filters(false, Context, Query)],
          {N, Filter, Needs} <- Filters, Needs =:= [N1, N2],
          Worlds <- [gerl_qlc_worlds:surely(Filter, [World], Context)], is_list(Worlds), Worlds =/= [],
          By <- [with_both(N1, P1, N2, P2, World, Context)], By =/= none,
          lists:all(fun(W) -> join_implies(W, By, World, Equal, Query) end, Worlds)];
join_skips(_, _, _, _) -> [].

with_both(N1, P1, N2, P2, World, Context) ->
    Same = {var, join},
    case with_column(N1, P1, Same, World, Context) of
        none -> none;
        World1 -> with_column(N2, P2, Same, World1, Context)
    end.

join_implies(World, By, Before, Equal, Query) ->
    (not gerl_qlc_worlds:marked(lost, World) orelse gerl_qlc_worlds:marked(lost, Before))
        andalso not (Equal andalso gerl_qlc_worlds:marked(exact, World))
        andalso gerl_qlc_worlds:implied(variables(Query), World, By).

%% For columns of generators: the columns of the template that are equal to them.
template_columns(Query) ->
    [{Op, lists:sort([{Column, lists:sort(Ours)} || Class <- classes(Equal, true, Query),
                                                    Ours <- [[P || {0, P} <- Class]], Ours =/= [],
                                                    {N, _} = Column <- Class, N =/= 0])}
     || {Op, Equal} <- [{'==', true}, {'=:=', false}]].
