-module(gerl_qlc_forms).
-moduledoc "Variables, guards and records in forms, as the transform of queries needs them.".

-export([names/1, free/1, free/2, queries/3, generated/1, positions/1, anonymous/2, records/1, hidden/1, calls/2, is_imported/1]).

-doc "The names of all variables in a form.".
-spec names(term()) -> [atom()].
names(Form) -> lists:usort(collected(Form, [])).

collected({var, _, '_'}, Acc) -> Acc;
collected({var, _, Name}, Acc) when is_atom(Name) -> [Name | Acc];
collected(Tuple, Acc) when is_tuple(Tuple) -> collected(tuple_to_list(Tuple), Acc);
collected([Head | Tail], Acc) -> collected(Tail, collected(Head, Acc));
collected(_, Acc) -> Acc.

-doc "The places where an expression names a variable that is not one of a fun's or a comprehension's own, in order.".
-spec free(term()) -> [term()].
free(Form) -> free(Form, []).

-doc "The same, without some names.".
-spec free(term(), [atom()]) -> [term()].
free({var, _, '_'}, _) -> [];
free({var, _, Name} = Var, Own) -> [Var || not lists:member(Name, Own)];
free({'fun', _, {clauses, Clauses}}, Own) -> lists:append([free_clause(C, Own) || C <- Clauses]);
free({named_fun, _, Name, Clauses}, Own) -> lists:append([free_clause(C, [Name | Own]) || C <- Clauses]);
free({Kind, _, Made, Qualifiers}, Own) when Kind =:= lc; Kind =:= bc -> free_comprehension(Qualifiers, [Made], Own);
free({mc, _, Made, Qualifiers}, Own) -> free_comprehension(Qualifiers, [Made], Own);
free({Type, _, _}, _) when Type =:= atom; Type =:= integer; Type =:= float; Type =:= char; Type =:= string -> [];
free(Tuple, Own) when is_tuple(Tuple) -> free(tuple_to_list(Tuple), Own);
free([Head | Tail], Own) -> free(Head, Own) ++ free(Tail, Own);
free(_, _) -> [].

free_clause({clause, _, Head, Guard, Body}, Own) ->
    Inner = names(Head) ++ Own,
    free(Guard, Inner) ++ free(Body, Inner).

free_comprehension([{Kind, _, Pattern, Source} | Rest], Made, Own) when
    Kind =:= generate; Kind =:= b_generate; Kind =:= m_generate; Kind =:= generate_strict; Kind =:= b_generate_strict;
    Kind =:= m_generate_strict
->
    free(Source, Own) ++ free_comprehension(Rest, Made, names(Pattern) ++ Own);
free_comprehension([Filter | Rest], Made, Own) -> free(Filter, Own) ++ free_comprehension(Rest, Made, Own);
free_comprehension([], Made, Own) -> free(Made, Own).

-doc """
Forms with each call of q/1,2 replaced by what a fun makes of it, the innermost first. The fun gets the call as it
was written, the call with its arguments done, the variables that are bound in front of it, and the accumulator.
""".
-spec queries(fun((term(), term(), #{atom() => []}, Acc) -> {term(), Acc}), Acc, {term(), boolean()}) -> {term(), Acc}.
queries(Fun, Acc, {Forms, Imported}) ->
    {New, {_, Acc1}} = walk(Forms, {#{}, Acc}, {Fun, Imported}),
    {New, Acc1}.

%% The state is {variables that are bound, accumulator}.
walk({call, Anno, Callee, [Query | Options]} = Call, {Bound, _} = State, {Fun, Imported} = How) when length(Options) < 2 ->
    {Callee1, State1} = walk(Callee, State, How),
    case is_query(Callee, Imported) of
        true ->
            {Options1, {Bound1, Acc1}} = walk(Options, State1, How),
            {Query1, {_, Acc2}} = walk(Query, {Bound, Acc1}, How),
            {New, Acc3} = Fun(Call, {call, Anno, Callee, [Query1 | Options1]}, Bound, Acc2),
            {New, {seen(Query, Bound1), Acc3}};
        false ->
            {Args1, State2} = walk([Query | Options], State1, How),
            {{call, Anno, Callee1, Args1}, State2}
    end;
walk({var, _, Name} = Var, {Bound, Acc}, _) -> {Var, {Bound#{Name => []}, Acc}};
walk({clause, _, _, _, _} = Clause, {Bound, Acc}, How) ->
    {New, {Bound1, Acc1}} = children(Clause, {Bound, Acc}, How),
    {New, {Bound1, Acc1}};
walk({function, _, _, _, _} = Function, {_, Acc}, How) -> closed(Function, #{}, Acc, #{}, How);
walk({attribute, _, _, _} = Attribute, State, _) -> {Attribute, State};
walk({'fun', _, {clauses, _}} = F, {Bound, Acc}, How) -> closed(F, Bound, Acc, Bound, How);
walk({named_fun, _, _, _} = F, {Bound, Acc}, How) -> closed(F, Bound, Acc, Bound, How);
walk({Kind, Anno, Made, Qualifiers}, {Bound, Acc}, How) when Kind =:= lc; Kind =:= bc; Kind =:= mc ->
    {Qualifiers1, State1} = walk(Qualifiers, {Bound, Acc}, How),
    {Made1, {_, Acc1}} = walk(Made, State1, How),
    {{Kind, Anno, Made1, Qualifiers1}, {Bound, Acc1}};
walk([{clause, _, _, _, _} | _] = Clauses, {Bound, Acc}, How) ->
    %% What one clause binds is unknown to the next one.
    {New, {Bounds, Acc1}} = lists:mapfoldl(fun(Clause, {Sum, A}) ->
        {C, {B, A1}} = walk(Clause, {Bound, A}, How),
        {C, {maps:merge(Sum, B), A1}}
    end, {Bound, Acc}, Clauses),
    {New, {Bounds, Acc1}};
walk(Tuple, State, How) when is_tuple(Tuple) -> children(Tuple, State, How);
walk([Head | Tail], State, How) ->
    {Head1, State1} = walk(Head, State, How),
    {Tail1, State2} = walk(Tail, State1, How),
    {[Head1 | Tail1], State2};
walk(Other, State, _) -> {Other, State}.

children(Tuple, State, How) ->
    {List, State1} = walk(tuple_to_list(Tuple), State, How),
    {list_to_tuple(List), State1}.

closed(Form, Inner, Acc, Outer, How) ->
    {New, {_, Acc1}} = children(Form, {Inner, Acc}, How),
    {New, {Outer, Acc1}}.

seen({lc, _, _, _}, Bound) -> Bound;
seen(Other, Bound) -> maps:merge(Bound, maps:from_keys(names(Other), [])).

is_query({remote, _, {atom, _, qlc}, {atom, _, q}}, _) -> true;
is_query({atom, _, q}, Imported) -> Imported;
is_query(_, _) -> false.

-doc "Whether a module imports qlc:q/1.".
-spec is_imported([term()]) -> boolean().
is_imported(Forms) -> [] =/= [q || {attribute, _, import, {qlc, Names}} <- Forms, lists:member({q, 1}, Names)].

-doc "A form whose places are marked as generated: nothing warns of it.".
-spec generated(term()) -> term().
generated(Form) -> erl_parse:map_anno(fun(Anno) -> erl_anno:set_generated(true, Anno) end, Form).

-doc "All places in a form.".
-spec positions(term()) -> #{erl_anno:location() => []}.
positions(Form) -> erl_parse:fold_anno(fun(Anno, Acc) -> Acc#{erl_anno:location(Anno) => []} end, #{}, Form).

-doc "A form with `_` for the variables that a larger form names but once.".
-spec anonymous(term(), term()) -> term().
anonymous(Form, Whole) ->
    Names = collected(Whole, []),
    Often = Names -- lists:usort(Names),
    unnamed(Form, [N || N <- Names, not lists:member(N, Often)]).

unnamed({var, Anno, Name} = Var, Once) ->
    case lists:member(Name, Once) of
        true -> {var, Anno, '_'};
        false -> Var
    end;
unnamed(Tuple, Once) when is_tuple(Tuple) -> list_to_tuple(unnamed(tuple_to_list(Tuple), Once));
unnamed([Head | Tail], Once) -> [unnamed(Head, Once) | unnamed(Tail, Once)];
unnamed(Other, _) -> Other.

-doc "The fields of a module's records with their initial values.".
-spec records([term()]) -> #{atom() => [{atom(), term()}]}.
records(Forms) -> #{Name => [field(F) || F <- Fields] || {attribute, _, record, {Name, Fields}} <- Forms}.

field({typed_record_field, Field, _}) -> field(Field);
field({record_field, At, {atom, _, Name}}) -> {Name, {atom, At, undefined}};
field({record_field, _, {atom, _, Name}, Value}) -> {Name, Value}.

-doc "Whether a function of the module, its own or imported, hides a built-in one.".
-spec hidden([term()]) -> fun(({atom(), arity()}) -> boolean()).
hidden(Forms) ->
    Own = [{Name, Arity} || {function, _, Name, Arity, _} <- Forms],
    Imports = lists:append([Names || {attribute, _, import, {_, Names}} <- Forms]),
    Set = maps:from_keys(Own ++ Imports, []),
    fun(Function) -> is_map_key(Function, Set) end.

-doc "Whether an expression calls a function that hides a built-in one.".
-spec calls(term(), fun(({atom(), arity()}) -> boolean())) -> boolean().
calls({call, _, {atom, _, Name}, Args}, Hidden) -> Hidden({Name, length(Args)}) orelse calls(Args, Hidden);
calls(Tuple, Hidden) when is_tuple(Tuple) -> calls(tuple_to_list(Tuple), Hidden);
calls([Head | Tail], Hidden) -> calls(Head, Hidden) orelse calls(Tail, Hidden);
calls(_, _) -> false.
