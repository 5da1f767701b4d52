-module(compile).
-moduledoc "The compiler's interface. The compiler itself is part of the program and written in Go.".

-export([file/1, file/2, forms/1, forms/2, noenv_file/2, noenv_forms/2, format_error/1, env_compiler_options/0]).

-type options() :: term() | [term()].
-type result() :: {ok, module()} | {ok, module(), binary()} | {ok, module(), list()} | {ok, module(), binary(), list()}
                | error | {error, list(), list()}.

-doc "Compiles a source file and writes the .beam file; tells problems.".
-spec file(file:filename()) -> result().
file(File) -> file(File, [verbose, report_errors, report_warnings]).

-doc "Compiles a source file with options.".
-spec file(file:filename(), options()) -> result().
file(File, Options) -> source(File, listed(Options) ++ env_compiler_options()).

-doc "Like file/2, without the options of the environment.".
-spec noenv_file(file:filename(), options()) -> result().
noenv_file(File, Options) -> source(File, listed(Options)).

-doc "Compiles forms; gives the contents of the .beam file.".
-spec forms(list()) -> result().
forms(Forms) -> forms(Forms, [verbose, report_errors, report_warnings]).

-doc "Compiles forms with options.".
-spec forms(list(), options()) -> result().
forms(Forms, Options) -> noenv_forms(Forms, listed(Options) ++ env_compiler_options()).

-doc "Like forms/2, without the options of the environment.".
-spec noenv_forms(list(), options()) -> result().
noenv_forms(Forms, Options0) ->
    Options = expanded([binary | listed(Options0)]),
    finish(gerl_text:compile(forms, Forms, settings(Options)), proplists:get_value(source, Options, ""), "", Options).

-doc "Options that the environment adds: none is read.".
-spec env_compiler_options() -> [].
env_compiler_options() -> [].

-doc "The text of an error of this module.".
-spec format_error(term()) -> iolist().
format_error({epp, enoent}) -> "no such file or directory";
format_error({epp, eacces}) -> "permission denied";
format_error({epp, Reason}) -> io_lib:format("cannot read the file: ~tp", [Reason]);
format_error({write_error, File, Reason}) -> io_lib:format("~ts: error writing file: ~tp", [File, Reason]);
format_error({text, Text}) -> Text.

%%% ---- the work ------------------------------------------------------------------------------------

listed(Options) when is_list(Options) -> Options;
listed(Option) -> [Option].

%% return and report stand for two options each.
expanded(Options) ->
    lists:append([case Option of
                      return -> [return_errors, return_warnings];
                      report -> [report_errors, report_warnings];
                      _ -> [Option]
                  end || Option <- Options]).

source(File0, Options0) ->
    Options = expanded(Options0),
    File = source_name(File0),
    Base = lists:sublist(File, length(File) - length(".erl")),
    finish(gerl_text:compile(file, File, settings(Options)), File, gerl_compile:basename(Base), Options).

source_name(File) when is_atom(File) -> atom_to_list(File) ++ ".erl";
source_name(File) ->
    Name = unicode:characters_to_list(File),
    case lists:suffix(".erl", Name) of
        true -> Name;
        false -> Name ++ ".erl"
    end.

settings(Options) ->
    [{includes, [Dir || {i, Dir} <- Options]},
     {macros, [macro(O) || O <- Options, is_tuple(O), element(1, O) =:= d]},
     {features, [F || {feature, F, enable} <- Options]},
     {flags, [O || O <- Options, is_atom(O)]},
     {deterministic, lists:member(deterministic, Options)} |
     [{source_name, Name} || {source_name, Name} <- Options]].

macro({d, Name}) -> {Name, "true"};
macro({d, Name, Value}) -> {Name, unicode:characters_to_list(io_lib:format("~tp", [Value]))}.

finish({ok, Module, Binary, Found}, File, Base, Options) ->
    Warnings = case lists:member(nowarn, Options) of true -> []; false -> [D || {warning, _, _, _} = D <- Found] end,
    report(warning, Warnings, Options),
    case Warnings =/= [] andalso lists:member(warnings_as_errors, Options) of
        true -> failed([], Warnings, Options);
        false -> written(Module, Binary, Warnings, File, Base, Options)
    end;
finish({error, Found}, _, _, Options) when is_list(Found) ->
    report(any, Found, Options),
    {Errors, Warnings} = lists:partition(fun({Kind, _, _, _}) -> Kind =:= error end, Found),
    failed(Errors, Warnings, Options);
finish({error, Reason}, File, _, Options) ->
    Info = {none, ?MODULE, {epp, Reason}},
    Errors = [{error, File, Info, [File, ": ", format_error({epp, Reason}), $\n]}],
    report(any, Errors, Options),
    failed(Errors, [], Options).

%% A .beam file needs the module's name; otherwise nobody could load it.
written(Module, Binary, Warnings, File, Base, Options) ->
    case lists:member(binary, Options) of
        true -> with_warnings([ok, Module, Binary], Warnings, Options);
        false ->
            Name = lists:flatten([proplists:get_value(outdir, Options, "."), $/, Base, ".beam"]),
            case atom_to_list(Module) =:= Base orelse lists:member(no_error_module_mismatch, Options) of
                false ->
                    Info = {none, ?MODULE, {text, mismatch(Module, Base)}},
                    Errors = [{error, File, Info, [File, ": ", mismatch(Module, Base), $\n]}],
                    report(any, Errors, Options),
                    failed(Errors, Warnings, Options);
                true ->
                    case gerl_text:write_image(Name, Binary) of
                        ok -> with_warnings([ok, Module], Warnings, Options);
                        {error, Reason} ->
                            Problem = {write_error, Name, Reason},
                            Errors = [{error, File, {none, ?MODULE, Problem}, [format_error(Problem), $\n]}],
                            report(any, Errors, Options),
                            failed(Errors, Warnings, Options)
                    end
            end
    end.

mismatch(Module, Base) ->
    lists:flatten(io_lib:format("Module name '~ts' does not match file name '~ts'", [Module, Base])).

with_warnings(Result, Warnings, Options) ->
    case lists:member(return_warnings, Options) of
        true -> list_to_tuple(Result ++ [by_file(Warnings)]);
        false -> list_to_tuple(Result)
    end.

failed(Errors, Warnings, Options) ->
    case lists:member(return_errors, Options) of
        true -> {error, by_file(Errors), by_file(Warnings)};
        false -> error
    end.

by_file(Found) ->
    Files = lists:foldl(fun({_, F, _, _}, Fs) -> case lists:member(F, Fs) of true -> Fs; false -> Fs ++ [F] end end, [], Found),
    [{File, [Info || {_, F, Info, _} <- Found, F =:= File]} || File <- Files].

report(_, Found, Options) ->
    [io:put_chars(Text) || {Kind, _, _, Text} <- Found,
                           lists:member(case Kind of error -> report_errors; warning -> report_warnings end, Options)],
    ok.
