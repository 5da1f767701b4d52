-module(erl_eval).
-moduledoc "Evaluates expressions in the abstract format.".

%% Every function that evaluates returns {value, Value, Bindings} or, for the last expression of
%% a body, just the value when asked to (ReturnValue = value).

-export([exprs/2, exprs/3, exprs/4, exprs/5, expr/2, expr/3, expr/4, expr/5, expr/6,
         expr_list/2, expr_list/3, expr_list/4,
         new_bindings/0, new_bindings/1, bindings/1, binding/2, add_binding/3, del_binding/2,
         extended_parse_exprs/1, extended_parse_term/1, is_constant_expr/1, partial_eval/1,
         eval_str/1, match_clause/4, check_command/2, fun_data/1, subst_values_for_vars/2]).
%% Called by the shell and the other modules of the evaluator
-export([value/3, args/3, match_segments/6, guard_test/3, sets_of_vars/2, restore/2, fail/2]).
-export_type([bindings/0, binding_struct/0, local_function_handler/0, non_local_function_handler/0]).

-type bindings() :: [{term(), term()}].
-type binding_struct() :: map() | orddict:orddict().
-type local_function_handler() :: {value, fun()} | {eval, fun()} | none.
-type non_local_function_handler() :: {value, fun()} | none.

-record(env, {local = none :: term(), remote = none :: term()}).

%%% ---- interface -------------------------------------------------------------------------------

-doc "Evaluates a sequence of expressions.".
-spec exprs([term()], binding_struct()) -> {value, term(), binding_struct()}.
exprs(Exprs, Bs) -> checked(Exprs, Bs).

%% Without handlers expressions are looked through before anything is evaluated.
checked(Exprs, Bs) ->
    case check_command(Exprs, Bs) of
        ok -> exprs(Exprs, Bs, none, none, none);
        {error, {Where, _, {unbound_var, _} = Reason}} -> erlang:raise(error, Reason, [{?MODULE, expr, 6, [{location, Where}]} | stack()]);
        {error, {_, _, Reason}} -> erlang:raise(error, Reason, stack())
    end.

-doc "Evaluates a sequence of expressions; local calls go to the handler.".
-spec exprs([term()], binding_struct(), local_function_handler()) -> {value, term(), binding_struct()}.
exprs(Exprs, Bs, Local) -> exprs(Exprs, Bs, Local, none, none).

-doc "Evaluates a sequence of expressions with handlers for local and for remote calls.".
-spec exprs([term()], binding_struct(), local_function_handler(), non_local_function_handler()) ->
          {value, term(), binding_struct()}.
exprs(Exprs, Bs, Local, Remote) -> exprs(Exprs, Bs, Local, Remote, none).

-doc "Like exprs/4; with ReturnValue = value only the value comes back.".
-spec exprs([term()], binding_struct(), local_function_handler(), non_local_function_handler(),
            none | value) -> term().
exprs(Exprs, Bs, Local, Remote, Return) -> exprs(Exprs, Bs, #env{local = Local, remote = Remote}, [], Return, []).

-doc "Evaluates an expression.".
-spec expr(term(), binding_struct()) -> {value, term(), binding_struct()}.
expr(Expr, Bs) -> checked([Expr], Bs).

-doc "Evaluates an expression with a handler for local calls.".
-spec expr(term(), binding_struct(), local_function_handler()) -> {value, term(), binding_struct()}.
expr(Expr, Bs, Local) -> expr(Expr, Bs, Local, none, none).

-doc "Evaluates an expression with handlers for local and for remote calls.".
-spec expr(term(), binding_struct(), local_function_handler(), non_local_function_handler()) ->
          {value, term(), binding_struct()}.
expr(Expr, Bs, Local, Remote) -> expr(Expr, Bs, Local, Remote, none).

-doc "Like expr/4; with ReturnValue = value only the value comes back.".
-spec expr(term(), binding_struct(), local_function_handler(), non_local_function_handler(),
           none | value) -> term().
expr(Expr, Bs, Local, Remote, Return) -> exprs([Expr], Bs, Local, Remote, Return).

-doc "Evaluates expressions with the same bindings and gives their values.".
-spec expr_list([term()], binding_struct()) -> {[term()], binding_struct()}.
expr_list(Exprs, Bs) -> expr_list(Exprs, Bs, none, none).

-doc "Like expr_list/2, with a handler for local calls.".
-spec expr_list([term()], binding_struct(), local_function_handler()) -> {[term()], binding_struct()}.
expr_list(Exprs, Bs, Local) -> expr_list(Exprs, Bs, Local, none).

-doc "Like expr_list/2, with handlers for local and for remote calls.".
-spec expr_list([term()], binding_struct(), local_function_handler(), non_local_function_handler()) ->
          {[term()], binding_struct()}.
expr_list(Exprs, Bs, Local, Remote) -> args(Exprs, Bs, #env{local = Local, remote = Remote}).

%%% ---- bindings ----------------------------------------------------------------------------------

-doc "No bindings.".
-spec new_bindings() -> binding_struct().
new_bindings() -> [].
-doc "No bindings, in the representation of the ones given.".
-spec new_bindings(binding_struct()) -> binding_struct().
new_bindings(Bs) when is_map(Bs) -> #{};
new_bindings(Bs) when is_list(Bs) -> [].
-doc "All names with their values.".
-spec bindings(binding_struct()) -> bindings().
bindings(Bs) when is_map(Bs) -> maps:to_list(Bs);
bindings(Bs) when is_list(Bs) -> Bs.
-doc "The value of a name.".
-spec binding(term(), binding_struct()) -> {value, term()} | unbound.
binding(Name, Bs) when is_map(Bs) ->
    case Bs of
        #{Name := Value} -> {value, Value};
        #{} -> unbound
    end;
binding(Name, Bs) ->
    case orddict:find(Name, Bs) of
        {ok, Value} -> {value, Value};
        error -> unbound
    end.

-doc "Binds a name.".
-spec add_binding(term(), term(), binding_struct()) -> binding_struct().
add_binding(Name, Value, Bs) when is_map(Bs) -> Bs#{Name => Value};
add_binding(Name, Value, Bs) -> orddict:store(Name, Value, Bs).

-doc "Removes a name.".
-spec del_binding(term(), binding_struct()) -> binding_struct().
del_binding(Name, Bs) when is_map(Bs) -> maps:remove(Name, Bs);
del_binding(Name, Bs) -> orddict:erase(Name, Bs).

%%% ---- failures ----------------------------------------------------------------------------------

%% Raises as if the failing expression had been called by the user's code: the evaluator's own
%% frames below stay in the trace and are trimmed by whoever shows it.
%% The value of a template of a comprehension of binaries is no bit string.
no_bits(Value) ->
    Info = #{module => erl_erts_errors, function => format_bs_fail, cause => {1, binary, type, Value}},
    erlang:raise(error, badarg, [{?MODULE, expr, 6, [{error_info, Info}]} | stack()]).

-doc false.
-spec fail(term(), term()) -> no_return().
fail(Reason, _Anno) -> erlang:raise(error, Reason, stack()).

fail(Reason, Function, Arity) -> erlang:raise(error, Reason, [{?MODULE, Function, Arity, [{file, "erl_eval.erl"}, {line, ?LINE}]} | stack()]).

stack() ->
    {current_stacktrace, [_, _ | Stack]} = erlang:process_info(self(), current_stacktrace),
    Stack.

%%% ---- bodies and expressions --------------------------------------------------------------------

%% The names and arities of these functions, and of do_apply, are those that stack traces have in OTP. With value as the fifth argument the
%% result is the value alone, and the last expression is in tail position.
exprs([Expr], Bs, Env, _, value, _) -> tail(Expr, Bs, Env);
exprs([Expr], Bs, Env, _, none, _) -> expr(Expr, Bs, Env, [], [], []);
exprs([Expr | Exprs], Bs, Env, _, Return, _) ->
    {value, _, Bs1} = expr(Expr, Bs, Env, [], [], []),
    exprs(Exprs, Bs1, Env, [], Return, []).

-doc false.
-spec value(term(), binding_struct(), tuple()) -> {term(), binding_struct()}.
value(Expr, Bs, Env) ->
    {value, Value, _} = expr(Expr, Bs, Env, [], [], []),
    Value.

-doc "Like expr/5; the last argument names who asks for bindings of funs and is not used.".
-spec expr(term(), binding_struct(), local_function_handler(), non_local_function_handler(),
           none | value | [], term()) -> term().
expr(Expr, Bs, Local, Remote, Return, _) when not is_record(Local, env) -> exprs([Expr], Bs, Local, Remote, Return);
expr({var, Anno, Name}, Bs, _, [], [], []) ->
    case binding(Name, Bs) of
        {value, Value} -> {value, Value, Bs};
        unbound -> unbound(Name, erl_anno:location(Anno))
    end;
expr({Kind, _, Value}, Bs, _, [], [], []) when Kind =:= integer; Kind =:= atom; Kind =:= float; Kind =:= char;
                                   Kind =:= string ->
    {value, Value, Bs};
expr({nil, _}, Bs, _, [], [], []) ->
    {value, [], Bs};
expr({cons, _, Head, Tail}, Bs, Env, [], [], []) ->
    {[H, T], Bs1} = args([Head, Tail], Bs, Env),
    {value, [H | T], Bs1};
expr({tuple, _, Elems}, Bs, Env, [], [], []) ->
    {Values, Bs1} = args(Elems, Bs, Env),
    {value, list_to_tuple(Values), Bs1};
expr({map, _, Assocs}, Bs, Env, [], [], []) ->
    Made = eval_map(#{}, [{map_field_assoc, A, K, V} || {_, A, K, V} <- Assocs], Bs, Bs, Env),
    lists:keymember(map_field_exact, 1, Assocs) andalso erlang:error(function_clause),
    Made;
expr({map, _, Map, Assocs}, Bs, Env, [], [], []) ->
    {value, Value, Bs1} = expr(Map, Bs, Env, [], [], []),
    case Value of
        #{} -> eval_map(Value, Assocs, Bs, Bs1, Env);
        _ ->
            %% what is put in is computed before anybody looks at the map
            _ = eval_map(#{}, [{map_field_assoc, A, K, V} || {_, A, K, V} <- Assocs], Bs, Bs1, Env),
            {value, maps:put(k, v, Value), Bs1}
    end;
expr({bin, Anno, Segments}, Bs, Env, [], [], []) ->
    eval_bits:expr_grp(Segments, Bs, fun(E, B) -> expr(E, B, Env, [], [], []) end, fun(New, Known) -> merge(New, Known, Bs) end, Anno);
expr({block, _, Exprs}, Bs, Env, [], [], []) ->
    exprs(Exprs, Bs, Env, [], none, []);
expr({match, Anno, Pattern, Expr}, Bs, Env, [], [], []) ->
    {value, Value, Bs1} = expr(Expr, Bs, Env, [], [], []),
    case erl_eval_match:match(Pattern, Value, Bs1, Bs1, Env) of
        {match, Bs2} -> {value, Value, Bs2};
        nomatch -> fail({badmatch, Value}, expr, 6)
    end;
expr({maybe_match, _, Pattern, Expr}, Bs, Env, [], [], []) ->
    {value, Value, Bs1} = expr(Expr, Bs, Env, [], [], []),
    case erl_eval_match:match(Pattern, Value, Bs1, Bs1, Env) of
        {match, Bs2} -> {value, Value, Bs2};
        nomatch -> {failed, Value}
    end;
expr({'maybe', _, Exprs}, Bs, Env, [], [], []) ->
    case maybe_body(Exprs, Bs, Env) of
        {failed, Value} -> {value, Value, Bs};
        {value, Value, _} -> {value, Value, Bs}
    end;
expr({'maybe', Anno, Exprs, {'else', _, Clauses}}, Bs, Env, [], [], []) ->
    case maybe_body(Exprs, Bs, Env) of
        {failed, Value} ->
            clauses(Clauses, [Value], Bs, Env, fun() -> fail({else_clause, Value}, Anno) end);
        {value, Value, _} ->
            {value, Value, Bs}
    end;
expr({'if', Anno, Clauses}, Bs, Env, [], [], []) ->
    clauses(Clauses, [], Bs, Env, fun() -> fail(if_clause, if_clauses, 7) end);
expr({'case', Anno, Expr, Clauses}, Bs, Env, [], [], []) ->
    {value, Value, Bs1} = expr(Expr, Bs, Env, [], [], []),
    clauses(Clauses, [Value], Bs1, Env, fun() -> fail({case_clause, Value}, case_clauses, 8) end);
expr({'try', Anno, Exprs, Of, Catches, After}, Bs, Env, [], [], []) ->
    eval_try(Anno, Exprs, Of, Catches, After, Bs, Env);
expr({'receive', _, Clauses}, Bs, Env, [], [], []) ->
    prim_eval:'receive'(fun(Message) -> try_clauses(Clauses, [Message], Bs, Env) end, infinity,
                        fun({Body, Bs1}) -> exprs(Body, Bs1, Env, [], none, []) end,
                        fun() -> timeout end);
expr({'receive', _, Clauses, Timeout, After}, Bs, Env, [], [], []) ->
    {value, Time, Bs1} = expr(Timeout, Bs, Env, [], [], []),
    IsTime = Time =:= infinity orelse is_integer(Time) andalso Time >= 0,   % it only matters if there is no message
    prim_eval:'receive'(fun(Message) -> try_clauses(Clauses, [Message], Bs1, Env) end, if IsTime -> Time; true -> 0 end,
                        fun({Body, Bs2}) -> exprs(Body, Bs2, Env, [], none, []) end,
                        fun() when IsTime -> exprs(After, Bs1, Env, [], none, []);
                           () -> erlang:raise(error, timeout_value, [{prim_eval, 'receive', 2, []} | stack()])
                        end);
expr({'catch', _, Expr}, Bs, Env, [], [], []) ->
    try
        expr(Expr, Bs, Env, [], [], [])
    catch
        throw:Value -> {value, Value, Bs};
        exit:Reason -> {value, {'EXIT', Reason}, Bs};
        error:Reason:Stack -> {value, {'EXIT', {Reason, Stack}}, Bs}
    end;
expr({'fun', _, {clauses, Clauses}} = Fun, Bs, Env, [], [], []) ->
    {value, make_fun(arity(Clauses), {Clauses, used(Fun, Bs), Env, none}), Bs};
expr({named_fun, _, Name, Clauses} = Fun, Bs, Env, [], [], []) ->
    {value, make_fun(arity(Clauses), {Clauses, used(Fun, Bs), Env, Name}), Bs};
expr({'fun', Anno, {function, Name, Arity}}, Bs, Env, [], [], []) ->
    {value, local_fun(Name, Arity, Anno, Env), Bs};
expr({'fun', _, {function, M, F, A}}, Bs, Env, [], [], []) ->
    {[Mod, Fun, Arity], Bs1} = args([erl_eval_forms:as_expr(M, atom), erl_eval_forms:as_expr(F, atom), erl_eval_forms:as_expr(A, integer)], Bs, Env),
    {value, fun Mod:Fun/Arity, Bs1};
expr({call, _, {remote, _, {record_field, _, {atom, _, ''}, _}, _}, _}, _, _, [], [], []) ->
    erlang:error(undef);
expr({call, Anno, {remote, _, {atom, _, qlc}, {atom, _, q}} = Callee, [{lc, _, _, _} = Query | Options]}, Bs, Env, [], [], []) ->
    case qlc:transform_from_evaluator(Query, Bs) of
        {ok, Fun} -> expr({call, Anno, Callee, [Fun | Options]}, Bs, Env, [], [], []);
        {not_ok, Error} -> {value, Error, Bs}
    end;
expr({call, Anno, {remote, _, Module, Function}, Args}, Bs, Env, [], [], []) ->
    {[M, F | As], Bs1} = args([Module, Function | Args], Bs, Env),
    do_apply(M, F, As, Bs1, Anno, Env, []);
expr({call, Anno, {atom, _, Name}, Args}, Bs, Env, [], [], []) ->
    local_func(Name, Args, Anno, Bs, Env, [], [], []);
expr({call, Anno, Function, Args}, Bs, Env, [], [], []) ->
    {[Fun | As], Bs1} = args([Function | Args], Bs, Env),
    do_apply(none, Fun, As, Bs1, Anno, Env, []);
expr({op, _, 'andalso', Left, Right}, Bs, Env, [], [], []) ->
    {value, Value, Bs1} = expr(Left, Bs, Env, [], [], []),
    case Value of
        true -> {value, value(Right, Bs1, Env), Bs1};
        false -> {value, false, Bs1};
        _ -> fail({badarg, Value}, 0)
    end;
expr({op, _, 'orelse', Left, Right}, Bs, Env, [], [], []) ->
    {value, Value, Bs1} = expr(Left, Bs, Env, [], [], []),
    case Value of
        true -> {value, true, Bs1};
        false -> {value, value(Right, Bs1, Env), Bs1};
        _ -> fail({badarg, Value}, 0)
    end;
expr({op, Anno, Op, Arg}, Bs, Env, [], [], []) ->
    {[Value], Bs1} = args([Arg], Bs, Env),
    do_apply(erlang, Op, [Value], Bs1, Anno, Env, []);
expr({op, Anno, Op, Left, Right}, Bs, Env, [], [], []) ->
    {[L, R], Bs1} = args([Left, Right], Bs, Env),
    do_apply(erlang, Op, [L, R], Bs1, Anno, Env, []);
expr({lc, Anno, Template, Qualifiers}, Bs, Env, [], [], []) ->
    Acc = erl_eval_comp:comprehend(Qualifiers, Anno, Bs, Env, fun(Bs1, A) -> erl_eval_comp:templates(Template, Bs1, Env, A) end, []),
    {value, lists:reverse(Acc), Bs};
expr({bc, Anno, Template, Qualifiers}, Bs, Env, [], [], []) ->
    Acc = erl_eval_comp:comprehend(Qualifiers, Anno, Bs, Env,
                     fun(Bs1, A) ->
                             case value(Template, Bs1, Env) of
                                 Bits when is_bitstring(Bits) -> [Bits | A];
                                 Other -> no_bits(Other)
                             end
                     end, []),
    {value, list_to_bitstring(lists:reverse(Acc)), Bs};
expr({mc, Anno, Template, Qualifiers}, Bs, Env, [], [], []) ->
    Acc = erl_eval_comp:comprehend(Qualifiers, Anno, Bs, Env, fun(Bs1, A) -> erl_eval_comp:map_templates(Template, Bs1, Env, A) end, []),
    {value, maps:from_list(lists:reverse(Acc)), Bs};
expr({record, _, {_, _} = Name, Inits}, Bs, Env, [], [], []) ->
    {Given, Bs1} = given(Inits, Bs, Env),
    {value, erl_eval_records:create(Name, Given), Bs1};
expr({record, _, Name, _}, _, _, [], [], []) -> erlang:error({undef_record, Name});
expr({record, _, Source, Name, _}, _, _, [], [], []) when is_atom(Name), element(1, Source) =/= var -> erlang:error({badarg, Source});
expr({record, _, Source, Name, Updates}, Bs, Env, [], [], []) ->
    {[Value], Bs1} = args([Source], Bs, Env),
    {Given, Bs2} = given(Updates, Bs, Env),
    {value, erl_eval_records:update(Value, Name, Given), merge(Bs2, Bs1, Bs)};
expr({record_field, _, Source, Name, _}, _, _, [], [], []) when is_atom(Name), element(1, Source) =/= var -> erlang:error({badarg, Source});
expr({record_field, _, Source, Name, {atom, _, Field}}, Bs, Env, [], [], []) ->
    {[Value], Bs1} = args([Source], Bs, Env),
    {value, erl_eval_records:field(Value, Name, Field), Bs1};
expr({record_index, _, Name, _}, _, _, [], [], []) -> erlang:error({undef_record, Name});
expr({remote, _, _, _} = Expr, _, _, [], [], []) -> erlang:error({badexpr, ':', Expr});
expr({ssa_check_when, _, _, _, _, _}, Bs, _, [], [], []) -> {value, ok, Bs};
expr({value, _, Value}, Bs, _, [], [], []) -> {value, Value, Bs}.

given(Fields, Bs, Env) ->
    {Values, Bs1} = args([Value || {record_field, _, _, Value} <- Fields], Bs, Env),
    {lists:zip([Name || {record_field, _, {atom, _, Name}, _} <- Fields], Values), Bs1}.

%% Arguments are independent: each sees the bindings before the call, and those that they make are put together.
-doc false.
-spec args([term()], binding_struct(), tuple()) -> {[term()], binding_struct()}.
args(Exprs, Bs, Env) -> args(Exprs, Bs, Bs, Env, []).

args([Expr | Exprs], Acc, Bs, Env, Values) ->
    {value, Value, New} = expr(Expr, Bs, Env, [], [], []),
    args(Exprs, merge(New, Acc, Bs), Bs, Env, [Value | Values]);
args([], Acc, _, _, Values) -> {lists:reverse(Values), Acc}.

merge(New, Acc, _) when New =:= Acc -> Acc;
merge(Bs, Acc, Bs) -> Acc;
merge(New, Acc, _) ->
    lists:foldl(fun({Name, Value}, Bs) ->
                        case binding(Name, Bs) of
                            {value, Value} -> Bs;
                            {value, _} -> fail({badmatch, Value}, 0);
                            unbound -> add_binding(Name, Value, Bs)
                        end
                end, Acc, bindings(New)).

maybe_body([Expr], Bs, Env) -> expr(Expr, Bs, Env, [], [], []);
maybe_body([Expr | Exprs], Bs, Env) ->
    case expr(Expr, Bs, Env, [], [], []) of
        {value, _, Bs1} -> maybe_body(Exprs, Bs1, Env);
        {failed, _} = Failed -> Failed
    end.

eval_map(Map, Assocs, Bs0, Bs, Env) ->
    {Pairs, Bs1} = pairs(Assocs, Bs, Bs0, Env, []),
    try
        {value, lists:foldl(fun({map_field_assoc, K, V}, M) -> M#{K => V};
                               ({map_field_exact, K, V}, M) -> maps:update(K, V, M)
                            end, Map, Pairs), Bs1}
    catch
        error:Reason:Stack -> erlang:raise(error, Reason, [as_in_expr(F) || {_, N, _, _} = F <- Stack, N =/= eval_map])
    end.

%% Programs see the stack traces of OTP, where maps are updated in expr/6.
as_in_expr({?MODULE, '-eval_map/5-fun-0-', 2, Where}) -> {?MODULE, '-expr/6-fun-4-', 2, Where};
as_in_expr(Frame) -> Frame.

pairs([{Kind, _, K, V} | Assocs], Acc, Bs, Env, Pairs) ->
    {[Key, Value], New} = args([K, V], Bs, Env),
    pairs(Assocs, merge(New, Acc, Bs), Bs, Env, [{Kind, Key, Value} | Pairs]);
pairs([], Acc, _, _, Pairs) -> {lists:reverse(Pairs), Acc}.

%%% ---- tail positions ------------------------------------------------------------------------------

%% What stands last in a fun is evaluated to its value alone, and calls there are tail calls: a fun that loops takes no room.
tail({block, _, Exprs}, Bs, Env) -> exprs(Exprs, Bs, Env, [], value, []);
tail({match, _, Pattern, Expr}, Bs, Env) ->
    {value, Value, Bs1} = expr(Expr, Bs, Env, [], [], []),
    case erl_eval_match:match(Pattern, Value, Bs1, Bs1, Env) of
        {match, _} -> Value;
        nomatch -> fail({badmatch, Value}, expr, 6)
    end;
tail({'if', Anno, Clauses}, Bs, Env) -> tail_clauses(Clauses, [], Bs, Env, fun() -> fail(if_clause, if_clauses, 7) end);
tail({'case', Anno, Expr, Clauses}, Bs, Env) ->
    {value, Value, Bs1} = expr(Expr, Bs, Env, [], [], []),
    tail_clauses(Clauses, [Value], Bs1, Env, fun() -> fail({case_clause, Value}, case_clauses, 8) end);
tail({'receive', _, Clauses}, Bs, Env) ->
    prim_eval:'receive'(fun(Message) -> try_clauses(Clauses, [Message], Bs, Env) end, infinity,
                        fun({Body, Bs1}) -> exprs(Body, Bs1, Env, [], value, []) end, fun() -> timeout end);
tail({'receive', _, Clauses, Timeout, After}, Bs, Env) ->
    {value, Time, Bs1} = expr(Timeout, Bs, Env, [], [], []),
    Time =:= infinity orelse is_integer(Time) andalso Time >= 0 orelse erlang:raise(error, timeout_value, [{prim_eval, 'receive', 2, []} | stack()]),
    prim_eval:'receive'(fun(Message) -> try_clauses(Clauses, [Message], Bs1, Env) end, Time,
                        fun({Body, Bs2}) -> exprs(Body, Bs2, Env, [], value, []) end, fun() -> exprs(After, Bs1, Env, [], value, []) end);
tail({call, _, {remote, _, {record_field, _, {atom, _, ''}, _}, _}, _} = Expr, Bs, Env) -> value(Expr, Bs, Env);
tail({call, _, {remote, _, {atom, _, qlc}, {atom, _, q}}, [{lc, _, _, _} | _]} = Expr, Bs, Env) -> value(Expr, Bs, Env);
tail({call, Anno, {remote, _, Module, Function}, Args}, Bs, Env) ->
    {[M, F | As], _} = args([Module, Function | Args], Bs, Env),
    remote_call(M, F, As, Anno, Env);
tail({call, Anno, {atom, _, Name}, Args}, Bs, Env) -> tail_local(Name, Args, Anno, Bs, Env);
tail({call, Anno, Function, Args}, Bs, Env) ->
    {[Fun | As], _} = args([Function | Args], Bs, Env),
    call_fun(Fun, As, Anno, Env);
tail({op, Anno, Op, Arg}, Bs, Env) ->
    {[Value], _} = args([Arg], Bs, Env),
    remote_call(erlang, Op, [Value], Anno, Env);
tail({op, Anno, Op, Left, Right}, Bs, Env) when Op =/= 'andalso', Op =/= 'orelse' ->
    {[L, R], _} = args([Left, Right], Bs, Env),
    remote_call(erlang, Op, [L, R], Anno, Env);
tail(Expr, Bs, Env) -> value(Expr, Bs, Env).

tail_clauses(Clauses, Values, Bs, Env, Failed) ->
    case try_clauses(Clauses, Values, Bs, Env) of
        {Body, Bs1} -> exprs(Body, Bs1, Env, [], value, []);
        nomatch -> Failed()
    end.

tail_local(Name, Args, Anno, Bs, #env{local = Local} = Env) ->
    case {Local, erl_internal:bif(Name, length(Args))} of
        {_, true} ->
            {As, _} = args(Args, Bs, Env),
            remote_call(erlang, Name, As, Anno, Env);
        {{value, Handler}, false} when is_function(Handler, 2) ->
            {As, _} = args(Args, Bs, Env),
            Handler(Name, As);
        _ ->
            {value, Value, _} = local_func(Name, Args, Anno, Bs, Env, [], [], []),
            Value
    end.

%%% ---- calls -------------------------------------------------------------------------------------

local_func(Name, Args, Anno, Bs, #env{local = Local} = Env, _, _, _) ->
    Arity = length(Args),
    case erl_internal:bif(Name, Arity) of
        true when Local =:= none; not is_tuple(Local) ->
            {As, Bs1} = args(Args, Bs, Env),
            do_apply(erlang, Name, As, Bs1, Anno, Env, []);
        IsBif ->
            case Local of
                {value, Handler} when is_function(Handler, 2), not IsBif ->
                    {As, Bs1} = args(Args, Bs, Env),
                    {value, Handler(Name, As), Bs1};
                {value, Handler} when is_function(Handler, 3), not IsBif ->
                    {As, Bs1} = args(Args, Bs, Env),
                    {value, Handler(Anno, Name, As), Bs1};
                {eval, Handler} when is_function(Handler, 3), not IsBif ->
                    case Handler(Name, Args, Bs) of
                        {value, Value, Bs1} -> {value, Value, Bs1}
                    end;
                {eval, Handler} when is_function(Handler, 4), not IsBif ->
                    case Handler(Anno, Name, Args, Bs) of
                        {value, Value, Bs1} -> {value, Value, Bs1}
                    end;
                _ when IsBif ->
                    {As, Bs1} = args(Args, Bs, Env),
                    do_apply(erlang, Name, As, Bs1, Anno, Env, []);
                _ ->
                    {As, _} = args(Args, Bs, Env),
                    erlang:raise(error, undef, [{erl_eval, Name, As, []} | stack()])
            end
    end.

do_apply(none, Fun, As, Bs, Anno, Env, _) ->
    Value = call_fun(Fun, As, Anno, Env),
    {value, Value, Bs};
do_apply(M, F, As, Bs, _, #env{remote = none}, _) ->
    Value = apply(M, F, As),
    {value, Value, Bs};
do_apply(M, F, As, Bs, Anno, Env, _) ->
    Value = remote_call(M, F, As, Anno, Env),
    {value, Value, Bs}.

remote_call(M, F, As, Anno, #env{remote = {value, Handler}}) when is_function(Handler, 2) ->
    _ = Anno,
    Handler({M, F}, As);
remote_call(M, F, As, Anno, #env{remote = {value, Handler}}) when is_function(Handler, 3) ->
    Handler(Anno, {M, F}, As);
remote_call(M, F, As, _, #env{remote = {guarded, Handler}}) -> Handler({M, F}, As);
remote_call(M, F, As, _, _) ->
    apply(M, F, As).

call_fun(Fun, As, Anno, #env{remote = {value, Handler}}) when is_function(Handler, 2) ->
    _ = Anno,
    Handler(Fun, As);
call_fun(Fun, As, Anno, #env{remote = {value, Handler}}) when is_function(Handler, 3) ->
    Handler(Anno, Fun, As);
call_fun(Fun, As, _, #env{remote = {guarded, Handler}}) -> Handler(Fun, As);
call_fun(Fun, As, _, _) when is_function(Fun, length(As)) ->
    apply(Fun, As);
call_fun(Fun, As, Anno, _) when is_function(Fun) ->
    fail({badarity, {Fun, As}}, Anno);
call_fun(Fun, _, Anno, _) ->
    fail({badfun, Fun}, Anno).

local_fun(Name, Arity, _, Env) ->
    case erl_internal:bif(Name, Arity) of
        true -> fun erlang:Name/Arity;
        false ->
            Vars = [{var, 0, list_to_atom("_A" ++ integer_to_list(N))} || N <- lists:seq(1, Arity)],
            Clause = {clause, 0, Vars, [], [{call, 0, {atom, 0, Name}, Vars}]},
            make_fun(Arity, {[Clause], #{}, Env, none})
    end.

%%% ---- funs --------------------------------------------------------------------------------------

arity([{clause, _, Params, _, _} | _]) -> length(Params).

%% Only the variables that occur in the fun are kept with it.
used(Fun, Bs) ->
    Names = sets_of_vars(Fun, #{}),
    case is_map(Bs) of
        true -> maps:with(maps:keys(Names), Bs);
        false -> [B || {Name, _} = B <- Bs, is_map_key(Name, Names)]
    end.

unbound(Name, Where) -> erlang:raise(error, {unbound, Name}, [{?MODULE, expr, 6, [{location, Where}]} | stack()]).

-doc false.
-spec sets_of_vars(term(), #{term() => true}) -> #{term() => true}.
sets_of_vars({var, _, Name}, Acc) -> Acc#{Name => true};
sets_of_vars(Tuple, Acc) when is_tuple(Tuple) -> sets_of_vars(tuple_to_list(Tuple), Acc);
sets_of_vars([Head | Tail], Acc) -> sets_of_vars(Tail, sets_of_vars(Head, Acc));
sets_of_vars(_, Acc) -> Acc.

run_fun({Clauses, Bs, Env, Name} = Data, Args) ->
    Bs1 = case Name of
              none -> Bs;
              '_' -> Bs;
              _ -> add_binding(Name, make_fun(length(Args), Data), Bs)
          end,
    Failed = fun() ->
                     erlang:raise(error, function_clause,
                                  [{erl_eval, '-inside-an-interpreted-fun-', Args, []},
                                   {erl_eval, eval_fun, 8, [{file, "erl_eval.erl"}, {line, ?LINE}]} | stack()])
             end,
    fun_clauses(Clauses, Args, Bs1, Env, Failed).

%% Parameters are new variables: they shadow those of the same name outside.
fun_clauses([{clause, _, Params, Guards, Body} | Clauses], Args, Bs, Env, Failed) ->
    Shadowed = lists:foldl(fun del_binding/2, Bs, maps:keys(sets_of_vars(Params, #{}))),
    case erl_eval_match:match_list(Params, Args, Shadowed, Bs, Env) of
        {match, Bs1} ->
            Bs2 = lists:foldl(fun({N, V}, Acc) -> add_binding(N, V, Acc) end, Bs, bindings(Bs1)),
            case guard(Guards, Bs2, Env) of
                true -> exprs(Body, Bs2, Env, [], value, []);
                false -> fun_clauses(Clauses, Args, Bs, Env, Failed)
            end;
        nomatch ->
            fun_clauses(Clauses, Args, Bs, Env, Failed)
    end;
fun_clauses([], _, _, _, Failed) ->
    Failed().

make_fun(0, D) -> fun() -> run_fun(D, []) end;
make_fun(1, D) -> fun(A) -> run_fun(D, [A]) end;
make_fun(2, D) -> fun(A, B) -> run_fun(D, [A, B]) end;
make_fun(3, D) -> fun(A, B, C) -> run_fun(D, [A, B, C]) end;
make_fun(4, X) -> fun(A, B, C, D) -> run_fun(X, [A, B, C, D]) end;
make_fun(5, X) -> fun(A, B, C, D, E) -> run_fun(X, [A, B, C, D, E]) end;
make_fun(6, X) -> fun(A, B, C, D, E, F) -> run_fun(X, [A, B, C, D, E, F]) end;
make_fun(7, X) -> fun(A, B, C, D, E, F, G) -> run_fun(X, [A, B, C, D, E, F, G]) end;
make_fun(8, X) -> fun(A, B, C, D, E, F, G, H) -> run_fun(X, [A, B, C, D, E, F, G, H]) end;
make_fun(9, X) -> fun(A, B, C, D, E, F, G, H, I) -> run_fun(X, [A, B, C, D, E, F, G, H, I]) end;
make_fun(10, X) -> fun(A, B, C, D, E, F, G, H, I, J) -> run_fun(X, [A, B, C, D, E, F, G, H, I, J]) end;
make_fun(11, X) -> fun(A, B, C, D, E, F, G, H, I, J, K) -> run_fun(X, [A, B, C, D, E, F, G, H, I, J, K]) end;
make_fun(12, X) ->
    fun(A, B, C, D, E, F, G, H, I, J, K, L) -> run_fun(X, [A, B, C, D, E, F, G, H, I, J, K, L]) end;
make_fun(13, X) ->
    fun(A, B, C, D, E, F, G, H, I, J, K, L, M) -> run_fun(X, [A, B, C, D, E, F, G, H, I, J, K, L, M]) end;
make_fun(14, X) ->
    fun(A, B, C, D, E, F, G, H, I, J, K, L, M, N) ->
            run_fun(X, [A, B, C, D, E, F, G, H, I, J, K, L, M, N]) end;
make_fun(15, X) ->
    fun(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O) ->
            run_fun(X, [A, B, C, D, E, F, G, H, I, J, K, L, M, N, O]) end;
make_fun(16, X) ->
    fun(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P) ->
            run_fun(X, [A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P]) end;
make_fun(17, X) ->
    fun(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q) ->
            run_fun(X, [A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q]) end;
make_fun(18, X) ->
    fun(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R) ->
            run_fun(X, [A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R]) end;
make_fun(19, X) ->
    fun(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S) ->
            run_fun(X, [A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S]) end;
make_fun(20, X) ->
    fun(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T) ->
            run_fun(X, [A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T]) end;
make_fun(Arity, _) ->
    erlang:error({argument_limit, Arity}).

-doc "The bindings and clauses of an interpreted fun.".
-spec fun_data(fun()) -> {fun_data, binding_struct(), [term()]} | {named_fun_data, binding_struct(), atom(), [term()]} | false.
fun_data(Fun) when is_function(Fun) ->
    case erlang:fun_info(Fun, module) of
        {module, ?MODULE} ->
            case erlang:fun_info(Fun, env) of
                {env, [{Clauses, Bs, _, none}]} -> {fun_data, Bs, Clauses};
                {env, [{Clauses, Bs, _, Name}]} -> {named_fun_data, Bs, Name, Clauses};
                _ -> false
            end;
        _ -> false
    end;
fun_data(_) ->
    false.

%%% ---- clauses, guards and try -------------------------------------------------------------------

clauses(Clauses, Values, Bs, Env, Failed) ->
    case try_clauses(Clauses, Values, Bs, Env) of
        {Body, Bs1} -> exprs(Body, Bs1, Env, [], none, []);
        nomatch -> Failed()
    end.

try_clauses([{clause, _, Patterns, Guards, Body} | Clauses], Values, Bs, Env) ->
    case erl_eval_match:match_list(Patterns, Values, Bs, Bs, Env) of
        {match, Bs1} ->
            case guard(Guards, Bs1, Env) of
                true -> {Body, Bs1};
                false -> try_clauses(Clauses, Values, Bs, Env)
            end;
        nomatch ->
            try_clauses(Clauses, Values, Bs, Env)
    end;
try_clauses([], _, _, _) ->
    nomatch.

-doc "Finds the clause that matches the values.".
-spec match_clause([term()], [term()], binding_struct(), local_function_handler()) ->
          {[term()], binding_struct()} | nomatch.
match_clause(Clauses, Values, Bs, Local) -> try_clauses(Clauses, Values, Bs, #env{local = Local}).

guard([], _, _) -> true;
guard(Alternatives, Bs, Env) -> any_tests(Alternatives, Bs, Env).

%% No functions of lists: a stack trace is to have frames of the evaluator alone.
any_tests([Tests | Alternatives], Bs, Env) -> all_tests(Tests, Bs, Env) orelse any_tests(Alternatives, Bs, Env);
any_tests([], _, _) -> false.

all_tests([Test | Tests], Bs, Env) -> guard_test(Test, Bs, Env) andalso all_tests(Tests, Bs, Env);
all_tests([], _, _) -> true.

-doc false.
-spec guard_test(term(), binding_struct(), tuple()) -> boolean().
guard_test(Test, Bs, Env) ->
    Expr = erl_eval_forms:guard_expr(Test),
    erl_eval_comp:is_guard_expr(Expr) orelse erl_lint:is_guard_test(Expr) orelse erlang:error(illegal_guard_expr),
    %% The handler of a restricted shell decides on guards as well.
    Remote = case Env of #env{remote = {guarded, _} = Handler} -> Handler; _ -> none end,
    try value(Expr, Bs, Env#env{local = none, remote = Remote}) of
        true -> true;
        _ -> false
    catch
        error:_ -> false
    end.

eval_try(Anno, Exprs, Of, Catches, After, Bs, Env) ->
    try
        try exprs(Exprs, Bs, Env, [], none, []) of
            {value, _, _} = Result when Of =:= [] ->
                Result;
            {value, Value, Bs1} ->
                clauses(Of, [Value], Bs1, Env, fun() -> fail({try_clause, Value}, Anno) end)
        catch
            Class:Reason:Stack when Catches =/= [] ->
                case try_clauses(Catches, [{Class, Reason, Stack}], Bs, Env) of
                    {Body, Bs1} ->
                        exprs(Body, Bs1, Env, [], none, []);
                    nomatch ->
                        erlang:raise(Class, Reason, Stack)
                end
        end
    after
        case After of
            [] -> ok;
            _ -> exprs(After, Bs, Env, [], none, [])
        end
    end.

-doc false.
-spec restore(binding_struct(), binding_struct()) -> binding_struct().
restore(New, Old) -> lists:foldl(fun({N, V}, Acc) -> add_binding(N, V, Acc) end, Old, bindings(New)).

%%% ---- binaries ----------------------------------------------------------------------------------

%% How = whole: all bits must be used. partial: gives the rest, and {nomatch, Rest} when the
%% bits were there but their value did not match.
-doc false.
-spec match_segments([term()], bitstring(), binding_struct(), binding_struct(), tuple(), term()) -> term().
match_segments(Segments, Bits, Bs, BBs, Env, How) ->
    try
        match_segments(Segments, Bits, Bs, BBs, Env)
    of
        {match, Bs1, <<>>} -> {match, Bs1, <<>>};
        {match, Bs1, Rest} when How =:= partial -> {match, Bs1, Rest};
        _ -> nomatch
    catch
        throw:nomatch when How =:= partial -> skip_segments(Segments, Bits, BBs, Env);
        throw:nomatch -> nomatch;
        throw:too_short -> nomatch
    end.

match_segments([{bin_element, Anno, {string, _, Chars}, Size, Types} | Rest], Bits, Bs, BBs, Env) ->
    Elements = [{bin_element, Anno, {integer, Anno, C}, Size, Types} || C <- Chars],
    match_segments(Elements ++ Rest, Bits, Bs, BBs, Env);
match_segments([{bin_element, _, Pattern, Size, Types} | Rest], Bits, Bs, BBs, Env) ->
    Type = erl_eval_bits:segment_type(Types, Pattern),
    {Value, Left} = erl_eval_bits:take_segment(Bits, segment_size(Size, Bs, BBs, Env), Type),
    Wanted = case element(1, Type) =:= float andalso partial_eval(Pattern) of
                 {integer, A, N} when abs(N) < 1 bsl 1024 -> {float, A, float(N)};
                 {integer, _, _} -> throw(nomatch);
                 _ -> Pattern
             end,
    {match, Bs1} = erl_eval_match:match1(Wanted, Value, Bs, BBs, Env),
    match_segments(Rest, Left, Bs1, BBs, Env);
match_segments([], Bits, Bs, _, _) ->
    {match, Bs, Bits}.

%% The bits behind one unsuccessful match of a generator's pattern.
skip_segments(Segments, Bits, BBs, Env) ->
    try
        Rest = lists:foldl(
                 fun({bin_element, _, Pattern, Size, Types}, Left) ->
                         {_, Left1} = erl_eval_bits:take_segment(Left, segment_size(Size, BBs, BBs, Env),
                                                   erl_eval_bits:segment_type(Types, Pattern)),
                         Left1
                 end, Bits, Segments),
        {nomatch, Rest}
    catch
        _:_ -> nomatch
    end.

segment_size(default, _, _, _) -> default;
segment_size({atom, _, all}, _, _, _) -> default;
segment_size(Expr, Bs, BBs, Env) ->
    erl_eval_comp:is_guard_expr(Expr) orelse erlang:error(illegal_bitsize),
    try value(Expr, restore(Bs, BBs), Env) of
        Size when is_integer(Size), Size >= 0 -> Size;
        _ -> throw(nomatch)
    catch
        error:{unbound, _} = Reason -> erlang:error(Reason);
        error:_ -> throw(nomatch)
    end.

%%% ---- expressions as data -----------------------------------------------------------------------

-doc "Whether an expression is a constant, and its value.".
-spec is_constant_expr(term()) -> boolean().
is_constant_expr(Expr) ->
    try
        _ = erl_parse:normalise(Expr),
        true
    catch
        _:_ -> false
    end.

-doc "Replaces expressions of constants by their values.".
-spec partial_eval(term()) -> term().
partial_eval(Expr) -> erl_eval_forms:partial_eval(Expr).

-doc "Evaluates the expressions of a string and gives the last value as text.".
-spec eval_str(string()) -> {ok, string()} | {error, string()}.
eval_str(Text) when is_list(Text) ->
    case erl_scan:string(Text) of
        {ok, Tokens, _} ->
            case erl_parse:parse_exprs(Tokens) of
                {ok, Exprs} ->
                    try exprs(Exprs, new_bindings()) of
                        {value, Value, _} -> {ok, lists:flatten(io_lib:format("~p", [Value]))}
                    catch
                        _:Reason -> {error, lists:flatten(io_lib:format("~p", [Reason]))}
                    end;
                {error, {_, M, Info}} -> {error, lists:flatten(M:format_error(Info))}
            end;
        {error, {_, M, Info}, _} -> {error, lists:flatten(M:format_error(Info))}
    end.

-doc "Checks expressions before the shell evaluates them.".
-spec check_command([term()], binding_struct()) -> ok | {error, term()}.
check_command(Exprs, Bs) ->
    try erl_lint:exprs_opt(Exprs, bindings(Bs), []) of
        {ok, _} -> ok;
        {error, [{_, [Error | _]}], _} -> {error, Error}
    catch
        error:Reason when Reason =:= badarg; element(1, Reason) =:= bad_generator -> erlang:error(function_clause, [Exprs, Bs])
    end.

-doc "Puts values in the place of bound variables.".
-spec subst_values_for_vars(term(), binding_struct()) -> term().
subst_values_for_vars(Expr, Bs) -> erl_eval_forms:subst_values_for_vars(Expr, Bs).

-doc "Parses the tokens of expressions.".
-spec extended_parse_exprs([term()]) -> {ok, [term()]} | {error, term()}.
extended_parse_exprs(Tokens) -> erl_eval_tokens:exprs(Tokens).

-doc "Parses the tokens of a term.".
-spec extended_parse_term([term()]) -> {ok, term()} | {error, term()}.
extended_parse_term(Tokens) -> erl_eval_tokens:term(Tokens).
