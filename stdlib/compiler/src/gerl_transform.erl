-module(gerl_transform).
-moduledoc "Runs parse transforms. Internal.".

-export([run/4]).

-type messages() :: [{file:filename(), [tuple()]}].

-doc "Runs parse transforms on forms, one after the other.".
-spec run([module()], [term()], [term()], file:filename()) ->
          {ok, [term()], messages()} | {error, messages(), messages()}.
run([], Forms, _, _) -> {ok, Forms, []};
run(Transforms, Forms0, Options, Source) ->
    case each(Transforms, Forms0, Options, Source, []) of
        {ok, Forms, Warnings} -> {ok, lists:flatmap(fun forget/1, Forms), Warnings};
        Failure -> Failure
    end.

each([Module | Modules], Forms, Options, Source, Warnings) ->
    case code:ensure_loaded(Module) of
        {module, _} ->
            case one(Module, place(Module, Forms), Options) of
                {ok, New, More} -> each(Modules, New, Options, Source, Warnings ++ More);
                {error, Errors, More} -> {error, Errors, Warnings ++ More};
                {failed, Why} -> {error, [{Source, [{none, compile, {parse_transform, Module, Why}}]}], Warnings}
            end;
        {error, _} ->
            {error, [{Source, [{none, compile, {undef_parse_transform, Module}}]}], Warnings}
    end;
each([], Forms, _, _, Warnings) ->
    {ok, Forms, Warnings}.

one(Module, Forms, Options) ->
    try Module:parse_transform(Forms, Options) of
        {error, Errors, Warnings} -> {error, Errors, Warnings};
        {warning, New, Warnings} -> {ok, New, Warnings};
        New -> {ok, New, []}
    catch
        Class:Reason:Stack -> {failed, {Class, Reason, Stack}}
    end.

%% A transform may ask for positions without columns.
place(Module, Forms) ->
    Info = case erlang:function_exported(Module, parse_transform_info, 0) of
               true -> Module:parse_transform_info();
               false -> #{}
           end,
    case Info of
        #{error_location := line} -> [lines(F) || F <- Forms];
        _ -> Forms
    end.

lines({eof, {Line, _}}) -> {eof, Line};
lines({Kind, {{Line, _}, Module, Reason}}) when Kind =:= error; Kind =:= warning -> {Kind, {Line, Module, Reason}};
lines({Kind, _} = Form) when Kind =:= eof; Kind =:= error; Kind =:= warning -> Form;
lines(Form) -> erl_parse:map_anno(fun(A) -> erl_anno:set_location(erl_anno:line(A), A) end, Form).

%% What a transform is named in has been done.
forget({attribute, Anno, compile, Options}) ->
    case [O || O <- lists:flatten([Options]), not is_transform(O)] of
        [] -> [];
        Rest -> [{attribute, Anno, compile, Rest}]
    end;
forget(Form) -> [Form].

is_transform({parse_transform, _}) -> true;
is_transform(_) -> false.
