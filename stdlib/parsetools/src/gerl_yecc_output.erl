-module(gerl_yecc_output).
-moduledoc """
Writes the module of a parser.

A state is a function `yeccpars2_N/7` with a clause for each terminal, a nonterminal is a function `yeccgoto_NAME/7` from the
state below to the state above, and an action is a function of the stack of values. The text before them (`yeccpre.hrl`, or a
file of the user's) calls `yeccpars2/7` and has `yeccpars1/7` (old ones `yeccpars1/5`) and `yeccerror/1`.
""".
-export([text/3]).

-type grammar() :: gerl_yecc_grammar:grammar().
-type states() :: gerl_yecc_tables:states().
-type rows() :: [{non_neg_integer(), [{atom() | integer(), gerl_yecc_tables:action()}]}].

%% Arguments as all these functions have them.
-define(ARGUMENTS, "Cat, Ss, Stack, T, Ts, Tzr").

-doc """
The text of the parser's module. The settings say besides the user's own: `source` and `output`, the files' names; `header` and
`prologue`, the name and the text of what comes first; `interface`, whether that has `yeccpars1/7`.
""".
-spec text(grammar(), {states(), rows()}, map()) -> unicode:chardata().
text(#{header := Lines, code := Code} = Grammar, {States, Rows}, #{source := Source, output := Output, prologue := Prologue} = Settings) ->
    Own = case Code of
              none -> [];
              {Line, Text} -> [{file, Source, Line - 1}, Text]
          end,
    {Before, Middle} = case Settings of
                           #{includefile := []} ->
                               {[{file, Source, 0}, module(Settings), {file_here, Output},
                                 "-export([parse/1, parse_and_scan/1, format_error/1]).\n", Own, $\n], []};
                           _ -> {module(Settings), [$\n, Own]}
                       end,
    Last = case Code of
               none -> [];
               {First, Chars} -> [{file, Source, First + lines(Chars)}]
           end,
    Rules = #{N => Rule || {N, _, _, _} = Rule <- map_get(rules, Grammar)},
    placed([[encoding(Grammar), [[L, $\n] || L <- Lines], Before, {file, map_get(header, Settings), 0}, Prologue, Middle, $\n, {file_here, Output}, $\n],
            code(Rows, States, Rules, Grammar, Settings), $\n, Last], Settings).

module(#{output := Output}) -> io_lib:format("-module(~w).\n", [list_to_atom(filename:basename(Output, ".erl"))]).

encoding(#{encoding := none}) -> [];
encoding(#{encoding := Encoding}) -> ["%% ", epp:encoding_to_string(Encoding), $\n].

%%% ---- places ------------------------------------------------------------------------------------------

%% Fills in the attributes that say where lines come from; {file_here, Output} needs to know how many came before it.
placed(Parts, Settings) ->
    {Text, _} = place(Parts, 1, Settings),
    Text.

place([Part | Parts], Line, Settings) when is_list(Part); is_tuple(Part) ->
    {Text, Next} = place(Part, Line, Settings),
    {Rest, Last} = place(Parts, Next, Settings),
    {[Text | Rest], Last};
place([C | _] = Text, Line, Settings) when is_integer(C) ->
    {Chars, Rest} = lists:splitwith(fun is_integer/1, Text),
    {Placed, Last} = place(Rest, Line + lines(Chars), Settings),
    {[Chars | Placed], Last};
place([], Line, _) -> {[], Line};
place({file, _, _}, Line, #{file_attributes := false}) -> {[], Line};
place({file, File, N}, Line, Settings) -> {gerl_parsetools:file_attribute(File, N, Settings), Line + 1};
place({file_here, File}, Line, Settings) -> place({file, File, Line}, Line, Settings).

lines(Chars) -> length([C || C <- Chars, C =:= $\n]).

%%% ---- states ------------------------------------------------------------------------------------------

code(Rows, States, Rules, Grammar, Settings) ->
    Sorted = [{N, ordered(Actions)} || {N, Actions} <- Rows],
    %% States that only shift and do so alike are one function.
    Alike = maps:groups_from_list(fun({_, Groups}) -> Groups end, fun({N, _}) -> N end,
                                  [Row || {_, Groups} = Row <- Sorted, lists:all(fun({Action, _}) -> is_shift(Action) end, Groups)]),
    Stand = #{N => hd(lists:sort(Same)) || _ := Same <- Alike, N <- Same},
    Reducing = #{N => reducing || {N, Groups} <- Sorted, lists:all(fun({{reduce, _}, _}) -> true; (_) -> false end, Groups)},
    Context = #{states => States, rules => Rules, stand => Stand, reducing => Reducing, grammar => Grammar, settings => Settings},
    Shifted = lists:usort([0 | [To || {_, Groups} <- Sorted, {{shift, To}, _} <- Groups]]),
    [quiet("yeccpars2", 7),
     [io_lib:format("yeccpars2(~w=S, " ?ARGUMENTS ") ->\n yeccpars2_~w(S, " ?ARGUMENTS ");\n", [N, maps:get(N, Stand, N)]) || N <- Shifted],
     "yeccpars2(Other, _, _, _, _, _, _) ->\n erlang:error({yecc_bug,\"1.4\",{missing_state_in_action_table, Other}}).\n\n",
     [state(N, Groups, Context) || {N, Groups} <- Sorted, maps:get(N, Stand, N) =:= N],
     gotos(Context),
     [action(N, R, Terminal, Context) || {N, Groups} <- Sorted, {R, Terminal} <- reductions(Groups), not is_identity(map_get(R, Rules))]].

is_shift({shift, _}) -> true;
is_shift(_) -> false.

%% The actions of a state with their terminals: accepting first, then shifts, then reductions. The last reduction is for
%% all other terminals, unless there are some that must not follow.
ordered(Actions) ->
    Groups = maps:groups_from_list(fun({_, A}) -> A end, fun({S, _}) -> S end, Actions),
    Sorted = lists:keysort(2, [{A, lists:sort(Symbols)} || A := Symbols <- Groups]),
    [G || {accept, _} = G <- Sorted] ++ [G || {{shift, _}, _} = G <- Sorted] ++
        defaults([G || {{reduce, _}, _} = G <- Sorted], is_map_key(nonassoc, Groups)).

defaults([_ | _] = Reductions, false) ->
    {Most, [{Action, _}]} = lists:split(length(Reductions) - 1, Reductions),
    Most ++ [{Action, others}];
defaults(Reductions, _) -> Reductions.

reductions(Groups) ->
    lists:append([case Symbols of
                      others -> [{R, others}];
                      _ -> [{R, S} || S <- Symbols]
                  end || {{reduce, R}, Symbols} <- Groups]).

state(N, Groups, Context) ->
    Clauses = lists:append([case Symbols of
                                others -> [clause(N, Action, others, Context)];
                                _ -> [clause(N, Action, S, Context) || S <- Symbols]
                            end || {Action, Symbols} <- Groups]),
    Rest = case lists:keymember(others, 2, Groups) of
               true -> [];
               false -> [io_lib:format("yeccpars2_~w(_, _, _, _, T, _, _) ->\n yeccerror(T)", [N])]
           end,
    [quiet(["yeccpars2_", integer_to_list(N)], 7), lists:join(";\n", Clauses ++ Rest), ".\n\n"].

clause(N, accept, Terminal, _) ->
    io_lib:format("yeccpars2_~w(_S, ~ts, _Ss, Stack, _T, _Ts, _Tzr) ->\n {ok, hd(Stack)}", [N, quoted(Terminal)]);
clause(N, {shift, To}, Terminal, #{settings := Settings}) ->
    Call = case Settings of
               #{interface := new} -> io_lib:format("yeccpars1(S, ~w, Ss, Stack, T, Ts, Tzr)", [To]);
               _ -> io_lib:format("yeccpars1(Ts, Tzr, ~w, [S | Ss], [T | Stack])", [To])
           end,
    [io_lib:format("yeccpars2_~w(S, ~ts, Ss, Stack, T, Ts, Tzr) ->\n ", [N, quoted(Terminal)]), Call];
clause(N, {reduce, R}, Terminal, #{rules := Rules, states := States} = Context) ->
    {_, [Head | _], _, _} = Rule = map_get(R, Rules),
    Cat = case Terminal of
              others -> "Cat";
              _ -> quoted(Terminal)
          end,
    Count = count(Rule),
    {Nss, Below} = case Count > 1 of
                       true -> {"Nss", [" [", lists:join(",", lists:duplicate(Count - 1, "_")), "|Nss] = Ss,\n"]};
                       false -> {"Ss", []}
                   end,
    {Values, Made} = case is_identity(Rule) of
                         true -> {"Stack", []};
                         false -> {"NewStack", io_lib:format(" NewStack = ~w(Stack),\n", [name_of_action(N, Terminal, Context)])}
                     end,
    Next = case Count of
               0 ->
                   {_, #{Head := To}} = map_get(N, States),
                   {Function, Passed} = entry(To, "_S", Context),
                   io_lib:format(" ~s(~s, ~ts, [~w | Ss], ~s, T, Ts, Tzr)", [Function, Passed, Cat, N, Values]);
               _ -> io_lib:format(" ~w(hd(~s), ~ts, ~s, ~s, T, Ts, Tzr)", [name("yeccgoto_", Head, Context), Nss, Cat, Nss, Values])
           end,
    [io_lib:format("yeccpars2_~w(_S, ~ts, Ss, Stack, T, Ts, Tzr) ->\n", [N, Cat]), Below, Made, Next].

%% The function of a state and the number that it gets: a state that only reduces does not look at it.
entry(N, Any, #{stand := Stand, reducing := Reducing}) ->
    Number = case Reducing of
                 #{N := _} -> Any;
                 _ -> integer_to_list(N)
             end,
    {io_lib:format("yeccpars2_~w", [maps:get(N, Stand, N)]), Number}.

gotos(#{states := States, grammar := #{nonterminals := Nonterminals}, reducing := Reducing} = Context) ->
    Moves = [{Symbol, N, To} || {N, {_, Next}} <- lists:sort(maps:to_list(States)), Symbol := To <- Next],
    [begin
         Name = name("yeccgoto_", Symbol, Context),
         Clauses = [begin
                        {Function, Passed} = entry(To, "_S", Context),
                        From = case Reducing of
                                   #{To := _} -> io_lib:format("~w=_S", [N]);
                                   _ -> integer_to_list(N)
                               end,
                        io_lib:format("~w(~s, " ?ARGUMENTS ") ->\n ~s(~s, " ?ARGUMENTS ")", [Name, From, Function, Passed])
                    end || {S, N, To} <- Moves, S =:= Symbol],
         Ending = case Context of
                      #{settings := #{interface := old}} ->
                          io_lib:format(";\n~w(State, _Cat, _Ss, _Stack, _T, _Ts, _Tzr) ->\n"
                                        " erlang:error({yecc_bug,\"1.4\",{~ts, State, missing_in_goto_table}}).\n\n", [Name, quoted(Symbol)]);
                      _ -> ".\n\n"
                  end,
         [quiet(io_lib:format("~w", [Name]), 7), lists:join(";\n", Clauses), Ending]
     end || Symbol <- lists:sort(Nonterminals), lists:keymember(Symbol, 1, Moves)].

quiet(Name, Arity) ->
    io_lib:format("-dialyzer({nowarn_function, ~ts/~w}).\n-compile({nowarn_unused_function,  ~ts/~w}).\n", [Name, Arity, Name, Arity]).

%% Terminals are quoted, since any name may be a reserved word one day.
quoted(Terminal) when is_atom(Terminal) ->
    case lists:flatten(io_lib:format("~w", [Terminal])) of
        [$' | _] = Text -> Text;
        Text -> [$', Text, $']
    end;
quoted(Terminal) -> io_lib:format("~w", [Terminal]).

name(Prefix, Symbol, #{grammar := #{encoding := Encoding}}) ->
    list_to_atom(lists:flatten([Prefix, case Symbol of
                                            _ when is_integer(Symbol) -> integer_to_list(Symbol);
                                            _ when Encoding =:= latin1 -> io_lib:write_atom_as_latin1(Symbol);
                                            _ -> atom_to_list(Symbol)
                                        end])).

name_of_action(N, others, _) -> list_to_atom(lists:flatten(io_lib:format("yeccpars2_~w_", [N])));
name_of_action(N, Terminal, Context) -> name(io_lib:format("yeccpars2_~w_", [N]), Terminal, Context).

%%% ---- actions ---------------------------------------------------------------------------------------

count({_, [_, '$empty'], _, _}) -> 0;
count({_, [_ | Symbols], _, _}) -> length(Symbols).

%% A rule whose value is that of its only symbol leaves the stack as it is.
is_identity({_, [_, _], _, Action} = Rule) when is_list(Action) ->
    case [T || T <- Action, element(1, T) =/= white_space] of
        [{pseudo, _, 1}] -> count(Rule) =:= 1;
        _ -> false
    end;
is_identity(_) -> false.

%% Each action is a function of its own, so that messages of the compiler tell the lines of the grammar.
action(N, R, Terminal, #{rules := Rules, settings := #{source := Source, output := Output}} = Context) ->
    {_, _, _, Action} = Rule = map_get(R, Rules),
    Name = name_of_action(N, Terminal, Context),
    Count = count(Rule),
    {Rest, Taken} = case Count of
                        0 -> {"__Stack0", []};
                        _ -> {"__Stack", [" [", lists:join(",", [variable(I) || I <- lists:seq(Count, 1, -1)]), " | __Stack] = __Stack0,\n"]}
                    end,
    %% The attribute stands as many lines before the action's first one as there are between them.
    Line = case Action of
               none -> 0;
               [First | _] -> max(0, line(First) - length([head, 'begin', action]) - length([1 || Count > 0]))
           end,
    %% If the action is no good by itself, what is wrong about its function is about the parser's file.
    Here = [{file_here, Output} || not is_expression(Action)],
    [Here, io_lib:format("-compile({inline,~w/1}).\n", [Name]), quiet(io_lib:format("~w", [Name]), 1), {file, Source, Line},
     io_lib:format("~w(__Stack0) ->\n", [Name]), Taken, " [begin\n", written(Action), "\n  end | ", Rest, "].\n\n"].

variable(I) -> "___" ++ integer_to_list(I).

line({pseudo, Place, _}) -> element(1, Place);
line(Token) -> erl_scan:line(Token).

written(none) -> "'$undefined'";
written([First | _] = Action) ->
    Column = case First of
                 {pseudo, {_, C}, _} -> C;
                 _ -> erl_scan:column(First)
             end,
    [lists:duplicate(Column - 1, $\s) | [case T of
                                             {pseudo, _, I} -> variable(I);
                                             _ -> erl_scan:text(T)
                                         end || T <- Action]].

is_expression(none) -> true;
is_expression(Action) ->
    Tokens = [case T of
                  {pseudo, Place, I} -> {var, Place, list_to_atom(variable(I))};
                  _ -> T
              end || T <- Action, element(1, T) =/= white_space, element(1, T) =/= comment],
    case erl_parse:parse_exprs(Tokens ++ [{dot, {0, 1}}]) of
        {ok, _} -> true;
        {error, _} -> false
    end.
