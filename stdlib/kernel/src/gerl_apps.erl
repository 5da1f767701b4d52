-module(gerl_apps).
-moduledoc "The applications that are part of gerl itself: what their `.app` files would say. Internal.".

-export([spec/1]).

%% Application, the version of OTP 29's application of that name, description, what it needs.
-define(APPS, [{compiler, "10.0.7", "ERTS  CXC 138 10", [kernel, stdlib]},
               {eunit, "2.11", "EUnit", [kernel, stdlib]},
               {common_test, "1.31.2", "The OTP Common Test application", [kernel, stdlib, compiler, tools]},
               {tools, "4.2.3", "DEVTOOLS  CXC 138 16", [kernel, stdlib, compiler]},
               {crypto, "5.10", "CRYPTO", [kernel, stdlib]},
               {runtime_tools, "2.5", "RUNTIME_TOOLS", [kernel, stdlib]},
               {parsetools, "2.8", "XLATETOOLS  CXC 138 xx", [kernel, stdlib]},
               {syntax_tools, "4.1.1", "Syntax tools", [kernel, stdlib, compiler]}]).

-doc "The specification of an application of gerl's own.".
-spec spec(atom()) -> {application, atom(), [{atom(), term()}]} | undefined.
spec(App) ->
    case lists:keyfind(App, 1, ?APPS) of
        {_, Version, Description, Needs} ->
            {application, App, [{description, Description}, {vsn, Version}, {modules, []}, {registered, []},
                                {applications, Needs}, {env, []}]};
        false -> undefined
    end.
