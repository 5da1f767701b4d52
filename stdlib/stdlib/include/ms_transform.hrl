%% Including this file makes ets:fun2ms/1 and dbg:fun2ms/1 work in compiled code.
-compile({parse_transform, ms_transform}).
