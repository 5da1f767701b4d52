-module(file_sorter).
-moduledoc """
Sorting of terms in files, merging sorted files, and checking whether files are sorted.

A file is a sequence of objects, each with its length in front (4 bytes, or as the option header says). Input may
also come from a fun and output go to one. Objects are sorted in memory: no temporary files are written, and of the
options about them only a tmpdir that cannot be written to has an effect.
""".

-export([sort/1, sort/2, sort/3, keysort/2, keysort/3, keysort/4]).
-export([merge/2, merge/3, keymerge/3, keymerge/4, check/1, check/2, keycheck/2, keycheck/3]).
-export_type([reason/0]).

-type input() :: [file:name()] | file:name() | fun((read | close) -> term()).
-type output() :: file:name() | fun((term()) -> term()).
-type key_pos() :: pos_integer() | [pos_integer()].
-type options() :: [option()] | option().
-type option() :: {compressed, boolean()} | {header, pos_integer()} | {no_files, pos_integer()} | {tmpdir, file:name()}
                | {format, binary_term | term | binary | fun((binary()) -> term())} | {size, non_neg_integer()}
                | {order, ascending | descending | fun((term(), term()) -> boolean())} | {unique, boolean()}.
-type reason() :: bad_object | {bad_object | bad_term | premature_eof, file:name()}
                | {file_error, file:name(), file:posix() | badarg | system_limit}.
-type result() :: ok | {error, reason()} | term().

-record(how, {header = 4, format = binary_term, order = ascending, unique = false, compressed = false, size = 524288,
              tmpdir = none, keys = none}).

%%% ---- sorting and merging --------------------------------------------------------------------------------

-doc "Sorts a file in place.".
-spec sort(file:name()) -> result().
sort(File) -> sort([File], File).
-doc "Sorts the objects of files, or of a fun, into a file, or a fun.".
-spec sort(input(), output()) -> result().
sort(Input, Output) -> sort(Input, Output, []).
-doc "sort/2 with options.".
-spec sort(input(), output(), options()) -> result().
sort(Input, Output, Options) -> run(sort, Input, Output, Options, none).

-doc "Sorts a file in place by the elements at positions.".
-spec keysort(key_pos(), file:name()) -> result().
keysort(Keys, File) -> keysort(Keys, [File], File).
-doc "Sorts tuples by the elements at positions.".
-spec keysort(key_pos(), input(), output()) -> result().
keysort(Keys, Input, Output) -> keysort(Keys, Input, Output, []).
-doc "keysort/3 with options.".
-spec keysort(key_pos(), input(), output(), options()) -> result().
keysort(Keys, Input, Output, Options) -> run(sort, Input, Output, Options, positions(Keys)).

-doc "Merges sorted files.".
-spec merge([file:name()], output()) -> result().
merge(Files, Output) -> merge(Files, Output, []).
-doc "merge/2 with options.".
-spec merge([file:name()], output(), options()) -> result().
merge(Files, Output, Options) -> run(merge, Files, Output, Options, none).

-doc "Merges files that are sorted by the elements at positions.".
-spec keymerge(key_pos(), [file:name()], output()) -> result().
keymerge(Keys, Files, Output) -> keymerge(Keys, Files, Output, []).
-doc "keymerge/3 with options.".
-spec keymerge(key_pos(), [file:name()], output(), options()) -> result().
keymerge(Keys, Files, Output, Options) -> run(merge, Files, Output, Options, positions(Keys)).

run(Work, Input, Output, Options, Keys) ->
    is_function(Input, 1) andalso Work =:= sort orelse first_name(Input),
    is_function(Output, 1) orelse name(Output),
    How = how(Options, Keys),
    try
        {Parts, Value} = input(Input, How),
        room(Parts, How),
        output(Output, in_order(Work, Parts, How), Value, How)
    catch
        throw:{sorter, Reply} ->
            _ = is_function(Output, 1) andalso (catch Output(close)),
            Reply
    end.

fail(Reason) -> throw({sorter, {error, Reason}}).

%% Names are checked when their turn comes, the first one at once.
first_name([Name | _]) -> name(Name);
first_name([]) -> none;
first_name(Other) -> error({badarg, Other}).

name(Name) when is_list(Name); is_atom(Name); is_binary(Name) ->
    try filename:absname(Name)
    catch error:_ -> error({badarg, Name})
    end;
name(Name) -> error({badarg, Name}).

%% Where more objects come than fit in memory, there would be temporary files.
room(_, #how{tmpdir = none}) -> ok;
room(Parts, #how{tmpdir = Dir, size = Size}) ->
    case lists:sum([object_size(Object) || Pairs <- Parts, {_, Object} <- Pairs]) > Size of
        true ->
            File = filename:join(Dir, "fs_" ++ os:getpid() ++ "_" ++ integer_to_list(erlang:unique_integer([positive]))),
            case file:write_file(File, <<>>) of
                ok -> ok = file:delete(File);
                {error, Reason} -> fail({file_error, File, Reason})
            end;
        false -> ok
    end.

object_size(Object) when is_binary(Object) -> byte_size(Object);
object_size(Term) -> erlang:external_size(Term).

%%% ---- options ------------------------------------------------------------------------------------------------

how(Options, Keys) when is_list(Options) ->
    #how{format = Format} = How = options(Options, #how{header = default, keys = Keys}),
    Format =:= binary andalso Keys =/= none andalso error({badarg, format}),
    is_function(How#how.order) andalso Keys =/= none andalso error({badarg, order}),
    case How#how.header of
        default -> How#how{header = 4};
        _ when Format =:= term -> error({badarg, header});
        _ -> How
    end;
how(Option, Keys) -> how([Option], Keys).

options([Option | Rest], How) -> options(Rest, option(Option, How));
options([], How) -> How;
options(Other, _) -> error({badarg, Other}).

option({header, N}, How) when is_integer(N), N > 0, N < 1 bsl 35 -> How#how{header = N};
option({format, term}, How) -> How#how{format = term};
option({format, F}, How) when F =:= binary; F =:= binary_term; is_function(F, 1) -> How#how{format = F};
option({order, O}, How) when O =:= ascending; O =:= descending; is_function(O, 2) -> How#how{order = O};
option({unique, U}, How) when is_boolean(U) -> How#how{unique = U};
option(unique, How) -> How#how{unique = true};
option({compressed, C}, How) when is_boolean(C) -> How#how{compressed = C};
option(compressed, How) -> How#how{compressed = true};
option({no_files, N}, How) when is_integer(N), N > 1 -> How;
option({size, N}, How) when is_integer(N), N >= 0 -> How#how{size = N};
option({tmpdir, ""}, How) -> How#how{tmpdir = none};
option({tmpdir, Dir}, How) -> How#how{tmpdir = name(Dir)};
option(Option, _How) -> error({badarg, Option}).

positions(N) when is_integer(N), N > 0 -> [N];
positions([_ | _] = Keys) -> several(Keys);
positions(Other) -> error({badarg, Other}).

several([N | Keys]) when is_integer(N), N > 0 -> [N | several(Keys)];
several([]) -> [];
several([Other | _]) -> error({badarg, Other});
several(Other) -> error({badarg, Other}).

%%% ---- input and output -----------------------------------------------------------------------------------------

%% Pairs of a term and the object that stands for it, a list for each file, and what the input function wants to be passed on.
input(Fun, How) when is_function(Fun, 1) -> from_fun(Fun(read), Fun, How, []);
input(Files, How) -> {from_files(Files, How), none}.

from_files([File | Files], How) ->
    Pairs = from_file(name(File), How),
    [Pairs | from_files(Files, How)];
from_files([], _How) -> [];
from_files(Other, _How) -> error({badarg, Other}).

from_fun(end_of_input, _Fun, _How, Acc) -> {[lists:append(lists:reverse(Acc))], none};
from_fun({end_of_input, Value}, _Fun, _How, Acc) -> {[lists:append(lists:reverse(Acc))], {value, Value}};
from_fun({Objects, Next}, _Fun, How, Acc) when is_list(Objects), is_function(Next, 1) ->
    Pairs = try [{term_of(Object, How, none), Object} || Object <- Objects]
            catch
                throw:{sorter, _} = Failed ->
                    _ = catch Next(close),
                    throw(Failed)
            end,
    from_fun(Next(read), Next, How, [Pairs | Acc]);
from_fun(Reply, Fun, _How, _Acc) ->
    _ = catch Fun(close),
    throw({sorter, Reply}).

term_of(Object, #how{format = term} = How, File) -> keyed(Object, How, File);
term_of(Object, #how{format = binary}, _File) when is_binary(Object) -> Object;
term_of(Object, #how{format = Format} = How, File) when is_binary(Object) ->
    try
        case Format of
            binary_term -> binary_to_term(Object);
            _ -> Format(Object)
        end
    of
        Term -> keyed(Term, How, File)
    catch
        _:_ -> fail(bad(bad_object, File))
    end;
term_of(_Object, _How, File) -> fail(bad(bad_object, File)).

%% Terms must have the elements that they are sorted by.
keyed(Term, #how{keys = none}, _File) -> Term;
keyed(Term, #how{keys = Keys}, File) ->
    case is_tuple(Term) andalso tuple_size(Term) >= lists:max(Keys) of
        true -> Term;
        false -> fail(bad(bad_object, File))
    end.

bad(Kind, none) -> Kind;
bad(Kind, File) -> {Kind, File}.

from_file(File, #how{format = term} = How) ->
    case file:consult(File) of
        {ok, Terms} -> [{keyed(Term, How, File), Term} || Term <- Terms];
        {error, Reason} when is_atom(Reason) -> fail({file_error, File, Reason});
        {error, _} -> fail({bad_term, File})
    end;
from_file(File, How) ->
    case file:read_file(File) of
        {ok, <<31, 139, _/binary>> = Bytes} when How#how.compressed -> objects(zlib:gunzip(Bytes), How#how.header * 8, File, How);
        {ok, Bytes} -> objects(Bytes, How#how.header * 8, File, How);
        {error, Reason} -> fail({file_error, File, Reason})
    end.

objects(<<>>, _Bits, _File, _How) -> [];
objects(Bytes, Bits, File, How) ->
    case Bytes of
        <<Size:Bits, Object:Size/binary, Rest/binary>> ->
            [{term_of(Object, How, File), Object} | objects(Rest, Bits, File, How)];
        _ -> fail({premature_eof, File})
    end.

output(Fun, Pairs, Value, _How) when is_function(Fun, 1) ->
    Begun = case Value of
                none -> Fun;
                _ -> Fun(Value)
            end,
    to_fun([Object || {_, Object} <- Pairs], Begun);
output(File, Pairs, _Value, #how{format = term}) ->
    written(file:write_file(File, [io_lib:format("~tp.~n", [Term]) || {Term, _} <- Pairs]), File);
output(File, Pairs, _Value, #how{header = Header, compressed = Compressed}) ->
    Bytes = [[<<(byte_size(Object)):(Header * 8)>>, Object] || {_, Object} <- Pairs],
    written(file:write_file(File, if Compressed -> zlib:gzip(Bytes); true -> Bytes end), File).

to_fun(Objects, Fun) when is_function(Fun, 1) ->
    {Some, Rest} = lists:split(min(1000, length(Objects)), Objects),
    case Some of
        [] -> Fun(close);
        _ -> to_fun(Rest, Fun(Some))
    end;
to_fun(_Objects, Reply) -> Reply.

written(ok, _File) -> ok;
written({error, Reason}, File) -> fail({file_error, File, Reason}).

%%% ---- order -----------------------------------------------------------------------------------------------------

%% The descending order is the ascending one backwards, also among equals; files that are merged are so already.
in_order(merge, Parts, #how{order = descending} = How) ->
    lists:reverse(sorted(lists:append([lists:reverse(Pairs) || Pairs <- Parts]), How#how{order = ascending}));
in_order(_, Parts, #how{order = descending} = How) -> lists:reverse(sorted(lists:append(Parts), How#how{order = ascending}));
in_order(_, Parts, How) -> sorted(lists:append(Parts), How).

sorted(Pairs, How) ->
    Sorted = lists:sort(fun({A, _}, {B, _}) -> may_precede(A, B, How) end, Pairs),
    case How#how.unique of
        true -> without_copies(Sorted, How);
        false -> Sorted
    end.

may_precede(A, B, #how{order = Order, keys = Keys}) ->
    case Order of
        ascending -> key(A, Keys) =< key(B, Keys);
        descending -> key(A, Keys) >= key(B, Keys);
        _ -> Order(A, B)
    end.

key(Term, none) -> Term;
key(Term, Keys) -> [element(N, Term) || N <- Keys].

without_copies([{A, _} = First | [{B, _} | Rest] = More], How) ->
    case may_precede(B, A, How) of
        true -> without_copies([First | Rest], How);
        false -> [First | without_copies(More, How)]
    end;
without_copies(Few, _How) -> Few.

%%% ---- checking ----------------------------------------------------------------------------------------------------

-doc "Whether a file is sorted: {ok, []}, or where the first object stands that is out of order.".
-spec check(file:name()) -> {ok, [{file:name(), pos_integer(), term()}]} | {error, reason()}.
check(File) -> check([File], []).
-doc "check/1 for several files, with options.".
-spec check([file:name()], options()) -> {ok, [{file:name(), pos_integer(), term()}]} | {error, reason()}.
check(Files, Options) -> checked(Files, Options, none).

-doc "Whether a file is sorted by the elements at positions.".
-spec keycheck(key_pos(), file:name()) -> {ok, [{file:name(), pos_integer(), term()}]} | {error, reason()}.
keycheck(Keys, File) -> keycheck(Keys, [File], []).
-doc "keycheck/2 for several files, with options.".
-spec keycheck(key_pos(), [file:name()], options()) -> {ok, [{file:name(), pos_integer(), term()}]} | {error, reason()}.
keycheck(Keys, Files, Options) -> checked(Files, Options, positions(Keys)).

checked(Files, Options, Keys) ->
    first_name(Files),
    How = how(Options, Keys),
    try {ok, lists:append(misplaced(Files, How))}
    catch throw:{sorter, Reply} -> Reply
    end.

misplaced([File | Files], How) ->
    Name = name(File),
    Found = misplaced(from_file(Name, How), 2, Name, How),
    [Found | misplaced(Files, How)];
misplaced([], _How) -> [];
misplaced(Other, _How) -> error({badarg, Other}).

misplaced([{A, _} | [{B, _} | _] = Rest], Position, File, How) ->
    Wrong = not may_precede(A, B, How) orelse How#how.unique andalso may_precede(B, A, How),
    case Wrong of
        true when How#how.format =:= binary -> [{File, Position, binary_to_term(B)}]; % binaries are taken for terms here
        true -> [{File, Position, B}];
        false -> misplaced(Rest, Position + 1, File, How)
    end;
misplaced(_, _Position, _File, _How) -> [].
