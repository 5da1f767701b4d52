-module(erl_error).
-moduledoc "Turns exceptions into the texts that the shell, escript and crash reports show.".

-export([format_exception/3, format_exception/4, format_exception/6, format_exception/7,
         format_exception/8, format_stacktrace/4, format_stacktrace/5, format_call/4, format_call/5,
         format_fun/1, format_fun/2]).

-record(fmt, {indent = 1 :: integer(),
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
    Pretty = case Options of
                 #{format_fun := Fun} -> Fun;
                 #{} -> fun(Term, Indent) -> default_pretty(Term, Indent) end
             end,
    Fmt = #fmt{indent = Column, skip = Skip, pretty = Pretty},
    lists:flatten([exception_name(Class), exception(Class, Reason, Stack, Fmt)]).

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
    [exception_name(Class), exception(Class, Reason, Stack, Fmt)].

-doc "The text of a stack trace.".
-spec format_stacktrace(integer(), list(), fun(), fun()) -> unicode:chardata().
format_stacktrace(Indent, Stack, Skip, Pretty) ->
    format_stacktrace(Indent, Stack, Skip, Pretty, unicode).

-doc "The text of a stack trace.".
-spec format_stacktrace(integer(), list(), fun(), fun(), atom()) -> unicode:chardata().
format_stacktrace(Indent, Stack, Skip, Pretty, Encoding) ->
    lists:join($\n, trace(Stack, true, #fmt{indent = Indent, skip = Skip, pretty = Pretty,
                                              encoding = Encoding})).

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

exception(Class, Reason, Stack, #fmt{indent = Indent} = Fmt) ->
    Behind = length(exception_name(Class)),
    {What, Rest} = explain(Class, Reason, Stack, Fmt#fmt{indent = Indent + Behind}),
    Lines = trace(Rest, true, Fmt#fmt{indent = Indent + 1}),
    [What | [[$\n, Line] || Line <- Lines]].

%% The text of the reason, and the part of the stack trace that the text has not used.
explain(error, badarg, [{M, F, As, _} | _] = Stack, _) when is_atom(M), is_atom(F), is_list(As) ->
    {"bad argument", Stack};
explain(error, badarg, Stack, _) ->
    {"bad argument", Stack};
explain(error, {badarg, Value}, Stack, Fmt) ->
    {["bad argument: ", value(Value, "bad argument: ", Fmt)], Stack};
explain(error, badarith, Stack, _) ->
    {"an error occurred when evaluating an arithmetic expression", Stack};
explain(error, {badarity, {Fun, Args}}, Stack, _) when is_function(Fun) ->
    {[fun_text(Fun), " called with ", argument_count(length(Args))], Stack};
explain(error, {badfun, Value}, Stack, Fmt) ->
    {["bad function ", value(Value, "bad function ", Fmt)], Stack};
explain(error, {badmatch, Value}, Stack, Fmt) ->
    {["no match of right hand side value ",
      value(Value, "no match of right hand side value ", Fmt)], Stack};
explain(error, {case_clause, Value}, Stack, Fmt) ->
    {["no case clause matching ", value(Value, "no case clause matching ", Fmt)], Stack};
explain(error, {else_clause, Value}, Stack, Fmt) ->
    {["no else clause matching ", value(Value, "no else clause matching ", Fmt)], Stack};
explain(error, {try_clause, Value}, Stack, Fmt) ->
    {["no try clause matching ", value(Value, "no try clause matching ", Fmt)], Stack};
explain(error, {badmap, Value}, Stack, Fmt) ->
    {["bad map: ", value(Value, "bad map: ", Fmt)], Stack};
explain(error, {badkey, Value}, Stack, Fmt) ->
    {["bad key: ", value(Value, "bad key: ", Fmt)], Stack};
explain(error, {bad_filter, Value}, Stack, Fmt) ->
    {["bad filter ", value(Value, "bad filter ", Fmt)], Stack};
explain(error, {bad_generator, Value}, Stack, Fmt) ->
    {["bad generator ", value(Value, "bad generator ", Fmt)], Stack};
explain(error, {bad_generators, Value}, Stack, Fmt) ->
    {["bad generators: ", value(Value, "bad generators: ", Fmt)], Stack};
explain(error, {unbound, Name}, Stack, _) ->
    {io_lib:format("variable ~ts is unbound", [Name]), Stack};
explain(error, function_clause, [{M, F, Args, Location} | Stack], Fmt) when is_list(Args) ->
    Head = [name_text(M), $:, name_text(F)],
    {["no function clause matching ",
      fitted_call("no function clause matching ", Head, Args, Fmt), $\s, location(Location, M)], Stack};
explain(error, function_clause, [{shell, F, Arity, _} | Stack], _) ->
    {io_lib:format("no function clause matching call to ~ts/~w", [name_text(F), Arity]), Stack};
explain(error, function_clause, Stack, _) ->
    {"no function clause matching call", Stack};
explain(error, if_clause, Stack, _) ->
    {"no true branch found when evaluating an if expression", Stack};
explain(error, noproc, Stack, _) ->
    {"no such process or port", Stack};
explain(error, {argument_limit, _}, Stack, _) ->
    {"limit of number of arguments to interpreted function exceeded", Stack};
explain(error, notalive, Stack, _) ->
    {"the node cannot be part of a distributed system", Stack};
explain(error, system_limit, Stack, _) ->
    {"a system limit has been reached", Stack};
explain(error, timeout_value, Stack, _) ->
    {"bad receive timeout value", Stack};
explain(error, undef, [{M, F, Args, _} | Stack], _) ->
    Arity = case is_list(Args) of true -> length(Args); false -> Args end,
    {io_lib:format("undefined function ~ts:~ts/~w", [name_text(M), name_text(F), Arity]), Stack};
explain(error, {shell_undef, F, Arity, _}, Stack, _) ->
    {io_lib:format("undefined shell command ~ts/~w", [name_text(F), Arity]), Stack};
explain(error, {nocatch, Value}, Stack, Fmt) ->
    {["no catch of thrown value: ", value(Value, "no catch of thrown value: ", Fmt)], Stack};
explain(_Class, Reason, Stack, Fmt) ->
    {value(Reason, "", Fmt), Stack}.

argument_count(0) -> "no arguments";
argument_count(1) -> "one argument";
argument_count(2) -> "two arguments";
argument_count(3) -> "three arguments";
argument_count(N) -> [integer_to_list(N), " arguments"].

%% The text of a value behind Prefix; one that takes several lines starts on a line of its own.
value(Value, Prefix, #fmt{indent = Indent} = Fmt) ->
    Behind = pretty(Value, Indent + length(Prefix), Fmt),
    Alone = pretty(Value, Indent, Fmt),
    case line_breaks(Alone) < line_breaks(Behind) of
        true -> [$\n, spaces(Indent - 1), Alone];
        false -> Behind
    end.

pretty(Value, Indent, #fmt{pretty = Pretty}) when is_function(Pretty, 2) ->
    Pretty(Value, Indent);
pretty(Value, Indent, #fmt{pretty = Pretty, chars_limit = Limit}) when is_function(Pretty, 3) ->
    {Text, _} = Pretty(Value, Indent, Limit),
    Text.

default_pretty(Term, Indent) -> io_lib:format("~*.*tP", [?WIDTH, Indent, Term, ?DEPTH]).

line_breaks(Text) -> length([C || C <- lists:flatten(Text), C =:= $\n]).

spaces(N) -> lists:duplicate(max(N, 0), $\s).

%%% ---- the stack trace ---------------------------------------------------------------------------

trace([{M, F, Args, Location} = Entry | Stack], First, Fmt) ->
    Arity = case is_list(Args) of true -> length(Args); false -> Args end,
    case (Fmt#fmt.skip)(M, F, Arity) of
        true ->
            [];
        false ->
            [trace_line(Entry, Location, First, Fmt) | trace(Stack, false, Fmt)]
    end;
trace([{Fun, Args, Location} | Stack], First, Fmt) when is_function(Fun) ->
    {module, M} = erlang:fun_info(Fun, module),
    [[spaces(Fmt#fmt.indent), where(First), fun_text(Fun), $/,
      integer_to_list(if is_list(Args) -> length(Args); true -> Args end), $\s, location(Location, M)]
     | trace(Stack, false, Fmt)];
trace(_, _, _) ->
    [].

trace_line({M, F, Args, _}, Location, First, #fmt{indent = Indent} = Fmt) ->
    Arity = case is_list(Args) of true -> length(Args); false -> Args end,
    Operator = M =:= erlang andalso is_operator(F, Arity),
    Shown = case M of
                erlang when F =:= '/' -> "'/'";
                erlang when Operator -> atom_to_list(F);
                _ -> qualified(M, F, Arity)
            end,
    Where = case First of
                true when Operator -> ["in operator  "];
                true -> ["in function  "];
                false -> ["in call from "]
            end,
    [spaces(Indent), Where, Shown, $/, integer_to_list(Arity) |
     case is_list(Args) of
         true -> called_as(M, F, Args, Location, Operator, Indent, Fmt);
         false -> [$\s | location(Location, M)]
     end].

where(true) -> "in function  ";
where(false) -> "in call from ".

%% The arguments of a failed call, and what is wrong with them (EEP 54).
called_as(M, F, Args, Location, Operator, Indent, Fmt) ->
    Head = qualified(M, F, length(Args)),
    Call = case {Operator, Args} of
               {true, [A]} -> [atom_to_list(F), $\s, operand(A, Indent, Fmt)];
               {true, [A, B]} ->
                   [operand(A, Indent, Fmt), $\s, atom_to_list(F), $\s, operand(B, Indent, Fmt)];
               _ -> call_text(Head, Args, Indent + length("   called as ") + 1, Fmt)
           end,
    [$\n, spaces(Indent + 3), "called as ", Call,
     [[$\n, spaces(Indent + 3), "*** ", Text] || Text <- explanations(Args, Location, M, F)]].

%% The name of a function as a call of it needs it.
qualified(M, F, Arity) ->
    case erl_internal:bif(M, F, Arity) of
        true -> name_text(F);
        false -> [name_text(M), $:, name_text(F)]
    end.

operand(Value, Indent, Fmt) -> pretty(Value, Indent + 13, Fmt).

explanations(Args, Location, M, F) ->
    case lists:keyfind(error_info, 1, Location) of
        {error_info, Info} ->
            Module = maps:get(module, Info, M),
            Function = maps:get(function, Info, format_error),
            try Module:Function(badarg, [{M, F, Args, Location}]) of
                Map when is_map(Map) ->
                    [["argument ", integer_to_list(N), ": ", Text] ||
                        {N, Text} <- lists:sort(maps:to_list(Map)), is_integer(N)] ++
                        [Text || {general, Text} <- maps:to_list(Map)];
                _ -> []
            catch
                _:_ -> []
            end;
        false -> []
    end.

is_operator(F, Arity) ->
    try erl_internal:op_type(F, Arity) of
        _ -> true
    catch
        _:_ -> false
    end.

location(Location, _Module) ->
    File = proplists:get_value(file, Location),
    Line = proplists:get_value(line, Location),
    case {File, Line} of
        {undefined, _} -> "";
        {_, undefined} -> "";
        _ -> io_lib:format("(~ts:~w)", [File, Line])
    end.

%%% ---- calls -----------------------------------------------------------------------------------

%% A call behind a prefix; on a line of its own where it takes several.
fitted_call(Prefix, Head, Args, #fmt{indent = Indent} = Fmt) ->
    Behind = call_text(Head, Args, Indent + length(Prefix), Fmt),
    Fits = line_breaks(Behind) =:= 0 andalso Indent + length(Prefix) + string:length(Behind) =< ?WIDTH,
    case Fits of
        true -> Behind;
        false -> [$\n, spaces(Indent - 1), call_text(Head, Args, Indent, Fmt)]
    end.

call_text(Head, Args, Indent, Fmt) ->
    Width = string:length(Head) + 1,
    Text = pretty(list_to_tuple(Args), Indent + Width - 1, Fmt),
    [Head, $(, strip_braces(lists:flatten(Text)), $)].

strip_braces([${ | Text]) -> lists:droplast(Text).

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
