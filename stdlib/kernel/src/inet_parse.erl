-module(inet_parse).
-moduledoc "The files that tell of hosts and resolvers, and texts of addresses. Internal.".

-export([hosts/1, hosts/2, resolv/1, resolv/2, services/1, nsswitch_conf/1, host_conf_linux/1, split_line/1]).
-export([address/1, strict_address/1, ipv4_address/1, ipv6_address/1, ipv4strict_address/1, ipv6strict_address/1, ntoa/1, visible_string/1,
         domain/1, dots/1]).

%% The lines of a file, without what follows a mark of a comment, split at spaces; f of the file's name tells of lines that are wrong.
lines(File, Marks) ->
    case file:read_file(File) of
        {ok, Text} ->
            Lines = string:split(unicode:characters_to_list(Text, latin1), "\n", all),
            {ok, [{N, Words} || {N, L} <- lists:enumerate(Lines), (Words = words(L, Marks)) =/= []]};
        Error -> Error
    end.

words(Line, Marks) -> string:lexemes(lists:takewhile(fun(C) -> not lists:member(C, Marks) end, Line), " \t\r\f").

wrong(File, Number) -> error_logger:info_msg("inet_parse:~p:~p: erroneous line, SKIPPED~n", [File, Number]).

-doc "The words of a line.".
-spec split_line(string()) -> [string()].
split_line(Line) -> words(Line, "#").

-doc "The hosts of a file such as /etc/hosts.".
-spec hosts(file:name_all()) -> {ok, [{inet:ip_address(), string(), [string()]}]} | {error, term()}.
hosts(File) ->
    each(File, "#", fun([Text, Name | Aliases]) ->
                            case gerl_inet_address:v4_strict(Text) of
                                {ok, A} -> {A, Name, Aliases};
                                error ->
                                    {ok, A} = gerl_inet_address:v6_strict(Text),
                                    {A, Name, Aliases}
                            end
                    end).

-doc false.
-spec hosts(file:name_all(), term()) -> {ok, list()} | {error, term()}.
hosts(File, _) -> hosts(File).

%% The terms that the lines of a file stand for.
each(File, Marks, F) ->
    case lines(File, Marks) of
        {ok, Lines} ->
            {ok, lists:append([try [F(Words)]
                               catch
                                   throw:skip -> [];
                                   error:_ ->
                                       wrong(File, N),
                                       []
                               end || {N, Words} <- Lines])};
        Error -> Error
    end.

-doc "The settings of a file such as /etc/resolv.conf.".
-spec resolv(file:name_all()) -> {ok, [tuple()]} | {error, term()}.
resolv(File) ->
    each(File, ";#", fun(["domain", Domain]) -> {domain, Domain};
                        (["nameserver", Text | _]) ->
                             {ok, Address} = inet:parse_strict_address(Text),
                             {nameserver, Address};
                        (["search" | Domains]) -> {search, Domains};
                        (["lookup" | Methods]) -> {lookup, Methods};
                        (_) -> throw(skip)
                     end).

-doc false.
-spec resolv(file:name_all(), term()) -> {ok, list()} | {error, term()}.
resolv(File, _) -> resolv(File).

-doc "The services of a file such as /etc/services.".
-spec services(file:name_all()) -> {ok, [{string(), atom(), inet:port_number(), [string()]}]} | {error, term()}.
services(File) ->
    each(File, "#", fun([Name, Where | Aliases]) ->
                            [Port, Protocol] = string:split(Where, "/"),
                            {Name, list_to_atom(Protocol), list_to_integer(Port), Aliases}
                    end).

-doc "The order of ways to look hosts up, in a file such as /etc/nsswitch.conf.".
-spec nsswitch_conf(file:name_all()) -> {ok, [tuple()]} | {error, term()}.
nsswitch_conf(File) ->
    each(File, "#", fun(["hosts:" | Methods]) -> {lookup, Methods};
                       (_) -> throw(skip)
                    end).

-doc "The order of ways to look hosts up, in a file such as /etc/host.conf.".
-spec host_conf_linux(file:name_all()) -> {ok, [tuple()]} | {error, term()}.
host_conf_linux(File) ->
    each(File, "#", fun(["order" | Methods]) -> {lookup, [string:trim(M, both, ",") || M <- Methods]};
                       (_) -> throw(skip)
                    end).

-doc "An address of either family.".
-spec address(string()) -> {ok, inet:ip_address()} | {error, einval}.
address(Text) -> inet:parse_address(Text).

-doc "An address of either family in its full form.".
-spec strict_address(string()) -> {ok, inet:ip_address()} | {error, einval}.
strict_address(Text) -> inet:parse_strict_address(Text).

-doc "An IPv4 address.".
-spec ipv4_address(string()) -> {ok, inet:ip4_address()} | {error, einval}.
ipv4_address(Text) -> inet:parse_ipv4_address(Text).

-doc "An IPv4 address in its full form.".
-spec ipv4strict_address(string()) -> {ok, inet:ip4_address()} | {error, einval}.
ipv4strict_address(Text) -> inet:parse_ipv4strict_address(Text).

-doc "An IPv6 address, or an IPv4 address mapped to one.".
-spec ipv6_address(string()) -> {ok, inet:ip6_address()} | {error, einval}.
ipv6_address(Text) -> inet:parse_ipv6_address(Text).

-doc "An IPv6 address.".
-spec ipv6strict_address(string()) -> {ok, inet:ip6_address()} | {error, einval}.
ipv6strict_address(Text) -> inet:parse_ipv6strict_address(Text).

-doc "The text of an address.".
-spec ntoa(inet:ip_address()) -> string() | {error, einval}.
ntoa(Address) -> inet:ntoa(Address).

-doc "Whether a term is a text of visible characters, at least one.".
-spec visible_string(term()) -> boolean().
visible_string([_ | _] = Text) ->
    is_proper(Text) andalso lists:all(fun(C) -> is_integer(C) andalso (C > $\s andalso C < 127 orelse C > 160 andalso C < 256) end, Text);
visible_string(_) -> false.

is_proper(Text) ->
    try length(Text) of
        _ -> true
    catch error:badarg -> false
    end.

-doc "Whether a text has the form of a domain.".
-spec domain(term()) -> boolean().
domain([_ | _] = Text) ->
    is_proper(Text) andalso
        lists:all(fun(Label) -> re:run(Label, "^[A-Za-z0-9_]([-A-Za-z0-9_]*)$", [{capture, none}]) =:= match end,
                  string:split(string:trim(Text, trailing, "."), ".", all));
domain(_) -> false.

-doc "How many dots a text has, and whether it ends with one.".
-spec dots(string()) -> {non_neg_integer(), boolean()}.
dots(Text) -> {length([C || C <- Text, C =:= $.]), lists:suffix(".", Text)}.
