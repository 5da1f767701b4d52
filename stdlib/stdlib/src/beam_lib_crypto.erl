-module(beam_lib_crypto).
-moduledoc "Encrypted debug information, and the process that knows its keys. Internal.".
-behaviour(gen_server).

-export([call/1, key/2, seal/2, open/4]).
-export([init/1, handle_call/3, handle_cast/2]).

-define(SERVER, beam_lib__crypto_key_server).

-doc "Asks the process that holds the fun; starts it if need be.".
-spec call(term()) -> term().
call(Request) ->
    try gen_server:call(?SERVER, Request, infinity)
    catch
        exit:{Reason, _} when Reason =:= noproc; Reason =:= normal ->
            _ = gen_server:start({local, ?SERVER}, ?MODULE, [], []),
            call(Request)
    end.

-doc "The key that a text stands for.".
-spec key(des3_cbc, string()) -> {des3_cbc, [binary()], binary(), 8}.
key(des3_cbc, Text) ->
    <<Key1:8/binary, Key2:8/binary>> = First = erlang:md5(Text),
    <<Key3:8/binary, Vector:8/binary>> = erlang:md5([First, lists:reverse(Text)]),
    {des3_cbc, [Key1, Key2, Key3], Vector, 8}.

-doc "Encrypts the contents of a chunk.".
-spec seal(term(), binary()) -> binary().
seal({Type, Text}, Plain) when is_list(Text) ->
    {Type, Keys, Vector, Block} = key(Type, Text),
    started() =:= ok orelse error(no_crypto),
    Fill = -byte_size(Plain) band (Block - 1),
    Padded = <<Plain/binary, (crypto:strong_rand_bytes(Fill))/binary>>,
    Name = atom_to_binary(Type),
    Sealed = crypto:crypto_one_time(des_ede3_cbc, Keys, Vector, Padded, true),
    <<0, (byte_size(Name)), Name/binary, Sealed/binary>>;
seal(Text, Plain) ->
    seal({des3_cbc, Text}, Plain).

-doc "Decrypts the contents of a chunk.".
-spec open(atom(), module(), term(), binary()) -> {ok, term()} | error.
open(Type, Module, File, Sealed) ->
    try
        {Type, Keys, Vector, _} = key(Type, call({get_crypto_key, {debug_info, Type, Module, File}})),
        ok = started(),
        {ok, binary_to_term(crypto:crypto_one_time(des_ede3_cbc, Keys, Vector, Sealed, false))}
    catch
        _:_ -> error
    end.

started() ->
    case application:start(crypto) of
        {error, {already_started, _}} -> ok;
        Result -> Result
    end.

%%% ---- the process: its state is the fun ----------------------------------------------------------

-doc false.
init([]) -> {ok, undefined}.

-doc false.
handle_call({crypto_key_fun, Fun}, _, undefined) when is_function(Fun, 1) ->
    try Fun(init) of
        ok -> {reply, ok, Fun};
        {ok, Other} when is_function(Other, 1) -> {reply, ok, Other};
        {ok, _} -> {reply, {error, badfun}, undefined};
        {error, Reason} -> {reply, {error, Reason}, undefined}
    catch
        error:Reason:Stack -> {reply, {error, {Reason, Stack}}, undefined};
        exit:Reason -> {reply, {error, Reason}, undefined}
    end;
handle_call({crypto_key_fun, _}, _, undefined) -> {reply, {error, badfun}, undefined};
handle_call({crypto_key_fun, _}, _, Fun) -> {reply, {error, exists}, Fun};
handle_call(clear_crypto_key_fun, _, undefined) -> {stop, normal, undefined, undefined};
handle_call(clear_crypto_key_fun, _, Fun) ->
    Result = try Fun(clear) catch throw:Thrown -> Thrown; _:Reason -> {'EXIT', Reason} end,
    {stop, normal, {ok, Result}, Fun};
handle_call({get_crypto_key, _} = Request, From, undefined) ->
    case from_file() of
        error -> {reply, error, undefined};
        Fun -> handle_call(Request, From, Fun)
    end;
handle_call({get_crypto_key, What}, _, Fun) ->
    Key = try Fun(What) catch _:_ -> error end,
    {reply, Key, Fun}.

-doc false.
handle_cast(_, Fun) -> {noreply, Fun}.

%% Keys may stand in a file: {debug_info, Mode, Module | [], Key}.
from_file() ->
    Home = case init:get_argument(home) of
               {ok, [[Dir]]} -> [Dir];
               _ -> []
           end,
    case file:path_script(["." | Home] ++ [filename:basedir(user_config, "erlang")], ".erlang.crypt") of
        {ok, Rows, _} when is_list(Rows) ->
            fun({debug_info, Mode, Module, _}) ->
                    hd([K || {debug_info, Md, M, K} <- Rows, Md =:= Mode, M =:= Module] ++
                       [K || {debug_info, Md, [], K} <- Rows, Md =:= Mode] ++ [error]);
               (_) -> ok
            end;
        _ -> error
    end.
