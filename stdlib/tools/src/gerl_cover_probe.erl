-module(gerl_cover_probe).
-moduledoc """
Puts probes into a module's abstract code for `cover`. Internal.

A probe adds one to a counter before an expression that begins a line: in the bodies of functions, funs and clauses of all kinds, and
before the operands of `andalso` and `orelse`. An expression on the line of the one around it gets none.
""".

-export([instrument/2, key/1]).

-export_type([probe/0]).

-type probe() :: {Index :: pos_integer(), {Function :: atom(), arity(), Clause :: pos_integer()}, Line :: pos_integer()}.

%% probes so far, newest first; where: the clause we are in; file: whether we are in the module's own file
-record(s, {key, next = 1, probes = [], where, own = true, main}).

-doc "The persistent term that holds a module's counters.".
-spec key(module()) -> term().
key(Module) -> {cover, Module}.

-doc "Forms with probes, and the probes.".
-spec instrument(module(), [erl_parse:abstract_form()]) -> {[erl_parse:abstract_form()], [probe()]}.
instrument(Module, Forms) ->
    {Out, S} = lists:mapfoldl(fun form/2, #s{key = key(Module)}, Forms),
    {Out, lists:reverse(S#s.probes)}.

%% Functions from included files are left alone.
form({attribute, _, file, {File, _}} = Form, #s{main = undefined} = S) -> {Form, S#s{main = File}};
form({attribute, _, file, {File, _}} = Form, #s{main = Main} = S) -> {Form, S#s{own = File =:= Main}};
form({function, Anno, Name, Arity, Clauses} = Form, #s{own = true} = S0) ->
    case erl_anno:generated(Anno) orelse erl_anno:line(Anno) =:= 0 of
        true -> {Form, S0};
        false ->
            {Out, S} = lists:mapfoldl(fun({N, Clause}, S1) -> clause(Clause, 0, S1#s{where = {Name, Arity, N}}) end,
                                      S0, lists:enumerate(Clauses)),
            {{function, Anno, Name, Arity, Out}, S}
    end;
form(Form, S) -> {Form, S}.

clause({clause, Anno, Head, Guard, Body0}, Line, S0) ->
    {Body, S} = body(Body0, Line, S0),
    {{clause, Anno, Head, Guard, Body}, S}.

clauses(Clauses, Line, S) -> lists:mapfoldl(fun(C, S1) -> clause(C, Line, S1) end, S, Clauses).

%% Line is that of the last probe.
body(Body, Line, S0) ->
    {Out, {_, S}} = lists:mapfoldl(fun(E, {Last, S1}) ->
                                           {Exprs, Now, S2} = probed(E, Last, S1),
                                           {Exprs, {Now, S2}}
                                   end, {Line, S0}, Body),
    {lists:append(Out), S}.

probed(E0, Last, S0) ->
    case line(E0) of
        Line when Line =:= Last; Line =:= 0 ->
            {E, S} = expr(E0, Last, S0),
            {[E], Last, S};
        Line ->
            {Probe, S1} = probe(Line, element(2, E0), S0),
            {E, S} = expr(E0, Line, S1),
            {[Probe, E], Line, S}
    end.

line(E) ->
    Anno = element(2, E),
    case erl_anno:generated(Anno) of
        true -> 0;
        false -> erl_anno:line(Anno)
    end.

probe(Line, At, #s{next = N, key = Key, where = Where, probes = Probes} = S) ->
    Anno = erl_anno:set_generated(true, At),
    Call = fun(M, F, Args) -> {call, Anno, {remote, Anno, {atom, Anno, M}, {atom, Anno, F}}, Args} end,
    Counters = Call(persistent_term, get, [erl_parse:abstract(Key, [{location, erl_anno:line(At)}])]),
    {Call(counters, add, [Counters, {integer, Anno, N}, {integer, Anno, 1}]),
     S#s{next = N + 1, probes = [{N, Where, Line} | Probes]}}.

%% Expressions: what has bodies is taken apart, everything else is walked through.
expr({block, A, Body0}, L, S0) -> with(body(Body0, L, S0), fun(Body) -> {block, A, Body} end);
expr({'if', A, Cs0}, L, S0) -> with(clauses(Cs0, L, S0), fun(Cs) -> {'if', A, Cs} end);
expr({'case', A, E0, Cs0}, L, S0) ->
    {E, S1} = expr(E0, L, S0),
    with(clauses(Cs0, L, S1), fun(Cs) -> {'case', A, E, Cs} end);
expr({'receive', A, Cs0}, L, S0) -> with(clauses(Cs0, L, S0), fun(Cs) -> {'receive', A, Cs} end);
expr({'receive', A, Cs0, T0, After0}, L, S0) ->
    {Cs, S1} = clauses(Cs0, L, S0),
    {T, S2} = expr(T0, L, S1),
    with(body(After0, L, S2), fun(After) -> {'receive', A, Cs, T, After} end);
expr({'try', A, Body0, Of0, Catch0, After0}, L, S0) ->
    {Body, S1} = body(Body0, L, S0),
    {Of, S2} = clauses(Of0, L, S1),
    {Catch, S3} = clauses(Catch0, L, S2),
    with(body(After0, L, S3), fun(After) -> {'try', A, Body, Of, Catch, After} end);
expr({'maybe', A, Body0}, L, S0) -> with(body(Body0, L, S0), fun(Body) -> {'maybe', A, Body} end);
expr({'maybe', A, Body0, {'else', A2, Cs0}}, L, S0) ->
    {Body, S1} = body(Body0, L, S0),
    with(clauses(Cs0, L, S1), fun(Cs) -> {'maybe', A, Body, {'else', A2, Cs}} end);
expr({'fun', A, {clauses, Cs0}}, L, S0) -> with(clauses(Cs0, L, S0), fun(Cs) -> {'fun', A, {clauses, Cs}} end);
expr({named_fun, A, Name, Cs0}, L, S0) -> with(clauses(Cs0, L, S0), fun(Cs) -> {named_fun, A, Name, Cs} end);
expr({lc, A, E0, Qs0}, L, S0) -> comprehension(lc, A, E0, Qs0, L, S0);
expr({bc, A, E0, Qs0}, L, S0) -> comprehension(bc, A, E0, Qs0, L, S0);
expr({mc, A, E0, Qs0}, L, S0) ->
    {Qs, S1} = lists:mapfoldl(fun(Q, S) -> qualifier(Q, L, S) end, S0, Qs0),
    with(inside(E0, L, S1), fun(E) -> {mc, A, E, Qs} end);
expr({op, A, Op, Left0, Right0}, L, S0) when Op =:= 'andalso'; Op =:= 'orelse' ->
    {Left, S1} = operand(Left0, L, S0),
    with(operand(Right0, L, S1), fun(Right) -> {op, A, Op, Left, Right} end);
expr({match, A, P, E0}, L, S0) -> with(expr(E0, L, S0), fun(E) -> {match, A, P, E} end);
expr({bin, _, _} = E, _, S) -> {E, S};
expr(E, L, S) when is_tuple(E), tuple_size(E) > 2 -> inside(E, L, S);
expr(E, _, S) -> {E, S}.

with({Part, S}, Make) -> {Make(Part), S}.

%% All parts of a node that may be expressions.
inside(Node, L, S0) ->
    [Tag, Anno | Parts0] = tuple_to_list(Node),
    {Parts, S} = lists:mapfoldl(fun(P, S1) -> part(P, L, S1) end, S0, Parts0),
    {list_to_tuple([Tag, Anno | Parts]), S}.

part(Parts, L, S) when is_list(Parts) -> lists:mapfoldl(fun(P, S1) -> part(P, L, S1) end, S, Parts);
part(Part, L, S) when is_tuple(Part), tuple_size(Part) > 2 -> expr(Part, L, S);
part(Part, _, S) -> {Part, S}.

comprehension(Kind, A, E0, Qs0, L, S0) ->
    {Qs, S1} = lists:mapfoldl(fun(Q, S) -> qualifier(Q, L, S) end, S0, Qs0),
    with(operand(E0, L, S1), fun(E) -> {Kind, A, E, Qs} end).

qualifier({zip, A, Gs0}, L, S0) -> with(lists:mapfoldl(fun(G, S) -> qualifier(G, L, S) end, S0, Gs0), fun(Gs) -> {zip, A, Gs} end);
qualifier({Kind, A, P, E0}, L, S0) when Kind =:= generate; Kind =:= b_generate; Kind =:= m_generate; Kind =:= generate_strict;
                                        Kind =:= b_generate_strict; Kind =:= m_generate_strict ->
    with(expr(E0, L, S0), fun(E) -> {Kind, A, P, E} end);
%% a filter that is a guard stays one: probes would make it something else
qualifier(Filter, L, S) ->
    case erl_lint:is_guard_test(Filter) of
        true -> {Filter, S};
        false -> operand(Filter, L, S)
    end.

%% An operand on a line of its own becomes a block with a probe.
operand(E0, L, S0) ->
    case probed(E0, L, S0) of
        {[E], _, S} -> {E, S};
        {[Probe, E], _, S} -> {{block, element(2, Probe), [Probe, E]}, S}
    end.
