-module(gerl_maps).
-moduledoc "The part of maps:map/2 that is built in.".

-export([with_values/2]).

-doc "The map's keys with other values, which come in the order of maps:to_list/1.".
-spec with_values(#{K => _}, [V]) -> #{K => V}.
with_values(_Map, _Values) -> erlang:nif_error(undef).
