-module(gerl_json_format).
-moduledoc """
JSON with spaces and line breaks, for json:format/1,2,3.

The state of a formatter is a map: level is the depth, col the column, indent the spaces of a level, and max the
column from which on the elements of a list go to the next line.
""".

-export([start/1, value/3, pairs/3]).
-export_type([formatter/0, state/0]).

-type state() :: #{level := non_neg_integer(), col := non_neg_integer(), indent := non_neg_integer(),
                   max := non_neg_integer(), _ => _}.
-type formatter() :: fun((term(), formatter(), state()) -> iodata()).

-doc "The state at the beginning.".
-spec start(map()) -> state().
start(Options) -> maps:merge(#{level => 0, col => 0, indent => 2, max => 100}, Options).

-doc "A term; what is in it is left to Format.".
-spec value(term(), formatter(), state()) -> iodata().
value(Atom, Format, State) when is_atom(Atom) -> json:encode_atom(Atom, fun(Text, _) -> Format(Text, Format, State) end);
value(Term, _Format, _State) when is_binary(Term) -> json:encode_binary(Term);
value(Term, _Format, _State) when is_integer(Term) -> json:encode_integer(Term);
value(Term, _Format, _State) when is_float(Term) -> json:encode_float(Term);
value([], _Format, _State) -> <<"[]">>;
value([First | _] = List, Format, #{level := Level} = State) when is_number(First); is_atom(First) ->
    [$[, filled(List, Format, State#{level := Level + 1}), $]];
value([_ | _] = List, Format, State) ->
    Inner = deeper(State),
    Line = newline(Inner),
    Lines = [[Line, Format(Term, Format, Inner)] || Term <- List],
    [$[, lists:join($,, Lines), newline(State), $]];
value(Map, Format, State) when is_map(Map) ->
    pairs(if map_size(Map) =< 32 -> maps:to_list(Map); % in order already
             true -> maps:to_list(maps:iterator(Map, ordered))
          end, Format, State);
value(Term, _Format, _State) -> error({unsupported_type, Term}).

deeper(#{level := Level, indent := Indent} = State) -> State#{level := Level + 1, col := (Level + 1) * Indent}.

newline(#{level := Level, indent := Indent}) -> <<$\n, (binary:copy(<<" ">>, Level * Indent))/binary>>.

%% As many elements in a line as begin before the last column.
filled([Term | Rest], Format, #{col := Col, max := Max, level := Level, indent := Indent} = State) ->
    Text = Format(Term, Format, State),
    Size = iolist_size(Text),
    {Before, Next} = case Col >= Max of
                         true -> {newline(State), Level * Indent + Size};
                         false -> {[], Col + Size + 1}
                     end,
    [Before, Text | filled_rest(Rest, Format, State#{col := Next})].

filled_rest([], _Format, _State) -> [];
filled_rest(Rest, Format, State) -> [$, | filled(Rest, Format, State)].

-doc "A list of pairs as an object.".
-spec pairs([{term(), term()}], formatter(), state()) -> iodata().
pairs([], _Format, #{level := _}) -> <<"{}">>;
pairs([{Key, Value}], Format, #{level := Level} = State) when is_number(Value); is_atom(Value); is_binary(Value) ->
    ["{ ", pair(Key, Value, Format, State#{level := Level + 1}), " }"];
pairs(Pairs, Format, #{level := Level} = State) ->
    Inner = State#{level := Level + 1},
    Line = newline(Inner),
    Lines = [[Line, pair(Key, Value, Format, Inner)] || {Key, Value} <- Pairs],
    [${, lists:join($,, Lines), newline(State), $}].

pair(Key, Value, Format, #{level := Level, indent := Indent} = State) ->
    Name = name(Key, Format, State),
    [Name, ": " | Format(Value, Format, State#{col := Level * Indent + iolist_size(Name) + 2})].

name(Key, Format, State) when is_atom(Key) -> Format(atom_to_binary(Key), Format, State);
name(Key, Format, State) when is_binary(Key) -> Format(Key, Format, State);
name(Key, _Format, _State) when is_integer(Key) -> [$", json:encode_integer(Key), $"];
name(Key, _Format, _State) when is_float(Key) -> [$", json:encode_float(Key), $"].
