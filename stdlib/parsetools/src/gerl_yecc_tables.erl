-module(gerl_yecc_tables).
-moduledoc """
LALR(1) tables of a grammar.

States are the kernels of LR(0) items, numbered as they are met: the successors of the state met last come first, and of one
state those by nonterminals (the last by name first), then those by terminals. The terminals that may follow each item are
then spread through the states until nothing changes. Sets of terminals are integers with a bit for each.
""".
-export([states/1, actions/2]).
-export_type([states/0, action/0, conflict/0]).

-type symbol() :: atom() | integer().
-type grammar() :: gerl_yecc_grammar:grammar().
-type item() :: {non_neg_integer(), non_neg_integer()}.
-type states() :: #{non_neg_integer() => {[item()], #{symbol() => non_neg_integer()}}}.
-type action() :: accept | nonassoc | {shift, non_neg_integer()} | {reduce, pos_integer()}.
-type conflict() :: {symbol(), non_neg_integer(), term(), term()}.

%% What is known of a grammar while its tables are made: the symbols after the dot of each item, the items that begin a
%% nonterminal, and what each nonterminal can begin with.
-record(known, {rests = #{}, starts = #{}, firsts = #{}, bits = #{}}).

%%% ---- states ----------------------------------------------------------------------------------------

-doc "The states of a grammar: of each its kernel and the states that symbols lead to.".
-spec states(grammar()) -> states().
states(Grammar) -> visit([{0, [{0, 0}]}], #{[{0, 0}] => 0}, #{}, known(Grammar)).

known(#{rules := Rules, root := Root}) ->
    Rests = #{{N, Dot} => lists:nthtail(Dot, Body)
              || {N, Body} <- [{0, [Root]} | [{N, body(S)} || {N, S, _, _} <- Rules]], Dot <- lists:seq(0, length(Body))},
    Starts = maps:groups_from_list(fun({_, [Head | _], _, _}) -> Head end, fun({N, _, _, _}) -> {N, 0} end, Rules),
    #known{rests = Rests, starts = Starts}.

body([_, '$empty']) -> [];
body([_ | Symbols]) -> Symbols.

visit([], _, States, _) -> States;
visit([{N, Kernel} | Waiting], Numbers, States, Known) ->
    ByNext = maps:groups_from_list(fun({Next, _}) -> Next end, fun({_, To}) -> To end,
                                   [{hd(Rest), {R, Dot + 1}} || {R, Dot} = Item <- closed(Kernel, Known),
                                                                Rest <- [map_get(Item, Known#known.rests)], Rest =/= []]),
    {Nonterminals, Terminals} = lists:partition(fun(S) -> is_map_key(S, Known#known.starts) end, lists:sort(maps:keys(ByNext))),
    {Moves, {New, All}} =
        lists:mapfoldl(fun(Symbol, {Met, Seen}) ->
                               To = lists:sort(map_get(Symbol, ByNext)),
                               case Seen of
                                   #{To := M} -> {{Symbol, M}, {Met, Seen}};
                                   _ -> {{Symbol, map_size(Seen)}, {[{map_size(Seen), To} | Met], Seen#{To => map_size(Seen)}}}
                               end
                       end, {[], Numbers}, lists:reverse(Nonterminals) ++ Terminals),
    visit(New ++ Waiting, All, States#{N => {Kernel, maps:from_list(Moves)}}, Known).

%% The items that a kernel stands for.
closed(Kernel, Known) -> closed(Kernel, [], #{}, Known).

closed([], Items, _, _) -> Items;
closed([Item | Work], Items, Met, #known{rests = Rests, starts = Starts} = Known) ->
    case map_get(Item, Rests) of
        [Symbol | _] when is_map_key(Symbol, Starts), not is_map_key(Symbol, Met) ->
            closed(map_get(Symbol, Starts) ++ Work, [Item | Items], Met#{Symbol => met}, Known);
        _ -> closed(Work, [Item | Items], Met, Known)
    end.

%%% ---- what may follow -------------------------------------------------------------------------------

%% Bit 0 stands for nothing at all.
firsts(#{terminals := Terminals, endsymbol := End}, Known) ->
    Bits = #{S => 1 bsl I || {I, S} <- lists:enumerate(lists:uniq([End | Terminals]))},
    grow(Known#known{bits = Bits, firsts = #{S => 0 || S := _ <- Known#known.starts}}).

grow(#known{starts = Starts, firsts = Firsts} = Known) ->
    case #{S => lists:foldl(fun(Item, Set) -> Set bor first(map_get(Item, Known#known.rests), 1, Known) end, map_get(S, Firsts), Items)
           || S := Items <- Starts} of
        Firsts -> Known;
        More -> grow(Known#known{firsts = More})
    end.

%% What symbols can begin with, After being what follows them.
first([], After, _) -> After;
first([Symbol | Symbols], After, #known{firsts = Firsts, bits = Bits} = Known) ->
    case Firsts of
        #{Symbol := Set} when Set band 1 =:= 1 -> (Set bxor 1) bor first(Symbols, After, Known);
        #{Symbol := Set} -> Set;
        _ -> maps:get(Symbol, Bits, 0) % a nonterminal without rules, which nothing leads to, begins with nothing
    end.

%% The terminals after each item of each state, from those after the items of its kernel.
spread([], Looks, _, _) -> Looks;
spread([N | Work], Looks, States, Known) ->
    #{N := {_, Moves}} = States,
    {Touched, All} =
        maps:fold(fun({R, Dot} = Item, Set, {Changed, Acc}) ->
                          case map_get(Item, Known#known.rests) of
                              [] -> {Changed, Acc};
                              [Symbol | _] ->
                                  To = map_get(Symbol, Moves),
                                  #{To := #{{R, Dot + 1} := Old} = Kernel} = Acc,
                                  case Old bor Set of
                                      Old -> {Changed, Acc};
                                      More -> {Changed#{To => changed}, Acc#{To := Kernel#{{R, Dot + 1} := More}}}
                                  end
                          end
                  end, {#{}, Looks}, followed(map_get(N, Looks), Known)),
    Waiting = #{W => waiting || W <- Work},
    spread(Work ++ [T || T <- lists:sort(maps:keys(Touched)), not is_map_key(T, Waiting)], All, States, Known).

followed(Kernel, Known) -> followed(maps:to_list(Kernel), #{}, Known).

followed([], Items, _) -> Items;
followed([{Item, Set} | Work], Items, #known{rests = Rests, starts = Starts} = Known) ->
    Old = maps:get(Item, Items, none),
    case Items of
        #{Item := Old} when Old bor Set =:= Old -> followed(Work, Items, Known);
        _ ->
            New = case Old of
                      none -> Set;
                      _ -> Old bor Set
                  end,
            More = case map_get(Item, Rests) of
                       [Symbol | After] when is_map_key(Symbol, Starts) ->
                           Follow = first(After, New, Known),
                           [{Start, Follow} || Start <- map_get(Symbol, Starts)];
                       _ -> []
                   end,
            followed(More ++ Work, Items#{Item => New}, Known)
    end.

%%% ---- actions ---------------------------------------------------------------------------------------

-doc """
The actions of each state, and what conflicts there were: `resolved` by precedences, with what they are in favour of,
`default` ones, where the parser shifts, and `error`s. Conflicts are in the order in which they are found.
""".
-spec actions(states(), grammar()) -> {[{non_neg_integer(), [{symbol(), action()}]}], [{resolved | default | error, conflict(), term()}]}.
actions(States, #{endsymbol := End} = Grammar) ->
    Known = firsts(Grammar, known(Grammar)),
    Empty = #{N => #{Item => 0 || Item <- Kernel} || N := {Kernel, _} <- States},
    Looks = spread([0], Empty#{0 := #{{0, 0} => map_get(End, Known#known.bits)}}, States, Known),
    Rules = #{N => R || {N, _, _, _} = R <- map_get(rules, Grammar)},
    {Rows, Found} =
        lists:mapfoldl(fun(N, Acc) -> row(N, candidates(N, map_get(N, Looks), map_get(N, States), Known, Grammar), {Rules, Grammar}, Acc) end,
                       [], lists:seq(0, map_size(States) - 1)),
    {Rows, lists:reverse(Found)}.

%% What a state could do with each terminal, shifts first. A terminal that ends a rule counts as the rule's head too.
candidates(_, Kernel, {_, Moves}, Known, #{precedences := Precedences, rules := Rules}) ->
    Heads = #{R => Head || {R, [Head | _], _, _} <- Rules},
    Symbols = [{Bit, S} || S := Bit <- Known#known.bits],
    All = [case map_get(Item, Known#known.rests) of
               [] when R =:= 0 -> [{S, accept} || {_, S} <- members(Set, Symbols)];
               [] -> [{S, {reduce, R}} || {_, S} <- members(Set, Symbols)];
               [S] when not is_map_key(S, Known#known.starts) ->
                   [{S, {shift, map_get(S, Moves), last, precedence([S, map_get(R, Heads)], Precedences), R}}];
               [S | _] when not is_map_key(S, Known#known.starts) ->
                   [{S, {shift, map_get(S, Moves), inside, precedence([S], Precedences), R}}];
               _ -> []
           end || {R, _} = Item := Set <- followed(Kernel, Known)],
    lists:sort([{S, lists:usort(fun before/2, Options)}
                || S := Options <- maps:groups_from_list(fun({S, _}) -> S end, fun({_, A}) -> A end, lists:append(All))]).

members(Set, Symbols) -> [Pair || {Bit, _} = Pair <- Symbols, Set band Bit =/= 0].

before(accept, _) -> true;
before(_, accept) -> false;
before({shift, A, PlaceA, Pa, Ra}, {shift, B, PlaceB, Pb, Rb}) -> {A, PlaceA, Pa, Ra} =< {B, PlaceB, Pb, Rb};
before({shift, _, _, _, _}, _) -> true;
before(_, {shift, _, _, _, _}) -> false;
before({reduce, A}, {reduce, B}) -> A =< B.

%% The last one of several symbols that has a precedence says it for all.
precedence(Symbols, Precedences) ->
    lists:foldl(fun(S, P) -> maps:get(S, Precedences, P) end, {0, none}, Symbols).

of_rule(R, {Rules, #{precedences := Precedences}}) ->
    {_, [Head | _] = Symbols, _, _} = map_get(R, Rules),
    precedence(body(Symbols) ++ [Head], Precedences).

row(N, Candidates, Context, Found0) ->
    {Actions, Found} = lists:mapfoldl(fun({Symbol, Options}, Acc) ->
                                              {Action, More} = choose(Options, {Symbol, N}, Context, Acc),
                                              {{Symbol, Action}, More}
                                      end, Found0, Candidates),
    {{N, Actions}, Found}.

choose([{shift, To, _, _, _}], _, _, Found) -> {{shift, To}, Found};
choose([{shift, To, Place, P, _}, {shift, To, _, _, _} = Next | More], At, Context, Found) when Place =:= inside; P =:= {0, none} ->
    choose([Next | More], At, Context, Found);
choose([{shift, To, last, P, R}, {shift, To, _, Q, S} | _], {Symbol, N}, {Rules, _}, Found) ->
    %% The same terminal ends rules whose heads have different precedences.
    Both = {one_level_up, level(R, P, Rules), level(S, Q, Rules)},
    {{shift, To}, [{error, {Symbol, N, Both, Both}, none} | Found]};
choose([{shift, To, _, {Level, Kind}, _} | Reductions], At, Context, Found0) ->
    {{reduce, R} = Reduce, Found} = choose(Reductions, At, Context, Found0),
    Conflict = conflict(R, {shift, To}, At, Context),
    case of_rule(R, Context) of
        {Own, _} when Own < Level -> {{shift, To}, [{resolved, Conflict, shift} | Found]};
        {Own, _} when Own > Level -> {Reduce, [{resolved, Conflict, reduce} | Found]};
        {_, Kind} when Kind =:= left -> {Reduce, [{resolved, Conflict, reduce} | Found]};
        {_, Kind} when Kind =:= right -> {{shift, To}, [{resolved, Conflict, shift} | Found]};
        {_, Kind} when Kind =:= nonassoc -> {nonassoc, Found};
        {0, _} -> {{shift, To}, [{default, Conflict, shift} | Found]};
        _ -> {{shift, To}, [{error, Conflict, none} | Found]}
    end;
choose([Action], _, _, Found) -> {Action, Found};
choose([accept, {reduce, R} | More], At, {_, #{root := Root}} = Context, Found) ->
    choose([{reduce, R} | More], At, Context, [{error, conflict(R, {accept, Root}, At, Context), none} | Found]);
choose([{reduce, R}, {reduce, S} | More], At, {Rules, _} = Context, Found) ->
    Conflict = conflict(R, {reduce, S}, At, Context),
    {{Own, _}, {Other, _}} = {of_rule(R, Context), of_rule(S, Context)},
    if
        Own > Other -> choose([{reduce, R} | More], At, Context, [{resolved, Conflict, head(R, Rules)} | Found]);
        Own < Other -> choose([{reduce, S} | More], At, Context, [{resolved, Conflict, head(S, Rules)} | Found]);
        true -> choose([{reduce, R} | More], At, Context, [{error, Conflict, none} | Found])
    end.

head(R, Rules) ->
    {_, [Head | _], _, _} = map_get(R, Rules),
    Head.

level(R, Precedence, Rules) ->
    {_, _, Place, _} = map_get(R, Rules),
    {Place, R, Precedence}.

%% A conflict as errors tell it: the terminal, the state, a rule with its place, and what speaks against it.
conflict(R, Against, {Symbol, N}, {Rules, _}) ->
    {_, Symbols, Place, _} = map_get(R, Rules),
    Other = case Against of
                {shift, To} -> {shift, To, lists:last(Symbols)};
                {reduce, S} ->
                    {_, Its, There, _} = map_get(S, Rules),
                    {reduce, Its, S, There};
                {accept, _} -> Against
            end,
    {Symbol, N, {Symbols, R, Place}, Other}.
