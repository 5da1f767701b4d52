-module(gerl_explain).
-moduledoc false.

%% What is wrong with the arguments of a failed call (EEP 54), computed from remarks: a list with one remark for each
%% argument of the function, as the tables of erl_erts_errors, erl_stdlib_errors and erl_kernel_errors have them.
%%
%%   '_'                 nothing is wrong with this argument
%%   Text                a binary: always said
%%   Kind                the argument must be of this kind (see kind/2)
%%   {bad, Kind}         the argument is known to be of another kind
%%   {Kind, Remark}      Remark holds for an argument of this kind
%%   {fine, Remark}      Remark holds if nothing was wrong with the arguments before
%%   {cause, C, R1, R2}  R1 if the function gave C as the cause of its failure, else R2
%%   options             a list of options; if all else is right, one of them is wrong

-export([map/3, table/3, remark/2, numbered/1, posix/1]).

-type remark() :: '_' | options | atom() | binary() | {atom() | {int, integer(), integer() | infinity}, remark()}
                | {int, integer(), integer() | infinity} | {cause, term(), remark(), remark()}.
-export_type([remark/0]).

-define(BAD_OPTION, <<"invalid option in list">>).

-doc "The explanations of a call's arguments: a map from their numbers to texts.".
-spec map([remark()], [term()], term()) -> #{pos_integer() => binary()}.
map(Remarks, Args, Cause) ->
    {_, Found} = lists:foldl(fun({Remark, Arg}, {N, Said}) ->
                                     case said(Remark, Arg, Cause, Said =:= #{}) of
                                         ok -> {N + 1, Said};
                                         Text -> {N + 1, Said#{N => Text}}
                                     end
                             end, {1, #{}}, pairs(Remarks, Args)),
    Found.

pairs([R | Rs], [A | As]) -> [{R, A} | pairs(Rs, As)];
pairs(_, _) -> [].

-doc "The remarks about a function in a table: pairs of remarks and the names of those functions that they hold for.".
-spec table([{[remark()], [atom()]}], atom(), arity()) -> [remark()].
table([{Remarks, Names} | Table], Name, Arity) ->
    case length(Remarks) =:= Arity andalso lists:member(Name, Names) of
        true -> Remarks;
        false -> table(Table, Name, Arity)
    end;
table([], _, _) -> [].

-doc "What a remark says about a value: ok or a text.".
-spec remark(remark(), term()) -> ok | binary().
remark(Remark, Value) -> said(Remark, Value, none, true).

-doc "A map of those elements that are texts, by their places.".
-spec numbered([ok | binary()]) -> #{pos_integer() => binary()}.
numbered(Texts) ->
    maps:from_list([{N, T} || {N, T} <- lists:zip(lists:seq(1, length(Texts)), Texts), T =/= ok]).

-doc "The text of an error of the operating system, or unknown.".
-spec posix(term()) -> binary() | unknown.
posix(Reason) when is_atom(Reason) ->
    case erl_posix_msg:message(Reason) of
        "unknown POSIX error" ++ _ -> unknown;
        Text -> unicode:characters_to_binary(io_lib:format("~ts (~tp)", [Text, Reason]))
    end;
posix(_) -> unknown.

said('_', _, _, _) -> ok;
said(Text, _, _, _) when is_binary(Text) -> Text;
said({cause, Cause, Remark, _}, V, Cause, Fine) -> said(Remark, V, Cause, Fine);
said({cause, _, _, Remark}, V, Cause, Fine) -> said(Remark, V, Cause, Fine);
said({fine, _}, _, _, false) -> ok;
said({fine, Remark}, V, Cause, true) -> said(Remark, V, Cause, true);
said({bad, Kind}, _, _, _) -> text(Kind);
said(options, V, Cause, Fine) -> said({list, {fine, ?BAD_OPTION}}, V, Cause, Fine);
said({int, Low, High}, V, _, _) -> in_range(V, Low, High);
said({Kind, Remark}, V, Cause, Fine) ->
    case said(Kind, V, Cause, Fine) of
        ok -> said(Remark, V, Cause, Fine);
        Text -> Text
    end;
said(Kind, V, _, _) ->
    try kind(Kind, V) of
        true -> ok;
        false -> text(Kind);
        Other -> text(Other)
    catch
        error:_ -> text(Kind)
    end.

in_range(V, _, _) when not is_integer(V) -> text(integer);
in_range(V, Low, High) when Low =< V, V =< High -> ok;
in_range(_, _, _) -> <<"out of range">>.

%% Whether a value is of a kind; another kind than the one asked for, if its text says it better. An exception means no.
kind(atom, V) -> is_atom(V);
kind(binary, V) -> is_binary(V);
kind(bitstring, V) -> is_bitstring(V);
kind(boolean, V) -> is_boolean(V);
kind(float, V) -> is_float(V);
kind('fun', V) -> is_function(V);
kind(fun1, V) -> is_function(V, 1);
kind(fun2, V) -> is_function(V, 2);
kind(fun3, V) -> is_function(V, 3);
kind(integer, V) -> is_integer(V);
kind(number, V) -> is_number(V);
kind(map, V) -> is_map(V);
kind(pid, V) -> is_pid(V);
kind(reference, V) -> is_reference(V);
kind(tuple, V) -> is_tuple(V);
kind(cons, V) -> V =/= [] andalso is_list(V);
kind(string, V) -> is_list(V) andalso lists:all(fun is_integer/1, V);
kind(plain_list, V) -> length(V) >= 0;
kind(list, V) when not is_list(V) -> false;
kind(list, V) ->
    try length(V) >= 0 catch error:badarg -> proper_list end;
kind(iodata, V) -> iolist_size(V) >= 0;
kind(own_pid, V) when is_pid(V), node(V) =/= node() -> false;
kind(own_pid, V) -> is_pid(V) orelse pid;
kind(own_port, V) when is_port(V), node(V) =/= node() -> false;
kind(own_port, V) -> is_port(V) orelse is_atom(V) orelse port;
kind(base, V) -> is_integer(V) andalso V > 1 andalso V < 37;
kind(isdst, V) -> V =:= undefined orelse is_boolean(V);
kind(localtime, V) -> is_tuple(erlang:localtime_to_universaltime(V));
kind(time_unit, V) -> is_integer(erlang:convert_time_unit(1, native, V));
kind(live_node, nonode@nohost) -> false;
kind(live_node, V) -> is_atom(V) orelse atom.

text(atom) -> <<"not an atom">>;
text(base) -> <<"not an integer in the range 2 through 36">>;
text(binary) -> <<"not a binary">>;
text(bitstring) -> <<"not a bitstring">>;
text(boolean) -> <<"not a boolean ('true' or 'false')">>;
text(cons) -> <<"not a nonempty list">>;
text(destination) -> <<"invalid destination">>;
text(float) -> <<"not a float">>;
text('fun') -> <<"not a fun">>;
text(fun1) -> <<"not a fun that takes one argument">>;
text(fun2) -> <<"not a fun that takes two arguments">>;
text(fun3) -> <<"not a fun that takes three arguments">>;
text(integer) -> <<"not an integer">>;
text(iodata) -> <<"not an iodata term">>;
text(iolist) -> <<"not an iolist term">>;
text(isdst) -> <<"not 'true', 'false', or 'undefined'">>;
text(List) when List =:= list; List =:= plain_list -> <<"not a list">>;
text(live_node) -> <<"the node name is not part of a distributed system">>;
text(live_pid) -> <<"the pid does not refer to an existing process">>;
text(live_port) -> <<"the port identifier does not refer to an existing port">>;
text(localtime) -> <<"not a valid local time">>;
text(map) -> <<"not a map">>;
text(number) -> <<"not a number">>;
text(option) -> ?BAD_OPTION;
text(own_pid) -> <<"not a local pid">>;
text(own_port) -> <<"not a local port">>;
text(pid) -> <<"not a pid">>;
text(port) -> <<"not a port">>;
text(pid_or_port) -> <<"not a pid or a port">>;
text(proper_list) -> <<"not a proper list">>;
text(range) -> <<"out of range">>;
text(reference) -> <<"not a reference">>;
text(string) -> <<"not a list of characters">>;
text(time_unit) -> <<"invalid time unit">>;
text(tuple) -> <<"not a tuple">>;
text(universaltime) -> <<"not a valid universal time">>.
