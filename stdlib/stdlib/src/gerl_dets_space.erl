-module(gerl_dets_space).
-moduledoc """
Which parts of a Dets file are free: a buddy system.

Blocks have sizes of powers of two, and a block of size 2^K lies at a multiple of it behind the base. A block that is freed joins
its free buddy, the other half of the block of twice the size. The lists are on the file while it is closed.
""".

-export([new/1, take/2, give/4, list/1, from_list/1]).
-export_type([space/0]).

%% Free addresses by exponent, each an ordered set.
-opaque space() :: #{0..31 => gb_sets:set(non_neg_integer())}.

-define(TOP, 31).
%% What is kept for the lists themselves at the end of the largest file.
-define(RESERVED, 50000000).

-doc "Everything from an address on is free.".
-spec new(non_neg_integer()) -> space().
new(Base) -> #{?TOP => gb_sets:singleton(Base)}.

-doc "The lowest of the smallest blocks in which 2^K bytes have room; `full` if the file would become too large.".
-spec take(0..31, space()) -> {non_neg_integer(), space()} | full.
take(K, Space) -> take(K, K, Space).

take(_, Level, _) when Level > ?TOP -> full;
take(K, Level, Space) ->
    case maps:get(Level, Space, none) of
        none -> take(K, Level + 1, Space);
        Set ->
            {Address, Rest} = gb_sets:take_smallest(Set),
            case Address + (1 bsl K) > (1 bsl ?TOP) - ?RESERVED of
                true -> full;
                false -> {Address, halved(K, Level, Address, without_empty(Level, Rest, Space))}
            end
    end.

%% The upper halves stay free.
halved(K, K, _, Space) -> Space;
halved(K, Level, Address, Space) -> halved(K, Level - 1, Address, added(Level - 1, Address + (1 bsl (Level - 1)), Space)).

without_empty(Level, Set, Space) ->
    case gb_sets:is_empty(Set) of
        true -> maps:remove(Level, Space);
        false -> Space#{Level := Set}
    end.

added(Level, Address, Space) ->
    Space#{Level => gb_sets:add_element(Address, maps:get(Level, Space, gb_sets:new()))}.

-doc "Frees a block of 2^K bytes at an address of a file with a base.".
-spec give(0..31, non_neg_integer(), non_neg_integer(), space()) -> space().
give(K, Address, Base, Space) when K < ?TOP ->
    Size = 1 bsl K,
    {Buddy, Lower} =
        case (Address - Base) band Size of
            0 -> {Address + Size, Address};
            _ -> {Address - Size, Address - Size}
        end,
    case Space of
        #{K := Set} ->
            case gb_sets:is_element(Buddy, Set) of
                true -> give(K + 1, Lower, Base, without_empty(K, gb_sets:del_element(Buddy, Set), Space));
                false -> added(K, Address, Space)
            end;
        _ -> added(K, Address, Space)
    end;
give(K, Address, _, Space) -> added(K, Address, Space).

-doc "The free addresses by exponent, in order.".
-spec list(space()) -> [{0..31, [non_neg_integer()]}].
list(Space) -> [{K, gb_sets:to_list(Set)} || K := Set <- maps:iterator(Space, ordered)].

-doc "The opposite of list/1.".
-spec from_list([{0..31, [non_neg_integer()]}]) -> space().
from_list(List) -> #{K => gb_sets:from_list(Addresses) || {K, [_ | _] = Addresses} <- List}.
