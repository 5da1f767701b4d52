-module(erl_error).
-moduledoc "Turns exceptions into the texts that the shell, escript and crash reports show.".

-export([format_exception/3, format_exception/4, format_exception/6, format_exception/7,
         format_exception/8, format_stacktrace/4, format_stacktrace/5, format_call/4, format_call/5,
         format_fun/1, format_fun/2]).

-record(fmt, {indent = 1 :: integer(),
              name = 0 :: non_neg_integer(),       % the width of the class in front of the reason
              skip :: fun((module(), atom(), integer()) -> boolean()),
              pretty :: fun((term(), integer()) -> iodata()),
              encoding = unicode :: unicode | latin1 | utf8,
              chars_limit = -1 :: integer(),
              module = erl_error}).

-define(WIDTH, 80).
-define(DEPTH, 30).

%%% ---- interface -------------------------------------------------------------------------------

-doc "The text of an exception, for io:format.".
-spec format_exception(error | exit | throw, term(), list()) -> unicode:chardata().
format_exception(Class, Reason, Stack) -> format_exception(Class, Reason, Stack, #{}).

-doc "The text of an exception; Options: column, stack_trim_fun, format_fun.".
-spec format_exception(error | exit | throw, term(), list(), map()) -> unicode:chardata().
format_exception(Class, Reason, Stack, Options) ->
    Column = maps:get(column, Options, 1),
    Skip = maps:get(stack_trim_fun, Options, fun(_, _, _) -> false end),
    is_integer(Column) andalso Column >= 1 andalso is_function(Skip, 3) orelse error(function_clause, [Class, Reason, Stack, Options]),
    Pretty = case Options of
                 #{format_fun := Fun} -> fun(Term, Indent) -> given_text(Fun(Term, Indent)) end;
                 #{} -> fun(Term, Indent) -> default_pretty(Term, Indent) end
             end,
    Fmt = #fmt{indent = Column, skip = Skip, pretty = Pretty},
    lists:flatten([exception_name(Class), exception(Class, Reason, Stack, Fmt)]).

%% What a caller's own function made of a term.
given_text(Name) when is_atom(Name) -> atom_to_list(Name);
given_text(Text) ->
    case unicode:characters_to_list(Text) of
        Chars when is_list(Chars) -> Text;
        _ -> error(badarg)
    end.

-doc "The text of an exception without its class, as older callers want it.".
-spec format_exception(integer(), atom(), term(), list(), fun(), fun()) -> unicode:chardata().
format_exception(Indent, Class, Reason, Stack, Skip, Pretty) ->
    format_exception(Indent, Class, Reason, Stack, Skip, Pretty, unicode).

-doc "Like format_exception/6, with the encoding of the output.".
-spec format_exception(integer(), atom(), term(), list(), fun(), fun(), atom()) -> unicode:chardata().
format_exception(Indent, Class, Reason, Stack, Skip, Pretty, Encoding) ->
    format_exception(Indent, Class, Reason, Stack, Skip, Pretty, Encoding, -1).

-doc "Like format_exception/7, with a limit on the number of characters.".
-spec format_exception(integer(), atom(), term(), list(), fun(), fun(), atom(), integer()) ->
          unicode:chardata().
format_exception(Indent, Class, Reason, Stack, Skip, Pretty, Encoding, Limit) ->
    Fmt = #fmt{indent = Indent, skip = Skip, pretty = Pretty, encoding = Encoding,
               chars_limit = Limit},
    Text = [exception_name(Class), exception(Class, Reason, Stack, Fmt)],
    case Encoding of
        latin1 -> lists:map(fun(C) when C > 255 -> ["\\x{", integer_to_list(C, 16), "}"];
                               (C) -> C
                            end, unicode:characters_to_list(Text));
        _ -> Text
    end.

-doc "The text of a stack trace.".
-spec format_stacktrace(integer(), list(), fun(), fun()) -> unicode:chardata().
format_stacktrace(Indent, Stack, Skip, Pretty) ->
    format_stacktrace(Indent, Stack, Skip, Pretty, unicode).

-doc "The text of a stack trace.".
-spec format_stacktrace(integer(), list(), fun(), fun(), atom()) -> unicode:chardata().
format_stacktrace(Indent, Stack, Skip, Pretty, Encoding) ->
    Fmt = #fmt{indent = Indent, skip = Skip, pretty = Pretty, encoding = Encoding},
    lists:join($\n, trace(visible(Stack, Fmt), undefined, Fmt)).

-doc "The text of a call.".
-spec format_call(integer(), iodata(), list(), fun()) -> unicode:chardata().
format_call(Indent, Head, Args, Pretty) -> format_call(Indent, Head, Args, Pretty, unicode).

-doc "The text of a call.".
-spec format_call(integer(), iodata(), list(), fun(), atom()) -> unicode:chardata().
format_call(Indent, Head, Args, Pretty, Encoding) ->
    call_text(Head, Args, Indent, #fmt{pretty = Pretty, encoding = Encoding,
                                       skip = fun(_, _, _) -> false end}).

-doc "The name of a fun.".
-spec format_fun(fun()) -> unicode:chardata().
format_fun(Fun) -> fun_text(Fun).

-doc "The name of a fun.".
-spec format_fun(fun(), atom()) -> unicode:chardata().
format_fun(Fun, _Encoding) -> fun_text(Fun).

%%% ---- the exception ---------------------------------------------------------------------------

exception_name(error) -> "exception error: ";
exception_name(exit) -> "exception exit: ";
exception_name(throw) -> "exception throw: ".

exception(Class, Reason0, Stack0, #fmt{indent = Indent} = Fmt0) ->
    Fmt = Fmt0#fmt{name = length(exception_name(Class))},
    {Reason, Stack} = case is_stack(Stack0) of
                          true -> {Reason0, Stack0};
                          false -> {{Reason0, Stack0}, []}
                      end,
    _ = visible(Stack, Fmt), % what trims the stack is asked before what shows terms
    {What, Rest} = explain(Class, Reason, Stack, Fmt),
    Lines = trace(visible(Rest, Fmt), Reason, Fmt#fmt{indent = Indent + 1}),
    [What | [[$\n, Line] || Line <- Lines]].

is_stack(Stack) ->
    try lists:all(fun is_frame/1, Stack)
    catch error:_ -> false
    end.

is_frame({M, F, A, Where}) when is_atom(M), is_atom(F), is_list(Where) -> is_integer(A) orelse is_list(A) andalso length(A) >= 0;
is_frame({Fun, _, _}) -> is_function(Fun);
is_frame(_) -> false.

%% The text of the reason, and the part of the stack trace that the text has not used.
explain(error, function_clause, [{shell, F, Arity, []} | Stack], _) when is_integer(Arity) ->
    {io_lib:format("no function clause matching call to ~ts/~w", [name_text(F), Arity]), Stack};
explain(error, function_clause, [{M, F, Args, Location} | Stack], Fmt) when is_list(Args) ->
    {[fitted_call("no function clause matching ", M, F, Args, Fmt), $\s, location(Location)], Stack};
explain(error, undef, [{M, F, Args, _} | Stack], _) ->
    {io_lib:format("undefined function ~ts:~ts/~w", [name_text(M), name_text(F), arity(Args)]), Stack};
explain(Class, Reason, Stack, Fmt) ->
    {case Class =:= error andalso found(Reason, Stack) of
         #{reason := Text} -> Text;
         _ -> explain(Class, Reason, Fmt)
     end, Stack}.

explain(Class, Reason, Fmt) ->
    case meaning(Class, Reason) of
        {Prefix, Value} -> value(Value, Prefix, Fmt);
        {Prefix, {M, F}, Args} -> fitted_call(Prefix, M, F, Args, Fmt);
        none -> value(Reason, "", Fmt);
        Text -> Text
    end.

%% What the reasons mean that the machine, erl_eval and the shell raise: a text; one with a value or a call behind it.
meaning(error, badarg) -> "bad argument";
meaning(error, badarith) -> "an error occurred when evaluating an arithmetic expression";
meaning(error, if_clause) -> "no true branch found when evaluating an if expression";
meaning(error, noproc) -> "no such process or port";
meaning(error, notalive) -> "the node cannot be part of a distributed system";
meaning(error, system_limit) -> "a system limit has been reached";
meaning(error, timeout_value) -> "bad receive timeout value";
meaning(error, {badarg, Value}) -> {"bad argument: ", Value};
meaning(error, {badkey, Value}) -> {"bad key: ", Value};
meaning(error, {badmap, Value}) -> {"bad map: ", Value};
meaning(error, {badfun, Value}) -> {"bad function ", Value};
meaning(error, {badmatch, Value}) -> {"no match of right hand side value ", Value};
meaning(error, {case_clause, Value}) -> {"no case clause matching ", Value};
meaning(error, {else_clause, Value}) -> {"no else clause matching ", Value};
meaning(error, {try_clause, Value}) -> {"no try clause matching ", Value};
meaning(error, {bad_filter, Value}) -> {"bad filter ", Value};
meaning(error, {bad_generator, Value}) -> {"bad generator ", Value};
meaning(error, {bad_generators, Value}) -> {"bad generators: ", Value};
meaning(error, {badarity, {Fun, Args}}) when is_function(Fun) -> [fun_text(Fun), " called with ", argument_count(length(Args))];
meaning(error, {unbound, Name}) -> io_lib:format("variable ~tp is unbound", [Name]);
meaning(error, {argument_limit, _}) -> "limit of number of arguments to interpreted function exceeded";
meaning(error, {shell_undef, F, Args, _}) -> io_lib:format("undefined shell command ~ts/~w", [name_text(F), arity(Args)]);
meaning(exit, restricted_shell_started) -> "restricted shell starts now";
meaning(exit, restricted_shell_stopped) -> "restricted shell stopped";
meaning(exit, {restricted_shell_bad_return, Value}) -> {"restricted shell module returned bad value ", Value};
meaning(exit, {restricted_shell_disallowed, {Function, Args}}) -> {"restricted shell does not allow ", named(Function), Args};
meaning(exit, calling_self) -> "the current process attempted to call itself";
meaning(_, _) -> none.

named({M, F}) -> {M, F};
named(F) -> {none, F}.

arity(Args) when is_list(Args) -> length(Args);
arity(Arity) -> Arity.

argument_count(0) -> "no arguments";
argument_count(1) -> "one argument";
argument_count(2) -> "two arguments";
argument_count(3) -> "three arguments";
argument_count(N) -> [integer_to_list(N), " arguments"].

%% A value behind a text; on a line of its own if it takes fewer lines there.
value(Value, Prefix, #fmt{indent = Indent, name = Name} = Fmt) ->
    Behind = pretty(Value, Indent + Name + length(Prefix), Fmt),
    Alone = pretty(Value, Indent + Name, Fmt),
    [Prefix | case line_breaks(Behind) of
                  N when N > 1 ->
                      case line_breaks(Alone) < N of
                          true -> [$\n, spaces(Indent + Name - 1), Alone];
                          false -> Behind
                      end;
                  _ -> Behind
              end].

pretty(Value, Indent, #fmt{pretty = Pretty}) when is_function(Pretty, 2) ->
    Pretty(Value, Indent);
pretty(Value, Indent, #fmt{pretty = Pretty, chars_limit = Limit}) when is_function(Pretty, 3) ->
    {Text, _} = Pretty(Value, Indent, Limit),
    Text.

default_pretty(Term, Indent) -> io_lib:format("~*.*tP", [?WIDTH, Indent, Term, ?DEPTH]).

line_breaks(Text) -> length([C || C <- lists:flatten(Text), C =:= $\n]).

spaces(N) -> lists:duplicate(max(N, 0), $\s).

%%% ---- the stack trace ---------------------------------------------------------------------------

%% Frames at the end that are nobody's concern are left out.
visible(Stack, #fmt{skip = Skip}) ->
    Hidden = fun({M, F, Args, _}) ->
                     case Skip(M, F, arity(Args)) of
                         Answer when is_boolean(Answer) -> Answer;
                         Other -> error({case_clause, Other})
                     end;
                (_) -> false
             end,
    lists:reverse(lists:dropwhile(Hidden, lists:reverse(Stack))).

%% The explanations of what is wrong with the arguments (EEP 54) belong to the first frame.
trace([], _, _) -> [];
trace([First | Rest] = Stack, Reason, Fmt) ->
    [[frame(First, true, Fmt), [[$\n, spaces(Fmt#fmt.indent + 3), Line] || Line <- explanations(Reason, Stack)]]
     | [frame(Frame, false, Fmt) || Frame <- Rest]].

frame({M, F, Args, Location}, First, #fmt{indent = Indent} = Fmt) ->
    Operator = M =:= erlang andalso is_operator(F, arity(Args)),
    Shown = case M of
                erlang when F =:= '/' -> "'/'";
                erlang when Operator -> atom_to_list(F);
                _ -> qualified(M, F, arity(Args))
            end,
    Where = case First of
                true when Operator -> "in operator  ";
                true -> "in function  ";
                false -> "in call from "
            end,
    [spaces(Indent), Where, Shown, $/, integer_to_list(arity(Args)) |
     case is_list(Args) of
         true -> [$\n, spaces(Indent + 3) | called_as(M, F, Args, Fmt#fmt{indent = Indent + 4, name = 0})];
         false -> [$\s | location(Location)]
     end];
frame({Fun, Args, Location}, First, #fmt{indent = Indent}) ->
    [spaces(Indent), case First of true -> "in function  "; false -> "in call from " end, fun_text(Fun), $/,
     integer_to_list(arity(Args)), $\s | location(Location)].

explanations(Reason, [{_, _, Args, _} | _] = Stack) ->
    Found = found(Reason, Stack),
    lists:append([argument_text(N, Found) || N <- lists:seq(1, arity(Args)), is_map_key(N, Found)])
        ++ [["*** ", Text] || #{general := Text} <- [Found]];
explanations(_, _) -> [].

%% What the module that failed says about it.
found(Reason, [{M, _, _, Location} | _] = Stack) ->
    case lists:keyfind(error_info, 1, Location) of
        {error_info, Info} when is_map(Info) ->
            Module = maps:get(module, Info, M),
            Function = maps:get(function, Info, format_error),
            try Module:Function(Reason, Stack)
            catch error:_ -> #{}
            end;
        _ -> #{}
    end;
found(_, _) -> #{}.

argument_text(N, Found) ->
    Mark = io_lib:format("*** argument ~w: ", [N]),
    case string:lexemes(maps:get(N, Found), "\r\n") of
        [First | More] -> [[Mark, First] | [[spaces(string:length(Mark)), Line] || Line <- More]];
        [] -> [Mark]
    end.

%% The name of a function as a call of it needs it.
qualified(M, F, Arity) ->
    case erl_internal:bif(M, F, Arity) of
        true -> name_text(F);
        false -> [name_text(M), $:, name_text(F)]
    end.

is_operator(F, Arity) ->
    try erl_internal:op_type(F, Arity) of
        _ -> true
    catch
        _:_ -> false
    end.

location(Location) ->
    File = proplists:get_value(file, Location),
    Line = proplists:get_value(line, Location),
    case {File, Line} of
        {undefined, _} -> "";
        {_, undefined} -> "";
        _ -> io_lib:format("(~ts:~w)", [File, Line])
    end.

%%% ---- calls -----------------------------------------------------------------------------------

%% A call behind a prefix; on a line of its own where there is little room or it takes fewer lines.
fitted_call(Prefix, M, F, Args, #fmt{indent = Indent, name = Name} = Fmt) ->
    Column = Indent + Name + length(Prefix),
    [Prefix | case M =:= erlang andalso is_operator(F, length(Args)) of
                  true -> operation(F, Args, Column, Fmt);
                  false -> fitted_arguments(called_name(M, F, length(Args)), Args, Column, Fmt)
              end].

%% Such a call stays behind its prefix; where there is too little room the prefix comes twice.
called_as(M, F, Args, #fmt{indent = Indent} = Fmt) ->
    Prefix = "called as ",
    Column = Indent + length(Prefix),
    case M =:= erlang andalso is_operator(F, length(Args)) of
        true -> [Prefix | operation(F, Args, Column, Fmt)];
        false ->
            Head = called_name(M, F, length(Args)),
            Start = Column + string:length(Head),
            Shown = [Prefix, Head, arguments(Args, Start, Fmt)],
            case is_narrow(Start, Fmt) of
                true -> [Prefix, $\n, spaces(Indent - 1), Shown];
                false -> Shown
            end
    end.

is_narrow(Column, Fmt) -> line_breaks(arguments([a2345, b2345], Column, Fmt)) > 0.

called_name(none, F, _) -> name_text(F);
called_name(M, F, Arity) -> qualified(M, F, Arity).

fitted_arguments(Head, Args, Column, #fmt{indent = Indent, name = Name} = Fmt) ->
    Width = string:length(Head),
    Behind = arguments(Args, Column + Width, Fmt),
    Alone = arguments(Args, Indent + Name + Width, Fmt),
    case is_narrow(Column + Width, Fmt) orelse line_breaks(Alone) < line_breaks(Behind) of
        true -> [$\n, spaces(Indent + Name - 1), Head, Alone];
        false -> [Head, Behind]
    end.

operation(F, [A], Column, Fmt) ->
    Op = [atom_to_list(F), $\s],
    [Op, pretty(A, Column + length(lists:flatten(Op)), Fmt)];
operation(F, [A, B], Column, Fmt) ->
    Op = atom_to_list(F),
    Left = pretty(A, Column, Fmt),
    Below = pretty(B, Column, Fmt),
    Beside = pretty(B, Column + string:length(Left) + length(Op) + 2, Fmt),
    case line_breaks(Left) > 0 orelse line_breaks(Below) < line_breaks(Beside) of
        true ->
            Next = [$\n, spaces(Column - 1)],
            [Left, Next, Op, Next, Below];
        false -> [Left, $\s, Op, $\s, Beside]
    end.

call_text(Head, Args, Indent, Fmt) -> [Head, arguments(Args, Indent + string:length(Head), Fmt)].

%% Arguments in parentheses are laid out like a list, but never shown as a string.
arguments([Int | Rest] = Args, Column, Fmt) ->
    case io_lib:printable_list(Args) of
        true ->
            Digits = integer_to_list(Int),
            Instead = list_to_atom(lists:duplicate(length(Digits), $a)),
            [_ | Text] = lists:flatten(pretty([Instead | Rest], Column, Fmt)),
            [$(, Digits, lists:droplast(lists:nthtail(length(Digits), Text)), $)];
        false -> in_parentheses(Args, Column, Fmt)
    end;
arguments(Args, Column, Fmt) -> in_parentheses(Args, Column, Fmt).

in_parentheses(Args, Column, Fmt) ->
    [_ | Text] = lists:flatten(pretty(Args, Column, Fmt)),
    [$(, lists:droplast(Text), $)].

name_text(Name) when is_atom(Name) -> io_lib:format("~tw", [Name]);
name_text(Name) -> io_lib:format("~tp", [Name]).

fun_text(Fun) ->
    {module, M} = erlang:fun_info(Fun, module),
    {name, F} = erlang:fun_info(Fun, name),
    {arity, A} = erlang:fun_info(Fun, arity),
    case erlang:fun_info(Fun, type) of
        {type, local} when M =:= erl_eval -> io_lib:format("interpreted function with arity ~w", [A]);
        _ -> io_lib:format("~ts:~ts/~w", [name_text(M), name_text(F), A])
    end.
