{module, from_asm_m1}.  %% version = 0

{exports, [{f,1},{g,2},{h,1},{module_info,0},{module_info,1}]}.

{attributes, []}.

{labels, 18}.


{function, f, 1, 2}.
  {label,1}.
    {line,[{location,[],2}]}.
    {func_info,{atom,from_asm_m1},{atom,f},1}.
  {label,2}.
    {'%',{var_info,{x,0},[accepts_match_context]}}.
    {test,bs_start_match3,{f,4},1,[{x,0}],{x,1}}.
    {test,bs_get_integer2,
          {f,3},
          2,
          [{x,1},
           {integer,4},
           1,
           {field_flags,[{anno,[2,{file,[]}]},unsigned,big]}],
          {x,0}}.
    {bs_get_tail,{x,1},{x,1},2}.
    {bs_create_bin,{f,0},
                   3,2,1,
                   {x,1},
                   {list,[{atom,append},
                          1,1,nil,
                          {tr,{x,1},{t_bitstring,1}},
                          {atom,all},
                          {atom,string},
                          0,8,nil,
                          {string,<<"xy">>},
                          {integer,2}]}}.
    {put_tuple2,{x,0},{list,[{x,0},{x,1}]}}.
    return.
  {label,3}.
    {bs_get_tail,{x,1},{x,0},2}.
    {jump,{f,1}}.
  {label,4}.
    {test,is_map,{f,5},[{x,0}]}.
    {get_map_elements,{f,5},
                      {tr,{x,0},{t_map,any,any}},
                      {list,[{atom,k},{x,1}]}}.
    {put_map_assoc,{f,0},{literal,#{}},{x,0},2,{list,[{x,1},{float,1.5}]}}.
    return.
  {label,5}.
    {test,is_integer,{f,1},[{x,0}]}.
    {line,[{location,[],4}]}.
    {gc_bif,'*',
            {f,0},
            1,
            [{tr,{x,0},{t_integer,any}},
             {integer,123456789012345678901234567890}],
            {x,0}}.
    return.


{function, g, 2, 7}.
  {label,6}.
    {line,[{location,[],5}]}.
    {func_info,{atom,from_asm_m1},{atom,g},2}.
  {label,7}.
    {test_heap,{alloc,[{words,1},{floats,0},{funs,1}]},2}.
    {make_fun3,{f,17},0,0,{x,0},{list,[{x,0}]}}.
    {'%',{var_info,{x,0},[{fun_type,{t_tuple,2,true,#{}}}]}}.
    {call_ext_only,2,{extfunc,lists,map,2}}.


{function, h, 1, 9}.
  {label,8}.
    {line,[{location,[],6}]}.
    {func_info,{atom,from_asm_m1},{atom,h},1}.
  {label,9}.
    {allocate,1,1}.
    {'try',{y,0},{f,10}}.
    {fmove,{float,1.0},{fr,0}}.
    {fconv,{x,0},{fr,1}}.
    {bif,fdiv,{f,0},[{fr,0},{fr,1}],{fr,0}}.
    {test_heap,{alloc,[{words,0},{floats,1},{funs,0}]},0}.
    {fmove,{fr,0},{x,0}}.
    {try_end,{y,0}}.
    {deallocate,1}.
    return.
  {label,10}.
    {try_case,{y,0}}.
    {test,is_eq_exact,
          {f,11},
          [{tr,{x,0},{t_atom,[error,exit,throw]}},{atom,error}]}.
    {test_heap,2,2}.
    {put_list,{x,1},nil,{x,0}}.
    {deallocate,1}.
    return.
  {label,11}.
    {bif,raise,{f,0},[{x,2},{x,1}],{x,0}}.


{function, module_info, 0, 13}.
  {label,12}.
    {line,[]}.
    {func_info,{atom,from_asm_m1},{atom,module_info},0}.
  {label,13}.
    {move,{atom,from_asm_m1},{x,0}}.
    {call_ext_only,1,{extfunc,erlang,get_module_info,1}}.


{function, module_info, 1, 15}.
  {label,14}.
    {line,[]}.
    {func_info,{atom,from_asm_m1},{atom,module_info},1}.
  {label,15}.
    {move,{x,0},{x,1}}.
    {move,{atom,from_asm_m1},{x,0}}.
    {call_ext_only,2,{extfunc,erlang,get_module_info,2}}.


{function, '-g/2-fun-0-', 2, 17}.
  {label,16}.
    {line,[{location,[],5}]}.
    {func_info,{atom,from_asm_m1},{atom,'-g/2-fun-0-'},2}.
  {label,17}.
    {test_heap,3,2}.
    {put_tuple2,{x,0},{list,[{x,0},{x,1}]}}.
    return.
