-module(gerl_xref_text).
-moduledoc "Texts of xref: ready-made queries, and errors.".

-export([analysis/2, error/1]).

-doc "The query of an analysis in a mode; throws `{unknown_analysis, Analysis}` or `{unavailable_analysis, Analysis}`.".
-spec analysis(term(), functions | modules) -> string().
analysis(exports_not_used, modules) -> "X - XU - _:behaviour_info/1";
analysis(Analysis, Mode) ->
    case query(Analysis) of
        none -> throw({unknown_analysis, Analysis});
        {functions, _} when Mode =:= modules -> throw({unavailable_analysis, Analysis});
        {_, Query} -> Query
    end.

query(undefined_function_calls) -> {functions, "(XC - UC) || (XU - X - B)"};
query(undefined_functions) -> {any, "XU - X - B - range UC"};
query(locals_not_used) -> {functions, "L - range (closure E | (X + OL)) - OL"};
query(exports_not_used) -> {any, "X - XU"};
query(deprecated_function_calls) -> {functions, "XC || DF"};
query({deprecated_function_calls, Flag}) -> flagged(functions, "XC || DF", Flag);
query(deprecated_functions) -> {any, "XU * DF"};
query({deprecated_functions, Flag}) -> flagged(any, "XU * DF", Flag);
query(private_function_calls) -> {functions, outside("XC || DC_2")};
query(undocumented_function_calls) -> {functions, outside("XC || (X - DC)")};
query(unsafe_function_calls) -> {functions, "XC || US"};
query({call, What}) -> {functions, "range (E | " ++ constants(What, "Fun") ++ ")"};
query({use, What}) -> {functions, "domain (E || " ++ constants(What, "Fun") ++ ")"};
query({module_call, What}) -> {any, "range (ME | " ++ constants(What, "Mod") ++ ")"};
query({module_use, What}) -> {any, "domain (ME || " ++ constants(What, "Mod") ++ ")"};
query({application_call, What}) -> {any, "range (AE | " ++ constants(What, "App") ++ ")"};
query({application_use, What}) -> {any, "domain (AE || " ++ constants(What, "App") ++ ")"};
query({release_call, What}) -> {any, "range (RE | " ++ constants(What, "Rel") ++ ")"};
query({release_use, What}) -> {any, "domain (RE || " ++ constants(What, "Rel") ++ ")"};
query(_) -> none.

%% Calls that leave the application, or the module where there is none.
outside(Calls) -> "(" ++ Calls ++ ") - (Fun) (AE - strict AE) - (Fun) (ME - strict ME)".

flagged(Mode, Query, next_version) -> {Mode, Query ++ "_1"};
flagged(Mode, Query, next_major_release) -> {Mode, Query ++ "_2"};
flagged(Mode, Query, eventually) -> {Mode, Query ++ "_3"};
flagged(_, _, _) -> none.

constants(What, Type) when is_list(What) -> "[" ++ lists:append(lists:join(",", [constant(C) || C <- What])) ++ "] : " ++ Type;
constants(What, Type) -> constants([What], Type).

constant({M, F, A}) -> lists:flatten(io_lib:format("~tw:~tw/~w", [M, F, A]));
constant(Name) -> lists:flatten(io_lib:format("~tw", [Name])).

-doc "What an error says, in English.".
-spec error(term()) -> io_lib:chars().
error({file_error, File, Reason}) -> io_lib:format("~ts: ~ts~n", [File, file:format_error(Reason)]);
error({invalid_filename, Name}) -> io_lib:format("~tp is no file name; give a string or an atom~n", [Name]);
error({invalid_options, Options}) -> io_lib:format("Unknown option or value in ~tp~n", [Options]);
error({invalid_path, Path}) -> io_lib:format("~tp is no library path; give a list of directories or code_path~n", [Path]);
error({no_debug_info, File}) -> io_lib:format("~ts has no debug information; compile it with debug_info~n", [File]);
error({unrecognized_file, File}) -> io_lib:format("~ts is no BEAM file~n", [File]);
error({module_clash, {Module, File, Other}}) -> io_lib:format("~tp is in ~ts, but was read from ~ts~n", [Module, File, Other]);
error({application_clash, {Name, Dir, Other}}) -> io_lib:format("The application ~tp is in ~ts, but was read from ~ts~n", [Name, Dir, Other]);
error({release_clash, {Name, Dir, Other}}) -> io_lib:format("The release ~tp is in ~ts, but was read from ~ts~n", [Name, Dir, Other]);
error({module_mismatch, Module, Read}) -> io_lib:format("Expected the module ~tp, found ~tp~n", [Module, Read]);
error({no_such_module, Name}) -> io_lib:format("There is no module ~tp~n", [Name]);
error({no_such_application, Name}) -> io_lib:format("There is no application ~tp~n", [Name]);
error({no_such_release, Name}) -> io_lib:format("There is no release ~tp~n", [Name]);
error({no_such_library, Name}) -> io_lib:format("There is no library module ~tp~n", [Name]);
error({no_such_info, Category}) -> io_lib:format("There is no information of the kind ~tp~n", [Category]);
error({not_user_variable, Name}) -> io_lib:format("~tp is no variable of the user's~n", [Name]);
error({cover_compiled, Module}) -> io_lib:format("~tp is cover compiled; load it again~n", [Module]);
error({parse_error, Position, Text}) -> io_lib:format("Syntax error in column ~p: ~ts~n", [Position, Text]);
error({type_error, What}) -> io_lib:format("~ts cannot be applied to this kind of value~n", [What]);
error({type_mismatch, A, B}) -> io_lib:format("~ts and ~ts are of different types~n", [A, B]);
error({unknown_analysis, What}) -> io_lib:format("There is no analysis ~tp~n", [What]);
error({unavailable_analysis, What}) -> io_lib:format("The analysis ~tp needs the mode functions~n", [What]);
error({unknown_constant, What}) -> io_lib:format("~ts is in no graph~n", [What]);
error({unknown_variable, Name}) -> io_lib:format("There is no variable ~tp~n", [Name]);
error({variable_reassigned, Name}) -> io_lib:format("The variable ~ts has a value already~n", [Name]);
error(Reason) -> beam_lib:format_error({error, beam_lib, Reason}).
