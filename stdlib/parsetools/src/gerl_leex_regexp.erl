-module(gerl_leex_regexp).
-moduledoc """
Regular expressions of scanner definitions and the automaton that finds them.

The automaton is built from positions: every character set of an expression is one, and which positions may follow
which is known once the expressions are read. A state is the set of the positions that may come next.
""".
-export([parse/1, automaton/1]).

-type set() :: [{char(), char()}].
-type regexp() :: {set, set()} | {sequence, [regexp()]} | {choice, [regexp()]} | {repeat, regexp(), boolean(), boolean()}.

-define(MAX, 16#10FFFF).

-doc "Reads an expression. The error is the reason that `leex:format_error/1` describes.".
-spec parse(string()) -> {ok, regexp()} | {error, {regexp, term()}}.
parse(Text) ->
    try choice(Text) of
        {R, []} -> {ok, R};
        {_, [C | _]} -> {error, {regexp, {illegal_char, [C]}}}
    catch throw:{bad, Reason} -> {error, {regexp, Reason}}
    end.

choice(Text) ->
    case sequence(Text, []) of
        {R, [$| | More]} ->
            {Other, Rest} = choice(More),
            {{choice, [R, Other]}, Rest};
        Done -> Done
    end.

sequence([C | _] = Text, Parts) when C =:= $|; C =:= $) -> {{sequence, lists:reverse(Parts)}, Text};
sequence([], Parts) -> {{sequence, lists:reverse(Parts)}, []};
sequence(Text, Parts) ->
    {One, Rest} = single(Text),
    {Part, Left} = repeated(One, Rest),
    sequence(Left, [Part | Parts]).

repeated(R, [$* | Rest]) -> repeated({repeat, R, true, true}, Rest);
repeated(R, [$+ | Rest]) -> repeated({repeat, R, false, true}, Rest);
repeated(R, [$? | Rest]) -> repeated({repeat, R, true, false}, Rest);
repeated(R, Rest) -> {R, Rest}.

single([$( | Text]) ->
    case choice(Text) of
        {R, [$) | Rest]} -> {R, Rest};
        _ -> bad({unterminated, "("})
    end;
single([$. | Rest]) -> {{set, complement([{$\n, $\n}])}, Rest};
single([$[, $^ | Text]) ->
    {Set, Rest} = class(Text, []),
    {{set, complement(Set)}, Rest};
single([$[ | Text]) ->
    {Set, Rest} = class(Text, []),
    {{set, Set}, Rest};
single([C | _]) when C =:= $*; C =:= $+; C =:= $?; C =:= $^; C =:= $$ -> bad({illegal_char, [C]});
single(Text) ->
    {C, Rest} = character(Text),
    {{set, [{C, C}]}, Rest}.

class([$] | Rest], [_ | _] = Set) -> {Set, Rest};
class([], _) -> bad({unterminated, "["});
class(Text, Set) ->
    {From, Rest} = character(Text),
    case Rest of
        [$-, C | _] when C =/= $] ->
            case character(tl(Rest)) of
                {To, Left} when To >= From -> class(Left, [{From, To} | Set]);
                {_, Left} -> bad({char_class, lists:sublist(Text, length(Text) - length(Left))})
            end;
        _ -> class(Rest, [{From, From} | Set])
    end.

character([$\\]) -> bad({unterminated, "\\"});
character([$\\, $x, ${ | Text]) ->
    case lists:splitwith(fun(C) -> C =/= $} end, Text) of
        {_, []} -> bad({unterminated, "\\x{"});
        {Digits, [_ | Rest]} -> {number(Digits, "\\x{" ++ Digits ++ "}"), Rest}
    end;
character([$\\, $x, A, B | Rest]) -> {number([A, B], "\\x"), Rest};
character([$\\, $x | _]) -> bad({illegal_char, "\\x"});
character([$\\, A, B, C | Rest]) when A >= $0, A =< $7, B >= $0, B =< $7, C >= $0, C =< $7 ->
    {list_to_integer([A, B, C], 8), Rest};
character([$\\, C | Rest]) -> {maps:get(C, escapes(), C), Rest};
character([C | Rest]) -> {C, Rest}.

escapes() -> #{$b => $\b, $f => $\f, $n => $\n, $r => $\r, $t => $\t, $e => $\e, $v => $\v, $s => $\s, $d => $\d}.

number(Digits, Shown) ->
    try list_to_integer(Digits, 16) of
        N when N >= 0, N =< ?MAX -> N;
        _ -> bad({illegal_char, Shown})
    catch error:badarg -> bad({illegal_char, Shown})
    end.

-spec bad(term()) -> no_return().
bad(Reason) -> throw({bad, Reason}).

complement(Set) -> gaps(lists:sort(Set), 0).

gaps([{Low, High} | Set], From) when Low > From -> [{From, Low - 1} | gaps(Set, High + 1)];
gaps([{_, High} | Set], From) -> gaps(Set, max(From, High + 1));
gaps([], From) when From =< ?MAX -> [{From, ?MAX}];
gaps([], _) -> [].

-doc """
The automaton of expressions, each with its rule's number: of every state, from 0, which is the first, the rule that ends
there and the ranges of characters that lead on.
""".
-spec automaton([{non_neg_integer(), regexp()}]) ->
          [{non_neg_integer(), none | non_neg_integer(), [{char(), char(), non_neg_integer()}]}].
automaton(Rules) ->
    {First, Places} = lists:foldl(fun add_rule/2, {[], #{}}, Rules),
    states([First], #{First => 0}, Places, []).

%% Places has of every position {What, Follow}; an expression's end is one, with the rule's number.
add_rule({Rule, R}, {Start, Places0}) ->
    {Nullable, First, Last, Places1} = place(R, Places0),
    {End, Places2} = new({rule, Rule}, Places1),
    Own = case Nullable of
              true -> [End | First];
              false -> First
          end,
    {ordsets:union(Start, ordsets:from_list(Own)), follow(Last, [End], Places2)}.

new(What, Places) ->
    N = map_size(Places),
    {N, Places#{N => {What, []}}}.

place({set, Set}, Places0) ->
    {N, Places} = new({set, Set}, Places0),
    {false, [N], [N], Places};
place({choice, Rs}, Places0) ->
    lists:foldl(fun(R, {Nullable, First, Last, Places}) ->
                        {N, F, L, More} = place(R, Places),
                        {N orelse Nullable, ordsets:union(F, First), ordsets:union(L, Last), More}
                end, {false, [], [], Places0}, Rs);
place({sequence, Rs}, Places0) ->
    lists:foldl(fun(R, {Nullable, First, Last, Places1}) ->
                        {N, F, L, Places2} = place(R, Places1),
                        {N andalso Nullable, both(Nullable, First, F), both(N, L, Last), follow(Last, F, Places2)}
                end, {true, [], [], Places0}, Rs);
place({repeat, R, Optional, Again}, Places0) ->
    {Nullable, First, Last, Places} = place(R, Places0),
    {Nullable orelse Optional, First, Last,
     case Again of
         true -> follow(Last, First, Places);
         false -> Places
     end}.

both(true, A, B) -> ordsets:union(A, B);
both(false, A, _) -> A.

follow(From, To, Places) ->
    lists:foldl(fun(P, Map) ->
                        #{P := {What, Old}} = Map,
                        Map#{P := {What, ordsets:union(Old, To)}}
                end, Places, From).

states([], _, _, Done) -> lists:keysort(1, Done);
states([Set | Queue], Names, Places, Done) ->
    Here = [map_get(P, Places) || P <- Set],
    Rule = lists:min([none | [R || {{rule, R}, _} <- Here]]),
    Moves = moves([{Low, High, To} || {{set, Ranges}, To} <- Here, {Low, High} <- Ranges]),
    {Named, {Found, All}} = lists:mapfoldl(fun name/2, {[], Names}, Moves),
    states(Queue ++ lists:reverse(Found), All, Places, [{map_get(Set, Names), Rule, joined(Named)} | Done]).

name({Low, High, Set}, {Found, Names}) ->
    case Names of
        #{Set := N} -> {{Low, High, N}, {Found, Names}};
        _ ->
            N = map_size(Names),
            {{Low, High, N}, {[Set | Found], Names#{Set => N}}}
    end.

%% Cuts ranges that overlap where one begins or ends.
moves(Ranges) ->
    Cuts = lists:usort([Low || {Low, _, _} <- Ranges] ++ [High + 1 || {_, High, _} <- Ranges]),
    pieces(Cuts, Ranges).

pieces([Low, Next | Cuts], Ranges) ->
    case ordsets:union([To || {L, H, To} <- Ranges, L =< Low, Low =< H]) of
        [] -> pieces([Next | Cuts], Ranges);
        To -> [{Low, Next - 1, To} | pieces([Next | Cuts], Ranges)]
    end;
pieces(_, _) -> [].

joined([{Low, Mid, N}, {Next, High, N} | Moves]) when Next =:= Mid + 1 -> joined([{Low, High, N} | Moves]);
joined([Move | Moves]) -> [Move | joined(Moves)];
joined([]) -> [].
