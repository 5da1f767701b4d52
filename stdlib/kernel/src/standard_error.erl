-module(standard_error).
-moduledoc "The output device standard_error: the error stream of the operating system process.".

-behaviour(supervisor_bridge).

-export([start_link/0, start/0, init/1, terminate/2]).

-doc "Starts the device under a bridge to kernel's supervisor.".
-spec start_link() -> {ok, pid()} | ignore | {error, term()}.
start_link() -> supervisor_bridge:start_link({local, standard_error_sup}, ?MODULE, []).

-doc false.
init([]) ->
    Device = start(),
    {ok, Device, Device}.

-doc false.
terminate(_Reason, Device) ->
    exit(Device, kill),
    ok.

-doc false.
-spec start() -> pid().
start() ->
    case whereis(standard_error) of
        undefined ->
            Pid = spawn(fun() -> serve(#{encoding => unicode, onlcr => false}) end),
            try register(standard_error, Pid) of
                true -> Pid
            catch
                error:badarg ->
                    exit(Pid, kill),
                    whereis(standard_error)
            end;
        Pid ->
            Pid
    end.

serve(State) ->
    receive
        {io_request, From, As, Request} ->
            {Answer, Next} = answer(Request, State),
            From ! {io_reply, As, Answer},
            serve(Next);
        _ ->
            serve(State)
    end.

answer({put_chars, Encoding, Chars}, State) ->
    {written(Chars, Encoding, State), State};
answer({put_chars, Encoding, M, F, Args}, State) ->
    try apply(M, F, Args) of
        Chars -> {written(Chars, Encoding, State), State}
    catch
        _:_ -> {{error, {put_chars, Encoding, M, F, Args}}, State}
    end;
answer({put_chars, Chars}, State) -> answer({put_chars, latin1, Chars}, State);
answer({put_chars, M, F, Args}, State) -> answer({put_chars, latin1, M, F, Args}, State);
answer({requests, Requests}, State) ->
    lists:foldl(fun(R, {ok, S}) -> answer(R, S); (_, Failed) -> Failed end, {ok, State}, Requests);
answer(getopts, State) ->
    {lists:sort(maps:to_list(State)) ++ [{log, none}, {terminal, gerl_io:is_terminal()}], State};
answer({setopts, Options}, State) ->
    Set = fun({encoding, E}, S) when E =:= latin1; E =:= unicode -> S#{encoding := E};
             ({encoding, utf8}, S) -> S#{encoding := unicode};
             ({onlcr, B}, S) when is_boolean(B) -> S#{onlcr := B};
             (_, _) -> throw(enotsup)
          end,
    try {ok, lists:foldl(Set, State, proplists:unfold(Options))}
    catch throw:Reason -> {{error, Reason}, State}
    end;
answer({get_geometry, _}, State) -> {{error, enotsup}, State};
answer(_, State) -> {{error, request}, State}.

written(Chars, From, #{encoding := To, onlcr := Returns}) ->
    case characters(Chars, From) of
        Text0 when is_list(Text0) ->
            Text = case Returns of
                       true -> lists:flatmap(fun($\n) -> "\r\n"; (C) -> [C] end, Text0);
                       false -> Text0
                   end,
            true = erlang:display_string(stderr, encoded(Text, To)),
            ok;
        _ -> {error, {put_chars, From, Chars}}
    end.

%% What is no text is the client's error, not the device's end.
characters(Chars, From) ->
    try unicode:characters_to_list(Chars, From)
    catch error:badarg -> none
    end.

%% Characters that the encoding does not have are written as escapes.
encoded(Text, unicode) -> unicode:characters_to_binary(Text);
encoded(Text, latin1) ->
    list_to_binary([case C of _ when C < 256 -> C; _ -> io_lib:format("\\x{~.16B}", [C]) end || C <- Text]).
