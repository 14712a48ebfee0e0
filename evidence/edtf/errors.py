"""Why a text is not a date we accept: the error, and its sentences in English and Korean.

Each sentence names what is wrong and how to put it right. Which one applies is decided in `points`, `parsing`,
`parts` and `hints`, never here. Korean sentences put quoted values before a colon, so that no particle has to agree
with them.
"""

_MESSAGES = {
    "not_text": ("A date must be given as text, such as 2012-03-14.", "날짜는 2012-03-14와 같은 문자열이어야 합니다."),
    "empty": (
        "No date was given. Write a date such as 2012-03-14, 2012-03 or 2012.",
        "날짜가 비어 있습니다. 2012-03-14, 2012-03, 2012와 같이 적으십시오.",
    ),
    "too_long": (
        "The date is {length} characters long; {limit} is the most a date can have. Put explanations in another field.",
        "날짜가 {length}자로 너무 깁니다(최대 {limit}자). 설명은 다른 칸에 적으십시오.",
    ),
    "bad_character": (
        "A date cannot contain the character {character}. Use plain digits, '-' between year, month and day, and '/' "
        "between the ends of a period.",
        "날짜에 쓸 수 없는 문자가 있습니다: {character}. 반각 숫자를 쓰고, 연·월·일 사이에는 '-', 기간의 시작과 끝 "
        "사이에는 '/'를 넣으십시오.",
    ),
    "not_edtf": (
        "'{text}' is not a date in EDTF form. Write year, month and day as 2012-03-14, or less if less is known: "
        "2012-03, 2012, 2012-21 (spring), 201X, 2012~ (about), 2012? (uncertain).",
        "'{text}': EDTF 형식의 날짜가 아닙니다. 2012-03-14와 같이 연-월-일 순서로 적으십시오. 아는 만큼만 적을 수도 "
        "있습니다: 2012-03, 2012, 2012-21(봄), 201X, 2012~(무렵), 2012?(불확실).",
    ),
    "other_form": (
        "'{text}' is not in EDTF form. Write {suggestion} instead.",
        "'{text}': EDTF 형식이 아닙니다. 다음과 같이 적으십시오: {suggestion}",
    ),
    "ambiguous_form": (
        "'{text}' can be read in two ways. Write {day_first} if the day comes first, or {month_first} if the month "
        "comes first.",
        "'{text}': 두 가지로 읽힐 수 있습니다. 일이 먼저이면 {day_first}, 월이 먼저이면 {month_first} 형식으로 "
        "적으십시오.",
    ),
    "slash_month": (
        "'{text}' looks like a month, but '/' separates the two ends of a period. Write {suggestion} for the month, or "
        "four digits for each year of a period, such as 2012/2013.",
        "'{text}': 월을 적은 것으로 보이지만 '/'는 기간의 시작과 끝을 나눕니다. 월이면 {suggestion}, 기간이면 "
        "2012/2013과 같이 연도를 네 자리로 적으십시오.",
    ),
    "short_year": (
        "The year in '{text}' does not have four digits. Write all four, such as 1985 or 0985.",
        "'{text}': 연도가 네 자리가 아닙니다. 1985, 0985와 같이 네 자리로 적으십시오.",
    ),
    "long_year": (
        "The year in '{text}' has more than four digits. Check it; a year after 9999 is written with Y in front and "
        "without month or day, such as Y17000.",
        "'{text}': 연도가 네 자리를 넘습니다. 확인하십시오. 9999년 이후의 연도는 Y17000과 같이 앞에 Y를 붙이고 월과 "
        "일 없이 적습니다.",
    ),
    "letter_year": (
        "Y is only for a year of more than four digits, without leading zeros, and without month or day, such as "
        "Y17000. Write other years with four digits, such as 2012.",
        "Y는 Y17000처럼 네 자리를 넘는 연도에만 쓰며, 0으로 시작하지 않고 월과 일을 붙이지 않습니다. 그 밖의 "
        "연도는 2012와 같이 네 자리로 적으십시오.",
    ),
    "negative_zero": (
        "The year zero has no minus sign. Write 0000 (which is 1 BCE).",
        "0년에는 음수 부호를 붙이지 않습니다. 0000(기원전 1년)으로 적으십시오.",
    ),
    "no_such_month": (
        "There is no month {month}: months run from 01 to 12, and 21 to 24 stand for spring, summer, autumn and "
        "winter. If the month is not known, leave it out: {year}.",
        "{month}월은 없습니다. 월은 01부터 12까지이고, 21부터 24까지는 봄, 여름, 가을, 겨울을 뜻합니다. 월을 모르면 "
        "빼고 적으십시오: {year}",
    ),
    "no_such_day": (
        "{day} {month_name} does not exist: {month_name} {year} has {last} days. Correct the day, or leave it out if "
        "it is not known: {shorter}.",
        "{year}년 {month}월 {day}일은 없는 날짜입니다. {year}년 {month}월은 {last}일까지입니다. 날을 고치거나, 날을 "
        "모르면 빼고 적으십시오: {shorter}",
    ),
    "season_with_day": (
        "A season (21 to 24 in place of the month) cannot have a day. Write {shorter}, or a month from 01 to 12.",
        "계절(월 자리의 21~24)에는 날을 붙일 수 없습니다. {shorter} 형식으로 적거나 01~12의 월을 적으십시오.",
    ),
    "bad_time": (
        "{time} is not a time of day: hours run from 00 to 23, minutes and seconds from 00 to 59. Midnight at the end "
        "of a day may be written 24:00:00.",
        "{time}: 시각이 아닙니다. 시는 00~23, 분과 초는 00~59입니다. 하루가 끝나는 자정은 24:00:00으로 적을 수 "
        "있습니다.",
    ),
    "bad_zone": (
        "{zone} is not an offset from UTC: offsets run from -14:00 to +14:00, minutes from 00 to 59, and UTC itself is "
        "written Z.",
        "{zone}: UTC와의 시차가 아닙니다. 시차는 -14:00부터 +14:00까지이고 분은 00~59이며, UTC는 Z로 적습니다.",
    ),
    "time_form": (
        "The time in '{text}' is not complete. Write it as 2012-03-14T23:20:30, with Z for UTC or an offset such as "
        "+09:00 after it; if the seconds are not known, leave the time out and put it in the text.",
        "'{text}': 시각이 온전하지 않습니다. 2012-03-14T23:20:30과 같이 적고, 필요하면 뒤에 Z(UTC)나 +09:00 같은 "
        "시차를 붙이십시오. 초를 모르면 시각은 빼고 본문에 적으십시오.",
    ),
    "time_needs_day": (
        "A time of day needs a full date before it, such as 2012-03-14T23:20:30. Give the day, or leave the time out.",
        "시각 앞에는 2012-03-14T23:20:30과 같이 온전한 날짜가 있어야 합니다. 날을 적거나 시각을 빼십시오.",
    ),
    "time_qualified": (
        "'?', '~' and '%' cannot follow a time of day. Leave out the sign, or write {shorter} without the time.",
        "시각 뒤에는 '?', '~', '%'를 붙일 수 없습니다. 부호를 빼거나 시각을 빼십시오: {shorter}",
    ),
    "time_in_interval": (
        "The ends of a period are dates without a time of day. Leave out the time: {shorter}.",
        "기간의 시작과 끝에는 시각을 적을 수 없습니다. 시각을 빼십시오: {shorter}",
    ),
    "too_many_slashes": (
        "'{text}' has more than one '/'. A period has one start and one end, such as 2010-10/2011-01.",
        "'{text}': '/'가 둘 이상입니다. 기간은 2010-10/2011-01과 같이 시작 하나와 끝 하나로 적으십시오.",
    ),
    "interval_order": (
        "The period ends before it starts: {end} is earlier than {start}. Exchange the two or correct one of them.",
        "기간의 끝이 시작보다 앞섭니다: {start} → {end}. 둘을 바꾸거나 잘못된 쪽을 고치십시오.",
    ),
    "interval_no_end_known": (
        "A period needs a date at one end at least, such as 2010/.. or ../2010. For an unknown date, leave it out.",
        "기간에는 2010/.. 또는 ../2010과 같이 적어도 한쪽에 날짜가 있어야 합니다. 모르는 날짜는 비워 두십시오.",
    ),
    "dots": (
        "In '{text}', '..' is not in its place. It stands alone on one side of '/', for an open start or end: "
        "../2012 or 2012/..",
        "'{text}': '..'의 위치가 맞지 않습니다. '..'은 '/'의 한쪽에 홀로 쓰여 열린 시작이나 끝을 뜻합니다: ../2012, "
        "2012/..",
    ),
    "old_keyword": (
        "'open' and 'unknown' are words of an older draft. Write '..' for an open start or end and nothing for an "
        "unknown one, such as 2010/.. or 2010/.",
        "'open'과 'unknown'은 옛 초안의 표기입니다. 열린 시작이나 끝은 '..', 모르는 시작이나 끝은 빈칸으로 적으십시오: "
        "2010/.. 또는 2010/",
    ),
    "two_qualifiers": (
        "A date takes one sign at its end: '?' uncertain, '~' approximate, '%' both. Write {suggestion} instead.",
        "날짜 끝에는 부호를 하나만 붙입니다: '?' 불확실, '~' 대략, '%' 둘 다. 다음과 같이 적으십시오: {suggestion}",
    ),
    "level_2_set": (
        "Sets and lists of dates ('[…]', '{{…}}', commas) are level 2 of EDTF, which is not supported. Write a period "
        "such as 2010/2012, or one record for each date.",
        "날짜의 집합이나 목록('[…]', '{{…}}', 쉼표)은 EDTF 2수준이며 지원하지 않습니다. 2010/2012와 같이 기간으로 "
        "적거나 날짜마다 따로 기록하십시오.",
    ),
    "level_2_part_qualifier": (
        "'?', '~' or '%' on a part of a date is level 2 of EDTF, which is not supported. Write {suggestion} instead, "
        "with the sign at the end for the whole date.",
        "날짜의 일부에 붙인 '?', '~', '%'는 EDTF 2수준이며 지원하지 않습니다. 날짜 전체에 대해 맨 끝에 붙이십시오: "
        "{suggestion}",
    ),
    "level_2_season": (
        "{season} in place of the month (hemispheres, quarters, halves) is level 2 of EDTF, which is not supported. "
        "Use 21 spring, 22 summer, 23 autumn, 24 winter, or a period of months such as 2012-01/2012-03.",
        "월 자리의 {season}(반구별 계절, 분기, 반기)은 EDTF 2수준이며 지원하지 않습니다. 21 봄, 22 여름, 23 가을, 24 "
        "겨울을 쓰거나 2012-01/2012-03과 같이 기간으로 적으십시오.",
    ),
    "level_2_exponent": (
        "Years with an exponent (E) are level 2 of EDTF, which is not supported. Write the year in full, such as "
        "Y170000000.",
        "지수(E)를 쓴 연도는 EDTF 2수준이며 지원하지 않습니다. Y170000000과 같이 연도를 모두 적으십시오.",
    ),
    "level_2_significant": (
        "Significant digits (S) are level 2 of EDTF, which is not supported. Write 19XX for a year of the 1900s, 195X "
        "for one of the 1950s, or 1950~.",
        "유효 숫자(S)는 EDTF 2수준이며 지원하지 않습니다. 1900~1999년이면 19XX, 1950년대이면 195X, 또는 1950~로 "
        "적으십시오.",
    ),
    "level_2_digits": (
        "X in this place is level 2 of EDTF, which is not supported. X may replace the last one or two digits of a "
        "year standing alone (201X, 20XX), the whole month (2004-XX) or the whole day (1985-04-XX, 1985-XX-XX).",
        "이 자리의 X는 EDTF 2수준이며 지원하지 않습니다. X는 홀로 쓴 연도의 끝 한두 자리(201X, 20XX), 월 전체"
        "(2004-XX), 일 전체(1985-04-XX, 1985-XX-XX) 대신에만 쓸 수 있습니다.",
    ),
    "level_2_interval_digits": (
        "XX at an end of a period is level 2 of EDTF, which is not supported. Leave it out: {shorter} means the same.",
        "기간의 시작이나 끝에 쓴 XX는 EDTF 2수준이며 지원하지 않습니다. XX를 빼면 뜻이 같습니다: {shorter}",
    ),
    "parts_precision": (
        "This precision does not exist. Choose day, month, season, year, decade, century or unknown.",
        "없는 정밀도입니다. 일, 월, 계절, 연, 10년, 100년, 모름 가운데에서 고르십시오.",
    ),
    "parts_missing": (
        "The {part} is missing. Fill it in, or choose a coarser precision.",
        "빈칸이 있습니다: {part_ko}. 채우거나 더 넓은 정밀도를 고르십시오.",
    ),
    "parts_value": (
        "The {part} must be a whole number of at most 18 digits, and a month or day must not be negative.",
        "18자리 이하의 정수를 적어야 하며 월과 일은 음수일 수 없습니다: {part_ko}",
    ),
    "parts_season": (
        "This season does not exist. Choose spring, summer, autumn or winter (21 to 24).",
        "없는 계절입니다. 봄, 여름, 가을, 겨울(21~24) 가운데에서 고르십시오.",
    ),
    "parts_ends": (
        "Choose one only: an end date, an open start, or an open end.",
        "끝 날짜, 열린 시작, 열린 끝 가운데 하나만 고르십시오.",
    ),
    "parts_unknown_key": (
        "The end date has a part that is not known. Use precision, year, month, day, season, approximate, uncertain.",
        "끝 날짜에 알 수 없는 항목이 있습니다. precision, year, month, day, season, approximate, uncertain만 쓸 수 "
        "있습니다.",
    ),
}


class EdtfError(ValueError):
    """A text, or a set of parts, that is not a supported EDTF date.

    `code` is a stable slug; every code for level 2 syntax starts with `level_2`. `message` and `message_ko` are
    sentences for the person who typed the date.
    """

    def __init__(self, code: str, message: str, message_ko: str) -> None:
        super().__init__(code, message, message_ko)
        self.code = code
        self.message = message
        self.message_ko = message_ko

    def __str__(self) -> str:
        return self.message


def problem(code: str, **values: object) -> EdtfError:
    """Return the error with this code, its sentences filled in with `values`."""
    english, korean = _MESSAGES[code]
    return EdtfError(code, english.format(**values), korean.format(**values))
