-module(ms_transform_spec).
-moduledoc """
Translates the clauses of a fun into the abstract form of a match specification. Internal.

Problems are thrown as {ms_transform, Anno, Reason}; see ms_transform:format_error/1 for the reasons.
""".

-export([translate/4]).

%% How a part of a fun is translated: what variables became, the records, and the number that is added to
%% those of the reasons (0 in guards, 100 in bodies).
-record(part, {vars, records, base}).

bad(Anno, Reason) -> throw({ms_transform, Anno, Reason}).

-doc """
The specification, the records that were replaced by tuples, and the variables of the heads with
their places, for warnings about names that were bound before.
""".
-spec translate(ets | dbg, erl_anno:anno(), [term()], [{atom(), [{atom(), term()}]}]) ->
          {term(), [atom()], [{atom(), erl_anno:anno()}]}.
translate(Kind, Anno, Clauses, Records) ->
    Single = lists:flatmap(fun alternatives/1, Clauses),
    put(?MODULE, []),
    try
        {Specs, Named} = lists:unzip([clause(Kind, C, Records) || C <- Single]),
        Used = get(?MODULE),
        {lists:foldr(fun(S, Tail) -> {cons, Anno, S, Tail} end, {nil, Anno}, Specs), Used, lists:append(Named)}
    after
        erase(?MODULE)
    end.

%% A guard with semicolons is several clauses.
alternatives({clause, Anno, Head, [_, _ | _] = Guards, Body}) -> [{clause, Anno, Head, [G], Body} || G <- Guards];
alternatives(Clause) -> [Clause].

clause(Kind, {clause, Anno, [Head], Guards, Body}, Records) ->
    acceptable(Kind, Head) orelse head_error(Kind, Anno),
    {Whole, Pattern} = case Head of
                           {match, _, {var, _, _} = V, P} -> {[V], P};
                           {match, _, P, {var, _, _} = V} -> {[V], P};
                           P -> {[], P}
                       end,
    Start = {maps:from_list([{'_', '_'} | [{N, '$_'} || {var, _, N} <- Whole]]), 1, [{N, A} || {var, A, N} <- Whole]},
    {Head1, {Vars, _, Named}} = head(Pattern, Records, Start),
    Part = #part{vars = Vars, records = Records, base = 0},
    Guard1 = case Guards of
                 [] -> {nil, Anno};
                 [Tests] -> list([expr(old_test(T), Part) || T <- Tests], Anno)
             end,
    Body1 = list([expr(E, Part#part{base = 100}) || E <- Body], Anno),
    {{tuple, Anno, [Head1, Guard1, Body1]}, lists:reverse(Named)};
clause(Kind, {clause, Anno, _, _, _}, _) -> head_error(Kind, Anno).

head_error(ets, Anno) -> bad(Anno, 2);
head_error(dbg, Anno) -> bad(Anno, 3).

acceptable(_, {var, _, _}) -> true;
acceptable(ets, {Kind, _, _}) when Kind =:= tuple -> true;
acceptable(ets, {record, _, _, _}) -> true;
acceptable(dbg, {cons, _, _, _}) -> true;
acceptable(dbg, {nil, _}) -> true;
acceptable(Kind, {match, _, {var, _, _}, P}) -> acceptable(Kind, P);
acceptable(Kind, {match, _, P, {var, _, _}}) -> acceptable(Kind, P);
acceptable(_, _) -> false.

list(Exprs, Anno) -> lists:foldr(fun(E, Tail) -> {cons, element(2, E), E, Tail} end, {nil, Anno}, Exprs).

used(Record) -> put(?MODULE, [Record | get(?MODULE)]).

%%% ---- heads --------------------------------------------------------------------------------------

%% State: {what variables became, the next number, variables with places}.
head({var, Anno, '_'}, _, State) -> {{atom, Anno, '_'}, State};
head({var, Anno, Name}, _, {Vars, Next, Named}) ->
    case Vars of
        #{Name := Atom} -> {{atom, Anno, Atom}, {Vars, Next, [{Name, Anno} | Named]}};
        _ ->
            Atom = list_to_atom([$$ | integer_to_list(Next)]),
            {{atom, Anno, Atom}, {Vars#{Name => Atom}, Next + 1, [{Name, Anno} | Named]}}
    end;
head({match, Anno, _, _}, _, _) -> bad(Anno, 4);
head({atom, Anno, Atom} = Node, _, State) ->
    case is_reserved(atom_to_list(Atom)) of
        true -> bad(Anno, {10, Atom});
        false -> {Node, State}
    end;
head({bin_element, _, {var, Anno, Name}, _, _}, _, _) -> bad(Anno, {11, Name});
head({map_field_exact, Anno, Key, Value}, Records, State) ->
    {[Key1, Value1], State1} = head([Key, Value], Records, State),
    {{map_field_assoc, Anno, Key1, Value1}, State1};
head({record, Anno, Name, Fields}, Records, State) ->
    {Given, State1} = lists:mapfoldl(fun({record_field, _, {atom, _, F}, V}, S) ->
                                             {V1, S1} = head(V, Records, S),
                                             {{F, V1}, S1};
                                        ({record_field, _, {var, _, '_'}, V}, S) ->
                                             {V1, S1} = head(V, Records, S),
                                             {{{rest}, V1}, S1};
                                        (_, _) -> bad(Anno, {7, Name})
                                     end, State, Fields),
    Else = fun(_, _) -> {atom, Anno, '_'} end,
    {{tuple, Anno, [{atom, Anno, Name} | fields(Anno, Name, Given, Records, Else, {7, 8, 9})]}, State1};
head([Node | Nodes], Records, State) ->
    {Node1, State1} = head(Node, Records, State),
    {Nodes1, State2} = head(Nodes, Records, State1),
    {[Node1 | Nodes1], State2};
head(Node, Records, State) when is_tuple(Node) ->
    {Parts, State1} = head(tuple_to_list(Node), Records, State),
    {list_to_tuple(Parts), State1};
head(Other, _, State) -> {Other, State}.

is_reserved("$" ++ Digits) ->
    try is_integer(list_to_integer(Digits))
    catch error:badarg -> false
    end;
is_reserved(_) -> false.

%% The values of all fields of a record: those given, then what `_ = V` says, then what Else makes of position and default.
fields(Anno, Name, Given, Records, Else, {NoRecord, NoField, Again}) ->
    {Rests, Named} = lists:partition(fun({F, _}) -> F =:= {rest} end, Given),
    length(Rests) > 1 andalso bad(Anno, {Again, Name, '_'}),
    Declared = known(Name, Records, Anno, NoRecord),
    Keys = lists:reverse([F || {F, _} <- Named]),
    [bad(Anno, {Again, Name, F}) || {F, Others} <- tails(Keys), lists:member(F, Others)],
    [bad(Anno, {NoField, Name, F}) || F <- Keys, not lists:keymember(F, 1, Declared)],
    [case {lists:keyfind(F, 1, Named), Rests} of
         {{_, Value}, _} -> Value;
         {false, [{_, Value}]} -> Value;
         {false, []} -> Else(Position, Default)
     end || {Position, {F, Default}} <- lists:enumerate(2, Declared)].

tails([X | Xs]) -> [{X, Xs} | tails(Xs)];
tails([]) -> [].

known(Name, Records, Anno, Reason) ->
    case lists:keyfind(Name, 1, Records) of
        {_, Fields} ->
            used(Name),
            Fields;
        false -> bad(Anno, {Reason, Name})
    end.

%%% ---- guards and bodies ---------------------------------------------------------------------------

%% At the top of a guard the old names of type tests are allowed.
old_test({call, Anno, {atom, Anno1, Name}, Args} = Call) ->
    case erl_internal:old_type_test(Name, length(Args)) of
        true -> {call, Anno, {atom, Anno1, list_to_atom("is_" ++ atom_to_list(Name))}, Args};
        false -> Call
    end;
old_test(Expr) -> Expr.

expr({match, Anno, _, _}, #part{base = Base}) -> bad(Anno, 16 + Base);
expr({op, Anno, Op, Left, Right} = Expr, Part) ->
    constant(Expr, fun() -> {tuple, Anno, [{atom, Anno, Op}, expr(Left, Part), expr(Right, Part)]} end);
expr({op, Anno, Op, Arg} = Expr, Part) ->
    constant(Expr, fun() -> {tuple, Anno, [{atom, Anno, Op}, expr(Arg, Part)]} end);
expr({call, _, {atom, Anno, bindings}, []}, _) -> {atom, Anno, '$*'};
expr({call, _, {atom, Anno, object}, []}, _) -> {atom, Anno, '$_'};
expr({call, Anno, {atom, _, is_record} = Name, [Object, {atom, Anno1, Record} = Tag]}, #part{records = Records, base = Base} = Part) ->
    Object1 = expr(Object, Part),
    Size = length(known(Record, Records, Anno1, 20 + Base)) + 1,
    {tuple, Anno, [Name, Object1, Tag, {integer, Anno1, Size}]};
expr({call, Anno, {atom, Anno1, Name}, Args}, #part{base = Base} = Part) ->
    Arity = length(Args),
    is_function(Name, Arity, Base) orelse bad(Anno, {17 + Base, Name, Arity}),
    {tuple, Anno, [{atom, Anno1, Name} | [expr(A, Part) || A <- Args]]};
expr({call, Anno, {remote, _, {atom, _, erlang}, {atom, Anno1, Name} = Local}, Args}, #part{base = Base} = Part) ->
    Arity = length(Args),
    case {is_operator(Name, Arity), is_test(Name, Arity) orelse is_guard_function(Name, Arity)} of
        {true, _} -> expr(list_to_tuple([op, Anno1, Name | Args]), Part);
        {false, true} -> expr({call, Anno, Local, Args}, Part);
        _ -> bad(Anno, {22 + Base, erlang, Name, Arity})
    end;
expr({call, Anno, {remote, _, {atom, _, Module}, {atom, _, Name}}, Args}, #part{base = Base}) ->
    bad(Anno, {22 + Base, Module, Name, length(Args)});
expr({cons, Anno, Head, Tail}, Part) -> {cons, Anno, expr(Head, Part), expr(Tail, Part)};
expr({tuple, Anno, Elems}, Part) -> {tuple, Anno, [{tuple, Anno, [expr(E, Part) || E <- Elems]}]};
expr({Kind, _, _} = Literal, _) when Kind =:= integer; Kind =:= char; Kind =:= float; Kind =:= string -> Literal;
expr({nil, _} = Nil, _) -> Nil;
expr({atom, Anno, Atom} = Node, _) ->
    case atom_to_list(Atom) of
        "$" ++ _ -> {tuple, Anno, [{atom, Anno, const}, Node]};
        _ -> Node
    end;
expr({var, Anno, Name} = Var, #part{vars = Vars}) ->
    case Vars of
        #{Name := Atom} -> {atom, Anno, Atom};
        _ -> {tuple, Anno, [{atom, Anno, const}, Var]}
    end;
expr({record_field, Anno, Object, Record, {atom, _, Field}}, #part{base = Base} = Part) ->
    Position = position(Anno, Anno, Record, Field, Part),
    {tuple, Anno, [{atom, Anno, element}, {integer, Anno, Position}, expr(Object, Part#part{base = Base})]};
expr({record_index, Anno, Record, {atom, Anno1, Field}}, Part) ->
    {integer, Anno1, position(Anno, Anno1, Record, Field, Part)};
expr({record, Anno, Name, Fields}, Part) ->
    made(Anno, Name, given(Anno, Name, Fields, Part), fun(_, Default) -> Default end, Part);
expr({record, Anno, {var, Anno1, _} = Var, Name, Fields}, Part) ->
    Old = expr(Var, Part),
    Given = [{F, expr(V, Part)} || {record_field, _, {atom, _, F}, V} <- Fields],
    length(Given) =:= length(Fields) orelse bad(Anno, 7),
    made(Anno, Name, Given, fun(Position, _) -> {tuple, Anno1, [{atom, Anno1, element}, {integer, Anno1, Position}, Old]} end, Part);
expr({bin_element, _, {var, Anno, Name}, _, _} = Segment, #part{vars = Vars, base = Base}) ->
    is_map_key(Name, Vars) andalso bad(Anno, {23 + Base, Name}),
    Segment;
expr({bin_element, Anno, Value, Size, Types}, Part) -> {bin_element, Anno, expr(Value, Part), expr(Size, Part), Types};
expr(default, _) -> default;
expr({bin, Anno, Segments}, Part) -> {bin, Anno, [expr(S, Part) || S <- Segments]};
expr({map, Anno, Fields}, Part) -> {map, Anno, [expr(F, Part) || F <- Fields]};
expr({map_field_assoc, Anno, Key, Value}, Part) -> {map_field_assoc, Anno, expr(Key, Part), expr(Value, Part)};
expr(Node, #part{base = Base}) when is_tuple(Node), tuple_size(Node) >= 2 ->
    bad(element(2, Node), {18 + Base, named(element(1, Node))});
expr(Other, #part{base = Base}) ->
    bad(erl_anno:new(0), {18 + Base, io_lib:format("unknown element ~tw", [Other])}).

constant(Expr, Otherwise) ->
    case erl_eval:partial_eval(Expr) of
        Expr -> Otherwise();
        Value -> Value
    end.

given(Anno, Name, Fields, #part{base = Base} = Part) ->
    [case F of
         {record_field, _, {atom, _, Field}, V} -> {Field, expr(V, Part)};
         {record_field, _, {var, _, '_'}, V} -> {{rest}, expr(V, Part)};
         _ -> bad(Anno, {20 + Base, Name})
     end || F <- Fields].

made(Anno, Name, Given, Else, #part{records = Records, base = Base}) ->
    Values = fields(Anno, Name, Given, Records, Else, {20 + Base, 19 + Base, 21 + Base}),
    {tuple, Anno, [{tuple, Anno, [{atom, Anno, Name} | Values]}]}.

position(Anno, FieldAnno, Record, Field, #part{records = Records, base = Base}) ->
    Declared = [F || {F, _} <- known(Record, Records, Anno, 20 + Base)],
    case lists:search(fun({_, F}) -> F =:= Field end, lists:enumerate(2, Declared)) of
        {value, {Position, _}} -> Position;
        false -> bad(FieldAnno, {19 + Base, Record, Field})
    end.

named(lc) -> "list comprehension";
named(bc) -> "binary comprehension";
named(block) -> "begin/end block";
named(match) -> "match (=)";
named(remote) -> "external function call";
named(Other) -> atom_to_list(Other).

%%% ---- what match specifications know ----------------------------------------------------------------

is_function(Name, Arity, Base) ->
    is_guard_function(Name, Arity) orelse {Name, Arity} =:= {get_tcw, 0} orelse is_test(Name, Arity)
        orelse Base =:= 100 andalso is_action(Name, Arity).

is_operator(Op, Arity) ->
    Arity =:= 2 andalso (Op =:= 'andalso' orelse Op =:= 'orelse') orelse erl_internal:arith_op(Op, Arity)
        orelse erl_internal:bool_op(Op, Arity) orelse erl_internal:comp_op(Op, Arity).

is_test(is_record, 2) -> true;
is_test(is_map_key, 2) -> true;
is_test(is_seq_trace, 0) -> true;
is_test(Name, 1) ->
    lists:member(Name, [is_atom, is_float, is_integer, is_list, is_number, is_pid, is_port, is_reference, is_tuple, is_map,
                        is_binary, is_function]);
is_test(_, _) -> false.

is_guard_function(Name, Arity) ->
    lists:member({Name, Arity},
                 [{abs, 1}, {element, 2}, {hd, 1}, {length, 1}, {max, 2}, {min, 2}, {node, 0}, {node, 1}, {round, 1}, {size, 1},
                  {bit_size, 1}, {byte_size, 1}, {map_size, 1}, {map_get, 2}, {binary_part, 2}, {binary_part, 3}, {tl, 1},
                  {trunc, 1}, {self, 0}, {float, 1}]).

is_action(Name, Arity) ->
    lists:member({Name, Arity},
                 [{set_seq_token, 2}, {get_seq_token, 0}, {message, 1}, {return_trace, 0}, {exception_trace, 0},
                  {process_dump, 0}, {enable_trace, 1}, {enable_trace, 2}, {disable_trace, 1}, {disable_trace, 2},
                  {display, 1}, {caller, 0}, {set_tcw, 1}, {silent, 1}, {trace, 2}, {trace, 3}, {caller_line, 0},
                  {current_stacktrace, 0}, {current_stacktrace, 1}]).
