-module(erl_bits).
-moduledoc "The types of segments in the bit syntax.".

-export([system_bitdefault/0, system_bittypes/0, as_list/1, set_bit_type/2]).

-record(bittype, {type, unit, sign, endian}).

-type specifier() :: atom() | {unit, undefined | 1..256}.

-doc false.
-spec system_bitdefault() -> no_system_bitdefault.
system_bitdefault() -> no_system_bitdefault.

-doc false.
-spec system_bittypes() -> no_system_types.
system_bittypes() -> no_system_types.

-doc "The specifiers that say the same as a type.".
-spec as_list(#bittype{}) -> [specifier()].
as_list(#bittype{type = Type, unit = Unit, sign = Sign, endian = Endian}) -> [Type, {unit, Unit}, Sign, Endian].

-doc "The size and the full type of a segment for a size and specifiers as they are written.".
-spec set_bit_type(term(), default | [specifier()]) -> {ok, term(), #bittype{}} | {error, term()}.
set_bit_type(Size, default) -> set_bit_type(Size, []);
set_bit_type(Size, Specifiers) ->
    try
        Said = lists:foldl(fun say/2, #{}, [F || S <- Specifiers, F <- fields(S)]),
        complete(maps:get(type, Said, integer), Size, maps:get(unit, Said, undefined), Said)
    catch
        throw:Reason -> {error, Reason}
    end.

fields(T) when T =:= integer; T =:= float; T =:= binary; T =:= utf8; T =:= utf16; T =:= utf32 -> [{type, T}];
fields(bytes) -> [{type, binary}, {unit, 8}];
fields(T) when T =:= bitstring; T =:= bits -> [{type, binary}, {unit, 1}];
fields(E) when E =:= big; E =:= little; E =:= native -> [{endianness, E}];
fields(S) when S =:= signed; S =:= unsigned -> [{sign, S}];
fields({unit, undefined}) -> [];
fields({unit, U}) when is_integer(U), U > 0, U =< 256 -> [{unit, U}];
fields(Unknown) -> throw({undefined_bittype, Unknown}).

say({Field, Value}, Said) ->
    case Said of
        #{Field := Value} -> Said;
        #{Field := Other} -> throw({bittype_mismatch, Value, Other, atom_to_list(Field)});
        _ -> Said#{Field => Value}
    end.

%% What is not said depends on the type.
complete(binary, default, Unit, Said) -> made(binary, all, or_else(Unit, 8), Said);
complete(binary, Size, Unit, Said) -> made(binary, Size, or_else(Unit, 8), Said);
complete(Type, default, Unit, _) when Unit =/= undefined, Type =:= integer orelse Type =:= float -> throw(bittype_unit);
complete(integer, default, _, Said) -> made(integer, 8, 1, Said);
complete(float, default, _, Said) -> made(float, 64, 1, Said);
complete(Type, Size, Unit, Said) when Type =:= integer; Type =:= float -> made(Type, Size, or_else(Unit, 1), Said);
complete(Utf, Size, undefined, Said) when Size =:= default; Size =:= undefined -> made(Utf, undefined, undefined, Said);
complete(Utf, {Kind, _, undefined} = Size, undefined, Said) when Kind =:= atom; Kind =:= value -> made(Utf, Size, undefined, Said);
complete(_, _, _, _) -> throw(utf_bittype_size_or_unit).

or_else(undefined, Default) -> Default;
or_else(Unit, _) -> Unit.

made(Type, Size, Unit, Said) ->
    {ok, Size, #bittype{type = Type, unit = Unit, sign = maps:get(sign, Said, unsigned),
                        endian = maps:get(endianness, Said, big)}}.
