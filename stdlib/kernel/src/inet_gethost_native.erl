-module(inet_gethost_native).
-moduledoc "Names of hosts as the operating system's resolver knows them. Internal.".

-export([gethostbyname/1, gethostbyname/2, gethostbyaddr/1, control/1]).

-doc "The entry of the host with a name.".
-spec gethostbyname(string() | atom()) -> {ok, inet:hostent()} | {error, term()}.
gethostbyname(Name) -> gethostbyname(Name, inet).

-doc "The entry of the host with a name and addresses of a family.".
-spec gethostbyname(string() | atom(), inet | inet6) -> {ok, inet:hostent()} | {error, term()}.
gethostbyname(Name, Family) when is_atom(Name) -> gethostbyname(atom_to_list(Name), Family);
gethostbyname(Name, Family) when is_list(Name), Family =:= inet orelse Family =:= inet6 ->
    found(gerl_inet_names:native_name(Name, Family, infinity));
gethostbyname(_, _) -> {error, formerr}.

-doc "The entry of the host with an address.".
-spec gethostbyaddr(inet:ip_address() | string()) -> {ok, inet:hostent()} | {error, term()}.
gethostbyaddr(Given) ->
    case gerl_inet_address:given(Given) of
        none -> {error, formerr};
        {_, Address} -> found(gerl_inet_names:native_address(Address))
    end.

found({error, nxdomain}) -> {error, notfound};
found(Answer) -> Answer.

-doc "Settings of the process that asks the operating system, which there is none of here.".
-spec control(term()) -> ok.
control(soft_restart) -> ok;
control({debug_level, Level}) when is_integer(Level) -> ok.
