-module(log_mf_h).
-moduledoc """
A handler of gen_event that writes events to files in turn.

The files are Dir/1, Dir/2, ...; each holds events as two bytes of length and the external form of {Time, Event}.
When the next event would make a file too large, the next one is begun, and after the last one the first. The file
Dir/index holds the number of the current file.
""".
-behaviour(gen_event).

-export([init/3, init/4]).
-export([init/1, handle_event/2, handle_info/2, handle_call/2, terminate/2, code_change/3]).
-export_type([args/0]).

-opaque args() :: {file:filename(), non_neg_integer(), 1..255, fun((term()) -> boolean())}.

-record(log, {dir :: file:filename(), max_bytes :: non_neg_integer(), max_files :: 1..255, filter :: fun((term()) -> boolean()),
              number :: 1..255, file :: pid(), written = 0 :: non_neg_integer()}).

-doc "What gen_event:add_handler/3 gets so that all events are written.".
-spec init(file:filename(), non_neg_integer(), 1..255) -> args().
init(Dir, MaxBytes, MaxFiles) -> init(Dir, MaxBytes, MaxFiles, fun(_Event) -> true end).

-doc "init/3 with a predicate that says which events are written.".
-spec init(file:filename(), non_neg_integer(), 1..255, fun((term()) -> boolean())) -> args().
init(Dir, MaxBytes, MaxFiles, Filter) -> {Dir, MaxBytes, MaxFiles, Filter}.

-doc false.
init({Dir, MaxBytes, MaxFiles, Filter}) when is_integer(MaxFiles), MaxFiles > 0, MaxFiles < 256 ->
    Last = last_number(Dir),
    Log = #log{dir = Dir, max_bytes = MaxBytes, max_files = MaxFiles, filter = Filter, number = 1, file = self()},
    case begin_file(Log, following(Last, MaxFiles)) of
        {ok, _} = Ok -> Ok;
        Error -> Error
    end.

last_number(Dir) ->
    case file:read_file(filename:join(Dir, "index")) of
        {ok, <<N>>} -> N;
        _ -> 0
    end.

following(N, MaxFiles) when N >= MaxFiles -> 1;
following(N, _MaxFiles) -> N + 1.

begin_file(#log{dir = Dir} = Log, Number) ->
    case file:open(filename:join(Dir, integer_to_list(Number)), [write, raw, binary]) of
        {ok, File} ->
            case file:write_file(filename:join(Dir, "index"), <<Number>>) of
                ok -> {ok, Log#log{number = Number, file = File, written = 0}};
                {error, _} = Error ->
                    file:close(File),
                    Error
            end;
        {error, _} = Error -> Error
    end.

-doc false.
handle_event(Event, #log{filter = Filter} = Log) ->
    try Filter(Event) of
        true -> append(entry(Event), Log);
        _ -> {ok, Log}
    catch
        _:_ -> {ok, Log}
    end.

%% Events too long for two bytes of length are left out.
entry(Event) ->
    Data = term_to_binary({erlang:localtime(), Event}),
    case byte_size(Data) of
        Size when Size < 65536 -> [<<Size:16>>, Data];
        _ -> []
    end.

append([], Log) -> {ok, Log};
append(Entry, #log{written = Written, max_bytes = Max, file = File} = Log) ->
    Size = iolist_size(Entry),
    if
        Written + Size >= Max ->
            file:close(File),
            {ok, Next} = begin_file(Log, following(Log#log.number, Log#log.max_files)),
            write(Entry, Size, Next);
        true -> write(Entry, Size, Log)
    end.

write(Entry, Size, #log{file = File, written = Written} = Log) ->
    ok = file:write(File, Entry),
    {ok, Log#log{written = Written + Size}}.

-doc false.
handle_info({emulator, GroupLeader, Chars}, Log) -> handle_event({emulator, GroupLeader, Chars}, Log);
handle_info(_Message, Log) -> {ok, Log}.

-doc false.
handle_call(null, Log) -> {ok, null, Log}.

-doc false.
terminate(_Reason, #log{file = File}) -> file:close(File).

-doc false.
code_change(_Version, Log, _Extra) -> {ok, Log}.
