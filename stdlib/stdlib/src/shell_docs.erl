-module(shell_docs).
-moduledoc """
Shows documentation in a terminal: that of modules, functions, types and callbacks, as `code:get_doc/1` gives it. The shell's `h/1,2,3` and
its relatives print what the functions here make.

Documentation is Markdown, or a tree of HTML's tags (`application/erlang+html`); text of other kinds is shown as it is.
""".

-include_lib("kernel/include/eep48.hrl").

-export([render/2, render/3, render/4, render/5, render_type/2, render_type/3, render_type/4, render_type/5]).
-export([render_callback/2, render_callback/3, render_callback/4, render_callback/5]).
-export([validate/1, normalize/1, supported_tags/0]).
-doc false.
-export([get_doc/1, get_doc/3, get_type_doc/3, get_callback_doc/3, extract_type_specs/1]).
-export_type([chunk_elements/0, chunk_element_attr/0]).

-type docs_v1() :: #docs_v1{}.
-type config() :: #{encoding => unicode | latin1, columns => pos_integer(), ansi => boolean()}.
-type chunk_elements() :: [chunk_element()].
-type chunk_element() :: {chunk_element_type(), [chunk_element_attr()], chunk_elements()} | binary().
-type chunk_element_attr() :: {atom(), unicode:chardata()}.
-type chunk_element_type() :: a | p | 'div' | blockquote | br | h1 | h2 | h3 | h4 | h5 | h6 | i | b | em | strong | pre | code | ul | ol | li |
                              dl | dt | dd.
-type kind() :: function | type | callback.
-type missing() :: function_missing | type_missing | callback_missing.

%%% ---- trees -------------------------------------------------------------------------------------------

-doc "The tags that trees of documentation may have.".
-spec supported_tags() -> [chunk_element_type()].
supported_tags() -> gerl_docs_tree:tags().

-doc "Checks the documentation of a module. What is wrong is thrown.".
-spec validate(module() | docs_v1()) -> ok.
validate(Module) when is_atom(Module) ->
    {ok, Docs} = code:get_doc(Module),
    validate(Docs);
validate(#docs_v1{format = ?NATIVE_FORMAT, module_doc = Own, docs = Entries}) ->
    valid(Own),
    lists:foreach(fun({_, _, Signature, Doc, _}) ->
                          lists:all(fun is_binary/1, Signature) orelse throw({invalid_signature, Signature}),
                          valid(Doc)
                  end, Entries).

valid(#{} = Docs) -> maps:foreach(fun(_, Tree) -> gerl_docs_tree:validate(Tree) end, Docs);
valid(Absent) when Absent =:= none; Absent =:= hidden -> ok.

-doc "Makes white space in a tree what it means: one blank between words, none around blocks.".
-spec normalize(chunk_elements()) -> chunk_elements().
normalize(Tree) -> gerl_docs_tree:normalize(Tree).

%%% ---- what there is -----------------------------------------------------------------------------------

-doc false.
-spec get_doc(module()) -> chunk_elements().
get_doc(Module) ->
    {ok, #docs_v1{module_doc = Own} = Docs} = code:get_doc(Module),
    tree(atom_to_binary(Module), Own, Docs).

-doc false.
-spec get_doc(module(), atom(), arity()) -> [tuple()].
get_doc(Module, Name, Arity) -> entries(Module, function, Name, Arity).

-doc false.
-spec get_type_doc(module(), atom(), arity()) -> [tuple()].
get_type_doc(Module, Name, Arity) -> entries(Module, type, Name, Arity).

-doc false.
-spec get_callback_doc(module(), atom(), arity()) -> [tuple()].
get_callback_doc(Module, Name, Arity) -> entries(Module, callback, Name, Arity).

entries(Module, Kind, Name, Arity) ->
    {ok, #docs_v1{docs = Entries} = Docs} = code:get_doc(Module),
    [{Key, Anno, Signature, tree(shown(Key), Doc, Docs), Metadata} || {Key, Anno, Signature, Doc, Metadata} <- named(Kind, Name, Arity, Entries)].

-spec named(kind(), atom(), arity() | any, [tuple()]) -> [tuple()].
named(Kind, Name, Arity, Entries) ->
    [E || {{K, N, A}, _, _, _, _} = E <- Entries, K =:= Kind, N =:= Name, Arity =:= any orelse A =:= Arity].

shown(Words) when is_binary(Words) -> Words;
shown({Name, Arity}) -> shown({function, Name, Arity});
shown({_, Name, Arity}) -> unicode:characters_to_binary(io_lib:format("~tp/~p", [Name, Arity])).

%% English if there is some, or the first language of all.
tree(_, #{<<"en">> := Doc}, Docs) -> formatted(Doc, Docs);
tree(_, #{} = Languages, Docs) when map_size(Languages) > 0 ->
    {_, Doc, _} = maps:next(maps:iterator(Languages)),
    formatted(Doc, Docs);
tree(Of, hidden, _) ->
    [{p, [], [<<"The documentation for ">>, Of, <<" is hidden. This probably means that it is internal "
                                                  "and not to be used by other applications.">>]}];
tree(Of, _, _) -> [{p, [], [<<"There is no documentation for ">>, Of]}].

formatted(Tree, #docs_v1{format = ?NATIVE_FORMAT}) -> normalize(Tree);
formatted(Text, #docs_v1{format = <<"text/markdown">>}) -> normalize(gerl_docs_markdown:tree(Text));
formatted(Text, #docs_v1{format = <<"text/", _/binary>>}) when is_binary(Text) -> [{pre, [], [Text]}].

-doc false.
-spec extract_type_specs(module()) -> #{kind() => #{{atom(), arity()} => tuple()}}.
extract_type_specs(Module) ->
    Code = case get({?MODULE, nospecs}) of
               undefined -> code:get_object_code(Module);
               _ -> error
           end,
    case Code of
        {_, Binary, _} ->
            case beam_lib:chunks(Binary, [abstract_code]) of
                {ok, {_, [{abstract_code, {raw_abstract_v1, Forms}}]}} ->
                    #{K => #{N => F || {Kind, N, F} <- specs(Forms), Kind =:= K} || K <- [function, type, callback]};
                _ -> #{}
            end;
        error -> #{}
    end.

%% Callbacks are shown in words, as OTP does.
specs(Forms) ->
    lists:append([case F of
                      {attribute, _, K, {Name, _, Variables}} when K =:= type; K =:= opaque; K =:= nominal -> [{type, {Name, length(Variables)}, F}];
                      {attribute, A, spec, {{_, Name, Arity}, Types}} -> [{function, {Name, Arity}, {attribute, A, spec, {{Name, Arity}, Types}}}];
                      {attribute, _, spec, {Name, _}} -> [{function, Name, F}];
                      _ -> []
                  end || F <- Forms]).

%%% ---- rendering ---------------------------------------------------------------------------------------

-doc "The documentation of a module as text.".
-spec render(module(), docs_v1()) -> unicode:chardata().
render(Module, #docs_v1{} = Docs) -> render(Module, Docs, #{}).

-doc "The documentation of a module, or of the functions of a name, as text.".
-spec render(module(), docs_v1() | atom(), config() | docs_v1()) -> unicode:chardata() | {error, function_missing}.
render(Module, #docs_v1{module_doc = Own} = Docs, Config) when is_atom(Module), is_map(Config) ->
    Name = atom_to_binary(Module),
    page([{h2, [], [<<"\t", Name/binary>>]}], tree(Name, Own, Docs), settings(Docs, Config));
render(Module, Function, #docs_v1{} = Docs) -> render(Module, Function, Docs, #{}).

-doc "The documentation of the functions of a name, or of one function, as text.".
-spec render(module(), atom(), docs_v1() | arity(), config() | docs_v1()) -> unicode:chardata() | {error, function_missing}.
render(Module, Function, #docs_v1{} = Docs, Config) when is_map(Config) -> functions(Module, Function, any, Docs, Config);
render(Module, Function, Arity, #docs_v1{} = Docs) -> functions(Module, Function, Arity, Docs, #{}).

-doc "The documentation of a function as text.".
-spec render(module(), atom(), arity(), docs_v1(), config()) -> unicode:chardata() | {error, function_missing}.
render(Module, Function, Arity, #docs_v1{} = Docs, Config) when is_atom(Module), is_atom(Function), is_integer(Arity), is_map(Config) ->
    functions(Module, Function, Arity, Docs, Config).

-doc "The list of a module's types as text.".
-spec render_type(module(), docs_v1()) -> unicode:chardata().
render_type(Module, Docs) -> render_type(Module, Docs, #{}).

-doc "The list of a module's types, or the documentation of the types of a name, as text.".
-spec render_type(module(), docs_v1() | atom(), config() | docs_v1()) -> unicode:chardata() | {error, missing()}.
render_type(Module, #docs_v1{} = Docs, Config) -> listing(Module, type, Docs, Config);
render_type(Module, Type, #docs_v1{} = Docs) -> single(Module, type, Type, any, Docs, #{}).

-doc "The documentation of the types of a name, or of one type, as text.".
-spec render_type(module(), atom(), docs_v1() | arity(), config() | docs_v1()) -> unicode:chardata() | {error, missing()}.
render_type(Module, Type, #docs_v1{} = Docs, Config) -> single(Module, type, Type, any, Docs, Config);
render_type(Module, Type, Arity, #docs_v1{} = Docs) -> single(Module, type, Type, Arity, Docs, #{}).

-doc "The documentation of a type as text.".
-spec render_type(module(), atom(), arity(), docs_v1(), config()) -> unicode:chardata() | {error, missing()}.
render_type(Module, Type, Arity, #docs_v1{} = Docs, Config) -> single(Module, type, Type, Arity, Docs, Config).

-doc "The list of a module's callbacks as text.".
-spec render_callback(module(), docs_v1()) -> unicode:chardata().
render_callback(Module, Docs) -> render_callback(Module, Docs, #{}).

-doc "The list of a module's callbacks, or the documentation of the callbacks of a name, as text.".
-spec render_callback(module(), docs_v1() | atom(), config() | docs_v1()) -> unicode:chardata() | {error, missing()}.
render_callback(Module, #docs_v1{} = Docs, Config) -> listing(Module, callback, Docs, Config);
render_callback(Module, Callback, #docs_v1{} = Docs) -> single(Module, callback, Callback, any, Docs, #{}).

-doc "The documentation of the callbacks of a name, or of one callback, as text.".
-spec render_callback(module(), atom(), docs_v1() | arity(), config() | docs_v1()) -> unicode:chardata() | {error, missing()}.
render_callback(Module, Callback, #docs_v1{} = Docs, Config) -> single(Module, callback, Callback, any, Docs, Config);
render_callback(Module, Callback, Arity, #docs_v1{} = Docs) -> single(Module, callback, Callback, Arity, Docs, #{}).

-doc "The documentation of a callback as text.".
-spec render_callback(module(), atom(), arity(), docs_v1(), config()) -> unicode:chardata() | {error, missing()}.
render_callback(Module, Callback, Arity, #docs_v1{} = Docs, Config) -> single(Module, callback, Callback, Arity, Docs, Config).

%% Functions that share their documentation have one page.
functions(Module, Name, Arity, #docs_v1{docs = Entries} = Docs, Config) ->
    case lists:sort(fun(A, B) -> element(1, A) =< element(1, B) end, named(function, Name, Arity, Entries)) of
        [] -> {error, function_missing};
        Found ->
            Specs = extract_type_specs(Module),
            Settings = settings(Docs, Config),
            [page(lists:append([signature(E, Specs) || E <- Found, group(E) =:= Group]),
                  tree(shown(Key), shared(Key, [E || E <- Found, group(E) =:= Group], Entries), Docs), Settings)
             || {_, Key} = Group <- lists:uniq([group(E) || E <- Found])]
    end.

%% One that says whose documentation it shares is no page with that one, but with others that say the same.
group({_, _, _, _, #{equiv := Other}}) -> {same, Other};
group({Key, _, _, _, _}) -> {own, Key}.

shared(Key, Members, Entries) ->
    case [Doc || {_, _, _, Doc, _} <- Members, Doc =/= #{}] of
        [Doc | _] -> Doc;
        [] ->
            case lists:keyfind(Key, 1, Entries) of
                {_, _, _, Doc, _} -> Doc;
                false -> none
            end
    end.

single(Module, Kind, Name, Arity, #docs_v1{docs = Entries} = Docs, Config) ->
    case named(Kind, Name, Arity, Entries) of
        [] -> {error, type_missing};
        Found ->
            Specs = extract_type_specs(Module),
            Settings = settings(Docs, Config),
            [page(signature(E, Specs), tree(shown(Key), Doc, Docs), Settings) || {Key, _, _, Doc, _} = E <- Found]
    end.

listing(Module, Kind, #docs_v1{docs = Entries, module_doc = Own} = Docs, Config) ->
    Name = atom_to_binary(Module),
    What = atom_to_binary(Kind),
    Title = [{h2, [], [<<"\t", Name/binary>>]}, {br, [], []}],
    Text = case [E || {{K, _, _}, _, _, _, _} = E <- Entries, K =:= Kind, is_map(Own)] of
               [] -> [<<"There are no ", What/binary, "s in this module">>];
               Found ->
                   Specs = extract_type_specs(Module),
                   [{p, [], [<<"These ", What/binary, "s are documented in this module:">>]}, {br, [], []} |
                    lists:append([signature(E, Specs) || E <- Found])]
           end,
    gerl_docs_layout:text(Title ++ Text, 0, settings(Docs, Config)).

%% A specification if one is known, else the signature in words; and what metadata say.
signature({_, _, _, _, #{signature := Specs} = Metadata}, _) -> [specification(S) || S <- Specs] ++ metadata(Metadata);
signature({{Kind, Name, Arity}, _, Signature, _, Metadata}, Specs) ->
    case Specs of
        #{Kind := #{{Name, Arity} := Spec}} -> [specification(Spec) | metadata(Metadata)];
        _ -> [{h2, [], [<<16#A0/utf8, 16#A0/utf8, S/binary>>]} || S <- Signature] ++ metadata(Metadata)
    end.

specification(Form) ->
    Text = erl_pp:attribute(Form, [{encoding, unicode}]),
    %% What an opaque type is made of is not for its users.
    Shown = case Form of
                {attribute, _, opaque, _} -> hd(string:split(Text, "::"));
                _ -> Text
            end,
    {pre, [], [{strong, [], [unicode:characters_to_binary(string:trim(Shown, trailing, "\n"))]}]}.

metadata(Metadata) ->
    case [Part || {Key, Title} <- [{since, <<"Since">>}, {deprecated, <<"Deprecated">>}], {ok, Value} <- [maps:find(Key, Metadata)],
                  Part <- [{dt, [], [Title]}, {dd, [], [unicode:characters_to_binary(Value)]}]] of
        [] -> [];
        Parts -> [{dl, [], Parts}]
    end.

page(Head, Tree, Settings) ->
    unicode:characters_to_list(["\n", gerl_docs_layout:text(Head, 0, Settings), "\n", gerl_docs_layout:text(Tree, 2, Settings)]).

settings(#docs_v1{metadata = Metadata}, Config) ->
    maps:merge(#{columns => columns(), ansi => ansi(), encoding => proplists:get_value(encoding, io:getopts(), latin1),
                 types => case Metadata of
                              #{types := Types} -> Types;
                              _ -> #{}
                          end}, Config).

columns() ->
    case application:get_env(stdlib, shell_docs_columns) of
        {ok, C} when is_integer(C), C > 0 -> C;
        _ ->
            case io:columns() of
                {ok, C} -> C;
                _ -> 80
            end
    end.

ansi() ->
    case application:get_env(kernel, shell_docs_ansi) of
        {ok, Enabled} when is_boolean(Enabled) -> Enabled;
        _ -> auto
    end.
