-module(erl_eval_match).
-moduledoc "Matching of interpreted patterns. Internal.".

-export([match/5, match_list/5, match1/5]).

%% match(Pattern, Value, Bindings, BindingsBefore, Env): names bound in Bindings must agree; expressions inside
%% patterns (keys of maps, sizes of segments) see BindingsBefore too.
-doc "The bindings that a match of the value makes.".
-spec match(term(), term(), erl_eval:binding_struct(), erl_eval:binding_struct(), term()) -> {match, erl_eval:binding_struct()} | nomatch.
match(Pattern, Value, Bs, BBs, Env) ->
    try
        match1(Pattern, Value, Bs, BBs, Env)
    catch
        throw:nomatch -> nomatch
    end.

-doc "The same for several patterns and as many values.".
-spec match_list([term()], [term()], erl_eval:binding_struct(), erl_eval:binding_struct(), term()) -> {match, erl_eval:binding_struct()} | nomatch.
match_list([Pattern | Patterns], [Value | Values], Bs, BBs, Env) ->
    case match(Pattern, Value, Bs, BBs, Env) of
        {match, Bs1} -> match_list(Patterns, Values, Bs1, BBs, Env);
        nomatch -> nomatch
    end;
match_list([], [], Bs, _, _) ->
    {match, Bs};
match_list(_, _, _, _, _) ->
    nomatch.

-doc "Like match/5, but throws nomatch.".
-spec match1(term(), term(), erl_eval:binding_struct(), erl_eval:binding_struct(), term()) -> {match, erl_eval:binding_struct()}.
match1({Kind, _, Value}, Value, Bs, _, _) when Kind =:= atom; Kind =:= integer; Kind =:= char; Kind =:= float ->
    {match, Bs};
match1({Kind, _, _}, _, _, _, _) when Kind =:= atom; Kind =:= integer; Kind =:= char; Kind =:= float ->
    throw(nomatch);
match1({string, _, Value}, Value, Bs, _, _) -> {match, Bs};
match1({string, _, _}, _, _, _, _) -> throw(nomatch);
match1({nil, _}, [], Bs, _, _) -> {match, Bs};
match1({nil, _}, _, _, _, _) -> throw(nomatch);
match1({var, _, '_'}, _, Bs, _, _) -> {match, Bs};
match1({var, _, Name}, Value, Bs, _, _) ->
    case erl_eval:binding(Name, Bs) of
        {value, Value} -> {match, Bs};
        {value, _} -> throw(nomatch);
        unbound -> {match, erl_eval:add_binding(Name, Value, Bs)}
    end;
match1({match, _, P1, P2}, Value, Bs, BBs, Env) ->
    {match, Bs1} = match1(P1, Value, Bs, BBs, Env),
    match1(P2, Value, Bs1, BBs, Env);
match1({cons, _, H, T}, [Head | Tail], Bs, BBs, Env) ->
    {match, Bs1} = match1(H, Head, Bs, BBs, Env),
    match1(T, Tail, Bs1, BBs, Env);
match1({cons, _, _, _}, _, _, _, _) -> throw(nomatch);
match1({tuple, _, Elems}, Tuple, Bs, BBs, Env) when is_tuple(Tuple), length(Elems) =:= tuple_size(Tuple) ->
    match_all(Elems, tuple_to_list(Tuple), Bs, BBs, Env);
match1({tuple, _, _}, _, _, _, _) -> throw(nomatch);
match1({map, _, Fields}, Map, Bs, BBs, Env) when is_map(Map) ->
    lists:foldl(fun({map_field_exact, _, K, V}, {match, Bs1}) ->
                        Key = erl_eval:value(K, erl_eval:restore(Bs1, BBs), Env),
                        case Map of
                            #{Key := Value} -> match1(V, Value, Bs1, BBs, Env);
                            #{} -> throw(nomatch)
                        end
                end, {match, Bs}, Fields);
match1({map, _, _}, _, _, _, _) -> throw(nomatch);
match1({bin, _, Segments}, Bits, Bs, BBs, Env) when is_bitstring(Bits) ->
    case erl_eval:match_segments(Segments, Bits, Bs, BBs, Env, whole) of
        {match, Bs1, _} -> {match, Bs1};
        _ -> throw(nomatch)
    end;
match1({bin, _, _}, _, _, _, _) -> throw(nomatch);
match1({op, _, '++', {nil, _}, Rest}, Value, Bs, BBs, Env) ->
    match1(Rest, Value, Bs, BBs, Env);
match1({op, _, '++', {cons, A, H, T}, Rest}, Value, Bs, BBs, Env) ->
    match1({cons, A, H, {op, A, '++', T, Rest}}, Value, Bs, BBs, Env);
match1({op, _, '++', {string, A, Chars}, Rest}, Value, Bs, BBs, Env) ->
    match1(lists:foldr(fun(C, Tail) -> {cons, A, {char, A, C}, Tail} end, Rest, Chars), Value, Bs, BBs, Env);
match1({op, _, _, _} = Expr, Value, Bs, BBs, Env) ->
    match_expr(Expr, Value, Bs, BBs, Env);
match1({op, _, _, _, _} = Expr, Value, Bs, BBs, Env) ->
    match_expr(Expr, Value, Bs, BBs, Env);
match1(Other, _, _, _, _) ->
    erlang:error({illegal_pattern, Other}).

match_expr(Expr, Value, Bs, BBs, Env) ->
    case erl_eval:value(Expr, BBs, Env) of
        Value -> {match, Bs};
        _ -> throw(nomatch)
    end.

match_all([P | Ps], [V | Vs], Bs, BBs, Env) ->
    {match, Bs1} = match1(P, V, Bs, BBs, Env),
    match_all(Ps, Vs, Bs1, BBs, Env);
match_all([], [], Bs, _, _) ->
    {match, Bs}.
