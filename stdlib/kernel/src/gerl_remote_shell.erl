-module(gerl_remote_shell).
-moduledoc """
Shells that run on another node and read and write here: what `-remsh NODE` and `r NODE` in the menu of Ctrl-G need. The shell is a process of the
other node whose group leader is a process of this one. Internal.
""".

-export([connect/1, start/3, slogan/1, attach/1, piped/1]).

-doc "Connects with the node named on the command line. A node that has no name yet gets one, hidden from others and reachable by none.".
-spec connect(string()) -> {ok, node()} | {error, unicode:chardata()}.
connect(Text) ->
    case is_alive() orelse be_alive(Text) of
        true ->
            Node = list_to_atom(case lists:member($@, Text) of
                                    true -> Text;
                                    false -> Text ++ lists:dropwhile(fun(C) -> C =/= $@ end, atom_to_list(node()))
                                end),
            case net_kernel:connect_node(Node) of
                true -> has_shell(Node);
                _ -> {error, io_lib:format("Could not connect to ~p", [Text])}
            end;
        {error, _} = Error -> Error
    end.

%% OTP lets the other node choose the name; here it is made of what nobody else has at the same time.
be_alive(Text) ->
    Name = "remsh-" ++ os:getpid() ++ "-" ++ integer_to_list(rand:uniform(1 bsl 30), 36),
    Domain = case lists:member($., lists:dropwhile(fun(C) -> C =/= $@ end, Text)) of
                 true -> longnames;
                 false -> shortnames
             end,
    case net_kernel:begin_(Name, #{name_domain => Domain, hidden => true, dist_listen => false, started => dynamic}) of
        {ok, _} -> true;
        {error, {text, Why}} -> {error, Why};
        {error, Reason} -> {error, io_lib:format("Could not start the distribution: ~tp", [Reason])}
    end.

has_shell(Node) ->
    try erpc:call(Node, code, ensure_loaded, [shell]) of
        {error, Reason} when Reason =/= embedded -> {error, io_lib:format("Could not load shell on ~p (~p)", [Node, Reason])};
        _ -> {ok, Node}
    catch
        error:{erpc, Reason} -> {error, io_lib:format("Could not load shell on ~p (~p)", [Node, Reason])}
    end.

-doc "Starts a shell on a node; it reads from and writes to the caller's group leader.".
-spec start(node(), module(), [term()]) -> pid().
start(Node, Module, Args) -> erpc:call(Node, Module, start, Args).

-doc "What the other node shows of itself before its shell begins.".
-spec slogan(node()) -> unicode:chardata().
slogan(Node) ->
    Version = erpc:call(Node, erlang, system_info, [system_version]),
    case erpc:call(Node, application, get_env, [stdlib, shell_slogan, Version]) of
        Fun when is_function(Fun, 0) -> erpc:call(Node, Fun);
        Text -> Text
    end.

-doc "Has the node's terminal begin with a shell of another node; the system ends when there is none.".
-spec attach(string()) -> ok | {error, term()}.
attach(Text) ->
    Node = connected(Text),
    io:put_chars([slogan(Node), $\n]),
    user_drv:start_shell({Node, shell, start, []}).

-doc "The same for input that is no terminal: the system ends with the input.".
-spec piped(string()) -> no_return().
piped(Text) ->
    Node = connected(Text),
    io:put_chars([slogan(Node), $\n]),
    Shell = start(Node, shell, []),
    Ref = monitor(process, Shell),
    receive
        {'DOWN', Ref, _, _, normal} -> io:put_chars("*** Shell process terminated! Read EOF ***\n");
        {'DOWN', Ref, _, _, _} -> io:put_chars("*** ERROR: Shell process terminated! ***\n")
    end,
    halt(0).

connected(Text) ->
    case connect(Text) of
        {ok, Node} -> Node;
        {error, Why} ->
            io:put_chars(standard_error, [Why, $\n]),
            halt(1)
    end.
