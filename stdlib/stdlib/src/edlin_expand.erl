-module(edlin_expand).
-moduledoc """
What may follow the text before the cursor of a line that is being edited: modules, functions with their arities, variables, records and their
fields, keys of maps, file names inside quotes, and arguments from a function's spec.
""".

-export([expand/1, expand/2, expand/3, format_matches/2, for_shell/2]).

-type matches() :: [{string(), list()}] | string().

-doc "Expands the reversed text before the cursor: whether something was found, what to insert, and the possibilities.".
-spec expand(string()) -> {yes | no, string(), matches()}.
expand(Reversed) -> expand(Reversed, [], {#{}, #{}}).

-doc "The same; options are not used.".
-spec expand(string(), [term()]) -> {yes | no, string(), matches()}.
expand(Reversed, Options) -> expand(Reversed, Options, {#{}, #{}}).

-doc "The same with a shell's bindings and definitions.".
-spec expand(string(), [term()], {erl_eval:binding_struct(), map()}) -> {yes | no, string(), matches()}.
expand(Reversed, _Options, Shell) ->
    {Word, Before} = word(Reversed),
    found(kind(Before, lists:reverse(Word), Shell), lists:reverse(Word)).

%% The word before the cursor, reversed, and what is before it; of an atom whose quotes are open all from its quote.
word(Reversed) ->
    case {length([Q || Q <- Reversed, Q =:= $']) rem 2, open_string(lists:reverse(Reversed))} of
        {1, false} ->
            {Inside, [$' | Before]} = lists:splitwith(fun(C) -> C =/= $' end, Reversed),
            {Inside ++ "'", Before};
        _ -> lists:splitwith(fun is_word/1, Reversed)
    end.

-doc "A function that expands with a shell's bindings and table of definitions.".
-spec for_shell(erl_eval:binding_struct(), ets:table() | undefined) -> fun((string()) -> {yes | no, string(), matches()}).
for_shell(Bs, Table) ->
    fun(Reversed) ->
            Defs = try ets:lookup(Table, definitions) of
                       [{_, D}] -> D;
                       _ -> #{}
                   catch
                       error:_ -> #{}
                   end,
            expand(Reversed, [], {Bs, Defs})
    end.

is_word(C) -> C =:= $_ orelse C =:= $@ orelse C >= $0 andalso C =< $9 orelse C >= $a andalso C =< $z orelse C >= $A andalso C =< $Z orelse C > 127.

%% A list of {Text, End}: End is put behind a name that is the only one.
kind(":" ++ Before, Word, _) ->
    {Name, _} = case Before of
                    [$' | Rest] -> lists:splitwith(fun(C) -> C =/= $' end, Rest);
                    _ -> lists:splitwith(fun is_word/1, Before)
                end,
    functions(list_to_atom(lists:reverse(Name)), Word);
kind("#" ++ Before, Word, {_, Defs}) ->
    [{atom_to_list(N), case Before of [C | _] when C =:= $_; C >= $a, C =< $z; C >= $0 -> "."; _ -> "{" end}
     || {record, N} <- maps:keys(Defs), lists:prefix(Word, atom_to_list(N))];
kind("." ++ Before, Word, {_, Defs}) ->
    case lists:splitwith(fun is_word/1, Before) of
        {Name, "#" ++ _} -> fields(Name, Word, Defs, "");
        _ -> []
    end;
kind(Before, Word, {Bs, Defs} = Shell) ->
    case inside(Before, 0) of
        {string, Path} -> files(Path ++ Word, Word);
        {record, Name} when Word =/= "" orelse Before =:= [] -> fields(Name, Word, Defs, " = ");
        {record, Name} -> fields(Name, Word, Defs, " = ");
        {map, Var} -> keys(Var, Word, Bs);
        {call, Module, Function, Args} when Word =:= "" -> arguments(Module, Function, Args);
        _ -> plain(Before, Word, Shell)
    end.

plain(_, "", _) -> [];
plain(_, [C | _] = Word, {Bs, _}) when C >= $A, C =< $Z; C =:= $_ ->
    [{atom_to_list(N), ""} || {N, _} <- lists:sort(erl_eval:bindings(Bs)), lists:prefix(Word, atom_to_list(N))];
plain(_, Word, {_, Defs}) ->
    Modules = [{M, ":"} || M <- lists:usort([written(N) || N <- modules()]), lists:prefix(Word, M)],
    Local = [{atom_to_list(F), "("} || {function, F, _} <- maps:keys(Defs), lists:prefix(Word, atom_to_list(F))],
    Commands = [{N, "("} || N <- commands(), lists:prefix(Word, N)],
    Bifs = [{atom_to_list(F), "("} || {F, A} <- erlang:module_info(exports), lists:prefix(Word, atom_to_list(F)),
                                      erl_internal:bif(F, A)],
    lists:usort(Modules ++ Local ++ Commands ++ Bifs).

commands() ->
    ["b", "e", "f", "fl", "ff", "h", "history", "lf", "lr", "lt", "rd", "results", "rf", "rl", "rp", "rr", "save_module", "tf", "v",
     "catch_exception" | [atom_to_list(F) || M <- [c, user_default], {F, _} <- exports(M)]].

modules() ->
    [atom_to_list(M) || M <- erlang:loaded()]
        ++ [filename:rootname(F) || Dir <- code:get_path(), {ok, Files} <- [erl_prim_loader:list_dir(Dir)], F <- Files,
                                    filename:extension(F) =:= ".beam"]
        ++ gerl_code:modules().

%% A name as an atom is written.
written([C | Rest] = Name) when C >= $a, C =< $z ->
    case lists:all(fun is_word/1, Rest) of
        true -> Name;
        false -> lists:append(["'", Name, "'"])
    end;
written(Name) -> lists:append(["'", Name, "'"]).

exports(Module) ->
    case code:ensure_loaded(Module) of
        {module, _} -> Module:module_info(exports);
        _ -> []
    end.

functions(Module, Word) ->
    All = [{Text, A} || {F, A} <- exports(Module), F =/= module_info orelse Word =/= "",
                        Text <- [written(atom_to_list(F))], lists:prefix(Word, Text)],
    Names = lists:usort([N || {N, _} <- All]),
    [{N, case [A || {M, A} <- All, M =:= N] of [0] -> "()"; _ -> "(" end, lists:sort([A || {M, A} <- All, M =:= N])} || N <- Names].

fields(Name, Word, Defs, End) ->
    lists:append([matching(Fields, Word, End) || {{record, N}, Fields} <- maps:to_list(Defs), atom_to_list(N) =:= Name]).

matching(Fields, Word, End) -> [{atom_to_list(F), End} || {F, _} <- Fields, lists:prefix(Word, atom_to_list(F))].

keys(Var, Word, Bs) ->
    case erl_eval:binding(list_to_atom(Var), Bs) of
        {value, Map} when is_map(Map) ->
            [{K, " := "} || Key <- maps:keys(Map), K <- [unicode:characters_to_list(io_lib:format("~tp", [Key]))], lists:prefix(Word, K)];
        _ -> []
    end.

files(Path, Word) ->
    Base = lists:last(["" | filename:split(Path)]),
    Start = case lists:suffix("/", Path) of true -> ""; false -> Base end,
    Dir = lists:sublist(Path, length(Path) - length(Start)),
    case file:list_dir(case Dir of "" -> "."; _ -> Dir end) of
        {ok, Names} ->
            Typed = length(Start) - length(Word),
            [{lists:nthtail(Typed, N), case filelib:is_dir(filename:join(["."  || Dir =:= ""] ++ [Dir || Dir =/= ""] ++ [N])) of true -> "/"; false -> "\"" end}
             || N <- lists:sort(Names), lists:prefix(Start, N)];
        _ -> []
    end.

%% What the cursor stands in: a string, the braces of a record or a map, or the arguments of a call.
inside(Reversed, _) ->
    case open_string(lists:reverse(Reversed)) of
        {true, Text} -> {string, Text};
        false -> opener(Reversed, 0, 0)
    end.

open_string(Text) -> open_string(Text, none, []).

open_string([$$, $\\, _ | Rest], none, Acc) -> open_string(Rest, none, Acc);
open_string([$$, _ | Rest], none, Acc) -> open_string(Rest, none, Acc);
open_string([$" | Rest], none, _) -> open_string(Rest, string, []);
open_string([$\\, C | Rest], string, Acc) -> open_string(Rest, string, [C | Acc]);
open_string([$" | Rest], string, _) -> open_string(Rest, none, []);
open_string([C | Rest], string, Acc) -> open_string(Rest, string, [C | Acc]);
open_string([_ | Rest], none, Acc) -> open_string(Rest, none, Acc);
open_string([], string, Acc) -> {true, lists:reverse(Acc)};
open_string([], none, _) -> false.

opener([C | Rest], Depth, Commas) when C =:= $); C =:= $}; C =:= $] -> opener(Rest, Depth + 1, Commas);
opener([C | Rest], Depth, Commas) when Depth > 0, (C =:= $( orelse C =:= ${ orelse C =:= $[) -> opener(Rest, Depth - 1, Commas);
opener([$, | Rest], 0, Commas) -> opener(Rest, 0, Commas + 1);
opener([${ | Rest], 0, _) ->
    case lists:splitwith(fun is_word/1, Rest) of
        {"", "#" ++ Before} ->
            {Var, _} = lists:splitwith(fun is_word/1, Before),
            {map, lists:reverse(Var)};
        {Name, "#" ++ _} -> {record, lists:reverse(Name)};
        _ -> none
    end;
opener([$( | Rest], 0, Commas) ->
    case lists:splitwith(fun is_word/1, Rest) of
        {F, ":" ++ Before} when F =/= "" ->
            {M, _} = lists:splitwith(fun is_word/1, Before),
            {call, list_to_atom(lists:reverse(M)), list_to_atom(lists:reverse(F)), Commas};
        _ -> none
    end;
opener([_ | Rest], Depth, Commas) -> opener(Rest, Depth, Commas);
opener([], _, _) -> none.

%% The signatures of a function: from its documentation, else its arities.
arguments(Module, Function, Args) ->
    Signatures = case code:get_doc(Module) of
                     {ok, {docs_v1, _, _, _, _, _, Entries}} ->
                         [unicode:characters_to_list(S) || {{function, F, A}, _, [S | _], _, _} <- Entries, F =:= Function, A > Args];
                     _ -> []
                 end,
    Shown = case Signatures of
                [] -> [lists:flatten(io_lib:format("~tw:~tw/~w", [Module, Function, A])) || {F, A} <- exports(Module), F =:= Function, A > Args];
                _ -> [lists:flatten(io_lib:format("~tw:~ts", [Module, S])) || S <- Signatures]
            end,
    {text, lists:sort(Shown)}.

found({text, []}, _) -> {no, "", []};
found({text, Lines}, _) -> {no, "", lists:flatten(lists:join($\n, Lines))};
found([], _) -> {no, "", []};
found([One], Word) ->
    Name = element(1, One),
    {yes, lists:nthtail(min(length(Word), length(Name)), Name) ++ element(2, One), []};
found(Several, Word) ->
    Common = lists:foldl(fun common/2, element(1, hd(Several)), [element(1, S) || S <- tl(Several)]),
    case lists:nthtail(min(length(Word), length(Common)), Common) of
        "" -> {yes, "", [entry(S) || S <- Several]};
        More -> {yes, More, [entry(S) || S <- Several]}
    end.

entry({Name, End, [_ | _] = Arities}) -> {Name ++ lists:flatten([[$/ | integer_to_list(A)] || A <- Arities]), [{ending, End}]};
entry({Name, End}) -> {Name, [{ending, End}]};
entry({Name, End, []}) -> {Name, [{ending, End}]}.

common([C | A], [C | B]) -> [C | common(A, B)];
common(_, _) -> [].

-doc "The possibilities in columns for a terminal of so many columns.".
-spec format_matches(list(), pos_integer()) -> string().
format_matches(Matches, Columns) ->
    Names = [case M of {N, _} when is_list(N) -> N; N -> N end || M <- Matches],
    Width = lists:max([string:length(N) || N <- Names]) + 4,
    PerRow = max(1, Columns div Width),
    lists:flatten(rows(Names, PerRow, Width)).

rows([], _, _) -> [];
rows(Names, PerRow, Width) ->
    {Row, Rest} = lists:split(min(PerRow, length(Names)), Names),
    [string:trim(lists:flatten([string:pad(N, Width) || N <- Row]), trailing), $\n | rows(Rest, PerRow, Width)].
