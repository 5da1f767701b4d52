-module(qlc).
-moduledoc """
Queries over lists, tables and other queries: list comprehensions whose generators may be query handles.

A query is planned when it is evaluated: keys and indices are looked up in tables where filters make columns
constant, filters become match specifications, two generators with equal columns are joined, answers are made
unique and cached. info/1,2 tell the plan. gerl_qlc_transform has the parse transform, gerl_qlc_plan makes plans,
gerl_qlc_run evaluates them.
""".

-export([append/1, append/2, cursor/1, cursor/2, delete_cursor/1, e/1, e/2, eval/1, eval/2, fold/3, fold/4,
         format_error/1, info/1, info/2, keysort/2, keysort/3, next_answers/1, next_answers/2, q/1, q/2,
         sort/1, sort/2, string_to_handle/1, string_to_handle/2, string_to_handle/3, table/2]).
-export([parse_transform/2, parse_transform_info/0, transform_from_evaluator/2]).

-export_type([query_cursor/0, query_handle/0]).

-include("gerl_qlc.hrl").

-opaque query_handle() :: {qlc_handle, term()}.
-opaque query_cursor() :: {qlc_cursor, {pid(), pid()}}.
-type source() :: query_handle() | list().
-type options() :: term().

%%% ---- handles -----------------------------------------------------------------------------------

-doc "A handle of a list comprehension; the parse transform of qlc.hrl makes the call evaluable.".
-spec q(term()) -> query_handle().
q(Query) -> q(Query, []).

-doc "A handle of a list comprehension with the options `unique`, `cache`, `max_lookup`, `join` and `lookup`.".
-spec q(term(), options()) -> query_handle().
q(#qlc_lc{} = Query, Options) ->
    case gerl_qlc_options:query(Options) of
        badarg -> error(badarg, [Query, Options]);
        Checked -> {qlc_handle, Query#qlc_lc{opt = Checked}}
    end;
q(Query, Options) ->
    error(badarg, [Query, Options]).

-doc "A handle of all answers of several queries, one after the other.".
-spec append([source()]) -> query_handle().
append(Sources) ->
    [is_source(S) orelse error(badarg, [Sources]) || S <- Sources],
    {qlc_handle, {append, Sources}}.

-doc "A handle of the answers of two queries.".
-spec append(source(), source()) -> query_handle().
append(First, Second) ->
    is_source(First) andalso is_source(Second) orelse error(badarg, [First, Second]),
    {qlc_handle, {append, [First, Second]}}.

-doc "A handle of the answers in order.".
-spec sort(source()) -> query_handle().
sort(Source) -> sort(Source, []).

-doc "A handle of the answers in an order, with the options of file_sorter: `order`, `unique`, `tmpdir`, `size` and others.".
-spec sort(source(), options()) -> query_handle().
sort(Source, Options) ->
    case is_source(Source) andalso gerl_qlc_options:sorting(none, Options) of
        #sorting{} = Sorting -> {qlc_handle, {sort, Sorting, Source}};
        _ -> error(badarg, [Source, Options])
    end.

-doc "A handle of the answers, tuples, in the order of an element.".
-spec keysort(pos_integer() | [pos_integer()], source()) -> query_handle().
keysort(Key, Source) -> keysort(Key, Source, []).

-doc "A handle of the answers, tuples, in an order of one or several elements.".
-spec keysort(pos_integer() | [pos_integer()], source(), options()) -> query_handle().
keysort(Key, Source, Options) ->
    Keys = if is_list(Key) -> Key; true -> [Key] end,
    case Keys =/= [] andalso lists:all(fun(K) -> is_integer(K) andalso K > 0 end, Keys) andalso is_source(Source)
        andalso gerl_qlc_options:sorting(Key, Options) of
        #sorting{} = Sorting -> {qlc_handle, {sort, Sorting, Source}};
        _ -> error(badarg, [Key, Source, Options])
    end.

-doc """
A handle of a table. A fun traverses it, with a match specification for an argument if it has one. Of the options,
`lookup_fun` with `info_fun` finds objects by keys and indices, `pre_fun`, `post_fun` and `parent_fun` are called
before and after, `format_fun` describes the table for info/1,2, and `key_equality` tells how keys are compared.
""".
-spec table(fun(), options()) -> query_handle().
table(Traverse, Options) when is_function(Traverse, 0); is_function(Traverse, 1) ->
    case gerl_qlc_options:table(Traverse, Options) of
        badarg -> error(badarg, [Traverse, Options]);
        Table -> {qlc_handle, Table}
    end;
table(Traverse, Options) ->
    error(badarg, [Traverse, Options]).

is_source({qlc_handle, _}) -> true;
is_source(Source) -> is_list(Source).

-doc "A handle of a query in a text.".
-spec string_to_handle(string()) -> query_handle() | {error, module(), term()}.
string_to_handle(Text) -> string_to_handle(Text, []).

-doc "A handle of a query in a text, with the options of q/2.".
-spec string_to_handle(string(), options()) -> query_handle() | {error, module(), term()}.
string_to_handle(Text, Options) -> string_to_handle(Text, Options, erl_eval:new_bindings()).

-doc "A handle of a query in a text, with options and variables' values.".
-spec string_to_handle(string(), options(), erl_eval:binding_struct()) ->
    query_handle() | {error, module(), term()}.
string_to_handle(Text, Options, Bindings) ->
    Checked = gerl_qlc_options:query(Options),
    is_list(Text) andalso Checked =/= badarg orelse error(badarg, [Text, Options, Bindings]),
    maybe
        {ok, Tokens, _} ?= erl_scan:string(Text, 1, [text]),
        {ok, [Comprehension]} ?= erl_eval:extended_parse_exprs(Tokens),
        {ok, Query} ?= gerl_qlc_transform:expression(Comprehension, [Name || {Name, _} <- erl_eval:bindings(Bindings)]),
        {value, Value, _} = erl_eval:expr(Query, Bindings),
        {qlc_handle, Value#qlc_lc{opt = Checked}}
    else
        {error, {Where, Module, Why}, _} -> {error, ?MODULE, {Where, Module, Why}};
        {error, {Where, Module, Why}} -> {error, ?MODULE, {Where, Module, Why}};
        {ok, _} -> error(badarg, [Text, Options, Bindings])
    end.

%%% ---- evaluation --------------------------------------------------------------------------------

-doc "All answers of a query.".
-spec e(source()) -> list() | term().
e(Source) -> eval(Source, []).

-doc "All answers of a query, see eval/2.".
-spec e(source(), options()) -> list() | term().
e(Source, Options) -> eval(Source, Options).

-doc "All answers of a query.".
-spec eval(source()) -> list() | term().
eval(Source) -> eval(Source, []).

-doc """
All answers of a query, or the error term of a traversal. Options: `unique_all` and `cache_all` make all sources
unique and cached; `tmpdir`, `max_list_size` and `tmpdir_usage` are about temporary files.
""".
-spec eval(source(), options()) -> list() | term().
eval(Source, Options) ->
    Checked = gerl_qlc_options:evaluation(Options),
    is_source(Source) andalso Checked =/= badarg orelse error(badarg, [Source, Options]),
    case gerl_qlc_run:fold(fun(Answer, Acc) -> [Answer | Acc] end, [], Source, Checked) of
        {ok, Answers} -> lists:reverse(Answers);
        {failed, Error} -> Error
    end.

-doc "Folds a fun over a query's answers.".
-spec fold(fun((term(), Acc) -> Acc), Acc, source()) -> Acc | term().
fold(Fun, Acc, Source) -> fold(Fun, Acc, Source, []).

-doc "Folds a fun over a query's answers, with the options of eval/2.".
-spec fold(fun((term(), Acc) -> Acc), Acc, source(), options()) -> Acc | term().
fold(Fun, Acc, Source, Options) ->
    Checked = gerl_qlc_options:evaluation(Options),
    is_source(Source) andalso Checked =/= badarg orelse error(badarg, [Fun, Acc, Source, Options]),
    {_, Result} = gerl_qlc_run:fold(Fun, Acc, Source, Checked),
    Result.

-doc "A cursor: a process that evaluates a query as its answers are asked for.".
-spec cursor(source()) -> query_cursor().
cursor(Source) -> cursor(Source, []).

-doc "A cursor with the options of eval/2 and `spawn_options` for its process. It ends with its owner, the process that makes it.".
-spec cursor(source(), options()) -> query_cursor() | term().
cursor(Source, Options) ->
    case is_source(Source) andalso gerl_qlc_options:cursor(Options) of
        {Spawn, Checked} ->
            case gerl_qlc_cursor:start(Source, Checked, Spawn) of
                {ok, Pid} -> {qlc_cursor, {Pid, self()}};
                {failed, Error} -> Error
            end;
        _ ->
            error(badarg, [Source, Options])
    end.

-doc "The next ten answers of a cursor.".
-spec next_answers(query_cursor()) -> list() | term().
next_answers(Cursor) -> next_answers(Cursor, 10).

-doc "So many of the next answers of a cursor, or all.".
-spec next_answers(query_cursor(), pos_integer() | all_remaining) -> list() | term().
next_answers({qlc_cursor, {Pid, Owner}}, Wanted) when
    Owner =:= self(), is_integer(Wanted), Wanted > 0; Owner =:= self(), Wanted =:= all_remaining
->
    case gerl_qlc_cursor:next(Pid, Wanted) of
        {ok, Answers} -> Answers;
        {failed, Error} -> Error;
        {raise, Class, Why, Stack} -> erlang:raise(Class, Why, Stack);
        gone -> error({qlc_cursor_pid_no_longer_exists, Pid})
    end;
next_answers({qlc_cursor, {Pid, Owner}} = Cursor, Wanted) when is_pid(Pid), Owner =/= self() ->
    error(not_cursor_owner, [Cursor, Wanted]);
next_answers(Cursor, Wanted) ->
    error(badarg, [Cursor, Wanted]).

-doc "Ends a cursor.".
-spec delete_cursor(query_cursor()) -> ok.
delete_cursor({qlc_cursor, {Pid, Owner}}) when Owner =:= self() ->
    gerl_qlc_cursor:stop(Pid);
delete_cursor({qlc_cursor, {Pid, _}} = Cursor) when is_pid(Pid) ->
    error(not_cursor_owner, [Cursor]);
delete_cursor(Cursor) ->
    error(badarg, [Cursor]).

%%% ---- the rest ----------------------------------------------------------------------------------

-doc "A text that tells how a query would be evaluated.".
-spec info(source()) -> string() | term().
info(Source) -> info(Source, []).

-doc """
Tells how a query would be evaluated, in a text or as abstract code (option `format`): with variables for inner
queries (`flat`), so many elements of lists (`n_elements`) and so deep terms (`depth`) and with the options of eval/2.
""".
-spec info(source(), options()) -> string() | erl_parse:abstract_expr() | term().
info(Source, Options) ->
    case is_source(Source) andalso gerl_qlc_options:info(Options) of
        {Format, Checked} ->
            try
                gerl_qlc_info:about(gerl_qlc_plan:of_source(Source, Checked), Format)
            catch
                throw:?FAILED(Error) -> Error
            end;
        _ ->
            error(badarg, [Source, Options])
    end.

-doc "A sentence about an error of this module.".
-spec format_error(term()) -> io_lib:chars().
format_error(Why) -> gerl_qlc_info:error_text(Why).

-doc "The parse transform: calls of q/1,2 get code for their comprehensions.".
-spec parse_transform([erl_parse:abstract_form()], [compile:option()]) -> [erl_parse:abstract_form()].
parse_transform(Forms, Options) -> gerl_qlc_transform:forms(Forms, Options).

-doc "What the compiler must know of the transform.".
-spec parse_transform_info() -> #{error_location => column}.
parse_transform_info() -> #{error_location => column}.

-doc "The expression of a comprehension for erl_eval and the shell.".
-spec transform_from_evaluator(erl_parse:abstract_expr(), erl_eval:binding_struct()) ->
    {ok, erl_parse:abstract_expr()} | {not_ok, {error, module(), term()}}.
transform_from_evaluator(Comprehension, Bindings) ->
    case gerl_qlc_transform:expression(Comprehension, [Name || {Name, _} <- erl_eval:bindings(Bindings)]) of
        {ok, Query} -> {ok, Query};
        {error, Why} -> {not_ok, {error, ?MODULE, Why}}
    end.
