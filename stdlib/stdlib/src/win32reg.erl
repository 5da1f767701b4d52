-module(win32reg).
-moduledoc "The registry of Windows. gerl does not reach it: every function raises not_supported.".

-export([change_key/2, change_key_create/2, close/1, current_key/1, delete_key/1, delete_value/2, expand/1,
         format_error/1, open/1, set_value/3, sub_keys/1, value/2, values/1]).
-export_type([reg_handle/0]).

-type reg_handle() :: term().

-doc "Moves to another key.".
-spec change_key(term(), term()) -> no_return().
change_key(_A, _B) -> error(not_supported).

-doc "Moves to another key, which is made if it is missing.".
-spec change_key_create(term(), term()) -> no_return().
change_key_create(_A, _B) -> error(not_supported).

-doc "Ends the use of a handle.".
-spec close(term()) -> no_return().
close(_A) -> error(not_supported).

-doc "The path of the current key.".
-spec current_key(term()) -> no_return().
current_key(_A) -> error(not_supported).

-doc "Deletes the current key.".
-spec delete_key(term()) -> no_return().
delete_key(_A) -> error(not_supported).

-doc "Deletes a value.".
-spec delete_value(term(), term()) -> no_return().
delete_value(_A, _B) -> error(not_supported).

-doc "A handle on the registry.".
-spec open(term()) -> no_return().
open(_A) -> error(not_supported).

-doc "Sets a value.".
-spec set_value(term(), term(), term()) -> no_return().
set_value(_A, _B, _C) -> error(not_supported).

-doc "The names of the keys below the current one.".
-spec sub_keys(term()) -> no_return().
sub_keys(_A) -> error(not_supported).

-doc "A value of the current key.".
-spec value(term(), term()) -> no_return().
value(_A, _B) -> error(not_supported).

-doc "All values of the current key.".
-spec values(term()) -> no_return().
values(_A) -> error(not_supported).

-doc "Text with the names between percent signs replaced by the values of environment variables.".
-spec expand(string()) -> string().
expand(Text) -> parts(string:split(Text, "%", all)).

%% Text and names take turns; two percent signs together are one that stays.
parts([Text, [] | Rest]) -> Text ++ "%" ++ parts(Rest);
parts([Text, Name | Rest]) when Rest =/= [] ->
    case os:getenv(Name) of
        false -> Text ++ parts(Rest);
        Value -> Text ++ Value ++ parts(Rest)
    end;
parts([Text | _]) -> Text.

-doc "The text of an error.".
-spec format_error(atom()) -> string().
format_error(Reason) -> erl_posix_msg:message(Reason).
