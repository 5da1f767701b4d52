-module(gerl_debug_info).
-moduledoc "The chunk that keeps a module's forms and options. Internal.".

-export([chunk/4, matters/1]).

-doc "The chunk's contents and the options to be told in compile info.".
-spec chunk([term()], [term()], [term()], file:filename()) -> {ok, binary(), [term()]} | {error, [tuple()]}.
chunk(Forms, All, Own, Object) ->
    Told = [O || O <- Own, kept(O, lists:member(deterministic, Own))],
    Others = proplists:delete(debug_info, Own),
    Wanted = proplists:get_value(debug_info, All, false),
    {Backend, Data} = if
                          is_tuple(Wanted) -> Wanted;
                          Wanted -> {erl_abstract_code, {[plain(F) || F <- Forms, not is_doc(F)], Told}};
                          true -> {erl_abstract_code, {none, Told}}
                      end,
    Kept = case Wanted of
               true -> [debug_info | Others];
               false -> Own;
               _ -> Others
           end,
    Plain = term_to_binary({debug_info_v1, Backend, Data}, [compressed | [deterministic || lists:member(deterministic, All)]]),
    case lists:member(encrypt_debug_info, Kept) of
        true -> encrypted(Plain, Kept, [M || {attribute, _, module, M} <- Forms], Object);
        false -> {ok, Plain, Kept}
    end.

plain(Form) when element(1, Form) =:= error; element(1, Form) =:= warning; element(1, Form) =:= eof -> Form;
plain(Form) -> erl_parse:anno_to_term(Form).

is_doc({attribute, _, Name, _}) -> Name =:= doc orelse Name =:= moduledoc orelse Name =:= docformat;
is_doc(_) -> false.

%% What only says how sources were found, or is done when the forms exist, is not told.
kept(Option, Deterministic) ->
    case Option of
        {Place, _} when Place =:= i; Place =:= cwd -> not Deterministic;
        {Tag, _} when Tag =:= parse_transform; Tag =:= features -> false;
        {d, _Name, _Value} -> false;
        _ -> not lists:member(Option, [from_abstr, from_asm, from_core]) andalso matters(Option)
    end.

-doc "Whether an option can have an effect on the code.".
-spec matters(term()) -> boolean().
matters({Place, _}) -> Place =/= outdir andalso Place =/= cwd;
matters(Option) ->
    Talk = [list_to_atom(What ++ "_" ++ Kind) || What <- ["report", "return"], Kind <- ["errors", "warnings"]],
    not lists:member(Option, [verbose, binary, beam, warnings_as_errors | Talk]).

encrypted(Plain, Options, Modules, Object) ->
    Hidden = {debug_info_key, '********'},
    Mode = proplists:get_value(crypto_mode, Options, des3_cbc),
    case lists:keyfind(debug_info_key, 1, Options) of
        {_, Key} -> sealed(Plain, Key, [Hidden | lists:keydelete(debug_info_key, 1, Options)]);
        false ->
            case beam_lib:get_crypto_key({debug_info, Mode, hd(Modules ++ [[]]), Object}) of
                error -> {error, [{none, compile, no_crypto_key}]};
                Key -> sealed(Plain, {Mode, Key}, Options)
            end
    end.

sealed(Plain, Key, Options) ->
    try beam_lib_crypto:seal(Key, Plain) of
        Binary -> {ok, Binary, Options}
    catch
        error:no_crypto -> {error, [{none, compile, no_crypto}]};
        error:_ -> {error, [{none, compile, bad_crypto_key}]}
    end.
