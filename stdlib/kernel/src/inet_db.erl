-module(inet_db).
-moduledoc """
The settings of the resolver, the hosts that it knows, and what it has learned.

The settings lie in the table `inet_db`, answers of name servers in `inet_cache`. Both are made when they are first needed, from the file that the
environment variable `ERL_INETRC` or kernel's parameter `inetrc` names, and belong to a process `inet_db`.
""".

-export([start/0, start_link/0, stop/0, reset/0]).
-export([serve/0, system_continue/3, system_terminate/4, system_code_change/4]).
-export([add_rc/1, add_rc_bin/1, add_rc_list/1, get_rc/0, add_resolv/1, add_hosts/1, set_resolv_conf/1, set_hosts_file/1,
         get_hosts_file/0, res_update_conf/0, res_update_hosts/0]).
-export([add_host/2, del_host/1, clear_hosts/0, hosts/0, set_hostname/1, gethostname/0, set_domain/1]).
-export([add_ns/1, add_ns/2, ins_ns/1, ins_ns/2, del_ns/1, del_ns/2, add_alt_ns/1, add_alt_ns/2, ins_alt_ns/1, ins_alt_ns/2, del_alt_ns/1,
         del_alt_ns/2, add_search/1, ins_search/1, del_search/1, get_searchlist/0]).
-export([set_lookup/1, set_recurse/1, set_timeout/1, set_retry/1, set_servfail_retry_timeout/1, set_inet6/1, set_usevc/1, set_edns/1,
         set_udp_payload_size/1, set_dnssec_ok/1, set_cache_size/1, set_cache_refresh/1, clear_cache/0, set_tcp_module/1, tcp_module/0,
         set_udp_module/1, udp_module/0, set_sctp_module/1, sctp_module/0, res_option/1, res_option/2, res_check_option/2, lookup_order/0]).
-export([add_rr/1, add_rr/5, del_rr/4, getbyname/2, gethostbyaddr/2, res_cache_answer/1, res_hostent_by_domain/3, res_gethostbyaddr/3, tolower/1,
         eq_domains/2, lookup_socket/1]).

-include("gerl_dns.hrl").

-type answer() :: ok | error.

%%% ---- the tables ----------------------------------------------------------------------------------

-doc "Makes the tables, unless they are there.".
-spec start() -> {ok, pid()}.
start() -> started(fun spawn/1).

-doc "Makes the tables and links their owner to the caller.".
-spec start_link() -> {ok, pid()}.
start_link() -> started(fun spawn_link/1).

started(Spawn) ->
    case whereis(inet_db) of
        undefined ->
            Self = self(),
            Ref = make_ref(),
            Spawn(fun() -> own(Self, Ref) end),
            receive {Ref, Pid} -> {ok, Pid} end;
        Pid when Pid =:= self() -> {ok, Pid};
        Pid ->
            _ = ets:whereis(inet_db) =:= undefined andalso (Pid ! make_tables), % it sleeps, or is about to make them
            {ok, wait_for_owner()}
    end.

%% The owner of the tables. The caller goes on when there is one, be it another.
own(Caller, Ref) ->
    try register(inet_db, self()) of
        true ->
            group_leader(whereis(init), self()),
            make_tables(),
            Caller ! {Ref, self()},
            serve()
    catch error:badarg -> Caller ! {Ref, wait_for_owner()}
    end.

make_tables() ->
    ets:new(inet_db, [named_table, public, {read_concurrency, true}]),
    ets:new(inet_cache, [named_table, public, ordered_set]),
    ets:insert(inet_db, standard()),
    configure(),
    ets:insert(inet_db, {ready, true}).

wait_for_owner() ->
    case {whereis(inet_db), ets:whereis(inet_db)} of
        {Pid, Id} when is_pid(Pid), Id =/= undefined ->
            case ets:lookup(inet_db, ready) of
                [_] -> Pid;
                [] -> timer:sleep(1), wait_for_owner()
            end;
        _ -> timer:sleep(1), wait_for_owner()
    end.

-doc false.
-spec serve() -> no_return().
serve() ->
    receive
        {stop, From, Ref} ->
            _ = [ets:delete(Table) || Table <- [inet_db, inet_cache], ets:whereis(Table) =/= undefined],
            From ! {Ref, ok},
            erlang:hibernate(?MODULE, serve, []);
        make_tables ->
            _ = ets:whereis(inet_db) =/= undefined orelse make_tables(),
            serve();
        {system, From, Request} -> sys:handle_system_msg(Request, From, whereis(kernel_sup), ?MODULE, [], []);
        _ -> serve()
    end.

-doc false.
system_continue(_Parent, _Debug, _State) -> serve().

-doc false.
system_terminate(Reason, _Parent, _Debug, _State) -> exit(Reason).

-doc false.
system_code_change(State, _Module, _Vsn, _Extra) -> {ok, State}.

-doc "Drops the tables; they are made anew when they are needed.".
-spec stop() -> ok.
stop() ->
    case whereis(inet_db) of
        undefined -> ok;
        Pid ->
            Ref = monitor(process, Pid),
            Pid ! {stop, self(), Ref},
            receive
                {Ref, ok} -> demonitor(Ref, [flush]), ok;
                {'DOWN', Ref, process, Pid, _} -> ok
            end
    end.

-doc "Takes all settings back.".
-spec reset() -> ok.
reset() ->
    ensure(),
    ets:delete_all_objects(inet_cache),
    ets:delete_all_objects(inet_db),
    ets:insert(inet_db, [{ready, true} | standard()]),
    ok.

ensure() ->
    case ets:whereis(inet_db) =/= undefined andalso ets:lookup(inet_db, ready) =/= [] of
        true -> ok;
        false ->
            {ok, _} = start(),
            ok
    end.

standard() ->
    [{hostname, hd(string:split(gerl_inet:hostname(), "."))}, {res_ns, []}, {res_alt_ns, []}, {res_domain, ""}, {res_search, []},
     {res_lookup, [native]}, {res_recurse, true}, {res_timeout, 2000}, {res_retry, 3}, {res_servfail_retry_timeout, 1500},
     {res_inet6, false}, {res_usevc, false}, {res_edns, false}, {res_udp_payload_size, 1280}, {res_dnssec_ok, false},
     {res_resolv_conf, "/etc/resolv.conf"}, {res_hosts_file, "/etc/hosts"}, {cache_size, 100}, {cache_refresh_interval, 3600000},
     {tcp_module, inet_tcp}, {udp_module, inet_udp}, {sctp_module, inet_sctp}].

%% A file of settings that the environment or kernel's parameter names.
configure() ->
    case rc_file() of
        none -> ok;
        File ->
            case from_rc(File) of
                ok -> ok;
                {error, Reason} -> logger:error("The file of settings ~ts for the resolver cannot be used: ~tp", [File, Reason])
            end
    end.

rc_file() ->
    case os:getenv("ERL_INETRC") of
        false ->
            case application:get_env(kernel, inetrc) of
                {ok, File} -> File;
                undefined -> none
            end;
        File -> File
    end.

get(Key) ->
    ensure(),
    ets:lookup_element(inet_db, Key, 2).

put(Key, Value) ->
    ensure(),
    ets:insert(inet_db, {Key, Value}),
    ok.

%% Sets what a test finds right.
put_if(true, Key, Value) -> put(Key, Value);
put_if(false, _, _) -> error.

%%% ---- settings ------------------------------------------------------------------------------------

-doc "How names are looked up: by the system alone, unless the settings say otherwise.".
-spec lookup_order() -> [atom()].
lookup_order() ->
    case whereis(inet_db) =:= undefined andalso rc_file() =:= none of
        true -> [native];
        false -> get(res_lookup)
    end.

%% The options of the resolver with their keys and tests.
option(Name) ->
    Boolean = fun is_boolean/1,
    Positive = fun(N) -> is_integer(N) andalso N > 0 end,
    Natural = fun(N) -> is_integer(N) andalso N >= 0 end,
    Servers = fun(L) -> is_list(L) andalso lists:all(fun is_server/1, L) end,
    File = fun(F) -> F =:= "" orelse F =:= <<>> orelse (is_list(F) orelse is_binary(F)) andalso filename:pathtype(F) =:= absolute end,
    case Name of
        lookup -> {res_lookup, fun is_lookup/1};
        nameservers -> {res_ns, Servers};
        nameserver -> {res_ns, Servers};
        alt_nameservers -> {res_alt_ns, Servers};
        alt_nameserver -> {res_alt_ns, Servers};
        domain -> {res_domain, fun inet_parse:visible_string/1};
        search -> {res_search, fun(L) -> is_list(L) andalso lists:all(fun inet_parse:visible_string/1, L) end};
        timeout -> {res_timeout, Positive};
        retry -> {res_retry, Positive};
        servfail_retry_timeout -> {res_servfail_retry_timeout, Natural};
        inet6 -> {res_inet6, Boolean};
        usevc -> {res_usevc, Boolean};
        edns -> {res_edns, fun(V) -> V =:= false orelse V =:= 0 end};
        udp_payload_size -> {res_udp_payload_size, Natural};
        dnssec_ok -> {res_dnssec_ok, Boolean};
        recurse -> {res_recurse, fun(V) -> is_boolean(V) orelse V =:= 0 orelse V =:= 1 end};
        resolv_conf -> {res_resolv_conf, File};
        hosts_file -> {res_hosts_file, File};
        _ -> none
    end.

is_server({Address, Port}) -> gerl_inet_address:family(Address) =/= none andalso is_integer(Port) andalso Port > 0 andalso Port =< 65535;
is_server(_) -> false.

is_lookup(L) -> is_list(L) andalso L =/= [] andalso lists:all(fun(M) -> lists:member(M, [file, dns, native, yp, nis, nisplus, wins]) end, L).

-doc "A setting of the resolver.".
-spec res_option(atom()) -> term().
res_option(Name) ->
    case option(Name) of
        none -> error(badarg, [Name]);
        {Key, _} when Key =:= res_ns; Key =:= res_search ->
            res_update_conf(),
            get(Key);
        {Key, _} -> get(Key)
    end.

-doc "Changes a setting of the resolver.".
-spec res_option(atom(), term()) -> answer().
res_option(Name, Value) ->
    case option(Name) of
        none -> error(badarg, [Name, Value]);
        {res_resolv_conf, _} -> set_resolv_conf(Value);
        {res_hosts_file, _} -> set_hosts_file(Value);
        {Key, Fits} -> put_if(Fits(Value), Key, Value)
    end.

-doc "Whether a setting takes a value.".
-spec res_check_option(atom(), term()) -> boolean().
res_check_option(Name, Value) ->
    case option(Name) of
        none -> false;
        {_, Fits} -> Fits(Value)
    end.

-doc "Sets the ways to look up names, in their order.".
-spec set_lookup([atom()]) -> answer().
set_lookup(Methods) -> res_option(lookup, Methods).

-doc "Sets whether name servers are asked to ask others.".
-spec set_recurse(term()) -> answer().
set_recurse(V) -> res_option(recurse, V).

-doc "Sets how long a question may take, in milliseconds.".
-spec set_timeout(term()) -> answer().
set_timeout(V) -> res_option(timeout, V).

-doc "Sets how often name servers are asked.".
-spec set_retry(term()) -> answer().
set_retry(V) -> res_option(retry, V).

-doc "Sets the time before servers that failed are asked again.".
-spec set_servfail_retry_timeout(term()) -> answer().
set_servfail_retry_timeout(V) -> res_option(servfail_retry_timeout, V).

-doc "Sets whether IPv6 addresses are looked for first.".
-spec set_inet6(term()) -> answer().
set_inet6(V) -> res_option(inet6, V).

-doc "Sets whether questions go over TCP.".
-spec set_usevc(term()) -> answer().
set_usevc(V) -> res_option(usevc, V).

-doc "Sets the version of EDNS, or false.".
-spec set_edns(term()) -> answer().
set_edns(V) -> res_option(edns, V).

-doc "Sets the largest size of datagrams with EDNS.".
-spec set_udp_payload_size(term()) -> answer().
set_udp_payload_size(V) -> res_option(udp_payload_size, V).

-doc "Sets whether answers may have records of DNSSEC.".
-spec set_dnssec_ok(term()) -> answer().
set_dnssec_ok(V) -> res_option(dnssec_ok, V).

-doc "Sets how many answers are kept.".
-spec set_cache_size(term()) -> answer().
set_cache_size(N) -> put_if(is_integer(N) andalso N >= 0, cache_size, N).

-doc "Sets how often old answers are thrown away, in milliseconds.".
-spec set_cache_refresh(term()) -> answer().
set_cache_refresh(N) -> put_if(is_integer(N) andalso N > 0, cache_refresh_interval, N).

-doc "Throws all answers away.".
-spec clear_cache() -> ok.
clear_cache() ->
    ensure(),
    ets:delete_all_objects(inet_cache),
    ok.

-doc "Sets the module for TCP: it is kept and changes nothing.".
-spec set_tcp_module(module()) -> ok.
set_tcp_module(Module) -> put(tcp_module, Module).

-doc "The module for TCP.".
-spec tcp_module() -> module().
tcp_module() -> get(tcp_module).

-doc "Sets the module for UDP: it is kept and changes nothing.".
-spec set_udp_module(module()) -> ok.
set_udp_module(Module) -> put(udp_module, Module).

-doc "The module for UDP.".
-spec udp_module() -> module().
udp_module() -> get(udp_module).

-doc "Sets the module for SCTP: it is kept and changes nothing.".
-spec set_sctp_module(module()) -> ok.
set_sctp_module(Module) -> put(sctp_module, Module).

-doc "The module for SCTP.".
-spec sctp_module() -> module().
sctp_module() -> get(sctp_module).

-doc "Sets the name of this host as the resolver knows it.".
-spec set_hostname(string()) -> answer().
set_hostname(Name) -> put_if(inet_parse:visible_string(Name), hostname, Name).

-doc "The name of this host as the resolver knows it.".
-spec gethostname() -> string().
gethostname() -> get(hostname).

-doc "Sets the domain of this host.".
-spec set_domain(string()) -> answer().
set_domain(Domain) -> res_option(domain, Domain).

%% ---- lists of servers and domains

changed_list(Key, Element, true, Change) ->
    ensure(),
    put(Key, Change(Element, ets:lookup_element(inet_db, Key, 2)));
changed_list(_, _, false, _) -> error.

at_end(E, L) -> lists:delete(E, L) ++ [E].
in_front(E, L) -> [E | lists:delete(E, L)].

servers(Key, Address, Port, Change) -> changed_list(Key, {Address, Port}, is_server({Address, Port}), Change).

-doc "Adds a name server behind the others.".
-spec add_ns(inet:ip_address()) -> answer().
add_ns(Address) -> add_ns(Address, 53).
-doc "Adds a name server behind the others.".
-spec add_ns(inet:ip_address(), inet:port_number()) -> answer().
add_ns(Address, Port) -> servers(res_ns, Address, Port, fun at_end/2).
-doc "Adds a name server in front of the others.".
-spec ins_ns(inet:ip_address()) -> answer().
ins_ns(Address) -> ins_ns(Address, 53).
-doc "Adds a name server in front of the others.".
-spec ins_ns(inet:ip_address(), inet:port_number()) -> answer().
ins_ns(Address, Port) -> servers(res_ns, Address, Port, fun in_front/2).
-doc "Removes a name server.".
-spec del_ns(inet:ip_address()) -> answer().
del_ns(Address) -> del_ns(Address, 53).
-doc "Removes a name server.".
-spec del_ns(inet:ip_address(), inet:port_number()) -> answer().
del_ns(Address, Port) -> servers(res_ns, Address, Port, fun lists:delete/2).
-doc "Adds a name server that is asked when the others fail, behind the others of these.".
-spec add_alt_ns(inet:ip_address()) -> answer().
add_alt_ns(Address) -> add_alt_ns(Address, 53).
-doc "Adds a name server that is asked when the others fail, behind the others of these.".
-spec add_alt_ns(inet:ip_address(), inet:port_number()) -> answer().
add_alt_ns(Address, Port) -> servers(res_alt_ns, Address, Port, fun at_end/2).
-doc "Adds a name server that is asked when the others fail, in front of the others of these.".
-spec ins_alt_ns(inet:ip_address()) -> answer().
ins_alt_ns(Address) -> ins_alt_ns(Address, 53).
-doc "Adds a name server that is asked when the others fail, in front of the others of these.".
-spec ins_alt_ns(inet:ip_address(), inet:port_number()) -> answer().
ins_alt_ns(Address, Port) -> servers(res_alt_ns, Address, Port, fun in_front/2).
-doc "Removes a name server that is asked when the others fail.".
-spec del_alt_ns(inet:ip_address()) -> answer().
del_alt_ns(Address) -> del_alt_ns(Address, 53).
-doc "Removes a name server that is asked when the others fail.".
-spec del_alt_ns(inet:ip_address(), inet:port_number()) -> answer().
del_alt_ns(Address, Port) -> servers(res_alt_ns, Address, Port, fun lists:delete/2).

-doc "Adds a domain that is searched, behind the others.".
-spec add_search(string()) -> answer().
add_search(Domain) -> changed_list(res_search, Domain, inet_parse:visible_string(Domain), fun at_end/2).
-doc "Adds a domain that is searched, in front of the others.".
-spec ins_search(string()) -> answer().
ins_search(Domain) -> changed_list(res_search, Domain, inet_parse:visible_string(Domain), fun in_front/2).
-doc "Removes a domain that is searched.".
-spec del_search(string()) -> answer().
del_search(Domain) -> changed_list(res_search, Domain, true, fun lists:delete/2).

-doc "The domains that are searched.".
-spec get_searchlist() -> [string()].
get_searchlist() ->
    case res_option(search) of
        [] ->
            case get(res_domain) of
                "" -> [];
                Domain -> [Domain]
            end;
        List -> List
    end.

%%% ---- hosts ---------------------------------------------------------------------------------------

-doc "Adds a host with its names, or gives it others.".
-spec add_host(inet:ip_address(), [string()]) -> answer().
add_host(Address, [_ | _] = Names) ->
    Fits = gerl_inet_address:family(Address) =/= none andalso lists:all(fun inet_parse:visible_string/1, Names),
    put_if(Fits, {host, Address}, Names);
add_host(_, _) -> error.

-doc "Removes a host.".
-spec del_host(inet:ip_address()) -> ok.
del_host(Address) ->
    ensure(),
    ets:delete(inet_db, {host, Address}),
    ok.

-doc "Removes all hosts.".
-spec clear_hosts() -> ok.
clear_hosts() ->
    ensure(),
    ets:match_delete(inet_db, {{host, '_'}, '_'}),
    ok.

-doc "The hosts that were added, with their names, and those of the file of hosts.".
-spec hosts() -> {[{inet:ip_address(), [string()]}], [{inet:ip_address(), [string()]}]}.
hosts() ->
    res_update_hosts(),
    {lists:sort([{A, Names} || {{host, A}, Names} <- ets:match_object(inet_db, {{host, '_'}, '_'})]),
     ets:lookup_element(inet_db, file_hosts, 2)}.

%%% ---- files ---------------------------------------------------------------------------------------

%% How long a file is taken as it was read, in seconds.
-define(FRESH, 5).

-doc "Sets the file of the resolver's settings; an empty name: none.".
-spec set_resolv_conf(file:name_all()) -> answer().
set_resolv_conf(File) -> watched(res_resolv_conf, File, fun res_update_conf/0).

-doc "Sets the file of hosts; an empty name: none.".
-spec set_hosts_file(file:name_all()) -> answer().
set_hosts_file(File) -> watched(res_hosts_file, File, fun res_update_hosts/0).

watched(Key, File, Update) ->
    {_, Fits} = option(case Key of res_hosts_file -> hosts_file; res_resolv_conf -> resolv_conf end),
    case Fits(File) of
        false -> error;
        true ->
            put(Key, File),
            ets:delete(inet_db, {read, Key}),
            Update(),
            ok
    end.

-doc "The file of hosts.".
-spec get_hosts_file() -> {ok, binary()} | error.
get_hosts_file() ->
    case file:read_file(get(res_hosts_file)) of
        {ok, Text} -> {ok, Text};
        _ -> error
    end.

-doc "Reads the file of the resolver's settings again if it has changed.".
-spec res_update_conf() -> ok.
res_update_conf() ->
    ensure(),
    %% without a name server or a file of one's own the system's settings are read when they are first needed
    fresh(res_resolv_conf, fun(Lines) ->
        Servers = [{A, 53} || {nameserver, A} <- Lines],
        put(res_ns, Servers),
        put(res_search, lists:append([case L of {search, Ds} -> Ds; {domain, D} -> [D]; _ -> [] end || L <- last_search(Lines)]))
    end, fun inet_parse:resolv/1, fun() -> ok end).

last_search(Lines) ->
    case [L || {search, _} = L <- Lines] of
        [] -> lists:sublist(lists:reverse([L || {domain, _} = L <- Lines]), 1);
        Searches -> [lists:last(Searches)]
    end.

-doc "Reads the file of hosts again if it has changed.".
-spec res_update_hosts() -> ok.
res_update_hosts() ->
    ensure(),
    fresh(res_hosts_file, fun(Hosts) -> put(file_hosts, [{A, [Name | More]} || {A, Name, More} <- Hosts]) end, fun inet_parse:hosts/1,
          fun() -> put(file_hosts, []) end).

%% Does something with what is in a file, unless that was done with what is in it now.
fresh(Key, Use, Parse, Without) ->
    File = get(Key),
    Now = erlang:monotonic_time(second),
    case ets:lookup(inet_db, {read, Key}) of
        [{_, At, _}] when Now < At + ?FRESH -> ok;
        Before ->
            Stamp = case File =/= "" andalso File =/= <<>> andalso file:read_file_info(File) of
                {ok, Info} -> Info;
                _ -> none
            end,
            ets:insert(inet_db, {{read, Key}, Now, stamp(Stamp)}),
            case Before of
                [{_, _, Was}] when element(1, Was) =:= seen -> Was =:= stamp(Stamp) orelse read_again(File, Stamp, Use, Parse, Without);
                _ -> read_again(File, Stamp, Use, Parse, Without)
            end,
            ok
    end.

%% What changes with a file: size and times.
stamp(none) -> {seen, none};
stamp(Info) -> {seen, element(2, Info), element(6, Info), element(12, Info)}.

read_again(_, none, _, _, Without) -> Without();
read_again(File, _, Use, Parse, Without) ->
    case Parse(File) of
        {ok, Lines} -> Use(Lines);
        _ -> Without()
    end.

-doc "Adds the settings of a file of the resolver's form.".
-spec add_resolv(file:name_all()) -> ok | {error, term()}.
add_resolv(File) ->
    case inet_parse:resolv(File) of
        {ok, Lines} -> add_rc_list(Lines);
        Error -> Error
    end.

-doc "Adds the hosts of a file of hosts.".
-spec add_hosts(file:name_all()) -> ok | {error, term()}.
add_hosts(File) ->
    case inet_parse:hosts(File) of
        {ok, Hosts} -> lists:foreach(fun({A, Name, More}) -> add_host(A, [Name | More]) end, Hosts);
        Error -> Error
    end.

-doc "Carries out the settings in a file of terms.".
-spec add_rc(file:name_all()) -> ok | {error, term()}.
add_rc(File) ->
    ensure(),
    from_rc(File).

from_rc(File) ->
    case file:consult(File) of
        {ok, Terms} -> apply_all(Terms);
        Error -> Error
    end.

-doc "Carries out settings in external term format.".
-spec add_rc_bin(binary()) -> ok | {error, term()}.
add_rc_bin(Bytes) ->
    try binary_to_term(Bytes) of
        List when is_list(List) -> add_rc_list(List);
        _ -> {error, badarg}
    catch error:badarg -> {error, badarg}
    end.

-doc "Carries out settings.".
-spec add_rc_list([term()]) -> ok | {error, term()}.
add_rc_list(List) ->
    ensure(),
    apply_all(List).

apply_all([]) -> ok;
apply_all([Setting | More]) ->
    try setting(Setting) of
        ok -> apply_all(More);
        error -> {error, {badopt, Setting}};
        {error, _} = Error -> Error
    catch error:_ -> {error, {badopt, Setting}}
    end.

%% The owner of the tables carries settings out while they are being made, so nothing here asks it.
setting(clear_hosts) -> ets:match_delete(inet_db, {{host, '_'}, '_'}), ok;
setting(clear_ns) -> put_now(res_ns, []);
setting(clear_search) -> put_now(res_search, []);
setting({file, Format, File}) ->
    Parsed = case Format of
        hosts -> inet_parse:hosts(File);
        resolv -> inet_parse:resolv(File);
        _ when Format =:= host_conf_linux; Format =:= host_conf_freebsd -> inet_parse:host_conf_linux(File);
        nsswitch_conf -> inet_parse:nsswitch_conf(File);
        _ -> error
    end,
    case Parsed of
        {ok, Terms} -> apply_all([case T of {A, Name, More} when is_tuple(A) -> {host, A, [Name | More]}; _ -> T end || T <- Terms]);
        Other -> Other
    end;
setting({host, Address, Names}) when is_list(Names), Names =/= [] ->
    true = gerl_inet_address:family(Address) =/= none andalso lists:all(fun inet_parse:visible_string/1, Names),
    put_now({host, Address}, Names);
setting({nameserver, Address}) -> add_now(res_ns, {Address, 53}, is_server({Address, 53}));
setting({nameserver, Address, Port}) -> add_now(res_ns, {Address, Port}, is_server({Address, Port}));
setting({nameservers, Address}) -> setting({nameserver, Address});
setting({nameservers, Address, Port}) -> setting({nameserver, Address, Port});
setting({alt_nameserver, Address}) -> add_now(res_alt_ns, {Address, 53}, is_server({Address, 53}));
setting({alt_nameserver, Address, Port}) -> add_now(res_alt_ns, {Address, Port}, is_server({Address, Port}));
setting({search, Domains}) ->
    lists:foreach(fun(D) -> ok = add_now(res_search, D, inet_parse:visible_string(D)) end, Domains);
setting({lookup, Methods}) ->
    Known = [case M of "bind" -> dns; "dns" -> dns; "file" -> file; "files" -> file; _ -> M end || M <- Methods],
    set_now(lookup, [M || M <- Known, is_atom(M)]);
setting({cache_size, N}) when is_integer(N), N >= 0 -> put_now(cache_size, N);
setting({cache_refresh, N}) when is_integer(N), N > 0 -> put_now(cache_refresh_interval, N);
setting({tcp, Module}) when is_atom(Module) -> put_now(tcp_module, Module);
setting({udp, Module}) when is_atom(Module) -> put_now(udp_module, Module);
setting({sctp, Module}) when is_atom(Module) -> put_now(sctp_module, Module);
setting({registry, _}) -> {error, einval};
setting({Name, File}) when Name =:= resolv_conf; Name =:= hosts_file ->
    {Key, Fits} = option(Name),
    true = Fits(File),
    ets:delete(inet_db, {read, Key}),
    put_now(Key, File);
setting({Name, Value}) -> set_now(Name, Value);
setting(_) -> error.

put_now(Key, Value) ->
    ets:insert(inet_db, {Key, Value}),
    ok.

add_now(Key, Element, true) -> put_now(Key, at_end(Element, ets:lookup_element(inet_db, Key, 2)));
add_now(_, _, false) -> error.

set_now(Name, Value) ->
    case option(Name) of
        none -> error;
        {Key, Fits} ->
            case Fits(Value) of
                true -> put_now(Key, Value);
                false -> error
            end
    end.

-doc "The settings that differ from the standard, as they would stand in a file of them.".
-spec get_rc() -> [tuple()].
get_rc() ->
    ensure(),
    Standard = maps:from_list(standard()),
    Known = lists:sort([{A, Names} || {{host, A}, Names} <- ets:match_object(inet_db, {{host, '_'}, '_'})]),
    [{host, A, Names} || {A, Names} <- Known] ++
        lists:append([rc(Name, Key, get(Key), maps:get(Key, Standard)) ||
                      {Name, Key} <- [{domain, res_domain}, {nameservers, res_ns}, {alt_nameservers, res_alt_ns}, {search, res_search},
                                      {timeout, res_timeout}, {retry, res_retry}, {servfail_retry_timeout, res_servfail_retry_timeout},
                                      {inet6, res_inet6}, {usevc, res_usevc}, {edns, res_edns}, {udp_payload_size, res_udp_payload_size},
                                      {dnssec_ok, res_dnssec_ok}, {resolv_conf, res_resolv_conf}, {hosts_file, res_hosts_file},
                                      {cache_size, cache_size}, {cache_refresh, cache_refresh_interval}, {tcp, tcp_module},
                                      {udp, udp_module}, {lookup, res_lookup}]]).

rc(Name, Key, Servers, _) when Key =:= res_ns; Key =:= res_alt_ns ->
    [case S of {A, 53} -> {Name, A}; {A, Port} -> {Name, A, Port} end || S <- Servers];
rc(Name, Key, Value, _) when Key =:= res_resolv_conf; Key =:= res_hosts_file; Key =:= res_lookup -> [{Name, Value}];
rc(_, _, Value, Value) -> [];
rc(Name, _, Value, _) -> [{Name, Value}].

%%% ---- answers -------------------------------------------------------------------------------------

-doc "Keeps a record for its time to live.".
-spec add_rr(tuple()) -> ok.
add_rr(#dns_rr{domain = D, class = C, type = T, ttl = TTL, data = Data}) -> add_rr(D, C, T, TTL, Data).

-doc "Keeps a record for its time to live, in seconds.".
-spec add_rr(string(), atom(), atom(), term(), term()) -> ok.
add_rr(Domain, Class, Type, TTL, Data) ->
    ensure(),
    Now = erlang:monotonic_time(second),
    Until = case is_integer(TTL) of
        true -> Now + TTL;
        false -> Now + 60
    end,
    case ets:info(inet_cache, size) >= get(cache_size) of
        true -> make_room(Now);
        false -> ok
    end,
    get(cache_size) > 0 andalso ets:insert(inet_cache, {{tolower(Domain), Class, Type, Data}, Until, Domain}),
    ok.

%% What has ended goes first, then what ends soonest.
make_room(Now) ->
    Old = [K || {K, Until, _} <- ets:tab2list(inet_cache), Until =< Now],
    Gone = case Old of
        [] -> [K || {_, K} <- lists:sublist(lists:sort([{U, K} || {K, U, _} <- ets:tab2list(inet_cache)]), max(1, get(cache_size) div 10))];
        _ -> Old
    end,
    lists:foreach(fun(K) -> ets:delete(inet_cache, K) end, Gone).

-doc "Forgets a record.".
-spec del_rr(string(), atom(), atom(), term()) -> ok.
del_rr(Domain, Class, Type, Data) ->
    ensure(),
    ets:match_delete(inet_cache, {{tolower(Domain), Class, Type, Data}, '_', '_'}),
    ok.

known(Domain, Type) ->
    ensure(),
    Now = erlang:monotonic_time(second),
    [Data || {{_, _, _, Data}, Until, _} <- ets:match_object(inet_cache, {{tolower(Domain), in, Type, '_'}, '_', '_'}), Until > Now].

-doc "An entry of a host out of the records that are kept.".
-spec getbyname(string(), atom()) -> {ok, inet:hostent()} | {error, nxdomain}.
getbyname(Name, Type) -> follow(Name, Type, [], fun known/2).

%% Follows other names of a name, each once.
follow(Name, Type, Aliases, Find) ->
    case Find(Name, Type) of
        [] ->
            case Find(Name, cname) of
                [Other | _] when Type =/= cname ->
                    case length(Aliases) < 16 andalso not lists:any(fun(A) -> eq_domains(A, Other) end, [Name | Aliases]) of
                        true -> follow(Other, Type, [Name | Aliases], Find);
                        false -> {error, nxdomain}
                    end;
                _ -> {error, nxdomain}
            end;
        Datas -> {ok, entry(Name, lists:reverse(Aliases), Type, Datas)}
    end.

entry(Name, Aliases, a, Datas) -> {hostent, Name, Aliases, inet, 4, Datas};
entry(Name, Aliases, aaaa, Datas) -> {hostent, Name, Aliases, inet6, 16, Datas};
entry(Name, Aliases, Type, Datas) -> {hostent, Name, Aliases, Type, length(Datas), Datas}.

-doc "An entry of a host out of the answer of a name server.".
-spec res_hostent_by_domain(string(), atom(), tuple()) -> {ok, inet:hostent()} | {error, nxdomain}.
res_hostent_by_domain(Domain, Type, #dns_rec{anlist = Answers}) ->
    follow(Domain, Type, [],
           fun(Name, T) -> [Data || #dns_rr{domain = D, class = in, type = Is, data = Data} <- Answers, Is =:= T, eq_domains(D, Name)] end).

-doc "Keeps the records of an answer.".
-spec res_cache_answer(tuple()) -> ok.
res_cache_answer(#dns_rec{anlist = Answers}) ->
    lists:foreach(fun(#dns_rr{class = in, ttl = TTL} = R) when TTL > 0 -> add_rr(R);
                     (_) -> ok
                  end, Answers).

-doc "The entry of a host with an address out of the records that are kept.".
-spec gethostbyaddr(string(), inet:ip_address()) -> {ok, inet:hostent()} | {error, nxdomain}.
gethostbyaddr(Domain, Address) -> by_pointers(known(Domain, ptr), Address).

-doc "The entry of a host with an address out of the answer of a name server.".
-spec res_gethostbyaddr(string(), inet:ip_address(), tuple()) -> {ok, inet:hostent()} | {error, nxdomain}.
res_gethostbyaddr(Domain, Address, Message) ->
    case res_hostent_by_domain(Domain, ptr, Message) of
        {ok, {hostent, _, _, ptr, _, Names}} -> by_pointers(Names, Address);
        Error -> Error
    end.

by_pointers([], _) -> {error, nxdomain};
by_pointers([Name | Aliases], Address) when tuple_size(Address) =:= 4 -> {ok, {hostent, Name, Aliases, inet, 4, [Address]}};
by_pointers([Name | Aliases], Address) -> {ok, {hostent, Name, Aliases, inet6, 16, [Address]}}.

-doc "A domain with small letters, of ASCII only.".
-spec tolower(string()) -> string().
tolower(Domain) -> [case C >= $A andalso C =< $Z of true -> C + 32; false -> C end || C <- Domain].

-doc "Whether two domains are the same but for the size of letters.".
-spec eq_domains(string(), string()) -> boolean().
eq_domains(A, B) -> tolower(A) =:= tolower(B).

-doc "The module that a socket belongs to.".
-spec lookup_socket(port()) -> {ok, module()} | {error, closed}.
lookup_socket(Socket) when is_port(Socket) ->
    case gerl_inet:info(Socket) of
        undefined -> {error, closed};
        {Family, Type, _, _} ->
            Names = #{{inet, stream} => inet_tcp, {inet6, stream} => inet6_tcp, {local, stream} => local_tcp, {inet, dgram} => inet_udp,
                      {inet6, dgram} => inet6_udp, {local, dgram} => local_udp},
            {ok, map_get({Family, Type}, Names)}
    end.
