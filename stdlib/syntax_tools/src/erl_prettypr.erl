-module(erl_prettypr).
-moduledoc """
The text of syntax trees.

A tree of erl_syntax becomes a document of prettypr, from which the layout that suits the widths is chosen. Separators
and brackets float, so that a comment behind an element comes to stand behind the comma.
""".

-export([format/1, format/2, best/1, best/2, layout/1, layout/2, get_ctxt_precedence/1, set_ctxt_precedence/2, get_ctxt_paperwidth/1,
         set_ctxt_paperwidth/2, get_ctxt_linewidth/1, set_ctxt_linewidth/2, get_ctxt_hook/1, set_ctxt_hook/2, get_ctxt_user/1,
         set_ctxt_user/2]).
-export_type([context/0, hook/0]).

-import(prettypr, [text/1, nest/2, above/2, beside/2, sep/1, par/1, par/2, floating/1, floating/3, follow/3, break/1, empty/0]).
-import(gerl_pretty_text, [comment/1, string/2, numeral/1]).

-record(ctxt, {prec = 0 :: integer(), clause = function :: atom(), hook = none :: hook(), paper = 80 :: integer(), ribbon = 56 :: integer(),
               user = undefined :: term(), encoding = utf8 :: atom()}).

-type syntaxTree() :: erl_syntax:syntaxTree().
-opaque context() :: #ctxt{}.
-type hook() :: none | fun((syntaxTree(), context(), fun((syntaxTree(), context()) -> prettypr:document())) -> prettypr:document()).

%% How far the parts of a broken construct are indented.
-define(INDENT, 4).

-doc "The precedence of the operator around the node that is laid out.".
-spec get_ctxt_precedence(context()) -> integer().
get_ctxt_precedence(Ctxt) -> Ctxt#ctxt.prec.

-doc "The context with another precedence.".
-spec set_ctxt_precedence(context(), integer()) -> context().
set_ctxt_precedence(Ctxt, Prec) -> Ctxt#ctxt{prec = Prec}.

-doc "The paper width. To change it has no effect on the layout.".
-spec get_ctxt_paperwidth(context()) -> integer().
get_ctxt_paperwidth(Ctxt) -> Ctxt#ctxt.paper.

-doc "The context with another paper width, for hooks.".
-spec set_ctxt_paperwidth(context(), integer()) -> context().
set_ctxt_paperwidth(Ctxt, Width) -> Ctxt#ctxt{paper = Width}.

-doc "The line width. To change it has no effect on the layout.".
-spec get_ctxt_linewidth(context()) -> integer().
get_ctxt_linewidth(Ctxt) -> Ctxt#ctxt.ribbon.

-doc "The context with another line width, for hooks.".
-spec set_ctxt_linewidth(context(), integer()) -> context().
set_ctxt_linewidth(Ctxt, Width) -> Ctxt#ctxt{ribbon = Width}.

-doc "The hook.".
-spec get_ctxt_hook(context()) -> hook().
get_ctxt_hook(Ctxt) -> Ctxt#ctxt.hook.

-doc "The context with another hook.".
-spec set_ctxt_hook(context(), hook()) -> context().
set_ctxt_hook(Ctxt, Hook) -> Ctxt#ctxt{hook = Hook}.

-doc "What the option `user` gave to the hooks.".
-spec get_ctxt_user(context()) -> term().
get_ctxt_user(Ctxt) -> Ctxt#ctxt.user.

-doc "The context with another value for the hooks.".
-spec set_ctxt_user(context(), term()) -> context().
set_ctxt_user(Ctxt, User) -> Ctxt#ctxt{user = User}.

-doc "The same as `format(Tree, [])`.".
-spec format(syntaxTree()) -> string().
format(Tree) -> format(Tree, []).

-doc """
The text of a tree. Options: `{paper, Width}` (80) and `{ribbon, Width}` (56), see prettypr; `{encoding, Encoding}` (`utf8`; in
`latin1` characters above 255 are escaped); `{hook, Fun}`, which is called for nodes with annotations, and `{user, Term}` for it.
""".
-spec format(syntaxTree(), [term()]) -> string().
format(Tree, Options) ->
    {Paper, Ribbon} = widths(Options),
    prettypr:format(layout(Tree, Options), Paper, Ribbon).

-doc "The same as `best(Tree, [])`.".
-spec best(syntaxTree()) -> empty | prettypr:document().
best(Tree) -> best(Tree, []).

-doc "The chosen layout of a tree as a document.".
-spec best(syntaxTree(), [term()]) -> empty | prettypr:document().
best(Tree, Options) ->
    {Paper, Ribbon} = widths(Options),
    prettypr:best(layout(Tree, Options), Paper, Ribbon).

widths(Options) -> {proplists:get_value(paper, Options, 80), proplists:get_value(ribbon, Options, 56)}.

-doc "The same as `layout(Tree, [])`.".
-spec layout(syntaxTree()) -> prettypr:document().
layout(Tree) -> layout(Tree, []).

-doc "The document of all layouts of a tree.".
-spec layout(syntaxTree(), [term()]) -> prettypr:document().
layout(Tree, Options) ->
    {Paper, Ribbon} = widths(Options),
    lay(Tree, #ctxt{hook = proplists:get_value(hook, Options, none), paper = Paper, ribbon = Ribbon,
                    user = proplists:get_value(user, Options), encoding = proplists:get_value(encoding, Options, utf8)}).

%% Every node passes here: hooks, then comments, then the node itself.
lay(Node, #ctxt{hook = none} = Ctxt) -> commented(Node, Ctxt);
lay(Node, #ctxt{hook = Hook} = Ctxt) ->
    case erl_syntax:get_ann(Node) of
        [] -> commented(Node, Ctxt);
        _ -> Hook(Node, Ctxt, fun commented/2)
    end.

commented(Node, Ctxt) ->
    Doc = node(erl_syntax:type(Node), Node, Ctxt),
    case erl_syntax:has_comments(Node) of
        false -> Doc;
        true -> before(erl_syntax:get_precomments(Node), behind(Doc, erl_syntax:get_postcomments(Node)))
    end.

before([], Doc) -> Doc;
before(Comments, Doc) -> above(floating(break(stack([comment(erl_syntax:comment_text(C)) || C <- Comments])), -1, -1), Doc).

behind(Doc, []) -> Doc;
behind(Doc, Comments) -> beside(Doc, floating(break(stack([padded(C) || C <- Comments])), 1, 0)).

padded(Comment) ->
    Width = case erl_syntax:comment_padding(Comment) of none -> 2; N -> max(N, 0) end,
    beside(text(lists:duplicate(Width, $\s)), comment(erl_syntax:comment_text(Comment))).

%% Documents below each other.
stack([]) -> empty();
stack([Doc]) -> Doc;
stack([Doc | Docs]) -> above(Doc, stack(Docs)).

%% Separators behind all but the last.
separated(Separator, [Doc | [_ | _] = Docs]) -> [beside(Doc, floating(text(Separator))) | separated(Separator, Docs)];
separated(_, Docs) -> Docs.

commas(Nodes, Ctxt) -> separated(",", [lay(N, Ctxt) || N <- Nodes]).

sep_all([]) -> empty();
sep_all(Docs) -> sep(Docs).

par_all([]) -> empty();
par_all(Docs) -> par(Docs).

bracket(Open, Doc, Close) -> beside(floating(text(Open)), beside(Doc, floating(text(Close)))).

outer(Ctxt) -> Ctxt#ctxt{prec = 0}.
at(Prec, Ctxt) -> Ctxt#ctxt{prec = Prec}.
tight(Ctxt) -> Ctxt#ctxt{prec = erl_parse:max_prec()}.

parens(Doc, Prec, #ctxt{prec = Around}) when Around > Prec -> bracket("(", Doc, ")");
parens(Doc, _, _) -> Doc.

node(Type, Node, Ctxt) ->
    case leaf(Type, Node, Ctxt) of
        none -> expr(Type, Node, Ctxt);
        Doc -> Doc
    end.

leaf(variable, Node, _) -> text(erl_syntax:variable_literal(Node));
leaf(atom, Node, Ctxt) -> text(erl_syntax:atom_literal(Node, Ctxt#ctxt.encoding));
leaf(integer, Node, _) -> text(erl_syntax:integer_literal(Node));
leaf(float, Node, _) -> text(numeral(erl_syntax:float_literal(Node)));
leaf(char, Node, Ctxt) -> text(erl_syntax:char_literal(Node, Ctxt#ctxt.encoding));
leaf(string, Node, Ctxt) -> stack([text(Piece) || Piece <- string(erl_syntax:string_literal(Node, Ctxt#ctxt.encoding), Ctxt#ctxt.ribbon)]);
leaf(nil, _, _) -> text("[]");
leaf(underscore, _, _) -> text("_");
leaf(operator, Node, _) -> text(erl_syntax:operator_literal(Node));
leaf(text, Node, _) -> text(erl_syntax:text_string(Node));
leaf(eof_marker, _, _) -> empty();
leaf(comment, Node, _) ->
    Doc = comment(erl_syntax:comment_text(Node)),
    break(case erl_syntax:comment_padding(Node) of
              N when is_integer(N), N > 0 -> beside(text(lists:duplicate(N, $\s)), Doc);
              _ -> Doc
          end);
leaf(error_marker, Node, Ctxt) -> beside(text("** "), beside(complaint(erl_syntax:error_marker_info(Node), Ctxt), text(" **")));
leaf(warning_marker, Node, Ctxt) -> beside(text("%% WARNING: "), complaint(erl_syntax:warning_marker_info(Node), Ctxt));
leaf(_, _, _) -> none.

complaint({Line, Module, Text}, Ctxt) when is_integer(Line), is_atom(Module), Line > 0 ->
    try text(lists:flatten(io_lib:format("~w: ~ts", [Line, Module:format_error(Text)])))
    catch _:_ -> lay(erl_syntax:abstract({Line, Module, Text}), outer(Ctxt))
    end;
complaint({Line, Module, Text}, Ctxt) when is_integer(Line), is_atom(Module) ->
    try text(lists:flatten(io_lib:format("~ts", [Module:format_error(Text)])))
    catch _:_ -> lay(erl_syntax:abstract({Line, Module, Text}), outer(Ctxt))
    end;
complaint(Info, Ctxt) -> lay(erl_syntax:abstract(Info), outer(Ctxt)).

%% Terms and operators.
expr(tuple, Node, Ctxt) -> bracket("{", sep_all(commas(erl_syntax:tuple_elements(Node), outer(Ctxt))), "}");
expr(list, Node, Ctxt) ->
    List = erl_syntax:compact_list(Node),
    Elements = sep(commas(erl_syntax:list_prefix(List), outer(Ctxt))),
    case erl_syntax:list_suffix(List) of
        none -> bracket("[", Elements, "]");
        Tail -> bracket("[", follow(Elements, beside(floating(text("| ")), lay(Tail, outer(Ctxt))), 0), "]")
    end;
expr(binary, Node, Ctxt) -> bracket("<<", par_all(commas(erl_syntax:binary_fields(Node), outer(Ctxt))), ">>");
expr(binary_field, Node, Ctxt) ->
    Body = lay(erl_syntax:binary_field_body(Node), tight(Ctxt)),
    case erl_syntax:binary_field_types(Node) of
        [] -> Body;
        [First | Types] ->
            Rest = [beside(floating(text("-")), lay(T, tight(Ctxt))) || T <- Types],
            Spec = lists:foldl(fun(D, All) -> beside(All, D) end, lay(First, tight(Ctxt)), Rest),
            beside(Body, beside(floating(text("/")), Spec))
    end;
expr(size_qualifier, Node, Ctxt) ->
    Inner = tight(Ctxt),
    beside(lay(erl_syntax:size_qualifier_body(Node), Inner),
           beside(floating(text(":")), lay(erl_syntax:size_qualifier_argument(Node), Inner)));
expr(map_expr, Node, Ctxt) ->
    Fields = bracket("#{", par_all(commas(erl_syntax:map_expr_fields(Node), outer(Ctxt))), "}"),
    updated(erl_syntax:map_expr_argument(Node), Fields, Ctxt);
expr(record_expr, Node, Ctxt) ->
    Type = record_type(erl_syntax:record_expr_type(Node), Ctxt),
    Fields = bracket("{", par_all(commas(erl_syntax:record_expr_fields(Node), outer(Ctxt))), "}"),
    updated(erl_syntax:record_expr_argument(Node), beside(beside(floating(text("#")), Type), Fields), Ctxt);
expr(record_access, Node, Ctxt) ->
    Field = beside(floating(text(".")), lay(erl_syntax:record_access_field(Node), outer(Ctxt))),
    Access = beside(beside(floating(text("#")), record_type(erl_syntax:record_access_type(Node), Ctxt)), Field),
    updated(erl_syntax:record_access_argument(Node), Access, Ctxt);
expr(record_index_expr, Node, Ctxt) ->
    Field = beside(floating(text(".")), lay(erl_syntax:record_index_expr_field(Node), outer(Ctxt))),
    Index = beside(beside(floating(text("#")), record_type(erl_syntax:record_index_expr_type(Node), Ctxt)), Field),
    {_, Prec, _} = erl_parse:inop_prec('#'),
    parens(Index, Prec, Ctxt);
expr(record_field, Node, Ctxt) ->
    Name = lay(erl_syntax:record_field_name(Node), outer(Ctxt)),
    case erl_syntax:record_field_value(Node) of
        none -> Name;
        Value -> par([Name, floating(text("=")), lay(Value, outer(Ctxt))], ?INDENT)
    end;
expr(map_field_assoc, Node, Ctxt) -> pair(erl_syntax:map_field_assoc_name(Node), "=>", erl_syntax:map_field_assoc_value(Node), Ctxt);
expr(map_field_exact, Node, Ctxt) -> pair(erl_syntax:map_field_exact_name(Node), ":=", erl_syntax:map_field_exact_value(Node), Ctxt);
expr(typed_record_field, Node, Ctxt) -> pair(erl_syntax:typed_record_field_body(Node), "::", erl_syntax:typed_record_field_type(Node), Ctxt);
expr(match_expr, Node, Ctxt) -> matching(erl_syntax:match_expr_pattern(Node), '=', erl_syntax:match_expr_body(Node), Ctxt);
expr(maybe_match_expr, Node, Ctxt) -> matching(erl_syntax:maybe_match_expr_pattern(Node), '?=', erl_syntax:maybe_match_expr_body(Node), Ctxt);
expr(infix_expr, Node, Ctxt) ->
    Operator = erl_syntax:infix_expr_operator(Node),
    {PrecL, Prec, PrecR} =
        case erl_syntax:type(Operator) of
            operator -> erl_parse:inop_prec(erl_syntax:operator_name(Operator));
            _ -> {0, 0, 0}
        end,
    Docs = [lay(erl_syntax:infix_expr_left(Node), at(PrecL, Ctxt)), lay(Operator, outer(Ctxt)), lay(erl_syntax:infix_expr_right(Node), at(PrecR, Ctxt))],
    parens(par(Docs, ?INDENT), Prec, Ctxt);
expr(prefix_expr, Node, Ctxt) ->
    Operator = erl_syntax:prefix_expr_operator(Node),
    Name = case erl_syntax:type(Operator) of operator -> erl_syntax:operator_name(Operator); _ -> any end,
    {Prec, PrecR} = case Name of any -> {0, 0}; _ -> erl_parse:preop_prec(Name) end,
    Argument = lay(erl_syntax:prefix_expr_argument(Node), at(PrecR, Ctxt)),
    Doc = case lists:member(Name, ['+', '-']) of
              true -> beside(lay(Operator, outer(Ctxt)), Argument);
              false -> par([lay(Operator, outer(Ctxt)), Argument], ?INDENT)
          end,
    parens(Doc, Prec, Ctxt);
expr(parentheses, Node, Ctxt) -> bracket("(", lay(erl_syntax:parentheses_body(Node), outer(Ctxt)), ")");
expr(application, Node, Ctxt) ->
    {PrecL, Prec} = erl_parse:func_prec(),
    Operator = lay(erl_syntax:application_operator(Node), at(PrecL, Ctxt)),
    Arguments = sep_all(commas(erl_syntax:application_arguments(Node), outer(Ctxt))),
    parens(beside(Operator, beside(text("("), beside(Arguments, floating(text(")"))))), Prec, Ctxt);
expr(module_qualifier, Node, Ctxt) ->
    {PrecL, _, PrecR} = erl_parse:inop_prec(':'),
    beside(lay(erl_syntax:module_qualifier_argument(Node), at(PrecL, Ctxt)),
           beside(floating(text(":")), lay(erl_syntax:module_qualifier_body(Node), at(PrecR, Ctxt))));
expr(arity_qualifier, Node, Ctxt) ->
    beside(lay(erl_syntax:arity_qualifier_body(Node), outer(Ctxt)),
           beside(floating(text("/")), lay(erl_syntax:arity_qualifier_argument(Node), outer(Ctxt))));
expr(class_qualifier, Node, Ctxt) ->
    Parts = [erl_syntax:class_qualifier_argument(Node), erl_syntax:class_qualifier_body(Node)],
    Stack = erl_syntax:class_qualifier_stacktrace(Node),
    Shown = case erl_syntax:type(Stack) of underscore -> Parts; _ -> Parts ++ [Stack] end,
    [First | Rest] = [lay(P, tight(Ctxt)) || P <- Shown],
    lists:foldl(fun(D, All) -> beside(All, beside(floating(text(":")), D)) end, First, Rest);
expr(macro, Node, Ctxt) ->
    Name = beside(floating(text("?")), lay(erl_syntax:macro_name(Node), outer(Ctxt))),
    Doc = case erl_syntax:macro_arguments(Node) of
              none -> Name;
              Arguments -> beside(Name, beside(text("("), beside(par_all(commas(Arguments, tight(Ctxt))), floating(text(")")))))
          end,
    parens(Doc, 0, Ctxt); % what it expands to may be anything
expr(implicit_fun, Node, Ctxt) -> beside(floating(text("fun ")), lay(erl_syntax:implicit_fun_name(Node), outer(Ctxt)));
expr(Type, Node, Ctxt) -> construct(Type, Node, Ctxt).

pair(Name, Sign, Value, Ctxt) -> par([lay(Name, outer(Ctxt)), floating(text(Sign)), lay(Value, outer(Ctxt))], ?INDENT).

matching(Pattern, Sign, Body, Ctxt) ->
    {PrecL, Prec, PrecR} = erl_parse:inop_prec('='),
    Left = beside(lay(Pattern, at(PrecL, Ctxt)), floating(text([$\s | atom_to_list(Sign)]))),
    parens(follow(Left, lay(Body, at(PrecR, Ctxt)), ?INDENT), Prec, Ctxt).

updated(none, Doc, Ctxt) ->
    {_, Prec, _} = erl_parse:inop_prec('#'),
    parens(Doc, Prec, Ctxt);
updated(Argument, Doc, Ctxt) ->
    {PrecL, Prec, _} = erl_parse:inop_prec('#'),
    parens(beside(lay(Argument, at(PrecL, Ctxt)), Doc), Prec, Ctxt).

record_type([Module, Name], Ctxt) -> beside(lay(Module, tight(Ctxt)), beside(floating(text(":")), lay(Name, tight(Ctxt))));
record_type(Type, Ctxt) ->
    case erl_syntax:type(Type) of
        list -> record_type(erl_syntax:list_elements(Type), Ctxt);
        _ -> lay(Type, outer(Ctxt))
    end.

%% Expressions of several lines.
construct(block_expr, Node, Ctxt) -> sep([text("begin"), nest(?INDENT, exprs(erl_syntax:block_expr_body(Node), Ctxt)), text("end")]);
construct(catch_expr, Node, Ctxt) ->
    {Prec, PrecR} = erl_parse:preop_prec('catch'),
    parens(follow(text("catch"), lay(erl_syntax:catch_expr_body(Node), at(PrecR, Ctxt)), ?INDENT), Prec, Ctxt);
construct(if_expr, Node, Ctxt) -> sep([follow(text("if"), clauses(erl_syntax:if_expr_clauses(Node), if_expr, Ctxt), ?INDENT), text("end")]);
construct(case_expr, Node, Ctxt) ->
    Head = par([follow(text("case"), lay(erl_syntax:case_expr_argument(Node), outer(Ctxt)), ?INDENT), text("of")], ?INDENT),
    sep([Head, nest(?INDENT, clauses(erl_syntax:case_expr_clauses(Node), case_expr, Ctxt)), text("end")]);
construct(receive_expr, Node, Ctxt) ->
    Clauses = clauses(erl_syntax:receive_expr_clauses(Node), case_expr, Ctxt),
    Body = case erl_syntax:receive_expr_timeout(Node) of
               none -> Clauses;
               Timeout ->
                   Action = exprs(erl_syntax:receive_expr_action(Node), Ctxt),
                   sep([Clauses, follow(text("after"), arrow(lay(Timeout, outer(Ctxt)), Action), ?INDENT)])
           end,
    sep([text("receive"), nest(?INDENT, Body), text("end")]);
construct(try_expr, Node, Ctxt) ->
    Body = follow(text("try"), exprs(erl_syntax:try_expr_body(Node), Ctxt), ?INDENT),
    Sections = [{"of", clauses(Cs, case_expr, Ctxt)} || Cs <- [erl_syntax:try_expr_clauses(Node)], Cs =/= []] ++
               [{"catch", clauses(Hs, case_expr, Ctxt)} || Hs <- [erl_syntax:try_expr_handlers(Node)], Hs =/= []] ++
               [{"after", exprs(As, Ctxt)} || As <- [erl_syntax:try_expr_after(Node)], As =/= []],
    sep(sections(Body, Sections) ++ [text("end")]);
construct(maybe_expr, Node, Ctxt) ->
    Body = [text("maybe"), nest(?INDENT, stack(commas(erl_syntax:maybe_expr_body(Node), outer(Ctxt))))],
    case erl_syntax:maybe_expr_else(Node) of
        none -> sep(Body ++ [text("end")]);
        Else -> sep([par([sep(Body), text("else")]), nest(?INDENT, else_clauses(Else, Ctxt)), text("end")])
    end;
construct(else_expr, Node, Ctxt) -> sep([text("else"), nest(?INDENT, else_clauses(Node, Ctxt)), text("end")]);
construct(fun_expr, Node, Ctxt) ->
    sep([follow(text("fun"), clauses(erl_syntax:fun_expr_clauses(Node), fun_expr, Ctxt), ?INDENT), text("end")]);
construct(named_fun_expr, Node, Ctxt) ->
    Name = lay(erl_syntax:named_fun_expr_name(Node), outer(Ctxt)),
    Clauses = named_clauses(Name, erl_syntax:named_fun_expr_clauses(Node), Ctxt),
    sep([follow(text("fun"), Clauses, ?INDENT), text("end")]);
construct(list_comp, Node, Ctxt) ->
    {Template, Body} = comprehension(erl_syntax:list_comp_template(Node), erl_syntax:list_comp_body(Node), outer(Ctxt)),
    bracket("[", par([Template, beside(floating(text("|| ")), Body)]), "]");
construct(map_comp, Node, Ctxt) ->
    {Template, Body} = comprehension(erl_syntax:map_comp_template(Node), erl_syntax:map_comp_body(Node), tight(Ctxt)),
    bracket("#{", par([Template, beside(floating(text("|| ")), Body)]), "}");
construct(binary_comp, Node, Ctxt) ->
    {Template, Body} = comprehension(erl_syntax:binary_comp_template(Node), erl_syntax:binary_comp_body(Node), tight(Ctxt)),
    bracket("<< ", par([Template, beside(floating(text(" || ")), Body)]), " >>");
construct(zip_generator, Node, Ctxt) -> par(separated("&&", [lay(G, outer(Ctxt)) || G <- erl_syntax:zip_generator_body(Node)]));
construct(clause, Node, Ctxt) -> clause(Node, Ctxt);
construct(conjunction, Node, Ctxt) -> par_all(commas(erl_syntax:conjunction_body(Node), outer(Ctxt)));
construct(disjunction, Node, Ctxt) -> sep_all(separated(";", [lay(C, outer(Ctxt)) || C <- erl_syntax:disjunction_body(Node)]));
construct(function, Node, Ctxt) ->
    Name = lay(erl_syntax:function_name(Node), outer(Ctxt)),
    beside(named_clauses(Name, erl_syntax:function_clauses(Node), Ctxt), floating(text(".")));
construct(form_list, Node, Ctxt) ->
    stack(lists:join(text(""), [lay(F, outer(Ctxt)) || F <- erl_syntax:form_list_elements(Node)]));
construct(attribute, Node, Ctxt) -> gerl_pretty_attribute:attribute(Node, fun(N) -> lay(N, outer(Ctxt)) end, fun(T) -> signature(T, Ctxt) end);
construct(Type, Node, Ctxt) ->
    case generator(Type) of
        none -> gerl_pretty_attribute:type(Type, Node, Ctxt#ctxt.prec, fun(N, Prec) -> lay(N, at(Prec, Ctxt)) end);
        Sign ->
            [[Pattern], [Body]] = erl_syntax:subtrees(Node),
            par([lay(Pattern, outer(Ctxt)), beside(text(Sign ++ " "), lay(Body, outer(Ctxt)))], ?INDENT)
    end.

generator(generator) -> "<-";
generator(map_generator) -> "<-";
generator(binary_generator) -> "<=";
generator(strict_generator) -> "<:-";
generator(strict_map_generator) -> "<:-";
generator(strict_binary_generator) -> "<:=";
generator(_) -> none.

comprehension(Template, Body, Ctxt) ->
    Elements = if is_list(Template) -> par_all(commas(Template, Ctxt)); true -> lay(Template, Ctxt) end,
    {Elements, par_all(commas(Body, Ctxt))}.

exprs(Nodes, Ctxt) -> sep_all(commas(Nodes, outer(Ctxt))).

else_clauses(Else, Ctxt) ->
    case erl_syntax:type(Else) of
        else_expr -> clauses(erl_syntax:else_expr_clauses(Else), case_expr, Ctxt);
        _ -> lay(Else, outer(Ctxt))
    end.

%% The first section's keyword may stand on the line of the body.
sections(Body, []) -> [Body];
sections(Body, [{Word, Doc} | Rest]) ->
    [par([Body, text(Word)]), nest(?INDENT, Doc) | lists:append([[text(W), nest(?INDENT, D)] || {W, D} <- Rest])].

clauses(Clauses, Kind, Ctxt) -> stack(separated(";", [lay(C, (outer(Ctxt))#ctxt{clause = Kind}) || C <- Clauses])).

%% Clauses of a function or a named fun: the name stands before each, or before what a hook made of it.
named_clauses(Name, Clauses, Ctxt) ->
    stack(separated(";", [lay(C, (outer(Ctxt))#ctxt{clause = {function, Name}}) || C <- Clauses])).

clause(Node, #ctxt{clause = Kind} = Ctxt) ->
    Inner = (outer(Ctxt))#ctxt{clause = function},
    Patterns = par_all(commas(erl_syntax:clause_patterns(Node), Inner)),
    Body = stack(commas(erl_syntax:clause_body(Node), Inner)),
    Guard = case erl_syntax:clause_guard(Node) of none -> none; G -> lay(G, Inner) end,
    case Kind of
        if_expr when Guard =:= none -> arrow(text("true"), Body);
        if_expr -> arrow(Guard, Body);
        case_expr -> arrow(guarded(Patterns, Guard), Body);
        {function, Name} -> arrow(guarded(beside(Name, bracket("(", Patterns, ")")), Guard), Body);
        _ -> arrow(guarded(bracket("(", Patterns, ")"), Guard), Body)
    end.

guarded(Head, none) -> Head;
guarded(Head, Guard) -> par([Head, follow(text("when"), Guard, 2)], ?INDENT).

arrow(Head, Body) -> sep([beside(Head, floating(text(" ->"))), nest(?INDENT, Body)]).

%% A function type in a specification, without `fun` around it.
signature(Type, Ctxt) ->
    case erl_syntax:type(Type) of
        function_type ->
            Arguments = par_all(commas(erl_syntax:function_type_arguments(Type), outer(Ctxt))),
            beside(bracket("(", Arguments, ")"), beside(floating(text(" -> ")), lay(erl_syntax:function_type_return(Type), outer(Ctxt))));
        constrained_function_type ->
            Function = signature(erl_syntax:constrained_function_type_body(Type), Ctxt),
            Constraints = lay(erl_syntax:constrained_function_type_argument(Type), outer(Ctxt)),
            beside(Function, beside(floating(text(" when ")), Constraints));
        _ -> lay(Type, outer(Ctxt))
    end.
