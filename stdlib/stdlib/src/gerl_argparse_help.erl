-module(gerl_argparse_help).
-moduledoc """
Texts about the use of a command line for argparse.

Every visible argument becomes an entry: its label and description for the tables, its words for the
usage line. A template of texts and of the names of these parts is then filled in.
""".

-export([text/3]).

-type entry() :: #{
    kind := option | positional,
    label := string(),
    width := non_neg_integer(),
    about := unicode:chardata(),
    flag := [char()],
    words := [unicode:chardata()]
}.

-doc "The text for the command that the options lead to.".
-spec text(string(), argparse:command(), map()) -> string().
text(Program, Root, Options) ->
    Path =
        case maps:get(command, Options, []) of
            [Program | Given] -> Given;
            Whole -> Whole
        end,
    {Command, Arguments} = descend(Root, Path, []),
    [Prefix | _] = maps:get(prefixes, Options, [$-]),
    Columns = maps:get(columns, Options, 80),
    Entries = [entry(A, Prefix) || A <- Arguments, maps:get(help, A, "") =/= hidden],
    Below = maps:get(commands, Command, #{}),
    Subcommands = [
        {Name, maps:get(help, Sub, "")}
     || {Name, Sub} <- lists:sort(maps:to_list(Below)), maps:get(help, Sub, "") =/= hidden
    ],
    Wide = lists:max([0 | [Width || #{width := Width} <- Entries]]),
    Wider = lists:max([Wide | [string:length(Name) || {Name, _} <- Subcommands]]),
    Parts = #{
        usage => fun() -> usage(Program, called(Path, Below) ++ usage_words(Entries, Prefix), Columns) end,
        commands => fun() -> table(Subcommands, Wider, Columns) end,
        arguments => fun() -> table(rows(positional, Entries), Wide, Columns) end,
        options => fun() -> table(rows(option, Entries), Wide, Columns) end
    },
    Template = template(intro(Command), Subcommands, Entries),
    unicode:characters_to_list([fill(Part, Parts, Columns) || Part <- Template]).

fill(Part, Parts, _) when is_map_key(Part, Parts) -> (map_get(Part, Parts))();
fill(Text, _, Columns) -> wrap(Text, 0, Columns).

%% The command at the end of a path, and the arguments of all on the way.
descend(Command, Path, Above) ->
    Arguments = Above ++ maps:get(arguments, Command, []),
    case Path of
        [] -> {Command, Arguments};
        [Next | Below] -> descend(map_get(Next, map_get(commands, Command)), Below, Arguments)
    end.

intro(#{help := hidden}) -> "";
intro(#{help := Help}) when is_binary(Help) -> unicode:characters_to_list(Help);
intro(#{help := Help}) -> Help;
intro(_) -> "".

%% A plain text stands between the usage line and the tables that have something to show.
template(Intro, Subcommands, Entries) ->
    case io_lib:printable_unicode_list(Intro) of
        true ->
            ["Usage:\n", usage, "\n"] ++
                ["\n" ++ Intro ++ "\n" || Intro =/= ""] ++
                section("Subcommands", commands, Subcommands) ++
                section("Arguments", arguments, rows(positional, Entries)) ++
                section("Optional arguments", options, rows(option, Entries));
        false ->
            Intro
    end.

section(_, _, []) -> [];
section(Title, Part, _) -> ["\n" ++ Title ++ ":\n", Part].

rows(Wanted, Entries) -> [{Label, About} || #{kind := Kind, label := Label, about := About} <- Entries, Kind =:= Wanted].

table(Rows, Wide, Columns) ->
    [io_lib:format("  ~*ts ~ts~n", [-Wide, Label, wrap(About, Wide + 3, Columns)]) || {Label, About} <- Rows].

%%% ---- the usage line ----------------------------------------------------------------------------

%% The commands that are given already, and those that can follow.
called(Path, Below) ->
    [lists:append(lists:join(" ", Path)) || Path =/= []] ++
        case lists:sort(maps:keys(Below)) of
            [] -> [];
            Few when length(Few) < 4 -> [[${, lists:join("|", Few), $}]];
            _ -> ["<command>"]
        end.

usage_words(Entries, Prefix) ->
    Flags = lists:append([Flag || #{flag := Flag} <- Entries]),
    Words = fun(Wanted) -> lists:append([W || #{kind := Kind, words := W} <- Entries, Kind =:= Wanted]) end,
    [[$[, Prefix, Flags, $]] || Flags =/= []] ++ Words(option) ++ Words(positional).

usage(Program, [], _) ->
    ["  ", Program];
usage(Program, Words, Columns) ->
    Width = string:length(Program),
    ["  ", Program, indented(lines("", Words, Columns - Width), Width + 3)].

%%% ---- lines of a limited width ------------------------------------------------------------------

wrap(Text, Indent, Columns) ->
    Paragraphs = string:split(Text, "\n", all),
    Lines = lists:flatmap(
        fun(Paragraph) ->
            [First | Words] = string:split(unicode:characters_to_list(Paragraph), " ", all),
            lines(First, Words, Columns - Indent)
        end,
        Paragraphs
    ),
    indented(Lines, Indent).

indented(Lines, Indent) -> lists:join([$\n, lists:duplicate(Indent, $\s)], Lines).

%% As many words as fit on every line; a space at the very end makes no line of its own.
lines(First, Words, Max) ->
    {Line, Rest} = line(Words, Max, string:length(First), [First]),
    case Rest of
        [] -> [Line];
        [[]] -> [Line];
        [Next | Later] -> [Line | lines(Next, Later, Max)]
    end.

line([Word | Words] = All, Max, Used, Line) ->
    case Used + 1 + string:length(Word) of
        Full when Full > Max -> {lists:reverse(Line), All};
        Longer -> line(Words, Max, Longer, [Word, $\s | Line])
    end;
line([], _, _, Line) ->
    {lists:reverse(Line), []}.

%%% ---- entries of arguments ----------------------------------------------------------------------

-spec entry(argparse:argument(), char()) -> entry().
entry(Argument, Prefix) ->
    Short = [[Prefix, C] || #{short := C} <- [Argument]],
    Long = [[Prefix | L] || #{long := L} <- [Argument]],
    Entry =
        case Short ++ Long of
            [] -> positional(Argument);
            Forms -> option(Forms, Short, Long, Argument)
        end,
    Entry1 = Entry#{about => about(Argument)},
    case Argument of
        #{help := {Words, _}} -> Entry1#{words := [Words]};
        _ -> Entry1
    end.

positional(#{name := Name} = Argument) ->
    Label = unicode:characters_to_list(io_lib:format("~ts", [Name])),
    Words = bracketed(maps:get(required, Argument, true), value(Argument)),
    #{kind => positional, label => Label, width => string:length(Label), flag => [], words => [Words]}.

option(Forms, Short, Long, Argument) ->
    Needed = maps:get(required, Argument, false),
    Label = lists:append(lists:join(", ", Forms)),
    {Flag, Words} =
        case gerl_argparse_values:wanted(Argument) of
            true -> {[], [bracketed(Needed, [Form, $\s, value(Argument)]) || Form <- Forms]};
            false -> {[C || [_, C] <- Short], [bracketed(Needed, Form) || Form <- Long]}
        end,
    %% A long label does not push all descriptions to the right.
    #{kind => option, label => Label, width => min(24, string:length(Label)), flag => Flag, words => Words}.

bracketed(true, Words) -> Words;
bracketed(false, Words) -> [$[, Words, $]].

value(#{name := Name} = Argument) ->
    Dots = lists:member(maps:get(nargs, Argument, 1), [list, nonempty_list, all]),
    io_lib:format("<~ts>~ts", [Name, ["..." || Dots]]).

about(#{help := {_, Fun}}) when is_function(Fun) ->
    Fun();
about(#{help := {_, Parts}} = Argument) ->
    lists:map(
        fun
            (type) -> type(Argument);
            (default) -> default(Argument);
            (Text) -> Text
        end,
        Parts
    );
about(#{name := Name} = Argument) ->
    Help = maps:get(help, Argument, [io_lib:format("~ts", [Name])]),
    Type = type(Argument),
    case {Help, Type, is_map_key(default, Argument)} of
        {_, "", false} -> Help;
        {"", "", true} -> default(Argument);
        {"", _, false} -> Type;
        {"", _, true} -> [Type, ", default: ", default(Argument)];
        {_, "", true} -> [Help, " , default: ", default(Argument)];
        {_, _, false} -> [Help, " (", Type, ")"];
        {_, _, true} -> [Help, " (", Type, "), default: ", default(Argument)]
    end.

default(#{default := Term}) when is_list(Term); is_binary(Term); is_atom(Term) -> io_lib:format("~ts", [Term]);
default(#{default := Term}) -> io_lib:format("~tp", [Term]);
default(_) -> "".

type(#{type := Type}) -> type_text(Type);
type(_) -> "".

type_text(atom) -> "existing atom";
type_text({atom, unsafe}) -> "atom";
type_text({atom, Choices}) -> choices(Choices, fun erlang:atom_to_list/1);
type_text(boolean) -> "";
type_text({custom, _}) -> "";
type_text(integer) -> "int";
type_text(Name) when is_atom(Name) -> atom_to_list(Name);
type_text({integer, [C | _] = Choices}) when is_integer(C) -> choices(Choices, fun erlang:integer_to_list/1);
type_text({float, [C | _] = Choices}) when is_number(C) -> choices(Choices, fun(F) -> io_lib:format("~g", [F]) end);
type_text({Number, Limits}) when Number =:= integer; Number =:= float ->
    Low = [io_lib:format("~tp <= ", [L]) || L <- [proplists:get_value(min, Limits)], L =/= undefined],
    High = [io_lib:format(" <= ~tp", [H]) || H <- [proplists:get_value(max, Limits)], H =/= undefined],
    case {Low, High} of
        {[_], []} -> [type_text(Number), io_lib:format(" >= ~tp", [proplists:get_value(min, Limits)])];
        _ -> [Low, type_text(Number), High]
    end;
type_text({string, [C | _] = Choices}) when is_list(C) -> choices(Choices, fun(S) -> S end);
type_text({string, []}) -> choices([], fun(S) -> S end);
type_text({binary, Choices}) when is_list(Choices) -> choices(Choices, fun(B) -> B end);
type_text(Pattern) -> [atom_to_list(element(1, Pattern)), " re: ", element(2, Pattern)].

choices(Choices, Text) -> ["choice: " | lists:join(", ", lists:map(Text, Choices))].
