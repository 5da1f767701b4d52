-module(yecc).
-moduledoc "Makes parsers: from a grammar file (`.yrl`), a module that parses tokens with LALR(1) tables.".
-export([file/1, file/2, format_error/1]).
-doc false.
-export([compile/3, yecc/2, yecc/3, yecc/4]).
-export_type([option/0, yecc_ret/0]).

-include_lib("stdlib/include/erl_compile.hrl").

-type error_info() :: {erl_anno:location() | none, module(), term()}.
-type found() :: [{file:filename(), [error_info()]}].
-type yecc_ret() :: {ok, file:filename()} | {ok, file:filename(), found()} | error | {error, found(), found()}.
-type option() :: {error_location, column | line} | {includefile | parserfile, file:filename()} | {flag(), boolean()} | flag().
-type flag() :: report_errors | report_warnings | report | return_errors | return_warnings | return | verbose | warnings_as_errors |
                deterministic.

-doc "Makes the parser of a grammar file, reporting to the terminal.".
-spec file(file:filename()) -> yecc_ret().
file(File) -> file(File, [report_errors, report_warnings]).

-doc "Makes the parser of a grammar file. `parserfile` and `includefile` name the result and the text at its beginning.".
-spec file(file:filename(), option() | [option()]) -> yecc_ret().
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
    {Outcome, Errors, Warnings} = make(Settings#{source => Source, output => Output}),
    gerl_parsetools:finish(Outcome, located(Errors, Source, Settings), located(Warnings, Source, Settings), Settings).

located(List, Source, #{error_location := Kind}) ->
    lists:sort([case D of
                    {at, File, Place, Reason} -> {File, {Place, yecc, Reason}};
                    {{Line, _}, Reason} when Kind =:= line -> {Source, {Line, yecc, Reason}};
                    {Place, Reason} -> {Source, {Place, yecc, Reason}}
                end || D <- List]).

-doc false.
-spec compile(file:filename(), file:filename(), #options{}) -> ok | error.
compile(File, Output, #options{warning = Level, verbose = Verbose, includes = Includes, specific = Specific}) ->
    case file(File, [{parserfile, Output}, {includefile, lists:sublist(Includes, 1)}, {verbose, Verbose}, {report_errors, true},
                     {report_warnings, Level > 0} |
                     [{Flag, proplists:get_bool(Flag, Specific)} || Flag <- [deterministic, warnings_as_errors]]]) of
        {ok, _} -> ok;
        error -> error
    end.

%% The interface of before; it gives CPU times.
-doc false.
-spec yecc(file:filename(), file:filename()) -> {integer(), integer()}.
yecc(File, Output) -> yecc(File, Output, false, []).

-doc false.
-spec yecc(file:filename(), file:filename(), boolean()) -> {integer(), integer()}.
yecc(File, Output, Verbose) -> yecc(File, Output, Verbose, []).

-doc false.
-spec yecc(file:filename(), file:filename(), boolean(), file:filename()) -> {integer(), integer()}.
yecc(File, Output, Verbose, Include) ->
    _ = statistics(runtime),
    case file(File, [{parserfile, Output}, {verbose, Verbose}, {report, true}, {includefile, Include}]) of
        {ok, _} -> statistics(runtime);
        error -> exit(error)
    end.

%%% ---- steps -------------------------------------------------------------------------------------------

%% Each step needs the ones before it to be free of errors.
make(#{source := Source, output := Output} = Settings) ->
    case file:read_file(Source) of
        {error, Reason} -> {error, [{at, Source, none, {file_error, Reason}}], []};
        {ok, Bytes} ->
            map_get(time, Settings) andalso io:format("Generating parser from grammar in ~tp\n", [Source]),
            %% The file is there from the beginning, and gone if anything is wrong.
            Result = case file:write_file(Output, <<>>) of
                         ok -> steps([{parse_grammar, fun gerl_yecc_grammar:read/1}, {check_grammar, fun gerl_yecc_grammar:check/1},
                                      {states_and_goto_table, fun states/1}, {parse_actions, fun(G) -> actions(G, Settings) end},
                                      {write_file, fun(G) -> write(G, Settings) end}], Bytes, [], Settings);
                         {error, Reason} -> {error, [{at, Output, none, {file_error, Reason}}], []}
                     end,
            case Result of
                {_, [], []} -> Result;
                {_, [], Warnings} when map_get(warnings_as_errors, Settings) ->
                    _ = file:delete(Output),
                    {error, [], Warnings};
                {_, [], _} -> Result;
                _ ->
                    _ = file:delete(Output),
                    Result
            end
    end.

steps([], _, Warnings, #{output := Output}) -> {{ok, Output}, [], Warnings};
steps([{Name, Step} | Steps], Data, Before, Settings) ->
    {Next, Errors, Found} = case Settings of
                                #{time := true} -> timed(Name, Step, Data);
                                _ -> Step(Data)
                            end,
    case Errors of
        [] -> steps(Steps, Next, Found ++ Before, Settings);
        _ -> {error, Errors, Found ++ Before}
    end.

timed(Name, Step, Data) ->
    {Micros, Result} = timer:tc(fun() -> Step(Data) end),
    io:format(" ~-30w: ~10.2f s ~12s\n", [Name, Micros / 1000000,
                                             io_lib:format("~.1f kB", [erts_debug:flat_size(Result) * 8 / 1024])]),
    Result.

states(#{places := Places, nonterminals := Nonterminals, terminals := Terminals, rules := Rules} = Grammar) ->
    States = gerl_yecc_tables:states(Grammar),
    Used = #{Symbol => used || _ := {_, Moves} <- States, Symbol := _ <- Moves},
    Ruled = #{Head => ruled || {_, [Head | _], _, _} <- Rules},
    {Grammar#{tables => States},
     [{map_get(S, Places), {missing_syntax_rule, S}} || S <- Nonterminals, is_map_key(S, Used), not is_map_key(S, Ruled)],
     [{map_get(S, Places), {unused_nonterminal, S}} || S <- Nonterminals, not is_map_key(S, Used)] ++
         [{map_get(S, Places), {unused_terminal, S}} || S <- Terminals, not is_map_key(S, Used)]}.

actions(#{tables := States, expect := Expected, states := ExpectedStates} = Grammar, Settings) ->
    {Rows, Found} = gerl_yecc_tables:actions(States, Grammar),
    Conflicts = [{Kind, shown_places(C, Settings), For} || {Kind, C, For} <- Found],
    tell(Conflicts, Settings),
    Places = [{Kind, {N, Symbol}} || {K, {Symbol, N, _, Against}, _} <- Conflicts, K =/= resolved, Kind <- [element(1, Against)],
                                     Kind =/= one_level_up],
    Shift = length(lists:usort([P || {shift, P} <- Places])),
    Reduce = length(lists:usort([P || {K, P} <- Places, K =/= shift])),
    {Grammar#{tables := {States, Rows}},
     [{none, {conflict, C}} || {error, C, _} <- Conflicts],
     [{none, {conflicts, Shift, Reduce}} || Shift =/= Expected orelse Reduce > 0] ++
         [{none, {n_states, ExpectedStates, map_size(States)}} || is_integer(ExpectedStates), ExpectedStates =/= map_size(States)]}.

shown_places({Symbol, N, Reduced, Against}, #{error_location := line}) -> {Symbol, N, line_only(Reduced), line_only(Against)};
shown_places(Conflict, _) -> Conflict.

line_only({one_level_up, {{Line, _}, R, P}, {{Other, _}, S, Q}}) -> {one_level_up, {Line, R, P}, {Other, S, Q}};
line_only({reduce, Symbols, R, {Line, _}}) -> {reduce, Symbols, R, Line};
line_only({Symbols, R, {Line, _}}) -> {Symbols, R, Line};
line_only(Other) -> Other.

write(#{tables := Tables, encoding := Encoding} = Grammar, #{includefile := Own, output := Output} = Settings) ->
    case gerl_parsetools:prologue(Own, "yeccpre.hrl", true) of
        {ok, Header, Prologue} ->
            Text = gerl_yecc_output:text(Grammar, Tables, Settings#{header => Header, prologue => Prologue, interface => interface(Own, Header)}),
            case gerl_parsetools:write(Output, Text, Encoding) of
                ok -> {done, [], []};
                {error, Reason} -> {none, [{at, Output, none, {file_error, Reason}}], []}
            end;
        {error, File, {Place, Why}} -> {none, [{at, File, Place, Why}], []}
    end.

%% A prologue of the user's may be one from times when it had yeccpars1/5.
interface([], _) -> new;
interface(_, File) ->
    case epp:parse_file(File, []) of
        {ok, Forms} when is_list(Forms) ->
            case [F || {function, _, yeccpars1, 7, _} = F <- Forms] of
                [] -> old;
                _ -> new
            end;
        _ -> old
    end.

%%% ---- words -------------------------------------------------------------------------------------------

tell(Conflicts, #{verbose := true}) ->
    [io:put_chars([conflict(C), io_lib:format("\nConflict resolved in favor of ~ts.\n\n", [shown(For)])]) || {default, C, For} <- Conflicts],
    case [io_lib:format("~ts\nResolved in favor of ~ts.\n\n", [conflict(C), shown(For)]) || {resolved, C, For} <- Conflicts] of
        [] -> ok;
        Resolved ->
            io:put_chars(["\n*** Conflicts resolved by operator precedences:\n\n", Resolved, "*** End of resolved conflicts\n\n"])
    end;
tell(_, _) -> ok.

conflict({Symbol, N, _, {one_level_up, {Place, Rule, {Level, Kind}}, {Other, Second, {OtherLevel, OtherKind}}}}) ->
    io_lib:format("Conflicting precedences of symbols when scanning ~ts in state ~w:\n   ~ts ~w (rule ~w at ~ts)\n      vs.\n"
                  "   ~ts ~w (rule ~w at ~ts)\n",
                  [shown(Symbol), N, association(Kind), Level, Rule, where(Place), association(OtherKind), OtherLevel, Second, where(Other)]);
conflict({Symbol, N, {[Head | Symbols], Rule, Place}, Against}) ->
    [io_lib:format("Parse action conflict scanning symbol ~ts in state ~w:\n   Reduce to ~ts from ~ts (rule ~w at ~ts)\n      vs.\n",
                   [shown(Symbol), N, shown(Head), symbols(Symbols), Rule, where(Place)]),
     case Against of
         {reduce, [H | S], R, P} ->
             io_lib:format("   reduce to ~ts from ~ts (rule ~w at ~ts).", [shown(H), symbols(S), R, where(P)]);
         {shift, To, Sister} -> io_lib:format("   shift to state ~w, adding right sisters to ~ts.", [To, shown(Sister)]);
         {accept, Root} -> io_lib:format("   reduce to rootsymbol ~ts.", [shown(Root)])
     end].

association(left) -> "Left";
association(right) -> "Right";
association(unary) -> "Unary";
association(nonassoc) -> "Nonassoc".

symbols(Symbols) -> lists:join(" ", [shown(S) || S <- Symbols]).

%% Names that begin like variables, and reserved words, need no quotes in grammars.
shown(Symbol) when is_atom(Symbol) ->
    Name = atom_to_list(Symbol),
    case erl_scan:string(Name) of
        {ok, [{var, _, _}], _} -> Name;
        {ok, [{Word, _}], _} when is_atom(Word) ->
            case erl_scan:reserved_word(Word) of
                true -> Name;
                false -> io_lib:format("~tw", [Symbol])
            end;
        _ -> io_lib:format("~tw", [Symbol])
    end;
shown(Symbol) -> io_lib:format("~tw", [Symbol]).

where({Line, Column}) -> io_lib:format("location ~w:~w", [Line, Column]);
where(Line) -> io_lib:format("line ~w", [Line]).

-doc "What is wrong, in words.".
-spec format_error(term()) -> io_lib:chars().
format_error({file_error, Reason}) -> file:format_error(Reason);
format_error({error, yeccparser, Reason}) -> Reason;
format_error({error, Module, Reason}) -> Module:format_error(Reason);
format_error({conflict, C}) -> conflict(C);
format_error({conflicts, Shift, Reduce}) -> io_lib:format("conflicts: ~w shift/reduce, ~w reduce/reduce", [Shift, Reduce]);
format_error({n_states, Expected, N}) -> io_lib:format("expected ~w states, but got ~w states", [Expected, N]);
format_error({bad_symbol, Text}) -> io_lib:format("bad symbol ~ts", [Text]);
format_error({Kind, Symbol}) ->
    io_lib:format(text(Kind, #{bad_expect => "argument ~ts of Expect is not an integer", bad_rootsymbol => "rootsymbol ~ts is not a nonterminal",
                                  bad_states => "argument ~ts of States is not an integer", duplicate_declaration => "duplicate declaration of ~ts",
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
