-module(erl_expand_records).
-moduledoc """
Replaces records in abstract code by the tuples that they are.

Calls of imported functions and of built-in functions get their module on the way, as the compiler's
later passes expect it. Native records are left alone.
""".

-export([module/2]).

%% What is known of a module, and the number of the next variable.
-record(state, {records = #{}, imports = #{}, own = #{}, hidden = none, strict = true, next = 0}).

%% Where a node stands.
-type mode() :: expr | guard | pattern.

-doc "The forms of a module without record expressions.".
-spec module([term()], [term()]) -> [term()].
module(Forms, Options0) ->
    Options = lists:flatten([C || {attribute, _, compile, C} <- Forms]) ++ Options0,
    State = #state{records = maps:from_list([{N, [field(F) || F <- Fs]} || {attribute, _, record, {N, Fs}} <- Forms]),
                   imports = maps:from_list([{FA, M} || {attribute, _, import, {M, FAs}} <- Forms, FA <- FAs]),
                   own = maps:from_list([{{F, A}, true} || {function, _, F, A, _} <- Forms]),
                   hidden = case lists:member(no_auto_import, Options) of
                                true -> all;
                                false -> lists:append([FAs || {no_auto_import, FAs} <- Options])
                            end,
                   strict = last([O || O <- Options0, O =:= strict_record_tests orelse O =:= no_strict_record_tests])
                       =/= no_strict_record_tests},
    [form(F, State) || F <- Forms].

last([]) -> none;
last(Options) -> lists:last(Options).

field({typed_record_field, Field, _}) -> field(Field);
field({record_field, _, {atom, Anno, Name}}) -> {Name, {atom, Anno, undefined}};
field({record_field, _, {atom, _, Name}, Default}) -> {Name, Default}.

form({function, Anno, Name, Arity, Clauses}, State) ->
    {New, _} = node(Clauses, expr, State),
    {function, Anno, Name, Arity, New};
form(Form, _) -> Form.

-spec node(term(), mode(), #state{}) -> {term(), #state{}}.
node({clause, Anno, Head, Guards, Body}, _, S0) ->
    {Head1, S1} = node(Head, pattern, S0),
    {Guards1, S2} = lists:mapfoldl(fun guard/2, S1, Guards),
    {Body1, S3} = node(Body, expr, S2),
    {{clause, Anno, Head1, Guards1, Body1}, S3};
node({Kind, Anno, Pattern, Value}, Mode, S0) when Kind =:= match, Mode =/= guard; Kind =:= maybe_match; Kind =:= generate;
                                                  Kind =:= b_generate; Kind =:= m_generate; Kind =:= generate_strict;
                                                  Kind =:= b_generate_strict; Kind =:= m_generate_strict ->
    {Value1, S1} = node(Value, Mode, S0),
    {Pattern1, S2} = node(Pattern, pattern, S1),
    {{Kind, Anno, Pattern1, Value1}, S2};
node({Kind, Anno, Template, Qualifiers}, _, S0) when Kind =:= lc; Kind =:= bc; Kind =:= mc ->
    {Qualifiers1, S1} = lists:mapfoldl(fun qualifier/2, S0, Qualifiers),
    {Template1, S2} = node(Template, expr, S1),
    {{Kind, Anno, Template1, Qualifiers1}, S2};
node({record_index, Anno, Name, {atom, _, Field}}, _, #state{records = Records} = S) when is_map_key(Name, Records) ->
    {{integer, Anno, position(Field, fields(Name, S))}, S};
node({record, Anno, Name, Given}, Mode, #state{records = Records} = S0) when is_atom(Name), is_map_key(Name, Records) ->
    {Values, S1} = values(Given, Mode, S0),
    Rest = maps:get('_', Values, none),
    {Elems, S2} = lists:mapfoldl(fun({F, Default}, S) -> element_of(F, Default, Values, Rest, Anno, Mode, S) end, S1, fields(Name, S1)),
    {{tuple, Anno, [{atom, Anno, Name} | Elems]}, S2};
node({record, Anno, Record, Name, Updates}, _, #state{records = Records} = S0) when is_atom(Name), is_map_key(Name, Records) ->
    {Record1, S1} = node(Record, expr, S0),
    {Values, S2} = values(Updates, expr, S1),
    updated(Anno, Record1, Name, Values, S2);
node({record_field, Anno, Record, Name, {atom, _, Field}}, Mode, #state{records = Records} = S0)
  when is_atom(Name), is_map_key(Name, Records) ->
    {Record1, S1} = node(Record, Mode, S0),
    Position = position(Field, fields(Name, S1)),
    case Mode of
        expr when S1#state.strict -> taken(Anno, Record1, Name, Position, S1);
        _ -> {erlang(Anno, element, [{integer, Anno, Position}, Record1]), S1}
    end;
node({call, Anno, {atom, _, record_info}, [{atom, _, What}, {atom, _, Name}]}, _, #state{records = Records} = S)
  when is_map_key(Name, Records) ->
    Names = [F || {F, _} <- fields(Name, S)],
    {case What of
         fields -> lists:foldr(fun(F, Tail) -> {cons, Anno, {atom, Anno, F}, Tail} end, {nil, Anno}, Names);
         size -> {integer, Anno, length(Names) + 1}
     end, S};
node({call, Anno, {atom, _, is_record}, [Value, {atom, _, Name}]} = Call, Mode, #state{own = Own} = S) ->
    case is_map_key({is_record, 2}, Own) of
        true -> call(Call, Mode, S);
        false -> is_record(Anno, Value, Name, Call, Mode, S)
    end;
node({call, Anno, {remote, _, {atom, _, erlang}, {atom, _, is_record}}, [Value, {atom, _, Name}]} = Call, Mode, S) ->
    is_record(Anno, Value, Name, Call, Mode, S);
node({call, _, {atom, _, _}, _} = Call, Mode, S) -> call(Call, Mode, S);
node({'fun', Anno, {function, Name, Arity}} = Fun, _, #state{imports = Imports} = S) ->
    case Imports of
        #{{Name, Arity} := Module} -> {remote_fun(Anno, Module, Name, Arity), S};
        _ ->
            case is_bif(Name, Arity, S) of
                true -> {remote_fun(Anno, erlang, Name, Arity), S};
                false -> {Fun, S}
            end
    end;
node({Literal, _, _} = Node, _, S) when Literal =:= atom; Literal =:= integer; Literal =:= float; Literal =:= char;
                                        Literal =:= string; Literal =:= var ->
    {Node, S};
node(Node, Mode, S0) when is_tuple(Node) ->
    {Parts, S1} = node(tuple_to_list(Node), Mode, S0),
    {list_to_tuple(Parts), S1};
node(Nodes, Mode, S) when is_list(Nodes) ->
    lists:mapfoldl(fun(N, S0) -> node(N, Mode, S0) end, S, Nodes);
node(Other, _, S) -> {Other, S}.

%% A filter that is a guard test fails silently, others do not.
qualifier(Q, S) when element(1, Q) =:= generate; element(1, Q) =:= b_generate; element(1, Q) =:= m_generate; element(1, Q) =:= zip;
                     element(1, Q) =:= generate_strict; element(1, Q) =:= b_generate_strict; element(1, Q) =:= m_generate_strict ->
    node(Q, expr, S);
qualifier(Test, #state{records = Records, own = Own, imports = Imports} = S) ->
    Forms = [{attribute, 0, record, {N, [{record_field, 0, {atom, 0, F}, D} || {F, D} <- Fs]}} || {N, Fs} <- maps:to_list(Records)],
    case erl_lint:is_guard_test(Test, Forms, fun(FA) -> is_map_key(FA, Own) orelse is_map_key(FA, Imports) end) of
        true ->
            {Tests, S1} = guard([Test], S),
            {lists:foldr(fun(T, none) -> T; (T, Others) -> {op, element(2, T), 'andalso', T, Others} end, none, Tests), S1};
        false -> node(Test, expr, S)
    end.

%% Tests that the fields accessed are those of the right record come first.
guard(Tests, S0) ->
    {New, S1} = lists:mapfoldl(fun(T, S) -> node(T, guard, S) end, S0, Tests),
    case S1#state.strict of
        true -> {lists:usort(lists:flatmap(fun(T) -> accesses(T, S1) end, Tests)) ++ New, S1};
        false -> {New, S1}
    end.

accesses({op, _, Op, _, _}, _) when Op =:= 'orelse'; Op =:= 'or' -> [];
accesses({record_field, Anno, {var, _, _} = Record, Name, _}, #state{records = Records} = S) when is_map_key(Name, Records) ->
    [tested(Anno, Record, Name, S)];
accesses(Node, S) when is_tuple(Node) -> accesses(tuple_to_list(Node), S);
accesses(Nodes, S) when is_list(Nodes) -> lists:flatmap(fun(N) -> accesses(N, S) end, Nodes);
accesses(_, _) -> [].

fields(Name, #state{records = Records}) -> maps:get(Name, Records).

position(Field, Fields) -> position(Field, Fields, 2).

position(Field, [{Field, _} | _], N) -> N;
position(Field, [_ | Fields], N) -> position(Field, Fields, N + 1).

%% The given values by field; '_' stands for the others.
values(Given, Mode, S) ->
    lists:foldl(fun({record_field, _, {Kind, _, Field}, Value}, {Values, S0}) when Kind =:= atom; Kind =:= var ->
                        {Value1, S1} = node(Value, Mode, S0),
                        {Values#{Field => Value1}, S1}
                end, {#{}, S}, Given).

element_of(Field, Default, Values, Rest, Anno, Mode, S) ->
    case Values of
        #{Field := Value} -> {Value, S};
        _ when Rest =/= none -> {Rest, S};
        _ when Mode =:= pattern -> {{var, Anno, '_'}, S};
        _ -> node(Default, Mode, S)
    end.

new_var(#state{next = N} = S) -> {list_to_atom("rec" ++ integer_to_list(N)), S#state{next = N + 1}}.

%% case Record of {Name, ...} -> ...; Other -> error({badrecord, Other}) end
checked(Anno, Record, Elems, Name, Body, S0) ->
    {Other, S1} = new_var(S0),
    Wrong = {call, Anno, {remote, Anno, {atom, Anno, erlang}, {atom, Anno, error}},
             [{tuple, Anno, [{atom, Anno, badrecord}, {var, Anno, Other}]}]},
    {{'case', Anno, Record,
      [{clause, Anno, [{tuple, Anno, [{atom, Anno, Name} | Elems]}], [], [Body]},
       {clause, Anno, [{var, Anno, Other}], [], [Wrong]}]}, S1}.

taken(Anno, Record, Name, Position, S0) ->
    {Var, S1} = new_var(S0),
    Elems = [{var, Anno, case N of Position -> Var; _ -> '_' end} || {N, _} <- lists:enumerate(2, fields(Name, S1))],
    checked(Anno, Record, Elems, Name, {var, Anno, Var}, S1).

updated(Anno, Record, Name, Values, S0) ->
    %% The new values are computed before the record is looked at.
    {Named, S1} = lists:mapfoldl(fun({F, V}, S) -> {Var, S2} = new_var(S), {{F, Var, V}, S2} end, S0, maps:to_list(Values)),
    {Pairs, S2} = lists:mapfoldl(fun({F, _}, S) ->
                                         case lists:keyfind(F, 1, Named) of
                                             {_, New, _} -> {{{var, Anno, '_'}, {var, Anno, New}}, S};
                                             false ->
                                                 {Old, S3} = new_var(S),
                                                 {{{var, Anno, Old}, {var, Anno, Old}}, S3}
                                         end
                                 end, S1, fields(Name, S1)),
    {Old, New} = lists:unzip(Pairs),
    {Case, S3} = checked(Anno, Record, Old, Name, {tuple, Anno, [{atom, Anno, Name} | New]}, S2),
    {{block, Anno, [{match, Anno, {var, Anno, Var}, V} || {_, Var, V} <- Named] ++ [Case]}, S3}.

is_record(Anno, Value, Name, Call, Mode, #state{records = Records} = S0) ->
    case Records of
        #{Name := _} ->
            {Value1, S1} = node(Value, Mode, S0),
            {tested(Anno, Value1, Name, S1), S1};
        _ -> call(Call, Mode, S0)
    end.

tested(Anno, Value, Name, S) ->
    erlang(Anno, is_record, [Value, {atom, Anno, Name}, {integer, Anno, length(fields(Name, S)) + 1}]).

erlang(Anno, Name, Args) -> {call, Anno, {remote, Anno, {atom, Anno, erlang}, {atom, Anno, Name}}, Args}.

remote_fun(Anno, Module, Name, Arity) ->
    {'fun', Anno, {function, {atom, Anno, Module}, {atom, Anno, Name}, {integer, Anno, Arity}}}.

%% A local call of an imported or built-in function becomes a remote one.
call({call, Anno, Name, Args}, Mode, S0) ->
    {Args1, S1} = node(Args, Mode, S0),
    {named(Anno, Name, Args1, Mode, S1), S1}.

named(Anno, {atom, At, Name} = Local, Args, Mode, #state{imports = Imports} = S) ->
    Arity = length(Args),
    Module = case Imports of
                 #{{Name, Arity} := M} -> M;
                 _ ->
                     case is_bif(Name, Arity, S) orelse Mode =:= guard andalso erl_internal:guard_bif(Name, Arity) of
                         true -> erlang;
                         false -> none
                     end
             end,
    case Module of
        none -> {call, Anno, Local, Args};
        _ -> {call, Anno, {remote, At, {atom, At, Module}, Local}, Args}
    end.

is_bif(Name, Arity, #state{own = Own, hidden = Hidden}) ->
    not is_map_key({Name, Arity}, Own) andalso Hidden =/= all andalso not lists:member({Name, Arity}, Hidden)
        andalso erl_internal:bif(Name, Arity).
