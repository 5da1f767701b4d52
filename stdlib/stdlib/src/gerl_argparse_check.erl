-module(gerl_argparse_check).
-moduledoc """
Checks of commands for argparse: the shape of every field, down to the innermost command.

A field has a rule that says whether a value will do, and a text for when it will not. The first broken rule is raised.
""".

-export([command/3, program/1]).

-type path() :: [{Name :: string(), argparse:command()}].

-doc "The program's name: from the options, else as Erlang was started.".
-spec program(map()) -> term().
program(#{progname := Name}) when is_atom(Name) -> atom_to_list(Name);
program(#{progname := Name}) when is_binary(Name) -> binary_to_list(Name);
program(#{progname := Name}) -> Name;
program(#{}) ->
    {ok, [[Name]]} = init:get_argument(progname),
    Name;
program(Other) -> error({badmap, Other}).

-doc "Checks a command and all below it.".
-spec command(string(), argparse:command(), #{char() => []}) -> ok.
command(Name, Command, Prefixes) -> command([{Name, Command}], Prefixes).

-spec command(path(), #{char() => []}) -> ok.
command([{Name, Command} | Above] = Path, Prefixes) ->
    is_list(Name) andalso not is_map_key(hd(Name), Prefixes) orelse
        fault(command, Command, Above, commands, <<"command name must be a string not starting with option prefix">>),
    is_map(Command) orelse fault(command, Command, Path, commands, <<"expected command()">>),
    fields(command, Command, Path, [
        {help, fun command_help/1, <<"must be a printable unicode list, or a command help template">>},
        {commands, fun erlang:is_map/1, <<"expected map of #{string() => command()}">>},
        {handler, fun handler/1, <<"handler must be a valid callback, or an atom 'optional'">>},
        {arguments, fun erlang:is_list/1, <<"expected a list, [argument()]">>}
    ]),
    lists:foreach(fun(A) -> argument(A, Path) end, maps:get(arguments, Command, [])),
    unambiguous(Path),
    Below = lists:sort(maps:to_list(maps:get(commands, Command, #{}))),
    lists:foreach(fun(Pair) -> command([Pair | Path], Prefixes) end, Below).

%% Raises for the first field that is there and breaks its rule.
fields(Kind, Map, Path, Rules) ->
    lists:foreach(
        fun
            ({Field, Rule, Text}) when is_map_key(Field, Map) ->
                Rule(map_get(Field, Map)) orelse fault(Kind, Map, Path, Field, Text);
            (_) ->
                true
        end,
        Rules
    ).

-spec fault(command | argument, term(), path(), atom(), unicode:chardata()) -> no_return().
fault(Kind, Culprit, Path, Field, Text) ->
    Names = lists:reverse([Name || {Name, _} <- Path]),
    %% erl_error asks argparse, not this module, for the explanation.
    error({argparse, Kind, Names, Field, Text}, [Culprit], [{error_info, #{module => argparse, cause => #{}}}]).

%%% ---- fields of commands ------------------------------------------------------------------------

command_help(hidden) -> true;
command_help(Help) when is_list(Help) -> io_lib:printable_unicode_list(Help) orelse lists:all(fun part/1, Help);
command_help(Help) -> is_binary(Help).

part(Part) when is_atom(Part) -> lists:member(Part, [usage, commands, arguments, options]);
part(Part) -> is_binary(Part) orelse io_lib:printable_unicode_list(Part).

handler(optional) -> true;
handler({Module, Function, _}) -> is_atom(Module) andalso is_atom(Function);
handler({Module, Function}) when is_atom(Module), is_atom(Function) -> true;
handler({Fun, _}) -> is_function(Fun);
handler(Fun) -> is_function(Fun, 1).

%% No two options on the way down may look alike. One with a short form counts by that alone, as in OTP.
unambiguous(Path) ->
    All = [A || {_, #{arguments := Arguments}} <- Path, A <- Arguments],
    lists:foldl(fun note/2, #{path => Path}, All).

note(#{short := Short, name := Name} = Argument, Seen) -> note(short, Short, Name, Argument, Seen);
note(#{long := Long, name := Name} = Argument, Seen) -> note(long, Long, Name, Argument, Seen);
note(_, Seen) -> Seen.

note(Form, Text, Name, Argument, #{path := Path} = Seen) ->
    case Seen of
        #{{Form, Text} := Other} ->
            Kind = atom_to_list(Form),
            Why = Kind ++ " conflicting with previously defined " ++ Kind ++ " for " ++ atom_to_list(Other),
            fault(argument, Argument, Path, Form, Why);
        _ ->
            Seen#{{Form, Text} => Name}
    end.

%%% ---- fields of arguments -----------------------------------------------------------------------

argument(#{name := Name} = Argument, Path) when is_atom(Name); is_list(Name); is_binary(Name) ->
    fields(argument, Argument, Path, [
        {help, fun argument_help/1, <<"must be a string or valid help template">>},
        {long, fun io_lib:printable_unicode_list/1, <<"must be a printable string">>},
        {required, fun erlang:is_boolean/1, <<"must be a boolean">>},
        {short, fun(C) -> io_lib:printable_unicode_list([C]) end, <<"must be a printable character">>},
        {action, fun action/1, <<"unsupported">>},
        {action, fun(A) -> A =/= extend orelse extendable(Argument) end, <<"extend action works only with lists">>},
        {type, fun limits/1, <<"invalid validator">>},
        {type, fun type/1, <<"unsupported">>},
        {nargs, fun nargs/1, <<"unsupported">>}
    ]);
argument(Argument, Path) ->
    fault(argument, Argument, Path, name, <<"argument must be a map containing 'name' field">>).

argument_help(hidden) -> true;
argument_help({Short, Parts}) when is_list(Parts) ->
    text(Short) andalso lists:all(fun(P) -> P =:= type orelse P =:= default orelse text(P) end, Parts);
argument_help({Short, Fun}) -> text(Short) andalso is_function(Fun, 0);
argument_help(Help) -> text(Help).

text(Text) -> is_list(Text) orelse is_binary(Text).

action({Kind, _}) -> Kind =:= store orelse Kind =:= append;
action(Kind) -> lists:member(Kind, [store, append, count, extend]).

extendable(#{nargs := Count}) when is_integer(Count) -> true;
extendable(#{nargs := Many}) when Many =:= list; Many =:= nonempty_list; Many =:= all -> true;
extendable(#{type := {custom, _}}) -> true;
extendable(_) -> false.

%% Pairs among the limits of a number must be a least or a greatest value of the very type.
limits({integer, Limits}) -> lists:all(fun(L) -> limit(L, fun erlang:is_integer/1) end, Limits);
limits({float, Limits}) -> lists:all(fun(L) -> limit(L, fun erlang:is_float/1) end, Limits);
limits(_) -> true.

limit({Kind, Value}, Is) -> (Kind =:= min orelse Kind =:= max) andalso Is(Value);
limit(_, _) -> true.

type({Number, _}) when Number =:= integer; Number =:= float -> true;
type({custom, Fun}) -> is_function(Fun, 1);
type({atom, unsafe}) -> true;
type({atom, Choices}) -> is_list(Choices) andalso lists:all(fun erlang:is_atom/1, Choices);
type({string, Texts}) -> is_list(Texts);
type({string, Pattern, Options}) -> is_list(Pattern) andalso is_list(Options);
type({binary, [First | _]}) -> is_binary(First);
type({binary, Pattern}) -> is_binary(Pattern);
type({binary, Pattern, Options}) -> is_binary(Pattern) andalso is_list(Options);
type(Type) -> lists:member(Type, [atom, binary, boolean, float, integer, string]).

nargs({'maybe', _}) -> true;
nargs(Count) when is_integer(Count) -> Count >= 1;
nargs(Word) -> lists:member(Word, ['maybe', list, nonempty_list, all]).
