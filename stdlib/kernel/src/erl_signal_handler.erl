-module(erl_signal_handler).
-moduledoc """
What a node does on its own with the operating system's signals. The event manager `erl_signal_server` hears of those
that `os:set_signal/2` wants handled. Internal.
""".
-behaviour(gen_event).

-export([start_server/1, wake/0, ready/1, install/0]).
-export([start/0, init/1, handle_event/2, handle_call/2, handle_info/2]).

%% Most nodes never see a signal: until the first message comes, the manager is a sleeping process
%% under its name, and nothing of gen_event is loaded.
-doc false.
start_server(Parent) ->
    Starter = self(),
    Pid = spawn(fun() ->
                        register(erl_signal_server, self()),
                        put('$ancestors', [Parent]),
                        put('$initial_call', {gen_event, init_it, 6}),
                        Starter ! {self(), registered},
                        erlang:hibernate(?MODULE, wake, [])
                end),
    receive {Pid, registered} -> Pid end.

%% What woke it is put behind the request that adds the handler.
-doc false.
wake() ->
    Earlier = waiting(),
    _ = spawn(?MODULE, install, []),
    erlang:hibernate(?MODULE, ready, [Earlier]).

-doc false.
ready(Earlier) ->
    %% Further signals may come before that request.
    case lists:partition(fun is_install/1, waiting()) of
        {[], More} -> erlang:hibernate(?MODULE, ready, [Earlier ++ More]);
        {Install, More} ->
            [self() ! Message || Message <- Install ++ Earlier ++ More],
            manage()
    end.

is_install(Message) -> is_tuple(Message) andalso lists:member({add_handler, ?MODULE, []}, tuple_to_list(Message)).

manage() ->
    Nobody = spawn(fun() -> ok end),
    [Parent] = get('$ancestors'),
    unregister(erl_signal_server),
    gen:init_it(gen_event, Nobody, Parent, {local, erl_signal_server}, 'no callback module', [], []).

waiting() ->
    receive Message -> [Message | waiting()] after 0 -> [] end.

-doc false.
install() -> gen_event:add_handler(erl_signal_server, ?MODULE, []).

-doc "Adds the handler again, after it was deleted or exchanged.".
-spec start() -> term().
start() -> install().

%%% ---- the handler ---------------------------------------------------------------------------------------

-doc false.
init(_) -> {ok, []}.

-doc false.
handle_event(sigterm, State) ->
    error_logger:info_msg("SIGTERM received - shutting down~n"),
    init:stop(),
    {ok, State};
handle_event(sigquit, State) ->
    halt(),
    {ok, State};
handle_event(sigusr1, State) ->
    halt("Received SIGUSR1"),
    {ok, State};
handle_event(_, State) ->
    {ok, State}.

-doc false.
handle_call(_, State) -> {ok, ok, State}.

-doc false.
handle_info(_, State) -> {ok, State}.
