"""In which encoding a text is written: Unicode, the legacy Korean ones, and what else comes with them.

Detection is by evidence, not by a declared name: byte order marks and escape sequences first, then what the bytes give
when they are read as each candidate. Korean candidates are told apart by how ordinary the syllables are that come out.
"""

import codecs
import re

# The syllables that make up most of running Korean text.
COMMON = set(
    "이다는에을의고가한하로지를은도어기서사리자시들나있아대그것라인수니만해게정일으보여구부제면과전않소원"
    "성안조장주오상선생모동무마내비공우차스유신교국금없되였었했습때연산적분말거러와관경학발회위려문방민"
    "남년개당운불행북조할또간통물살감더히명화진세음계식여못미두양치재요복용천중반호실든잡터트드던저데속작"
    "직업같같알야집군결외세론체단심노력처출양데네영따라면본질법형활혁석님난께울령강초종평달각급현"
    "열증입큰온건번최저쪽격론별파바름표특파서읽쓰파일컴퓨록램프글"
)
HANZI = set("的一是不了在人有我他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其")
DECLARED = re.compile(
    rb"""(?:encoding\s*=\s*["']|charset\s*=\s*["']?)\s*([A-Za-z0-9][A-Za-z0-9._:-]{1,39})""", re.IGNORECASE
)
# Names in use that mean the code page which contains them.
NAMES = {
    "ksc5601": "cp949", "ksc56011987": "cp949", "ksc56011989": "cp949", "euckr": "cp949", "uhc": "cp949",
    "ms949": "cp949", "windows949": "cp949", "cp949": "cp949", "ksx1001": "cp949", "isoir149": "cp949",
    "korean": "cp949", "cskscode": "cp949", "iso88591": "cp1252", "ascii": "cp1252", "usascii": "cp1252",
    "latin1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shiftjis": "cp932", "sjis": "cp932",
}  # fmt: skip
ALLOWED = frozenset(b"\t\n\r\x0b\x0c\x1b\x1a\x08")
KANA, HANGUL = re.compile("[\u3040-\u30ff]"), re.compile("[\uac00-\ud7a3]")


def codec_of(name: str) -> str:
    """The codec that a declared name means, empty when there is none or it is no text encoding."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    try:
        info = codecs.lookup(NAMES.get(plain, name.strip()))
    except (LookupError, ValueError, UnicodeError):
        return ""
    unsafe = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "utf-7"}
    return info.name if info._is_text_encoding and info.name not in unsafe else ""


def detect(data: bytes) -> str:
    """The encoding of these bytes: a codec's name, `ascii` for nothing but ASCII, empty when this is no text."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
                       (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):  # fmt: skip
        if data.startswith(mark):
            return name
    if b"\x00" in data:
        return _wide(data)
    if _is_binary(data):
        return ""
    if b"\x1b$)C" in data and b"\x0e" in data:
        return "iso2022_kr"
    if b"\x1b$B" in data or b"\x1b$@" in data:
        return "iso2022_jp"
    if data.isascii():
        return "ascii"
    try:
        # Incremental: a part of a file may end in the middle of a character.
        codecs.getincrementaldecoder("utf-8")().decode(data)
        return "utf-8"
    except UnicodeDecodeError:
        return _legacy(data)


def decode(data: bytes, declared: str = "") -> tuple[str, str]:
    """The text and the encoding used. What a document declares counts where the bytes bear it out."""
    found = detect(data)
    if found in ("", "ascii", "utf-8") or not declared or found.startswith(("utf-16", "utf-32", "iso2022")):
        named = codec_of(declared) if declared and found in ("", "ascii") else ""
        name = named if named.startswith("iso2022") or (named and not found) else found or "cp1252"
        return _tidy(data.decode(name, "replace")), name
    named = codec_of(declared)
    if named and named not in ("utf-8", "ascii"):
        text = data.decode(named, "replace")
        # A Korean text that says Latin is Korean all the same.
        if text.count("\ufffd") * 50 <= len(text) and not (named == "cp1252" and found in ("cp949", "johab")):
            return _tidy(text), named
    return _tidy(data.decode(found, "replace")), found


def declared_in(data: bytes) -> str:
    """The encoding that XML or HTML declares at its beginning."""
    match = DECLARED.search(data[:4096])
    return match[1].decode("ascii") if match else ""


def _tidy(text: str) -> str:
    """One kind of line end, no mark at the beginning, no end-of-file sign of DOS."""
    return text.lstrip("\ufeff").rstrip("\x1a\x00").replace("\r\n", "\n").replace("\r", "\n")


def _is_binary(data: bytes) -> bool:
    odd = sum(1 for byte in data[:65536] if byte < 32 and byte not in ALLOWED)
    shifts = data.count(b"\x0e") + data.count(b"\x0f") if b"\x1b$)C" in data else 0
    return (odd - shifts) * 200 > min(len(data), 65536)


def _wide(data: bytes) -> str:
    """UTF-16 without its mark: NUL stands in one half of the pairs, and sensible characters come out."""
    even, odd = data[0:65536:2].count(0), data[1:65536:2].count(0)
    for name, here, there in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if here <= there * 4:
            continue
        text = data[: len(data) & ~1][:65536].decode(name, "replace")
        sensible = sum(1 for c in text if c.isprintable() or c in "\r\n\t\f")
        if sensible * 100 > len(text) * 97:
            return name
    return ""


def _legacy(data: bytes) -> str:
    part = data[:262144]
    scores = {name: _korean(part.decode(name, "replace")) for name in ("cp949", "johab")}
    best = max(scores, key=scores.__getitem__)
    if scores[best] > 0.25:
        return best
    for name in ("cp932", "euc_jp"):
        text = part.decode(name, "replace")
        foreign = [c for c in text if ord(c) > 127]
        if len(KANA.findall(text)) * 5 > len(foreign) and text.count("\ufffd") * 50 <= len(foreign):
            return name
    for name in ("gb18030", "big5"):
        foreign = [c for c in part.decode(name, "replace") if ord(c) > 127]
        if sum(1 for c in foreign if c in HANZI) * 8 > len(foreign) and foreign.count("\ufffd") * 50 <= len(foreign):
            return name
    return "cp949" if scores["cp949"] > 0.1 else "cp1252"


def _korean(text: str) -> float:
    """How much like Korean what is not ASCII reads, -3 to 1."""
    foreign = [c for c in text if ord(c) > 127]
    if not foreign:
        return 0.0
    points = 0.0
    for c in foreign:
        if c in COMMON:
            points += 1
        elif "\uac00" <= c <= "\ud7a3":
            points += 0.1
        elif c == "\ufffd" or "\ue000" <= c <= "\uf8ff":
            points -= 2
        elif "\u4e00" <= c <= "\u9fff" or "\uf900" <= c <= "\ufaff":
            points -= 0.1
    return points / len(foreign)
