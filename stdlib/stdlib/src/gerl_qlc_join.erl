-module(gerl_qlc_join).
-moduledoc """
Which two generators of a query are joined, and how.

A join by look-up traverses one of them and looks the other one up in its table; that is preferred. A join by
merging needs both in the order of the columns; what is not gets sorted. The pair that needs the least sorting, and
then makes the most filters superfluous, is chosen.
""".

-export([choose/4, orders/3]).

-include("gerl_qlc.hrl").

-type facts() :: fun((atom()) -> term()).

-doc "The join, the filters that it makes true, and the columns to be sorted before.".
-spec choose([tuple()], [tuple()], facts(), #qlc_opt{}) -> {#joined{}, [pos_integer()], [{pos_integer(), pos_integer()}]} | none.
choose(Qualifiers, Changed, Facts, #qlc_opt{join = Option} = Query) ->
    case Facts(join) of
        undefined ->
            Option =:= any orelse error(no_join_to_carry_out, [{join, Option}]),
            none;
        Joins ->
            Pairs = [P || {Op, Known} <- by_operator(Joins), Entry <- Known, P <- pairs(Op, Entry)],
            Plans = #{N => Plan || {N, _, _, {gen, Plan}} <- Qualifiers},
            Lookups = [L || lists:member(Option, [any, lookup]), Pair <- Pairs, L <- lookups(Pair, Plans, Changed)],
            Merges = [merge(Pair, Plans, Facts) || lists:member(Option, [any, merge]), Pair <- Pairs],
            best(lists:sort(Lookups), lists:sort(Merges), Option, Query)
    end.

by_operator({Equal, Match}) -> [{'==', Equal}, {'=:=', Match}];
by_operator(Both) -> [{'==', Both}, {'=:=', Both}].

%% Either one pair of columns with what it makes superfluous, or, from old compiled modules, all columns of two generators.
pairs(Op, {[{_, C1}, {_, C2}] = Pair, {_, Skips}}) when is_integer(C1), is_integer(C2) ->
    [{Op, Pair, Skips}];
pairs(Op, [{N1, Cs1}, {N2, Cs2}]) ->
    [{Op, [{N1, C1}, {N2, C2}], []} || C1 <- Cs1, C2 <- Cs2].

lookups({Op, [{N1, C1}, {N2, C2}], Skips}, Plans, Changed) ->
    [{Skips, {First, CFirst, Second, CSecond}, Op, Table#table.lookup_fun}
     || {First, CFirst, Second, CSecond} <- [{N1, C1, N2, C2}, {N2, C2, N1, C1}],
        Plan <- [map_get(Second, Plans)],
        lists:member(CSecond, gerl_qlc_lookup:positions(Plan, Op)),
        #plan{op = #from_table{table = Table, spec = Spec}} <- [Plan],
        %% Objects that are looked up see no specification, so its filters must be filters still.
        Spec =:= none orelse lists:any(fun({N, _, Fs}) -> N =:= Second andalso is_list(Fs) end, Changed)].

merge({Op, [{N1, C1}, {N2, C2}], Skips}, Plans, Facts) ->
    Unsorted = [{N, C} || {N, C} <- [{N1, C1}, {N2, C2}], not lists:member(C, columns_in_order(N, map_get(N, Plans), Facts))],
    %% Merging compares with ==: a filter with =:= has to be evaluated.
    Left = case Op of '==' -> Skips; '=:=' -> [] end,
    {-length(Unsorted), length(Left), {N1, C1, N2, C2}, Left, Unsorted, Op}.

best([_ | _] = Lookups, _, _, _) ->
    {Skips, {First, CFirst, Second, CSecond}, Op, Fun} = lists:last(Lookups),
    {#joined{kind = {lookup, Op, Fun}, first = First, column_first = CFirst, second = Second, column_second = CSecond}, Skips, []};
best([], [_ | _] = Merges, _, _) ->
    {_, _, {First, CFirst, Second, CSecond}, Skips, Unsorted, Op} = lists:last(Merges),
    {#joined{kind = {merge, Op}, first = First, column_first = CFirst, second = Second, column_second = CSecond}, Skips, Unsorted};
best([], [], Option, _) when Option =:= merge; Option =:= lookup ->
    error(cannot_carry_out_join, [Option]);
best([], [], _, _) ->
    none.

%% The columns in whose order the objects of a generator come that match its pattern and have its constants.
columns_in_order(N, #plan{sorted = Sorted, orders = Orders}, Facts) ->
    Leading = (Facts(n_leading_constant_columns))(N),
    Whole = [Leading + 1 || Sorted =:= ascending orelse Sorted =:= yes,
                            Size <- [(Facts(size))(N)], is_integer(Size), Leading < Size],
    lists:usort(Whole ++ (Facts(constant_columns))(N) ++ Orders).

-doc """
The columns of the answers that are in order: constant ones, and those that equal a column of the generator which
is traversed first.
""".
-spec orders([tuple()], #joined{} | none, facts()) -> [pos_integer()].
orders(Qualifiers, Joined, Facts) ->
    [{Outer, Plan} | _] = [{N, P} || {N, _, _, {gen, P}} <- Qualifiers],
    ByJoin =
        case Joined of
            #joined{kind = {merge, _}, first = Outer, column_first = C1, second = N2, column_second = C2} -> [{Outer, C1}, {N2, C2}];
            _ -> []
        end,
    %% A look-up for the objects of a later generator takes them in that one's order.
    ByOuter =
        case Joined of
            #joined{kind = {lookup, _, _}, second = Outer, first = N} ->
                {_, _, _, {gen, First}} = lists:keyfind(N, 1, Qualifiers),
                [{N, C} || C <- columns_in_order(N, First, Facts)];
            _ -> [{Outer, C} || C <- columns_in_order(Outer, Plan, Facts)]
        end,
    Template = Facts(template),
    lists:usort((Facts(constant_columns))(0) ++ lists:append([Template(Column, '==') || Column <- ByJoin ++ ByOuter])).
