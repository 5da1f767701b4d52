-module(erl_anno).
-moduledoc "Annotations of tokens and abstract code.

An annotation is a location alone, a line or `{Line, Column}`, or a list of items of which one is
`{location, Location}`.".

-export([new/1, is_anno/1, from_term/1, to_term/1]).
-export([column/1, end_location/1, file/1, generated/1, line/1, location/1, record/1, text/1]).
-export([set_end_location/2, set_file/2, set_generated/2, set_line/2, set_location/2, set_record/2, set_text/2]).

-export_type([anno/0, line/0, column/0, location/0, text/0, anno_term/0]).

-type line() :: non_neg_integer().
-type column() :: pos_integer().
-type location() :: line() | {line(), column()}.
-type text() :: string().
-opaque anno() :: location() | [item(), ...].
-type anno_term() :: term().
-type item() :: {location, location()} | {end_location, location()} | {file, string()} | {generated, boolean()}
              | {record, boolean()} | {text, text()}.

-doc "The annotation that says only where something is.".
-spec new(location()) -> anno().
new(Location) ->
    case is_location(Location) of
        true -> Location;
        false -> error(badarg, [Location])
    end.

-doc "Whether a term is an annotation.".
-spec is_anno(term()) -> boolean().
is_anno([_ | _] = Items) -> is_items(Items) andalso lists:keymember(location, 1, Items);
is_anno(Term) -> is_location(Term).

is_items([{location, L} | Items]) -> is_location(L) andalso is_items(Items);
is_items([{end_location, L} | Items]) -> is_location(L) andalso is_items(Items);
is_items([{generated, B} | Items]) -> is_boolean(B) andalso is_items(Items);
is_items([{record, B} | Items]) -> is_boolean(B) andalso is_items(Items);
is_items([{file, F} | Items]) -> (is_list(F) orelse is_binary(F)) andalso is_items(Items);
is_items([{text, T} | Items]) -> is_list(T) andalso is_items(Items);
is_items(Rest) -> Rest =:= [].

is_location({Line, Column}) -> is_integer(Line) andalso Line >= 0 andalso is_integer(Column) andalso Column >= 1;
is_location(Line) -> is_integer(Line) andalso Line >= 0.

-doc "The annotation for a term that to_term/1 gave.".
-spec from_term(anno_term()) -> anno().
from_term(Line) when is_integer(Line), Line < 0 -> set_generated(true, new(-Line));
from_term(Term) -> Term.

-doc "The term behind an annotation.".
-spec to_term(anno()) -> anno_term().
to_term(Anno) -> Anno.

-doc "The column, or undefined.".
-spec column(anno()) -> column() | undefined.
column(Anno) ->
    case location(Anno) of
        {_, Column} -> Column;
        _ -> undefined
    end.

-doc "The line.".
-spec line(anno()) -> line().
line(Anno) ->
    case location(Anno) of
        {Line, _} -> Line;
        Line -> Line
    end.

-doc "Where the annotated text begins.".
-spec location(anno()) -> location().
location(Anno) when is_list(Anno) ->
    case item(location, Anno) of
        undefined -> 0;
        Location -> Location
    end;
location(Location) ->
    is_location(Location) orelse error(badarg),
    Location.

-doc "Where the annotated text ends, if that or the text is known.".
-spec end_location(anno()) -> location() | undefined.
end_location(Anno) ->
    case item(end_location, Anno) of
        undefined ->
            case text(Anno) of
                undefined -> undefined;
                Text -> behind(Text, location(Anno))
            end;
        Location ->
            Location
    end.

behind([$\n | Text], {Line, _}) -> behind(Text, {Line + 1, 1});
behind([_ | Text], {Line, Column}) -> behind(Text, {Line, Column + 1});
behind([$\n | Text], Line) -> behind(Text, Line + 1);
behind([_ | Text], Line) -> behind(Text, Line);
behind([], Location) -> Location.

-doc "The file name, or undefined.".
-spec file(anno()) -> string() | undefined.
file(Anno) -> item(file, Anno).

-doc "The text, or undefined.".
-spec text(anno()) -> text() | undefined.
text(Anno) -> item(text, Anno).

-doc "Whether the code is marked as generated.".
-spec generated(anno()) -> boolean().
generated(Anno) -> item(generated, Anno) =:= true.

-doc "Whether the code is marked as the expansion of a record operation.".
-spec record(anno()) -> boolean().
record(Anno) -> item(record, Anno) =:= true.

item(Key, Anno) when is_list(Anno) ->
    case lists:keyfind(Key, 1, Anno) of
        {_, Value} -> Value;
        false -> undefined
    end;
item(_, Location) ->
    is_location(Location) orelse error(badarg),
    undefined.

-doc "Sets the end.".
-spec set_end_location(location(), anno()) -> anno().
set_end_location(Location, Anno) -> set(end_location, Location, Anno).

-doc "Sets the file name.".
-spec set_file(string(), anno()) -> anno().
set_file(File, Anno) -> set(file, File, Anno).

-doc "Marks code as generated, or not.".
-spec set_generated(boolean(), anno()) -> anno().
set_generated(Generated, Anno) -> set(generated, Generated, Anno).

-doc "Marks code as the expansion of a record operation, or not.".
-spec set_record(boolean(), anno()) -> anno().
set_record(Record, Anno) -> set(record, Record, Anno).

-doc "Sets the line and keeps the column.".
-spec set_line(line(), anno()) -> anno().
set_line(Line, Anno) ->
    case location(Anno) of
        {_, Column} -> set(location, {Line, Column}, Anno);
        _ -> set(location, Line, Anno)
    end.

-doc "Sets the location.".
-spec set_location(location(), anno()) -> anno().
set_location(Location, Anno) -> set(location, Location, Anno).

-doc "Sets the text.".
-spec set_text(text(), anno()) -> anno().
set_text(Text, Anno) -> set(text, Text, Anno).

set(Key, Value, Anno) ->
    is_items([{Key, Value}]) andalso (is_list(Anno) andalso Anno =/= [] orelse is_location(Anno)) orelse error(badarg),
    put(Key, Value, Anno).

put(location, Location, Anno) when not is_list(Anno) ->
    Location;
put(Key, Value, Anno) when is_list(Anno) ->
    Unmarked = Value =:= false,
    Items = case lists:keymember(Key, 1, Anno) of
                true when Unmarked -> lists:keydelete(Key, 1, Anno);
                true -> lists:keyreplace(Key, 1, Anno, {Key, Value});
                false when Unmarked -> Anno;
                false -> [{Key, Value} | Anno]
            end,
    case Items of
        [{location, Location}] -> Location;
        _ -> Items
    end;
put(_, false, Location) ->
    Location;
put(Key, Value, Location) ->
    [{Key, Value}, {location, Location}].
