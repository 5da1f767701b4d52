-module(erts_debug).
-moduledoc "Sizes and identity of terms in memory, and what tests of the node itself need.".

-export([size/1, flat_size/1, same/2, size_shared/1, get_internal_state/1, set_internal_state/2]).

-doc "The number of words that a term takes in memory; parts that occur several times count once.".
-spec size(term()) -> non_neg_integer().
size(Term) -> size_shared(Term).

-doc "The number of words that a copy of the term takes: nothing is shared in copies.".
-spec flat_size(term()) -> non_neg_integer().
flat_size(_Term) -> erlang:nif_error(undef).

-doc "Whether two terms are the same in memory, which equal ones need not be.".
-spec same(term(), term()) -> boolean().
same(_Term1, _Term2) -> erlang:nif_error(undef).

-doc false.
-spec size_shared(term()) -> non_neg_integer().
size_shared(_Term) -> erlang:nif_error(undef).

-doc false.
-spec get_internal_state(term()) -> term().
get_internal_state(_Key) -> erlang:nif_error(undef).

-doc false.
-spec set_internal_state(term(), term()) -> term().
set_internal_state(_Key, _Value) -> erlang:nif_error(undef).
