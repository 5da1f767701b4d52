-module(erl_lint).
-moduledoc """
Checks abstract code for errors and for what is probably wrong.

The checks themselves are made in Go (gerl_text); this module brings options and results into
the form that programs know, and answers questions about single expressions.
""".

-export([module/1, module/2, module/3, format_error/1, exprs/2, exprs_opt/3, used_vars/2]).
-export([is_guard_test/1, is_guard_test/2, is_guard_test/3, is_guard_expr/1, is_pattern_expr/1]).
-export([bool_option/4, value_option/3, value_option/7, check_format_string/1, check_format_string/2]).

-export_type([error_info/0, error_description/0]).

-type error_description() :: term().
-type error_info() :: {erl_anno:location() | none, module(), error_description()}.
-type found() :: [{file:filename(), [error_info()]}].

-doc "Checks a module's forms.".
-spec module([term()]) -> {ok, found()} | {error, found(), found()}.
module(Forms) -> module(Forms, "nofile", []).

-doc "Checks a module's forms; File is the name until a file attribute tells another.".
-spec module([term()], atom() | file:filename()) -> {ok, found()} | {error, found(), found()}.
module(Forms, File) -> module(Forms, File, []).

-doc "Checks a module's forms with options of the compiler.".
-spec module([term()], atom() | file:filename(), [term()]) -> {ok, found()} | {error, found(), found()}.
module(Forms, File, Options) ->
    _ = [ok || _ <- Forms], % no list is no module
    Settings = [{flags, lists:flatten(Options)}, {enabled, proplists:get_value(features, Options, [])}],
    case packed(known(Forms, Settings, []), File) of
        {ok, []} -> {ok, []};
        _ when not is_list(File), not is_binary(File) -> error(badarg, [Forms, File, Options]);
        Found -> Found
    end.

%% The linter asks for the behaviours that it does not know.
known(Forms, Settings, Behaviours) ->
    case gerl_text:lint(Forms, [{behaviours, Behaviours} | Settings]) of
        {ask, Names} -> known(Forms, Settings, [gerl_behaviour:info(N) || N <- lists:usort(Names)] ++ Behaviours);
        Found -> Found
    end.

packed(Found, File) ->
    Name = fun("") -> File; (F) -> F end,
    Of = fun(Kind) -> [{Name(F), Info} || {K, F, Info} <- Found, K =:= Kind] end,
    Warnings = [{F, lists:sort(Is)} || {F, Is} <- by_file(Of(warning))],
    case by_file(Of(error)) of
        [] -> {ok, Warnings};
        Errors -> {error, Errors, Warnings}
    end.

by_file(Pairs) -> [{F, [I || {G, I} <- Pairs, G =:= F]} || F <- lists:usort([F || {F, _} <- Pairs])].

-doc "The message for an error descriptor.".
-spec format_error(error_description()) -> io_lib:chars().
format_error(Descriptor) ->
    try lists:flatten(erl_lint_text:format(Descriptor))
    catch error:{badarg, _} -> error(function_clause, [Descriptor])
    end.

-doc "Checks expressions; Bindings has the variables that are bound, and records as the shell keeps them.".
-spec exprs([term()], [{term(), term()}]) -> {ok, found()} | {error, found(), found()}.
exprs(Exprs, Bindings) -> exprs_opt(Exprs, Bindings, []).

-doc "Like exprs/2 with options.".
-spec exprs_opt([term()], [{term(), term()}], [term()]) -> {ok, found()} | {error, found(), found()}.
exprs_opt(Exprs, Bindings, Options) ->
    Records = [R || {{record, _, _}, R} <- Bindings],
    Names = [V || {V, _} <- Bindings, is_atom(V)],
    packed(gerl_text:lint_exprs(Exprs, Names, Records, [{flags, Options}]), "nofile").

-doc "The variables that each fun in the expressions uses, with those of the funs inside it.".
-spec used_vars([term()], [{term(), term()}]) -> #{term() => {[atom()], map()}}.
used_vars(Exprs, Bindings) ->
    Bound = ordsets:from_list([V || {V, _} <- Bindings, is_atom(V)]),
    erl_lint_vars:funs(Exprs, Bound).

%%% ---- guards and patterns ------------------------------------------------------------------------

-doc "Whether an expression is a guard test.".
-spec is_guard_test(term()) -> boolean().
is_guard_test(Expr) -> is_guard_test(Expr, []).

-doc "Whether an expression is a guard test, given record definitions.".
-spec is_guard_test(term(), [term()]) -> boolean().
is_guard_test(Expr, Forms) -> is_guard_test(Expr, Forms, fun(_) -> false end).

-doc "Like is_guard_test/2; IsOverridden tells which functions hide the built-in ones of the same name.".
-spec is_guard_test(term(), [term()], fun(({atom(), arity()}) -> boolean())) -> boolean().
is_guard_test({call, Anno, {atom, _, Name}, Args} = Call, Forms, IsOverridden) ->
    Arity = length(Args),
    case erl_internal:old_type_test(Name, Arity) of
        true when Name =/= record ->
            not IsOverridden({list_to_atom("is_" ++ atom_to_list(Name)), 1}) andalso guards(Args, Forms, IsOverridden);
        true -> guard({call, Anno, {atom, Anno, is_record}, Args}, Forms, IsOverridden);
        false -> guard(Call, Forms, IsOverridden)
    end;
is_guard_test(Expr, Forms, IsOverridden) ->
    guard(Expr, Forms, IsOverridden).

-doc "Whether an expression may stand in a guard.".
-spec is_guard_expr(term()) -> boolean().
is_guard_expr(Expr) -> guard(Expr, [], fun(_) -> false end).

guards(Exprs, Forms, Hidden) -> lists:all(fun(E) -> guard(E, Forms, Hidden) end, Exprs).

guard(Expr, Forms, Hidden) ->
    case Expr of
        {Kind, _, _} when Kind =:= var; Kind =:= char; Kind =:= integer; Kind =:= float; Kind =:= atom; Kind =:= string -> true;
        {nil, _} -> true;
        {cons, _, Head, Tail} -> guards([Head, Tail], Forms, Hidden);
        {tuple, _, Elems} -> guards(Elems, Forms, Hidden);
        {map, _, Fields} -> map_fields(Fields, Forms, Hidden);
        {map, _, Map, Fields} -> guard(Map, Forms, Hidden) andalso map_fields(Fields, Forms, Hidden);
        {bin, _, Segments} -> lists:all(fun(S) -> segment(S, Forms, Hidden) end, Segments);
        {record_index, _, _, Field} -> guard(Field, Forms, Hidden);
        {record_field, _, Record, _, Field} -> guards([Record, Field], Forms, Hidden);
        {record, _, Name, Fields} -> record(Name, Fields, Forms, Hidden);
        {op, _, Op, Arg} -> operator(Op, 1) andalso guard(Arg, Forms, Hidden);
        {op, _, 'andalso', Left, Right} -> guards([Left, Right], Forms, Hidden);
        {op, _, 'orelse', Left, Right} -> guards([Left, Right], Forms, Hidden);
        {op, _, Op, Left, Right} -> operator(Op, 2) andalso guards([Left, Right], Forms, Hidden);
        {call, _, {remote, _, {atom, _, erlang}, {atom, _, Name}}, Args} ->
            Arity = length(Args),
            (guard_function(Name, Arity) orelse operator(Name, Arity)) andalso guards(Args, Forms, Hidden);
        {call, _, {atom, _, Name}, Args} ->
            Arity = length(Args),
            guard_function(Name, Arity) andalso not Hidden({Name, Arity}) andalso guards(Args, Forms, Hidden);
        _ -> false
    end.

guard_function(Name, Arity) -> erl_internal:guard_bif(Name, Arity) orelse erl_internal:new_type_test(Name, Arity).

operator(Op, Arity) ->
    erl_internal:arith_op(Op, Arity) orelse erl_internal:bool_op(Op, Arity) orelse erl_internal:comp_op(Op, Arity).

map_fields(Fields, Forms, Hidden) ->
    lists:all(fun({Kind, _, K, V}) when Kind =:= map_field_assoc; Kind =:= map_field_exact -> guards([K, V], Forms, Hidden);
                 (_) -> false
              end, Fields).

segment({bin_element, _, Value, Size, _}, Forms, Hidden) ->
    guard(Value, Forms, Hidden) andalso (Size =:= default orelse guard(Size, Forms, Hidden)).

%% The defaults of the fields that are left out belong to the expression.
record(Name, Given, Forms, Hidden) ->
    case [Fields || {attribute, _, record, {N, Fields}} <- Forms, N =:= Name] of
        [Fields | _] ->
            Named = [F || {record_field, _, {atom, _, F}, _} <- Given],
            Others = [Default || F <- Fields, {record_field, _, {atom, _, N}, Default} <- [untyped(F)],
                                 not lists:member(N, Named)],
            guards([V || {record_field, _, _, V} <- Given] ++ Others, Forms, Hidden);
        [] -> guards([V || {record_field, _, _, V} <- Given], Forms, Hidden)
    end.

untyped({typed_record_field, Field, _}) -> Field;
untyped(Field) -> Field.

-doc "Whether an expression denotes a value that can stand in a pattern.".
-spec is_pattern_expr(term()) -> boolean().
is_pattern_expr(Expr) ->
    constant(Expr) andalso lists:member(element(1, erl_eval:partial_eval(Expr)), [integer, char, float, atom]).

constant({Kind, _, _}) when Kind =:= char; Kind =:= integer; Kind =:= float; Kind =:= atom -> true;
constant({nil, _}) -> true;
constant({tuple, _, Elems}) -> lists:all(fun constant/1, Elems);
constant({cons, _, Head, Tail}) -> constant(Head) andalso constant(Tail);
constant({op, _, Op, Arg}) -> erl_internal:arith_op(Op, 1) andalso constant(Arg);
constant({op, _, Op, Left, Right}) -> erl_internal:arith_op(Op, 2) andalso constant(Left) andalso constant(Right);
constant(_) -> false.

%%% ---- options ------------------------------------------------------------------------------------

-doc "Whether an option is on: the last of On and Off in a list decides.".
-spec bool_option(atom(), atom(), boolean(), [term()]) -> boolean().
bool_option(On, Off, Default, Options) ->
    case [O || O <- Options, O =:= On orelse O =:= Off] of
        [] -> Default;
        Found -> lists:last(Found) =:= On
    end.

-doc "The value of the last {Flag, Value} in a list.".
-spec value_option(atom(), term(), [term()]) -> term().
value_option(Flag, Default, Options) -> lists:last([Default | [V || {F, V} <- Options, F =:= Flag]]).

-doc "Like value_option/3, where two names stand for values.".
-spec value_option(atom(), term(), atom(), term(), atom(), term(), [term()]) -> term().
value_option(Flag, Default, On, OnValue, Off, OffValue, Options) ->
    Meaning = fun(O) when O =:= On -> [OnValue];
                 (O) when O =:= Off -> [OffValue];
                 ({F, V}) when F =:= Flag -> [V];
                 (_) -> []
              end,
    lists:last([Default | lists:flatmap(Meaning, Options)]).

%%% ---- format strings -----------------------------------------------------------------------------

-doc "What arguments a format string of io:format takes, or what is wrong with it.".
-spec check_format_string(string() | atom() | binary()) -> {ok, [atom()]} | {error, string()}.
check_format_string(Format) -> check_format_string(Format, true).

-doc "Like check_format_string/1; without Strict modifiers are not checked.".
-spec check_format_string(string() | atom() | binary(), boolean()) -> {ok, [atom()]} | {error, string()}.
check_format_string(Format, Strict) when is_atom(Format) -> check_format_string(atom_to_list(Format), Strict);
check_format_string(Format, Strict) when is_binary(Format) -> check_format_string(binary_to_list(Format), Strict);
check_format_string(Format, Strict) ->
    try {ok, lists:append(sequences(Format, Strict))}
    catch throw:{bad, What} -> {error, lists:flatten(What)}
    end.

sequences(Format, Strict) ->
    case lists:dropwhile(fun(C) -> C =/= $~ end, Format) of
        [] -> [];
        [_ | Spec] ->
            {Width, After} = field(Spec),
            {Precision, After1} = precision(After),
            {Pad, After2} = padding(After1, Precision),
            {Mods, Order, After3} = modifiers(After2, [], [], Strict),
            case After3 of
                [] -> throw({bad, "truncated"});
                [C | Rest] ->
                    Strict andalso combination(C, Mods),
                    [Width ++ element(2, Precision) ++ Pad ++ Order ++ control(C) | sequences(Rest, Strict)]
            end
    end.

digits(Chars) -> lists:dropwhile(fun(C) -> C >= $0 andalso C =< $9 end, Chars).

field([$-, C | Rest]) when C >= $0, C =< $9 -> {[], digits(Rest)};
field([$-, $* | Rest]) -> {[int], Rest};
field([$* | Rest]) -> {[int], Rest};
field([C | Rest]) when C >= $0, C =< $9 -> {[], digits(Rest)};
field(Rest) -> {[], Rest}.

precision([$., $* | Rest]) -> {{given, [int]}, Rest};
precision([$., C | Rest]) when C >= $0, C =< $9 -> {{given, []}, digits(Rest)};
precision([$. | Rest]) -> {{given, []}, Rest};
precision(Rest) -> {{none, []}, Rest}.

padding(Rest, {none, _}) -> {[], Rest};
padding([$., $* | Rest], _) -> {[int], Rest};
padding([$., _ | Rest], _) -> {[], Rest};
padding(Rest, _) -> {[], Rest}.

modifiers([C | Rest], Mods, Order, Strict) when C =:= $t; C =:= $l; C =:= $k; C =:= $K ->
    case Strict andalso lists:member(C, Mods) of
        true -> throw({bad, ["repeated modifier ", C]});
        false -> modifiers(Rest, [C | Mods], case C of $K -> ['fun' | Order]; _ -> Order end, Strict)
    end;
modifiers(Rest, Mods, Order, _) ->
    {Mods, Order, Rest}.

combination(C, Mods) ->
    Check = fun({Set, Controls}) ->
                    case [M || M <- Set, lists:member(M, Mods)] of
                        [_, _] = Both -> throw({bad, ["conflicting modifiers ~", Both, C]});
                        [M] ->
                            lists:member(C, Controls) orelse throw({bad, ["invalid modifier/control combination ~", M, C]});
                        [] -> ok
                    end
            end,
    lists:foreach(Check, [{"l", "Pp"}, {"lt", "cPpsWw"}, {"Kk", "PpWw"}]).

control(C) when C =:= $~; C =:= $n -> [];
control($i) -> [term];
control($c) -> [int];
control(C) when C =:= $f; C =:= $e; C =:= $g -> [float];
control($s) -> [string];
control(C) when C =:= $w; C =:= $p -> [term];
control(C) when C =:= $W; C =:= $P -> [term, int];
control(C) when C =:= $b; C =:= $B -> [int];
control(C) when C =:= $+; C =:= $# -> [term];
control(C) when C =:= $x; C =:= $X -> [int, string];
control(C) -> throw({bad, ["invalid control ~", C]}).
