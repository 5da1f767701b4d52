-module(gerl_ansi).
-moduledoc "The control sequences of terminals like xterm by their names, finding them in text, and terminfo's way to describe them.".

-export([sequence/1, keys/0, scan/1, capability/1, expand/2]).

-doc "The control sequence that a name stands for, or none.".
-spec sequence(atom()) -> binary() | none.
sequence(reset) -> <<"\e(B\e[m">>;
sequence(bold) -> <<"\e[1m">>;
sequence(bold_off) -> <<"\e[22m">>;
sequence(dim) -> <<"\e[2m">>;
sequence(dim_off) -> <<"\e[22m">>;
sequence(italic) -> <<"\e[3m">>;
sequence(italic_off) -> <<"\e[23m">>;
sequence(blink) -> <<"\e[5m">>;
sequence(blink_off) -> <<"\e[25m">>;
sequence(inverse) -> <<"\e[7m">>;
sequence(inverse_off) -> <<"\e[27m">>;
sequence(invisible) -> <<"\e[8m">>;
sequence(invisible_off) -> <<"\e[28m">>;
sequence(strikethrough) -> <<"\e[9m">>;
sequence(strikethrough_off) -> <<"\e[29m">>;
sequence(overline) -> <<"\e[53m">>;
sequence(overline_off) -> <<"\e[55m">>;
sequence(underline) -> <<"\e[4m">>;
sequence(underline_off) -> <<"\e[24m">>;
sequence(double_underline) -> <<"\e[4:2m">>;
sequence(curly_underline) -> <<"\e[4:3m">>;
sequence(dotted_underline) -> <<"\e[4:4m">>;
sequence(dashed_underline) -> <<"\e[4:5m">>;
sequence(default_color) -> <<"\e[39m">>;
sequence(default_background) -> <<"\e[49m">>;
sequence(default_underline_color) -> <<"\e[59m">>;
sequence(alternate_character_set_mode) -> <<"\e(0">>;
sequence(alternate_character_set_mode_off) -> <<"\e(B">>;
sequence(alternate_screen) -> <<"\e[?1049h\e[22;0;0t">>;
sequence(alternate_screen_off) -> <<"\e[?1049l\e[23;0;0t">>;
sequence(clear) -> <<"\e[H\e[2J">>;
sequence(erase_display) -> <<"\e[J">>;
sequence(erase_line) -> <<"\e[K">>;
sequence(delete_character) -> <<"\e[P">>;
sequence(delete_line) -> <<"\e[M">>;
sequence(insert_line) -> <<"\e[L">>;
sequence(cursor_up) -> <<"\e[A">>;
sequence(cursor_down) -> <<"\n">>;
sequence(cursor_forward) -> <<"\e[C">>;
sequence(cursor_backward) -> <<"\b">>;
sequence(cursor_home) -> <<"\e[H">>;
sequence(cursor_next_line) -> <<"\eE">>;
sequence(cursor_previous_line) -> <<"\e[F">>;
sequence(cursor_save) -> <<"\e7">>;
sequence(cursor_restore) -> <<"\e8">>;
sequence(cursor_show) -> <<"\e[?12;25h">>;
sequence(cursor_hide) -> <<"\e[?25l">>;
sequence(cursor_report_position) -> <<"\e[6n">>;
sequence(reverse_index) -> <<"\eM">>;
sequence(device_report_attributes) -> <<"\e[0c">>;
sequence(hyperlink_reset) -> <<"\e]8;;\e\\">>;
sequence(scroll_forward) -> <<"\e[1S">>;
sequence(scroll_backward) -> <<"\e[1T">>;
sequence(tab) -> <<"\t">>;
sequence(tab_backward) -> <<"\e[Z">>;
sequence(tab_set) -> <<"\eH">>;
sequence(tab_clear) -> <<"\e[0g">>;
sequence(tab_clear_all) -> <<"\e[3g">>;
sequence(keypad_transmit_mode) -> <<"\e[?1h\e=">>;
sequence(keypad_transmit_mode_off) -> <<"\e[?1l\e>">>;
sequence(black) -> <<"\e[30m">>;
sequence(black_background) -> <<"\e[40m">>;
sequence(black_underline) -> <<"\e[58;5;0m">>;
sequence(red) -> <<"\e[31m">>;
sequence(red_background) -> <<"\e[41m">>;
sequence(red_underline) -> <<"\e[58;5;1m">>;
sequence(green) -> <<"\e[32m">>;
sequence(green_background) -> <<"\e[42m">>;
sequence(green_underline) -> <<"\e[58;5;2m">>;
sequence(yellow) -> <<"\e[33m">>;
sequence(yellow_background) -> <<"\e[43m">>;
sequence(yellow_underline) -> <<"\e[58;5;3m">>;
sequence(blue) -> <<"\e[34m">>;
sequence(blue_background) -> <<"\e[44m">>;
sequence(blue_underline) -> <<"\e[58;5;4m">>;
sequence(magenta) -> <<"\e[35m">>;
sequence(magenta_background) -> <<"\e[45m">>;
sequence(magenta_underline) -> <<"\e[58;5;5m">>;
sequence(cyan) -> <<"\e[36m">>;
sequence(cyan_background) -> <<"\e[46m">>;
sequence(cyan_underline) -> <<"\e[58;5;6m">>;
sequence(white) -> <<"\e[37m">>;
sequence(white_background) -> <<"\e[47m">>;
sequence(white_underline) -> <<"\e[58;5;7m">>;
sequence(light_black) -> <<"\e[90m">>;
sequence(light_black_background) -> <<"\e[100m">>;
sequence(light_black_underline) -> <<"\e[58;5;8m">>;
sequence(light_red) -> <<"\e[91m">>;
sequence(light_red_background) -> <<"\e[101m">>;
sequence(light_red_underline) -> <<"\e[58;5;9m">>;
sequence(light_green) -> <<"\e[92m">>;
sequence(light_green_background) -> <<"\e[102m">>;
sequence(light_green_underline) -> <<"\e[58;5;10m">>;
sequence(light_yellow) -> <<"\e[93m">>;
sequence(light_yellow_background) -> <<"\e[103m">>;
sequence(light_yellow_underline) -> <<"\e[58;5;11m">>;
sequence(light_blue) -> <<"\e[94m">>;
sequence(light_blue_background) -> <<"\e[104m">>;
sequence(light_blue_underline) -> <<"\e[58;5;12m">>;
sequence(light_magenta) -> <<"\e[95m">>;
sequence(light_magenta_background) -> <<"\e[105m">>;
sequence(light_magenta_underline) -> <<"\e[58;5;13m">>;
sequence(light_cyan) -> <<"\e[96m">>;
sequence(light_cyan_background) -> <<"\e[106m">>;
sequence(light_cyan_underline) -> <<"\e[58;5;14m">>;
sequence(light_white) -> <<"\e[97m">>;
sequence(light_white_background) -> <<"\e[107m">>;
sequence(light_white_underline) -> <<"\e[58;5;15m">>;
sequence(_) -> none.

-doc "The sequences that keys send, by their names.".
-spec keys() -> [{atom(), binary()}].
keys() ->
    [{kcursor_up, <<"\eOA">>}, {kcursor_down, <<"\eOB">>}, {kcursor_forward, <<"\eOC">>}, {kcursor_backward, <<"\eOD">>},
     {kcursor_home, <<"\eOH">>}, {kcursor_end, <<"\eOF">>}].

%%% ---- finding sequences in text -----------------------------------------------------------------------

-doc "The text cut into pieces: names of known sequences, {csi, Sequence} for others, and plain text.".
-spec scan(binary()) -> [atom() | {csi, binary()} | binary()].
scan(Text) -> pieces(Text, <<>>, known()).

pieces(<<C/utf8, _/binary>> = Text, Plain, Known) when C =:= $\e; C =:= 16#9b ->
    case first_known(Known, Text) of
        {Name, Rest} -> plain(Plain, [Name | pieces(Rest, <<>>, Known)]);
        none ->
            case unknown(Text) of
                {Sequence, Rest} -> plain(Plain, [{csi, Sequence} | pieces(Rest, <<>>, Known)]);
                none ->
                    <<_/utf8, Rest/binary>> = Text,
                    pieces(Rest, <<Plain/binary, C/utf8>>, Known)
            end
    end;
pieces(<<C, Rest/binary>>, Plain, Known) -> pieces(Rest, <<Plain/binary, C>>, Known);
pieces(<<>>, Plain, _Known) -> plain(Plain, []).

plain(<<>>, Pieces) -> Pieces;
plain(Text, Pieces) -> [Text | Pieces].

first_known([{Sequence, Name} | Known], Text) ->
    Size = byte_size(Sequence),
    case Text of
        <<Sequence:Size/binary, Rest/binary>> -> {Name, Rest};
        _ -> first_known(Known, Text)
    end;
first_known([], _Text) -> none.

%% A sequence that has no name: after what introduces it numbers and the character that ends it, which may be a digit, or words and a bell.
unknown(Text) ->
    Character = "[-\\w/#&.:=?%@~]",
    Words = ["(?:[a-zA-Z\\d]+(?:;", Character, "*)*|(?:;", Character, "+)*)"],
    Numbers = "(?:\\d{1,4}(?:;\\d{0,4})*)?",
    case re:run(Text, ["^[\\e\\x{9b}][][()#;?]*(?:", Words, "\\a|", Numbers, "[\\dA-PR-TZcf-nq-uy<=>~])"], [unicode, {capture, first, binary}]) of
        {match, [Sequence]} ->
            <<_:(byte_size(Sequence))/binary, Rest/binary>> = Text,
            {Sequence, Rest};
        nomatch -> none
    end.

%% Longer sequences come before those that they begin with.
known() ->
    Pairs = [{sequence(Name), Name} || Name <- names()] ++
        [{<<"\e[0m">>, reset} | [{Key, Name} || {Name, Key} <- keys()]],
    lists:sort(fun({A, _}, {B, _}) -> byte_size(A) >= byte_size(B) end, [P || {<<"\e", _/binary>>, _} = P <- Pairs]).

names() ->
    [reset, bold, bold_off, dim, dim_off, italic, italic_off, blink, blink_off, inverse, inverse_off, invisible,
     invisible_off, strikethrough, strikethrough_off, overline, overline_off, underline, underline_off,
     double_underline, curly_underline, dotted_underline, dashed_underline, default_color, default_background,
     default_underline_color, alternate_character_set_mode, alternate_character_set_mode_off, alternate_screen,
     alternate_screen_off, clear, erase_display, erase_line, delete_character, delete_line, insert_line,
     cursor_up, cursor_down, cursor_forward, cursor_backward, cursor_home, cursor_next_line, cursor_previous_line,
     cursor_save, cursor_restore, cursor_show, cursor_hide, cursor_report_position, reverse_index,
     device_report_attributes, hyperlink_reset, scroll_forward, scroll_backward, tab, tab_backward, tab_set,
     tab_clear, tab_clear_all, keypad_transmit_mode, keypad_transmit_mode_off, black, black_background,
     black_underline, red, red_background, red_underline, green, green_background, green_underline, yellow,
     yellow_background, yellow_underline, blue, blue_background, blue_underline, magenta, magenta_background,
     magenta_underline, cyan, cyan_background, cyan_underline, white, white_background, white_underline,
     light_black, light_black_background, light_black_underline, light_red, light_red_background,
     light_red_underline, light_green, light_green_background, light_green_underline, light_yellow,
     light_yellow_background, light_yellow_underline, light_blue, light_blue_background, light_blue_underline,
     light_magenta, light_magenta_background, light_magenta_underline, light_cyan, light_cyan_background,
     light_cyan_underline, light_white, light_white_background, light_white_underline].

%%% ---- terminfo --------------------------------------------------------------------------------------------

-doc "A string capability of terminals like xterm, in terminfo's notation, or none.".
-spec capability(string()) -> binary() | none.
capability("cup") -> <<"\e[%i%p1%d;%p2%dH">>;
capability("setaf") -> <<"\e[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;5;%p1%d%;m">>;
capability("setab") -> <<"\e[%?%p1%{8}%<%t4%p1%d%e%p1%{16}%<%t10%p1%{8}%-%d%e48;5;%p1%d%;m">>;
capability("csr") -> <<"\e[%i%p1%d;%p2%dr">>;
capability("hpa") -> <<"\e[%i%p1%dG">>;
capability("vpa") -> <<"\e[%i%p1%dd">>;
capability(Name) ->
    Counted = [{"cuu", "A"}, {"cud", "B"}, {"cuf", "C"}, {"cub", "D"}, {"dch", "P"}, {"dl", "M"}, {"ech", "X"},
               {"ich", "@"}, {"il", "L"}, {"indn", "S"}, {"rin", "T"}],
    Plain = [{"clear", clear}, {"ed", erase_display}, {"el", erase_line}, {"home", cursor_home}, {"sc", cursor_save},
             {"rc", cursor_restore}, {"civis", cursor_hide}, {"cnorm", cursor_show}, {"bold", bold}, {"dim", dim},
             {"sitm", italic}, {"ritm", italic_off}, {"smul", underline}, {"rmul", underline_off}, {"blink", blink},
             {"rev", inverse}, {"invis", invisible}, {"sgr0", reset}, {"op", default_color}, {"cuu1", cursor_up},
             {"cud1", cursor_down}, {"cuf1", cursor_forward}, {"cub1", cursor_backward}, {"ri", reverse_index},
             {"smcup", alternate_screen}, {"rmcup", alternate_screen_off}, {"smkx", keypad_transmit_mode},
             {"rmkx", keypad_transmit_mode_off}, {"dch1", delete_character}, {"dl1", delete_line}, {"il1", insert_line},
             {"ht", tab}, {"cbt", tab_backward}, {"hts", tab_set}, {"tbc", tab_clear_all}],
    case {lists:keyfind(Name, 1, Counted), lists:keyfind(Name, 1, Plain)} of
        {{_, Final}, _} -> list_to_binary(["\e[%p1%d", Final]);
        {_, {_, Sequence}} -> sequence(Sequence);
        _ -> none
    end.

-doc "A string capability with its parameters filled in.".
-spec expand(binary(), [integer()]) -> binary().
expand(Text, Args) -> iolist_to_binary(filled(binary_to_list(Text), Args, [])).

filled("%i" ++ Rest, [A, B | Args], Stack) -> filled(Rest, [A + 1, B + 1 | Args], Stack);
filled("%i" ++ Rest, [A], Stack) -> filled(Rest, [A + 1], Stack);
filled([$%, $p, N | Rest], Args, Stack) -> filled(Rest, Args, [lists:nth(N - $0, Args) | Stack]);
filled("%d" ++ Rest, Args, [N | Stack]) -> [integer_to_list(N) | filled(Rest, Args, Stack)];
filled("%{" ++ Rest, Args, Stack) ->
    {Digits, "}" ++ After} = lists:splitwith(fun(C) -> C =/= $} end, Rest),
    filled(After, Args, [list_to_integer(Digits) | Stack]);
filled("%<" ++ Rest, Args, [B, A | Stack]) -> filled(Rest, Args, [A < B | Stack]);
filled("%-" ++ Rest, Args, [B, A | Stack]) -> filled(Rest, Args, [A - B | Stack]);
filled("%?" ++ Rest, Args, Stack) -> filled(Rest, Args, Stack);
filled("%t" ++ Rest, Args, [true | Stack]) -> filled(Rest, Args, Stack);
filled("%t" ++ Rest, Args, [false | Stack]) -> filled(skip(Rest, "%e"), Args, Stack);
filled("%e" ++ Rest, Args, Stack) -> filled(skip(Rest, "%;"), Args, Stack);
filled("%;" ++ Rest, Args, Stack) -> filled(Rest, Args, Stack);
filled("%%" ++ Rest, Args, Stack) -> [$% | filled(Rest, Args, Stack)];
filled([C | Rest], Args, Stack) -> [C | filled(Rest, Args, Stack)];
filled([], _Args, _Stack) -> [].

skip(Text, Mark) ->
    case string:split(Text, Mark) of
        [_, Rest] -> Rest;
        [_] -> ""
    end.
