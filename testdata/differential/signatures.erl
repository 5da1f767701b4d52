-module(signatures).

%% Writes what the functions of OTP's library take: `main [Out, Documented]` on an OTP with abstract code, where Documented is
%% testdata/library/otp29_exports. Each line of Out is a term {Module, Function, [Type]}, one for each clause of each specification of a
%% function that is documented; exports.erl reads them.

-export([main/1]).

main([Out, Documented]) ->
    {ok, Text} = file:read_file(Documented),
    Known = #{list_to_atom(M) => Functions || [M | Functions] <- [string:lexemes(L, " ") || L <- string:split(binary_to_list(Text), "\n", all)]},
    Lines = [io_lib:format("~0p.~n", [S])
             || M <- exports:modules(), {_, F, As} = S <- lists:usort(signatures(M)), not exports:excluded(S),
                lists:member(atom_to_list(F) ++ "/" ++ integer_to_list(length(As)), maps:get(M, Known, []))],
    ok = file:write_file(Out, ["%% Made by signatures.erl from the specifications of OTP ", erlang:system_info(otp_release), ".\n", Lines]),
    halt().

signatures(M) ->
    {ok, {_, [{abstract_code, {_, Forms}}]}} = beam_lib:chunks(code:which(M), [abstract_code]),
    Types = maps:from_list([{{N, length(Vs)}, {T, [V || {var, _, V} <- Vs]}} || {attribute, _, K, {N, T, Vs}} <- Forms, K =:= type orelse K =:= opaque orelse K =:= nominal]),
    Exports = M:module_info(exports),
    [{M, F, Args} || {attribute, _, spec, {FA, Clauses}} <- Forms, {F, A} <- [name(FA)], lists:member({F, A}, Exports),
                     F =/= module_info, Clause <- Clauses, Args <- [clause(Clause, {M, Types})]].

name({_, F, A}) -> {F, A};
name(FA) -> FA.

clause({type, _, bounded_fun, [Fun, Bounds]}, Env) ->
    Bound = maps:from_list([{V, T} || {type, _, constraint, [{atom, _, is_subtype}, [{var, _, V}, T]]} <- Bounds]),
    arguments(Fun, Bound, Env);
clause(Fun, Env) -> arguments(Fun, #{}, Env).

arguments({type, _, 'fun', [{type, _, product, Ts}, _]}, Bound, Env) -> [tag(T, Bound, Env, 4) || T <- Ts].

tag(_, _, _, 0) -> any;
tag({ann_type, _, [_, T]}, B, E, D) -> tag(T, B, E, D);
tag({paren_type, _, [T]}, B, E, D) -> tag(T, B, E, D);
tag({var, _, V}, B, E, D) ->
    case B of
        #{V := T} -> tag(T, maps:remove(V, B), E, D - 1);
        _ -> any
    end;
tag({atom, _, A}, _, _, _) -> {is, A};
tag({integer, _, N}, _, _, _) -> {is, N};
tag({op, _, '-', {integer, _, N}}, _, _, _) -> {is, -N};
tag({type, _, union, Ts}, B, E, D) -> {one, [tag(T, B, E, D) || T <- Ts]};
tag({type, _, tuple, any}, _, _, _) -> tuple;
tag({type, _, tuple, Ts}, B, E, D) -> {tuple, [tag(T, B, E, D - 1) || T <- Ts]};
tag({type, _, L, [T]}, B, E, D) when L =:= list; L =:= nonempty_list -> {list, tag(T, B, E, D - 1)};
tag({type, _, maybe_improper_list, _}, _, _, _) -> list;
tag({type, _, map, _}, _, _, _) -> map;
tag({type, _, 'fun', []}, _, _, _) -> {'fun', 1, any};
tag({type, _, 'fun', [{type, _, product, Ts}, R]}, B, E, D) -> {'fun', length(Ts), tag(R, B, E, D - 1)};
tag({type, _, 'fun', [_, R]}, B, E, D) -> {'fun', 1, tag(R, B, E, D - 1)};
tag({type, _, N, _}, _, _, _) -> plain(N);
tag({user_type, _, N, Args}, _, {M, Types} = E, D) ->
    case special(M, N) of
        none ->
            Key = {N, length(Args)},
            case Types of
                #{Key := {T, Vs}} -> tag(T, maps:from_list(lists:zip(Vs, Args)), E, D - 1);
                _ -> any
            end;
        Tag -> Tag
    end;
tag({remote_type, _, [{atom, _, M}, {atom, _, N}, _]}, _, _, _) ->
    case special(M, N) of
        none -> any;
        Tag -> Tag
    end;
tag(_, _, _, _) -> any.

special(unicode, T) -> case T of chardata -> chars; latin1_chardata -> iodata; unicode_binary -> bin; encoding -> enc; external_chardata -> chars; _ -> chars end;
special(string, T) when T =:= grapheme_cluster -> chr;
special(io_lib, T) -> case T of chars -> str; depth -> small; latin1_string -> str; _ -> none end;
special(io, T) -> case T of format -> fmt; _ -> any end;
special(file, T) when T =:= name; T =:= filename; T =:= name_all; T =:= filename_all -> str;
special(calendar, T) -> case T of date -> date; datetime -> {tuple, [date, time]}; time -> time; _ -> none end;
special(erl_anno, T) when T =:= location -> pos;
special(uri_string, T) -> case T of uri_string -> uri; uri_map -> map; _ -> none end;
special(proplists, _) -> plist;
special(sofs, T) when T =:= a_set; T =:= external_set; T =:= anyset; T =:= relation; T =:= a_function; T =:= family -> {made, {sofs, T}};
special(M, T) when M =:= dict, T =:= dict; M =:= orddict, T =:= orddict; M =:= gb_trees, T =:= tree; M =:= gb_sets, T =:= set; M =:= sets, T =:= set;
                   M =:= queue, T =:= queue; M =:= array, T =:= array; M =:= ordsets, T =:= ordset; M =:= maps, T =:= iterator ->
    {made, M};
special(gb_sets, gb_set) -> {made, gb_sets};
special(_, _) -> none.

plain(T) ->
    case T of
        integer -> small; non_neg_integer -> cnt; pos_integer -> pos; neg_integer -> small; range -> small; byte -> small; char -> chr; arity -> pos;
        float -> float; number -> num; atom -> atom; module -> atom; boolean -> bool; binary -> bin; nonempty_binary -> bin; bitstring -> bits;
        iodata -> iodata; iolist -> iodata; string -> str; nonempty_string -> str; list -> list; nil -> {is, []}; tuple -> tuple; timeout -> cnt; mfa -> {tuple, [atom, atom, pos]};
        _ -> any
    end.
