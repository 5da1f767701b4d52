-module(eunit_listener).
-moduledoc """
Behaviour of those who listen to a run of tests.

`start(Module, Options)` starts a process that calls `init/1`, then `handle_begin/3` and `handle_end/3` (or `handle_cancel/3`) for every
test and group, and last `terminate/2` with the counts `[{pass, N}, {fail, N}, {skip, N}, {cancel, N}]`. Data is a list of pairs: `id`,
`desc`, and for tests `source`, `line`, `status`, `time`, `output`; for groups `spawn`, `order`, `size`, `time`.
""".

-export([start/1, start/2]).

-type data() :: [{atom(), term()}].

-callback init(Options :: [term()]) -> State :: term().
-callback start(Options :: [term()]) -> pid().
-callback handle_begin(test | group, data(), State) -> State.
-callback handle_end(test | group, data(), State) -> State.
-callback handle_cancel(test | group, data(), State) -> State.
-callback terminate({ok, data()} | {error, term()}, term()) -> term().
-optional_callbacks([start/1]).

-doc "Starts a listener without options.".
-spec start(module()) -> pid().
start(Module) -> start(Module, []).

-doc "Starts a listener.".
-spec start(module(), [term()]) -> pid().
start(Module, Options) ->
    spawn_link(fun() ->
                       State = Module:init(Options),
                       loop(Module, State, #{pass => 0, fail => 0, skip => 0, cancel => 0}, #{})
               end).

%% Kinds remembers the kind and the data of everything that has begun and not ended.
loop(Module, State, Counts, Open) ->
    receive
        {start, _} -> loop(Module, State, Counts, Open);
        {status, Id, {progress, 'begin', {Kind, Data}}} ->
            Next = Module:handle_begin(Kind, [{id, Id} | Data], State),
            loop(Module, Next, Counts, Open#{Id => {Kind, Data}});
        {status, Id, {progress, 'end', {Result, Data}}} ->
            {{Kind, _}, Left} = maps:take(Id, Open),
            Key = case Kind of test -> status; group -> size end,
            Next = Module:handle_end(Kind, [{id, Id}, {Key, Result} | Data], State),
            loop(Module, Next, counted(Kind, Result, Counts), Left);
        {status, Id, {cancel, Reason}} ->
            {{Kind, Data}, Left} = maps:take(Id, Open),
            Next = Module:handle_cancel(Kind, [{id, Id}, {reason, Reason} | Data], State),
            loop(Module, Next, count(cancel, Counts), Left);
        {stop, Run, ReplyTo} ->
            Result = {ok, [{What, maps:get(What, Counts)} || What <- [pass, fail, skip, cancel]]},
            %% some listeners take the message themselves and answer with a result of their own, as OTP's do
            self() ! {stop, Run, ReplyTo},
            _ = Module:terminate(Result, State),
            receive
                {stop, Run, ReplyTo} -> ReplyTo ! {result, Run, Result}
            after 0 -> ok
            end
    end.

counted(group, _, Counts) -> Counts;
counted(test, ok, Counts) -> count(pass, Counts);
counted(test, {error, _}, Counts) -> count(fail, Counts);
counted(test, {skipped, _}, Counts) -> count(skip, Counts).

count(What, Counts) -> maps:update_with(What, fun(N) -> N + 1 end, Counts).
