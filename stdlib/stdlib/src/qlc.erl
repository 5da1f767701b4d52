-module(qlc).
-moduledoc """
Queries over lists, tables and other queries: list comprehensions whose generators may be query handles.

A query is evaluated as nested loops in the order of its generators; tables are traversed, never looked
up by key. A query's parse transform makes a fun of the comprehension that gives its answers as a lazy
list: [], [Answer | LazyList], or a fun without arguments that gives one. gerl_qlc_transform has the
transform.
""".

-export([append/1, append/2, cursor/1, cursor/2, delete_cursor/1, e/1, e/2, eval/1, eval/2, fold/3, fold/4,
         format_error/1, info/1, info/2, keysort/2, keysort/3, next_answers/1, next_answers/2, q/1, q/2,
         sort/1, sort/2, string_to_handle/1, string_to_handle/2, string_to_handle/3, table/2]).
-export([each/2, parse_transform/2, parse_transform_info/0, transform_from_evaluator/2]).

-export_type([query_cursor/0, query_handle/0]).

-opaque query_handle() :: {qlc_handle, tuple()}.
-opaque query_cursor() :: {qlc_cursor, {pid(), pid()}}.
-type source() :: query_handle() | list().
-type options() :: term().
-type lazy() :: term().

%% The functions that close tables which are being read, by the table's reference.
-define(OPEN, '$gerl_qlc_open_tables').

%%% ---- handles -----------------------------------------------------------------------------------

-doc "A handle of a list comprehension; the parse transform of qlc.hrl makes the call evaluable.".
-spec q(term()) -> query_handle().
q(Query) -> q(Query, []).

-doc "A handle of a list comprehension with options, of which `unique` has an effect.".
-spec q(term(), options()) -> query_handle().
q({gerl_qlc, Fun} = Query, Options) when is_function(Fun, 0) ->
    {qlc_handle, {query, Fun, checked(Options, known(query), [Query, Options])}};
q(Query, Options) ->
    error(badarg, [Query, Options]).

-doc "A handle of all answers of several queries, one after the other.".
-spec append([source()]) -> query_handle().
append(Sources) ->
    is_list(Sources) andalso lists:all(fun is_source/1, Sources) orelse error(badarg, [Sources]),
    {qlc_handle, {append, Sources}}.

-doc "A handle of the answers of two queries.".
-spec append(source(), source()) -> query_handle().
append(First, Second) ->
    is_source(First) andalso is_source(Second) orelse error(badarg, [First, Second]),
    {qlc_handle, {append, [First, Second]}}.

-doc "A handle of the answers in order.".
-spec sort(source()) -> query_handle().
sort(Source) -> sort(Source, []).

-doc "A handle of the answers in an order: the options `order` and `unique`.".
-spec sort(source(), options()) -> query_handle().
sort(Source, Options) ->
    is_source(Source) orelse error(badarg, [Source, Options]),
    {qlc_handle, {sort, none, Source, checked(Options, known(sort), [Source, Options])}}.

-doc "A handle of the answers, tuples, in the order of an element.".
-spec keysort(term(), source()) -> query_handle().
keysort(Key, Source) -> keysort(Key, Source, []).

-doc "A handle of the answers, tuples, in an order of one or several elements.".
-spec keysort(pos_integer() | [pos_integer()], source(), options()) -> query_handle().
keysort(Key, Source, Options) ->
    Keys = if is_list(Key) -> Key; true -> [Key] end,
    Keys =/= [] andalso lists:all(fun(K) -> is_integer(K) andalso K > 0 end, Keys) andalso is_source(Source) orelse
        error(badarg, [Key, Source, Options]),
    {qlc_handle, {sort, Keys, Source, checked(Options, known(sort), [Key, Source, Options])}}.

-doc "A handle of a table that a fun traverses; `pre_fun`, `post_fun` and `parent_fun` are called, others not needed.".
-spec table(fun(), options()) -> query_handle().
table(Traverse, Options) when is_function(Traverse, 0); is_function(Traverse, 1) ->
    {qlc_handle, {table, Traverse, checked(Options, known(table), [Traverse, Options])}};
table(Traverse, Options) ->
    error(badarg, [Traverse, Options]).

%% The options as pairs; which ones there are depends on the function.
checked(Options, Known, Args) ->
    List = if is_list(Options) -> Options; true -> [Options] end,
    Pairs = lists:map(fun(O) -> paired(O) end, List),
    lists:all(fun({Key, Value}) -> lists:member(Key, Known) andalso suits(Key, Value); (_) -> false end, Pairs) orelse
        error(badarg, Args),
    Pairs.

paired(Order) when Order =:= ascending; Order =:= descending -> {order, Order};
paired(Key) when is_atom(Key) -> {Key, true};
paired(Pair) -> Pair.

suits(Key, Value) when Key =:= unique; Key =:= unique_all; Key =:= compressed -> is_boolean(Value);
suits(Key, Value) when Key =:= pre_fun; Key =:= info_fun; Key =:= format_fun ->
    Value =:= undefined orelse is_function(Value, 1);
suits(Key, Value) when Key =:= post_fun; Key =:= parent_fun -> Value =:= undefined orelse is_function(Value, 0);
suits(lookup_fun, Value) -> Value =:= undefined orelse is_function(Value, 2);
suits(order, Value) -> Value =:= ascending orelse Value =:= descending orelse is_function(Value, 2);
suits(_, _) -> true.

known(query) -> [unique, cache, max_lookup, join, lookup];
known(evaluation) -> [unique_all, cache_all, unique, cache, tmpdir, max_list_size, tmpdir_usage, spawn_options];
known(sort) -> [order, unique, compressed, size, no_files, tmpdir, tmpdir_usage];
known(table) -> [pre_fun, post_fun, info_fun, format_fun, lookup_fun, parent_fun, key_equality].

is_source({qlc_handle, _}) -> true;
is_source(Source) -> is_list(Source).

-doc "A handle of a query in a text.".
-spec string_to_handle(string()) -> query_handle() | {error, module(), term()}.
string_to_handle(Text) -> string_to_handle(Text, []).

-doc "A handle of a query in a text, with options.".
-spec string_to_handle(string(), options()) -> query_handle() | {error, module(), term()}.
string_to_handle(Text, Options) -> string_to_handle(Text, Options, erl_eval:new_bindings()).

-doc "A handle of a query in a text, with options and variables' values.".
-spec string_to_handle(string(), options(), erl_eval:binding_struct()) ->
    query_handle() | {error, module(), term()}.
string_to_handle(Text, Options, Bindings) ->
    is_list(Text) orelse error(badarg, [Text, Options, Bindings]),
    maybe
        {ok, Tokens, _} ?= erl_scan:string(Text),
        {ok, [Comprehension]} ?= erl_parse:parse_exprs(Tokens),
        {ok, Query} ?= gerl_qlc_transform:query(Comprehension),
        {value, Value, _} = erl_eval:expr(Query, Bindings),
        q(Value, Options)
    else
        {error, {Where, Module, Why}, _} -> {error, ?MODULE, {Where, Module, Why}};
        {error, {Where, Module, Why}} -> {error, ?MODULE, {Where, Module, Why}};
        {ok, _} -> {error, ?MODULE, {1, ?MODULE, not_a_query_list_comprehension}}
    end.

%%% ---- evaluation --------------------------------------------------------------------------------

-doc "All answers of a query.".
-spec e(source()) -> list() | term().
e(Source) -> eval(Source, []).

-doc "All answers of a query; the option `unique_all` leaves out equal ones.".
-spec e(source(), options()) -> list() | term().
e(Source, Options) -> eval(Source, Options).

-doc "All answers of a query.".
-spec eval(source()) -> list() | term().
eval(Source) -> eval(Source, []).

-doc "All answers of a query; the option `unique_all` leaves out equal ones.".
-spec eval(source(), options()) -> list() | term().
eval(Source, Options) ->
    case fold(fun(Answer, Acc) -> [Answer | Acc] end, [], Source, Options) of
        Answers when is_list(Answers) -> lists:reverse(Answers);
        Error -> Error
    end.

-doc "Folds a fun over a query's answers.".
-spec fold(fun((term(), Acc) -> Acc), Acc, source()) -> Acc | term().
fold(Fun, Acc, Source) -> fold(Fun, Acc, Source, []).

-doc "Folds a fun over a query's answers; the option `unique_all` leaves out equal ones.".
-spec fold(fun((term(), Acc) -> Acc), Acc, source(), options()) -> Acc | term().
fold(Fun, Acc, Source, Options) ->
    is_source(Source) orelse error(badarg, [Fun, Acc, Source, Options]),
    Unique = unique(checked(Options, known(evaluation), [Fun, Acc, Source, Options])),
    closing(fun() -> folded(distinct(Unique, answers(Source)), Fun, Acc) end).

folded([Answer | More], Fun, Acc) -> folded(More, Fun, Fun(Answer, Acc));
folded([], _, Acc) -> Acc;
folded(More, Fun, Acc) -> folded(forced(More), Fun, Acc).

unique(Options) ->
    proplists:get_bool(unique, Options) orelse proplists:get_bool(unique_all, Options).

%% Runs a query; tables that it leaves open are closed whatever happens. A traversal's error is its value.
closing(Fun) ->
    Outer = put(?OPEN, []),
    try
        Fun()
    catch
        throw:{?MODULE, Error} -> Error
    after
        [Post() || {_, Post} <- get(?OPEN)],
        case Outer of
            undefined -> erase(?OPEN);
            _ -> put(?OPEN, Outer)
        end
    end.

-doc "The answers that a fun gives for every answer of a source: what generators become.".
-spec each(source(), fun((term()) -> lazy())) -> lazy().
each(Source, Fun) ->
    is_source(Source) orelse error(badarg, [Source, Fun]),
    fun() -> step(answers(Source), Fun) end.

step([Answer | More], Fun) -> joined(Fun(Answer), fun() -> step(More, Fun) end);
step([], _) -> [];
step(More, Fun) -> step(forced(More), Fun).

joined([Answer | More], Next) -> [Answer | fun() -> joined(More, Next) end];
joined([], Next) -> Next();
joined(More, Next) -> joined(forced(More), Next).

%% The rest of a lazy list; anything but a list or a fun is a traversal's error.
forced(More) when is_function(More, 0) -> More();
forced(Error) -> throw({?MODULE, Error}).

-spec answers(source()) -> lazy().
answers(List) when is_list(List) -> List;
answers({qlc_handle, {query, Fun, Options}}) -> distinct(unique(Options), Fun());
answers({qlc_handle, {append, Sources}}) ->
    Before = fun(Source, Next) -> fun() -> joined(answers(Source), Next) end end,
    lists:foldr(Before, fun() -> [] end, Sources);
answers({qlc_handle, {sort, Keys, Source, Options}}) -> fun() -> sorted(Keys, list(answers(Source)), Options) end;
answers({qlc_handle, {table, Traverse, Options}}) -> fun() -> traversed(Traverse, Options) end.

list(Lazy) -> lists:reverse(folded(Lazy, fun(Answer, Acc) -> [Answer | Acc] end, [])).

distinct(false, Lazy) -> Lazy;
distinct(true, Lazy) -> fun() -> distinct_from(Lazy, #{}) end.

distinct_from([Answer | More], Seen) when is_map_key(Answer, Seen) -> distinct_from(More, Seen);
distinct_from([Answer | More], Seen) -> [Answer | fun() -> distinct_from(More, Seen#{Answer => []}) end];
distinct_from([], _) -> [];
distinct_from(More, Seen) -> distinct_from(forced(More), Seen).

sorted(none, List, Options) ->
    ordered(List, fun(Answer) -> Answer end, Options);
sorted(Keys, List, Options) ->
    ordered(List, fun(Answer) -> [element(K, Answer) || K <- Keys] end, Options).

%% Stable, with equal keys once if they are to be unique.
ordered(List, Key, Options) ->
    Before =
        case proplists:get_value(order, Options, ascending) of
            ascending -> fun(A, B) -> Key(A) =< Key(B) end;
            descending -> fun(A, B) -> Key(A) >= Key(B) end;
            Fun -> Fun
        end,
    case proplists:get_bool(unique, Options) of
        true -> lists:usort(Before, List);
        false -> lists:sort(Before, List)
    end.

traversed(Traverse, Options) ->
    Parent =
        case proplists:get_value(parent_fun, Options) of
            undefined -> undefined;
            ParentFun -> ParentFun()
        end,
    case proplists:get_value(pre_fun, Options) of
        undefined -> ok;
        Pre -> Pre([{parent_value, Parent}])
    end,
    Objects = fun() ->
        if
            is_function(Traverse, 0) -> Traverse();
            true -> Traverse([{'$1', [], ['$1']}])
        end
    end,
    case proplists:get_value(post_fun, Options) of
        undefined ->
            Objects;
        Post ->
            Table = make_ref(),
            put(?OPEN, [{Table, Post} | get(?OPEN)]),
            joined(Objects, fun() ->
                put(?OPEN, lists:keydelete(Table, 1, get(?OPEN))),
                Post(),
                []
            end)
    end.

%%% ---- cursors -----------------------------------------------------------------------------------

-doc "A cursor: a process that evaluates a query as its answers are asked for.".
-spec cursor(source()) -> query_cursor().
cursor(Source) -> cursor(Source, []).

-doc "A cursor with the option `unique_all`. It ends with its owner, the process that makes it.".
-spec cursor(source(), options()) -> query_cursor().
cursor(Source, Options) ->
    is_source(Source) orelse error(badarg, [Source, Options]),
    Unique = unique(checked(Options, known(evaluation), [Source, Options])),
    Owner = self(),
    Pid = spawn(fun() ->
        Monitor = monitor(process, Owner),
        closing(fun() -> serve(distinct(Unique, answers(Source)), Monitor) end)
    end),
    {qlc_cursor, {Pid, Owner}}.

serve(Lazy, Monitor) ->
    receive
        {?MODULE, From, Ref, Wanted} ->
            {Reply, Rest} =
                try
                    {Answers, More} = taken(Wanted, Lazy, []),
                    {{ok, Answers}, More}
                catch
                    throw:{?MODULE, Error} -> {{ok, Error}, []};
                    Class:Why:Stack -> {{Class, Why, Stack}, []}
                end,
            From ! {Ref, Reply},
            serve(Rest, Monitor);
        {?MODULE, delete} ->
            ok;
        {'DOWN', Monitor, process, _, _} ->
            ok
    end.

taken(0, Lazy, Acc) -> {lists:reverse(Acc), Lazy};
taken(N, [Answer | More], Acc) when is_integer(N) -> taken(N - 1, More, [Answer | Acc]);
taken(all_remaining, [Answer | More], Acc) -> taken(all_remaining, More, [Answer | Acc]);
taken(_, [], Acc) -> {lists:reverse(Acc), []};
taken(N, More, Acc) -> taken(N, forced(More), Acc).

-doc "The next ten answers of a cursor.".
-spec next_answers(query_cursor()) -> list() | term().
next_answers(Cursor) -> next_answers(Cursor, 10).

-doc "So many of the next answers of a cursor, or all.".
-spec next_answers(query_cursor(), pos_integer() | all_remaining) -> list() | term().
next_answers({qlc_cursor, {Pid, Owner}}, Wanted) when
    Owner =:= self(), is_integer(Wanted), Wanted > 0; Owner =:= self(), Wanted =:= all_remaining
->
    Ref = monitor(process, Pid, [{alias, reply_demonitor}]),
    Pid ! {?MODULE, Ref, Ref, Wanted},
    receive
        {Ref, {ok, Answers}} -> Answers;
        {Ref, {Class, Why, Stack}} -> erlang:raise(Class, Why, Stack);
        {'DOWN', Ref, process, _, _} -> error({qlc_cursor_pid_no_longer_exists, Pid})
    end;
next_answers({qlc_cursor, {Pid, Owner}}, Wanted) when is_pid(Pid), Owner =/= self() ->
    error(not_cursor_owner, [{qlc_cursor, {Pid, Owner}}, Wanted]);
next_answers(Cursor, Wanted) ->
    error(badarg, [Cursor, Wanted]).

-doc "Ends a cursor.".
-spec delete_cursor(query_cursor()) -> ok.
delete_cursor({qlc_cursor, {Pid, Owner}}) when Owner =:= self() ->
    Monitor = monitor(process, Pid),
    Pid ! {?MODULE, delete},
    receive
        {'DOWN', Monitor, process, _, _} -> ok
    end;
delete_cursor({qlc_cursor, {Pid, _}} = Cursor) when is_pid(Pid) ->
    error(not_cursor_owner, [Cursor]);
delete_cursor(Cursor) ->
    error(badarg, [Cursor]).

%%% ---- the rest ----------------------------------------------------------------------------------

-doc "Would tell how a query is evaluated: not supported.".
-spec info(source()) -> no_return().
info(Source) -> info(Source, []).

-doc "Would tell how a query is evaluated: not supported.".
-spec info(source(), options()) -> no_return().
info(_, _) -> error({not_supported, "qlc:info: queries are always evaluated as nested loops"}).

-doc "A sentence about an error of this module.".
-spec format_error(term()) -> io_lib:chars().
format_error(not_a_query_list_comprehension) -> "argument is not a query list comprehension";
format_error({used_generator_variable, Name}) ->
    io_lib:format("generated variable ~tw must not be used in list expression", [Name]);
format_error(generator) -> "a query's generators must be of the form Pattern <- Source";
format_error({error, ?MODULE, Why}) -> format_error(Why);
format_error({error, Module, Why}) -> Module:format_error(Why);
format_error({Where, Module, Why}) ->
    io_lib:format("~tp: ~ts~n", [erl_anno:line(Where), Module:format_error(Why)]);
format_error(Why) -> io_lib:format("~tp~n", [Why]).

-doc "The parse transform: calls of q/1,2 get a fun for their comprehension.".
-spec parse_transform([erl_parse:abstract_form()], [compile:option()]) -> [erl_parse:abstract_form()].
parse_transform(Forms, _) -> gerl_qlc_transform:forms(Forms).

-doc "What the compiler must know of the transform.".
-spec parse_transform_info() -> #{error_location => column}.
parse_transform_info() -> #{error_location => column}.

-doc "The expression of a comprehension for erl_eval and the shell.".
-spec transform_from_evaluator(erl_parse:abstract_expr(), erl_eval:binding_struct()) ->
    {ok, erl_parse:abstract_expr()} | {not_ok, {error, module(), term()}}.
transform_from_evaluator(Comprehension, _) ->
    case gerl_qlc_transform:query(Comprehension) of
        {ok, Query} -> {ok, Query};
        {error, Why} -> {not_ok, {error, ?MODULE, Why}}
    end.
