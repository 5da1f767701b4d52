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
    Forms = forms(M),
    Exports = M:module_info(exports),
    [{M, F, Args} || {attribute, _, spec, {FA, Clauses}} <- Forms, {F, A} <- [name(FA)], lists:member({F, A}, Exports),
                     F =/= module_info, Clause <- Clauses, Args <- [clause(Clause, {M, types(M)})]].

%% The code files of the run-time system's own modules have no abstract code; their sources lie beside them.
forms(M) ->
    case get({forms, M}) of
        undefined ->
            Forms = case beam_lib:chunks(code:which(M), [abstract_code]) of
                        {ok, {_, [{abstract_code, {_, Found}}]}} -> Found;
                        _ ->
                            Root = code:lib_dir(erts),
                            {ok, Read} = epp:parse_file(filename:join([Root, "src", atom_to_list(M) ++ ".erl"]), [{includes, [filename:join(code:lib_dir(kernel), "include"), filename:join(code:lib_dir(kernel), "src")]}]),
                            Read
                    end,
            put({forms, M}, Forms),
            Forms;
        Known -> Known
    end.

types(M) ->
    case get({types, M}) of
        undefined ->
            Types = maps:from_list([{{N, length(Vs)}, {T, [V || {var, _, V} <- Vs]}} || {attribute, _, K, {N, T, Vs}} <- forms(M), K =:= type orelse K =:= opaque orelse K =:= nominal]),
            put({types, M}, Types),
            Types;
        Known -> Known
    end.

name({_, F, A}) -> {F, A};
name(FA) -> FA.

clause({type, _, bounded_fun, [Fun, Bounds]}, Env) ->
    Bound = maps:from_list([{V, T} || {type, _, constraint, [{atom, _, is_subtype}, [{var, _, V}, T]]} <- Bounds]),
    arguments(Fun, Bound, Env);
clause(Fun, Env) -> arguments(Fun, #{}, Env).

arguments({type, _, 'fun', [{type, _, product, Ts}, _]}, Bound, {M, _} = Env) -> [case named(M, T) of none -> tag(T, Bound, Env, 5); Tag -> Tag end || T <- Ts].

%% Some arguments are known by their names only.
named(crypto, {var, _, V}) when V =:= 'Digest'; V =:= 'DigestType' -> hash;
named(_, _) -> none.

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
tag({type, _, map, Fields}, B, E, D) when is_list(Fields) ->
    {map, [{case K of map_field_exact -> needed; _ -> possible end, tag(Key, B, E, D - 1), tag(V, B, E, D - 1)} || {type, _, K, [Key, V]} <- Fields]};
tag({type, _, map, _}, _, _, _) -> map;
tag({type, _, range, [Lo, Hi]}, B, E, D) ->
    case {tag(Lo, B, E, D), tag(Hi, B, E, D)} of
        {{is, L}, {is, H}} when L < H -> {range, L, H};
        _ -> small
    end;
tag({char, _, C}, _, _, _) -> {is, C};
tag({op, _, '+', {integer, _, N}}, _, _, _) -> {is, N};
tag({type, _, record, _}, _, _, _) -> tuple;
tag({type, _, 'fun', []}, _, _, _) -> {'fun', 1, any};
tag({type, _, 'fun', [{type, _, product, Ts}, R]}, B, E, D) -> {'fun', length(Ts), tag(R, B, E, D - 1)};
tag({type, _, 'fun', [_, R]}, B, E, D) -> {'fun', 1, tag(R, B, E, D - 1)};
tag({type, _, N, _}, _, _, _) -> plain(N);
tag({user_type, _, N, Args}, B, {M, Types} = E, D) ->
    case special(M, N) of
        none ->
            Key = {N, length(Args)},
            case Types of
                #{Key := {T, Vs}} -> tag(T, maps:from_list([{V, replaced(A, B)} || {V, A} <- lists:zip(Vs, Args)]), E, D - 1);
                _ -> any
            end;
        Tag -> Tag
    end;
tag({remote_type, P, [{atom, _, M}, {atom, _, N}, Args]}, B, _, D) ->
    case special(M, N) of
        none -> tag({user_type, P, N, [{type, P, any, []} || _ <- Args]}, B, {M, types(M)}, D);
        Tag -> Tag
    end;
tag(_, _, _, _) -> any.

replaced({var, _, V}, B) -> maps:get(V, B, {type, 1, any, []});
replaced(T, _) -> T.

%% Types whose values are made by arguments.erl.
special(unicode, T) -> case T of chardata -> chars; latin1_chardata -> iodata; unicode_binary -> bin; encoding -> enc; external_chardata -> chars; _ -> chars end;
special(string, T) when T =:= grapheme_cluster -> chr;
special(io_lib, T) -> case T of chars -> str; depth -> small; latin1_string -> str; _ -> none end;
special(io, T) -> case T of format -> fmt; _ -> any end;
special(file, T) when T =:= name; T =:= filename; T =:= name_all; T =:= filename_all -> str;
special(file, posix) -> posix;
special(calendar, T) -> case T of date -> date; datetime -> {tuple, [date, time]}; time -> time; _ -> none end;
special(erl_anno, T) -> case T of anno -> anno; location -> location; anno_or_location -> location; _ -> none end;
special(uri_string, T) -> case T of uri_string -> uri; uri_map -> map; _ -> none end;
special(proplists, _) -> plist;
special(re, T) -> case T of mp -> compiled_pattern; compile_option -> run_option; option -> run_option; split_option -> {one, [split_option, run_option]}; replace_option -> {one, [replace_option, run_option]}; _ -> none end;
special(sofs, T) when T =:= a_set; T =:= external_set; T =:= anyset; T =:= relation; T =:= a_function; T =:= family -> {made, {sofs, T}};
special(M, T) when M =:= dict, T =:= dict; M =:= orddict, T =:= orddict; M =:= gb_trees, T =:= tree; M =:= gb_sets, T =:= set; M =:= sets, T =:= set;
                   M =:= queue, T =:= queue; M =:= array, T =:= array; M =:= ordsets, T =:= ordset ->
    {made, M};
special(maps, T) when T =:= iterator; T =:= iterator_order -> case T of iterator -> {made, iterator}; _ -> {one, [{is, ordered}, {is, reversed}, {'fun', 2, bool}]} end;
special(gb_sets, gb_set) -> {made, gb_sets};
special(M, graph) when M =:= graph; M =:= digraph -> {made, M};
special(graph, T) when T =:= vertex; T =:= label -> cnt;
special(digraph, T) when T =:= vertex; T =:= edge -> {one, [cnt, {tuple, [{is, e}, cnt, cnt]}]};
special(erl_parse, T) ->
    case T of
        abstract_expr -> expr; abstract_form -> form; abstract_clause -> clause; abstract_type -> type; erl_parse_tree -> {one, [expr, form]}; form_info -> form; af_function_decl -> form; af_generator -> expr; _ -> none
    end;
special(erl_syntax, T) -> case T of syntaxTree -> tree; forms -> {one, [tree, forms]}; _ -> none end;
special(erl_scan, T) -> case T of tokens -> tokens; token -> token; return_cont -> {is, []}; category -> {one, [{is, atom}, {is, '('}, {is, var}]}; options -> scan_options; option -> scan_options; _ -> none end;
special(erl_eval, T) -> case T of bindings -> bindings; binding_struct -> bindings; expression -> expr; expressions -> {list, expr}; expression_list -> {list, expr}; name -> {one, [{is, 'X'}, {is, 'Y'}]}; _ -> none end;
special(erl_comment_scan, comment) -> comment;
special(prettypr, document) -> document;
special(rand, T) -> case T of state -> rand_state; builtin_alg -> rand_alg; alg -> rand_alg; export_state -> rand_state; seed -> {one, [small, {tuple, [small, small, small]}, {list, small}]}; _ -> none end;
special(random, ran) -> random_state;
special(logger, T) -> case T of level -> level; log_event -> event; _ -> none end;
special(inet, T) -> case T of ip_address -> address; ip4_address -> address; ip6_address -> address; posix -> posix; _ -> none end;
special(erlang, T) -> case T of time_unit -> unit; iovec -> {list, bin}; raise_stacktrace -> stack; stacktrace -> stack; _ -> none end;
special(erl_error, _) -> none;
special(ets, T) -> case T of match_spec -> ms; match_pattern -> ms_head; _ -> none end;
special(crypto, T) ->
    case T of
        cipher -> cipher; cipher_no_iv -> cipher; cipher_iv -> cipher; cipher_aead -> aead; hash_algorithm -> hash; hmac_hash_algorithm -> hash; hash_xof_algorithm -> hash; ec_named_curve -> curve; edwards_curve_params -> curve;
        _ -> none
    end;
special(argparse, T) -> case T of command -> arg_command; args -> arg_words; parser_options -> arg_options; _ -> none end;
special(beam_lib, T) -> case T of beam -> beam; _ -> none end;
special(supervisor, T) when T =:= child_spec -> spec_map;
special(atomics, atomics_ref) -> {made, atomics};
special(counters, counters_ref) -> {made, counters};
special(_, _) -> none.

plain(T) ->
    case T of
        integer -> small; non_neg_integer -> cnt; pos_integer -> pos; neg_integer -> small; range -> small; byte -> small; char -> chr; arity -> pos;
        float -> float; number -> num; atom -> atom; module -> atom; boolean -> bool; binary -> bin; nonempty_binary -> bin; bitstring -> bits;
        iodata -> iodata; iolist -> iodata; string -> str; nonempty_string -> str; list -> list; nil -> {is, []}; tuple -> tuple; timeout -> cnt; mfa -> {tuple, [atom, atom, pos]};
        _ -> any
    end.
