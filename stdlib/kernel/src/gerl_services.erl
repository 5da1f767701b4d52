-module(gerl_services).
-moduledoc "The names of services by their numbers, from the system's file of services. Internal.".

-export([name/2]).

-doc "The first name of the service with a number.".
-spec name(inet:port_number(), atom()) -> {ok, string()} | {error, einval}.
name(Port, Protocol) ->
    case file:read_file("/etc/services") of
        {ok, Text} -> find(string:split(Text, "\n", all), iolist_to_binary([integer_to_list(Port), $/, atom_to_list(Protocol)]));
        _ -> {error, einval}
    end.

find([], _) -> {error, einval};
find([Line | Lines], Wanted) ->
    case string:lexemes(hd(string:split(Line, "#")), " \t") of
        [Name, Wanted | _] -> {ok, binary_to_list(Name)};
        _ -> find(Lines, Wanted)
    end.
