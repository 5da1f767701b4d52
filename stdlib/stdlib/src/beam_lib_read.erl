-module(beam_lib_read).
-moduledoc "BEAM files as lists of chunks, and what is in the chunks. Internal; problems are thrown as {beam_lib, Reason}.".

-export([name/1, places/1, chosen/2, all/1, chunk_id/2, contents/2]).

-type beam() :: file:filename() | module() | binary().
-type contents() :: #{module := module(), source := term(), chunks := [{string(), binary()}], missing := [string()]}.

bad(Reason) -> throw({beam_lib, Reason}).

-doc "The name of a file as messages tell it.".
-spec name(beam()) -> file:filename() | binary().
name(Beam) when is_binary(Beam) -> Beam;
name(Beam) -> filename:rootname(Beam, ".beam") ++ ".beam".

-doc "A file's module, and identifiers, places and sizes of its chunks. Of their contents only the module's name must be there.".
-spec places(beam()) -> {module(), [{string(), integer(), integer()}]}.
places(Beam) ->
    #{module := Module, found := Found} = walk(opened(Beam), any),
    {Module, [{Id, Pos, Size} || {Id, Pos, Size, _} <- lists:reverse(Found)]}.

-doc "Some chunks of a file, in the file's order. What stands behind the last of them is not looked at.".
-spec chosen(beam(), [term()]) -> contents().
chosen(Beam, Ids) ->
    #{module := Module, source := Source, found := Found, missing := Missing} = walk(opened(Beam), Ids),
    #{module => Module, source => Source, missing => Missing, chunks => [{Id, Data} || {Id, _, _, Data} <- lists:reverse(Found)]}.

-doc "All chunks of a file.".
-spec all(beam()) -> contents().
all(Beam) ->
    {_, Places} = places(Beam),
    chosen(Beam, [Id || {Id, _, _} <- Places]).

opened(Beam) when is_binary(Beam) ->
    Plain = expanded(Beam),
    {Plain, Plain};
opened(Beam) when is_atom(Beam); is_list(Beam) ->
    Name = name(Beam),
    case file:read_file(Name) of
        {ok, Data} -> {expanded(Data), Name};
        {error, Reason} -> bad({file_error, Name, Reason})
    end.

expanded(<<"FOR1", _/binary>> = Data) -> Data;
expanded(Data) ->
    try zlib:gunzip(Data)
    catch _:_ -> Data
    end.

walk({<<"FOR1", _:32, "BEAM", _/binary>> = Data, Source}, Wanted) -> walk(12, Wanted, #{data => Data, source => Source, found => []});
walk({_, Source}, _) -> bad({not_a_beam_file, Source}).

%% Goes from chunk to chunk until nothing is wanted any more, `any` of them until the end. Places that lie behind the end are the end.
walk(_, [], #{module := _} = File) -> File#{missing => []};
walk(Pos, Wanted, #{data := Data, source := Source} = File) ->
    case part(Data, Pos, 8) of
        <<Id:4/binary, Size:32>> -> walk(Pos + 8 + Size + (-Size band 3), rest(Id, Wanted), visit(binary_to_list(Id), Pos + 8, Size, Wanted, File));
        <<>> when is_map_key(module, File) -> File#{missing => Wanted};
        <<>> -> bad({missing_chunk, Source, "Atom"});
        _ -> bad({invalid_beam_file, Source, Pos})
    end.

rest(_, any) -> any;
rest(Id, Wanted) -> lists:delete(binary_to_list(Id), Wanted).

visit(Id, Pos, Size, Wanted, #{found := Found} = File) ->
    Names = Id =:= "AtU8" orelse Id =:= "Atom",
    case Names orelse Wanted =/= any andalso lists:member(Id, Wanted) of
        true ->
            Data = whole(Id, Pos, Size, File),
            Here = File#{found := [{Id, Pos, Size, Data} | Found]},
            if Names -> Here#{module => module(Id, Data, maps:get(source, File))};
               true -> Here
            end;
        false when Wanted =:= any -> File#{found := [{Id, Pos, Size, none} | Found]};
        false -> File
    end.

whole(Id, Pos, Size, #{data := Data, source := Source}) ->
    case part(Data, Pos, Size) of
        Short when byte_size(Short) < Size -> bad({chunk_too_big, Source, Id, Size, byte_size(Short)});
        Chunk -> Chunk
    end.

part(Data, Pos, _) when Pos >= byte_size(Data) -> <<>>;
part(Data, Pos, Size) -> binary:part(Data, Pos, min(Size, byte_size(Data) - Pos)).

module(Id, Data, Source) ->
    try first_name(Id, Data)
    catch error:_ -> bad({invalid_chunk, Source, Id})
    end.

first_name("AtU8", <<Count:32/signed, Data/binary>>) when Count < 0 ->
    {Name, _} = long_name(Data),
    Name;
first_name(Id, <<_:32, Size, Name:Size/binary, _/binary>>) -> binary_to_atom(Name, case Id of "AtU8" -> utf8; "Atom" -> latin1 end).

%% Since OTP 28 a negative number of atoms says that lengths are encoded.
atoms("AtU8", <<Count:32/signed, Data/binary>>) when Count < 0 -> long_atoms(Data);
atoms("AtU8", <<_:32, Data/binary>>) -> [binary_to_atom(A, utf8) || <<Size, A:Size/binary>> <= Data];
atoms("Atom", <<_:32, Data/binary>>) -> [binary_to_atom(A, latin1) || <<Size, A:Size/binary>> <= Data].

long_atoms(<<>>) -> [];
long_atoms(Data) ->
    {Name, Rest} = long_name(Data),
    [Name | long_atoms(Rest)].

long_name(<<Size:4, 0:1, _:3, Name:Size/binary, Rest/binary>>) -> {binary_to_atom(Name, utf8), Rest};
long_name(<<High:3, 0:1, 1:1, _:3, Low, Data/binary>>) ->
    <<Name:(High bsl 8 + Low)/binary, Rest/binary>> = Data,
    {binary_to_atom(Name, utf8), Rest}.

-doc "The identifier of the chunk that holds something.".
-spec chunk_id(term(), term()) -> string() | term().
chunk_id(Id, _) when not is_atom(Id) -> Id;
chunk_id(Name, Source) ->
    Ids = #{atoms => "AtU8", abstract_code => "Abst", debug_info => "Dbgi", attributes => "Attr", compile_info => "CInf",
            documentation => "Docs", literals => "LitT", imports => "ImpT", indexed_imports => "ImpT", exports => "ExpT",
            labeled_exports => "ExpT", locals => "LocT", labeled_locals => "LocT"},
    case Ids of
        #{Name := Id} -> Id;
        _ -> bad({unknown_chunk, Source, Name})
    end.

-doc "What is in a chunk, as a term for names.".
-spec contents(term(), contents()) -> term().
contents(atoms, #{chunks := Chunks}) -> lists:sort(lists:enumerate(atom_table(Chunks)));
contents(abstract_code, File) -> abstract_code(File);
contents(Name, #{chunks := Chunks, source := Source} = File) ->
    Id = chunk_id(Name, Source),
    case lists:keyfind(Id, 1, Chunks) of
        {_, Data} when not is_atom(Name) -> Data;
        {_, Data} ->
            try meaning(Name, Data, File)
            catch error:_ -> bad({invalid_chunk, Source, Id})
            end;
        false -> missing_chunk
    end.

atom_table(Chunks) ->
    [Atoms | _] = [atoms(Id, Data) || {Id, Data} <- Chunks, Id =:= "AtU8" orelse Id =:= "Atom"],
    Atoms.

meaning(attributes, Data, _) ->
    Pairs = binary_to_term(Data),
    [{K, lists:append([V || {K1, V} <- Pairs, K1 =:= K])} || K <- lists:usort([K || {K, _} <- Pairs])];
meaning(compile_info, Data, _) -> binary_to_term(Data);
meaning(documentation, Data, _) ->
    Docs = binary_to_term(Data),
    docs_v1 = element(1, Docs),
    Docs;
meaning(debug_info, Data, #{module := Module, source := Source}) -> debug_info(Data, Module, Source);
meaning(literals, <<Size:32, Data/binary>>, _) ->
    <<Count:32, Literals/binary>> = case Size of 0 -> Data; _ -> zlib:uncompress(Data) end,
    Terms = [binary_to_term(T) || <<N:32, T:N/binary>> <= Literals],
    Count = length(Terms),
    lists:enumerate(0, Terms);
meaning(Table, <<_:32, Data/binary>>, #{chunks := Chunks}) ->
    Atoms = list_to_tuple(atom_table(Chunks)),
    0 = byte_size(Data) rem 12,
    Rows = [{A, B, C} || <<A:32, B:32, C:32>> <= Data],
    lists:sort([row(Table, Row, N, Atoms) || {N, Row} <- lists:enumerate(Rows)]).

row(indexed_imports, {M, F, A}, N, Atoms) -> {N, element(M, Atoms), element(F, Atoms), A};
row(imports, {M, F, A}, _, Atoms) -> {element(M, Atoms), element(F, Atoms), A};
row(Table, {F, A, L}, _, Atoms) when Table =:= labeled_exports; Table =:= labeled_locals -> {element(F, Atoms), A, L};
row(_, {F, A, _}, _, Atoms) -> {element(F, Atoms), A}.

debug_info(<<>>, _, _) -> no_debug_info;
debug_info(<<0, N, Mode:N/binary, Sealed/binary>>, Module, Source) ->
    case beam_lib_crypto:open(binary_to_atom(Mode, utf8), Module, Source, Sealed) of
        {ok, Term} -> with_annotations(Term);
        error -> bad({key_missing_or_invalid, Source, debug_info})
    end;
debug_info(Data, _, _) -> with_annotations(binary_to_term(Data)).

with_annotations({debug_info_v1, erl_abstract_code, {Forms, Options}} = Info) when is_list(Forms) ->
    try {debug_info_v1, erl_abstract_code, {[erl_parse:anno_from_term(F) || F <- epp:restore_typed_record_fields(Forms)], Options}}
    catch _:_ -> Info
    end;
with_annotations(Info) -> Info.

abstract_code(#{chunks := Chunks, module := Module, source := Source}) ->
    case lists:keyfind("Dbgi", 1, Chunks) of
        {_, Data} ->
            Info = try debug_info(Data, Module, Source)
                   catch
                       throw:{beam_lib, {key_missing_or_invalid, _, _}} -> bad({key_missing_or_invalid, Source, abstract_code});
                       error:_ -> bad({invalid_chunk, Source, "Dbgi"})
                   end,
            from_backend(Info, Module, Source);
        false ->
            case lists:keyfind("Abst", 1, Chunks) of
                {_, Data} when Data =/= <<>> -> binary_to_term(Data);
                _ -> no_abstract_code
            end
    end.

from_backend({debug_info_v1, Backend, Data}, Module, Source) ->
    try Backend:debug_info(erlang_v1, Module, Data, []) of
        {ok, Code} -> {raw_abstract_v1, Code};
        {error, _} -> no_abstract_code
    catch
        error:undef -> bad({missing_backend, Source, Backend})
    end;
from_backend(_, _, _) -> no_abstract_code.
