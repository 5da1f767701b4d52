-module(gerl_yecc_tables).
-moduledoc """
LALR(1) tables of a grammar.

States are the kernels of LR(0) items; the symbols that may follow each item are spread through the states until nothing
changes, so that states with equal kernels are one from the beginning.
""".
-export([make/1]).

-type symbol() :: atom() | integer().
-type rule() :: {pos_integer() | 0, [symbol()], term()}.
-type precedence() :: {non_neg_integer(), none | left | right | nonassoc | unary}.

-doc """
Makes the tables: of every state its actions and the states that nonterminals lead to, and the conflicts found. Rules
are `{Number, [Head | Symbols], Location}`, rule 0 being the root's own.
""".
-spec make(#{rules := [rule()], terminals := [symbol()], endsymbol := symbol(), precedences := #{symbol() => {integer(), atom()}}}) ->
          #{states := [{non_neg_integer(), [{symbol(), term()}], [{symbol(), non_neg_integer()}]}],
            resolved := list(), shift := list(), reduce := list()}.
make(#{rules := Rules, terminals := Terminals, endsymbol := End, precedences := Precedences}) ->
    ByHead = maps:groups_from_list(fun({_, [Head | _], _}) -> Head end, Rules),
    Known = #{heads => ByHead, rules => #{N => R || {N, _, _} = R <- Rules}, first => firsts(Rules, Terminals)},
    Start = [{0, 0}],
    States = spread([Start], #{Start => {0, #{{0, 0} => [End]}, #{}}}, Known),
    Sorted = lists:sort([{N, Looks, Moves} || _ := {N, Looks, Moves} <- States]),
    Numbers = #{K => N || K := {N, _, _} <- States},
    {Rows, Found} = lists:mapfoldl(fun(State, Conflicts) -> row(State, Numbers, Known, Precedences, Conflicts) end, [], Sorted),
    Of = fun(Kind) -> lists:sort([C || {K, C} <- Found, K =:= Kind]) end,
    #{states => Rows, resolved => Of(resolved), shift => Of(shift), reduce => Of(reduce)}.

%%% ---- what a symbol can begin with ----------------------------------------------------------------

%% First sets, with empty among the symbols where nothing at all is possible too.
firsts(Rules, Terminals) ->
    Own = #{T => [T] || T <- Terminals},
    grow(Rules, lists:foldl(fun({_, [Head | _], _}, Map) -> Map#{Head => []} end, Own, Rules)).

grow(Rules, Firsts) ->
    Next = lists:foldl(fun({_, [Head | Symbols], _}, Map) ->
                               Map#{Head := ordsets:union(map_get(Head, Map), first(Symbols, [empty], Map))}
                       end, Firsts, Rules),
    case Next of
        Firsts -> Firsts;
        _ -> grow(Rules, Next)
    end.

first([], After, _) -> After;
first([Symbol | Symbols], After, Firsts) ->
    Own = maps:get(Symbol, Firsts, [Symbol]),
    case lists:member(empty, Own) of
        true -> ordsets:union(ordsets:del_element(empty, Own), first(Symbols, After, Firsts));
        false -> Own
    end.

%%% ---- states ----------------------------------------------------------------------------------------

%% An item is {Rule, Dot}. States are Kernel => {Number, Item => Followers, Symbol => Kernel}.
spread([], States, _) -> States;
spread([Kernel | Work], States, Known) ->
    {N, Looks, _} = map_get(Kernel, States),
    Moves = moves(closure(maps:to_list(Looks), #{}, Known), Known),
    Next = States#{Kernel := {N, Looks, #{Symbol => lists:sort(maps:keys(To)) || Symbol := To <- Moves}}},
    {More, All} = lists:foldl(fun({_, To}, Acc) -> arrive(To, Acc) end, {[], Next}, lists:sort(maps:to_list(Moves))),
    spread(Work ++ (lists:reverse(More) -- Work), All, Known).

arrive(To, {More, States}) ->
    Kernel = lists:sort(maps:keys(To)),
    case States of
        #{Kernel := {N, Old, Moves}} ->
            case maps:merge_with(fun(_, A, B) -> ordsets:union(A, B) end, Old, To) of
                Old -> {More, States};
                New -> {[Kernel | lists:delete(Kernel, More)], States#{Kernel := {N, New, Moves}}}
            end;
        _ -> {[Kernel | More], States#{Kernel => {map_size(States), To, #{}}}}
    end.

closure([], Items, _) -> Items;
closure([{Item, Looks} | Work], Items, #{heads := Heads, first := Firsts} = Known) ->
    Old = maps:get(Item, Items, none),
    New = case Old of
              none -> Looks;
              _ -> ordsets:union(Old, Looks)
          end,
    case New of
        Old -> closure(Work, Items, Known);
        _ ->
            More = case after_dot(Item, Known) of
                       [Symbol | Rest] when is_map_key(Symbol, Heads) ->
                           Follow = first(Rest, New, Firsts),
                           [{{R, 0}, Follow} || {R, _, _} <- map_get(Symbol, Heads)];
                       _ -> []
                   end,
            closure(More ++ Work, Items#{Item => New}, Known)
    end.

after_dot({N, Dot}, #{rules := Rules}) ->
    {_, [_ | Symbols], _} = map_get(N, Rules),
    lists:nthtail(Dot, Symbols).

moves(Items, Known) ->
    maps:fold(fun({N, Dot} = Item, Looks, Moves) ->
                      case after_dot(Item, Known) of
                          [Symbol | _] ->
                              To = maps:get(Symbol, Moves, #{}),
                              Moves#{Symbol => To#{{N, Dot + 1} => Looks}};
                          [] -> Moves
                      end
              end, #{}, Items).

%%% ---- actions ---------------------------------------------------------------------------------------

row({N, Looks, Moves}, Numbers, #{heads := Heads, rules := Rules} = Known, Precedences, Conflicts) ->
    Items = closure(maps:to_list(Looks), #{}, Known),
    Shifts = [{Symbol, {shift, map_get(Kernel, Numbers)}} || Symbol := Kernel <- Moves, not is_map_key(Symbol, Heads)],
    Reductions = lists:sort([{Symbol, {reduce, R}} || {R, _} = Item := Follow <- Items, after_dot(Item, Known) =:= [], Symbol <- Follow]),
    %% Reductions among themselves first, what is left of them against the shifts.
    {Reduced, Found0} = lists:foldl(fun(Action, Acc) -> enter(Action, N, Rules, Precedences, Acc) end, {#{}, Conflicts}, Reductions),
    %% A terminal that begins a nonterminal with a precedence counts as that.
    Begun = #{Symbol => map_get(Head, Precedences)
              || {R, 0} := _ <- Items, {_, [Head, Symbol | _], _} <- [map_get(R, Rules)], is_map_key(Head, Precedences),
                 not is_map_key(Symbol, Heads)},
    Counted = maps:merge(#{{shift, S} => P || S := P <- Precedences}, #{{shift, S} => P || S := P <- Begun}),
    {Actions, Found} = lists:foldl(fun(Action, Acc) -> enter(Action, N, Rules, maps:merge(Precedences, Counted), Acc) end,
                                   {maps:from_list(Shifts), Found0}, lists:sort(maps:to_list(Reduced))),
    {{N, lists:sort(maps:to_list(Actions)), lists:sort([{S, map_get(K, Numbers)} || S := K <- Moves, is_map_key(S, Heads)])}, Found}.

enter({Symbol, accept}, _, _, _, {Actions, Found}) -> {Actions#{Symbol => accept}, Found};
enter({Symbol, {reduce, 0}}, _, _, _, {Actions, Found}) -> {Actions#{Symbol => accept}, Found};
enter({Symbol, {reduce, R} = Reduce}, N, Rules, Precedences, {Actions, Found}) ->
    case Actions of
        #{Symbol := {shift, To} = Shift} ->
            Conflict = {Symbol, N, map_get(R, Rules), {shift, To, hd(tl(element(2, map_get(R, Rules))) ++ [Symbol])}},
            case prefer(rule_precedence(map_get(R, Rules), Precedences), maps:get({shift, Symbol}, Precedences, {0, none})) of
                reduce -> {Actions#{Symbol := Reduce}, [{resolved, {Conflict, reduce}} | Found]};
                shift -> {Actions, [{resolved, {Conflict, shift}} | Found]};
                error -> {Actions#{Symbol := error}, [{resolved, {Conflict, error}} | Found]};
                none -> {Actions#{Symbol := Shift}, [{shift, Conflict} | Found]}
            end;
        #{Symbol := {reduce, Other}} ->
            Conflict = {Symbol, N, map_get(Other, Rules), {reduce, map_get(R, Rules)}},
            case {level(rule_precedence(map_get(Other, Rules), Precedences)), level(rule_precedence(map_get(R, Rules), Precedences))} of
                {A, B} when A > B -> {Actions, [{resolved, {Conflict, Other}} | Found]};
                {A, B} when A < B -> {Actions#{Symbol := Reduce}, [{resolved, {Conflict, R}} | Found]};
                _ -> {Actions, [{reduce, Conflict} | Found]}
            end;
        #{Symbol := _} -> {Actions, Found};
        _ -> {Actions#{Symbol => Reduce}, Found}
    end.

level({N, _}) -> N.

%% A rule counts as its head, or as its last symbol with a precedence; without one it counts least.
-spec rule_precedence(rule(), #{symbol() => precedence()}) -> precedence().
rule_precedence({_, [Head | Symbols], _}, Precedences) ->
    case [P || S <- lists:reverse(Symbols), {ok, P} <- [maps:find(S, Precedences)]] of
        _ when is_map_key(Head, Precedences) -> map_get(Head, Precedences);
        [P | _] -> P;
        [] -> {0, none}
    end.

prefer({A, _}, {B, _}) when A > B -> reduce;
prefer({A, _}, {B, _}) when A < B -> shift;
prefer({A, left}, {A, left}) -> reduce;
prefer({A, right}, {A, right}) -> shift;
prefer({A, nonassoc}, {A, nonassoc}) -> error;
prefer(_, _) -> none.
