-module(auth).
-moduledoc "Cookies: what a node must know before it is let in. Use erlang:set_cookie/1,2 and erlang:get_cookie/0,1.".

-export([is_auth/1, cookie/0, cookie/1, get_cookie/0, get_cookie/1, set_cookie/1, set_cookie/2, node_cookie/1, node_cookie/2, sync_cookie/0,
         print/3]).
-export([own/1]).

-include_lib("kernel/include/file.hrl").

-doc "Whether the node lets this one in: yes or no.".
-spec is_auth(node()) -> yes | no.
is_auth(Node) ->
    case net_adm:ping(Node) of
        pong -> yes;
        pang -> no
    end.

-doc "The cookie of this node.".
-spec cookie() -> atom().
cookie() -> erlang:get_cookie().

-doc "Sets the cookie of this node.".
-spec cookie([atom()] | atom()) -> true.
cookie([Cookie]) -> set_cookie(Cookie);
cookie(Cookie) -> set_cookie(Cookie).

-doc "The cookie of this node, nocookie while it is not alive.".
-spec get_cookie() -> atom().
get_cookie() -> erlang:get_cookie().

-doc "The cookie that is used with a node.".
-spec get_cookie(node()) -> atom().
get_cookie(Node) -> erlang:get_cookie(Node).

-doc "Sets the cookie of this node.".
-spec set_cookie(atom()) -> true.
set_cookie(Cookie) -> erlang:set_cookie(Cookie).

-doc "Sets the cookie that is used with a node.".
-spec set_cookie(node(), atom()) -> true.
set_cookie(Node, Cookie) -> erlang:set_cookie(Node, Cookie).

-doc "Sets the cookie of a node and asks whether it lets this one in.".
-spec node_cookie([atom()]) -> yes | no.
node_cookie([Node, Cookie]) -> node_cookie(Node, Cookie).

-doc "Sets the cookie of a node and asks whether it lets this one in.".
-spec node_cookie(node(), atom()) -> yes | no.
node_cookie(Node, Cookie) ->
    true = set_cookie(Node, Cookie),
    is_auth(Node).

-doc "Reads the cookie file again.".
-spec sync_cookie() -> true.
sync_cookie() ->
    {ok, Cookie} = from_file(),
    set_cookie(list_to_atom(Cookie)).

-doc "Prints a text on the terminal of a node.".
-spec print(node(), io:format(), [term()]) -> ok.
print(Node, Format, Args) ->
    rpc:cast(Node, error_logger, info_msg, [Format, Args]),
    ok.

%%% ---- the cookie that a node starts with -----------------------------------------------------

-doc false.
%% The cookie of -setcookie, else that of the file, which is made when there is none; and those of other nodes.
-spec own([[string()]]) -> {ok, string(), [{node(), atom()}]} | {error, string()}.
own(Flags) ->
    Others = [{list_to_atom(Node), list_to_atom(Cookie)} || [Node, Cookie] <- Flags],
    case [Cookie || [Cookie] <- Flags] of
        [Cookie | _] -> {ok, Cookie, Others};
        [] ->
            case from_file() of
                {ok, Cookie} -> {ok, Cookie, Others};
                Error -> Error
            end
    end.

from_file() ->
    case file_name() of
        {ok, Name} -> read(Name);
        none -> {error, "No home for cookie file"}
    end.

file_name() ->
    case init:get_argument(home) of
        {ok, [[Home | _] | _]} when Home =/= "" ->
            InHome = filename:join(Home, ".erlang.cookie"),
            Config = filename:join(filename:basedir(user_config, "erlang"), ".erlang.cookie"),
            case not filelib:is_regular(InHome) andalso filelib:is_regular(Config) of
                true -> {ok, Config};
                false -> {ok, InHome}
            end;
        _ -> none
    end.

read(Name) ->
    case file:read_file_info(Name) of
        {ok, #file_info{type = regular, mode = Mode}} ->
            case os:type() =:= {win32, nt} orelse Mode band 8#077 =:= 0 of
                true -> contents(Name);
                false -> {error, text("Cookie file ~ts must be accessible by owner only", [Name])}
            end;
        {ok, _} -> {error, text("Cookie file ~ts is of type ~p", [Name, other])};
        {error, enoent} -> create(Name);
        {error, Reason} -> {error, text("Failed to read cookie file '~ts': ~p", [Name, Reason])}
    end.

contents(Name) ->
    case file:read_file(Name) of
        {ok, Bytes} -> checked(string:trim(binary_to_list(Bytes), trailing, "\n\r"), Name);
        {error, Reason} -> {error, text("Failed to read cookie file '~ts': ~p", [Name, Reason])}
    end.

checked("", _) -> {error, "Too short cookie string"};
checked(Cookie, _) ->
    case lists:all(fun(C) -> C >= $\s andalso C =< $~ end, Cookie) of
        true -> {ok, Cookie};
        false -> {error, "Bad characters in cookie"}
    end.

%% Others must not read the file at any moment, and the time of its making should tell nothing: it is midnight.
create(Name) ->
    Cookie = [$A + rand:uniform(26) - 1 || _ <- lists:seq(1, 20)],
    Write = fun() ->
                ok = file:write_file(Name, "", [exclusive]),
                ok = file:change_mode(Name, 8#600),
                ok = file:write_file(Name, Cookie),
                {Date, _} = calendar:local_time(),
                ok = file:change_time(Name, {Date, {0, 0, 0}}),
                file:change_mode(Name, 8#400)
            end,
    try Write() of
        ok -> {ok, Cookie};
        {error, Reason} -> {error, text("Failed to create cookie file '~ts': ~p", [Name, Reason])}
    catch error:{badmatch, {error, Reason}} -> {error, text("Failed to create cookie file '~ts': ~p", [Name, Reason])}
    end.

text(Format, Args) -> lists:flatten(io_lib:format(Format, Args)).
