-module(eunit_tree).
-moduledoc """
Reads the terms that describe tests, a step at a time.

`node/1` turns a description into a test, a group whose members are still descriptions, or a list of them. Members are made only
when they are asked for: generators and fixtures are code of the user that must run in the right process at the right time.

A test is a map with `run` (a fun), `source` (`{Module, Function, Arity}`), `line`, `desc` and `timeout` (milliseconds); a group has
`members`, `desc`, `order`, `spawn`, `timeout` and `fixture`.
""".

-export([node/1, members/1, module_tests/1, module_tests/2]).

-export_type([item/0, problem/0]).

-type item() :: #{kind := test | group, _ => _}.
-type problem() :: {bad_test, term()} | {module_not_found, module()} | {no_such_function, mfa()} | {application_not_found, atom()}
                 | {file_read_error, {term(), string(), file:name_all()}} | {generator_failed, {mfa(), tuple()}}.

-define(TEST_LIMIT, 5000).

-doc "The members of a list of descriptions, read from the left; a nested list counts as its members.".
-spec members(term()) -> [] | {term(), term()}.
members([]) -> [];
members([First | Rest] = All) ->
    case is_text(All) of
        true -> {{file_or_dir, All}, []};
        false when First =:= [] -> members(Rest);
        false when is_list(First) ->
            case is_text(First) of
                true -> {First, Rest};
                false -> members(First ++ Rest)
            end;
        false -> {First, Rest}
    end;
members(One) -> {One, []}.

-doc "What a description stands for. Raises `{abort, Problem}` as a throw.".
-spec node(term()) -> item() | {more, term()}.
node(Fun) when is_function(Fun, 0) -> test(Fun, source(Fun), 0);
node({Line, Fun}) when is_integer(Line), Line >= 0, is_function(Fun, 0) -> test(Fun, source(Fun), Line);
node({test, M, F}) when is_atom(M), is_atom(F) -> test({M, F}, {M, F, 0}, 0);
node({M, F}) when is_atom(M), is_atom(F), M =/= generator, M =/= module, M =/= application, M =/= spawn, M =/= inorder,
                  M =/= inparallel, M =/= file, M =/= dir ->
    test({M, F}, {M, F, 0}, 0);
node({with, Value, Funs}) when is_list(Funs) ->
    {more, [with(Value, Fun) || Fun <- Funs]};
node(Module) when is_atom(Module) -> module(Module);
node({module, Module}) when is_atom(Module) -> module(Module);
node({generator, Fun}) when is_function(Fun, 0) -> {more, generated(Fun, source(Fun))};
node({generator, M, F}) when is_atom(M), is_atom(F) ->
    exported(M, F),
    {more, generated(fun M:F/0, {M, F, 0})};
node({timeout, Seconds, Tests}) when is_number(Seconds), Seconds >= 0 ->
    limited(round(Seconds * 1000), node_of(Tests));
node({timeout, infinity, Tests}) -> limited(infinity, node_of(Tests));
node({inorder, Tests}) -> group(Tests, #{order => inorder});
node({inparallel, Tests}) -> group(Tests, #{order => {inparallel, 0}});
node({inparallel, N, Tests}) when is_integer(N), N >= 0 -> group(Tests, #{order => {inparallel, N}});
node({spawn, Tests}) -> group(Tests, #{spawn => local});
node({spawn, Node, Tests}) when is_atom(Node) -> group(Tests, #{spawn => Node});
node({node, Name, Tests}) when is_atom(Name) -> node({node, Name, "", Tests});
node({node, Name, Args, Tests}) when is_atom(Name), is_list(Args) ->
    fixture(local, fun() -> other_node(Name, Args) end, fun stop_node/1,
            fun({Node, _}) -> {spawn, Node, Tests} end);
node({file, Name}) -> file(Name);
node({file_or_dir, Name}) ->
    case filename:extension(Name) =:= ".beam" of
        true ->
            group([{module, list_to_atom(filename:rootname(filename:basename(Name)))}],
                  #{desc => unicode:characters_to_binary(io_lib:format("file \"~ts\"", [Name]))});
        false ->
            case filelib:is_dir(Name) of
                true -> directory(Name);
                false -> file(Name)
            end
    end;
node({dir, Name}) -> directory(Name);
node({application, Name}) when is_atom(Name) ->
    _ = application:load(Name),
    case application:get_key(Name, modules) of
        {ok, Modules} -> application(Name, Modules);
        undefined -> throw({abort, {application_not_found, Name}})
    end;
node({application, Name, Info}) when is_atom(Name), is_list(Info) -> application(Name, proplists:get_value(modules, Info, []));
node(Fixture) when is_tuple(Fixture), element(1, Fixture) =:= setup ->
    {Place, Setup, Cleanup, Tests} = setup(tl(tuple_to_list(Fixture)), Fixture),
    fixture(Place, Setup, Cleanup, Tests);
node(Fixture) when is_tuple(Fixture), element(1, Fixture) =:= foreach; element(1, Fixture) =:= foreachx ->
    {more, foreach(Fixture)};
node({Title, Line, Fun} = Bad) when is_integer(Line) ->
    case is_text(Title) andalso is_function(Fun, 0) of
        true -> titled(Title, {Line, Fun});
        false -> bad(Bad)
    end;
node({Title, Tests} = Bad) ->
    case is_text(Title) orelse is_binary(Title) of
        true -> titled(Title, Tests);
        false -> bad(Bad)
    end;
node(Tests) when is_list(Tests) -> group(Tests, #{});
node(Bad) -> bad(Bad).

bad(Term) -> throw({abort, {bad_test, Term}}).

%%% ---- tests and groups ----

test(Run, Source, Line) ->
    #{kind => test, run => Run, source => Source, line => Line, desc => undefined, timeout => ?TEST_LIMIT}.

source(Fun) ->
    Info = fun(Key) -> element(2, erlang:fun_info(Fun, Key)) end,
    {Info(module), Info(name), Info(arity)}.

with(Value, {Line, Fun}) when is_integer(Line), is_function(Fun, 1) ->
    (test(fun() -> Fun(Value) end, source(Fun), Line))#{made => true};
with(Value, Fun) when is_function(Fun, 1) ->
    (test(fun() -> Fun(Value) end, source(Fun), 0))#{made => true};
with(_, Bad) -> bad(Bad).

group(Members, Properties) ->
    simplified(maps:merge(#{kind => group, members => Members, peeked => false, desc => undefined, order => undefined, spawn => undefined,
                            timeout => infinity, fixture => none}, Properties)).

%% A group of one member that adds nothing of its own is that member; titles and limits move inwards. What the member is
%% can only be known here if it is no generator's or fixture's business.
simplified(#{members := [#{kind := test} = Only], spawn := undefined, order := undefined, fixture := none} = Group) ->
    joined(Group, Only);
simplified(#{members := Members, spawn := undefined, order := undefined, fixture := none} = Group) ->
    case single(Members) of
        {ok, Only} -> joined(Group, Only);
        no -> Group
    end;
simplified(#{members := Members, fixture := none} = Group) ->
    %% a process or an order of its own, and inside nothing but a group that may as well have them
    case single(Members) of
        {ok, #{kind := group, spawn := undefined, order := undefined, fixture := none} = Only} ->
            joined(Group, maps:merge(Only, maps:with([spawn, order], Group)));
        _ -> Group
    end;
simplified(Group) -> Group.

single(Members) ->
    case catch first_two(Members) of
        [Only] -> only(Only);
        _ -> no
    end.

first_two(Members) ->
    case members(Members) of
        [] -> [];
        {First, Rest} ->
            case members(Rest) of
                [] -> [First];
                _ -> [First, more]
            end
    end.

only(#{kind := _} = Item) -> {ok, Item};
only(Description) ->
    case is_lazy(Description) of
        true -> no;
        false ->
            case node(Description) of
                {more, Members} -> single(Members);
                Item -> {ok, Item}
            end
    end.

is_lazy(D) -> is_tuple(D) andalso element(1, D) =:= generator.

joined(#{desc := T1, timeout := L1} = Group, #{desc := T2, timeout := L2} = Only) ->
    case T1 =:= undefined orelse T2 =:= undefined of
        true ->
            Only#{desc := case T2 of undefined -> T1; _ -> T2 end,
                  timeout := case L1 of infinity -> L2; _ -> L1 end};
        false -> Group#{members := [Only]}
    end.

node_of(Tests) ->
    case node(Tests) of
        {more, More} -> group(More, #{});
        Item -> Item
    end.

titled(Title, Tests) ->
    Text = title(Title),
    case node_of(Tests) of
        #{desc := undefined} = Item -> Item#{desc := Text};
        Item -> group([Item], #{desc => Text})
    end.

%% A binary that is no UTF-8 holds a character in every byte.
title(Title) ->
    case unicode:characters_to_binary(Title) of
        Text when is_binary(Text) -> Text;
        _ -> unicode:characters_to_binary(Title, latin1)
    end.

limited(Limit, Item) -> Item#{timeout := Limit}.

%% Text is a non-empty list of characters; [] is a list without tests.
is_text([_ | _] = List) -> io_lib:char_list(List);
is_text(_) -> false.

%%% ---- modules, files, applications ----

module(Module) ->
    Own = [named(Module, F) || {F, 0} <- exports(Module), is_test_name(atom_to_list(F))],
    Name = atom_to_list(Module),
    Companion = case lists:suffix("_tests", Name) of
                    true -> [];
                    false -> companion(list_to_atom(Name ++ "_tests"))
                end,
    group(Own ++ Companion, #{desc => unicode:characters_to_binary(io_lib:format("module '~ts'", [Module]))}).

-doc "The tests of a module as descriptions.".
-spec module_tests(module()) -> [term()].
module_tests(Module) -> module_tests(Module, exports(Module)).

-doc "The same for a module that is not loaded, from the list of what it exports.".
-spec module_tests(module(), [{atom(), arity()}]) -> [term()].
module_tests(Module, Exports) -> [named(Module, F) || {F, 0} <- Exports, is_test_name(atom_to_list(F))].

exports(Module) ->
    try Module:module_info(exports)
    catch error:undef -> throw({abort, {module_not_found, Module}})
    end.

companion(Module) ->
    case code:ensure_loaded(Module) of
        {module, _} -> [{module, Module}];
        {error, _} -> []
    end.

is_test_name(Name) -> lists:suffix("_test", Name) orelse lists:suffix("_test_", Name).

named(Module, F) ->
    case lists:last(atom_to_list(F)) of
        $_ -> {generator, Module, F};
        _ -> {test, Module, F}
    end.

application(Name, Modules) ->
    group([{module, M} || M <- Modules, not is_companion(M, Modules)],
          #{desc => unicode:characters_to_binary(io_lib:format("application '~ts'", [Name]))}).

is_companion(Module, Modules) ->
    Name = atom_to_list(Module),
    lists:suffix("_tests", Name) andalso
        lists:member(list_to_atom(lists:sublist(Name, length(Name) - length("_tests"))), Modules).

file(Name) ->
    case file:consult(Name) of
        {ok, Terms} -> group(Terms, #{desc => unicode:characters_to_binary(io_lib:format("file \"~ts\"", [Name]))});
        {error, Reason} -> throw({abort, {file_read_error, {Reason, file:format_error(Reason), Name}}})
    end.

directory(Name) ->
    case file:list_dir(Name) of
        {ok, Files} ->
            Extension = ".beam",
            Modules = [list_to_atom(filename:rootname(F)) || F <- lists:sort(Files), filename:extension(F) =:= Extension],
            group([{module, M} || M <- Modules, not is_companion(M, Modules)],
                  #{desc => unicode:characters_to_binary(io_lib:format("directory \"~ts\"", [Name]))});
        {error, Reason} -> throw({abort, {file_read_error, {Reason, file:format_error(Reason), Name}}})
    end.

%%% ---- generators and fixtures ----

exported(M, F) ->
    _ = exports(M),
    erlang:function_exported(M, F, 0) orelse throw({abort, {no_such_function, {M, F, 0}}}).

generated(Fun, Source) ->
    try Fun()
    catch Class:Reason:Trace ->
            throw({abort, {generator_failed, {Source, {Class, Reason, eunit_lib:own_frames(Trace)}}}})
    end.

fixture(Place, Setup, Cleanup, Tests) ->
    group([], #{fixture => {Place, Setup, Cleanup, Tests}}).

setup([Setup, Tests], _) when is_function(Setup, 0) -> {spawn, Setup, fun nothing/1, Tests};
setup([Setup, Cleanup, Tests], _) when is_function(Setup, 0), is_function(Cleanup, 1) -> {spawn, Setup, Cleanup, Tests};
setup([Place | Rest], Fixture) when length(Rest) >= 2 ->
    case is_place(Place) of
        true -> setelement(1, setup(Rest, Fixture), Place);
        false -> bad(Fixture)
    end;
setup(_, Fixture) -> bad(Fixture).

is_place(local) -> true;
is_place(spawn) -> true;
is_place({spawn, Node}) -> is_atom(Node);
is_place(_) -> false.

nothing(_) -> ok.

foreach(Fixture) ->
    case tuple_to_list(Fixture) of
        [Kind, Place | Rest] when Place =:= local; Place =:= spawn; element(1, Place) =:= spawn -> each(Kind, Place, Rest, Fixture);
        [Kind | Rest] -> each(Kind, spawn, Rest, Fixture)
    end.

each(foreach, Place, [Setup, Tests], _) when is_function(Setup, 0), is_list(Tests) ->
    [{setup, Place, Setup, fun nothing/1, T} || T <- Tests];
each(foreach, Place, [Setup, Cleanup, Tests], _) when is_function(Setup, 0), is_function(Cleanup, 1), is_list(Tests) ->
    [{setup, Place, Setup, Cleanup, T} || T <- Tests];
each(foreachx, Place, [Setup, Pairs], _) when is_function(Setup, 1), is_list(Pairs) ->
    [{setup, Place, fun() -> Setup(X) end, fun nothing/1, fun(Value) -> Make(X, Value) end} || {X, Make} <- Pairs];
each(foreachx, Place, [Setup, Cleanup, Pairs], _) when is_function(Setup, 1), is_function(Cleanup, 2), is_list(Pairs) ->
    [{setup, Place, fun() -> Setup(X) end, fun(Value) -> Cleanup(X, Value) end, fun(Value) -> Make(X, Value) end}
     || {X, Make} <- Pairs];
each(_, _, _, Fixture) -> bad(Fixture).

%% Tests on another node: it is started for them.
other_node(Name, Args) ->
    case peer:start_link(#{name => Name, args => string:lexemes(Args, " ")}) of
        {ok, Peer, Node} -> {Node, Peer};
        {error, Reason} -> error({could_not_start_node, Reason})
    end.

stop_node({_, Peer}) -> peer:stop(Peer).
