-module(erl_compile).
-moduledoc """
The compiler's command line, as erlc's.

Options and files are read one after the other into a map; each file then goes to the compiler for its extension.
""".

-export([compile_cmdline/0, compile/2]).

-doc "Compiles what the node's plain arguments say, and halts.".
-spec compile_cmdline() -> no_return().
compile_cmdline() ->
    Args = init:get_plain_arguments(),
    {ok, Dir} = file:get_cwd(),
    %% The current directory is no place for code.
    true = code:set_path([D || D <- code:get_path(), D =/= "."]),
    Out = group_leader(),
    {Pid, Ref} = spawn_monitor(fun() ->
                                       group_leader(whereis(standard_error), self()),
                                       put(standard_io, Out),
                                       exit({?MODULE, compile(Args, Dir)})
                               end),
    receive
        {'DOWN', Ref, process, Pid, {?MODULE, ok}} -> halt(0);
        {'DOWN', Ref, process, Pid, {?MODULE, {error, Text}}} ->
            io:put_chars(standard_error, Text),
            halt(1);
        {'DOWN', Ref, process, Pid, Reason} ->
            io:format(standard_error, "Crash: ~tp\n", [Reason]),
            halt(2)
    end.

-doc "Compiles what arguments say, in a directory.".
-spec compile([string()], file:filename()) -> ok | {error, binary()} | {crash, tuple()}.
compile(Args, Dir) ->
    try
        Settings = #{dir => Dir, out => Dir, out_file => none, includes => [], defines => [], special => [], verbose => false, level => 1},
        arguments(Args, Settings)
    catch
        throw:{?MODULE, Text} -> {error, unicode:characters_to_binary(Text)};
        Class:Reason:Stack -> {crash, {Class, Reason, Stack}}
    end.

stop(Text) -> throw({?MODULE, Text}).

arguments(["--" | Files], Settings) -> files(Files, Settings);
arguments(["-" ++ Option | Args], Settings) -> option(Option, Args, Settings);
arguments(["+" ++ Text | Args], #{special := Special} = Settings) ->
    arguments(Args, Settings#{special := Special ++ [term(Text)]});
arguments(Files, Settings) -> files(Files, Settings).

%% Options that stand alone, then those whose value may follow immediately.
option("help", _, _) -> usage("");
option("v", Args, Settings) -> arguments(Args, Settings#{verbose := true});
option("E", Args, Settings) -> arguments(Args, special(['E'], Settings));
option("P", Args, Settings) -> arguments(Args, special(['P'], Settings));
option("S", Args, Settings) -> arguments(Args, special(['S'], Settings));
option("Werror", Args, Settings) -> arguments(Args, special([warnings_as_errors], Settings));
option("Wall", Args, Settings) -> arguments(Args, Settings#{level := 999});
option("W", Args, Settings) -> arguments(Args, Settings#{level := 1});
option("W" ++ Level, Args, Settings) ->
    case string:to_integer(Level) of
        {N, ""} -> arguments(Args, Settings#{level := N});
        _ -> usage("")
    end;
option("list-features", _, _) ->
    stop(["Available features:\n", [io_lib:format(" ~-18s ~s\n", [F, erl_features:short(F)]) || F <- erl_features:configurable()]]);
option("M" ++ What, Args, Settings) -> dependencies(What, Args, Settings);
%% Flags about the emulator and the server that compiles, of which there are none here.
option(Flag, Args, Settings) when Flag =:= "smp"; Flag =:= "server"; Flag =:= "no-server" -> arguments(Args, Settings);
option("O" ++ _, Args, Settings) -> arguments(Args, Settings);
option(Option, Args, Settings) ->
    Known = [{"b", fun(_, S) -> S end},
             {"D", fun define/2},
             {"I", fun(Dir, #{dir := Cwd, includes := Dirs} = S) -> S#{includes := Dirs ++ [filename:absname(Dir, Cwd)]} end},
             {"o", fun output/2},
             {"enable-feature", fun(F, S) -> after_others([{feature, list_to_atom(F), enable}], S) end},
             {"disable-feature", fun(F, S) -> after_others([{feature, list_to_atom(F), disable}], S) end},
             {"describe-feature", fun(F, _) -> stop(described(list_to_atom(F))) end}],
    case [{Name, Rest, Set} || {Name, Set} <- Known, Rest <- [string:prefix(Option, Name)], Rest =/= nomatch] of
        [{Name, Rest, Set} | _] ->
            {Value, Left} = value(Name, Rest, Args),
            arguments(Left, Set(Value, Settings));
        [] -> usage(["Unknown option: -", Option, "\n"])
    end.

special(Options, #{special := Special} = Settings) -> Settings#{special := Options ++ Special}.

after_others(Options, #{special := Special} = Settings) -> Settings#{special := Special ++ Options}.

value(_, [_ | _] = Value, Args) -> {Value, Args};
value(_, [], [[C | _] = Value | Args]) when C =/= $- -> {Value, Args};
value(Name, [], _) -> stop(["No value given to -", Name, " option\n"]).

define(Text, #{defines := Defines} = Settings) ->
    Define = case string:split(Text, "=") of
                 [Name, [_ | _] = Value] -> {d, list_to_atom(Name), term(Value)};
                 [Name | _] -> {d, list_to_atom(Name)}
             end,
    Settings#{defines := [Define | Defines]}.

output(Name0, #{dir := Dir} = Settings) ->
    Name = filename:absname(Name0, Dir),
    case filelib:is_dir(Name) orelse not filelib:is_regular(Name) andalso filename:extension(Name) =:= "" of
        true -> Settings#{out := Name};
        false -> Settings#{out_file := Name}
    end.

described(Feature) ->
    try erl_features:long(Feature)
    catch error:_ -> io_lib:format("Unknown feature: ~p\n", [Feature])
    end.

dependencies("", Args, Settings) -> arguments(Args, special([makedep, {makedep_output, standard_io}], Settings));
dependencies("D", Args, Settings) -> arguments(Args, special([makedep], Settings));
dependencies("MD", Args, Settings) -> arguments(Args, special([makedep_side_effect], Settings));
dependencies("G", Args, Settings) -> arguments(Args, special([makedep_add_missing], Settings));
dependencies("P", Args, Settings) -> arguments(Args, special([makedep_phony], Settings));
dependencies([C | Rest], Args, Settings) when C =:= $F; C =:= $Q; C =:= $T ->
    {Value, Left} = value("M" ++ [C], Rest, Args),
    Options = case C of
                  $F -> [makedep, {makedep_output, Value}];
                  $Q -> [makedep_quote_target, {makedep_target, Value}];
                  $T -> [{makedep_target, Value}]
              end,
    arguments(Left, special(Options, Settings));
dependencies(Other, _, _) -> usage(["Unknown option: -M", Other, "\n"]).

term(Text) ->
    maybe
        {ok, Tokens, _} ?= erl_scan:string(Text ++ " ."),
        {ok, Term} ?= erl_parse:parse_term(Tokens),
        Term
    else
        {error, {_, Module, Reason}, _} -> stop([Module:format_error(Reason), ": ", Text, "\n"]);
        {error, {_, Module, Reason}} -> stop([Module:format_error(Reason), ": ", Text, "\n"])
    end.

usage(Problem) ->
    stop([Problem, "Usage: erlc [Options] file.ext ...\nOptions:\n",
          "-b type        type of output file (e.g. beam)\n-d             erlc tells what it does\n-Dname         define name\n-Dname=value   define name to have value\n",
          "-help          shows this help text\n-I path        where to search for include files\n",
          "-M             print a rule for make(1) with what the file depends on\n-MF file       write the rule to 'file'\n",
          "-MT target     the rule is for 'target'\n-MQ target     the same, with what is special to make(1) quoted\n",
          "-MG            include files that are missing are dependencies, too\n-MP            a target without a rule for every dependency\n",
          "-MD            as -M -MF file.Pbeam\n-MMD           as -MD, and compile the file\n",
          "-o name        name output directory or file\n-pa path       add path to the front of Erlang's code path\n",
          "-pz path       add path to the end of Erlang's code path\n-v             verbose compiler output\n",
          "-Werror        make all warnings into errors\n-W0            disable warnings\n-Wnumber       set warning level to number\n",
          "-Wall          enable all warnings\n-W             enable warnings (default; same as -W1)\n",
          "-E             generate listing of expanded code\n-S             generate assembly listing\n",
          "-P             generate listing of preprocessed code\n-enable-feature <feature>   allow the feature\n-disable-feature <feature>  refuse the feature\n",
          "-list-features              the features there are\n-describe-feature <feature> what a feature is\n+term          pass the Erlang term unchanged to the compiler\n"]).

%%% ---- files --------------------------------------------------------------------------------------

files([_, _ | _], #{out_file := Name}) when Name =/= none ->
    stop("Output file name given, but more than one input file.\n");
files(Files, #{special := Special} = Settings) ->
    case lists:member({makedep_output, standard_io}, Special) of
        true -> group_leader(get(standard_io), self());
        false -> ok
    end,
    lists:foreach(fun(F) -> file(filename:extension(F), F, Settings) end, Files).

file("", File, #{dir := Dir}) -> stop(io_lib:format("File has no extension: ~ts~n", [filename:absname(File, Dir)]));
file(".erl", File, Settings) -> with(fun(F, O) -> compile:compile(F, none, O) end, File, Settings);
file(".S", File, Settings) -> with(fun(F, O) -> compile:compile_asm(F, none, O) end, File, Settings);
file(".core", File, Settings) -> with(fun(F, O) -> compile:compile_core(F, none, O) end, File, Settings);
file(".abstr", File, Settings) -> with(fun(F, O) -> compile:compile_abstr(F, none, O) end, File, Settings);
file(Ext, File, #{special := Special} = Settings) ->
    Generators = #{".yrl" => yecc, ".xrl" => leex},
    case Generators of
        #{Ext := Module} ->
            with(fun(F, _) ->
                         Key = case Module of yecc -> parserfile; leex -> scannerfile end,
                         case Module:file(F, [report, {Key, target(F, ".erl", Settings)} | Special]) of
                             {ok, _} -> ok;
                             Other -> Other
                         end
                 end, File, Settings);
        _ -> stop(io_lib:format("Unknown extension: '~ts'\n", [Ext]))
    end.

target(File, Ext, #{out := Out, out_file := none}) -> filename:join(Out, filename:basename(filename:rootname(File)) ++ Ext);
target(_, _, #{out_file := Name}) -> Name.

with(Compile, File0, #{dir := Dir, out := Out, out_file := Name, includes := Includes, defines := Defines, special := Special,
                       verbose := Verbose, level := Level}) ->
    {OutDir, Own} = case Name of
                        none -> {Out, []};
                        _ -> {filename:dirname(Name), [{output_name, filename:basename(filename:rootname(Name))}]}
                    end,
    Options = [verbose || Verbose] ++ [report_warnings || Level =/= 0] ++ Defines ++
              [report_errors, {cwd, Dir}, {outdir, OutDir}] ++ Own ++ [{i, I} || I <- Includes] ++ Special,
    case Compile(short(filename:rootname(filename:absname(File0, Dir)), Dir), Options) of
        ok -> ok;
        error -> stop("");
        Other -> stop(io_lib:format("Compiler function compile:compile/3 returned:\n~tp~n", [Other]))
    end.

%% Files below the current directory are named from there.
short(Name, Dir) ->
    case string:prefix(Name, Dir ++ "/") of
        nomatch -> Name;
        Rest -> Rest
    end.
