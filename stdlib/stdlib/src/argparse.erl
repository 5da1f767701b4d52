-module(argparse).
-moduledoc """
Arguments of a program: options, positional values and nested commands, told by a map.

A command is a map with the keys `arguments`, `commands`, `handler` and `help`; the root command goes by the
program's name. What the words of a command line stand for is decided from left to right: an option if
the word begins with a prefix character and is known, a command below the current one, else the next positional argument.

gerl_argparse_check looks at the command before anything is parsed, gerl_argparse_values turns words
into terms, gerl_argparse_help writes the usage. An error of the user's is thrown as it is returned.
""".

-export([format_error/1, format_error/2, help/1, help/2, parse/2, parse/3, run/3, validate/1, validate/2]).

-export_type([arg_map/0, arg_type/0, args/0, argument/0, argument_help/0, cmd_path/0, command/0, handler/0]).

-type arg_type() ::
    atom | binary | boolean | float | integer | string
    | {atom, unsafe | [atom()]}
    | {binary, binary() | [binary()]}
    | {binary, binary(), ReOptions :: [term()]}
    | {custom, fun((string()) -> term())}
    | {float, [float() | {min | max, float()}]}
    | {integer, [integer() | {min | max, integer()}]}
    | {string, string() | [string()]}
    | {string, string(), ReOptions :: [term()]}.

-type argument_help() ::
    {unicode:chardata(), [unicode:chardata() | type | default] | fun(() -> unicode:chardata())}.

-type argument_name() :: atom() | string() | binary().

-type argument() :: #{
    name := argument_name(),
    short => char(),
    long => string(),
    required => boolean(),
    default => term(),
    type => arg_type(),
    action => store | append | count | extend | {store | append, term()},
    nargs => pos_integer() | 'maybe' | {'maybe', term()} | list | nonempty_list | all,
    help => hidden | unicode:chardata() | argument_help()
}.

-type arg_map() :: #{argument_name() => term()}.
-type args() :: [string() | unicode:chardata()].
-type cmd_path() :: [string()].

-type handler() ::
    optional
    | fun((arg_map()) -> term())
    | {module(), Function :: atom()}
    | {fun(), Missing :: term()}
    | {module(), Function :: atom(), Missing :: term()}.

-type command_help() :: [unicode:chardata() | usage | commands | arguments | options].

-type command() :: #{
    commands => #{string() => command()},
    arguments => [argument()],
    help => hidden | unicode:chardata() | command_help(),
    handler => handler()
}.

-type parser_error() ::
    {cmd_path(), argument() | undefined, Actual :: string() | undefined, Details :: unicode:chardata()}.

-type parser_options() :: #{
    prefixes => [char()],
    default => term(),
    progname => string() | atom(),
    command => cmd_path(),
    columns => pos_integer()
}.

-type parse_result() :: {ok, arg_map(), cmd_path(), command()} | {error, parser_error()}.

-type validator_error() ::
    {argparse, command | argument, cmd_path(), Field :: atom(), unicode:chardata()}.

%% What is known while the words are read. The options' keys sort as a missing one is looked for.
-type state() :: #{
    prefixes := #{char() => []},
    path := cmd_path(),
    command := command(),
    pending := [argument()],
    options := #{{flag, char()} | {name, string()} => argument()},
    numbers := boolean(),
    found := arg_map(),
    fallback := #{default => term()}
}.

-doc "Checks a command; gives the program's name.".
-spec validate(command()) -> Progname :: string().
validate(Command) -> validate(Command, #{}).

-doc "Checks a command with the prefixes and the program's name of the options; an error names the field.".
-spec validate(command(), parser_options()) -> Progname :: string().
validate(Command, Options) ->
    case gerl_argparse_check:program(Options) of
        Name when is_list(Name) ->
            Prefixes = prefixes(Options),
            ok = gerl_argparse_check:command(Name, Command, Prefixes),
            Name;
        _ ->
            Cause = #{2 => <<"progname is not valid">>},
            error(badarg, [Command, Options], [{error_info, #{cause => Cause}}])
    end.

-doc "Reads the words of a command line without options.".
-spec parse(args(), command()) -> parse_result().
parse(Args, Command) -> parse(Args, Command, #{}).

-doc "Reads the words of a command line: the arguments' values, the names of the commands and the innermost command.".
-spec parse(args(), command(), Options :: parser_options()) -> parse_result().
parse(Args, Command, Options) ->
    Name = validate(Command, Options),
    Start = #{
        prefixes => prefixes(Options),
        path => [],
        command => Command,
        pending => [],
        options => #{},
        numbers => true,
        found => #{},
        fallback => maps:with([default], Options)
    },
    Words = [unicode:characters_to_list(A) || A <- Args],
    try
        words(Words, enter(Name, Command, Start))
    catch
        throw:Why -> {error, Why}
    end.

-doc "The text about a command line's use.".
-spec help(command()) -> string().
help(Command) -> help(Command, #{}).

-doc "The text about the use of the command that the option `command` leads to, of `columns` characters a line.".
-spec help(command(), parser_options()) -> unicode:chardata().
help(Command, Options) -> gerl_argparse_help:text(validate(Command, Options), Command, Options).

-doc "Reads the words and calls the handler of the command; after an error the program ends with status 1.".
-spec run(args(), command(), parser_options()) -> term().
run(Args, Command, Options) ->
    try parse(Args, Command, Options) of
        {ok, Found, [_ | Below], #{handler := Handler}} ->
            handle(Handler, Found, fun() -> names(Command, Below) end);
        {ok, _, _, Inner} ->
            error(function_clause, [Inner]);
        {error, {[_ | Below], _, _, _} = Why} ->
            io:put_chars(["error: ", format_error(Why), $\n, help(Command, Options#{command => Below})]),
            halt(1)
    catch
        error:Why:Stack ->
            io:put_chars(erl_error:format_exception(error, Why, Stack)),
            halt(1)
    end.

-doc "A sentence about what is wrong with the words of a command line.".
-spec format_error(Reason :: parser_error()) -> unicode:chardata().
format_error({Path, Argument, Actual, Details}) ->
    {What, Parts} =
        case {Argument, Actual} of
            {undefined, undefined} -> {"~ts", [Details]};
            {undefined, _} -> {"unknown argument: ~ts~ts", [Actual, Details]};
            {#{name := N}, undefined} -> {"required argument missing: ~ts~ts", [N, Details]};
            {#{name := N}, _} -> {"invalid argument for ~ts: ~ts ~ts", [N, Actual, Details]}
        end,
    io_lib:format("~ts: " ++ What, [spaced(Path) | Parts]).

-doc "Explains a fault in a command to erl_error.".
-spec format_error(Reason :: validator_error(), erlang:stacktrace()) -> map().
format_error({?MODULE, Kind, Path, Field, Why}, [{_, _, [Culprit], Info} | _]) ->
    #{cause := Cause} = proplists:get_value(error_info, Info, #{}),
    {General, Reason} =
        case Kind of
            command ->
                {<<"command specification is invalid">>,
                 io_lib:format("command \"~ts\": invalid field '~ts', reason: ~ts", [spaced(Path), Field, Why])};
            argument ->
                Where = [spaced(Path), maps:get(name, Culprit, ""), Field, Why],
                {"argument specification is invalid",
                 io_lib:format("command \"~ts\", argument '~ts', invalid field '~ts': ~ts", Where)}
        end,
    Cause#{general => General, reason => Reason, 1 => io_lib:format("~tp", [Culprit])}.

spaced(Path) -> lists:join(" ", Path).

prefixes(#{prefixes := Chars}) -> maps:from_keys(Chars, []);
prefixes(_) -> #{$- => []}.

%%% ---- handlers ----------------------------------------------------------------------------------

handle({Module, Function, Missing}, Found, Names) ->
    apply(Module, Function, in_order(Names(), Found, Missing));
handle({Module, Function}, Found, _) when is_atom(Module), is_atom(Function) ->
    Module:Function(Found);
handle({Fun, Missing}, Found, Names) when is_function(Fun) ->
    apply(Fun, in_order(Names(), Found, Missing));
handle(Fun, Found, _) when is_function(Fun, 1) ->
    Fun(Found).

in_order(Names, Found, Missing) -> lists:map(fun(Name) -> maps:get(Name, Found, Missing) end, Names).

%% The names of the arguments from the root down to a command.
names(Command, Path) ->
    Own = [Name || #{name := Name} <- maps:get(arguments, Command, [])],
    case Path of
        [] -> Own;
        [Next | Below] -> Own ++ names(map_get(Next, map_get(commands, Command)), Below)
    end.

%%% ---- words -------------------------------------------------------------------------------------

-spec words([string()], state()) -> parse_result().
words([], State) ->
    finish(State);
words([Word | More], State) ->
    case meaning(Word, State) of
        {option, Argument, Attached} -> take(Attached ++ More, Argument, State);
        {flags, Separate} -> words(Separate ++ More, State);
        {command, Below} -> words(More, enter(Word, Below, State));
        value -> positional([Word | More], State);
        unknown -> leftover([Word | More], State)
    end.

meaning([Prefix | Name], #{prefixes := Prefixes, options := Options} = State) when is_map_key(Prefix, Prefixes) ->
    case named(Name, Options) of
        none ->
            case flags(Prefix, Name, Options) of
                none when Prefix =:= $-, map_get(numbers, State) -> number_or_unknown(Name);
                none -> unknown;
                Flags -> Flags
            end;
        Option ->
            Option
    end;
meaning(Word, #{command := #{commands := Below}}) when is_map_key(Word, Below) ->
    {command, map_get(Word, Below)};
meaning(_, _) ->
    value.

number_or_unknown(Name) ->
    case gerl_argparse_values:is_number(Name) of
        true -> value;
        false -> unknown
    end.

%% --name, --name=value
named(Name, Options) when is_map_key({name, Name}, Options) ->
    {option, map_get({name, Name}, Options), []};
named(Name, Options) ->
    case string:split(Name, "=") of
        [Long, Value] when is_map_key({name, Long}, Options) -> {option, map_get({name, Long}, Options), [Value]};
        _ -> none
    end.

%% -f, -fvalue, -fgh
flags(Prefix, [First | Value] = Name, Options) when is_map_key({flag, First}, Options) ->
    Together =
        is_map_key({flag, lists:last(Name)}, Options) andalso
            lists:all(
                fun(C) ->
                    is_map_key({flag, C}, Options) andalso
                        not gerl_argparse_values:wanted(map_get({flag, C}, Options))
                end,
                lists:droplast(Name)
            ),
    if
        Value =:= [] -> {option, map_get({flag, First}, Options), []};
        Together -> {flags, [[Prefix, C] || C <- Name]};
        true -> {option, map_get({flag, First}, Options), [Value]}
    end;
flags(_, _, _) ->
    none.

%% The arguments of a command join those of the commands above.
enter(Name, Command, #{path := Path} = State) ->
    lists:foldl(fun add/2, State#{path := Path ++ [Name], command := Command}, maps:get(arguments, Command, [])).

add(Argument, #{options := Options, numbers := Numbers, prefixes := Prefixes, pending := Pending} = State) ->
    Keys = [{flag, C} || #{short := C} <- [Argument]] ++ [{name, Long} || #{long := Long} <- [Argument]],
    case Keys of
        [] ->
            State#{pending := Pending ++ [Argument]};
        _ ->
            %% An option such as -1 makes negative numbers ambiguous: they are no values any more.
            Ambiguous = is_map_key($-, Prefixes) andalso lists:any(fun digits/1, Keys),
            State#{
                options := maps:merge(Options, maps:from_keys(Keys, Argument)),
                numbers := Numbers andalso not Ambiguous
            }
    end.

digits({flag, C}) -> C >= $0 andalso C =< $9;
digits({name, Long}) -> gerl_argparse_values:is_number(Long).

positional([Word | _], #{pending := []} = State) -> fail(undefined, Word, <<>>, State);
positional(Words, #{pending := [Argument | _]} = State) -> take(Words, Argument, State).

%% A word that looks like an option, but is none: only a last argument that takes everything accepts it.
leftover(Words, #{pending := [#{nargs := all} = Argument]} = State) ->
    take(Words, Argument, State);
leftover(Words, #{pending := [#{required := false, name := Name} = Argument | Later], found := Found} = State) ->
    Default = maps:with([Name], maps:from_list([{Name, D} || #{default := D} <- [Argument]])),
    leftover(Words, State#{pending := Later, found := maps:merge(Found, Default)});
leftover([Word | _], State) ->
    fail(undefined, Word, <<>>, State).

%% All words are read: what is missing gets its default or is an error.
finish(#{command := #{commands := Below} = Command} = State) when
    map_size(Below) > 0, not is_map_key(handler, Command)
->
    fail(undefined, undefined, <<"subcommand expected">>, State);
finish(#{pending := Pending, options := Options, path := Path, command := Command} = State) ->
    Positional = [{true, A} || A <- Pending],
    Optional = [{false, A} || {_, A} <- lists:keysort(1, maps:to_list(Options))],
    #{found := Found} = lists:foldl(fun complete/2, State, Positional ++ Optional),
    {ok, Found, Path, Command}.

complete({_, #{name := Name}}, #{found := Found} = State) when is_map_key(Name, Found) ->
    State;
complete({IsPositional, #{name := Name} = Argument}, #{found := Found, fallback := Fallback} = State) ->
    Needed = maps:get(required, Argument, IsPositional andalso not is_map_key(default, Argument)),
    case maps:merge(Fallback, Argument) of
        _ when Needed -> fail(Argument, undefined, <<>>, State);
        #{default := Value} -> State#{found := Found#{Name => Value}};
        _ -> State
    end.

fail(Argument, Actual, Details, #{path := Path}) -> throw({Path, Argument, Actual, Details}).

%%% ---- values of an argument ---------------------------------------------------------------------

take(Words, Argument, State) ->
    case appetite(Argument) of
        all ->
            many(Words, [], Argument, State);
        {exactly, Count} ->
            {Values, _} = lists:splitwith(fun(W) -> is_value(W, State) end, Words),
            case length(Values) of
                Fewer when Fewer < Count ->
                    Details = io_lib:format("expected ~b, found ~b argument(s)", [Count, Fewer]),
                    fail(Argument, Words, Details, State);
                _ ->
                    {Taken, Rest} = lists:split(Count, Words),
                    many(Taken, Rest, Argument, State)
            end;
        {at_least, Count} ->
            {Taken, Rest} = lists:splitwith(fun(W) -> is_value(W, State) end, Words),
            length(Taken) < Count andalso fail(Argument, Words, <<"expected argument">>, State),
            many(Taken, Rest, Argument, State);
        switch ->
            case Words of
                ["true" | Rest] -> keep(true, Rest, Argument#{type => raw}, State);
                ["false" | Rest] -> keep(false, Rest, Argument#{type => raw}, State);
                _ -> keep(undefined, Words, Argument, State)
            end;
        {optional, Otherwise, Instead} ->
            case Words of
                [Word | Rest] ->
                    case is_value(Word, State) of
                        true -> keep(Word, Rest, Argument, State);
                        false -> keep(Otherwise, Words, Instead, State)
                    end;
                [] ->
                    keep(Otherwise, [], Instead, State)
            end;
        nothing ->
            keep(undefined, Words, Argument, State);
        one ->
            one(Words, Argument, State)
    end.

appetite(#{nargs := all}) -> all;
appetite(#{nargs := Count}) when is_integer(Count) -> {exactly, Count};
appetite(#{nargs := nonempty_list}) -> {at_least, 1};
appetite(#{nargs := list}) -> {at_least, 0};
appetite(#{type := boolean}) -> switch;
appetite(#{nargs := 'maybe'} = A) -> {optional, gerl_argparse_values:initial(A), A#{type => raw}};
appetite(#{nargs := {'maybe', Term}} = A) -> {optional, Term, A};
appetite(#{action := count}) -> nothing;
appetite(#{action := {Kind, _}}) when Kind =:= store; Kind =:= append -> nothing;
appetite(_) -> one.

many(Values, Rest, Argument, State) ->
    keep(Values, Rest, Argument#{type => {list, maps:get(type, Argument, string)}}, State).

one([], Argument, State) ->
    fail(Argument, undefined, <<"expected argument">>, State);
one([Word | Rest], Argument, State) ->
    is_option(Argument) andalso not is_value(Word, State) andalso
        fail(Argument, undefined, <<"expected argument">>, State),
    keep(Word, Rest, Argument, State).

%% Whether a word can be a value: it has no prefix, or it is a number and no option looks like one.
is_value([C | _] = Word, #{prefixes := Prefixes, numbers := Numbers}) when is_map_key(C, Prefixes) ->
    Numbers andalso gerl_argparse_values:is_number(Word);
is_value(_, _) ->
    true.

is_option(Argument) -> is_map_key(short, Argument) orelse is_map_key(long, Argument).

%% Stores what was taken as the argument's action says, and goes on with the rest of the words.
keep(Raw, Rest, #{name := Name} = Argument, #{found := Found, path := Path} = State) ->
    Value = fun() -> gerl_argparse_values:convert(Raw, Argument, Path) end,
    Earlier = fun() -> maps:get(Name, Found, []) end,
    New =
        case maps:get(action, Argument, store) of
            count -> maps:get(Name, Found, 0) + 1;
            append -> Earlier() ++ [Value()];
            extend ->
                More = Value(),
                Earlier() ++ More;
            {store, Term} when Raw =:= undefined -> Term;
            {append, Term} when Raw =:= undefined -> Earlier() ++ [Term];
            _ -> Value()
        end,
    words(Rest, served(Argument, State#{found := Found#{Name => New}})).

%% A positional argument has its turn once, but one that takes a list goes on with what follows options.
served(#{nargs := Open}, State) when Open =:= list; Open =:= nonempty_list ->
    State;
served(Argument, #{pending := Pending} = State) ->
    case is_option(Argument) of
        true -> State;
        false -> State#{pending := tl(Pending)}
    end.
