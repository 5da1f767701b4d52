-module(ms_transform).
-moduledoc """
Turns the literal funs in calls of ets:fun2ms/1 and dbg:fun2ms/1 into match specifications.

This module goes through the code of a module (or of the shell) and keeps track of the variables
that are bound where a call stands; ms_transform_spec translates the funs.
""".

-export([parse_transform/2, parse_transform_info/0, transform_from_shell/3, format_error/1]).

%% What is known on the way: variables bound so far, record definitions, records whose fields were
%% put into specifications, warnings (the latest first).
-record(way, {bound = #{}, records = [], used = [], warnings = []}).

-doc "What the compiler should know of this transform.".
-spec parse_transform_info() -> #{error_location => column}.
parse_transform_info() -> #{error_location => column}.

-doc "Transforms the forms of a module.".
-spec parse_transform([term()], term()) -> [term()] | {warning, [term()], [tuple()]} | {error, [tuple()], []}.
parse_transform(Forms, _) ->
    {File, Result} = forms(Forms, "TOP_LEVEL", #way{}, []),
    case Result of
        {problem, Place, Reason} -> {error, [{File, [{Place, ?MODULE, Reason}]}], []};
        {New, #way{warnings = []} = Way} -> silenced(New, Way);
        {New, #way{warnings = Warnings} = Way} ->
            {warning, silenced(New, Way), [{File, [{Place, ?MODULE, Reason}]} || {Place, Reason} <- Warnings]}
    end.

%% Records that only stood in specifications would be called unused.
silenced(Forms, #way{used = []}) -> Forms;
silenced(Forms, #way{used = Used}) ->
    [{attribute, erl_anno:new(0), compile, {nowarn_unused_record, [lists:usort(Used)]}} | Forms].

forms([Form | Forms], File, Way, Done) ->
    case Form of
        {attribute, _, file, {Name, _}} -> forms(Forms, Name, Way, [Form | Done]);
        {attribute, _, record, Definition} -> forms(Forms, File, defined(Definition, Way), [Form | Done]);
        {function, Anno, Name, Arity, Clauses} ->
            try lists:mapfoldl(fun function_clause/2, Way, Clauses) of
                {New, Way1} -> forms(Forms, File, Way1, [{function, Anno, Name, Arity, New} | Done])
            catch
                throw:{?MODULE, Anno1, Reason} -> {File, {problem, place(Anno1), Reason}}
            end;
        _ -> forms(Forms, File, Way, [Form | Done])
    end;
forms([], File, Way, Done) ->
    {File, {lists:reverse(Done), Way}}.

place(unknown) -> none;
place(Anno) -> erl_anno:location(Anno).

defined({Name, Fields}, #way{records = Records} = Way) ->
    Way#way{records = [{Name, [field(F) || F <- Fields]} | Records]}.

field({typed_record_field, Field, _}) -> field(Field);
field({record_field, _, {atom, Anno, Name}}) -> {Name, {atom, Anno, undefined}};
field({record_field, _, {atom, _, Name}, Default}) -> {Name, Default}.

function_clause({clause, Anno, Head, Guard, Body}, Way) ->
    {Head1, Way1} = code(Head, Way#way{bound = #{}}),
    {Body1, Way2} = code(Body, Way1),
    {{clause, Anno, Head1, Guard, Body1}, Way2}.

%% Code is copied; bindings of funs do not get out of them, those of case clauses only if all have them.
code({call, Anno, {remote, _, {atom, _, Module}, {atom, _, fun2ms}}, Args}, Way) when Module =:= ets; Module =:= dbg ->
    case Args of
        [{'fun', FunAnno, {clauses, Clauses}}] -> specification(Module, FunAnno, Clauses, Way);
        _ -> throw({?MODULE, Anno, 1})
    end;
code({match, Anno, Pattern, Value}, Way) ->
    {Value1, Way1} = code(Value, Way),
    {Pattern1, Way2} = code(Pattern, Way1),
    {{match, Anno, Pattern1, Value1}, Way2};
code({var, _, '_'} = Var, Way) -> {Var, Way};
code({var, _, Name} = Var, #way{bound = Bound} = Way) -> {Var, Way#way{bound = Bound#{Name => true}}};
code({'fun', Anno, {clauses, Clauses}}, Way) ->
    {Clauses1, Way1} = code(Clauses, Way),
    {{'fun', Anno, {clauses, Clauses1}}, Way1#way{bound = Way#way.bound}};
code({named_fun, Anno, Name, Clauses}, #way{bound = Bound} = Way) ->
    {Clauses1, Way1} = code(Clauses, Way#way{bound = case Name of '_' -> Bound; _ -> Bound#{Name => true} end}),
    {{named_fun, Anno, Name, Clauses1}, Way1#way{bound = Bound}};
code({'case', Anno, Value, Clauses}, Way) ->
    {Value1, #way{bound = Before} = Way1} = code(Value, Way),
    Each = fun(Clause, {W, Sets}) ->
                   {Clause1, W1} = code(Clause, W#way{bound = Before}),
                   {Clause1, {W1, [W1#way.bound | Sets]}}
           end,
    {Clauses1, {Way2, [First | Others]}} = lists:mapfoldl(Each, {Way1, []}, Clauses),
    {{'case', Anno, Value1, Clauses1}, Way2#way{bound = lists:foldl(fun maps:intersect/2, First, Others)}};
code(Node, Way) when is_tuple(Node) ->
    {Parts, Way1} = code(tuple_to_list(Node), Way),
    {list_to_tuple(Parts), Way1};
code([Node | Nodes], Way) ->
    {Node1, Way1} = code(Node, Way),
    {Nodes1, Way2} = code(Nodes, Way1),
    {[Node1 | Nodes1], Way2};
code(Other, Way) -> {Other, Way}.

specification(Kind, Anno, Clauses, #way{bound = Bound, records = Records} = Way) ->
    {Spec, Used, Clashes} = ms_transform_spec:translate(Kind, Anno, Clauses, Records),
    Warnings = [{erl_anno:location(At), {50, Name}} || {Name, At} <- Clashes, is_map_key(Name, Bound)],
    {Spec, Way#way{used = Used ++ Way#way.used, warnings = lists:reverse(Warnings, Way#way.warnings)}}.

-doc "Translates the clauses of a fun that the shell has, with the values of its variables.".
-spec transform_from_shell(ets | dbg, [term()], [{atom(), term()}]) -> term().
transform_from_shell(Kind, Clauses, Bindings) ->
    try
        {Spec, _, _} = ms_transform_spec:translate(Kind, erl_anno:new(1), Clauses, []),
        value(Spec, maps:from_list(erl_eval:bindings(Bindings)))
    catch
        throw:{?MODULE, Anno, Reason} -> {error, [{"TOP_LEVEL", [{place(Anno), ?MODULE, Reason}]}], []}
    end.

%% The term that a specification denotes.
value({var, Anno, Name}, Values) ->
    case Values of
        #{Name := Value} -> Value;
        _ -> throw({?MODULE, Anno, {6, atom_to_list(Name)}})
    end;
value({Kind, _, Value}, _) when Kind =:= integer; Kind =:= char; Kind =:= float; Kind =:= atom; Kind =:= string -> Value;
value({nil, _}, _) -> [];
value({cons, _, Head, Tail}, Values) -> [value(Head, Values) | value(Tail, Values)];
value({tuple, _, Elems}, Values) -> list_to_tuple([value(E, Values) || E <- Elems]);
value({map, _, Fields}, Values) -> maps:from_list([{value(K, Values), value(V, Values)} || {_, _, K, V} <- Fields]);
value({op, _, '++', {string, _, Text}, Tail}, Values) -> Text ++ value(Tail, Values);
value(Expr, Values) ->
    {value, Value, _} = erl_eval:expr(Expr, Values),
    Value.

%%% ---- messages: numbers name them, those of bodies are 100 above those of guards --------------------

-doc "The message for an error or a warning.".
-spec format_error(term()) -> string().
format_error(Reason) -> lists:flatten(text(Reason)).

text({50, Name}) -> io_lib:format("variable ~p shadowed in ms_transform fun head", [Name]);
text(1) -> "Parameter of ets/dbg:fun2ms/1 is not a literal fun";
text(2) -> "ets:fun2ms requires fun with single variable or tuple parameter";
text(3) -> "dbg:fun2ms requires fun with single variable or list parameter";
text(4) -> "in fun head, only matching (=) on toplevel can be translated into match_spec";
text(5) -> "fun with semicolon (;) in guard cannot be translated into match_spec";
text({6, Name}) -> ["the variable ", Name, " is unbound, cannot translate into match_spec"];
text({7, Record}) -> record("head", Record);
text({8, Record, Field}) -> unknown_field("head", Record, Field);
text({9, Record, Field}) -> field_again("head", Record, Field);
text({10, Atom}) -> io_lib:format("fun head contains atom ~w, which conflics with reserved atoms in match_spec heads", [Atom]);
text({11, Name}) ->
    io_lib:format("fun head contains bit syntax matching of variable ~w, which cannot be translated into match_spec", [Name]);
text(N) when N =:= 16; N =:= 116 ->
    Where = where(N),
    ["fun with ", Where, " matching ('=' in ", Where, ") is illegal as match_spec as well"];
text({N, Name, Arity}) when N =:= 17; N =:= 117 ->
    io_lib:format("fun containing the local function call '~tw/~w' (called in ~s) cannot be translated into match_spec",
                  [Name, Arity, where(N)]);
text({N, What}) when N =:= 18; N =:= 118 ->
    io_lib:format("the language element ~ts (in ~s) cannot be translated into match_spec", [What, where(N)]);
text({N, Record, Field}) when N =:= 19; N =:= 119 -> unknown_field(where(N), Record, Field);
text({N, Record}) when N =:= 20; N =:= 120 -> record(where(N), Record);
text({N, Record, Field}) when N =:= 21; N =:= 121 -> field_again(where(N), Record, Field);
text({N, Module, Name, Arity}) when N =:= 22; N =:= 122 ->
    io_lib:format("fun containing the remote function call '~w:~tw/~w' (called in ~s) cannot be translated into match_spec",
                  [Module, Name, Arity, where(N)]);
text({N, Name}) when N =:= 23; N =:= 123 ->
    io_lib:format("bit syntax construction with variable ~w (in ~s) cannot be translated into match_spec", [Name, where(N)]);
text({24, Op}) -> io_lib:format("the operator ~w is not allowed in guards", [Op]);
text({124, Op}) -> io_lib:format("the operator ~w is not allowed in function bodies", [Op]);
text(Other) -> io_lib:format("Unknown error code ~tw", [Other]).

where(N) when N < 100 -> "guard";
where(_) -> "body".

record(Where, Name) -> io_lib:format("fun ~s contains unknown record type ~tw", [Where, Name]).

unknown_field(Where, Record, Field) ->
    io_lib:format("fun ~s contains reference to unknown field ~tw in record type ~tw", [Where, Field, Record]).

field_again(Where, Record, Field) ->
    io_lib:format("fun ~s contains already defined field ~tw in record type ~tw", [Where, Field, Record]).
