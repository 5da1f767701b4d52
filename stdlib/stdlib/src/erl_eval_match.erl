-module(erl_eval_match).
-moduledoc "Matching of interpreted patterns. Internal.".

-export([match/5, match_list/5, match1/5]).

%% The work that is left is a list of {Pattern, Value}: a pattern is replaced by its parts. Names that are bound already must agree; expressions
%% inside patterns (keys of maps, sizes of segments) see the bindings from before the match too.
-record(m, {bs :: erl_eval:binding_struct(), before :: erl_eval:binding_struct(), env :: term()}).

-type result() :: {match, erl_eval:binding_struct()} | nomatch.

-doc "The bindings that a match of the value makes.".
-spec match(term(), term(), erl_eval:binding_struct(), erl_eval:binding_struct(), term()) -> result().
match(Pattern, Value, Bs, Before, Env) -> work([{Pattern, Value}], #m{bs = Bs, before = Before, env = Env}).

-doc "The same for several patterns and as many values.".
-spec match_list([term()], [term()], erl_eval:binding_struct(), erl_eval:binding_struct(), term()) -> result().
match_list(Patterns, Values, Bs, Before, Env) when length(Patterns) =:= length(Values) ->
    work(lists:zip(Patterns, Values), #m{bs = Bs, before = Before, env = Env});
match_list(_, _, _, _, _) -> nomatch.

-doc "Like match/5, but throws nomatch.".
-spec match1(term(), term(), erl_eval:binding_struct(), erl_eval:binding_struct(), term()) -> {match, erl_eval:binding_struct()}.
match1(Pattern, Value, Bs, Before, Env) ->
    case match(Pattern, Value, Bs, Before, Env) of
        nomatch -> throw(nomatch);
        Matched -> Matched
    end.

work([], M) -> {match, M#m.bs};
work([{Pattern, Value} | Rest], M) ->
    case part(element(1, Pattern), Pattern, Value, M) of
        {parts, Parts} -> work(Parts ++ Rest, M);
        {bound, Bs} -> work(Rest, M#m{bs = Bs});
        true -> work(Rest, M);
        false -> nomatch
    end.

%% What a pattern of a kind asks of a value: true or false, new bindings, or matches of parts.
part(var, {_, _, '_'}, _, _) -> true;
part(var, {_, _, Name}, Value, #m{bs = Bs}) ->
    case erl_eval:binding(Name, Bs) of
        unbound -> {bound, erl_eval:add_binding(Name, Value, Bs)};
        {value, Known} -> Known =:= Value
    end;
part(nil, _, Value, _) -> Value =:= [];
part(Kind, {_, _, Literal}, Value, _) when Kind =:= atom; Kind =:= integer; Kind =:= char; Kind =:= float; Kind =:= string ->
    Literal =:= Value;
part(match, {_, _, Left, Right}, Value, _) -> {parts, [{Left, Value}, {Right, Value}]};
part(cons, {_, _, Head, Tail}, Value, _) ->
    is_list(Value) andalso Value =/= [] andalso {parts, [{Head, hd(Value)}, {Tail, tl(Value)}]};
part(tuple, {_, _, Elements}, Value, _) ->
    is_tuple(Value) andalso tuple_size(Value) =:= length(Elements) andalso {parts, lists:zip(Elements, tuple_to_list(Value))};
part(map, {_, _, Fields}, Value, M) -> is_map(Value) andalso fields(Fields, Value, M, []);
part(bin, {_, _, Segments}, Value, #m{bs = Bs, before = Before, env = Env}) ->
    case is_bitstring(Value) andalso erl_eval:match_segments(Segments, Value, Bs, Before, Env, whole) of
        {match, Bs1, _} -> {bound, Bs1};
        _ -> false
    end;
part(record, {_, _, Name, Fields}, Value, _) -> erl_eval_records:parts(Fields, Name, Value);
part(op, {_, A, '++', Prefix, Rest}, Value, _) -> {parts, [{prefixed(Prefix, A, Rest), Value}]};
part(op, Expr, Value, _) ->
    case erl_eval:partial_eval(Expr) of
        {Kind, _, Literal} when Kind =:= integer; Kind =:= float; Kind =:= char -> Literal =:= Value;
        _ -> erlang:error(illegal_pattern)
    end;
part(_, _, _, _) -> erlang:error(illegal_pattern).

fields([{map_field_exact, _, KeyExpr, Pattern} | Fields], Map, #m{bs = Bs, before = Before, env = Env} = M, Parts) ->
    erl_eval_comp:is_guard_expr(KeyExpr) orelse erlang:error(illegal_guard_expr),
    try erl_eval:value(KeyExpr, erl_eval:restore(Bs, Before), Env) of
        Key when is_map_key(Key, Map) -> fields(Fields, Map, M, [{Pattern, map_get(Key, Map)} | Parts]);
        _ -> false
    catch
        error:{unbound, _} = Reason -> erlang:error(Reason);
        error:_ -> false % as in a guard
    end;
fields([], _, _, Parts) -> {parts, lists:reverse(Parts)}.

%% A literal prefix in front of a pattern, as a list pattern.
prefixed({nil, _}, _, Rest) -> Rest;
prefixed({string, A, Chars}, _, Rest) -> lists:foldr(fun(C, Tail) -> {cons, A, {char, A, C}, Tail} end, Rest, Chars);
prefixed({cons, A, Head, Tail}, B, Rest) -> {cons, A, Head, prefixed(Tail, B, Rest)}.
