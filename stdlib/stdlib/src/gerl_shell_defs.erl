-module(gerl_shell_defs).
-moduledoc "What is defined at the prompt: records, functions, types, specs. Expands records in expressions. Internal.".

%% A table of definitions is a map with the keys {record, Name}, {native, Name}, {function, Name, Arity}, {type, Name, Arity}
%% and {spec, Name, Arity}. A record's value is the list of its fields as they are in the declaration, the value of
%% {declared, Name} is its form. A native record's value is its form.

-export([expand/2, expand_clauses/2, parse/1, fields/1, printed/1, declarations/2, declared/1, file_records/2,
         mistake/3, record_mistake/2, function_texts/1, type_texts/1, save/2, field/4, update/5, form/2, command/1, abstract_code/1, chunk/2]).

-type table() :: #{tuple() => term()}.

%%% ---- definitions ---------------------------------------------------------------------------------

-doc "Expressions, or the definition that the tokens are.".
-spec parse([erl_scan:token()]) -> {ok, [term()]} | {define, term()} | {error, term()}.
parse([{'-', _}, {Kind, _} | _] = Tokens) when Kind =:= spec -> definition(Tokens);
parse([{'-', _}, {atom, _, Kind} | _] = Tokens) when Kind =:= record; Kind =:= type;
                                                     Kind =:= nominal; Kind =:= spec ->
    definition(Tokens);
parse(Tokens) ->
    case erl_eval:extended_parse_exprs(Tokens) of
        {ok, Exprs} -> {ok, Exprs};
        {error, Info} ->
            case may_define(Tokens) andalso erl_parse:parse_form(Tokens) of
                {ok, {function, _, _, _, _} = Form} -> {define, Form};
                _ -> {error, Info}
            end
    end.

-doc """
The command that makes a definition again: what the history keeps of it. `fd(Name, Fun, Text)` for a function; `rd(Text)`, `td(Text)` and
`ft(Text)` for a record, a type and a spec.
""".
-spec command(erl_parse:abstract_form()) -> erl_parse:abstract_expr().
command({function, A, Name, _, Clauses} = Form) ->
    {call, 1, {atom, 1, fd}, [{atom, 1, Name}, {named_fun, A, 'RecursiveFuncVar', Clauses}, text(Form)]};
command({attribute, _, spec, _} = Form) -> {call, 1, {atom, 1, ft}, [text(Form)]};
command({attribute, _, Kind, _} = Form) when Kind =:= record; Kind =:= native_record -> {call, 1, {atom, 1, rd}, [text(Form)]};
command(Form) -> {call, 1, {atom, 1, td}, [text(Form)]}.

text(Form) -> {string, 1, lists:flatten(erl_pp:form(Form))}.

%% The names of commands and of functions of module erlang stay theirs.
may_define([{atom, _, Name}, {'(', _} | _]) ->
    not lists:member(Name, shell:commands()) andalso
        not lists:any(fun(M) -> lists:keymember(Name, 1, M:module_info(exports)) end, [c, shell_default, erlang]);
may_define(_) -> false.

definition(Tokens) ->
    case erl_parse:parse_form(Tokens) of
        {ok, Form} -> {define, Form};
        {error, Info} -> {error, Info}
    end.

-doc "The form of a declaration whose fields were given to rd as a tuple.".
-spec form(atom(), term()) -> term().
form(Name, {tuple, _, Fields}) ->
    {attribute, 1, record, {Name, [case F of
                                       {match, A, {atom, _, _} = Field, Default} -> {record_field, A, Field, Default};
                                       {atom, A, _} -> {record_field, A, F}
                                   end || F <- Fields]}}.

-doc "The fields of a record declaration as {Name, Default}.".
-spec fields([term()]) -> [{atom(), term()}].
fields(Fields) -> [one_field(F) || F <- Fields].

one_field({typed_record_field, Field, _}) -> one_field(Field);
one_field({record_field, A, {atom, _, Name}}) -> {Name, {atom, A, undefined}};
one_field({record_field, _, {atom, _, Name}, Default}) -> {Name, Default}.

-doc "The records of a table as printing wants them.".
-spec printed(table()) -> [{atom(), [atom()]}].
printed(Table) -> [{Name, [F || {F, _} <- Fields]} || {{record, Name}, Fields} <- maps:to_list(Table)].

-doc "The declarations of all records, or of the tuple records with these names, as rl and lr print them.".
-spec declarations(all | [atom()], table()) -> [iolist()].
declarations(all, Table) -> [erl_pp:form(Form) || {{Kind, _}, Form} <- lists:sort(maps:to_list(Table)), Kind =:= declared orelse Kind =:= native];
declarations(Names, Table) -> [erl_pp:form(Form) || Name <- Names, {ok, Form} <- [maps:find({declared, Name}, Table)]].

-doc "The functions, each behind its spec, and the specs without a function, as lf prints them.".
-spec function_texts(table()) -> [iolist()].
function_texts(Table) ->
    [[case Table of
          #{{spec, Name, Arity} := Spec} -> erl_pp:form(Spec);
          #{} -> []
      end, erl_pp:form(Form)]
     || {{function, Name, Arity}, {Form, _}} <- lists:sort(maps:to_list(Table))] ++
        [[erl_pp:form(Spec), io_lib:format("%% ~tw/~w not implemented\n", [Name, Arity])]
         || {{spec, Name, Arity}, Spec} <- lists:sort(maps:to_list(Table)), not is_map_key({function, Name, Arity}, Table)].

-doc "The types as lt prints them.".
-spec type_texts(table()) -> [iolist()].
type_texts(Table) -> [erl_pp:form(Form) || {{type, _, _}, Form} <- lists:sort(maps:to_list(Table))].

-doc "Writes what is defined to the source file of a module, and compiles and loads it; asks before a file is lost.".
-spec save(string(), table()) -> {ok, module()} | error | ok | {error, term()}.
save(Path, Table) ->
    case not filelib:is_file(Path) orelse io:get_line("File exists, do you want to overwrite it? (y/N)\n") =:= "y\n" of
        true ->
            case file:write_file(Path, unicode:characters_to_binary(module_text(filename:basename(Path), Table))) of
                ok -> c:c(Path);
                Error -> Error
            end;
        false -> io:format("Aborting save~n")
    end.

module_text(File, Table) ->
    Name = list_to_atom(hd(string:split(File, "."))),
    Exports = [io_lib:format("~tw/~w", [F, A]) || {function, F, A} <- lists:sort(maps:keys(Table))],
    Texts = [io_lib:format("-module(~tw).\n", [Name]), io_lib:format("-export([~ts]).\n", [lists:join(",", Exports)])
             | type_texts(Table) ++ declarations(all, Table) ++ function_texts(Table)],
    lists:join($\n, Texts).

-doc "Record declarations among forms.".
-spec declared([term()]) -> [term()].
declared(Forms) -> [Form || {attribute, _, Kind, _} = Form <- Forms, Kind =:= record orelse Kind =:= native_record].

-doc "The record declarations of a source file; options are {i, Folder}, {d, Macro} and {d, Macro, Value}.".
-spec file_records(file:filename(), [tuple()]) -> {ok, [term()]} | {error, term()}.
file_records(File, Options) ->
    Macros = [case D of {d, Name} -> Name; {d, Name, Value} -> {Name, Value} end || D <- Options, element(1, D) =:= d],
    case epp:parse_file(File, [{includes, [".", filename:dirname(File) | [Dir || {i, Dir} <- Options]]}, {macros, Macros}]) of
        {ok, Forms} -> {ok, declared(Forms)};
        {error, Reason} -> {error, Reason}
    end.

%%% ---- mistakes ------------------------------------------------------------------------------------

-doc "The first mistake that the linter finds in an expression, given the variables that have values.".
-spec mistake(term(), [atom()], table()) -> none | erl_lint:error_info().
mistake({match, _, _, Value} = Expr, Variables, Table) ->
    %% what is wrong with the value is told before what is wrong with the pattern
    case mistake(Value, Variables, Table) of
        none -> first_mistake(Expr, Variables, Table);
        Mistake -> Mistake
    end;
mistake(Expr, Variables, Table) -> first_mistake(Expr, Variables, Table).

first_mistake(Expr, Variables, Table) ->
    Bound = lists:foldl(fun(V, Tail) -> {cons, 1, {var, 1, V}, Tail} end, {nil, 1}, Variables),
    Name = '-expression at the prompt-',
    first_mistake(record_forms(Table) ++ [{function, 1, Name, 1, [{clause, 1, [Bound], [], [lintable(Expr)]}]}]).

-doc "The first mistake in a declaration of a record.".
-spec record_mistake(term(), table()) -> none | erl_lint:error_info().
record_mistake({attribute, _, _, {Name, _}} = Form, Table) ->
    first_mistake(record_forms(maps:without([{record, Name}, {native, Name}], Table)) ++ [Form]).

first_mistake(Forms) ->
    case erl_lint:module([{attribute, 1, file, {"", 1}}, {attribute, 1, module, ?MODULE} | Forms]) of
        {error, Errors, _} ->
            case [E || {_, Es} <- Errors, E <- Es, not is_elsewhere(element(3, E))] of
                [First | More] -> lists:foldl(fun(E, Least) when element(1, E) < element(1, Least) -> E; (_, Least) -> Least end, First, More);
                [] -> none
            end;
        _ -> none
    end.

%% Functions are found when they are called.
is_elsewhere(What) -> is_tuple(What) andalso element(1, What) =:= undefined_function.

record_forms(Table) ->
    [record_form(Name, Fields) || {record, Name} := Fields <- Table, not is_map_key({native, Name}, Table)] ++
        [Form || {native, _} := Form <- Table].

record_form(Name, Fields) -> {attribute, 1, record, {Name, [{record_field, 1, {atom, 1, F}, Default} || {F, Default} <- Fields]}}.

%% f(X) is no use of X; values that stand in the place of expressions are none that the linter knows.
lintable({call, A, {atom, _, f}, [{var, _, _}]}) -> {atom, A, ok};
lintable({value, A, _}) -> {atom, A, ok};
lintable({Kind, _, _} = Leaf) when Kind =:= atom; Kind =:= integer; Kind =:= string; Kind =:= char; Kind =:= float; Kind =:= var -> Leaf;
lintable(Tuple) when is_tuple(Tuple) -> list_to_tuple(lintable(tuple_to_list(Tuple)));
lintable([Head | Tail]) -> [lintable(Head) | lintable(Tail)];
lintable(Other) -> Other.

%%% ---- records in expressions ----------------------------------------------------------------------

-doc "Expressions without record syntax. Throws {shell_error, Location, Text} for records or fields that are not defined.".
-spec expand([term()], table()) -> [term()].
expand(Exprs, Table) -> [expr(E, Table) || E <- Exprs].

-doc "The same for the clauses of a function.".
-spec expand_clauses([term()], table()) -> [term()].
expand_clauses(Clauses, Table) -> [clause(C, Table) || C <- Clauses].

expr({record, A, {shell_default, Name}, Inits}, T) when is_map_key({native, Name}, T) -> expr({record, A, Name, Inits}, T);
expr({record, A, Name, Inits}, T) when is_map_key({native, Name}, T) ->
    {attribute, _, _, {_, Declared}} = maps:get({native, Name}, T),
    Given = #{F => {record_field, FA, Field, expr(V, T)} || {record_field, FA, {atom, _, F} = Field, V} <- Inits},
    Defaults = #{F => {record_field, A, Field, expr(Default, T)} || {record_field, _, {atom, _, F} = Field, Default} <- [untyped(D) || D <- Declared]},
    All = maps:merge(Defaults, Given),
    {record, A, {shell_default, Name}, [maps:get(F, All) || D <- Declared, {F, _} <- [one_field(D)], is_map_key(F, All)]};
expr({record, A, Name, Inits}, T) when is_tuple(Name); Name =:= [] -> {record, A, Name, initial(Inits, T, fun expr/2)};
expr({record, A, Expr, Name, Updates}, T) when is_tuple(Name); Name =:= []; is_map_key({native, Name}, T) ->
    {record, A, expr(Expr, T), external(Name, T), initial(Updates, T, fun expr/2)};
expr({record_field, A, Expr, Name, Field}, T) when is_tuple(Name); Name =:= []; is_map_key({native, Name}, T) ->
    {record_field, A, expr(Expr, T), external(Name, T), Field};
expr({record, A, Name, Inits}, T) ->
    Fields = known(A, Name, T),
    check_fields(Inits, Name, Fields, T),
    Others = [V || {record_field, _, {var, _, '_'}, V} <- Inits],
    {tuple, A, [{atom, A, Name} |
                [case given(F, Inits) of
                     {ok, V} -> expr(V, T);
                     none when Others =/= [] -> expr(hd(Others), T);
                     none -> expr(Default, T)
                 end || {F, Default} <- Fields]]};
expr({record, A, Expr, Name, Updates}, T) ->
    Fields = known(A, Name, T),
    check_fields(Updates, Name, Fields, T),
    Pairs = [{tuple, A, [{integer, A, index(F, Fields)}, expr(V, T)]} || {record_field, _, {atom, _, F}, V} <- Updates],
    helper(A, update, [expr(Expr, T), {atom, A, Name}, {integer, A, length(Fields) + 1},
                       lists:foldr(fun(P, L) -> {cons, A, P, L} end, {nil, A}, Pairs), {atom, A, true}]);
expr({record_field, A, Expr, Name, {atom, FA, F}}, T) ->
    Fields = known(A, Name, T),
    has_field(FA, F, Name, Fields),
    helper(A, field, [expr(Expr, T), {atom, A, Name}, {integer, A, length(Fields) + 1}, {integer, A, index(F, Fields)}]);
expr({record_index, A, Name, {atom, FA, F}}, T) ->
    Fields = known(A, Name, T),
    has_field(FA, F, Name, Fields),
    {integer, A, index(F, Fields)};
expr({call, A, {atom, _, record_info}, [{atom, _, What}, {atom, RA, Name}]}, T) when What =:= fields; What =:= size ->
    Fields = known(RA, Name, T),
    case What of
        size -> {integer, A, length(Fields) + 1};
        fields -> erl_parse:abstract([F || {F, _} <- Fields])
    end;
expr({call, A, {atom, B, is_record}, [Expr, {atom, _, Name} = N]}, T) when is_map_key({record, Name}, T) ->
    {call, A, {atom, B, is_record}, [expr(Expr, T), N, {integer, A, length(maps:get({record, Name}, T)) + 1}]};
expr({'fun', A, {function, Name, Arity}} = Fun, _) when is_atom(Name) ->
    case erl_internal:bif(Name, Arity) of
        true -> Fun;
        false -> {'fun', A, {function, {atom, A, shell_default}, {atom, A, Name}, {integer, A, Arity}}}
    end;
expr({Kind, A, Template, Qualifiers}, T) when Kind =:= lc; Kind =:= bc; Kind =:= mc ->
    {Kind, A, inside_part(Template, T, fun expr/2), [qualifier(Q, T) || Q <- Qualifiers]};
expr({match, A, P, E}, T) -> {match, A, pattern(P, T), expr(E, T)};
expr({maybe_match, A, P, E}, T) -> {maybe_match, A, pattern(P, T), expr(E, T)};
expr({clause, _, _, _, _} = Clause, T) -> clause(Clause, T);
expr({Kind, A, P, E}, T) when Kind =:= generate; Kind =:= b_generate; Kind =:= m_generate;
                              Kind =:= generate_strict; Kind =:= b_generate_strict; Kind =:= m_generate_strict ->
    {Kind, A, pattern(P, T), expr(E, T)};
expr(Expr, T) -> inside(Expr, T, fun expr/2).

%% A filter that is a guard test is false, and no error, where a tuple is not the record that it is taken for.
qualifier(Qualifier, T) ->
    case erl_lint:is_guard_test(Qualifier, record_forms(T)) of
        true -> one_test(Qualifier, T);
        false -> expr(Qualifier, T)
    end.

one_test(Test, T) ->
    [Last | Before] = lists:reverse(guard_test(Test, T)),
    lists:foldl(fun(One, All) -> {op, element(2, Test), 'andalso', One, All} end, Last, Before).

%% What stands inside an expression is expanded; literals and annotations stay as they are.
inside({Kind, _, _} = Literal, _, _) when Kind =:= atom; Kind =:= integer; Kind =:= float; Kind =:= char;
                                          Kind =:= string; Kind =:= var; Kind =:= value ->
    Literal;
inside({Kind, A}, _, _) -> {Kind, A};
inside(Expr, T, F) when is_tuple(Expr), tuple_size(Expr) > 2 ->
    [Kind, A | Parts] = tuple_to_list(Expr),
    list_to_tuple([Kind, A | [inside_part(P, T, F) || P <- Parts]]);
inside(Other, _, _) -> Other.

inside_part(Parts, T, F) when is_list(Parts) -> [inside_part(P, T, F) || P <- Parts];
inside_part({Kind, _, _} = Part, _, _) when Kind =:= function -> Part;
inside_part({function, _, _, _} = Part, _, _) -> Part;
inside_part({clauses, Clauses}, T, _) -> {clauses, [clause(C, T) || C <- Clauses]};
inside_part(Part, T, F) when is_tuple(Part), is_atom(element(1, Part)), tuple_size(Part) > 1 -> F(Part, T);
inside_part(Part, _, _) -> Part.

clause({clause, A, Patterns, Guards, Body}, T) ->
    {clause, A, [pattern(P, T) || P <- Patterns], [guard(G, T) || G <- Guards], [expr(E, T) || E <- Body]}.

%% A field of something that is not the record makes a guard fail.
guard(Tests, T) -> lists:append([guard_test(Test, T) || Test <- Tests]).

%% The old name of is_record, which guards alone know.
guard_test({call, A, {atom, B, record}, [_, {atom, _, _}] = Args}, T) -> guard_test({call, A, {atom, B, is_record}, Args}, T);
%% The right side's tuples matter only if it is evaluated; the left side's fail the whole guard.
guard_test({op, A, Op, Left, Right}, T) when Op =:= 'orelse'; Op =:= 'andalso' ->
    [Last | Before] = lists:reverse(guard_test(Left, T)),
    lists:reverse(Before, [{op, A, Op, Last, one_test(Right, T)}]);
guard_test(Test, T) ->
    Expanded = expr(Test, T),
    accesses(Expanded) ++ [plain(Expanded)].

accesses({call, A, {remote, _, {atom, _, ?MODULE}, {atom, _, field}}, [E, N, S, _]}) ->
    [{call, A, {atom, A, is_record}, [plain(E), N, S]}];
accesses(Tuple) when is_tuple(Tuple) -> accesses(tuple_to_list(Tuple));
accesses([Head | Tail]) -> accesses(Head) ++ accesses(Tail);
accesses(_) -> [].

plain({call, A, {remote, _, {atom, _, ?MODULE}, {atom, _, field}}, [E, _, _, Index]}) ->
    {call, A, {atom, A, element}, [Index, plain(E)]};
plain(Tuple) when is_tuple(Tuple) -> list_to_tuple(plain(tuple_to_list(Tuple)));
plain([Head | Tail]) -> [plain(Head) | plain(Tail)];
plain(Other) -> Other.

pattern({record, A, Name, Inits}, T) when is_tuple(Name); Name =:= []; is_map_key({native, Name}, T) ->
    {record, A, external(Name, T), initial(Inits, T, fun pattern/2)};
pattern({record, A, Name, Inits}, T) ->
    Fields = known(A, Name, T),
    check_fields(Inits, Name, Fields, T),
    Others = [V || {record_field, _, {var, _, '_'}, V} <- Inits],
    {tuple, A, [{atom, A, Name} |
                [case given(F, Inits) of
                     {ok, V} -> pattern(V, T);
                     none when Others =/= [] -> pattern(hd(Others), T);
                     none -> {var, A, '_'}
                 end || {F, _} <- Fields]]};
pattern({record_index, _, _, _} = Expr, T) -> expr(Expr, T);
pattern({op, _, _, _} = Expr, T) -> inside(Expr, T, fun pattern/2);
pattern(Pattern, T) -> inside(Pattern, T, fun pattern/2).

%% Native records of the prompt belong to shell_default.
external(Name, T) when is_map_key({native, Name}, T) -> {shell_default, Name};
external(Name, _) -> Name.

initial(Fields, T, F) -> [{record_field, A, Name, F(V, T)} || {record_field, A, Name, V} <- Fields].

untyped({typed_record_field, Field, _}) -> Field;
untyped(Field) -> Field.

known(A, Name, T) ->
    case T of
        #{{record, Name} := Fields} -> Fields;
        #{} -> throw({shell_error, erl_anno:location(A), io_lib:format("record ~tw undefined", [Name])})
    end.

check_fields(Inits, Name, Fields, _) ->
    [has_field(A, F, Name, Fields) || {record_field, _, {atom, A, F}, _} <- Inits].

has_field(A, F, Name, Fields) ->
    lists:keymember(F, 1, Fields) orelse
        throw({shell_error, erl_anno:location(A), io_lib:format("field ~tw undefined in record ~tw", [F, Name])}).

given(Field, Inits) ->
    case [V || {record_field, _, {atom, _, F}, V} <- Inits, F =:= Field] of
        [V | _] -> {ok, V};
        [] -> none
    end.

index(Field, Fields) -> index(Field, Fields, 2).

index(Field, [{Field, _} | _], N) -> N;
index(Field, [_ | Rest], N) -> index(Field, Rest, N + 1).

helper(A, Function, Args) -> {call, A, {remote, A, {atom, A, ?MODULE}, {atom, A, Function}}, Args}.

-doc "A field of a record.".
-spec field(term(), atom(), pos_integer(), pos_integer()) -> term().
field(Record, Name, Size, Index) when element(1, Record) =:= Name, tuple_size(Record) =:= Size -> element(Index, Record);
field(Other, _, _, _) -> erlang:error({badrecord, Other}).

-doc "A record with other values in some fields.".
-spec update(term(), atom(), pos_integer(), [{pos_integer(), term()}], true) -> tuple().
update(Record, Name, Size, Updates, _) when element(1, Record) =:= Name, tuple_size(Record) =:= Size ->
    lists:foldl(fun({Index, Value}, R) -> setelement(Index, R, Value) end, Record, Updates);
update(Other, _, _, _, _) -> erlang:error({badrecord, Other}).

-doc "The forms of a module that was compiled with debug_info.".
-spec abstract_code(binary()) -> {ok, [term()]} | error.
abstract_code(Binary) ->
    case chunk(<<"Dbgi">>, Binary) of
        {ok, Contents} ->
            case binary_to_term(Contents) of
                {debug_info_v1, erl_abstract_code, {Forms, _}} when is_list(Forms) -> {ok, Forms};
                _ -> error
            end;
        error -> error
    end.

-doc "A chunk of a .beam file: its name, its size and its contents, filled up to a multiple of four bytes.".
-spec chunk(<<_:32>>, binary()) -> {ok, binary()} | error.
chunk(Name, <<"FOR1", _:32, "BEAM", Chunks/binary>>) -> find_chunk(Name, Chunks);
chunk(_, _) -> error.

find_chunk(Name, <<Name:4/binary, Size:32, Contents:Size/binary, _/binary>>) -> {ok, Contents};
find_chunk(Name, <<_:4/binary, Size:32, Rest/binary>>) ->
    Filled = (Size + 3) band (bnot 3),
    case Rest of
        <<_:Filled/binary, More/binary>> -> find_chunk(Name, More);
        _ -> error
    end;
find_chunk(_, _) -> error.
