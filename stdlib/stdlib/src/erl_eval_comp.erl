-module(erl_eval_comp).
-moduledoc false.

%% Comprehensions, for erl_eval: generators of all kinds, strict and zipped ones, and filters.

-export([is_guard_expr/1, comprehend/6, templates/4, map_templates/4]).

templates(Templates, Bs, Env, Acc) when is_list(Templates) ->
    lists:foldl(fun(T, A) -> [erl_eval:value(T, Bs, Env) | A] end, Acc, Templates);
templates(Template, Bs, Env, Acc) ->
    [erl_eval:value(Template, Bs, Env) | Acc].

map_templates(Templates, Bs, Env, Acc) when is_list(Templates) ->
    lists:foldl(fun(T, A) -> map_templates(T, Bs, Env, A) end, Acc, Templates);
map_templates({map_field_assoc, _, K, V}, Bs, Env, Acc) ->
    {[Key, Value], _} = erl_eval:args([K, V], Bs, Env),
    [{Key, Value} | Acc].

%% Folds Emit over all bindings that the qualifiers give.
comprehend([], _, Bs, _, Emit, Acc) ->
    Emit(Bs, Acc);
comprehend([{zip, _, Generators} | Rest], Anno, Bs, Env, Emit, Acc) ->
    Sources = [{Pattern, Strict, source(Kind, erl_eval:value(Expr, Bs, Env), Anno)}
               || G <- Generators, {Kind, Strict, Pattern, Expr} <- [generator(G)]],
    zipped(Sources, Rest, Anno, Bs, Env, Emit, Acc);
comprehend([Qualifier | Rest], Anno, Bs, Env, Emit, Acc) ->
    case generator(Qualifier) of
        {Kind, Strict, Pattern, Expr} ->
            Source = source(Kind, erl_eval:value(Expr, Bs, Env), Anno),
            generate(next(Source, Pattern, Bs, Env), Strict, Pattern, Rest, Anno, Bs, Env, Emit, Acc);
        none ->
            filter(Qualifier, Rest, Anno, Bs, Env, Emit, Acc)
    end.

generator({generate, _, P, E}) -> {list, false, P, E};
generator({generate_strict, _, P, E}) -> {list, true, P, E};
generator({b_generate, _, P, E}) -> {binary, false, P, E};
generator({b_generate_strict, _, P, E}) -> {binary, true, P, E};
generator({m_generate, _, P, E}) -> {map, false, P, E};
generator({m_generate_strict, _, P, E}) -> {map, true, P, E};
generator(_) -> none.

source(list, List, _) -> {list, List, List};
source(binary, Bits, _) when is_bitstring(Bits) -> {binary, Bits, Bits};
source(binary, Other, Anno) -> erl_eval:fail({bad_generator, Other}, Anno);
source(map, Map, _) when is_map(Map) -> {map, maps:next(maps:iterator(Map)), Map};
source(map, Iterator, Anno) ->
    try maps:next(Iterator) of
        Next -> {map, Next, Iterator}
    catch
        _:_ -> erl_eval:fail({bad_generator, Iterator}, Anno)
    end.

%% The next element: {match, Bindings, Source}, {skip, Element, Source} or done.
next({list, [Elem | Rest], _}, Pattern, Bs, Env) ->
    matched(match_new(Pattern, Elem, Bs, Env), Elem, {list, Rest, Rest});
next({list, [], _}, _, _, _) ->
    done;
next({list, Tail, _}, _, _, _) ->
    erl_eval:fail({bad_generator, Tail}, 0);
next({map, none, _}, _, _, _) ->
    done;
next({map, {K, V, Iterator}, M}, {map_field_exact, _, KP, VP}, Bs, Env) ->
    Next = {map, maps:next(Iterator), M},
    Anno = element(2, KP),
    matched(match_new({tuple, Anno, [KP, VP]}, {K, V}, Bs, Env), {K, V}, Next);
next({binary, Bits, Whole}, {bin, _, Segments} = Pattern, Bs, Env) ->
    Shadowed = lists:foldl(fun erl_eval:del_binding/2, Bs, new_vars(Pattern)),
    case erl_eval:match_segments(Segments, Bits, Shadowed, Bs, Env, partial) of
        {match, Bs1, Rest} -> {match, erl_eval:restore(Bs1, Bs), {binary, Rest, Whole}};
        {nomatch, Rest} -> {skip, Bits, {binary, Rest, Whole}};
        nomatch -> {rest, Bits}
    end.

matched({match, Bs}, _, Source) -> {match, Bs, Source};
matched(nomatch, Elem, Source) -> {skip, Elem, Source}.

match_new(Pattern, Value, Bs, Env) ->
    Shadowed = lists:foldl(fun erl_eval:del_binding/2, Bs, new_vars(Pattern)),
    case erl_eval_match:match(Pattern, Value, Shadowed, Bs, Env) of
        {match, Bs1} -> {match, erl_eval:restore(Bs1, Bs)};
        nomatch -> nomatch
    end.

%% Variables of a pattern that it binds; those in sizes of segments are used, not bound.
new_vars({bin, _, Segments}) ->
    lists:append([new_vars(Value) || {bin_element, _, Value, _, _} <- Segments]);
new_vars({map, _, Fields}) ->
    lists:append([new_vars(Value) || {_, _, _, Value} <- Fields]);
new_vars(Pattern) ->
    maps:keys(erl_eval:sets_of_vars(Pattern, #{})).

generate({match, Bs1, Source}, Strict, Pattern, Rest, Anno, Bs, Env, Emit, Acc) ->
    Acc1 = comprehend(Rest, Anno, Bs1, Env, Emit, Acc),
    generate(next(Source, Pattern, Bs, Env), Strict, Pattern, Rest, Anno, Bs, Env, Emit, Acc1);
generate({skip, Elem, _}, true, _, _, Anno, _, _, _, _) ->
    erl_eval:fail({badmatch, Elem}, Anno);
generate({skip, _, Source}, false, Pattern, Rest, Anno, Bs, Env, Emit, Acc) ->
    generate(next(Source, Pattern, Bs, Env), false, Pattern, Rest, Anno, Bs, Env, Emit, Acc);
generate({rest, Bits}, true, _, _, Anno, _, _, _, _) when Bits =/= <<>> ->
    erl_eval:fail({badmatch, Bits}, Anno);
generate({rest, _}, _, _, _, _, _, _, _, Acc) ->
    Acc;
generate(done, _, _, _, _, _, _, _, Acc) ->
    Acc.

zipped(Sources, Rest, Anno, Bs, Env, Emit, Acc) ->
    %% the rests of all generators are told when one is no list
    lists:any(fun({_, _, {Kind, Left, _}}) -> Kind =:= list andalso not is_list(Left) end, Sources)
        andalso erl_eval:fail({bad_generators, list_to_tuple([left(S) || {_, _, S} <- Sources])}, Anno),
    Steps = [{next(S, P, Bs, Env), Strict, P} || {P, Strict, S} <- Sources],
    Done = [ended(Step) || {Step, _, _} <- Steps],
    case {lists:all(fun(D) -> D end, Done), lists:any(fun(D) -> D end, Done)} of
        {true, _} -> Acc;
        {false, true} -> erl_eval:fail({bad_generators, list_to_tuple([left(S) || {_, _, S} <- Sources])}, Anno);
        {false, false} ->
            Next = [{P, Strict, source_of(Step)} || {Step, Strict, P} <- Steps],
            case lists:all(fun({{match, _, _}, _, _}) -> true; (_) -> false end, Steps) of
                true ->
                    Bs1 = lists:foldl(fun({{match, New, _}, _, _}, B) -> erl_eval:restore(New, B) end, Bs, Steps),
                    zipped(Next, Rest, Anno, Bs, Env, Emit, comprehend(Rest, Anno, Bs1, Env, Emit, Acc));
                false ->
                    case [E || {{skip, E, _}, true, _} <- Steps] of
                        [] -> zipped(Next, Rest, Anno, Bs, Env, Emit, Acc);
                        [Elem | _] -> erl_eval:fail({badmatch, Elem}, Anno)
                    end
            end
    end.

ended(done) -> true;
ended({rest, _}) -> true;
ended(_) -> false.

left({list, List, _}) -> List;
left({binary, Bits, _}) -> Bits;
left({map, none, _}) -> #{};
left({map, {K, V, Iterator}, _}) -> maps:from_list([{K, V} | maps:to_list(Iterator)]).

source_of({_, _, Source}) -> Source.

%% Filters that can be guards are guards: where they fail they are false.
filter(Expr, Rest, Anno, Bs, Env, Emit, Acc) ->
    case is_guard_expr(Expr) orelse erl_lint:is_guard_test(Expr) of
        true ->
            case erl_eval:guard_test(Expr, Bs, Env) of
                true -> comprehend(Rest, Anno, Bs, Env, Emit, Acc);
                false -> Acc
            end;
        false ->
            {value, Value, Bs1} = erl_eval:expr(Expr, Bs, Env, [], [], []),
            case Value of
                true -> comprehend(Rest, Anno, Bs1, Env, Emit, Acc);
                false -> Acc;
                Other -> erl_eval:fail({bad_filter, Other}, Anno)
            end
    end.

-doc "Whether an expression may stand in a guard.".
-spec is_guard_expr(term()) -> boolean().
is_guard_expr({Kind, _, _}) when Kind =:= atom; Kind =:= integer; Kind =:= float; Kind =:= char; Kind =:= string;
                                 Kind =:= var; Kind =:= value -> true;
is_guard_expr({nil, _}) -> true;
is_guard_expr({cons, _, H, T}) -> is_guard_expr(H) andalso is_guard_expr(T);
is_guard_expr({tuple, _, Elems}) -> lists:all(fun is_guard_expr/1, Elems);
is_guard_expr({map, _, Fields}) -> lists:all(fun({_, _, K, V}) -> is_guard_expr(K) andalso is_guard_expr(V) end, Fields);
is_guard_expr({map, A, Map, Fields}) -> is_guard_expr(Map) andalso is_guard_expr({map, A, Fields});
is_guard_expr({bin, _, Segments}) -> lists:all(fun({bin_element, _, V, _, _}) -> is_guard_expr(V) end, Segments);
is_guard_expr({op, _, Op, _, _}) when Op =:= '!'; Op =:= '++'; Op =:= '--' -> false;
is_guard_expr({op, _, _, Arg}) -> is_guard_expr(Arg);
is_guard_expr({op, _, _, L, R}) -> is_guard_expr(L) andalso is_guard_expr(R);
is_guard_expr({call, _, {atom, _, Name}, Args}) ->
    erl_internal:guard_bif(Name, length(Args)) andalso lists:all(fun is_guard_expr/1, Args);
is_guard_expr({call, A, {remote, _, {atom, _, erlang}, {atom, _, _} = Name}, Args}) ->
    is_guard_expr({call, A, Name, Args});
is_guard_expr(_) -> false.
