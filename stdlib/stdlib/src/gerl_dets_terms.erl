-module(gerl_dets_terms).
-moduledoc "The part of Dets that is built in: objects out of the bytes of collections. Internal.".

-export([decode/2]).

-doc "The objects of collections in their order; a table of type set has no sizes of keys between. badarg for bytes that are no collection.".
-spec decode([binary()], IsSet :: boolean()) -> [tuple()].
decode(_Collections, _IsSet) -> erlang:nif_error(undef).
