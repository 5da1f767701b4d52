-module(programs).

%% Random programs. `make From To Dir` compiles the modules From..To, each of ?FUNCTIONS functions that take three
%% arguments; `run From To Dir Out` calls them and writes a line for each call: its name and its value or exception.
%% Programs depend on their number only, have no loops but those over lists, and raise exceptions as they please.

-export([main/1]).

-define(FUNCTIONS, 100).

main(["make", From, To, Dir]) ->
    [make(N, Dir) || N <- numbers(From, To)],
    halt();
main(["run", From, To, Dir, Out]) ->
    code:add_patha(Dir),
    {ok, File} = file:open(Out, [write, raw, delayed_write]),
    [run(name(N), File) || N <- numbers(From, To)],
    file:close(File),
    halt().

numbers(From, To) -> lists:seq(list_to_integer(From), list_to_integer(To)).

name(N) -> list_to_atom("prog" ++ integer_to_list(N)).

%%% ---- running -----------------------------------------------------------------------------------

run(Module, File) ->
    [begin
         Value = try norm(Module:F(A, B, C)) catch Class:Reason -> {Class, norm(Reason)} end,
         Text = io_lib:format("~w:~w ~w ~w~n", [Module, F, I, Value]),
         file:write(File, case iolist_size(Text) > 400 of true -> io_lib:format("~w:~w ~w #~w~n", [Module, F, I, erlang:phash2(Value)]); false -> Text end)
     end || {F, 3} <- lists:sort(Module:module_info(exports)), {I, {A, B, C}} <- arguments()].

arguments() ->
    [{1, {1, [1, 2, 3], <<1, 2, 3, 4, 5>>}}, {2, {-7, [], <<>>}}, {3, {2.5, [a, {b, 2}, "c"], #{a => 1, 2 => b}}},
     {4, {1 bsl 70, [0, -1, 1 bsl 62], {x, y, z}}}, {5, {a, [#{k => 1}, <<5:3>>, 4.0], <<"text">>}}].

norm(M) when is_map(M) -> {'$map', lists:sort([{norm(K), norm(V)} || {K, V} <- maps:to_list(M)])};
norm({'EXIT', {Reason, Trace}}) when is_list(Trace) -> {'EXIT', norm(Reason)};
norm([{M, F, _, Info} | _]) when is_atom(M), is_atom(F), is_list(Info) -> '$trace'; % ends with this module's callers
norm([H | T]) -> [norm(H) | norm(T)];
norm(T) when is_tuple(T) -> list_to_tuple([norm(E) || E <- tuple_to_list(T)]);
norm(X) when is_function(X) -> '$fun';
norm(X) -> X.

%%% ---- making ------------------------------------------------------------------------------------

make(N, Dir) ->
    rand:seed(exsss, {N, 3, 5}),
    Module = name(N),
    Functions = [list_to_atom("f" ++ integer_to_list(I)) || I <- lists:seq(1, ?FUNCTIONS)],
    Forms = [{attribute, 1, module, Module}, {attribute, 1, export, [{F, 3} || F <- Functions]},
             {attribute, 1, record, {r, [{record_field, 1, {atom, 1, x}}, {record_field, 1, {atom, 1, y}, {integer, 1, 7}}]}}
             | [function(F) || F <- Functions]] ++ [helper()],
    case compile:forms(Forms, [binary, return_errors]) of
        {ok, _, Beam} -> ok = file:write_file(filename:join(Dir, atom_to_list(Module) ++ ".beam"), Beam);
        {ok, _, Beam, _} -> ok = file:write_file(filename:join(Dir, atom_to_list(Module) ++ ".beam"), Beam);
        Error -> io:format("~w: ~p~n", [N, Error])
    end.

%% id(X) -> X, which the compiler does not see through.
helper() -> {function, 1, id, 1, [{clause, 1, [var('X')], [], [{call, 1, {remote, 1, atom(erlang), atom(hd)}, [{cons, 1, var('X'), nil()}]}]}]}.

function(Name) ->
    put(fresh, 0),
    {function, 1, Name, 3, [{clause, 1, [var('A'), var('B'), var('C')], [], [expr(4, ['A', 'B', 'C'])]}]}.

var(V) -> {var, 1, V}.
atom(A) -> {atom, 1, A}.
nil() -> {nil, 1}.
fresh() -> N = get(fresh), put(fresh, N + 1), list_to_atom("V" ++ integer_to_list(N)).
u(N) -> rand:uniform(N).
pick(L) -> lists:nth(u(length(L)), L).
some(N, F) -> [F() || _ <- lists:seq(1, u(N))].
list(L) -> lists:foldr(fun(E, T) -> {cons, 1, E, T} end, nil(), L).
call(M, F, As) -> {call, 1, {remote, 1, atom(M), atom(F)}, As}.

leaf(Vs) ->
    case u(9) of
        1 -> {integer, 1, u(20) - 10};
        2 -> atom(pick([a, b, true, false, x, []]));
        3 -> {float, 1, (u(80) - 40) / 8};
        4 -> {integer, 1, pick([0, 1, 255, 256, 1 bsl 59, -(1 bsl 59), 1 bsl 64, (1 bsl 59) - 1])};
        5 -> {string, 1, pick(["", "ab", "xyz"])};
        6 -> nil();
        _ -> var(pick(Vs))
    end.

expr(0, Vs) -> leaf(Vs);
expr(D, Vs) ->
    E = fun() -> expr(D - 1, Vs) end,
    case u(30) of
        N when N < 5 -> {op, 1, pick(['+', '-', '*', 'div', 'rem', '/', 'band', 'bor', 'bxor', '++', '--', 'bsr']), E(), E()};
        5 -> {op, 1, pick(['-', 'bnot', 'not']), E()};
        N when N < 8 -> {op, 1, pick(['==', '=:=', '<', '>=', '/=', '=/=', '>', '=<']), E(), E()};
        8 -> {op, 1, pick(['andalso', 'orelse', 'and', 'or', 'xor']), test(D - 1, Vs), test(D - 1, Vs)};
        9 -> {tuple, 1, some(4, E)};
        10 -> list(some(4, E));
        11 -> {cons, 1, E(), E()};
        12 -> {map, 1, [{map_field_assoc, 1, E(), E()} || _ <- lists:seq(1, u(3))]};
        13 -> {map, 1, E(), [{pick([map_field_assoc, map_field_exact]), 1, leaf(Vs), E()}]};
        N when N < 17 -> {'case', 1, E(), [clause(D - 1, Vs) || _ <- lists:seq(1, u(3))] ++ [{clause, 1, [{var, 1, '_'}], [], [E()]} || u(4) > 1]};
        17 -> {'if', 1, [{clause, 1, [], guard(Vs), [E()]} || _ <- lists:seq(1, u(2))] ++ [{clause, 1, [], [[atom(true)]], [E()]}]};
        18 -> V = fresh(), {lc, 1, expr(D - 1, [V | Vs]), [{generate, 1, var(V), E()} | [test(1, [V | Vs]) || u(2) =:= 1]]};
        19 -> V = fresh(), {lc, 1, expr(D - 1, [V | Vs]), [{b_generate, 1, {bin, 1, [{bin_element, 1, var(V), {integer, 1, pick([3, 8, 16])}, default}]}, E()}]};
        20 -> V = fresh(), {bc, 1, {bin, 1, [segment(D - 1, [V | Vs])]}, [{generate, 1, var(V), E()}]};
        21 -> {bin, 1, [segment(D - 1, Vs) || _ <- lists:seq(1, u(3))]};
        22 -> {'try', 1, [E()], [], [handler(D - 1, Vs)], []};
        23 -> V = fresh(), {'try', 1, [E()], [{clause, 1, [var(V)], [], [expr(D - 1, [V | Vs])]}], [handler(D - 1, Vs)], [{tuple, 1, []}]};
        24 -> {'catch', 1, E()};
        25 -> V = fresh(), {call, 1, {'fun', 1, {clauses, [{clause, 1, [var(V)], [], [expr(D - 1, [V | Vs])]}]}}, [E()]};
        26 -> V = fresh(), W = fresh(), call(lists, pick([map, filter, foldl]), case u(2) of
                  1 -> [{'fun', 1, {clauses, [{clause, 1, [var(V)], [], [expr(D - 1, [V | Vs])]}]}}, E()];
                  2 -> [{'fun', 1, {clauses, [{clause, 1, [var(V), var(W)], [], [expr(D - 1, [V, W | Vs])]}]}}, E(), E()] end);
        27 -> {F, N} = pick([{element, 2}, {hd, 1}, {tl, 1}, {length, 1}, {tuple_size, 1}, {byte_size, 1}, {bit_size, 1}, {abs, 1}, {round, 1}, {trunc, 1}, {float, 1},
                  {map_size, 1}, {is_map_key, 2}, {map_get, 2}, {setelement, 3}, {tuple_to_list, 1}, {list_to_tuple, 1}, {atom_to_list, 1}, {integer_to_list, 1}, {max, 2}, {min, 2}, {binary_part, 3}]),
              call(erlang, F, [E() || _ <- lists:seq(1, N)]);
        28 -> {call, 1, atom(id), [E()]};
        29 -> case u(3) of
                  1 -> {record, 1, r, [{record_field, 1, atom(x), E()}]};
                  2 -> {record_field, 1, E(), r, atom(pick([x, y]))};
                  3 -> {record, 1, E(), r, [{record_field, 1, atom(y), E()}]}
              end;
        30 -> call(erlang, pick([throw, error, exit]), [E()])
    end.

segment(D, Vs) ->
    case u(5) of
        1 -> {bin_element, 1, expr(D, Vs), default, default};
        2 -> {bin_element, 1, expr(D, Vs), {integer, 1, pick([1, 4, 8, 12, 32, 64])}, pick([default, [little], [signed, little], [big]])};
        3 -> {bin_element, 1, expr(D, Vs), default, [pick([binary, bitstring, float, utf8])]};
        4 -> {bin_element, 1, leaf(Vs), {integer, 1, 32}, [float]};
        5 -> {bin_element, 1, {string, 1, "lit"}, default, default}
    end.

handler(D, Vs) ->
    C = fresh(), R = fresh(),
    {clause, 1, [{tuple, 1, [pick([var(C), atom(error), atom(throw)]), var(R), {var, 1, '_'}]}], [], [expr(D, [R | Vs])]}.

clause(D, Vs) ->
    {Pattern, New} = pattern(2),
    {clause, 1, [Pattern], case u(3) of 1 -> guard(New ++ Vs); _ -> [] end, [expr(D, New ++ Vs)]}.

pattern(0) -> case u(4) of
                  1 -> {{integer, 1, u(4) - 1}, []};
                  2 -> {atom(pick([a, true, x])), []};
                  3 -> {{var, 1, '_'}, []};
                  4 -> V = fresh(), {var(V), [V]}
              end;
pattern(D) ->
    case u(8) of
        1 -> {Ps, Vs} = patterns(D, u(3)), {{tuple, 1, Ps}, Vs};
        2 -> {[H, T], Vs} = patterns(D, 2), {{cons, 1, H, T}, Vs};
        3 -> {Ps, Vs} = patterns(D, u(3)), {list(Ps), Vs};
        4 -> {P, Vs} = pattern(D - 1), {{map, 1, [{map_field_exact, 1, atom(pick([a, k])), P}]}, Vs};
        5 -> V = fresh(), R = fresh(), {{bin, 1, [{bin_element, 1, var(V), {integer, 1, pick([4, 8, 16])}, pick([default, [little], [signed]])}, {bin_element, 1, var(R), default, [pick([binary, bitstring])]}]}, [V, R]};
        6 -> V = fresh(), W = fresh(), R = fresh(), {{bin, 1, [{bin_element, 1, var(V), default, default}, {bin_element, 1, var(W), var(V), [binary]}, {bin_element, 1, var(R), default, [binary]}]}, [V, W, R]};
        7 -> V = fresh(), {P, Vs} = pattern(D - 1), {{match, 1, var(V), P}, [V | Vs]};
        8 -> pattern(0)
    end.

patterns(D, N) ->
    All = [pattern(D - 1) || _ <- lists:seq(1, N)],
    {[P || {P, _} <- All], lists:append([Vs || {_, Vs} <- All])}.

guard(Vs) -> [[test(1, Vs) || _ <- lists:seq(1, u(2))] || _ <- lists:seq(1, u(2))].

test(D, Vs) ->
    case u(5) of
        1 -> call(erlang, pick([is_integer, is_atom, is_list, is_tuple, is_float, is_binary, is_map, is_number, is_bitstring, is_function]), [leaf(Vs)]);
        2 -> {op, 1, pick(['<', '>', '=:=', '==', '=/=', '>=']), leaf(Vs), leaf(Vs)};
        3 -> {op, 1, '>', call(erlang, pick([length, tuple_size, byte_size, map_size, abs]), [leaf(Vs)]), {integer, 1, u(3) - 1}};
        4 when D > 0 -> {op, 1, pick(['andalso', 'orelse', 'and']), test(D - 1, Vs), test(D - 1, Vs)};
        _ -> {op, 1, '=:=', {op, 1, pick(['rem', 'band', '+']), leaf(Vs), {integer, 1, u(3)}}, {integer, 1, 0}}
    end.
