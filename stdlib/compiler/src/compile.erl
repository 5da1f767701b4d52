-module(compile).
-moduledoc """
The compiler's interface.

Reading, checking and code generation are written in Go (gerl_text). This module holds what goes
around them: options, parse transforms, listings, dependencies, debug information, reports and files.
""".

-export([file/1, file/2, forms/1, forms/2, noenv_file/2, noenv_forms/2, output_generated/1, noenv_output_generated/1]).
-export([format_error/1, env_compiler_options/0, options/0, compile/3, compile_abstr/3, compile_asm/3, compile_core/3]).

-export_type([option/0]).

-type option() :: atom() | tuple().
-type options() :: option() | [option()].
-type messages() :: [{file:filename(), [{erl_anno:location() | none, module(), term()}]}].
-type result() :: {ok, module()} | {ok, module(), term()} | {ok, module(), term(), messages()} | error
                | {error, messages(), messages()}.

%% What is known of a compilation: the source's name (or "" for forms), where listings and code go
%% without extension, options, and what was found.
-record(job, {file = "", source = "", base = "", options = [], own = [], module = [], encoding = none,
              errors = [], warnings = [], silent = false}).

-doc "Compiles a source file and writes the .beam file; tells problems.".
-spec file(file:filename() | atom()) -> result().
file(File) -> file(File, [verbose, report_errors, report_warnings]).

-doc "Compiles a source file with options.".
-spec file(file:filename() | atom(), options()) -> result().
file(File, Options) -> apart({file, File}, listed(Options) ++ env_compiler_options()).

-doc "Like file/2, without the options of the environment.".
-spec noenv_file(file:filename() | atom(), options()) -> result().
noenv_file(File, Options) -> apart({file, File}, listed(Options)).

-doc "Compiles forms; gives the contents of the .beam file.".
-spec forms(list()) -> result().
forms(Forms) -> forms(Forms, [verbose, report_errors, report_warnings]).

-doc "Compiles forms with options.".
-spec forms(list(), options()) -> result().
forms(Forms, Options) -> apart({forms, Forms}, [binary | listed(Options) ++ env_compiler_options()]).

-doc "Like forms/2, without the options of the environment.".
-spec noenv_forms(list(), options()) -> result().
noenv_forms(Forms, Options) -> apart({forms, Forms}, [binary | listed(Options)]).

-doc "Whether file/2 with these options writes a .beam file.".
-spec output_generated(options()) -> boolean().
output_generated(Options) -> noenv_output_generated(listed(Options) ++ env_compiler_options()).

-doc "Like output_generated/1, without the options of the environment.".
-spec noenv_output_generated(options()) -> boolean().
noenv_output_generated(Options0) ->
    Options = expanded(listed(Options0)),
    not lists:member(binary, Options) andalso target(Options) =:= code.

-doc "The options that the environment variable ERL_COMPILER_OPTIONS adds.".
-spec env_compiler_options() -> [option()].
env_compiler_options() ->
    case os:getenv("ERL_COMPILER_OPTIONS") of
        false -> [];
        Text ->
            maybe
                {ok, Tokens, _} ?= erl_scan:string(Text ++ " ."),
                {ok, Term} ?= erl_parse:parse_term(Tokens),
                listed(Term)
            else
                _ ->
                    io:format("Ignoring bad term in ERL_COMPILER_OPTIONS\n"),
                    []
            end
    end.

-doc "Lists the options that ask for something other than a .beam file.".
-spec options() -> ok.
options() ->
    [io:format("~p - Generate .~s ~s\n", [Option, Ext, What]) ||
        {Option, Ext, What} <- [{dpp, "pp", "file"}, {'P', "P", "source listing file"}, {dabstr, "abstr", "file"},
                                {dexp, "expand", "file"}, {'E', "E", "source listing file"}, {'S', "S", "file"}]],
    ok.

-doc "The text of an error of this module.".
-spec format_error(term()) -> iolist().
format_error({text, Text}) -> Text;
format_error({epp, Reason}) -> epp:format_error(Reason);
format_error({open, Reason}) -> ["open error '", file:format_error(Reason), "'"];
format_error(write_error) -> "error writing file";
format_error({write_error, Reason}) -> ["error writing file: ", file:format_error(Reason)];
format_error({rename, From, To, Reason}) ->
    io_lib:format("failed to rename ~ts to ~ts: ~ts", [From, To, file:format_error(Reason)]);
format_error({undef_parse_transform, Module}) -> io_lib:format("undefined parse transform '~ts'", [Module]);
format_error({Kind, Module, {Class, Reason, Stack}}) when Kind =:= parse_transform; Kind =:= core_transform ->
    What = case Kind of parse_transform -> "parse"; core_transform -> "core" end,
    io_lib:format("error in ~s transform '~ts':\n~ts", [What, Module, gerl_messages:exception(Class, Reason, Stack)]);
format_error({module_name, Module, Base}) ->
    io_lib:format("Module name '~s' does not match file name '~ts'", [Module, Base]);
format_error({obsolete_option, Option}) -> io_lib:format("the ~p option is no longer supported", [Option]);
format_error({not_supported, Option}) -> io_lib:format("not supported: the option ~tp", [Option]);
format_error(no_crypto) -> "this system is not configured with crypto support.";
format_error(no_crypto_key) -> "no crypto key supplied.";
format_error(bad_crypto_key) -> "invalid crypto key.".

%%% ---- erlc's way in ------------------------------------------------------------------------------

-doc false.
compile(File, _Output, Options) -> from_erlc(File, Options, []).

-doc false.
compile_abstr(File, _Output, Options) -> from_erlc(File, Options, [from_abstr]).

-doc false.
compile_asm(File, _Output, Options) -> from_erlc(File, Options, [from_asm]).

-doc false.
compile_core(File, _Output, Options) -> from_erlc(File, Options, [from_core]).

from_erlc(File, Options, Kind) ->
    case file(File, Kind ++ Options) of
        {ok, _} -> ok;
        Other -> Other
    end.

%%% ---- options ------------------------------------------------------------------------------------

listed(Options) when is_list(Options) -> Options;
listed(Option) -> [Option].

%% Some options stand for others.
expanded(Options0) ->
    Options = case lists:any(fun(O) -> lists:member(O, [debug_info_key, encrypt_debug_info]) end, keys(Options0))
                   andalso not lists:member(debug_info, keys(Options0)) of
                  true -> [debug_info | Options0];
                  false -> Options0
              end,
    lists:flatmap(fun meaning/1, case lists:member(makedep_side_effect, Options) of
                                     true -> lists:delete(makedep, Options);
                                     false -> Options
                                 end).

keys(Options) -> [case O of {K, _} -> K; _ -> O end || O <- Options].

meaning(return) -> [return_errors, return_warnings];
meaning(report) -> [report_errors, report_warnings];
meaning(basic_validation) -> [no_code_generation, to_pp, binary];
meaning(strong_validation) -> [no_code_generation, binary];
meaning({debug_info_key, _} = O) -> [encrypt_debug_info, O];
meaning(O) -> [O].

%% What is to be made: the first stage asked for, in the order in which they come.
target(Options) ->
    Stages = [{makedep, makedep}, {dpp, {terms, "pp"}}, {'P', {source, "P"}}, {to_pp, {terms, "P"}}, {dabstr, {terms, "abstr"}},
              {to_abstr, {terms, "abstr"}}, {dexp, {terms, "expand"}}, {'E', {source, "E"}}, {to_exp, {terms, "abstr"}},
              {dcore, unsupported}, {to_core, unsupported}, {to_core0, unsupported}, {to_kernel, unsupported}, {dasm, unsupported},
              {'S', {assembly, "S"}}, {to_asm, {assembly, "S"}}],
    case [{O, S} || {O, S} <- Stages, lists:member(O, Options)] of
        [{O, unsupported} | _] -> {unsupported, O};
        [{_, makedep} | _] -> makedep;
        [{O, {Kind, Ext}} | _] -> {O, Kind, Ext};
        [] -> code
    end.

has(Option, #job{options = Options}) -> lists:member(Option, Options).

%%% ---- the way through ----------------------------------------------------------------------------

%% The work is done by a process of its own, as parse transforms may leave messages behind.
apart(Input, Options) ->
    case lists:member(no_spawn_compiler_process, Options) of
        true -> work(Input, expanded(Options));
        false ->
            {Pid, Ref} = spawn_monitor(fun() -> exit({?MODULE, work(Input, expanded(Options))}) end),
            receive
                {'DOWN', Ref, process, Pid, {?MODULE, Result}} -> Result;
                {'DOWN', Ref, process, Pid, Reason} ->
                    Info = {none, ?MODULE, {text, io_lib:format("internal error: ~tP", [Reason, 30])}},
                    finish(error, #job{file = named(Input), options = expanded(Options), errors = [{named(Input), [Info]}]})
            end
    end.

named({file, File}) -> name(File);
named({forms, _}) -> "".

name(File) when is_atom(File) -> atom_to_list(File);
name(File) -> unicode:characters_to_list(File).

work({forms, Forms}, Options) ->
    Source = proplists:get_value(source, Options, ""),
    Own = proplists:delete(source, Options),
    Job = job(Source, Own),
    case {lists:member(from_asm, Own), lists:member(from_core, Own)} of
        {_, true} when element(1, Forms) =:= gerl_core -> transformed(element(2, Forms), Job#job{silent = true});
        {true, _} -> assembled(listing_terms(Forms), Job);
        {_, true} -> failed(Job, {Job#job.source, [{none, ?MODULE, {not_supported, from_core}}]});
        _ -> transformed(columns(Forms, Own), Job)
    end;
work({file, File}, Options) ->
    Job = job(name(File), Options),
    case [O || O <- Options, O =:= from_asm orelse O =:= from_core orelse O =:= from_abstr] of
        [from_abstr | _] -> consulted(Job);
        [from_asm | _] ->
            remove_old(Job),
            case file:consult(Job#job.source) of
                {ok, Terms} -> assembled(Terms, Job);
                {error, Reason} -> failed(Job, {Job#job.source, [{none, ?MODULE, {open, Reason}}]})
            end;
        [O | _] -> failed(Job, {Job#job.source, [{none, ?MODULE, {not_supported, O}}]});
        [] -> parsed(Job)
    end.

job(File, Options) ->
    Ext = case [E || {O, E} <- [{from_abstr, ".abstr"}, {from_asm, ".S"}], lists:member(O, Options)] of [E | _] -> E; [] -> ".erl" end,
    Dir = filename:dirname(File),
    Base = filename:basename(File, Ext),
    Source = case {File, Dir} of
                 {"", _} -> "";
                 {_, "."} -> Base ++ Ext;
                 _ -> filename:join(Dir, Base ++ Ext)
             end,
    #job{file = File, source = Source, base = Base, options = Options, own = Options}.

%% Positions without columns for who asks for them.
columns(Forms, Options) ->
    case proplists:get_value(error_location, Options, column) of
        column -> Forms;
        line -> lists:map(fun lines_only/1, Forms)
    end.

lines_only({Kind, {Location, Module, Reason}}) when Kind =:= error; Kind =:= warning ->
    {Kind, {line(Location), Module, Reason}};
lines_only({eof, Location}) -> {eof, line(Location)};
lines_only(Form) ->
    erl_parse:map_anno(fun(Anno) -> erl_anno:set_location(erl_anno:line(Anno), Anno) end, Form).

line({Line, _}) -> Line;
line(Line) -> Line.

parsed(#job{options = Options, source = Source} = Job) ->
    case [F || {feature, F, _} <- Options, F =/= all, not lists:member(F, erl_features:all())] of
        [] -> read(Job);
        Unknown -> failed(Job, {Source, [{none, erl_features, {invalid_features, Unknown}}]})
    end.

read(#job{options = Options, source = Source} = Job) ->
    remove_old(Job),
    Dir = filename:dirname(Source),
    Shown0 = proplists:get_value(source_name, Options, Source),
    Shown = case has(deterministic, Job) of true -> filename:basename(Shown0); false -> Shown0 end,
    Settings = [{includes, [".", Dir | [P || {i, P} <- Options, is_list(P)]]},
                {source_name, Shown},
                {deterministic, has(deterministic, Job)},
                {macros, [case D of {d, N, V} -> {N, V}; {d, N} -> N end || D <- Options, element_is(D, d)]},
                {default_encoding, proplists:get_value(default_encoding, Options, epp:default_encoding())},
                {location, case proplists:get_value(error_location, Options, column) of line -> 1; column -> {1, 1} end},
                {features, features(Options)},
                extra],
    case epp:parse_file(Source, Settings) of
        {ok, Forms, Extra} ->
            On = proplists:get_value(features, Extra, []),
            transformed(Forms, Job#job{encoding = proplists:get_value(encoding, Extra, none),
                                       options = [{features, On} | Options]});
        {error, Reason} ->
            failed(Job, {Source, [{none, ?MODULE, {epp, Reason}}]})
    end.

element_is(Tuple, Tag) -> is_tuple(Tuple) andalso tuple_size(Tuple) > 1 andalso element(1, Tuple) =:= Tag.

features(Options) -> [case How of enable -> F; disable -> list_to_atom([$- | atom_to_list(F)]) end || {feature, F, How} <- Options].

%% A .beam file of an earlier compilation must not survive one that fails.
remove_old(#job{options = Options} = Job) ->
    case target(Options) =:= code andalso not has(binary, Job) of
        true -> _ = file:delete(output(Job, "beam")), ok;
        false -> ok
    end.

consulted(#job{source = Source} = Job) ->
    case file:consult(Source) of
        {ok, Forms} -> transformed(Forms, Job);
        {error, Reason} -> failed(Job, {Source, [{none, ?MODULE, {open, Reason}}]})
    end.

%% The terms of an assembly listing; what `S' with `binary' gives has another form.
listing_terms({Module, Exports, Attributes, Functions, Labels}) ->
    [{module, Module}, {exports, Exports}, {attributes, Attributes}, {labels, Labels}
     | lists:append([[{function, Name, Arity, Entry} | Code] || {function, Name, Arity, Entry, Code} <- Functions])];
listing_terms(Terms) -> Terms.

assembled(Terms, #job{options = Options, source = Source} = Job) ->
    Settings = [{source_name, Source}, {compile_info, compile_info([], Options, Source)}],
    case gerl_text:compile(assembly, Terms, Settings) of
        {ok, Module, Code, []} -> produced(code, Code, Job#job{module = Module});
        {error, Text} -> failed(Job, {Source, [{none, ?MODULE, {text, Text}}]})
    end.

output(#job{base = Base0, options = Options}, Ext) ->
    Base = proplists:get_value(output_name, Options, Base0),
    case lists:keyfind(outdir, 1, Options) of
        {outdir, Dir} -> filename:join(Dir, Base) ++ "." ++ Ext;
        _ -> Base ++ "." ++ Ext
    end.

transformed(Forms, #job{options = Options} = Job) ->
    Inside = lists:flatten([C || {attribute, _, compile, C} <- Forms]),
    Transforms = proplists:get_all_values(parse_transform, Options ++ Inside),
    case gerl_transform:run(Transforms, Forms, Options ++ Inside, Job#job.source) of
        {ok, New, Warnings} -> dependencies(New, Job#job{warnings = Warnings});
        {error, Errors, Warnings} -> finish(error, Job#job{errors = Errors, warnings = Warnings})
    end.

dependencies(Forms, #job{options = Options, source = Source} = Job) ->
    Side = has(makedep_side_effect, Job),
    case Side orelse has(makedep, Job) of
        false -> checked(Forms, Job);
        true ->
            Text = gerl_makedep:text(Source, output(Job, "beam"), Forms, Options),
            Done = case has(binary, Job) andalso not Side of
                       true -> ok;
                       false -> gerl_makedep:write(Text, output(Job, "Pbeam"), Options)
                   end,
            case Done of
                ok when Side -> checked(Forms, Job);
                ok -> finish(Text, Job);
                {error, Reason} -> failed(Job, {Source, [{none, ?MODULE, Reason}]})
            end
    end.

checked(Forms, #job{options = Options, source = Source} = Job0) ->
    Job = Job0#job{base = default_base(Job0, Forms)},
    case target(Options) of
        {dpp, _, Ext} -> listing(terms, Ext, Forms, Job);
        {unsupported, Option} -> failed(Job, {Source, [{none, ?MODULE, {not_supported, Option}}]});
        {Option, Kind, Ext} when Option =/= 'S', Option =/= to_asm ->
            case erl_lint:module(Forms, Source, Options) of
                {ok, Warnings} -> stage(Option, Kind, Ext, Forms, add(Warnings, Job));
                {error, Errors, Warnings} -> finish(error, (add(Warnings, Job))#job{errors = Errors})
            end;
        Target -> generated(Target, Forms, Job)
    end.

default_base(#job{base = "", source = ""}, Forms) ->
    case [M || {attribute, _, module, M} <- Forms, is_atom(M)] of
        [Module | _] -> atom_to_list(Module);
        [] -> ""
    end;
default_base(#job{base = Base}, _) -> Base.

add(Warnings, #job{warnings = Before} = Job) -> Job#job{warnings = Before ++ Warnings}.

stage(Option, Kind, Ext, Forms0, Job) ->
    Undocumented = [F || F <- Forms0, not documentation(F)],
    Forms = case lists:member(Option, [dexp, 'E', to_exp]) of
                true -> erl_expand_records:module(Undocumented, Job#job.options);
                false when Option =:= 'P'; Option =:= to_pp -> Forms0;
                false -> Undocumented
            end,
    case has(binary, Job) andalso lists:member(Option, [to_pp, to_abstr, to_exp]) of
        true -> finish(Forms, Job);
        false when Option =:= 'E' -> listing(Kind, Ext, [legal(F) || F <- Forms], Job);
        false -> listing(Kind, Ext, Forms, Job)
    end.

documentation({attribute, _, Name, _}) -> Name =:= doc orelse Name =:= moduledoc orelse Name =:= docformat;
documentation(_) -> false.

legal({function, _, _, _, _} = Function) -> erl_pp:legalize_vars(Function);
legal(Form) -> Form.

listing(Kind, Ext, Code, #job{encoding = Encoding0} = Job) ->
    Name = output(Job, Ext),
    Encoding = case Encoding0 of none -> epp:default_encoding(); _ -> Encoding0 end,
    Head = case Encoding0 of none -> []; _ when Kind =:= source -> ["%% ", epp:encoding_to_string(Encoding), $\n]; _ -> [] end,
    Text = case Kind of
               source -> [[erl_pp:form(F, [{encoding, Encoding}]), $\n] || F <- Code];
               terms -> [io_lib:format("~tp.\n", [F]) || F <- Code];
               assembly -> Code
           end,
    case file:write_file(Name, unicode:characters_to_binary([Head, Text], unicode, Encoding)) of
        ok -> finish(Code, Job);
        {error, Reason} -> failed(Job, {Name, [{none, ?MODULE, {write_error, Reason}}]})
    end.

%%% ---- code ---------------------------------------------------------------------------------------

generated(Target, Forms, #job{options = Options, source = Source} = Job) ->
    All = case Job#job.silent of
              true -> Options; % Core Erlang has no attributes that the compiler reads
              false -> expanded(lists:flatten([C || {attribute, _, compile, C} <- Forms])) ++ Options
          end,
    case gerl_debug_info:chunk(Forms, All, Job#job.own, Source) of
        {error, Errors} -> failed(Job, {Source, Errors});
        {ok, Debug, Kept} ->
            Settings = [{flags, Options}, {enabled, proplists:get_value(features, Options, [])}, {source_name, Source},
                        {result, case Target of code -> code; _ -> assembly end},
                        {chunks, [{"Dbgi", Debug} | [{binary_to_list(N), B} || {N, B} <- proplists:get_value(extra_chunks, All, [])]]},
                        {compile_info, compile_info(Kept, All, Source)}],
            case known(Forms, Settings, []) of
                {ok, Module, Code, Found} ->
                    {[], Told} = sorted_out(Found),
                    Warnings = case Job#job.silent of true -> []; false -> Told end,
                    produced(Target, Code, add(Warnings, Job#job{module = Module}));
                {error, Found} ->
                    {Errors, Warnings} = sorted_out(Found),
                    finish(error, (add(Warnings, Job))#job{errors = Errors})
            end
    end.

compile_info(Kept, All, Source) ->
    Info = proplists:get_value(compile_info, Kept, []),
    case lists:member(deterministic, All) of
        true -> Info;
        false ->
            Options = {options, [O || O <- Kept, not element_is(O, compile_info), not element_is(O, features),
                                      gerl_debug_info:matters(O)]},
            Place = case Source =:= "" orelse lists:member(slim, All) of
                        true -> [];
                        false -> [{source, filename:absname(Source)}]
                    end,
            [Options | Place ++ Info]
    end.

%% The linter asks for the behaviours that it does not know.
known(Forms, Settings, Behaviours) ->
    case gerl_text:compile(forms, Forms, [{behaviours, Behaviours} | Settings]) of
        {ask, Names} -> known(Forms, Settings, [gerl_behaviour:info(N) || N <- lists:usort(Names)] ++ Behaviours);
        Result -> Result
    end.

sorted_out(Found) ->
    Of = fun(Kind) -> [{F, [Info]} || {K, F, Info, _} <- Found, K =:= Kind] end,
    {Of(error), Of(warning)}.

produced({_, assembly, Ext}, Text, Job) ->
    case has(binary, Job) of
        true -> finish(gerl_assembly:term(Text), Job);
        false -> listing(assembly, Ext, Text, Job)
    end;
produced(code, Code, Job) ->
    case has(binary, Job) orelse Job#job.warnings =/= [] andalso has(warnings_as_errors, Job) of
        true -> finish(Code, Job);
        false -> saved(Code, Job)
    end.

%% Another name than the file's would make a file that nobody can load.
saved(Code, #job{module = Module} = Job) ->
    Name = output(Job, "beam"),
    Base = filename:rootname(filename:basename(Name)),
    case atom_to_list(Module) =:= Base orelse has(no_error_module_mismatch, Job) of
        false -> failed(Job, {Name, [{none, ?MODULE, {module_name, Module, Base}}]});
        true ->
            Written = case has(compressed, Job) of
                          true -> file:write_file(Name, Code, [compressed]);
                          false -> gerl_text:write_image(Name, Code)
                      end,
            case Written of
                ok -> finish(none, Job);
                %% OTP tells the name of a temporary file
                {error, Reason} -> failed(Job, {lists:droplast(Name) ++ "#", [{none, ?MODULE, {write_error, Reason}}]})
            end
    end.

%%% ---- results ------------------------------------------------------------------------------------

failed(#job{errors = Errors} = Job, Error) -> finish(error, Job#job{errors = Errors ++ [Error]}).

finish(Code, #job{warnings = Warnings0, options = Options} = Job) ->
    Warnings = gerl_messages:by_file(gerl_messages:wanted(Warnings0, Options)),
    Errors = gerl_messages:by_file(Job#job.errors),
    Refused = Warnings =/= [] andalso has(warnings_as_errors, Job),
    case Code =:= error orelse Refused of
        true ->
            Code =/= error andalso has(report_warnings, Job)
                andalso io:format("compile: warnings being treated as errors\n"),
            gerl_messages:report_errors(Errors, Options),
            gerl_messages:report_warnings(Warnings, Options),
            case has(return_errors, Job) of
                true -> {error, Errors, Warnings};
                false -> error
            end;
        false ->
            gerl_messages:report_warnings(Warnings, Options),
            list_to_tuple([ok, Job#job.module] ++
                          [Code || has(binary, Job), not has(no_code_generation, Job)] ++
                          [Warnings || has(return_warnings, Job)])
    end.
