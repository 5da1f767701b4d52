-module(gerl_makedep).
-moduledoc "Rules for make that tell which files a module depends on. Internal.".

-export([text/4, write/3]).

-doc "The rule for a module's object file.".
-spec text(file:filename(), file:filename(), [term()], [term()]) -> binary().
text(Source, Object, Forms, Options) ->
    Target = quoted(proplists:get_value(makedep_target, Options, relative(Object)), Options) ++ ":",
    Files = unique([F || F0 <- Forms, F <- file(F0, Options)]),
    Shown = [plain(F) || F <- Files],
    Phony = case proplists:get_value(makedep_phony, Options) of
                true -> ["\n\n" ++ plain(F) ++ ":" || F <- Files, F =/= Source];
                _ -> []
            end,
    unicode:characters_to_binary([Target, filled(Shown, length(Target)), Phony, $\n]).

quoted(Name, Options) ->
    case proplists:get_value(makedep_quote_target, Options) of
        true -> lists:flatmap(fun($$) -> "$$"; (C) -> [C] end, Name);
        _ -> Name
    end.

relative(Name) ->
    {ok, Dir} = file:get_cwd(),
    case lists:prefix(Dir, Name) of
        true -> string:trim(lists:nthtail(length(Dir), Name), leading, "/");
        false -> Name
    end.

plain("./" ++ Name) -> Name;
plain(Name) -> Name.

file({attribute, _, file, {Name, _}}, _) -> [Name];
file({error, {_, epp, {include, file, Name}}}, Options) ->
    case proplists:get_value(makedep_add_missing, Options) of
        true -> [Name];
        _ -> []
    end;
file(_, _) -> [].

unique(Names) -> lists:foldl(fun(N, Seen) -> case lists:member(N, Seen) of true -> Seen; false -> Seen ++ [N] end end, [], Names).

%% Lines end before they are longer than 76 characters.
filled([Name | Names], Column) ->
    case Column + 1 + length(Name) of
        After when After > 76 -> [" \\\n  ", Name | filled(Names, 2 + length(Name))];
        After -> [$\s, Name | filled(Names, After)]
    end;
filled([], _) -> [].

-doc "Writes a rule where the options say, or to a file.".
-spec write(binary(), file:filename(), [term()]) -> ok | {error, term()}.
write(Text, Default, Options) ->
    case proplists:get_value(makedep_output, Options, Default) of
        Name when is_list(Name) ->
            case file:write_file(Name, Text) of
                ok -> ok;
                {error, Reason} -> {error, {write_error, Reason}}
            end;
        Device ->
            try io:put_chars(Device, Text)
            catch error:_ -> {error, write_error}
            end
    end.
