-module(inet_hosts).
-moduledoc "The hosts that are known without asking anybody: those that were added to inet_db, and those of the file of hosts. Internal.".

-export([gethostbyname/1, gethostbyname/2, gethostbyaddr/1]).

-doc "The entry of the host with a name.".
-spec gethostbyname(string() | atom()) -> {ok, inet:hostent()} | {error, nxdomain | formerr}.
gethostbyname(Name) ->
    case inet_db:res_option(inet6) of
        true -> gethostbyname(Name, inet6);
        false -> gethostbyname(Name, inet)
    end.

-doc "The entry of the host with a name and addresses of a family.".
-spec gethostbyname(string() | atom(), inet | inet6) -> {ok, inet:hostent()} | {error, nxdomain | formerr}.
gethostbyname(Name, Family) when is_atom(Name) -> gethostbyname(atom_to_list(Name), Family);
gethostbyname(Name, Family) when is_list(Name) ->
    {Added, InFile} = hosts(),
    case with_name(Name, Family, Added) of
        [] -> entry(with_name(Name, Family, InFile), Family);
        Found -> entry(Found, Family)
    end;
gethostbyname(_, _) -> {error, formerr}.

%% Several lines of the file with one address are one host.
hosts() ->
    {Added, InFile} = inet_db:hosts(),
    Names = maps:groups_from_list(fun({Address, _}) -> Address end, fun({_, Ns}) -> Ns end, InFile),
    {Added, [{A, case map_get(A, Names) of [One] -> One; Several -> different(lists:append(Several)) end} || A <- lists:uniq([A || {A, _} <- InFile])]}.

%% Names that differ in the case of their letters only are one name.
different(Names) -> lists:uniq(fun string:casefold/1, Names).

with_name(Name, Family, Hosts) ->
    [H || {Address, Names} = H <- Hosts, gerl_inet_address:family(Address) =:= Family,
          lists:any(fun(N) -> inet_db:eq_domains(N, Name) end, Names)].

%% Several hosts with one name are one host with several addresses.
entry([], _) -> {error, nxdomain};
entry([{_, [Name | Aliases]} | More] = Hosts, Family) ->
    Others = lists:append([Names || {_, Names} <- More]),
    Size = case Family of inet -> 4; inet6 -> 16 end,
    {ok, {hostent, Name, tl(different([Name | Aliases ++ Others])), Family, Size, [A || {A, _} <- Hosts]}}.

-doc "The entry of the host with an address.".
-spec gethostbyaddr(string() | inet:ip_address()) -> {ok, inet:hostent()} | {error, nxdomain | formerr}.
gethostbyaddr(Given) ->
    case gerl_inet_address:given(Given) of
        none -> {error, formerr};
        {Family, Address} ->
            {Added, InFile} = hosts(),
            case lists:keyfind(Address, 1, Added ++ InFile) of
                false -> {error, nxdomain};
                Host -> entry([Host], Family)
            end
    end.
