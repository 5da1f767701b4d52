-module(gerl_qlc_loop).
-moduledoc """
The table that a compiled query's fun is run with (see gerl_qlc_code), and joins of two generators.

The table tells code that is a machine of states where to go on: of each qualifier its predecessor, the state in which
the nearest generator before it takes its next object, and its successor, the state in which the next qualifier begins.
Qualifiers that are skipped take no part; a join takes the place of its first generator.
""".

-export([table/4]).

-include("gerl_qlc.hrl").

-type answers() :: fun((#plan{}) -> term()).

%% The state in which an answer is made.
-define(TEMPLATE, 1).

-doc "The table and the state to begin with.".
-spec table(#loop{}, answers(), fun((term(), #how{}) -> term()), {reference(), pid()}) -> {tuple(), pos_integer()}.
table(#loop{qualifiers = Qualifiers, join = Joined, how = How}, Answers, Treated, Session) ->
    Sources = #{N => Answers(Plan) || {N, _, _, {gen, Plan}} <- Qualifiers},
    Active = active(Qualifiers, Joined),
    %% The first generator is read once only.
    Once = case [K || {_, _, _, K} <- Active, K =/= fil] of [#join{} | _] -> How#how{cache = false}; _ -> How end,
    Entries = [entries(Q, Sources, Joined, Once#how{unique = false}, Treated, Session) || Q <- Active],
    {Links, Last} = linked(Active, 0),
    Known = maps:from_list([{1, [Last]} | lists:zipwith3(fun({_, Index, _, _}, Ends, Own) -> {Index, Ends ++ Own} end, Active, Links, Entries)]),
    Unused = #{Index => case Kind of fil -> [-1, -1]; skip -> [-1, -1]; _ -> [-1, -1, -1] end || {_, Index, _, Kind} <- Qualifiers},
    Table = list_to_tuple(lists:append([E || {_, E} <- lists:sort(maps:to_list(maps:merge(Unused, Known)))])),
    {Table, first(Active)}.

%% The qualifiers that are evaluated, in their order.
active(Qualifiers, none) ->
    [Q || {_, _, _, Kind} = Q <- Qualifiers, Kind =/= skip, not is_record(Kind, join)];
active(Qualifiers, #joined{first = A, second = B}) ->
    {First, Second} = {min(A, B), max(A, B)},
    [Join] = [Q || {_, _, _, #join{first = F, second = S}} = Q <- Qualifiers, {F, S} =:= {First, Second}],
    [if N =:= First -> Join; true -> Q end
     || {N, _, _, Kind} = Q <- Qualifiers, Kind =/= skip, N =/= Second, not is_record(Kind, join)].

first([{_, _, State, _} | _]) -> State;
first([]) -> ?TEMPLATE.

%% [[Predecessor, Successor]] and the predecessor of the template.
linked([{_, _, State, Kind} | Active], Before) ->
    {Links, Last} = linked(Active, case Kind of fil -> Before; _ -> State + 1 end),
    {[[Before, first(Active)] | Links], Last};
linked([], Before) -> {[], Before}.

entries({_, _, _, fil}, _, _, _, _, _) -> [];
entries({N, _, _, {gen, _}}, Sources, _, _, _, _) -> [map_get(N, Sources)];
entries({_, _, _, #join{} = Join}, Sources, Joined, How, Treated, Session) ->
    #join{first = First, second = Second, choose_first = ChooseFirst, choose_second = ChooseSecond} = Join,
    {A, B} = {map_get(First, Sources), map_get(Second, Sources)},
    #joined{first = Outer, column_first = C1, second = Inner, column_second = C2} = Joined,
    #how{options = Options} = How,
    Pairs =
        case Joined#joined.kind of
            {merge, _} when Outer =:= First ->
                fun() -> merged(ChooseFirst(A), C1, ChooseSecond(B), C2, {Options, Session}) end;
            {lookup, _, Fun} when Outer =:= First ->
                fun() -> looked_up(ChooseFirst(A), C1, fun(Key) -> chosen(ChooseSecond, Fun(C2, [Key])) end, first) end;
            {lookup, _, Fun} when Inner =:= First ->
                fun() -> looked_up(ChooseSecond(B), C1, fun(Key) -> chosen(ChooseFirst, Fun(C2, [Key])) end, second) end
        end,
    [Treated(Pairs, How)].

chosen(Choose, Objects) when is_list(Objects) -> Choose(Objects);
chosen(_, Error) -> gerl_qlc_run:failed(Error).

%%% ---- by look-up -----------------------------------------------------------------------------------

looked_up([Object | More], Column, Find, Place) when is_tuple(Object), tuple_size(Object) >= Column ->
    partners(Find(element(Column, Object)), Object, Place, fun() -> looked_up(More, Column, Find, Place) end);
looked_up([_ | More], Column, Find, Place) -> looked_up(More, Column, Find, Place);
looked_up([], _, _, _) -> [];
looked_up(More, Column, Find, Place) -> looked_up(gerl_qlc_run:forced(More), Column, Find, Place).

partners([Partner | More], Object, Place, Next) ->
    Pair = case Place of first -> [Object | Partner]; second -> [Partner | Object] end,
    [Pair | fun() -> partners(More, Object, Place, Next) end];
partners([], _, _, Next) -> Next();
partners(More, Object, Place, Next) -> partners(gerl_qlc_run:forced(More), Object, Place, Next).

%%% ---- by merging -----------------------------------------------------------------------------------

%% Both sides are in the order of their columns. All objects of the second side with one key are kept while the first
%% side has that key.
merged(A, C1, B, C2, How) ->
    case {next(A, C1), next(B, C2)} of
        {{X, KeyX, MoreA}, {Y, KeyY, MoreB}} -> merged(X, KeyX, MoreA, C1, Y, KeyY, MoreB, C2, How);
        _ -> []
    end.

merged(_, KeyX, MoreA, C1, Y, KeyY, MoreB, C2, How) when KeyX < KeyY ->
    case next(MoreA, C1) of
        {X1, KeyX1, MoreA1} -> merged(X1, KeyX1, MoreA1, C1, Y, KeyY, MoreB, C2, How);
        none -> []
    end;
merged(X, KeyX, MoreA, C1, _, KeyY, MoreB, C2, How) when KeyX > KeyY ->
    case next(MoreB, C2) of
        {Y1, KeyY1, MoreB1} -> merged(X, KeyX, MoreA, C1, Y1, KeyY1, MoreB1, C2, How);
        none -> []
    end;
merged(X, KeyX, MoreA, C1, Y, KeyY, MoreB, C2, {Options, Session} = How) ->
    Store = gerl_qlc_file:add(Y, gerl_qlc_file:new(joining, Options, Session)),
    {Group, Rest} = group(MoreB, C2, KeyY, Store),
    pairs(gerl_qlc_file:contents(Group), X, fun() -> same_key(MoreA, C1, KeyX, Group, Rest, C2, How) end).

same_key(MoreA, C1, Key, Group, Rest, C2, How) ->
    case next(MoreA, C1) of
        {X, Key1, MoreA1} when Key1 == Key ->
            pairs(gerl_qlc_file:contents(Group), X, fun() -> same_key(MoreA1, C1, Key, Group, Rest, C2, How) end);
        {X, Key1, MoreA1} ->
            case Rest of
                {Y, KeyY, MoreB} -> merged(X, Key1, MoreA1, C1, Y, KeyY, MoreB, C2, How);
                none -> []
            end;
        none -> []
    end.

group(More, Column, Key, Store) ->
    case next(More, Column) of
        {Y, Key1, More1} when Key1 == Key -> group(More1, Column, Key, gerl_qlc_file:add(Y, Store));
        Rest -> {gerl_qlc_file:done(Store), Rest}
    end.

pairs([Y | More], X, Next) -> [[X | Y] | fun() -> pairs(More, X, Next) end];
pairs([], _, Next) -> Next();
pairs(More, X, Next) -> pairs(gerl_qlc_run:forced(More), X, Next).

next([Object | More], Column) when is_tuple(Object), tuple_size(Object) >= Column -> {Object, element(Column, Object), More};
next([_ | More], Column) -> next(More, Column);
next([], _) -> none;
next(More, Column) -> next(gerl_qlc_run:forced(More), Column).
