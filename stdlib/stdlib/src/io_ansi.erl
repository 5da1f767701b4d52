-module(io_ansi).
-moduledoc """
Colours, styles and the cursor of terminals: functions that give control sequences, and formats that may name them.

A format is a list of texts with io_lib's control sequences and of names such as red, or {color, 3}. The sequences
are those of xterm and its like, whatever the environment variable TERM says.
""".

-export([reset/0, bold/0, bold_off/0, dim/0, dim_off/0, italic/0, italic_off/0, blink/0, blink_off/0, inverse/0,
         inverse_off/0, invisible/0, invisible_off/0, strikethrough/0, strikethrough_off/0, overline/0,
         overline_off/0, underline/0, underline_off/0, double_underline/0, curly_underline/0, dotted_underline/0,
         dashed_underline/0, default_color/0, default_background/0, default_underline_color/0,
         alternate_character_set_mode/0, alternate_character_set_mode_off/0, alternate_screen/0,
         alternate_screen_off/0, clear/0, erase_display/0, erase_line/0, delete_character/0, delete_line/0,
         insert_line/0, cursor_up/0, cursor_down/0, cursor_forward/0, cursor_backward/0, cursor_home/0,
         cursor_next_line/0, cursor_previous_line/0, cursor_save/0, cursor_restore/0, cursor_show/0, cursor_hide/0,
         cursor_report_position/0, reverse_index/0, device_report_attributes/0, hyperlink_reset/0,
         scroll_forward/0, scroll_backward/0, tab/0, tab_backward/0, tab_set/0, tab_clear/0, tab_clear_all/0,
         keypad_transmit_mode/0, keypad_transmit_mode_off/0, black/0, black_background/0, black_underline/0, red/0,
         red_background/0, red_underline/0, green/0, green_background/0, green_underline/0, yellow/0,
         yellow_background/0, yellow_underline/0, blue/0, blue_background/0, blue_underline/0, magenta/0,
         magenta_background/0, magenta_underline/0, cyan/0, cyan_background/0, cyan_underline/0, white/0,
         white_background/0, white_underline/0, light_black/0, light_black_background/0, light_black_underline/0,
         light_red/0, light_red_background/0, light_red_underline/0, light_green/0, light_green_background/0,
         light_green_underline/0, light_yellow/0, light_yellow_background/0, light_yellow_underline/0,
         light_blue/0, light_blue_background/0, light_blue_underline/0, light_magenta/0,
         light_magenta_background/0, light_magenta_underline/0, light_cyan/0, light_cyan_background/0,
         light_cyan_underline/0, light_white/0, light_white_background/0, light_white_underline/0, cursor_up/1,
         cursor_down/1, cursor_forward/1, cursor_backward/1, delete_character/1, delete_line/1, erase_character/1,
         insert_character/1, insert_line/1, scroll_forward/1, scroll_backward/1, color/1, color/3, background/1,
         background/3, underline_color/1, underline_color/3, modify_color/4, color_name_to_index/1, cursor/2,
         cursor_move/2, cursor_horizontal_absolute/1, cursor_vertical_absolute/1, cursor_horizontal_vertical/2,
         cursor_get_position/0, scroll_change_region/2, hyperlink_start/1, hyperlink_start/2, format/1, format/2,
         format/3, fwrite/1, fwrite/2, fwrite/3, fwrite/4, render/1, render/2, scan/1, enabled/0, enabled/1,
         tput/1, tput/2, tigetflag/1, tigetnum/1, tinfo/0]).
-export_type([format/0, vts/0, options/0, option/0, color_atom/0, hyperlink_params/0]).

-type color_atom() :: black | red | green | yellow | blue | magenta | cyan | white |
                      light_black | light_red | light_green | light_yellow | light_blue | light_magenta | light_cyan |
                      light_white.
-type vts() :: atom() | tuple().
-type format() :: [string() | vts()].
-type hyperlink_params() :: [{unicode:chardata(), unicode:chardata()}].
-type option() :: {reset, boolean()} | {enabled, boolean()} | {color, boolean()} | io_lib:format_options().
-type options() :: [option()].

%%% ---- sequences without parameters ------------------------------------------------------------------------

-doc "Ends all colours and styles.".
-spec reset() -> unicode:chardata().
reset() -> gerl_ansi:sequence(reset).
-doc "Begins bold text.".
-spec bold() -> unicode:chardata().
bold() -> gerl_ansi:sequence(bold).
-doc "Ends bold text.".
-spec bold_off() -> unicode:chardata().
bold_off() -> gerl_ansi:sequence(bold_off).
-doc "Begins dim text.".
-spec dim() -> unicode:chardata().
dim() -> gerl_ansi:sequence(dim).
-doc "Ends dim text.".
-spec dim_off() -> unicode:chardata().
dim_off() -> gerl_ansi:sequence(dim_off).
-doc "Begins italics.".
-spec italic() -> unicode:chardata().
italic() -> gerl_ansi:sequence(italic).
-doc "Ends italics.".
-spec italic_off() -> unicode:chardata().
italic_off() -> gerl_ansi:sequence(italic_off).
-doc "Begins blinking text.".
-spec blink() -> unicode:chardata().
blink() -> gerl_ansi:sequence(blink).
-doc "Ends blinking text.".
-spec blink_off() -> unicode:chardata().
blink_off() -> gerl_ansi:sequence(blink_off).
-doc "Begins text with the colours exchanged.".
-spec inverse() -> unicode:chardata().
inverse() -> gerl_ansi:sequence(inverse).
-doc "Ends text with the colours exchanged.".
-spec inverse_off() -> unicode:chardata().
inverse_off() -> gerl_ansi:sequence(inverse_off).
-doc "Begins invisible text.".
-spec invisible() -> unicode:chardata().
invisible() -> gerl_ansi:sequence(invisible).
-doc "Ends invisible text.".
-spec invisible_off() -> unicode:chardata().
invisible_off() -> gerl_ansi:sequence(invisible_off).
-doc "Begins text that is struck through.".
-spec strikethrough() -> unicode:chardata().
strikethrough() -> gerl_ansi:sequence(strikethrough).
-doc "Ends text that is struck through.".
-spec strikethrough_off() -> unicode:chardata().
strikethrough_off() -> gerl_ansi:sequence(strikethrough_off).
-doc "Begins a line above text.".
-spec overline() -> unicode:chardata().
overline() -> gerl_ansi:sequence(overline).
-doc "Ends a line above text.".
-spec overline_off() -> unicode:chardata().
overline_off() -> gerl_ansi:sequence(overline_off).
-doc "Begins a line below text.".
-spec underline() -> unicode:chardata().
underline() -> gerl_ansi:sequence(underline).
-doc "Ends any line below text.".
-spec underline_off() -> unicode:chardata().
underline_off() -> gerl_ansi:sequence(underline_off).
-doc "Begins two lines below text.".
-spec double_underline() -> unicode:chardata().
double_underline() -> gerl_ansi:sequence(double_underline).
-doc "Begins a wavy line below text.".
-spec curly_underline() -> unicode:chardata().
curly_underline() -> gerl_ansi:sequence(curly_underline).
-doc "Begins a dotted line below text.".
-spec dotted_underline() -> unicode:chardata().
dotted_underline() -> gerl_ansi:sequence(dotted_underline).
-doc "Begins a dashed line below text.".
-spec dashed_underline() -> unicode:chardata().
dashed_underline() -> gerl_ansi:sequence(dashed_underline).
-doc "The usual colour of text.".
-spec default_color() -> unicode:chardata().
default_color() -> gerl_ansi:sequence(default_color).
-doc "The usual background.".
-spec default_background() -> unicode:chardata().
default_background() -> gerl_ansi:sequence(default_background).
-doc "The usual colour of lines below text.".
-spec default_underline_color() -> unicode:chardata().
default_underline_color() -> gerl_ansi:sequence(default_underline_color).
-doc "Begins the characters for drawing lines.".
-spec alternate_character_set_mode() -> unicode:chardata().
alternate_character_set_mode() -> gerl_ansi:sequence(alternate_character_set_mode).
-doc "Ends the characters for drawing lines.".
-spec alternate_character_set_mode_off() -> unicode:chardata().
alternate_character_set_mode_off() -> gerl_ansi:sequence(alternate_character_set_mode_off).
-doc "Changes to the second screen.".
-spec alternate_screen() -> unicode:chardata().
alternate_screen() -> gerl_ansi:sequence(alternate_screen).
-doc "Changes back to the first screen.".
-spec alternate_screen_off() -> unicode:chardata().
alternate_screen_off() -> gerl_ansi:sequence(alternate_screen_off).
-doc "Clears the screen.".
-spec clear() -> unicode:chardata().
clear() -> gerl_ansi:sequence(clear).
-doc "Clears from the cursor to the end of the screen.".
-spec erase_display() -> unicode:chardata().
erase_display() -> gerl_ansi:sequence(erase_display).
-doc "Clears from the cursor to the end of the line.".
-spec erase_line() -> unicode:chardata().
erase_line() -> gerl_ansi:sequence(erase_line).
-doc "Deletes the character at the cursor.".
-spec delete_character() -> unicode:chardata().
delete_character() -> gerl_ansi:sequence(delete_character).
-doc "Deletes the line of the cursor.".
-spec delete_line() -> unicode:chardata().
delete_line() -> gerl_ansi:sequence(delete_line).
-doc "Inserts a line at the cursor.".
-spec insert_line() -> unicode:chardata().
insert_line() -> gerl_ansi:sequence(insert_line).
-doc "The cursor goes one line up.".
-spec cursor_up() -> unicode:chardata().
cursor_up() -> gerl_ansi:sequence(cursor_up).
-doc "The cursor goes one line down.".
-spec cursor_down() -> unicode:chardata().
cursor_down() -> gerl_ansi:sequence(cursor_down).
-doc "The cursor goes one column to the right.".
-spec cursor_forward() -> unicode:chardata().
cursor_forward() -> gerl_ansi:sequence(cursor_forward).
-doc "The cursor goes one column to the left.".
-spec cursor_backward() -> unicode:chardata().
cursor_backward() -> gerl_ansi:sequence(cursor_backward).
-doc "The cursor goes to the first line and column.".
-spec cursor_home() -> unicode:chardata().
cursor_home() -> gerl_ansi:sequence(cursor_home).
-doc "The cursor goes to the beginning of the next line.".
-spec cursor_next_line() -> unicode:chardata().
cursor_next_line() -> gerl_ansi:sequence(cursor_next_line).
-doc "The cursor goes to the beginning of the line before.".
-spec cursor_previous_line() -> unicode:chardata().
cursor_previous_line() -> gerl_ansi:sequence(cursor_previous_line).
-doc "Remembers where the cursor is.".
-spec cursor_save() -> unicode:chardata().
cursor_save() -> gerl_ansi:sequence(cursor_save).
-doc "The cursor goes to where it was remembered.".
-spec cursor_restore() -> unicode:chardata().
cursor_restore() -> gerl_ansi:sequence(cursor_restore).
-doc "Shows the cursor.".
-spec cursor_show() -> unicode:chardata().
cursor_show() -> gerl_ansi:sequence(cursor_show).
-doc "Hides the cursor.".
-spec cursor_hide() -> unicode:chardata().
cursor_hide() -> gerl_ansi:sequence(cursor_hide).
-doc "Asks the terminal where the cursor is.".
-spec cursor_report_position() -> unicode:chardata().
cursor_report_position() -> gerl_ansi:sequence(cursor_report_position).
-doc "The cursor goes up; the text goes down at the first line.".
-spec reverse_index() -> unicode:chardata().
reverse_index() -> gerl_ansi:sequence(reverse_index).
-doc "Asks the terminal what it can do.".
-spec device_report_attributes() -> unicode:chardata().
device_report_attributes() -> gerl_ansi:sequence(device_report_attributes).
-doc "Ends a link.".
-spec hyperlink_reset() -> unicode:chardata().
hyperlink_reset() -> gerl_ansi:sequence(hyperlink_reset).
-doc "The text goes one line up.".
-spec scroll_forward() -> unicode:chardata().
scroll_forward() -> gerl_ansi:sequence(scroll_forward).
-doc "The text goes one line down.".
-spec scroll_backward() -> unicode:chardata().
scroll_backward() -> gerl_ansi:sequence(scroll_backward).
-doc "To the next tab stop.".
-spec tab() -> unicode:chardata().
tab() -> gerl_ansi:sequence(tab).
-doc "To the tab stop before.".
-spec tab_backward() -> unicode:chardata().
tab_backward() -> gerl_ansi:sequence(tab_backward).
-doc "Sets a tab stop.".
-spec tab_set() -> unicode:chardata().
tab_set() -> gerl_ansi:sequence(tab_set).
-doc "Takes the tab stop away.".
-spec tab_clear() -> unicode:chardata().
tab_clear() -> gerl_ansi:sequence(tab_clear).
-doc "Takes all tab stops away.".
-spec tab_clear_all() -> unicode:chardata().
tab_clear_all() -> gerl_ansi:sequence(tab_clear_all).
-doc "Makes the cursor keys send kcursor codes.".
-spec keypad_transmit_mode() -> unicode:chardata().
keypad_transmit_mode() -> gerl_ansi:sequence(keypad_transmit_mode).
-doc "Makes the cursor keys send their usual codes.".
-spec keypad_transmit_mode_off() -> unicode:chardata().
keypad_transmit_mode_off() -> gerl_ansi:sequence(keypad_transmit_mode_off).
-doc "Text in black.".
-spec black() -> unicode:chardata().
black() -> gerl_ansi:sequence(black).
-doc "A background in black.".
-spec black_background() -> unicode:chardata().
black_background() -> gerl_ansi:sequence(black_background).
-doc "Lines below text in black.".
-spec black_underline() -> unicode:chardata().
black_underline() -> gerl_ansi:sequence(black_underline).
-doc "Text in red.".
-spec red() -> unicode:chardata().
red() -> gerl_ansi:sequence(red).
-doc "A background in red.".
-spec red_background() -> unicode:chardata().
red_background() -> gerl_ansi:sequence(red_background).
-doc "Lines below text in red.".
-spec red_underline() -> unicode:chardata().
red_underline() -> gerl_ansi:sequence(red_underline).
-doc "Text in green.".
-spec green() -> unicode:chardata().
green() -> gerl_ansi:sequence(green).
-doc "A background in green.".
-spec green_background() -> unicode:chardata().
green_background() -> gerl_ansi:sequence(green_background).
-doc "Lines below text in green.".
-spec green_underline() -> unicode:chardata().
green_underline() -> gerl_ansi:sequence(green_underline).
-doc "Text in yellow.".
-spec yellow() -> unicode:chardata().
yellow() -> gerl_ansi:sequence(yellow).
-doc "A background in yellow.".
-spec yellow_background() -> unicode:chardata().
yellow_background() -> gerl_ansi:sequence(yellow_background).
-doc "Lines below text in yellow.".
-spec yellow_underline() -> unicode:chardata().
yellow_underline() -> gerl_ansi:sequence(yellow_underline).
-doc "Text in blue.".
-spec blue() -> unicode:chardata().
blue() -> gerl_ansi:sequence(blue).
-doc "A background in blue.".
-spec blue_background() -> unicode:chardata().
blue_background() -> gerl_ansi:sequence(blue_background).
-doc "Lines below text in blue.".
-spec blue_underline() -> unicode:chardata().
blue_underline() -> gerl_ansi:sequence(blue_underline).
-doc "Text in magenta.".
-spec magenta() -> unicode:chardata().
magenta() -> gerl_ansi:sequence(magenta).
-doc "A background in magenta.".
-spec magenta_background() -> unicode:chardata().
magenta_background() -> gerl_ansi:sequence(magenta_background).
-doc "Lines below text in magenta.".
-spec magenta_underline() -> unicode:chardata().
magenta_underline() -> gerl_ansi:sequence(magenta_underline).
-doc "Text in cyan.".
-spec cyan() -> unicode:chardata().
cyan() -> gerl_ansi:sequence(cyan).
-doc "A background in cyan.".
-spec cyan_background() -> unicode:chardata().
cyan_background() -> gerl_ansi:sequence(cyan_background).
-doc "Lines below text in cyan.".
-spec cyan_underline() -> unicode:chardata().
cyan_underline() -> gerl_ansi:sequence(cyan_underline).
-doc "Text in white.".
-spec white() -> unicode:chardata().
white() -> gerl_ansi:sequence(white).
-doc "A background in white.".
-spec white_background() -> unicode:chardata().
white_background() -> gerl_ansi:sequence(white_background).
-doc "Lines below text in white.".
-spec white_underline() -> unicode:chardata().
white_underline() -> gerl_ansi:sequence(white_underline).
-doc "Text in light black.".
-spec light_black() -> unicode:chardata().
light_black() -> gerl_ansi:sequence(light_black).
-doc "A background in light black.".
-spec light_black_background() -> unicode:chardata().
light_black_background() -> gerl_ansi:sequence(light_black_background).
-doc "Lines below text in light black.".
-spec light_black_underline() -> unicode:chardata().
light_black_underline() -> gerl_ansi:sequence(light_black_underline).
-doc "Text in light red.".
-spec light_red() -> unicode:chardata().
light_red() -> gerl_ansi:sequence(light_red).
-doc "A background in light red.".
-spec light_red_background() -> unicode:chardata().
light_red_background() -> gerl_ansi:sequence(light_red_background).
-doc "Lines below text in light red.".
-spec light_red_underline() -> unicode:chardata().
light_red_underline() -> gerl_ansi:sequence(light_red_underline).
-doc "Text in light green.".
-spec light_green() -> unicode:chardata().
light_green() -> gerl_ansi:sequence(light_green).
-doc "A background in light green.".
-spec light_green_background() -> unicode:chardata().
light_green_background() -> gerl_ansi:sequence(light_green_background).
-doc "Lines below text in light green.".
-spec light_green_underline() -> unicode:chardata().
light_green_underline() -> gerl_ansi:sequence(light_green_underline).
-doc "Text in light yellow.".
-spec light_yellow() -> unicode:chardata().
light_yellow() -> gerl_ansi:sequence(light_yellow).
-doc "A background in light yellow.".
-spec light_yellow_background() -> unicode:chardata().
light_yellow_background() -> gerl_ansi:sequence(light_yellow_background).
-doc "Lines below text in light yellow.".
-spec light_yellow_underline() -> unicode:chardata().
light_yellow_underline() -> gerl_ansi:sequence(light_yellow_underline).
-doc "Text in light blue.".
-spec light_blue() -> unicode:chardata().
light_blue() -> gerl_ansi:sequence(light_blue).
-doc "A background in light blue.".
-spec light_blue_background() -> unicode:chardata().
light_blue_background() -> gerl_ansi:sequence(light_blue_background).
-doc "Lines below text in light blue.".
-spec light_blue_underline() -> unicode:chardata().
light_blue_underline() -> gerl_ansi:sequence(light_blue_underline).
-doc "Text in light magenta.".
-spec light_magenta() -> unicode:chardata().
light_magenta() -> gerl_ansi:sequence(light_magenta).
-doc "A background in light magenta.".
-spec light_magenta_background() -> unicode:chardata().
light_magenta_background() -> gerl_ansi:sequence(light_magenta_background).
-doc "Lines below text in light magenta.".
-spec light_magenta_underline() -> unicode:chardata().
light_magenta_underline() -> gerl_ansi:sequence(light_magenta_underline).
-doc "Text in light cyan.".
-spec light_cyan() -> unicode:chardata().
light_cyan() -> gerl_ansi:sequence(light_cyan).
-doc "A background in light cyan.".
-spec light_cyan_background() -> unicode:chardata().
light_cyan_background() -> gerl_ansi:sequence(light_cyan_background).
-doc "Lines below text in light cyan.".
-spec light_cyan_underline() -> unicode:chardata().
light_cyan_underline() -> gerl_ansi:sequence(light_cyan_underline).
-doc "Text in light white.".
-spec light_white() -> unicode:chardata().
light_white() -> gerl_ansi:sequence(light_white).
-doc "A background in light white.".
-spec light_white_background() -> unicode:chardata().
light_white_background() -> gerl_ansi:sequence(light_white_background).
-doc "Lines below text in light white.".
-spec light_white_underline() -> unicode:chardata().
light_white_underline() -> gerl_ansi:sequence(light_white_underline).

%%% ---- sequences with a number --------------------------------------------------------------------------------

csi(N, Final) -> iolist_to_binary(["\e[", integer_to_list(N), Final]).

-doc "The cursor goes N lines up.".
-spec cursor_up(integer()) -> unicode:chardata().
cursor_up(N) -> csi(N, "A").
-doc "The cursor goes N lines down.".
-spec cursor_down(integer()) -> unicode:chardata().
cursor_down(N) -> csi(N, "B").
-doc "The cursor goes N columns to the right.".
-spec cursor_forward(integer()) -> unicode:chardata().
cursor_forward(N) -> csi(N, "C").
-doc "The cursor goes N columns to the left.".
-spec cursor_backward(integer()) -> unicode:chardata().
cursor_backward(N) -> csi(N, "D").
-doc "Deletes N characters.".
-spec delete_character(integer()) -> unicode:chardata().
delete_character(N) -> csi(N, "P").
-doc "Deletes N lines.".
-spec delete_line(integer()) -> unicode:chardata().
delete_line(N) -> csi(N, "M").
-doc "Clears N characters.".
-spec erase_character(integer()) -> unicode:chardata().
erase_character(N) -> csi(N, "X").
-doc "Inserts N spaces.".
-spec insert_character(integer()) -> unicode:chardata().
insert_character(N) -> csi(N, "@").
-doc "Inserts N lines.".
-spec insert_line(integer()) -> unicode:chardata().
insert_line(N) -> csi(N, "L").
-doc "The text goes N lines up.".
-spec scroll_forward(integer()) -> unicode:chardata().
scroll_forward(N) -> csi(N, "S").
-doc "The text goes N lines down.".
-spec scroll_backward(integer()) -> unicode:chardata().
scroll_backward(N) -> csi(N, "T").
-doc "The cursor goes to a column, counted from 0.".
-spec cursor_horizontal_absolute(integer()) -> unicode:chardata().
cursor_horizontal_absolute(Column) -> csi(Column + known_integer(Column), "G").
-doc "The cursor goes to a line, counted from 0.".
-spec cursor_vertical_absolute(integer()) -> unicode:chardata().
cursor_vertical_absolute(Line) -> csi(Line + known_integer(Line), "d").

%% One more, for a number; anything else is a bad argument and no bad arithmetic.
known_integer(N) when is_integer(N) -> 1;
known_integer(_) -> error(badarg).

-doc "The cursor goes to a line and a column, counted from 0.".
-spec cursor(integer(), integer()) -> unicode:chardata().
cursor(Line, Column) -> _ = [known_integer(N) || N <- [Line, Column]], gerl_ansi:expand(gerl_ansi:capability("cup"), [Line, Column]).
-doc "The cursor goes to a line and a column, counted from 1.".
-spec cursor_horizontal_vertical(integer(), integer()) -> unicode:chardata().
cursor_horizontal_vertical(Line, Column) -> unicode:characters_to_binary(lists:concat(["\e[", Line, ";", Column, "f"])).
-doc "The cursor goes that many lines down and columns to the right; up and to the left if negative.".
-spec cursor_move(integer(), integer()) -> unicode:chardata().
cursor_move(Lines, Columns) -> iolist_to_binary([step(Lines, "B", "A"), step(Columns, "C", "D")]).

step(0, _, _) -> [];
step(N, Forward, _) when N > 0 -> csi(N, Forward);
step(N, _, Backward) -> csi(-N, Backward).

-doc "Scrolling happens between two lines, counted from 0.".
-spec scroll_change_region(integer(), integer()) -> unicode:chardata().
scroll_change_region(First, Last) -> _ = [known_integer(N) || N <- [First, Last]], gerl_ansi:expand(gerl_ansi:capability("csr"), [First, Last]).
-doc "Asks the terminal for the cursor's line and column. Without a terminal there is no answer.".
-spec cursor_get_position() -> {Line :: non_neg_integer(), Column :: non_neg_integer()} | {error, term()}.
cursor_get_position() -> {error, enotsup}.

%%% ---- colours and links ----------------------------------------------------------------------------------------

-doc "The number of a colour.".
-spec color_name_to_index(color_atom()) -> 0..15.
color_name_to_index(Name) ->
    Names = [black, red, green, yellow, blue, magenta, cyan, white],
    Light = [light_black, light_red, light_green, light_yellow, light_blue, light_magenta, light_cyan, light_white],
    case [N || {N, Known} <- lists:enumerate(0, Names ++ Light), Known =:= Name] of
        [N] -> N;
        [] -> error(function_clause)
    end.

-doc "Text in a colour, given by number or name.".
-spec color(0..255 | color_atom()) -> unicode:chardata().
color(Name) when is_atom(Name) ->
    case gerl_ansi:sequence(Name) of
        none -> throw({invalid_code, Name, []});
        Sequence -> Sequence
    end;
color(N) when is_integer(N) -> gerl_ansi:expand(gerl_ansi:capability("setaf"), [N]);
color(_) -> error(badarg).
-doc "Text in a mixture of red, green and blue.".
-spec color(0..255, 0..255, 0..255) -> unicode:chardata().
color(R, G, B) -> mixture(38, R, G, B).

-doc "A background in a colour, given by number or name.".
-spec background(0..255 | color_atom()) -> unicode:chardata().
background(Name) when is_atom(Name) -> background(color_name_to_index(Name));
background(N) when is_integer(N) -> gerl_ansi:expand(gerl_ansi:capability("setab"), [N]);
background(_) -> error(badarg).
-doc "A background in a mixture of red, green and blue.".
-spec background(0..255, 0..255, 0..255) -> unicode:chardata().
background(R, G, B) -> mixture(48, R, G, B).

-doc "Lines below text in a colour, given by number or name.".
-spec underline_color(0..255 | color_atom()) -> unicode:chardata().
underline_color(Name) when is_atom(Name) -> underline_color(color_name_to_index(Name));
underline_color(N) when is_integer(N) -> iolist_to_binary(["\e[58;5;", integer_to_list(N), "m"]).
-doc "Lines below text in a mixture of red, green and blue.".
-spec underline_color(0..255, 0..255, 0..255) -> unicode:chardata().
underline_color(R, G, B) -> mixture(58, R, G, B).

mixture(Kind, R, G, B) ->
    is_integer(R) andalso is_integer(G) andalso is_integer(B) orelse error(function_clause, [R, G, B]),
    Numbers = lists:join(";", [integer_to_list(N) || N <- [Kind, 2, R, G, B]]),
    iolist_to_binary(["\e[", Numbers, "m"]).

-doc "Gives a colour's number another mixture of red, green and blue, each in thousandths.".
-spec modify_color(Index :: 0..255, R :: 0..255, G :: 0..255, B :: 0..255) -> unicode:chardata().
modify_color(Index, R, G, B) ->
    _ = [known_integer(N) || N <- [Index, R, G, B]],
    Parts = [string:pad(integer_to_list((Part * 255 div 1000) band 16#ffffffff, 16), 2, leading, $0) || Part <- [R, G, B]],
    iolist_to_binary(["\e]4;", integer_to_list(Index), ";rgb:", lists:join("/", Parts), "\e\\"]).

-doc "Begins a link.".
-spec hyperlink_start(uri_string:uri_string()) -> unicode:chardata().
hyperlink_start(Url) -> hyperlink_start(Url, []).
-doc "Begins a link with parameters.".
-spec hyperlink_start(uri_string:uri_string(), hyperlink_params()) -> unicode:chardata().
hyperlink_start(Url, Params) ->
    Text = lists:join($:, [[Key, "=", Value] || {Key, Value} <- Params]),
    unicode:characters_to_binary(io_lib:format("\e]8;~s;~s\e\\", [Url, Text])).

%%% ---- formats -----------------------------------------------------------------------------------------------------

-doc "The text of a format.".
-spec format(format()) -> unicode:unicode_binary().
format(Format) -> format(Format, []).
-doc "The text of a format with values.".
-spec format(format(), [term()]) -> unicode:unicode_binary().
format(Format, Data) -> format(Format, Data, []).
-doc "The text of a format with values; control sequences stand in it only where they are enabled.".
-spec format(format(), [term()], options()) -> unicode:unicode_binary().
format(Format, Data, Options) ->
    Text = [case Piece of
                C when is_integer(C) -> C;
                Plain when is_binary(Plain) -> literal(Plain);
                {sequence, Sequence} -> literal(Sequence);
                _ -> error(function_clause)
            end || Piece <- rendered(lists:flatten(Format), Options)],
    case unicode:characters_to_binary(io_lib:format(lists:flatten(Text), Data)) of
        Formatted when is_binary(Formatted) -> Formatted;
        _ -> error(badarg, [Format, Data, Options])
    end.

%% Text that has no control sequences of io_lib.
literal(Text) ->
    case unicode:characters_to_list(Text) of
        Chars when is_list(Chars) -> escaped(Chars);
        {_, _, Rest} -> error({badarg, Rest})
    end.

escaped([$~ | Rest]) -> [$~, $~ | escaped(Rest)];
escaped([C | Rest]) -> [C | escaped(Rest)];
escaped([]) -> [].

%% What a format consists of, in which {sequence, Text} stands for names and tuples that are shown, and a reset at the end.
rendered(Format, Options) ->
    Enabled = case proplists:get_value(enabled, Options) of
                  undefined -> enabled();
                  Wanted -> Wanted
              end,
    Reset = proplists:get_value(reset, Options, true),
    Color = proplists:get_value(color, Options, lists:member(os:getenv("NO_COLOR"), [false, ""])),
    Shown = lists:foldl(fun(Code, Before) when is_atom(Code); is_tuple(Code) ->
                               [Name | Args] = case Code of
                                                   {} -> error(badarg);
                                                   _ when is_tuple(Code) -> tuple_to_list(Code);
                                                   _ -> [Code]
                                               end,
                               case Enabled andalso (Color orelse not is_color(Name)) of
                                   true -> [{sequence, code(Name, Args)} | Before];
                                   false -> Before
                               end;
                           (Text, Before) -> [Text | Before]
                        end, [], Format),
    lists:reverse(Shown, [{sequence, reset()} || Enabled =:= true, Reset =:= true]).

is_enabled(Options, Default) ->
    case lists:keyfind(enabled, 1, Options) of
        {enabled, Enabled} -> Enabled;
        false -> Default()
    end.

%% The sequence that a name with arguments stands for.
code(Name, []) when is_atom(Name) ->
    %% Keys are sequences of the input.
    case lists:keyfind(Name, 1, gerl_ansi:keys()) of
        {_, Key} -> Key;
        false ->
            case gerl_ansi:sequence(Name) of
                none -> error({invalid_code, Name});
                Sequence -> Sequence
            end
    end;
code(Name, [Named]) when is_atom(Named), Name =:= color orelse Name =:= background -> error(badarg);
code(underline_color, [Named]) when is_atom(Named) -> error(function_clause);
code(Name, Args) ->
    Known = is_atom(Name) andalso erlang:function_exported(?MODULE, Name, length(Args))
        andalso not lists:member(Name, [format, fwrite, render, scan, enabled, tput, tigetflag, tigetnum, cursor_move, color_name_to_index, module_info]),
    case Known of
        true -> apply(?MODULE, Name, Args);
        false when Args =:= [] -> error({invalid_code, Name});
        false -> error({invalid_code, {Name, Args}})
    end.

%% Black is no colour.
is_color(Name) ->
    Known = [color, background_color, underline_color, default_color, default_background, default_underline_color],
    Parts = case is_atom(Name) andalso string:split(atom_to_list(Name), "_", all) of
                ["light" | Rest] -> Rest;
                Other -> Other
            end,
    lists:member(Name, Known) orelse
        case Parts of
            [Color | Where] -> lists:member(Color, ["red", "green", "yellow", "blue", "magenta", "cyan", "white"]) andalso lists:member(Where, [[], ["background"], ["underline"]]);
            _ -> false
        end.

-doc "Prints a format.".
-spec fwrite(format()) -> ok.
fwrite(Format) -> fwrite(Format, []).
-doc "Prints a format with values.".
-spec fwrite(format(), [term()]) -> ok.
fwrite(Format, Data) -> fwrite(standard_io, Format, Data, []).
-doc "Prints a format with values and options.".
-spec fwrite(format(), [term()], options()) -> ok.
fwrite(Format, Data, Options) -> fwrite(standard_io, Format, Data, Options).
-doc "Prints a format with values and options on a device.".
-spec fwrite(io:device(), format(), [term()], options()) -> ok.
fwrite(Device, Format, Data, Options) ->
    Enabled = is_enabled(Options, fun() -> enabled(Device) end),
    io:put_chars(Device, format(Format, Data, [{enabled, Enabled} | proplists:delete(enabled, Options)])).

-doc "The names of a list replaced by their sequences.".
-spec render(format()) -> unicode:chardata().
render(Format) -> render(Format, []).
-doc "render/1 with options.".
-spec render(format(), options()) -> unicode:chardata().
render(Format, Options) ->
    [case Piece of
         {sequence, Sequence} -> Sequence;
         Text when is_list(Text); is_binary(Text); is_integer(Text) -> Text;
         _ -> error(badarg, [Format, Options])
     end || Piece <- rendered(Format, Options)].

-doc "Text cut into pieces: names of sequences, {csi, Unknown}, and plain text.".
-spec scan(unicode:chardata()) -> [unicode:chardata() | vts() | {csi, unicode:chardata()}].
scan(Text) -> gerl_ansi:scan(unicode:characters_to_binary(Text)).

%%% ---- the terminal ---------------------------------------------------------------------------------------------------

-doc "Whether standard output is a terminal that understands control sequences.".
-spec enabled() -> boolean().
enabled() -> enabled(standard_io).
-doc "Whether a device is a terminal that understands control sequences.".
-spec enabled(io:device()) -> boolean().
enabled(Device) ->
    case io:getopts(Device) of
        Options when is_list(Options) ->
            proplists:get_value(terminal, Options, false) =:= true andalso os:getenv("TERM", "dumb") =/= "dumb";
        _ -> false
    end.

-doc "A string capability of the terminal, in terminfo's notation.".
-spec tput(string()) -> unicode:unicode_binary().
tput(Name) ->
    case is_list(Name) andalso gerl_ansi:capability(Name) of
        Text when is_binary(Text) -> Text;
        _ -> error({einval, Name, []})
    end.
-doc "A string capability of the terminal with its parameters filled in.".
-spec tput(string(), [integer()]) -> unicode:unicode_binary().
tput(Name, Args) ->
    case is_list(Name) andalso gerl_ansi:capability(Name) of
        Text when is_binary(Text) -> gerl_ansi:expand(Text, Args);
        _ -> error({einval, Name, Args})
    end.
-doc "A number of the terminal; -1 if it has none of that name.".
-spec tigetnum(string()) -> -1 | non_neg_integer().
tigetnum(Name) when is_list(Name) -> proplists:get_value(Name, [{"colors", 256}, {"it", 8}], -1);
tigetnum(N) when is_integer(N), N >= 0, N < 256 -> -1;
tigetnum(_) -> error(badarg).
-doc "Whether the terminal has a property.".
-spec tigetflag(string()) -> boolean().
tigetflag(Name) when is_list(Name) -> lists:member(Name, ["am", "bce", "km", "mir", "msgr", "npc", "xenl"]);
tigetflag(N) when is_integer(N), N >= 0, N < 256 -> false;
tigetflag(_) -> error(badarg).
-doc "The names of the capabilities that are not looked up by a name of their own: none.".
-spec tinfo() -> #{bool := [map()], num := [map()], str := [map()]}.
tinfo() -> #{bool => [], num => [], str => []}.
