-module(gerl_qlc_sort).
-moduledoc "Sorts answers: in memory while they are few, with file_sorter and a temporary file beyond the option `size`.".

-export([list/2, once/3]).

-include("gerl_qlc.hrl").

-doc "Sorts a list.".
-spec list(list(), #sorting{}) -> list().
list(List, #sorting{keys = none, order = ascending, unique = true}) -> lists:usort(List);
list(List, #sorting{keys = none, order = ascending}) -> lists:sort(List);
list(List, #sorting{keys = Key, order = ascending, unique = false}) when is_integer(Key) -> by_key(List, Key);
list(List, #sorting{keys = Keys, order = Order, unique = Unique}) ->
    Of = case Keys of
        none -> fun(Answer) -> Answer end;
        _ -> fun(Answer) -> [element(K, Answer) || K <- if is_list(Keys) -> Keys; true -> [Keys] end] end
    end,
    Before = case Order of
        ascending -> fun(A, B) -> Of(A) =< Of(B) end;
        descending -> fun(A, B) -> Of(A) >= Of(B) end;
        _ -> Order
    end,
    case Unique of
        true -> lists:usort(Before, List);
        false -> lists:sort(Before, List)
    end.

by_key(List, Key) ->
    try
        lists:keysort(Key, List)
    catch
        error:_ -> gerl_qlc_run:failed({error, qlc, bad_object})
    end.

-doc "Sorts a lazy list when it is asked for the first time.".
-spec once(term(), #sorting{}, {reference(), pid()}) -> term().
once(Lazy, Sorting, Session) ->
    Key = {?MODULE, make_ref()},
    gerl_qlc_run:on_close(Session, fun() -> erase(Key) end),
    fun() ->
        case get(Key) of
            undefined ->
                Sorted = sorted(Lazy, Sorting, Session),
                put(Key, Sorted),
                gerl_qlc_file:contents(Sorted);
            Sorted -> gerl_qlc_file:contents(Sorted)
        end
    end.

sorted(Lazy, Sorting, Session) ->
    Answers = case is_list(Lazy) of true -> Lazy; false -> gerl_qlc_run:forced(Lazy) end,
    case is_complete(Answers) of
        true -> {list, list(Answers, Sorting)};
        false -> in_parts(Answers, Sorting, Session)
    end.

%% A list that is in memory anyway needs no file.
is_complete(List) -> try length(List) of _ -> true catch error:badarg -> false end.

in_parts(Lazy, #sorting{limit = Limit} = Sorting, Session) ->
    case few(Lazy, Limit, []) of
        {all, Answers} -> {list, list(Answers, Sorting)};
        {more, Answers, More} -> sorted_in_file(Answers, More, Sorting, Session)
    end.

few([Answer | More], Limit, Acc) when Limit >= 0 -> few(More, Limit - erlang:external_size(Answer), [Answer | Acc]);
few([], _, Acc) -> {all, lists:reverse(Acc)};
few(More, Limit, Acc) when Limit < 0 -> {more, lists:reverse(Acc), More};
few(More, Limit, Acc) ->
    Next = gerl_qlc_run:forced(More),
    case is_complete(Next) of
        true -> {all, lists:reverse(Acc, Next)};
        false -> few(Next, Limit, Acc)
    end.

sorted_in_file(Answers, More, #sorting{keys = Keys, options = Options, tmpdir = Dir, usage = Usage}, Session) ->
    gerl_qlc_file:may_use(Usage, sorting),
    Name = gerl_qlc_file:name(Dir),
    gerl_qlc_run:on_close(Session, fun() -> file:delete(Name) end),
    Known = [O || O <- Options, O =/= {tmpdir, ""}, not (is_tuple(O) andalso element(1, O) =:= format)],
    Input = input(Answers, More),
    Result = case Keys of
        none -> file_sorter:sort(Input, Name, Known);
        _ -> file_sorter:keysort(Keys, Input, Name, Known)
    end,
    case Result of
        ok ->
            case filelib:file_size(Name) of
                0 -> {list, []};
                _ -> {file, Name}
            end;
        {error, Reason} -> gerl_qlc_run:failed({error, qlc, Reason})
    end.

input(Answers, More) ->
    fun(close) -> ok;
       (read) ->
            case {Answers, More} of
                {[], []} -> end_of_input;
                {[], _} ->
                    {Next, Rest} = some(More, 1000, []),
                    {Next, input([], Rest)};
                _ -> {[term_to_binary(A) || A <- Answers], input([], More)}
            end
    end.

some([Answer | More], N, Acc) when N > 0 -> some(More, N - 1, [term_to_binary(Answer) | Acc]);
some([], _, Acc) -> {lists:reverse(Acc), []};
some(More, 0, Acc) -> {lists:reverse(Acc), More};
some(More, N, Acc) -> some(gerl_qlc_run:forced(More), N, Acc).
