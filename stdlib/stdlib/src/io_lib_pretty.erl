-module(io_lib_pretty).
-moduledoc "Terms in lines, with the names of record fields. The work is done in Go; here options and record definitions are prepared for it.".

-export([print/1, print/2, print/3, print/4, print/5, print/6, print_bin/2, write/1, write/2]).

-export_type([rec_print_fun/0, option/0]).

-type rec_print_fun() :: fun((Tag :: atom(), Fields :: non_neg_integer()) -> no | [atom()]).
-type option() :: {chars_limit | column | depth | line_length | line_max_chars, integer()} | {encoding, latin1 | utf8 | unicode}
                | {record_print_fun, rec_print_fun()} | {strings, boolean()} | {maps_order, maps:iterator_order()}.

-doc "A term in lines of 80 columns.".
-spec print(term()) -> io_lib:chars().
print(Term) -> print(Term, []).

-doc "A term with options, or with a function that gives the field names of records.".
-spec print(term(), [option()] | rec_print_fun()) -> io_lib:chars().
print(Term, Options) when is_list(Options) ->
    Given = maps:from_list([O || {_, _} = O <- lists:reverse(Options)]),
    unicode:characters_to_list(text(Term, Given));
print(Term, Records) -> print(Term, [{record_print_fun, Records}]).

-doc "A term as deep as `Depth`, with the field names of records.".
-spec print(term(), integer(), rec_print_fun() | no_fun) -> io_lib:chars().
print(Term, Depth, Records) -> print(Term, [{depth, Depth}, {record_print_fun, Records}]).

-doc "A term that starts at a column, in lines of a length, as deep as `Depth` (-1: no limit).".
-spec print(term(), integer(), integer(), integer()) -> io_lib:chars().
print(Term, Column, LineLength, Depth) -> print(Term, Column, LineLength, Depth, no_fun).

-doc "The same with the field names of records.".
-spec print(term(), integer(), integer(), integer(), rec_print_fun() | no_fun) -> io_lib:chars().
print(Term, Column, LineLength, Depth, Records) -> print(Term, Column, LineLength, Depth, -1, Records).

-doc "The same with the most characters that a line may hold behind its indentation (-1: no limit).".
-spec print(term(), integer(), integer(), integer(), integer(), rec_print_fun() | no_fun) -> io_lib:chars().
print(Term, Column, LineLength, Depth, MaxChars, Records) ->
    print(Term, [{column, Column}, {line_length, LineLength}, {depth, Depth}, {line_max_chars, MaxChars},
                 {record_print_fun, Records}]).

-doc "A term with options as UTF-8, the number of its characters, and the column behind it.".
-spec print_bin(term(), [option()] | #{atom() => term()}) -> {unicode:unicode_binary(), non_neg_integer(), integer()}.
print_bin(Term, Options) when is_list(Options) -> print_bin(Term, maps:from_list(Options));
print_bin(Term, Options) ->
    Text = text(Term, Options),
    Chars = unicode:characters_to_list(Text),
    {Text, length(Chars), io_lib:indentation(Chars, maps:get(column, Options, 1))}.

-doc "A term on one line.".
-spec write(term()) -> io_lib:chars().
write(Term) -> io_lib:write(Term).

-doc "A term on one line, as deep as the number says.".
-spec write(term(), integer()) -> io_lib:chars().
write(Term, Depth) -> io_lib:write(Term, Depth).

text(_, #{depth := 0}) -> <<"...">>;
text(_, #{chars_limit := 0}) -> <<"...">>;
text(Term, Options) ->
    Number = fun(Key, Default) -> maps:get(Key, Options, Default) end,
    Where = {Number(column, 1), Number(line_length, 80), Number(depth, -1), Number(line_max_chars, -1)},
    Encoding = maps:get(encoding, Options, epp:default_encoding()),
    Defs = case Options of
               #{record_print_fun := Fields} when is_function(Fields, 2) -> definitions(Term, Fields);
               #{} -> []
           end,
    gerl_io:pretty(Term, Where, Number(chars_limit, -1), Encoding =:= latin1, maps:get(strings, Options, true), Defs).

%% What the function knows of the tuples in the term, which may be records.
definitions(Term, Fields) ->
    [{Tag, Names} || {Tag, Size} := _ <- candidates([Term], #{}), Names <- [Fields(Tag, Size)], is_list(Names)].

candidates([Term | Terms], Found) when is_tuple(Term), tuple_size(Term) > 0, is_atom(element(1, Term)) ->
    [Tag | Rest] = tuple_to_list(Term),
    candidates(Rest, candidates(Terms, Found#{{Tag, length(Rest)} => true}));
candidates([Term | Terms], Found) when is_tuple(Term) -> candidates(tuple_to_list(Term), candidates(Terms, Found));
candidates([Term | Terms], Found) when is_map(Term) ->
    candidates(maps:keys(Term), candidates(maps:values(Term), candidates(Terms, Found)));
candidates([[_ | _] = List | Terms], Found) -> candidates(List, candidates(Terms, Found));
candidates([_ | Terms], Found) -> candidates(Terms, Found);
candidates([], Found) -> Found;
candidates(Tail, Found) -> candidates([Tail], Found).
