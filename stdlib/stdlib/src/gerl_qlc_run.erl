-module(gerl_qlc_run).
-moduledoc """
Evaluates plans of queries.

Answers come as a lazy list: [], [Answer | Lazy] or a fun without arguments that gives one; anything else is the
error term of a traversal, which ends the evaluation and is its value. What an evaluation leaves open (tables, ETS
tables of seen answers, temporary files) is registered under the evaluation's reference and closed at its end.
""".

-export([fold/4, evaluate/4, forced/1, failed/1, on_close/2]).

-include("gerl_qlc.hrl").

-type lazy() :: term().

-doc "Folds a fun over the answers of a source.".
-spec fold(fun((term(), Acc) -> Acc), Acc, term(), #qlc_opt{}) -> {ok, Acc} | {failed, term()}.
fold(Fun, Acc, Source, Options) ->
    try
        evaluate(Source, Options, self(), fun(Lazy) -> {ok, folded(Lazy, Fun, Acc)} end)
    catch
        throw:?FAILED(Error) -> {failed, Error}
    end.

-doc "Calls a fun with the answers of a source; afterwards, whatever happens, all is closed. Parent asked for it.".
-spec evaluate(term(), #qlc_opt{}, pid(), fun((lazy()) -> Result)) -> Result.
evaluate(Source, Options, Parent, Fun) ->
    Session = make_ref(),
    put({?MODULE, Session}, []),
    try
        Fun(answers(gerl_qlc_plan:of_source(Source, Options), {Session, Parent}))
    after
        close(erase({?MODULE, Session}))
    end.

close([Closer | Closers]) ->
    try
        Closer()
    after
        close(Closers)
    end;
close([]) -> ok.

-doc "Has a fun called at the end of an evaluation.".
-spec on_close({reference(), pid()}, fun(() -> term())) -> ok.
on_close({Session, _}, Closer) ->
    put({?MODULE, Session}, [Closer | get({?MODULE, Session})]),
    ok.

folded([Answer | More], Fun, Acc) -> folded(More, Fun, Fun(Answer, Acc));
folded([], _, Acc) -> Acc;
folded(More, Fun, Acc) -> folded(forced(More), Fun, Acc).

-doc "The rest of a lazy list.".
-spec forced(lazy()) -> lazy().
forced(More) when is_function(More, 0) -> More();
forced(Error) -> failed(Error).

-doc "Ends the evaluation with an error term.".
-spec failed(term()) -> no_return().
failed(Error) -> throw(?FAILED(Error)).

%%% ---- the kinds of sources -------------------------------------------------------------------------

answers(#plan{op = #from_list{list = List, spec = none}}, _) -> List;
answers(#plan{op = #from_list{list = []}}, _) -> [];
answers(#plan{op = #from_list{list = List, spec = Spec}}, _) -> ets:match_spec_run(List, ets:match_spec_compile(Spec));
answers(#plan{op = #from_plan{plan = Plan, spec = Spec}}, Session) ->
    Lazy = answers(Plan, Session),
    Compiled = ets:match_spec_compile(Spec),
    fun() -> matching(Lazy, Compiled) end;
answers(#plan{op = #from_table{} = Op}, Session) -> table(Op, Session);
answers(#plan{op = #in_turn{plans = Plans}}, Session) ->
    Sources = [answers(P, Session) || P <- Plans],
    fun() -> in_turn(Sources) end;
answers(#plan{op = #in_order{plan = Plan, sorting = Sorting}}, Session) ->
    Lazy = answers(Plan, Session),
    case is_proper(Lazy) of
        true -> gerl_qlc_sort:list(Lazy, Sorting);
        false -> gerl_qlc_sort:once(Lazy, Sorting, Session)
    end;
answers(#plan{op = #passed{plan = Plan, how = How}}, Session) ->
    treated(answers(Plan, Session), How, Session);
answers(#plan{op = #loop{} = Loop}, Session) ->
    {Table, Start} = gerl_qlc_loop:table(Loop, fun(Plan) -> answers(Plan, Session) end,
                                         fun(Lazy, How) -> treated(Lazy, How, Session) end, Session),
    Run = Loop#loop.run,
    treated(fun() -> Run(Start, not_a_list, Table) end, Loop#loop.how, Session).

is_proper(Lazy) -> try length(Lazy) of _ -> true catch error:badarg -> false end.

matching([Object | More], Spec) ->
    case ets:match_spec_run([Object], Spec) of
        [Answer] -> [Answer | fun() -> matching(More, Spec) end];
        [] -> matching(More, Spec)
    end;
matching([], _) -> [];
matching(More, Spec) -> matching(forced(More), Spec).

in_turn([Source | Sources]) -> in_turn(Source, Sources);
in_turn([]) -> [].

in_turn([Answer | More], Sources) -> [Answer | fun() -> in_turn(More, Sources) end];
in_turn([], Sources) -> in_turn(Sources);
in_turn(More, Sources) -> in_turn(forced(More), Sources).

%%% ---- tables ---------------------------------------------------------------------------------------

table(#from_table{table = #table{traverse = Traverse, lookup_fun = Lookup} = Table, keys = Keys, spec = Spec}, Session) ->
    opened(Table, Session),
    case Keys of
        {Position, Values} ->
            case Lookup(Position, Values) of
                Objects when is_list(Objects), Spec =/= none -> ets:match_spec_run(Objects, ets:match_spec_compile(Spec));
                Objects when is_list(Objects) -> Objects;
                Error -> failed(Error)
            end;
        none when is_function(Traverse, 0) -> Traverse;
        none when Spec =:= none -> fun() -> Traverse([{'$1', [], ['$1']}]) end;
        none -> fun() -> Traverse(Spec) end
    end.

opened(#table{pre_fun = Pre, post_fun = Post, parent_fun = ParentFun}, {_, Parent} = Session) ->
    Value =
        case ParentFun of
            undefined -> undefined;
            _ when Parent =:= self() -> ParentFun();
            _ -> gerl_qlc_cursor:parent_value(Parent, ParentFun)
        end,
    Stop =
        case Parent =:= self() of
            true -> undefined;
            false ->
                Cursor = {qlc_cursor, {self(), Parent}},
                fun() -> qlc:delete_cursor(Cursor) end
        end,
    Pre =:= undefined orelse Pre([{parent_value, Value}, {stop_fun, Stop}]),
    Post =:= undefined orelse on_close(Session, Post),
    ok.

%%% ---- unique answers and caches --------------------------------------------------------------------

treated(Lazy, #how{unique = Unique, cache = Cache, options = Options}, Session) ->
    cached(Cache, distinct(Unique, Lazy, Session), Options, Session).

distinct(false, Lazy, _) -> Lazy;
distinct(true, Lazy, Session) ->
    Seen = ets:new(qlc, [set, private]),
    on_close(Session, fun() -> ets:delete(Seen) end),
    fun() ->
        ets:delete_all_objects(Seen),
        distinct_from(Lazy, Seen)
    end.

distinct_from([Answer | More], Seen) ->
    case ets:insert_new(Seen, {Answer}) of
        true -> [Answer | fun() -> distinct_from(More, Seen) end];
        false -> distinct_from(More, Seen)
    end;
distinct_from([], _) -> [];
distinct_from(More, Seen) -> distinct_from(forced(More), Seen).

%% The first reading fills the cache; it is of use when that came to its end.
cached(false, Lazy, _, _) -> Lazy;
cached(true, Lazy, _, Session) ->
    Cache = ets:new(qlc, [ordered_set, private]),
    on_close(Session, fun() -> ets:delete(Cache) end),
    fun() ->
        case ets:member(Cache, complete) of
            true -> from_cache(Cache, ets:next(Cache, -1));
            false ->
                ets:delete_all_objects(Cache),
                to_cache(Lazy, Cache, 0)
        end
    end;
cached(list, Lazy, Options, Session) ->
    Key = {?MODULE, make_ref()},
    on_close(Session, fun() -> erase(Key) end),
    fun() ->
        case get(Key) of
            undefined -> to_list(Lazy, gerl_qlc_file:new(caching, Options, Session), Key);
            Stored -> gerl_qlc_file:contents(Stored)
        end
    end.

to_cache([Answer | More], Cache, N) ->
    ets:insert(Cache, {N, Answer}),
    [Answer | fun() -> to_cache(More, Cache, N + 1) end];
to_cache([], Cache, _) ->
    ets:insert(Cache, {complete}),
    [];
to_cache(More, Cache, N) -> to_cache(forced(More), Cache, N).

from_cache(Cache, N) when is_integer(N) ->
    [{_, Answer}] = ets:lookup(Cache, N),
    [Answer | fun() -> from_cache(Cache, ets:next(Cache, N)) end];
from_cache(_, _) -> [].

to_list([Answer | More], Store, Key) ->
    Store1 = gerl_qlc_file:add(Answer, Store),
    [Answer | fun() -> to_list(More, Store1, Key) end];
to_list([], Store, Key) ->
    put(Key, gerl_qlc_file:done(Store)),
    [];
to_list(More, Store, Key) -> to_list(forced(More), Store, Key).
