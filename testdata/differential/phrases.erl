-module(phrases).

%% Programs' parts for exports.erl: forms, expressions, types, tokens and syntax trees, made at random.

-export([make/1, node/1]).

u(N) -> rand:uniform(N).
pick(L) -> lists:nth(u(length(L)), L).
maybe_pos() -> pick([1, 2, 3, {1, 4}, {2, 9}]).
several(F, N) -> [F() || _ <- lists:seq(1, u(N + 1) - 1)].

make(expr) -> expr(3);
make(pattern) -> pattern(2);
make(clause) -> clause(1, 2);
make(type) -> type(2);
make(form) -> form();
make(tree) -> tree(2);
make(source) -> source();
make(tokens) ->
    case erl_scan:string(source(), maybe_pos(), pick([[], [], [text], [return]])) of
        {ok, Tokens, _} -> Tokens;
        _ -> []
    end.

source() ->
    pick(["f(X) -> X + 1.", "-module(m).", "-record(r, {a = 1, b :: integer()}).", "{ok, [1, 2 | T]}.", "\"text\" $c 1.5 16#ff.", "case X of {a, _} when X > 1 -> b; _ -> c end.", "fun(A, B) -> A ! B end",
          "[X || {X, _} <- L, X > 2].", "#{a => 1, b := C}.", "<<1:8/signed-little, \"x\", R/binary>>.", "try f() of ok -> 1 catch _:E:S -> {E, S} after g() end.", "-spec f(integer()) -> {ok, [atom()]} | error.",
          "a b.", "{", "1 +", "%% a comment\nx.", "'quoted atom' Var _.", "-type t(A) :: #{k := A} | fun((...) -> any()).", "?MACRO(x).", "receive X -> X after 10 -> ok end.", "begin A = 1, B end.", "f(a, ) -> b.",
          "\"\"\"\n  triple\n  \"\"\".", "~b\"sigil\".", "maybe ok ?= f() else _ -> 1 end.", "-define(X, 1).", "#r{a = 1}#r.a.", "m:f/1.", "fun m:f/2.", "not -1 band 3.", "X = catch Y.", "..", "1_000.", "$\\n.", "a:b:c.", "-export([f/1]).", "", "."]).

leaf() ->
    A = maybe_pos(),
    pick([{integer, A, u(100) - 1}, {atom, A, pick([a, b, ok, 'hello world', 'case'])}, {var, A, pick(['X', 'Y', 'Z', '_'])}, {string, A, pick(["", "text", "tab\t", [233, 8364]])}, {nil, A}, {float, A, 1.5}, {char, A, $c}]).

expr(0) -> leaf();
expr(D) ->
    A = maybe_pos(),
    E = fun() -> expr(D - 1) end,
    case u(30) of
        1 -> {tuple, A, several(E, 3)};
        2 -> {cons, A, E(), E()};
        3 -> {op, A, pick(['+', '-', '*', '/', 'div', '==', '=:=', '<', '++', '!', 'and', 'andalso', 'orelse', 'bsl', '--']), E(), E()};
        4 -> {op, A, pick(['-', 'not', 'bnot', '+']), E()};
        5 -> {call, A, {atom, A, pick([length, element, abs, f, hd, self, is_list])}, several(E, 2)};
        6 -> {call, A, {remote, A, {atom, A, pick([lists, erlang, maps])}, {atom, A, pick([reverse, sum, abs, keys, foo])}}, several(E, 2)};
        7 -> {'case', A, E(), [clause(1, D - 1) || _ <- lists:seq(1, u(3))]};
        8 -> {'if', A, [{clause, A, [], [[guard()]], [E()]} || _ <- lists:seq(1, u(2))]};
        9 -> {'fun', A, {clauses, [clause(N, D - 1) || N <- [u(3) - 1]]}};
        10 -> {'fun', A, {function, pick([f, g]), u(3)}};
        11 -> {'fun', A, {function, {atom, A, lists}, {atom, A, reverse}, {integer, A, 1}}};
        12 -> {map, A, [{pick([map_field_assoc, map_field_assoc, map_field_exact]), A, E(), E()} || _ <- lists:seq(1, u(3) - 1)]};
        13 -> {map, A, E(), [{pick([map_field_assoc, map_field_exact]), A, E(), E()}]};
        14 -> {lc, A, E(), [qualifier(D - 1) || _ <- lists:seq(1, u(2))]};
        15 -> {bc, A, {bin, A, [{bin_element, A, E(), default, default}]}, [qualifier(D - 1)]};
        16 -> {bin, A, [element(D - 1) || _ <- lists:seq(1, u(3) - 1)]};
        17 -> {match, A, pattern(1), E()};
        18 -> {block, A, [E() || _ <- lists:seq(1, u(3))]};
        19 -> {'try', A, [E()], [clause(1, D - 1) || u(2) =:= 1], [{clause, A, [{tuple, A, [{atom, A, error}, {var, A, 'R'}, {var, A, '_'}]}], [], [E()]}], [E() || u(2) =:= 1]};
        20 -> {'catch', A, E()};
        21 -> {'receive', A, [clause(1, D - 1)], {integer, A, 0}, [E()]};
        22 -> {record, A, r, [{record_field, A, {atom, A, a}, E()}]};
        23 -> {record_field, A, E(), r, {atom, A, a}};
        24 -> {record_index, A, r, {atom, A, b}};
        25 -> {named_fun, A, 'F', [clause(1, D - 1)]};
        26 -> {mc, A, {map_field_assoc, A, E(), E()}, [qualifier(D - 1)]};
        27 -> {'maybe', A, [{maybe_match, A, pattern(1), E()}, E()]};
        28 -> {call, A, E(), several(E, 2)};
        29 -> {record, A, E(), r, [{record_field, A, {atom, A, b}, E()}]};
        _ -> leaf()
    end.

guard() -> A = maybe_pos(), pick([{atom, A, true}, {op, A, '>', {var, A, 'X'}, {integer, A, 1}}, {call, A, {atom, A, is_integer}, [{var, A, 'X'}]}, {op, A, 'orelse', {atom, A, false}, {var, A, 'Y'}}]).

clause(N, D) -> A = maybe_pos(), {clause, A, [pattern(1) || _ <- lists:seq(1, N)], [[guard() || _ <- lists:seq(1, u(2))] || u(3) =:= 1], [expr(max(D, 0)) || _ <- lists:seq(1, u(2))]}.

pattern(0) -> leaf();
pattern(D) ->
    A = maybe_pos(),
    P = fun() -> pattern(D - 1) end,
    case u(8) of
        1 -> {tuple, A, several(P, 3)};
        2 -> {cons, A, P(), P()};
        3 -> {map, A, [{map_field_exact, A, {atom, A, k}, P()}]};
        4 -> {bin, A, [element(0)]};
        5 -> {match, A, P(), P()};
        6 -> {record, A, r, [{record_field, A, {atom, A, a}, P()}]};
        7 -> {op, A, '++', {string, A, "ab"}, P()};
        _ -> leaf()
    end.

qualifier(D) ->
    A = maybe_pos(),
    case u(5) of
        1 -> {generate, A, pattern(1), expr(D)};
        2 -> {b_generate, A, {bin, A, [element(0)]}, expr(D)};
        3 -> {m_generate, A, {map_field_exact, A, pattern(0), pattern(0)}, expr(D)};
        4 -> guard();
        _ -> {generate, A, {var, A, 'X'}, {cons, A, {integer, A, 1}, {cons, A, {integer, A, 2}, {nil, A}}}}
    end.

element(D) ->
    A = maybe_pos(),
    {bin_element, A, case u(3) of 1 -> {string, A, "ab"}; 2 -> {integer, A, u(255)}; _ -> expr(D) end, pick([default, {integer, A, 8}, {integer, A, 16}]), pick([default, [integer], [signed, little], [binary], [utf8], [float, big], [{unit, 4}, integer]])}.

type(0) -> A = maybe_pos(), pick([{type, A, integer, []}, {type, A, atom, []}, {atom, A, ok}, {var, A, 'T'}, {type, A, any, []}, {integer, A, 3}, {type, A, tuple, any}, {type, A, map, any}, {type, A, nil, []}, {type, A, binary, []}]);
type(D) ->
    A = maybe_pos(),
    T = fun() -> type(D - 1) end,
    case u(11) of
        1 -> {type, A, union, [T(), T()]};
        2 -> {type, A, list, [T()]};
        3 -> {type, A, tuple, several(T, 3)};
        4 -> {type, A, map, [{type, A, pick([map_field_assoc, map_field_exact]), [T(), T()]}]};
        5 -> {type, A, 'fun', [{type, A, product, several(T, 2)}, T()]};
        6 -> {type, A, range, [{integer, A, 1}, {integer, A, 9}]};
        7 -> {remote_type, A, [{atom, A, m}, {atom, A, t}, [T()]]};
        8 -> {user_type, A, t, [T()]};
        9 -> {type, A, record, [{atom, A, r}, {type, A, field_type, [{atom, A, a}, T()]}]};
        10 -> {type, A, binary, [{integer, A, 0}, {integer, A, 8}]};
        _ -> {ann_type, A, [{var, A, 'V'}, T()]}
    end.

form() ->
    A = maybe_pos(),
    case u(12) of
        N when N < 5 -> K = u(3) - 1, {function, A, pick([f, g, h]), K, [clause(K, 2) || _ <- lists:seq(1, u(2))]};
        5 -> {attribute, A, record, {r, [{record_field, A, {atom, A, a}}, {record_field, A, {atom, A, b}, expr(1)}, {typed_record_field, {record_field, A, {atom, A, c}}, type(1)}]}};
        6 -> {attribute, A, type, {t, type(2), [{var, A, 'T'}]}};
        7 -> {attribute, A, spec, {{f, 1}, [{type, A, 'fun', [{type, A, product, [type(1)]}, type(1)]}]}};
        8 -> {attribute, A, export, [{f, 1}, {g, 0}]};
        9 -> {attribute, A, import, {lists, [{map, 2}]}};
        10 -> {attribute, A, pick([vsn, author, other]), pick([a, [1, 2], {x, "y"}])};
        11 -> {attribute, A, callback, {{cb, 0}, [{type, A, bounded_fun, [{type, A, 'fun', [{type, A, product, []}, {var, A, 'R'}]}, [{type, A, constraint, [{atom, A, is_subtype}, [{var, A, 'R'}, type(1)]]}]]}]}};
        _ -> pick([{attribute, A, file, {"f.erl", 3}}, {attribute, A, compile, [export_all]}, {eof, A}, {error, {A, erl_parse, ["syntax error before: ", "x"]}}, {warning, {A, epp, {warning, "w"}}}])
    end.

tree(0) ->
    case u(6) of
        1 -> erl_syntax:atom(pick([a, 'b c', ok]));
        2 -> erl_syntax:variable(pick(["X", 'Y']));
        3 -> erl_syntax:integer(u(50) - 1);
        4 -> erl_syntax:string("text");
        5 -> erl_syntax:underscore();
        _ -> leaf()
    end;
tree(D) ->
    T = fun() -> tree(D - 1) end,
    case u(16) of
        1 -> erl_syntax:tuple(several(T, 3));
        2 -> erl_syntax:list([T() || _ <- lists:seq(1, u(3))], pick([none, T()]));
        3 -> erl_syntax:application(T(), several(T, 2));
        4 -> erl_syntax:infix_expr(T(), erl_syntax:operator(pick(['+', '++', '==', 'andalso'])), T());
        5 -> erl_syntax:case_expr(T(), [erl_syntax:clause([T()], pick([none, T()]), [T()])]);
        6 -> erl_syntax:fun_expr([erl_syntax:clause([T()], none, [T(), T()])]);
        7 -> erl_syntax:map_expr(pick([none, T()]), [erl_syntax:map_field_assoc(T(), T())]);
        8 -> erl_syntax:match_expr(T(), T());
        9 -> erl_syntax:list_comp(T(), [erl_syntax:generator(T(), T()), T()]);
        10 -> erl_syntax:add_precomments([erl_syntax:comment(pick([none, 2]), ["% note", "% more"])], T());
        11 -> erl_syntax:macro(erl_syntax:variable('MACRO'), pick([none, [T()]]));
        12 -> erl_syntax:function(erl_syntax:atom(f), [erl_syntax:clause([T()], none, [T()])]);
        13 -> erl_syntax:record_expr(pick([none, T()]), erl_syntax:atom(r), [erl_syntax:record_field(erl_syntax:atom(a), pick([none, T()]))]);
        14 -> erl_syntax:set_ann(T(), [pick([note, {bound, ['X']}])]);
        15 -> erl_syntax:attribute(erl_syntax:atom(pick([export, module, other])), pick([none, [T()]]));
        _ -> expr(D)
    end.

%% The node whose parts the function with this name gives, in the form of the parser or of erl_syntax.
node(F) ->
    case u(4) of
        1 -> tree(2);
        _ ->
            case [Text || {Type, Texts} <- samples(), lists:prefix(Type, F), Text <- Texts] of
                [] -> tree(2);
                Texts -> parsed(lists:last([pick(Texts) | [lists:last(Texts) || u(2) =:= 1]]))
            end
    end.

parsed({form, Text}) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    case erl_parse:parse_form(Tokens) of
        {ok, Form} -> Form;
        _ -> erl_syntax:text(Text)
    end;
parsed({type, Text}) ->
    case parsed({form, "-type t() :: " ++ Text ++ "."}) of
        {attribute, _, type, {t, T, _}} -> T;
        Other -> Other
    end;
parsed({part, N, Text}) -> T = parsed(Text), Parts = lists:append(erl_syntax:subtrees(T)), lists:nth(min(N, length(Parts)), Parts);
parsed({made, Tree}) -> Tree;
parsed(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text ++ "."),
    case erl_parse:parse_exprs(Tokens) of
        {ok, [E]} -> E;
        _ -> erl_syntax:text(Text)
    end.

samples() ->
    [{"application", ["f(X, 1)", "m:f()"]}, {"arity_qualifier", [{made, erl_syntax:arity_qualifier(erl_syntax:atom(f), erl_syntax:integer(1))}]}, {"atom", ["ok", "'a b'"]},
     {"attribute", [{form, "-module(m)."}, {form, "-export([f/1])."}, {form, "-record(r, {a = 1})."}, {form, "-file(\"x\", 1)."}, {form, "-vsn(1)."}]},
     {"binary", ["<<1, X:8>>"]}, {"binary_comp", ["<< <<X>> || <<X>> <= B >>"]}, {"binary_field", [{part, 1, "<<1:8/signed>>"}, {part, 2, "<<X, Y/binary>>"}]}, {"binary_generator", [{part, 2, "[X || <<X>> <= B]"}]},
     {"bitstring_type", [{type, "<<_:8, _:_*4>>"}]}, {"block_expr", ["begin a, X end"]}, {"case_expr", ["case X of a -> b; _ when Y -> c end"]}, {"catch_expr", ["catch f()"]}, {"char", ["$a", "$\\n"]},
     {"class_qualifier", [{part, 2, {part, 2, "try f() catch error:R:S -> R end"}}]}, {"clause", [{part, 2, "case X of a when Y, Z -> b end"}]}, {"comment", [{made, erl_syntax:comment(3, ["% a", "% b"])}]},
     {"conjunction", [{made, erl_syntax:conjunction([erl_syntax:atom(true)])}]}, {"cons", ["[1 | X]"]}, {"constrained_function_type", [{made, erl_syntax:constrained_function_type(erl_syntax:function_type([], erl_syntax:atom(a)), [])}]},
     {"disjunction", [{made, erl_syntax:disjunction([erl_syntax:atom(true)])}]}, {"else_expr", [{made, erl_syntax:else_expr([])}]}, {"eof_marker", [{made, {eof, 3}}]}, {"error_marker", [{made, {error, {1, m, x}}}]}, {"float", ["1.5", "2.0e10"]},
     {"form_list", [{made, erl_syntax:form_list([{eof, 1}, erl_syntax:form_list([{eof, 2}])])}]}, {"fun_expr", ["fun(X) -> X; (_) -> 1 end"]}, {"fun_type", [{type, "fun()"}]}, {"function", [{form, "f(X) -> 1; f(_) when true -> 2."}]},
     {"function_type", [{type, "fun((a) -> b)"}]}, {"generator", [{part, 2, "[X || {X} <- L]"}]}, {"if_expr", ["if X -> 1; true -> 2 end"]}, {"implicit_fun", ["fun f/1", "fun m:f/2"]}, {"infix_expr", ["1 + X", "X == Y"]},
     {"integer", ["17", "16#ff", {type, "1"}]}, {"integer_range_type", [{type, "1..5"}]}, {"list", ["[1, 2, X]", "[]", "[1 | X]"]}, {"list_comp", ["[X || X <- L, X > 1]"]}, {"macro", [{made, erl_syntax:macro(erl_syntax:variable('M'), [erl_syntax:atom(a)])}]},
     {"map_comp", ["#{K => V || K := V <- M}"]}, {"map_expr", ["#{a => 1}", "X#{b := 2}"]}, {"map_field_assoc", [{part, 1, "#{a => 1}"}]}, {"map_field_exact", [{part, 2, "X#{a := 1}"}]}, {"map_generator", [{part, 2, "[K || K := V <- M]"}]},
     {"map_type", [{type, "#{a => b}"}, {type, "map()"}]}, {"map_type_assoc", [{part, 1, {type, "#{a => b}"}}]}, {"map_type_exact", [{part, 1, {type, "#{a := b}"}}]}, {"match_expr", ["X = 1"]}, {"maybe_expr", ["maybe X ?= 1, b end"]},
     {"maybe_match_expr", [{part, 1, "maybe X ?= 1, b end"}]}, {"module_qualifier", [{part, 1, "m:f()"}]}, {"named_fun_expr", ["fun F(X) -> F(X) end"]}, {"nil", ["[]"]}, {"operator", [{made, erl_syntax:operator('+')}]}, {"parentheses", [{made, erl_syntax:parentheses(erl_syntax:atom(a))}]},
     {"prefix_expr", ["-X", "not true"]}, {"receive_expr", ["receive a -> b after 10 -> c end"]}, {"record_access", ["X#r.a"]}, {"record_expr", ["#r{a = 1}", "X#r{_ = 2}"]}, {"record_field", [{part, 2, "#r{a = 1}"}]}, {"record_index_expr", ["#r.a"]},
     {"record_type", [{type, "#r{a :: b}"}]}, {"record_type_field", [{part, 2, {type, "#r{a :: b}"}}]}, {"size_qualifier", [{made, erl_syntax:size_qualifier(erl_syntax:integer(1), erl_syntax:integer(8))}]}, {"string", ["\"text\"", "\"\""]},
     {"text", [{made, erl_syntax:text("words")}]}, {"try_expr", ["try f() of a -> b catch _:_ -> c after d end"]}, {"tuple", ["{a, X}", "{}"]}, {"tuple_type", [{type, "{a, b}"}, {type, "tuple()"}]}, {"type_application", [{type, "list(a)"}, {type, "m:t(b)"}]},
     {"type_union", [{type, "a | b"}]}, {"typed_record_field", [{made, erl_syntax:typed_record_field(erl_syntax:record_field(erl_syntax:atom(a)), erl_syntax:atom(b))}]}, {"user_type_application", [{type, "t(a)"}]}, {"variable", ["X", "_Y"]},
     {"warning_marker", [{made, {warning, {1, m, x}}}]}, {"annotated_type", [{type, "X :: a"}]}, {"constraint", [{made, erl_syntax:constraint(erl_syntax:atom(is_subtype), [])}]}, {"underscore", ["_"]}].
