-module(gerl_xref_read).
-moduledoc """
What a module's object file tells xref: functions with their lines, calls, and attributes about functions.

Calls come from the abstract code; without it (or in the mode `modules`), only the imports are known.
""".

-export([module/2, exports/1]).

-doc "The data of an object file in a mode.".
-spec module(file:filename(), functions | modules) -> {ok, map()} | {error, term()}.
module(File, Mode) ->
    case beam_lib:chunks(File, [exports, attributes, imports], []) of
        {ok, {Module, [{exports, Exports}, {attributes, Attributes}, {imports, Imports}]}} ->
            Known = [{Module, F, A} || {F, A} <- Exports, F =/= module_info],
            Data = facts(#{module => Module, file => File, exports => ordsets:from_list(Known)}, Attributes, Exports),
            case Mode of
                modules ->
                    Calls = [{Module, M} || {M, F, A} <- Imports, not erlang:is_builtin(M, F, A)],
                    {ok, Data#{locals => [], lines => #{}, local_calls => [], external_calls => [], unresolved => [],
                               imports => [I || I <- Imports], module_calls => lists:usort(Calls), docs => {[], []}}};
                functions -> code(Data, File, Module)
            end;
        {error, beam_lib, Reason} -> {error, Reason}
    end.

-doc "The exported functions of an object file.".
-spec exports(file:filename()) -> {ok, module(), [mfa()]} | error.
exports(File) ->
    case beam_lib:chunks(File, [exports, attributes]) of
        {ok, {Module, [{exports, Exports}, {attributes, Attributes}]}} ->
            Data = facts(#{module => Module}, Attributes, Exports),
            {ok, Module, [{Module, F, A} || {F, A} <- Exports], Data};
        _ -> error
    end.

facts(#{module := Module} = Data, Attributes, Exports) ->
    Data#{deprecated => flags(Module, Exports, lists:append([V || {deprecated, V} <- Attributes])),
          unsafe => flags(Module, Exports, lists:append([V || {unsafe, V} <- Attributes])),
          ignored => lists:append([V || {ignore_xref, V} <- Attributes]),
          on_load => []}.

%% Functions with what an attribute such as `deprecated` says of them.
flags(Module, Exports, Entries) ->
    [{{Module, F, A}, flag(E)} || E <- Entries, {F, A} <- Exports, F =/= module_info, names(E, F, A)].

names(module, _, _) -> true;
names(E, F, A) when is_tuple(E), tuple_size(E) >= 2 ->
    (element(1, E) =:= F orelse element(1, E) =:= '_') andalso (element(2, E) =:= A orelse element(2, E) =:= '_');
names(_, _, _) -> false.

flag({_, _, Flag}) when is_atom(Flag) -> Flag;
flag(_) -> undefined.

code(Data, File, Module) ->
    case beam_lib:chunks(File, [abstract_code]) of
        {ok, {Module, [{abstract_code, {_, Forms}}]}} -> {ok, forms(Data, Module, Forms)};
        _ -> {error, {no_debug_info, File}}
    end.

forms(#{exports := Exports} = Data, Module, Forms) ->
    Expanded = try erl_expand_records:module(Forms, [])
               catch _:_ -> Forms
               end,
    Defined = [{{Module, F, A}, erl_anno:line(Anno)} || {function, Anno, F, A, _} <- Forms],
    Imported = maps:from_list([{FA, M} || {attribute, _, import, {M, FAs}} <- Forms, FA <- FAs]),
    Env = #{module => Module, imports => Imported, defined => maps:from_list([{{F, A}, true} || {{_, F, A}, _} <- Defined])},
    Calls = lists:append([gerl_xref_calls:function(Form, Env) || {function, _, _, _, _} = Form <- Expanded]),
    Lines = maps:from_list(Defined),
    Own = [{From, To, L} || {From, To, L} <- Calls, maps:is_key(From, Lines)],
    Written = ordsets:intersection(Exports, ordsets:from_list(maps:keys(Lines))),
    Data#{exports => Written, locals => ordsets:subtract(ordsets:from_list(maps:keys(Lines)), Exports), lines => Lines,
          local_calls => [{From, To, L} || {From, {local, To}, L} <- Own],
          external_calls => [{From, To, L} || {From, {external, To}, L} <- Own],
          unresolved => [{From, To, L} || {From, {external, {M, F, A} = To}, L} <- Own, M =:= '$M_EXPR' orelse F =:= '$F_EXPR' orelse A =:= -1],
          imports => [], module_calls => [], on_load => [{Module, F, A} || {attribute, _, on_load, {F, A}} <- Forms], docs => docs(Module, Forms)}.

%% Functions with a doc attribute before them: public ones and others.
docs(Module, Forms) -> docs(Forms, Module, none, {[], []}).

docs([{attribute, _, doc, Doc} | Forms], Module, Found, Docs) when not is_map(Doc) -> docs(Forms, Module, kind(Doc, Found), Docs);
docs([{function, _, F, A, _} | Forms], Module, public, {Public, Private}) -> docs(Forms, Module, none, {[{Module, F, A} | Public], Private});
docs([{function, _, F, A, _} | Forms], Module, private, {Public, Private}) -> docs(Forms, Module, none, {Public, [{Module, F, A} | Private]});
docs([_ | Forms], Module, Found, Docs) -> docs(Forms, Module, Found, Docs);
docs([], _, _, {Public, Private}) -> {lists:sort(Public), lists:sort(Private)}.

kind(Doc, _) when Doc =:= false; Doc =:= hidden -> private;
kind(_, _) -> public.
