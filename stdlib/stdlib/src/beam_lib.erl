-module(beam_lib).
-moduledoc """
Reads, compares and strips BEAM files.

A file is read as a whole into a list of its chunks (beam_lib_read); everything else works on that list.
""".

-export([info/1, chunks/2, chunks/3, all_chunks/1, cmp/2, cmp_dirs/2, diff_dirs/2, strip/1, strip/2, strip_files/1,
         strip_files/2, strip_release/1, strip_release/2, build_module/1, version/1, md5/1, format_error/1,
         significant_chunks/0]).
-export([crypto_key_fun/1, clear_crypto_key_fun/0, get_crypto_key/1, make_crypto_key/2]).

-export_type([beam/0, chnk_rsn/0, chunkid/0, chunkref/0, dataB/0]).

-type beam() :: file:filename() | module() | binary().
-type chunkid() :: nonempty_string().
-type dataB() :: binary().
-type chunkref() :: atom() | chunkid().
-type chnk_rsn() :: tuple().
-type failure() :: {error, beam_lib, chnk_rsn() | term()}.

-doc "A file's chunks with their places.".
-spec info(beam()) -> [tuple()] | failure().
info(Beam) ->
    try
        {Module, Places} = beam_lib_read:places(Beam),
        Source = case Beam of
                     _ when is_binary(Beam) -> {binary, Beam};
                     _ -> {file, beam_lib_read:name(Beam)}
                 end,
        [Source, {module, Module}, {chunks, Places}]
    catch
        throw:{?MODULE, Reason} -> failure(Reason)
    end.

failure(Reason) -> {error, ?MODULE, Reason}.

-doc "The contents of some chunks: as binaries for identifiers, as terms for names.".
-spec chunks(beam(), [chunkref()]) -> {ok, {module(), [{chunkref(), term()}]}} | failure().
chunks(Beam, Refs) -> chunks(Beam, Refs, []).

-doc "Like chunks/2; with the option allow_missing_chunks, those that are missing are told as missing_chunk.".
-spec chunks(beam(), [chunkref()], [allow_missing_chunks]) -> {ok, {module(), [{chunkref(), term()}]}} | failure().
chunks(Beam, Refs, Options) ->
    try read(Beam, Refs, Options)
    catch throw:{?MODULE, Reason} -> failure(Reason)
    end.

read(Beam, Refs, Options) when is_atom(Beam); is_list(Beam); is_binary(Beam) ->
    Name = beam_lib_read:name(Beam),
    Ids = wanted(Refs, Name),
    Lenient = lists:member(allow_missing_chunks, Options),
    #{module := Module, source := Source, missing := Missing} = File = beam_lib_read:chosen(Beam, lists:usort(Ids)),
    case Missing -- optional(Refs) of
        [Id | _] when not Lenient -> throw({?MODULE, {missing_chunk, Source, Id}});
        _ -> {ok, {Module, [{R, content(R, File, Lenient)} || R <- Refs]}}
    end.

content(abstract_code, #{chunks := Chunks} = File, Lenient) ->
    case Lenient andalso not lists:any(fun({Id, _}) -> Id =:= "Abst" orelse Id =:= "Dbgi" end, Chunks) of
        true -> missing_chunk;
        false -> beam_lib_read:contents(abstract_code, File)
    end;
content(Ref, File, _) -> beam_lib_read:contents(Ref, File).

%% The identifiers of what is asked for. Names and abstract code may be in either of two chunks.
wanted([Ref | Refs], Name) ->
    Ids = case Ref of
              atoms -> ["Atom", "AtU8"];
              abstract_code -> ["Abst", "Dbgi"];
              _ -> [beam_lib_read:chunk_id(Ref, Name)]
          end,
    Ids ++ wanted(Refs, Name);
wanted([], _) -> [].

optional(Refs) -> lists:append([wanted([Ref], none) || Ref <- Refs, Ref =:= atoms orelse Ref =:= abstract_code]).

-doc "All chunks as binaries.".
-spec all_chunks(beam()) -> {ok, module(), [{chunkid(), dataB()}]} | failure().
all_chunks(Beam) ->
    try
        #{module := Module, chunks := Chunks} = beam_lib_read:all(Beam),
        {ok, Module, Chunks}
    catch
        throw:{?MODULE, Reason} -> failure(Reason)
    end.

-doc "Compares two files; compile info does not matter.".
-spec cmp(beam(), beam()) -> ok | failure().
cmp(Beam1, Beam2) ->
    try same(telling(Beam1), telling(Beam2))
    catch throw:{?MODULE, Reason} -> failure(Reason)
    end.

telling(Beam) when is_atom(Beam); is_list(Beam); is_binary(Beam) ->
    {_, Places} = beam_lib_read:places(Beam),
    #{module := Module, chunks := Chunks} = beam_lib_read:chosen(Beam, [Id || {Id, _, _} <- Places, Id =/= "CInf"]),
    {Module, Chunks}.

same({M1, _}, {M2, _}) when M1 =/= M2 -> throw({?MODULE, {modules_different, M1, M2}});
same({_, C}, {_, C}) -> ok;
same({M, [{Id, Data} | C1]}, {M, [{Id, Data} | C2]}) -> same({M, C1}, {M, C2});
same({_, [{Id, _} | _]}, {_, [{Id, _} | _]}) -> throw({?MODULE, {chunks_different, Id}});
same(_, _) -> throw({?MODULE, different_chunks}).

-doc "Compares the files of two directories: files in one only, files in the other only, pairs that differ.".
-spec cmp_dirs(atom() | file:filename(), atom() | file:filename()) ->
          {[file:filename()], [file:filename()], [{file:filename(), file:filename()}]} | failure().
cmp_dirs(Dir1, Dir2) ->
    try
        {Files1, Files2} = {beams(Dir1), beams(Dir2)},
        Without = fun(As, Bs) -> [Path || {Name, Path} <- As, not lists:keymember(Name, 1, Bs)] end,
        Pairs = [{P1, P2} || {Name, P1} <- Files1, {Other, P2} <- Files2, Name =:= Other],
        {Without(Files1, Files2), Without(Files2, Files1), [Pair || {P1, P2} = Pair <- Pairs, cmp(P1, P2) =/= ok]}
    catch
        throw:{?MODULE, Reason} -> failure(Reason)
    end.

beams(Dir) ->
    filelib:is_dir(Dir) orelse throw({?MODULE, {not_a_directory, Dir}}),
    [{filename:basename(Path), Path} || Path <- lists:sort(filelib:wildcard(filename:join(Dir, "*.beam")))].

-doc "Like cmp_dirs/2, but prints what it finds.".
-spec diff_dirs(atom() | file:filename(), atom() | file:filename()) -> ok | failure().
diff_dirs(Dir1, Dir2) ->
    case cmp_dirs(Dir1, Dir2) of
        {error, ?MODULE, _} = Failure ->
            Failure;
        {Only1, Only2, Different} ->
            [io:format("Only in ~tp: ~tp~n", [Dir, Only]) || {Dir, [_ | _] = Only} <- [{Dir1, Only1}, {Dir2, Only2}]],
            [io:format("** different: ~tp~n", [Pair]) || Pair <- Different],
            ok
    end.

-doc "Leaves out everything that loading does not need.".
-spec strip(beam()) -> {ok, {module(), beam()}} | failure().
strip(Beam) -> strip(Beam, []).

-doc "Like strip/1; keeps some more chunks.".
-spec strip(beam(), [chunkid()]) -> {ok, {module(), beam()}} | failure().
strip(Beam, More) ->
    try {ok, stripped(Beam, More)}
    catch throw:{?MODULE, Reason} -> failure(Reason)
    end.

-doc "Strips several files.".
-spec strip_files([beam()]) -> {ok, [{module(), beam()}]} | failure().
strip_files(Beams) -> strip_files(Beams, []).

-doc "Like strip_files/1; keeps some more chunks.".
-spec strip_files([beam()], [chunkid()]) -> {ok, [{module(), beam()}]} | failure().
strip_files(Beams, More) when is_list(Beams) ->
    try {ok, [stripped(B, More) || B <- Beams]}
    catch throw:{?MODULE, Reason} -> failure(Reason)
    end.

-doc "Strips the files of a release.".
-spec strip_release(atom() | file:filename()) -> {ok, [{module(), file:filename()}]} | failure().
strip_release(Root) -> strip_release(Root, []).

-doc "Like strip_release/1; keeps some more chunks.".
-spec strip_release(atom() | file:filename(), [chunkid()]) -> {ok, [{module(), file:filename()}]} | failure().
strip_release(Root, More) ->
    case filelib:is_dir(Root) of
        true -> strip_files(filelib:wildcard(filename:join(Root, "lib/*/ebin/*.beam")), More);
        false -> failure({not_a_directory, Root})
    end.

stripped(Beam, More) ->
    {Module, Chunks} = needed(Beam, More ++ significant_chunks()),
    {ok, Plain} = build_module(Chunks),
    Small = zlib:gzip(Plain),
    case Beam of
        _ when is_binary(Beam) -> {Module, Small};
        _ ->
            Name = beam_lib_read:name(Beam),
            case file:write_file(Name, Small) of
                ok -> {Module, Name};
                {error, Reason} -> throw({?MODULE, {file_error, Name, Reason}})
            end
    end.

%% The chunks that a file has of some, in the order in which these were named.
needed(Beam, Ids) ->
    {ok, {Module, Chunks}} = read(Beam, Ids, [allow_missing_chunks]),
    {Module, lists:filter(fun({Id, missing_chunk}) ->
                                  lists:member(Id, ["Code", "ExpT", "ImpT", "StrT"]) andalso throw({?MODULE, {missing_chunk, beam_lib_read:name(Beam), Id}});
                             ({_, Data}) when is_binary(Data) -> true
                          end, Chunks)}.

-doc "The chunks that strip/1 keeps.".
-spec significant_chunks() -> [chunkid()].
significant_chunks() -> ["Line", "Type" | code_chunks()].

%% What makes the code, and so its checksum.
code_chunks() -> ["Atom", "AtU8", "Code", "StrT", "ImpT", "ExpT", "FunT", "LitT", "Meta", "Recs", "DbgB"].

-doc "Puts chunks together.".
-spec build_module([{chunkid(), dataB()}]) -> {ok, binary()}.
build_module(Chunks) ->
    Body = iolist_to_binary(built(Chunks)),
    0 = byte_size(Body) rem 4,
    {ok, <<"FOR1", (byte_size(Body) + 4):32, "BEAM", Body/binary>>}.

built([{Id, Data} | Chunks]) -> [list_to_binary(Id), <<(byte_size(Data)):32>>, Data, <<0:((-byte_size(Data) band 3) * 8)>> | built(Chunks)];
built([]) -> [].

-doc "The version: the value of the attribute vsn.".
-spec version(beam()) -> {ok, {module(), [term()]}} | failure().
version(Beam) ->
    case guarded(fun() -> chunks(Beam, [attributes]) end) of
        {ok, {Module, [{attributes, Attributes}]}} ->
            {vsn, Version} = lists:keyfind(vsn, 1, Attributes),
            {ok, {Module, Version}};
        Failure ->
            Failure
    end.

-doc "The checksum of the code.".
-spec md5(beam()) -> {ok, {module(), binary()}} | failure().
md5(Beam) ->
    case guarded(fun() -> needed(Beam, code_chunks()) end) of
        {Module, Chunks} when is_list(Chunks) -> {ok, {Module, erlang:md5([without_checksums(C) || C <- Chunks])}};
        Failure -> Failure
    end.

%% What is no name of a file comes back as a value with the trace in it.
guarded(Read) ->
    try Read()
    catch
        throw:{?MODULE, Reason} -> failure(Reason);
        error:Reason:Trace -> {'EXIT', {Reason, Trace}}
    end.

%% The fun table has parts of the checksum in it.
without_checksums({"FunT", <<Count:4/binary, Funs/binary>>}) -> [Count | << <<F:20/binary, 0:32>> || <<F:20/binary, _:32>> <= Funs >>];
without_checksums({_, Data}) -> Data.

%%% ---- messages -----------------------------------------------------------------------------------

-doc "The message for a reason.".
-spec format_error(term()) -> io_lib:chars().
format_error({error, Error}) -> format_error(Error);
format_error({error, Module, Error}) -> Module:format_error(Error);
format_error(badfun) -> "not a fun or the fun has the wrong arity";
format_error(exists) -> "a fun has already been installed";
format_error(different_chunks) -> "The two files have different chunks\n";
format_error({chunks_different, Id}) -> io_lib:format("Chunk \"~s\" differs in the two files~n", [Id]);
format_error({modules_different, M1, M2}) -> io_lib:format("Module names ~p and ~p differ in the two files~n", [M1, M2]);
format_error(Reason) ->
    case problem(Reason) of
        {File, Format, Args} -> io_lib:format("~tp: " ++ Format, [File | Args]);
        none -> io_lib:format("~tp~n", [Reason])
    end.

problem({unknown_chunk, File, Name}) -> {File, "Cannot find chunk ~p~n", [Name]};
problem({invalid_chunk, File, Id}) -> {File, "Invalid contents of chunk ~p~n", [Id]};
problem({not_a_beam_file, File}) -> {File, "Not a BEAM file~n", []};
problem({file_error, File, Reason}) -> {File, "~tp~n", [file:format_error(Reason)]};
problem({missing_chunk, File, Id}) -> {File, "Not a BEAM file: no IFF \"~s\" chunk~n", [Id]};
problem({invalid_beam_file, File, Pos}) -> {File, "Invalid format of BEAM file near byte number ~p~n", [Pos]};
problem({chunk_too_big, File, Id, Size, Length}) ->
    {File, "Size of chunk \"~s\" is ~p bytes, but only ~p bytes could be read~n", [Id, Size, Length]};
problem({not_a_directory, Name}) -> {Name, "Not a directory~n", []};
problem({key_missing_or_invalid, File, Id}) -> {File, "Cannot decrypt ~ts because key is missing or invalid", [Id]};
problem({missing_backend, File, Backend}) ->
    {File, "Cannot retrieve abstract code because the backend ~p is missing", [Backend]};
problem(_) -> none.

%%% ---- keys ---------------------------------------------------------------------------------------

-doc "Registers the fun that knows the keys of encrypted debug information.".
-spec crypto_key_fun(fun((term()) -> term())) -> ok | {error, badfun | exists | term()}.
crypto_key_fun(Fun) -> beam_lib_crypto:call({crypto_key_fun, Fun}).

-doc "Forgets the fun of crypto_key_fun/1.".
-spec clear_crypto_key_fun() -> undefined | {ok, term()}.
clear_crypto_key_fun() -> beam_lib_crypto:call(clear_crypto_key_fun).

-doc false.
-spec get_crypto_key(term()) -> error | term().
get_crypto_key(What) -> beam_lib_crypto:call({get_crypto_key, What}).

-doc false.
-spec make_crypto_key(des3_cbc, string()) -> {des3_cbc, [binary()], binary(), 8}.
make_crypto_key(Type, Text) -> beam_lib_crypto:key(Type, Text).
