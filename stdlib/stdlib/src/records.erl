-module(records).
-moduledoc "Native records as values: making, reading and changing them where their names are known at run time only.".

-export([create/4, get/2, get_definition/2, get_field_names/1, get_module/1, get_name/1, is_exported/1, update/4]).
-export_type([create_options/0]).

-type create_options() :: #{is_exported := boolean()}.

-doc "A record with these fields, as if Module defined it so.".
-spec create(module(), atom(), [{atom(), term()}], create_options()) -> term().
create(_Module, _Name, _Fields, _Options) -> erlang:nif_error(undef).

-doc "The value of a field.".
-spec get(atom(), term()) -> term().
get(_Field, _Record) -> erlang:nif_error(undef).

-doc "The definition in a loaded module: whether it is exported, and the fields with their default values.".
-spec get_definition(module(), atom()) -> {create_options(), [{atom(), term()} | atom()]}.
get_definition(_Module, _Name) -> erlang:nif_error(undef).

-doc "The names of a record's fields.".
-spec get_field_names(term()) -> [atom()].
get_field_names(_Record) -> erlang:nif_error(undef).

-doc "The module that defines a record.".
-spec get_module(term()) -> module().
get_module(_Record) -> erlang:nif_error(undef).

-doc "The name of a record.".
-spec get_name(term()) -> atom().
get_name(_Record) -> erlang:nif_error(undef).

-doc "Whether other modules may know a record's fields.".
-spec is_exported(term()) -> boolean().
is_exported(_Record) -> erlang:nif_error(undef).

-doc "The record with other values of some fields.".
-spec update(term(), module(), atom(), #{atom() => term()}) -> term().
update(_Record, _Module, _Name, _Values) -> erlang:nif_error(undef).
