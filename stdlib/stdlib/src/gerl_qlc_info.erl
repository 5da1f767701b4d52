-module(gerl_qlc_info).
-moduledoc """
What qlc:info/2 tells of a plan, and the texts of qlc's errors.

First the plan becomes a description (the format `debug`): {qlc, Template, Qualifiers, Options} with qualifiers
{generate, Pattern, Description}, {list, List} and {list, Description, MatchSpec}, {table, What}, {append,
Descriptions}, {sort, Description, Options}, {keysort, Description, Keys, Options}; abstract codes are binaries in it.
Then that becomes an expression, in which inner queries may get names.
""".

-export([about/2, error_text/1]).

-include("gerl_qlc.hrl").

-define(CALL(Name, Args), {call, 1, {remote, 1, {atom, 1, qlc}, {atom, 1, Name}}, Args}).

-doc "The information in a format.".
-spec about(#plan{}, map()) -> string() | term().
about(Plan, #{format := Format, flat := Flat, n_elements := Count, depth := Depth}) ->
    Limits = {Count, Depth},
    case {Format, described(Plan, Limits)} of
        {debug, Description} -> Description;
        {_, Description} ->
            Nested = expression(Description, Limits),
            Expr = case Flat of true -> flat(Nested); false -> Nested end,
            case Format of
                abstract_code -> without_specials(Expr);
                string ->
                    Hook = fun({special, _, Text}, _, _, _) -> Text end,
                    lists:flatten(erl_pp:expr(Expr, 0, Hook))
            end
    end.

%%% ---- descriptions ---------------------------------------------------------------------------------

described(#plan{op = #passed{name = Name, place = Place, plan = Plan, how = How}}, Limits) ->
    Var = term_to_binary({var, erl_anno:new(Place), Name}),
    {qlc, Var, [{generate, Var, described(Plan, Limits)}], options(How)};
described(#plan{op = #loop{code = Code, qualifiers = Qualifiers, join = Joined, how = How}}, Limits) ->
    Texts = Code(),
    Told = [{N, case Kind of
                    {gen, Plan} -> {generate, element(N + 1, Texts), described(Plan, Limits)};
                    fil -> element(N + 1, Texts);
                    _ -> skip
                end} || {N, _, _, Kind} <- Qualifiers],
    With = case Joined of none -> Told; _ -> with_join(Joined, Told, Qualifiers, Texts, How) end,
    {qlc, element(1, Texts), [T || {_, T} <- With, T =/= skip], options(How)};
described(#plan{op = #from_table{table = #table{format_fun = undefined}}}, _) ->
    {table, {'$MOD', '$FUN', []}};
described(#plan{op = #from_table{table = #table{format_fun = Format}, keys = Keys, spec = Spec}}, {Count, Depth}) ->
    Shorten = fun(Term) -> shortened(Term, Depth) end,
    case Keys of
        {Position, Values} ->
            Table = {table, either(Format, {lookup, Position, Values, Count, Shorten}, {lookup, Position, Values})},
            case Spec of
                none -> Table;
                _ -> {list, Table, shortened_all(Spec, Depth)}
            end;
        none when Spec =:= none -> {table, either(Format, {all, Count, Shorten}, all)};
        none -> {table, Format({match_spec, shortened_all(Spec, Depth)})}
    end;
described(#plan{op = #in_turn{plans = Plans}}, Limits) -> {append, [described(P, Limits) || P <- Plans]};
described(#plan{op = #in_order{plan = Plan, sorting = #sorting{keys = Keys, options = Options, tmpdir = Dir}}}, Limits) ->
    Own = case Dir of "" -> Options; _ -> [{tmpdir, Dir} | lists:keydelete(tmpdir, 1, Options)] end,
    case Keys of
        none -> {sort, described(Plan, Limits), Own};
        _ -> {keysort, described(Plan, Limits), Keys, Own}
    end;
described(#plan{op = #from_list{list = List, spec = none}}, _) -> {list, List};
described(#plan{op = #from_list{list = List, spec = Spec}}, _) -> {list, {list, List}, Spec};
described(#plan{op = #from_plan{plan = Plan, spec = Spec}}, Limits) -> {list, described(Plan, Limits), Spec}.

%% Format funs of old tables know shorter arguments only.
either(Format, Long, Short) ->
    try
        Format(Long)
    catch
        _:_ -> Format(Short)
    end.

options(#how{unique = Unique, cache = Cache, join = Join}) ->
    [{cache, case Cache of true -> ets; _ -> Cache end} || Cache =/= false]
        ++ [{unique, true} || Unique] ++ [{join, Join} || Join =:= nested_loop].

%% The join is a query of its own in the place of its first generator: two generators and the equation.
with_join(#joined{kind = Kind, first = Outer, column_first = C1, second = Inner, column_second = C2}, Told, Qualifiers, Texts, How) ->
    {First, Second} = {min(Outer, Inner), max(Outer, Inner)},
    [{JoinNumber, Constants}] = [{N, Cs} || {N, _, _, #join{first = F, second = S, constants = Cs}} <- Qualifiers, {F, S} =:= {First, Second}],
    {Consts1, Consts2} =
        case Constants() of
            {Cs1, Cs2, v1} -> {Cs1, Cs2};
            {Cs1, Cs2, _} -> {exactly(Cs1), exactly(Cs2)}
        end,
    {Name1, Name2} = {{var, 0, 'G1'}, {var, 0, 'G2'}},
    Of = fun(N) -> proplists:get_value(N, Told) end,
    Traversed = fun(N, Name, Consts) -> chosen(Of(N), element(N + 1, Texts), Name, Consts) end,
    LookedUp = fun(N, Name) -> setelement(2, Of(N), term_to_binary(Name)) end,
    {Option, Op, Generators} =
        case Kind of
            {merge, _} -> {merge, '==', [Traversed(First, Name1, Consts1), Traversed(Second, Name2, Consts2)]};
            {lookup, Equality, _} when Outer =:= First ->
                {lookup, Equality, [Traversed(First, Name1, Consts1), LookedUp(Second, Name2)]};
            {lookup, Equality, _} ->
                {lookup, Equality, [Traversed(Second, Name2, Consts2), LookedUp(First, Name1)]}
        end,
    {Column1, Column2} = if Outer =:= First -> {C1, C2}; true -> {C2, C1} end,
    Equation = {op, 0, Op, element_call(Column1, Name1), element_call(Column2, Name2)},
    Query = {qlc, term_to_binary({cons, 0, Name1, Name2}), Generators ++ [term_to_binary(Equation)],
             [{join, Option} | options(How#how{join = any})]},
    [case N of
         First -> {N, {generate, element(JoinNumber + 1, Texts), Query}};
         _ -> {N, T}
     end || {N, T} <- Told, N =/= Second].

exactly(Constants) -> [{Column, [{V, '=:='} || V <- Values]} || {Column, Values} <- Constants].

element_call(Column, Of) -> {call, 0, {atom, 0, element}, [{integer, 0, Column}, Of]}.

%% A generator of a join with its pattern and constants as a query in front.
chosen({generate, _, Description}, Text, Name, Constants) ->
    case {binary_to_term(Text), Constants} of
        {{var, _, _}, []} -> {generate, term_to_binary(Name), Description};
        {Pattern, _} ->
            {Var, Alias} = case Pattern of
                {var, _, _} -> {Pattern, Pattern};
                _ ->
                    Fresh = {var, 0, fresh("P", 0, gerl_qlc_forms:names(Pattern))},
                    {Fresh, {match, 0, Fresh, Pattern}}
            end,
            Tests = [term_to_binary(either_of([{op, 0, Op, abstract(V), element_call(Column, Var)} || {V, Op} <- Values]))
                     || {Column, Values} <- Constants],
            {generate, term_to_binary(Name), {qlc, term_to_binary(Var), [{generate, term_to_binary(Alias), Description} | Tests], []}}
    end.

either_of([Test]) -> Test;
either_of([Test | Tests]) -> {op, 0, 'or', Test, either_of(Tests)}.

fresh(Prefix, N, Names) ->
    Name = list_to_atom(Prefix ++ integer_to_list(N)),
    case lists:member(Name, Names) of
        true -> fresh(Prefix, N + 1, Names);
        false -> Name
    end.

%%% ---- shortened terms ------------------------------------------------------------------------------

shortened_all(List, Depth) -> [shortened(E, Depth) || E <- List].

shortened(Term, infinity) -> Term;
shortened([], _) -> [];
shortened(_, 0) -> '...';
shortened(Tuple, Depth) when is_tuple(Tuple) -> list_to_tuple(shortened_elements(tuple_to_list(Tuple), Depth - 1));
shortened([_ | _], 1) -> ['...'];
shortened([_ | _] = List, Depth) -> shortened_list(List, Depth - 1);
shortened(Binary, Depth) when is_binary(Binary), byte_size(Binary) > Depth - 1 -> <<(binary:part(Binary, 0, Depth - 1))/binary, "...">>;
shortened(Term, _) -> Term.

shortened_elements([], _) -> [];
shortened_elements(_, 0) -> ['...'];
shortened_elements([E | Es], Depth) -> [shortened(E, Depth) | shortened_elements(Es, Depth - 1)].

shortened_list([E | Es], Depth) when Depth > 0 -> [shortened(E, Depth) | shortened_list(Es, Depth - 1)];
shortened_list([], _) -> [];
shortened_list(_, _) -> '...'.

%%% ---- expressions ----------------------------------------------------------------------------------

expression({qlc, Template, Qualifiers, Options}, Limits) ->
    Parts = [case Q of
                 {generate, Pattern, Description} -> {generate, 1, binary_to_term(Pattern), expression(Description, Limits)};
                 Filter -> binary_to_term(Filter)
             end || Q <- Qualifiers],
    ?CALL(q, [{lc, 1, binary_to_term(Template), Parts} | [abstract(Options) || Options =/= []]]);
expression({table, {Module, Name, Args}}, _) when is_atom(Module), is_atom(Name), is_list(Args) ->
    {call, 1, {remote, 1, {atom, 1, Module}, {atom, 1, Name}}, [abstract(A) || A <- Args]};
expression({table, What}, _) ->
    case io_lib:deep_char_list(What) of
        true ->
            {ok, Tokens, _} = erl_scan:string(lists:flatten([What, "."]), 1, [text]),
            {ok, [Expr]} = erl_eval:extended_parse_exprs(Tokens),
            values(Expr);
        false -> What
    end;
expression({append, Descriptions}, Limits) ->
    ?CALL(append, [lists:foldr(fun(D, Tail) -> {cons, 1, expression(D, Limits), Tail} end, {nil, 1}, Descriptions)]);
expression({sort, Description, Options}, Limits) ->
    ?CALL(sort, [expression(Description, Limits), abstract(Options)]);
expression({keysort, Description, Keys, Options}, Limits) ->
    ?CALL(keysort, [abstract(Keys), expression(Description, Limits), abstract(Options)]);
expression({list, Description, Spec}, {_, Depth} = Limits) ->
    Compiled = {call, 1, {remote, 1, {atom, 1, ets}, {atom, 1, match_spec_compile}}, [abstract(shortened_all(Spec, Depth))]},
    {call, 1, {remote, 1, {atom, 1, ets}, {atom, 1, match_spec_run}}, [expression(Description, Limits), Compiled]};
expression({list, List}, {Count, Depth}) when Count =:= infinity; Count >= length(List) ->
    abstract(shortened_all(List, Depth));
expression({list, List}, {Count, Depth}) ->
    abstract(shortened_all(lists:sublist(List, Count), Depth) ++ '...').

%% Terms that have no syntax, such as pids, are values of tokens.
values({value, _, Term}) -> abstract(Term);
values(Tuple) when is_tuple(Tuple) -> list_to_tuple(values(tuple_to_list(Tuple)));
values([Head | Tail]) -> [values(Head) | values(Tail)];
values(Other) -> Other.

%% The code of a term; pids, ports and references become {special, Anno, Text}.
abstract(Term) when is_tuple(Term) -> {tuple, 1, [abstract(E) || E <- tuple_to_list(Term)]};
abstract([Head | Tail] = List) ->
    case io_lib:char_list(List) of
        true -> erl_parse:abstract(List, 1);
        false -> {cons, 1, abstract(Head), abstract(Tail)}
    end;
abstract(Fun) when is_function(Fun) ->
    case erl_eval:fun_data(Fun) of
        {fun_data, _, Clauses} -> {'fun', 1, {clauses, Clauses}};
        {named_fun_data, _, Name, Clauses} -> {named_fun, 1, Name, Clauses};
        false ->
            {_, Name} = erlang:fun_info(Fun, name),
            {_, Arity} = erlang:fun_info(Fun, arity),
            case erlang:fun_info(Fun, type) of
                {type, external} ->
                    {_, Module} = erlang:fun_info(Fun, module),
                    {'fun', 1, {function, {atom, 1, Module}, {atom, 1, Name}, {integer, 1, Arity}}};
                {type, local} ->
                    {'fun', 1, {function, Name, Arity}}
            end
    end;
abstract(Term) when is_pid(Term); is_port(Term); is_reference(Term) -> {special, 1, lists:flatten(io_lib:write(Term))};
abstract(Map) when is_map(Map) -> {map, 1, [{map_field_assoc, 1, abstract(K), abstract(V)} || K := V <- Map]};
abstract(Term) -> erl_parse:abstract(Term, 1).

without_specials({special, Anno, Text}) -> {string, Anno, Text};
without_specials(Tuple) when is_tuple(Tuple) -> list_to_tuple(without_specials(tuple_to_list(Tuple)));
without_specials([Head | Tail]) -> [without_specials(Head) | without_specials(Tail)];
without_specials(Other) -> Other.

%%% ---- names for inner queries ----------------------------------------------------------------------

%% begin V1 = qlc:q(...), V2 = qlc:q(... V1 ...), Expression end
flat(Expr) ->
    {Named, {Made, _}} = named(Expr, {[], {1, gerl_qlc_forms:names(Expr)}}),
    case {Made, Named} of
        {[], _} -> Named;
        {[{match, _, Named, Query}], _} -> Query;
        {[{match, _, Named, Query} | Others], _} -> {block, 0, lists:reverse(Others, [Query])};
        _ -> {block, 0, lists:reverse(Made, [Named])}
    end.

named(?CALL(q, [{lc, At, Template, Qualifiers} | Options]), State0) ->
    {Parts, {Made, {N, Names}}} = lists:mapfoldl(fun
        ({generate, G, Pattern, Source}, State) ->
            {Source1, State1} = named(Source, State),
            {{generate, G, Pattern, Source1}, State1};
        (Filter, State) -> {Filter, State}
    end, State0, Qualifiers),
    Name = fresh("V", N, Names),
    Var = {var, 1, Name},
    "V" ++ Digits = atom_to_list(Name),
    Query = ?CALL(q, [{lc, At, Template, Parts} | Options]),
    {Var, {[{match, 1, Var, Query} | Made], {list_to_integer(Digits) + 1, Names}}};
named(Tuple, State) when is_tuple(Tuple) ->
    {List, State1} = named(tuple_to_list(Tuple), State),
    {list_to_tuple(List), State1};
named([Head | Tail], State) ->
    {Head1, State1} = named(Head, State),
    {Tail1, State2} = named(Tail, State1),
    {[Head1 | Tail1], State2};
named(Other, State) -> {Other, State}.

%%% ---- errors ---------------------------------------------------------------------------------------

-doc "The sentence for an error.".
-spec error_text(term()) -> io_lib:chars().
error_text(not_a_query_list_comprehension) -> "argument is not a query list comprehension";
error_text({used_generator_variable, Name}) -> io_lib:format("generated variable ~tw must not be used in list expression", [Name]);
error_text(binary_generator) -> "cannot handle binary generators";
error_text(unsupported_generator) -> "a query's generators must be of the form Pattern <- Source";
error_text(too_complex_join) -> "cannot handle join of three or more generators efficiently";
error_text(too_many_joins) -> "cannot handle more than one join efficiently";
error_text(nomatch_pattern) -> "pattern cannot possibly match";
error_text(nomatch_filter) -> "filter evaluates to 'false'";
error_text({bad_object, File}) -> io_lib:format("the temporary file \"~ts\" holding answers is corrupt", [File]);
error_text(bad_object) -> "the keys could not be extracted from some term";
error_text({file_error, File, Why}) -> io_lib:format("\"~ts\": ~tp~n", [File, file:format_error(Why)]);
error_text({premature_eof, File}) -> io_lib:format("\"~ts\": end-of-file was encountered inside some binary term", [File]);
error_text({tmpdir_usage, Why}) -> io_lib:format("temporary file was needed for ~w~n", [Why]);
error_text({error, Module, Why}) -> Module:format_error(Why);
error_text({{Line, Column}, Module, Why}) when is_integer(Line), is_atom(Module) ->
    io_lib:format("~w:~w: ~ts~n", [Line, Column, Module:format_error(Why)]);
error_text({Line, Module, Why}) when is_integer(Line), is_atom(Module) ->
    io_lib:format("~w: ~ts~n", [Line, Module:format_error(Why)]);
error_text(Why) -> io_lib:format("~tp~n", [Why]).
