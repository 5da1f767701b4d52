-module(leex).
-moduledoc """
Makes scanners: from a definition file (`.xrl`) of regular expressions and Erlang code, a module that cuts
text into tokens.
""".
-export([file/1, file/2, format_error/1]).
-doc false.
-export([compile/3]).

-include_lib("stdlib/include/erl_compile.hrl").

-type leex_ret() :: {ok, file:filename()} | {ok, file:filename(), list()} | error | {error, list(), list()}.

-doc "Makes the scanner of a definition file, reporting to the terminal.".
-spec file(file:filename()) -> leex_ret().
file(File) -> file(File, []).

-doc """
Makes the scanner of a definition file. `scannerfile` and `includefile` name the files for the result and for the text
before it, `error_location` and `tab_size` say how places are counted; the others are as the compiler's.
""".
-spec file(file:filename(), term()) -> leex_ret().
file(File, Options) ->
    io_lib:deep_char_list(File) orelse is_atom(File) orelse error(badarg),
    Flag = {boolean, false},
    Settings = gerl_parsetools:settings(
                 Options, compile:env_compiler_options(),
                 #{report_errors => {boolean, true}, report_warnings => {boolean, true}, return_errors => Flag,
                   return_warnings => Flag, warnings_as_errors => Flag, verbose => Flag, dfa_graph => Flag,
                   deterministic => Flag, scannerfile => {text, []}, includefile => {text, []},
                   error_location => {fun(L) -> L =:= line orelse L =:= column end, line},
                   tab_size => {fun(N) -> is_integer(N) andalso N > 0 end, 8}}),
    Source = path(gerl_parsetools:with_extension(File, ".xrl")),
    Output = case Settings of
                 #{scannerfile := []} -> path(filename:rootname(Source, ".xrl") ++ ".erl");
                 #{scannerfile := Name} -> gerl_parsetools:with_extension(Name, ".erl")
             end,
    try make(Source, Settings) of
        {Definition, Warnings} ->
            case Settings of
                #{warnings_as_errors := true} when Warnings =/= [] -> gerl_parsetools:finish(error, [], Warnings, Settings);
                _ ->
                    save(Source, Output, Definition, Settings),
                    gerl_parsetools:finish({ok, Output}, [], Warnings, Settings)
            end
    catch throw:{problem, Where, {Line, Module, Reason}} ->
            gerl_parsetools:finish(error, [{Where, {Line, Module, Reason}}], [], Settings)
    end.

path(File) ->
    case filename:dirname(File) of
        "." -> filename:join(".", filename:basename(File));
        _ -> File
    end.

-doc false.
compile(File, Output, #options{specific = Specific}) ->
    Own = [O || O <- Specific, O =:= deterministic orelse O =:= warnings_as_errors],
    case file(File, [{scannerfile, Output}, report | Own]) of
        {ok, _} -> ok;
        _ -> error
    end.

-doc "What is wrong, in words.".
-spec format_error(term()) -> io_lib:chars().
format_error({file_error, Reason}) -> file:format_error(Reason);
format_error({regexp, Reason}) -> ["bad regexp `", regexp_error(Reason), "'"];
format_error(Reason) ->
    Texts = #{missing_defs => "missing Definitions", missing_rules => "missing Rules",
                       missing_code => "missing Erlang code", empty_rules => "no rules", bad_rule => "bad rule",
                       cannot_parse => "cannot parse; probably encoding mismatch",
                       ignored_characters => "ignored characters"},
    case Texts of
        #{Reason := Text} -> Text;
        _ -> error(function_clause, [Reason])
    end.

regexp_error({unterminated, Text}) -> ["unterminated ", Text];
regexp_error({illegal_char, Text}) -> ["illegal character ", Text];
regexp_error({char_class, Text}) -> ["illegal character class ", io_lib:write_string(Text)].

-spec problem(string(), term(), term()) -> no_return().
problem(File, Line, Reason) -> throw({problem, File, {Line, leex, Reason}}).

%%% ---- reading a definition file ------------------------------------------------------------------

make(Source, Settings) ->
    Text = case gerl_parsetools:read(Source) of
               {ok, Read} -> Read;
               {error, {Line, Reason}} -> problem(Source, Line, Reason)
           end,
    {After, L1, W1} = heading("Definitions.", skip_blank({Text, 1}), Source, missing_defs),
    {Macros, Second} = macros(skip_blank({After, L1}), #{}),
    {Rest, L2, W2} = heading("Rules.", Second, Source, missing_rules),
    {Rules, Third} = rules(skip_blank({Rest, L2}), Macros, Source, []),
    {Code, L3, W3} = heading("Erlang code.", Third, Source, missing_code),
    {Header, Prologue} = case gerl_parsetools:prologue(maps:get(includefile, Settings), "leexinc.hrl", true) of
                             {ok, File, Lines} -> {File, Lines};
                             {error, File, {Where, Why}} -> problem(File, Where, Why)
                         end,
    {#{rules => Rules, code => Code, line => L3, header => Header, prologue => Prologue,
       module => list_to_atom(filename:basename(Source, ".xrl")), source => Source}, W1 ++ W2 ++ W3}.

%% A heading stands at the beginning of a line; what follows it there is not looked at.
heading(Title, {Text, Line}, Source, Missing) ->
    case lists:prefix(Title, Text) of
        true ->
            {First, Rest} = line(Text),
            Ignored = string:trim(lists:nthtail(length(Title), First)),
            {Rest, Line + 1, [{Source, {Line, leex, ignored_characters}} || Ignored =/= [], hd(Ignored) =/= $%]};
        false when Text =:= [], Line > 1 -> problem(Source, Line - 1, Missing);
        false when Text =:= [] -> problem(Source, 0, Missing);
        false -> problem(Source, Line, Missing)
    end.

line(Text) ->
    case lists:splitwith(fun(C) -> C =/= $\n end, Text) of
        {Line, [_ | Rest]} -> {Line, Rest};
        {Line, []} -> {Line, []}
    end.

skip_blank({[], Line}) -> {[], Line};
skip_blank({Text, N}) ->
    {Line, Rest} = line(Text),
    case string:trim(Line) of
        [C | _] when C =/= $% -> {Text, N};
        _ -> skip_blank({Rest, N + 1})
    end.

macros({Text, N}, Known) ->
    {Line, Rest} = line(Text),
    case re:run(Line, "^[ \\t]*([A-Z_][A-Za-z0-9_]*)[ \\t]+=[ \\t]+([^ \\t\\r]*)[ \\t\\r]*$",
                [unicode, {capture, all_but_first, list}]) of
        {match, [Name, Value]} -> macros(skip_blank({Rest, N + 1}), Known#{Name => Value});
        nomatch -> {Known, {Text, N}}
    end.

rules({Text, N}, Macros, Source, Rules) ->
    case Text =:= [] orelse lists:prefix("Erlang code.", Text) of
        true when Rules =:= [], Text =:= [] -> problem(Source, N - 1, empty_rules);
        true when Rules =:= [] -> problem(Source, N, empty_rules);
        true -> {lists:reverse(Rules), {Text, N}};
        false ->
            {Rule, Next} = rule(Text, N, Macros, Source, length(Rules)),
            rules(skip_blank(Next), Macros, Source, [Rule | Rules])
    end.

rule(Text, N, Macros, Source, Number) ->
    {Expression, After} = lists:splitwith(fun(C) -> not lists:member(C, " \t\r\n") end, Text),
    case string:trim(After, leading, " \t\r") of
        [$: | Action] ->
            case tokens(Action ++ "\n", N) of
                {done, {ok, Tokens, End}, Rest} when Rest =/= eof ->
                    case gerl_leex_regexp:parse(expand(Expression, Macros, [])) of
                        {ok, R} -> {{Number, R, N, lists:droplast(Tokens)}, start_of_line(Rest, End, lists:last(Tokens))};
                        {error, Reason} -> problem(Source, N, Reason)
                    end;
                {done, {error, {Line, Module, Reason}, _}, _} -> throw({problem, Source, {Line, Module, Reason}});
                _ ->
                    case gerl_leex_regexp:parse(expand(Expression, Macros, [])) of
                        {error, Reason} -> problem(Source, N, Reason);
                        {ok, _} -> problem(Source, N + length([C || C <- Action, C =:= $\n]), missing_code)
                    end
            end;
        [C | _] when C =/= $\n -> problem(Source, N, bad_rule);
        _ -> problem(Source, N + 1, bad_rule)
    end.

%% An action ends with a dot; what is open at the end of the file is an error of its own.
tokens(Text, N) ->
    case erl_scan:tokens([], Text, N, [return, text]) of
        {more, Open} -> erl_scan:tokens(Open, eof, N, [return, text]);
        Done -> Done
    end.

%% The dot that ends a rule takes one character of white space with it; what else is on its line belongs to no rule.
start_of_line(Rest, End, Dot) ->
    Text = case Rest of
               [] -> [];
               _ -> lists:droplast(Rest)
           end,
    case erl_scan:line(Dot) of
        End ->
            {_, Next} = line(Text),
            {Next, End + 1};
        _ -> {Text, End}
    end.

%% Macros in values of macros count too, but none inside its own.
expand([${ | Text], Macros, Inside) ->
    case lists:splitwith(fun(C) -> C =/= $} end, Text) of
        {Name, [_ | Rest]} when is_map_key(Name, Macros) ->
            case lists:member(Name, Inside) of
                false -> expand(map_get(Name, Macros), Macros, [Name | Inside]) ++ expand(Rest, Macros, Inside);
                true -> [${ | expand(Text, Macros, Inside)]
            end;
        _ -> [${ | expand(Text, Macros, Inside)]
    end;
expand([C | Text], Macros, Inside) -> [C | expand(Text, Macros, Inside)];
expand([], _, _) -> [].

%%% ---- writing the scanner ------------------------------------------------------------------------

save(Source, Output, #{rules := Rules, header := Header, prologue := Prologue} = Definition, Settings) ->
    States = gerl_leex_regexp:automaton([{N, R} || {N, R, _, _} <- Rules]),
    Lines = lists:enumerate(string:split(Prologue, "\n", all)),
    Text = [gerl_parsetools:file_attribute(Header, 0, Settings),
            [[out(L, N, Definition, States, Settings), $\n] || {N, L} <- Lines]],
    write(Output, Text, Source),
    case Settings of
        #{dfa_graph := true} -> write(filename:rootname(Output) ++ ".dot", graph(States), Source);
        _ -> ok
    end,
    case Settings of
        #{verbose := true} ->
            io:format("Parsing file ~ts, contained ~w rules.\nAutomaton has ~w states.\nWriting file ~ts\n",
                      [Source, length(Rules), length(States), Output]);
        _ -> ok
    end.

write(File, Text, _) ->
    case gerl_parsetools:write(File, Text) of
        ok -> ok;
        {error, Reason} -> problem(File, none, {file_error, Reason})
    end.

out("##code" ++ _, N, #{code := Code, line := Line, source := Source, header := Header}, _, Settings) ->
    [gerl_parsetools:file_attribute(Source, Line - 1, Settings), Code, $\n, gerl_parsetools:file_attribute(Header, N, Settings)];
out("##dfa" ++ _, _, _, States, Settings) -> [places(Settings), transitions(States), accepting(States)];
out("##actions" ++ _, _, #{rules := Rules, source := Source}, _, Settings) ->
    [dispatch(Rules), [action(R, Source, Settings) || R <- Rules]];
out("-file(\"##" ++ _, N, #{header := Header}, _, Settings) -> gerl_parsetools:file_attribute(Header, N, Settings);
out(Line, _, #{module := Module}, _, _) -> string:replace(Line, "'##module'", io_lib:write_atom(Module)).

places(#{error_location := Kind, tab_size := Tab}) ->
    [case Kind of
         line -> "yyplace(Line, _) -> Line.\n\nyystart(Line) -> {Line, 1}.\n\n";
         column -> "yyplace(Line, Column) -> {Line, Column}.\n\nyystart({_, _} = Place) -> Place.\n\n"
     end, io_lib:format("yytab(Column) -> ((Column - 1) div ~w + 1) * ~w + 1.\n\n", [Tab, Tab])].

transitions(States) ->
    [[[io_lib:format("yynext(~w, C) when ~ts -> ~w;\n", [From, range(Low, High), To]) || {Low, High, To} <- Moves]
      || {From, _, Moves} <- States], "yynext(_, _) -> none.\n\n"].

range(C, C) -> io_lib:format("C =:= ~w", [C]);
range(Low, High) -> io_lib:format("C >= ~w, C =< ~w", [Low, High]).

accepting(States) ->
    [[io_lib:format("yyrule(~w) -> {~w, ~w};\n", [N, case Moves of [] -> last; _ -> more end, Rule])
      || {N, Rule, Moves} <- States, Rule =/= none], "yyrule(_) -> none.\n\n"].

graph(States) ->
    ["digraph DFA {\n",
     [["  ", integer_to_list(N), case Rule of
                                     none -> " [shape=circle];\n";
                                     _ -> " [shape=doublecircle];\n"
                                 end,
       [io_lib:format("  ~w -> ~w [label=\"~w-~w\"];\n", [N, To, Low, High]) || {Low, High, To} <- Moves]]
      || {N, Rule, Moves} <- States], "}\n"].

%% An action is a function of the variables that it uses.
dispatch(Rules) ->
    lists:join(";\n", [clause(R) || R <- Rules]) ++ [".\n\n"].

clause({N, _, _, Tokens}) ->
    Used = used(Tokens),
    Show = fun(Names, Shown) -> case Names -- Used of Names -> "_"; _ -> Shown end end,
    io_lib:format("yyaction(~w, ~s, ~s, ~s, ~s) -> yyaction_~w(~s)",
                  [N, Show(['TokenChars'], "Chars"), Show(['TokenLen'], "Length"), Show(['TokenLine', 'TokenLoc'], "Line"),
                   Show(['TokenCol', 'TokenLoc'], "Column"), N, lists:join(", ", [value(V) || V <- Used])]).

value('TokenChars') -> "Chars";
value('TokenLen') -> "Length";
value('TokenLine') -> "Line";
value('TokenCol') -> "Column";
value('TokenLoc') -> "{Line, Column}".

used(Tokens) ->
    [V || V <- ['TokenChars', 'TokenLen', 'TokenLine', 'TokenCol', 'TokenLoc'], lists:any(fun({var, _, Name}) -> Name =:= V;
                                                                                           (_) -> false
                                                                                        end, Tokens)].

action({N, _, Line, Tokens}, Source, Settings) ->
    [gerl_parsetools:file_attribute(Source, Line - 2, Settings),
     io_lib:format("yyaction_~w(~s) ->", [N, lists:join(", ", [atom_to_list(V) || V <- used(Tokens)])]),
     "\n     ",
     case [T || T <- Tokens, element(1, T) =/= white_space, element(1, T) =/= comment] of
         [] -> "skip_token";
         _ -> source(Tokens)
     end, "\n     .\n\n"].

%% An action as it stands, each of its lines with the same margin.
source([{white_space, _, _} = Space | Tokens]) ->
    case length([C || C <- erl_scan:text(Space), C =:= $\n]) of
        0 -> [erl_scan:text(Space) | source(Tokens)];
        Lines -> [lists:duplicate(Lines, $\n), "     " | source(Tokens)]
    end;
source([Token | Tokens]) -> [erl_scan:text(Token) | source(Tokens)];
source([]) -> [].
