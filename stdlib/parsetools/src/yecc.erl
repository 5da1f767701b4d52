-module(yecc).
-moduledoc "Makes parsers: from a grammar file (`.yrl`), a module that parses tokens with LALR(1) tables.".
-export([file/1, file/2, format_error/1]).
-doc false.
-export([compile/3]).

-include_lib("stdlib/include/erl_compile.hrl").

-type yecc_ret() :: {ok, file:filename()} | {ok, file:filename(), list()} | error | {error, list(), list()}.

-doc "Makes the parser of a grammar file, reporting to the terminal.".
-spec file(file:filename()) -> yecc_ret().
file(File) -> file(File, []).

-doc "Makes the parser of a grammar file. `parserfile` and `includefile` name the result and the text at its beginning.".
-spec file(file:filename(), term()) -> yecc_ret().
file(File, Options) ->
    io_lib:deep_char_list(File) orelse is_atom(File) orelse error(badarg),
    Flag = {boolean, false},
    Settings = gerl_parsetools:settings(
                 Options, compile:env_compiler_options(),
                 #{report_errors => {boolean, true}, report_warnings => {boolean, true}, return_errors => Flag,
                   return_warnings => Flag, warnings_as_errors => Flag, verbose => Flag, deterministic => Flag,
                   time => Flag, file_attributes => {boolean, true}, parserfile => {text, []}, includefile => {text, []},
                   error_location => {fun(L) -> L =:= line orelse L =:= column end, column}}),
    Source = gerl_parsetools:with_extension(File, ".yrl"),
    Output = case Settings of
                 #{parserfile := []} -> filename:rootname(Source, ".yrl") ++ ".erl";
                 #{parserfile := Name} -> gerl_parsetools:with_extension(Name, ".erl")
             end,
    {Outcome, Errors, Warnings} = make(Source, Output, Settings),
    gerl_parsetools:finish(Outcome, located(Errors, Source, Settings), lists:sort(located(Warnings, Source, Settings)), Settings).

located(List, Source, #{error_location := Kind}) ->
    [case D of
         {at, File, Place, Reason} -> {File, {Place, yecc, Reason}};
         {{Line, _}, Reason} when Kind =:= line -> {Source, {Line, yecc, Reason}};
         {Place, Reason} -> {Source, {Place, yecc, Reason}}
     end || D <- List].

-doc false.
compile(File, Output, #options{specific = Specific}) ->
    Own = [O || O <- Specific, O =:= deterministic orelse O =:= warnings_as_errors],
    case file(File, [{parserfile, Output}, report | Own]) of
        {ok, _} -> ok;
        _ -> error
    end.

make(Source, Output, #{includefile := Own} = Settings) ->
    maybe
        {ok, Text} ?= gerl_parsetools:read(Source),
        {#{} = Grammar, [], Warnings} ?= gerl_yecc_grammar:read(Text),
        {ok, Header, Prologue} ?= gerl_parsetools:prologue(Own, "yeccpre.hrl", true),
        #{rules := Rules, root := Root, endsymbol := End, terminals := Terminals} = Grammar,
        Tables = gerl_yecc_tables:make(Grammar#{rules := [{0, ['$root', Root], none} | [{N, S, P} || {N, S, P, _} <- Rules]],
                                                terminals := [End | Terminals]}),
        tell(Tables, Settings),
        All = Warnings ++ counted(Tables, Grammar),
        case Tables of
            #{reduce := []} when All =/= [], map_get(warnings_as_errors, Settings) -> {error, [], All};
            #{reduce := []} ->
                case gerl_parsetools:write(Output, gerl_yecc_output:text(Source, Output, Grammar, Tables, Header, Prologue, Settings)) of
                    ok -> {{ok, Output}, [], All};
                    {error, Reason} -> {error, [{at, Output, none, {file_error, Reason}}], All}
                end;
            #{reduce := Conflicts} -> {error, [{none, {conflict, place(C, Settings)}} || C <- Conflicts], All}
        end
    else
        {error, {Place, Why}} -> {error, [{Place, Why}], []};
        {error, File, {Place, Why}} -> {error, [{at, File, Place, Why}], []};
        {none, Errors, Found} -> {error, Errors, Found}
    end.

counted(#{shift := Shift, reduce := Reduce}, #{expect := Expected}) ->
    [{none, {conflicts, length(Shift), length(Reduce)}} || length(Shift) =/= Expected orelse Reduce =/= []].

place({Symbol, N, Rule, {reduce, Other}}, Settings) -> {Symbol, N, turned(Rule, Settings), setelement(1, rule(Other, Settings), reduce)};
place({Symbol, N, Rule, Shift}, Settings) -> {Symbol, N, turned(Rule, Settings), Shift}.

turned({N, Symbols, Place}, Settings) -> {Symbols, N, at(Place, Settings)}.

rule({N, Symbols, Place}, Settings) -> {reduce, Symbols, N, at(Place, Settings)}.

at({Line, _}, #{error_location := line}) -> Line;
at(Place, _) -> Place.

tell(#{shift := Shift, resolved := Resolved}, #{verbose := true} = Settings) ->
    [io:put_chars([conflict(place(C, Settings)), "Conflict resolved in favor of shift.\n\n"]) || C <- Shift],
    Resolved =/= [] andalso
        begin
            io:put_chars("\n*** Conflicts resolved by operator precedences:\n\n"),
            [io:put_chars([conflict(place(C, Settings)), io_lib:format("Resolved in favor of ~w.\n\n", [For])]) || {C, For} <- Resolved],
            io:put_chars("*** End of resolved conflicts\n\n")
        end;
tell(_, _) -> ok.

conflict({Symbol, N, {[Head | Symbols], Rule, Place}, Other}) ->
    [io_lib:format("Parse action conflict scanning symbol ~ts in state ~w:\n   Reduce to ~ts from ~ts (rule ~w at ~ts)\n      vs.\n",
                   [shown(Symbol), N, shown(Head), symbols(Symbols), Rule, where(Place)]),
     case Other of
         {reduce, [H | S], R, P} ->
             io_lib:format("   reduce to ~ts from ~ts (rule ~w at ~ts).\n", [shown(H), symbols(S), R, where(P)]);
         {shift, To, Sister} -> io_lib:format("   shift to state ~w, adding right sisters to ~ts.\n", [To, shown(Sister)])
     end].

symbols([]) -> "'$empty'";
symbols(Symbols) -> lists:join(" ", [shown(S) || S <- Symbols]).

%% Names that begin like variables need no quotes in grammars.
shown(Symbol) ->
    Text = lists:flatten(io_lib:format("~tw", [Symbol])),
    case re:run(Text, "^'([A-Z_][A-Za-z0-9_@]*)'$", [{capture, all_but_first, list}]) of
        {match, [Name]} -> Name;
        nomatch -> Text
    end.

where({Line, Column}) -> io_lib:format("location ~w:~w", [Line, Column]);
where(Line) -> io_lib:format("line ~w", [Line]).

-doc "What is wrong, in words.".
-spec format_error(term()) -> io_lib:chars().
format_error({file_error, Reason}) -> file:format_error(Reason);
format_error({error, Module, Reason}) when Module =/= yeccparser -> Module:format_error(Reason);
format_error({error, yeccparser, Reason}) -> Reason;
format_error({conflict, C}) -> string:trim(lists:flatten(conflict(C)), trailing, "\n");
format_error({conflicts, Shift, Reduce}) -> io_lib:format("conflicts: ~w shift/reduce, ~w reduce/reduce", [Shift, Reduce]);
format_error({Kind, Symbol}) ->
    io_lib:format(text(Kind, #{bad_expect => "argument ~ts of Expect is not an integer", bad_rootsymbol => "rootsymbol ~ts is not a nonterminal",
                                  bad_symbol => "bad symbol ~ts", duplicate_declaration => "duplicate declaration of ~ts",
                                  duplicate_nonterminal => "duplicate non-terminals ~ts", duplicate_precedence => "duplicate precedence operator ~ts",
                                  duplicate_terminal => "duplicate terminal ~ts", endsymbol_is_nonterminal => "endsymbol ~ts is a nonterminal",
                                  endsymbol_is_terminal => "endsymbol ~ts is a terminal", internal_error => "internal yecc error: ~ts",
                                  missing_syntax_rule => "no syntax rule for non-terminal symbol ~ts",
                                  precedence_op_is_endsymbol => "precedence operator ~ts is endsymbol",
                                  precedence_op_is_unknown => "unknown precedence operator ~ts", reserved => "the use of ~ts should be avoided",
                                  symbol_terminal_and_nonterminal => "symbol ~ts is both a terminal and nonterminal",
                                  undefined_nonterminal => "undefined nonterminal: ~ts", undefined_pseudo_variable => "undefined pseudo variable ~ts",
                                  undefined_symbol => "undefined rhs symbol ~ts", unused_nonterminal => "non-terminal symbol ~ts not used",
                                  unused_terminal => "terminal symbol ~ts not used"}), [shown(Symbol)]);
format_error(Reason) ->
    text(Reason, #{bad_declaration => "unknown or bad declaration, ignored", cannot_parse => "cannot parse; possibly encoding mismatch",
                      illegal_empty => "illegal use of empty symbol", no_grammar_rules => "grammar rules are missing",
                      nonterminals_missing => "Nonterminals is missing", rootsymbol_missing => "Rootsymbol is missing",
                      terminals_missing => "Terminals is missing"}).

text(Reason, Texts) ->
    case Texts of
        #{Reason := Text} -> Text;
        _ -> error(function_clause, [Reason])
    end.
