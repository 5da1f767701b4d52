-module(peer).
-moduledoc """
Starts and controls further nodes, each in an operating system process of its own.

The process that controls a peer runs in the node that started it, the origin. The two talk over the peer's standard input and
output (`connection => standard_io`), over a TCP connection (`connection => Port` or `{IpAddress, Port}`, 0 for any free
port), or, without that option, by distribution: the peer then needs a name, and the origin must be alive.

    {ok, Peer, _Node} = peer:start_link(#{connection => standard_io}),
    [1, 2, 3] = peer:call(Peer, lists, seq, [1, 3]),
    ok = peer:stop(Peer).
""".
-behaviour(gen_server).

-export([start/1, start_link/0, start_link/1, stop/1, random_name/0, random_name/1, get_state/1,
         call/4, call/5, cast/4, send/3]).
%% The node that is a peer
-export([start/0]).
%% gen_server
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-export_type([server_ref/0, start_options/0, peer_state/0, exec/0, connection/0, disconnect_timeout/0]).

-doc "The process that controls a peer.".
-type server_ref() :: pid().
-doc "How origin and peer are connected.".
-type connection() :: 0..65535 | {inet:ip_address(), 0..65535} | standard_io.
-doc "The program to run, or the program with arguments that come before all others.".
-type exec() :: file:name() | {file:name(), [string()]}.
-doc "How long `stop/1` waits for the peer, in milliseconds.".
-type disconnect_timeout() :: 1000..4294967295 | infinity.
-doc "What is known of the peer.".
-type peer_state() :: booting | running | {down, Reason :: term()}.
-doc """
The options of a start.

- `connection`: standard input and output, or TCP.
- `name`, `host`, `longnames`: the node's name; without one it is `nonode@nohost`.
- `exec`, `args`, `env`, `post_process_args`: the command. By default it is this program.
- `detached`: `false` leaves a TCP peer attached to the origin's terminal.
- `wait_boot`: milliseconds, `false`, or `{Pid, Tag}`: Pid gets `{Tag, {started, Node, Peer}}`.
- `peer_down`: whether the controlling process stops, continues or crashes when the peer ends.
- `shutdown`: whether a stop cuts the connection (`close`, `halt`) or asks the peer to stop in order (a time).
""".
-type start_options() :: #{name => atom() | string(), longnames => boolean(), host => string(),
                           peer_down => stop | continue | crash, connection => connection(), exec => exec(),
                           detached => boolean(), args => [string()], post_process_args => fun(([string()]) -> [string()]),
                           env => [{string(), string()}], wait_boot => timeout() | {pid(), term()} | false,
                           shutdown => close | halt | {halt, disconnect_timeout()} | disconnect_timeout()}.

-record(origin, {options :: start_options(),
                 notify :: false | {pid(), term()},
                 link = none :: none | {port, port()} | {tcp, gen_tcp:socket()} | {dist, pid()},
                 input = <<>> :: bitstring(),                   % the beginning of a frame
                 status = booting :: peer_state(),
                 node :: undefined | node(),
                 next = 0 :: non_neg_integer(),
                 calls = #{} :: #{non_neg_integer() => gen_server:from()}}).

-define(BOOT_TIME, 15000).
-define(CALL_TIME, 5000).
-define(ACCEPT_TIME, 60000).
-define(CONNECT_TIME, 10000).
-define(IS_TIME(T), (T =:= infinity orelse is_integer(T) andalso T >= 1000 andalso T =< 4294967295)).

%%% ---- interface -------------------------------------------------------------------------------

-doc "A name for a peer that no other one has on this machine: like `random_name(peer)`.".
-spec random_name() -> string().
random_name() -> random_name(peer).

-doc "A name with the given beginning that no other node has on this machine.".
-spec random_name(string() | atom()) -> string().
random_name(Prefix) ->
    Parts = [Prefix, integer_to_list(erlang:unique_integer([positive])), os:getpid()],
    lists:flatten(lists:join("-", [if is_atom(P) -> atom_to_list(P); true -> P end || P <- Parts])).

-doc "Starts a peer with a name of its own that is reached by distribution.".
-spec start_link() -> {ok, pid(), node()} | {error, term()}.
start_link() -> start_link(#{name => random_name()}).

-doc "Starts a peer that ends with the calling process.".
-spec start_link(start_options()) -> {ok, pid()} | {ok, pid(), node()} | {error, term()}.
start_link(Options) -> launch(Options, fun gen_server:start_link/3).

-doc "Starts a peer, and waits until it is up unless `wait_boot` says otherwise.".
-spec start(start_options()) -> {ok, pid()} | {ok, pid(), node()} | {error, term()}.
start(Options) -> launch(Options, fun gen_server:start/3).

-doc "Stops a peer in the way that its option `shutdown` tells.".
-spec stop(server_ref()) -> ok.
stop(Peer) -> gen_server:stop(Peer).

-doc "Tells whether the peer is starting, running or down.".
-spec get_state(server_ref()) -> peer_state().
get_state(Peer) -> gen_server:call(Peer, get_state).

-doc "Calls a function in the peer: `call/5` with 5000 milliseconds.".
-spec call(server_ref(), module(), atom(), [term()]) -> term().
call(Peer, M, F, Args) -> call(Peer, M, F, Args, ?CALL_TIME).

-doc "Calls a function in the peer, and gives its value or raises its exception here.".
-spec call(server_ref(), module(), atom(), [term()], timeout()) -> term().
call(Peer, M, F, Args, Time) ->
    case gen_server:call(Peer, {call, M, F, Args}, Time) of
        {ok, Value} -> Value;
        {Class, {Reason, Stack}} -> erlang:raise(Class, Reason, Stack);
        {error, Reason} -> erlang:error(Reason)
    end.

-doc "Calls a function in the peer without waiting for its end.".
-spec cast(server_ref(), module(), atom(), [term()]) -> ok.
cast(Peer, M, F, Args) -> gen_server:cast(Peer, {cast, M, F, Args}).

-doc "Sends a message to a process of the peer, which is given by a process identifier of the peer's or a name.".
-spec send(server_ref(), pid() | atom(), term()) -> ok.
send(Peer, To, Message) -> gen_server:cast(Peer, {message, To, Message}).

%%% ---- start -----------------------------------------------------------------------------------

launch(Options, Start) ->
    check(Options),
    Wait = maps:get(wait_boot, Options, ?BOOT_TIME),
    Notify = receiver(Wait),
    case Start(?MODULE, {Options, Notify}, []) of
        {ok, Pid} when Wait =:= infinity; is_integer(Wait) -> await(Pid, element(2, Notify), Wait);
        {ok, Pid} when is_map_key(host, Options) -> {ok, Pid, full_name(Options)};
        Other -> Other
    end.

%% Who is told of the start, and with which tag.
receiver(false) -> false;
receiver({Pid, _} = Other) when is_pid(Pid) -> Other;
receiver(Wait) when Wait =:= infinity; is_integer(Wait) -> {self(), make_ref()}.

await(Pid, Tag, Wait) ->
    Monitor = monitor(process, Pid),
    Outcome = receive
                  {Tag, {started, Node, Pid}} -> {ok, Pid, Node};
                  {Tag, {boot_failed, Reason, Pid}} -> {failed, {boot_failed, Reason}};
                  {'DOWN', Monitor, process, Pid, Reason} -> {failed, Reason}
              after Wait ->
                  _ = gen_server:stop(Pid),
                  {failed, timeout}
              end,
    demonitor(Monitor, [flush]),
    case Outcome of
        {failed, Why} -> exit(Why);
        Started -> Started
    end.

full_name(#{name := Name, host := Host}) -> list_to_atom(lists:concat([Name, "@", Host]));
full_name(_) -> undefined.

%% Raises for the first option that is wrong.
check(Options) ->
    Args = maps:get(args, Options, []),
    is_list(Args) orelse error({invalid_arg, Args}),
    _ = [error({invalid_arg, A}) || A <- Args, not io_lib:char_list(A)],
    %% A peer without a connection of its own needs distribution.
    is_map_key(connection, Options) orelse is_map_key(name, Options) andalso is_alive() orelse error(not_alive),
    maps:foreach(fun check/2, Options),
    case Options of
        #{detached := false, connection := standard_io} -> error({detached, cannot_detach_with_standard_io});
        _ -> ok
    end.

check(exec, {Program, Args}) ->
    _ = [error({exec, Word}) || Word <- [Program | Args], not io_lib:char_list(Word)],
    ok;
check(exec, Program) -> io_lib:char_list(Program) orelse error({exec, Program});
check(shutdown, How) ->
    case How of
        close -> ok;
        halt -> ok;
        {halt, Time} when ?IS_TIME(Time) -> ok;
        {Time, Node} when ?IS_TIME(Time), is_atom(Node) -> ok;
        Time when ?IS_TIME(Time) -> ok;
        _ -> error({shutdown, How})
    end;
check(connection, standard_io) -> ok;
check(connection, Port) when is_integer(Port) -> ok;
check(connection, {_, Port}) when is_integer(Port) -> ok;
check(connection, Other) -> error({connection, Other});
check(_, _) -> ok.

%%% ---- the process in the origin ------------------------------------------------------------------

-doc false.
init({Options, Notify}) ->
    process_flag(trap_exit, true),
    {Contact, Listening} = case Options of
                               #{connection := _} -> listen(Options);
                               _ -> {dist, dist}
                           end,
    {Program, First} = program(Options),
    Words = First ++ name_flags(Options) ++ maps:get(args, Options, []) ++ start_flags(Contact, Options),
    Finish = maps:get(post_process_args, Options, fun(As) -> As end),
    Settings = [{args, Finish(Words)}, {env, maps:get(env, Options, [])}, hide, binary],
    State = #origin{options = Options, notify = Notify},
    Attached = case Options of
                   #{detached := false} -> [nouse_stdio];
                   _ -> []
               end,
    case Listening of
        none ->
            Port = open_port({spawn_executable, Program}, Settings ++ [exit_status, stderr_to_stdout]),
            {ok, State#origin{link = {port, Port}}};
        dist ->
            Port = open_port({spawn_executable, Program}, Attached ++ Settings),
            Port ! {self(), close},
            {ok, State};
        Listener ->
            %% The process puts itself into the background: the port has done its work when it is open.
            Port = open_port({spawn_executable, Program}, Attached ++ Settings),
            Port ! {self(), close},
            Self = self(),
            _ = spawn_link(fun() -> accept(Self, Listener) end),
            {ok, State}
    end.

%% The listening socket stays the owner's, so that it closes if the owner gives up.
accept(Owner, Listener) ->
    Result = gen_tcp:accept(Listener, ?ACCEPT_TIME),
    gen_tcp:close(Listener),
    Owner ! case Result of
                {ok, Socket} ->
                    _ = gen_tcp:controlling_process(Socket, Owner),
                    {connected, Socket};
                {error, Reason} -> {not_connected, Reason}
            end,
    unlink(Owner).

listen(#{connection := standard_io}) -> {none, none};
listen(#{connection := {Ip, Port}}) -> listen(Port, [{ip, Ip}], [Ip]);
listen(#{connection := Port}) ->
    {ok, Interfaces} = inet:getifaddrs(),
    Up = [A || {_, Info} <- Interfaces, lists:member(up, proplists:get_value(flags, Info, [])), {addr, A} <- Info, tuple_size(A) =:= 4],
    {Near, Far} = lists:partition(fun(A) -> element(1, A) =:= 127 end, Up),
    listen(Port, [], Near ++ Far).

listen(Port, More, Addresses) ->
    {ok, Listener} = gen_tcp:listen(Port, [binary, {packet, 4}, {reuseaddr, true}, {active, false} | More]),
    {ok, Number} = inet:port(Listener),
    {{Addresses, Number}, Listener}.

program(#{exec := {Program, Args}}) -> {Program, Args};
program(#{exec := Program}) -> {Program, []};
program(_) -> {gerl_program:executable(), []}.

name_flags(#{name := Name} = Options) ->
    Flag = case Options of #{longnames := true} -> "-name"; _ -> "-sname" end,
    [Flag, lists:concat([Name | case Options of #{host := Host} -> ["@", Host]; _ -> [] end])];
name_flags(_) -> [].

start_flags(none, _) -> ["-user", "peer"];
start_flags(dist, Options) ->
    Name = list_to_atom(random_name(peer_origin)),
    true = register(Name, self()),
    background(Options) ++ ["-user", "peer", "-origin", "dist", atom_to_list(Name), atom_to_list(node())];
start_flags({Addresses, Port}, Options) ->
    background(Options) ++ ["-user", "peer", "-origin", lists:append(lists:join(",", [inet:ntoa(A) || A <- Addresses])), integer_to_list(Port)].

background(#{detached := false}) -> [];
background(_) -> ["-detached", "-peer_detached"].

-doc false.
handle_call(get_state, _From, State) -> {reply, State#origin.status, State};
handle_call(get_node, _From, State) -> {reply, State#origin.node, State};
handle_call(group_leader, _From, State) -> {reply, group_leader(), State};
handle_call({call, _, _, _}, _From, #origin{link = Link} = State) when Link =:= none; element(1, Link) =:= dist ->
    {reply, {error, noconnection}, State};
handle_call({call, M, F, Args}, From, #origin{next = Number, calls = Calls} = State) ->
    transmit(State#origin.link, {call, Number, M, F, Args}),
    {noreply, State#origin{next = Number + 1, calls = Calls#{Number => From}}}.

-doc false.
handle_cast(Request, State) ->
    transmit(State#origin.link, Request),
    {noreply, State}.

-doc false.
handle_info({Port, {data, Bytes}}, #origin{link = {port, Port}, input = Before} = State) ->
    {Text, Input} = separate(Bytes, Before),
    _ = [io:put_chars(Text) || Text =/= <<>>],
    {Terms, Left} = unpack(Input, []),
    {noreply, lists:foldl(fun from_peer/2, State#origin{input = Left}, Terms)};
handle_info({tcp, Socket, Bytes}, #origin{link = {tcp, Socket}} = State) ->
    _ = inet:setopts(Socket, [{active, once}]),
    {noreply, from_peer(binary_to_term(Bytes), State)};
handle_info({?MODULE, From, Term}, #origin{link = none, status = booting} = State) when is_pid(From) ->
    _ = monitor(process, From),
    {noreply, from_peer(Term, State#origin{link = {dist, From}})};
handle_info({?MODULE, From, Term}, #origin{link = {dist, From}} = State) ->
    {noreply, from_peer(Term, State)};
handle_info({'DOWN', _, process, From, Reason}, #origin{link = {dist, From}} = State) ->
    down(Reason, State);
handle_info({connected, Socket}, State) ->
    _ = inet:setopts(Socket, [{active, once}]),
    {noreply, State#origin{link = {tcp, Socket}}};
handle_info({not_connected, Reason}, State) ->
    {stop, {inet_async, Reason}, State};
handle_info({Port, {exit_status, Status}}, #origin{link = {port, Port}} = State) ->
    down({exit_status, Status}, State);
handle_info({'EXIT', Port, Reason}, #origin{link = {port, Port}} = State) ->
    down(Reason, State);
handle_info({tcp_closed, Socket}, #origin{link = {tcp, Socket}} = State) ->
    down(tcp_closed, State);
handle_info(_, State) ->
    {noreply, State}.

from_peer({started, Node}, State) ->
    told(started, Node, State#origin{status = running, node = Node});
from_peer({reply, Number, Class, Result}, #origin{calls = Calls} = State) ->
    {From, Left} = maps:take(Number, Calls),
    gen_server:reply(From, {Class, Result}),
    State#origin{calls = Left};
from_peer({message, To, Message}, State) ->
    _ = catch To ! Message,
    State;
from_peer({io_request, From, As, Request}, State) ->
    %% What the peer reads and writes, the group leader of this process does.
    Leader = group_leader(),
    Monitor = monitor(process, Leader),
    Leader ! {io_request, self(), Monitor, Request},
    Answer = receive
                 {io_reply, Monitor, Given} -> Given;
                 {'DOWN', Monitor, process, Leader, _} -> {error, terminated}
             end,
    demonitor(Monitor, [flush]),
    transmit(State#origin.link, {io_reply, From, As, Answer}),
    State.

told(_, _, #origin{notify = false} = State) -> State;
told(What, Info, #origin{notify = {Pid, Tag}} = State) ->
    Pid ! {Tag, {What, Info, self()}},
    State.

%% The peer is gone.
down(Reason, State) ->
    close(State#origin.link),
    _ = [told(boot_failed, Reason, State) || State#origin.status =:= booting],
    Down = State#origin{status = {down, Reason}, link = none},
    case maps:get(peer_down, State#origin.options, stop) of
        continue ->
            _ = [gen_server:reply(From, {error, noconnection}) || From <- maps:values(State#origin.calls)],
            {noreply, Down#origin{calls = #{}}};
        crash -> {stop, Reason, Down};
        _ -> {stop, normal, Down}
    end.

-doc false.
terminate(_Reason, #origin{link = none}) -> ok;
terminate(_Reason, #origin{link = {dist, Server}, node = Node, options = Options}) ->
    %% A peer ends when it has lost the origin.
    Time = case Options of
               #{shutdown := {halt, T}} -> T;
               #{shutdown := {T, _}} -> T;
               #{shutdown := T} when is_integer(T); T =:= infinity; T =:= close -> T;
               _ -> ?CALL_TIME
           end,
    Monitor = monitor(process, Server),
    _ = case Options of
            #{shutdown := T1} when is_integer(T1); T1 =:= infinity -> rpc:cast(Node, init, stop, []);
            #{shutdown := {T1, _}} when is_integer(T1); T1 =:= infinity -> rpc:cast(Node, init, stop, []);
            #{shutdown := close} -> erlang:disconnect_node(Node);
            _ -> rpc:cast(Node, erlang, halt, [])
        end,
    receive {'DOWN', Monitor, process, _, _} -> ok
    after case Time of close -> 0; _ -> Time end -> erlang:disconnect_node(Node)
    end;
terminate(_Reason, #origin{link = Link, node = Node, options = Options}) ->
    Patience = case Options of
                   #{shutdown := {halt, _}} -> 0;
                   #{shutdown := {Time, _}} -> Time;
                   #{shutdown := Time} when not is_atom(Time); Time =:= infinity -> Time;
                   _ -> 0
               end,
    _ = [begin
             transmit(Link, {cast, init, stop, []}),
             await_end(Link, Patience)
         end || Patience =/= 0],
    close(Link),
    case Options of
        #{shutdown := close} -> ok;
        #{shutdown := {halt, Most}} -> gone(Node, Most);
        _ when Patience =/= 0 -> gone(Node, Patience);
        _ -> gone(Node, ?CALL_TIME)
    end.

%% The nodes may be connected besides: the peer is gone when they are not any more.
gone(Node, Time) ->
    Known = lists:member(Node, nodes(connected)),
    Known andalso monitor_node(Node, true),
    case Known andalso lists:member(Node, nodes(connected)) of
        true ->
            receive {nodedown, Node} -> ok
            after Time -> erlang:disconnect_node(Node)
            end;
        false -> ok
    end.

await_end({Kind, Device}, Time) ->
    _ = [inet:setopts(Device, [{active, true}]) || Kind =:= tcp],
    receive
        {Device, {exit_status, _}} -> ok;
        {'EXIT', Device, _} -> ok;
        {tcp_closed, Device} -> ok
    after Time -> ok
    end.

close({port, Port}) -> catch port_close(Port), ok;
close({tcp, Socket}) -> gen_tcp:close(Socket), ok;
close({dist, _}) -> ok;
close(none) -> ok.

%%% ---- the process in the peer ---------------------------------------------------------------------

%% Starts the server of the peer's side. It is the node's `user`, so that all input and output goes to the origin; a peer that is
%% attached to a terminal keeps the terminal.
-doc false.
-spec start() -> term().
start() ->
    Parent = self(),
    Pid = spawn(fun() ->
                        process_flag(trap_exit, true),
                        group_leader(self(), self()),
                        try
                            Link = connect(init:get_argument(origin)),
                            _ = [register(user, self()) || element(1, Link) =:= port orelse init:get_argument(peer_detached) =/= error],
                            Parent ! {self(), ready},
                            _ = [transmit(Link, {started, node()}) || init:notify_when_started(self()) =:= started],
                            attend(Link, <<>>, #{})
                        catch _:_ -> halt(1)
                        end
                end),
    receive {Pid, ready} -> ok end,
    case whereis(user) of
        undefined -> user:start();
        User -> User
    end.

connect(error) -> {port, open_port({fd, 0, 1}, [eof, binary])};
connect({ok, [["dist", Name, Node]]}) ->
    Origin = {list_to_atom(Name), list_to_atom(Node)},
    _ = monitor(process, Origin),
    {dist, Origin};
connect({ok, [[Addresses, Port]]}) -> connect(string:lexemes(Addresses, ","), list_to_integer(Port)).

connect([Address | More], Port) ->
    {ok, Ip} = inet:parse_address(Address),
    case gen_tcp:connect(Ip, Port, [binary, {packet, 4}], ?CONNECT_TIME) of
        {ok, Socket} -> {tcp, Socket};
        {error, _} when More =/= [] -> connect(More, Port)
    end.

%% Running: which process carries out which call.
attend({_, Device} = Link, Before, Running) ->
    receive
        {io_request, From, As, Request} when is_pid(From) ->
            %% The origin need not understand the reference of a request: it is packed.
            transmit(Link, {io_request, From, term_to_binary(As), Request}),
            attend(Link, Before, Running);
        {message, _, _} = Message ->
            transmit(Link, Message),
            attend(Link, Before, Running);
        {init, started} ->
            transmit(Link, {started, node()}),
            attend(Link, Before, Running);
        {Device, {data, Bytes}} ->
            {_, Input} = separate(Bytes, Before),
            {Terms, Left} = unpack(Input, []),
            attend(Link, Left, lists:foldl(fun from_origin/2, Running, Terms));
        {tcp, Device, Bytes} ->
            attend(Link, Before, from_origin(binary_to_term(Bytes), Running));
        {'DOWN', Monitor, process, _, Result} when is_map_key(Monitor, Running) ->
            {Number, Left} = maps:take(Monitor, Running),
            {Class, Value} = case Result of
                                 {?MODULE, C, V} -> {C, V};
                                 Killed -> {exit, {Killed, []}}
                             end,
            transmit(Link, {reply, Number, Class, Value}),
            attend(Link, Before, Left);
        {?MODULE, _Origin, Term} ->
            attend(Link, Before, from_origin(Term, Running));
        {'DOWN', _, process, Device, _} -> halt(1);
        {Device, eof} -> halt(1);
        {tcp_closed, Device} -> halt(1);
        {'EXIT', Device, _} -> halt(1);
        _ ->
            attend(Link, Before, Running)
    end.

%% The process of a call ends with the result as its reason.
from_origin({call, Number, M, F, Args}, Running) ->
    {_, Monitor} = spawn_monitor(fun() ->
                                         exit(try {?MODULE, ok, apply(M, F, Args)}
                                              catch Class:Reason:Stack -> {?MODULE, Class, {Reason, Stack}}
                                              end)
                                 end),
    Running#{Monitor => Number};
from_origin({cast, M, F, Args}, Running) ->
    _ = spawn(M, F, Args),
    Running;
from_origin({message, To, Message}, Running) ->
    _ = catch To ! Message,
    Running;
from_origin({io_reply, From, As, Answer}, Running) ->
    From ! {io_reply, binary_to_term(As), Answer},
    Running.

%%% ---- the line ------------------------------------------------------------------------------------

%% A frame on standard input or output is a size, a term and a checksum. Each half of its bytes is one byte
%% with both upper and both lower bits set, a value that text hardly has: whatever else arrives is output that
%% did not pass through the peer's server.

transmit({tcp, Socket}, Term) ->
    _ = gen_tcp:send(Socket, term_to_binary(Term)),
    ok;
transmit({dist, To}, Term) ->
    _ = To ! {?MODULE, self(), Term},
    ok;
transmit({port, Port}, Term) ->
    Packed = term_to_binary(Term),
    Frame = <<(byte_size(Packed)):32, Packed/binary, (erlang:crc32(Packed)):32>>,
    _ = catch port_command(Port, << <<3:2, Half:4, 3:2>> || <<Half:4>> <= Frame >>),
    ok;
transmit(none, _) -> ok.

separate(Bytes, Before) ->
    Halves = << <<(B bsr 2):4>> || <<B>> <= Bytes, B band 2#11000011 =:= 2#11000011 >>,
    {<< <<B>> || <<B>> <= Bytes, B band 2#11000011 =/= 2#11000011 >>, <<Before/bitstring, Halves/bitstring>>}.

unpack(<<Size:32, Packed:Size/binary, Sum:32, Rest/bitstring>>, Terms) ->
    Sum = erlang:crc32(Packed),
    unpack(Rest, [binary_to_term(Packed) | Terms]);
unpack(Rest, Terms) -> {lists:reverse(Terms), Rest}.
