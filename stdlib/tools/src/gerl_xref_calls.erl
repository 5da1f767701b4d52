-module(gerl_xref_calls).
-moduledoc """
The calls in a function's abstract code.

A call of `apply` or `spawn` is also one of the function that it names; what it does not name is `'$M_EXPR'`, `'$F_EXPR'` or -1. Funs
count as called where they are made.
""".

-export([function/2]).

-doc "All calls in a function: who calls, `{local, To}` or `{external, To}`, and the line.".
-spec function(tuple(), map()) -> [{mfa(), {local | external, {module(), atom(), integer()}}, integer()}].
function({function, _, Name, Arity, Clauses}, #{module := Module} = Env) ->
    From = {Module, Name, Arity},
    [{From, To, Line} || {To, Line} <- calls(Clauses, Env, [])].

%% A walk over the terms of the code with a list of what is still to be seen: depth costs no stack.
calls([], _, Found) -> Found;
calls([Term | Rest], Env, Found) when is_list(Term) -> calls(Term ++ Rest, Env, Found);
calls([{call, Anno, Function, Arguments} | Rest], Env, Found) ->
    {Calls, Inside} = call(Function, Arguments, Env),
    calls(Inside ++ Arguments ++ Rest, Env, [{To, line(Anno)} || To <- Calls] ++ Found);
calls([{'fun', Anno, {function, Name, Arity}} | Rest], Env, Found) ->
    calls(Rest, Env, [{named(Name, Arity, Env), line(Anno)} | Found]);
calls([{'fun', Anno, {function, M, F, A}} | Rest], Env, Found) ->
    To = {external, {module(M), name(F), case A of {integer, _, N} -> N; N when is_integer(N) -> N; _ -> -1 end}},
    calls([T || T <- [M, F, A], is_tuple(T)] ++ Rest, Env, [{To, line(Anno)} | Found]);
calls([Term | Rest], Env, Found) when is_tuple(Term) -> calls([E || E <- tuple_to_list(Term), is_tuple(E) orelse is_list(E)] ++ Rest, Env, Found);
calls([_ | Rest], Env, Found) -> calls(Rest, Env, Found).

line(Anno) -> erl_anno:line(Anno).

call({remote, _, M, F}, Arguments, _) ->
    To = {module(M), name(F), length(Arguments)},
    {[{external, To} | through(To, Arguments)], [M, F]};
call({atom, _, Name}, Arguments, Env) ->
    To = named(Name, length(Arguments), Env),
    {[To | case To of {external, Called} -> through(Called, Arguments); _ -> [] end], []};
call({'fun', _, _} = Fun, _, _) -> {[], [Fun]};
call(Expression, Arguments, _) -> {[{external, {'$M_EXPR', '$F_EXPR', length(Arguments)}}], [Expression]}.

%% A name without a module: a function of the module, an imported one, or a built-in one.
named(Name, Arity, #{module := Module, imports := Imports, defined := Defined}) ->
    case {Defined, Imports} of
        {#{{Name, Arity} := _}, _} -> {local, {Module, Name, Arity}};
        {_, #{{Name, Arity} := From}} -> {external, {From, Name, Arity}};
        _ ->
            case erl_internal:bif(Name, Arity) of
                true -> {external, {erlang, Name, Arity}};
                false -> {local, {Module, Name, Arity}}
            end
    end.

module({atom, _, Name}) -> Name;
module(Name) when is_atom(Name) -> Name;
module(_) -> '$M_EXPR'.

name({atom, _, Name}) -> Name;
name(Name) when is_atom(Name) -> Name;
name(_) -> '$F_EXPR'.

%% The function that a built-in one is told to call.
through({erlang, apply, 2}, [Fun, Arguments]) ->
    case Fun of
        {'fun', _, _} -> [];
        _ -> [{external, {'$M_EXPR', '$F_EXPR', count(Arguments)}}]
    end;
through({erlang, Name, 3}, [M, F, A]) when Name =:= apply; Name =:= spawn; Name =:= spawn_link; Name =:= spawn_monitor; Name =:= hibernate ->
    [{external, {module(M), name(F), count(A)}}];
through({erlang, Name, 4}, [_, M, F, A]) when Name =:= spawn; Name =:= spawn_link; Name =:= spawn_monitor -> [{external, {module(M), name(F), count(A)}}];
through({erlang, Name, 4}, [M, F, A, _]) when Name =:= spawn_opt; Name =:= spawn_request -> [{external, {module(M), name(F), count(A)}}];
through({erlang, spawn_opt, 5}, [_, M, F, A, _]) -> [{external, {module(M), name(F), count(A)}}];
through({erlang, Name, Arity}, [Fun | _]) when Arity =< 2, Name =:= spawn orelse Name =:= spawn_link orelse Name =:= spawn_monitor orelse Name =:= spawn_opt ->
    case Fun of
        {'fun', _, _} -> [];
        _ -> [{external, {'$M_EXPR', '$F_EXPR', 0}}]
    end;
through(_, _) -> [].

%% The length of a list of arguments, -1 if it is not known.
count({nil, _}) -> 0;
count({cons, _, _, Tail}) ->
    case count(Tail) of
        -1 -> -1;
        N -> N + 1
    end;
count(_) -> -1.
