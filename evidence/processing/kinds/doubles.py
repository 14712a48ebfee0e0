"""Files that are two things at once, or another thing than their name says."""

import re

from evidence.processing.kinds import Kind, Look

# ending: the kinds or media types that bear it
ENDINGS = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "jpe": "image/jpeg", "png": "image/png", "gif": "image/gif",
    "tif": "image/tiff", "tiff": "image/tiff", "bmp": "image/bmp image/x-ms-bmp", "webp": "image/webp",
    "heic": "image/heic image/heif", "heif": "image/heic image/heif", "avif": "image/avif", "svg": "svg",
    "mp4": "video/mp4 audio/mp4", "m4v": "video/mp4 video/x-m4v", "mov": "video/quicktime video/mp4",
    "m4a": "audio/mp4 audio/x-m4a video/mp4", "avi": "video/x-msvideo", "wmv": "video/x-ms-asf video/x-ms-wmv",
    "flv": "video/x-flv", "webm": "video/webm video/x-matroska", "mkv": "video/x-matroska video/webm",
    "3gp": "video/3gpp video/mp4", "mp3": "audio/mpeg", "wav": "audio/x-wav audio/wav audio/vnd.wave",
    "ogg": "audio/ogg video/ogg application/ogg", "flac": "audio/flac audio/x-flac",
    "aac": "audio/aac audio/x-hx-aac-adts",
    "amr": "audio/amr", "pdf": "pdf", "doc": "doc rtf html", "dot": "doc", "xls": "xls html csv", "ppt": "ppt",
    "docx": "docx ooxml-locked", "docm": "docx ooxml-locked", "xlsx": "xlsx ooxml-locked", "xlsm": "xlsx ooxml-locked",
    "pptx": "pptx ooxml-locked", "pptm": "pptx ooxml-locked", "odt": "odt", "ods": "ods", "odp": "odp",
    "hwp": "hwp5 hwp3", "hwpx": "hwpx", "rtf": "rtf", "msg": "msg", "eml": "mail plain", "mbox": "mbox mail",
    "txt": "plain csv json xml html mail mbox", "md": "plain html csv", "csv": "csv plain", "tsv": "csv plain",
    "json": "json plain", "xml": "xml svg html", "htm": "html xml plain", "html": "html xml plain", "xhtml": "html xml",
    "zip": "zip jar wacz docx xlsx pptx odt ods odp hwpx epub", "jar": "jar zip", "wacz": "wacz zip", "epub": "epub",
    "tar": "tar", "tgz": "tar gzip", "gz": "gzip tar warc", "bz2": "bzip2 tar", "xz": "xz tar", "7z": "7z",
    "rar": "rar", "cab": "cab", "iso": "iso", "warc": "warc",
}  # fmt: skip
OTHERS = (
    (b"%PDF-", "pdf"), (b"PK\x03\x04", "zip"), (b"Rar!\x1a\x07", "rar"), (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"<?php", "php"), (b"\x7fELF", "elf"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
)  # fmt: skip
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*")
SCRIPT = re.compile(rb"<script[\s>]|<html[\s>]|<\?php|^GIF8[79]a(?:/\*|\s*=)", re.IGNORECASE)
ZIPS = ("docx", "xlsx", "pptx", "odt", "ods", "odp", "hwpx", "epub", "wacz", "jar", "zip")


def contradicts(kind: Kind, ending: str) -> bool:
    """Whether the ending of the name promises something else. An ending that promises nothing contradicts nothing."""
    promised = ENDINGS.get(ending, "").split()
    return bool(promised) and kind.code not in promised and kind.media_type not in promised


def second_nature(kind: Kind, seen: Look) -> str:
    """What else the file is, empty when it is one thing: a header of another kind inside, or another kind's end."""
    if seen.head.startswith(PICTURES):
        if SCRIPT.search(seen.head[:4096]) or SCRIPT.search(seen.tail):
            return "script"
        if after := _behind_picture(seen):
            return after
    if kind.code != "pdf" and b"%PDF-" in seen.head[:1024] and not kind.media_type.startswith("text/"):
        return "pdf"
    if kind.code not in ZIPS and _ends_as_zip(seen):
        return "zip"
    if kind.code in ZIPS and not seen.head.startswith(b"PK"):
        return "zip"
    if kind.code == "pdf" and not seen.head.lstrip(b"\xef\xbb\xbf\r\n\t \0").startswith(b"%PDF-"):
        return next((name for sign, name in OTHERS if name != "pdf" and seen.head.startswith(sign)), "header")
    return ""


def _ends_as_zip(seen: Look) -> bool:
    """A ZIP directory that ends exactly where the file does."""
    at = seen.tail.rfind(b"PK\x05\x06")
    if at < 0 or len(seen.tail) - at < 22:
        return False
    comment = int.from_bytes(seen.tail[at + 20 : at + 22], "little")
    return at + 22 + comment == len(seen.tail)


def _behind_picture(seen: Look) -> str:
    """What follows the end of a JPEG, PNG or GIF, when it is of a known kind."""
    marks = ((b"\xff\xd8\xff", b"\xff\xd9"), (b"\x89PNG\r\n", b"IEND\xaeB`\x82"))
    for start, end in marks:
        if not seen.head.startswith(start):
            continue
        for sign, name in OTHERS:
            at = seen.tail.find(sign)
            if at > 0 and seen.tail.rfind(end, 0, at) >= 0 and at - seen.tail.rfind(end, 0, at) <= len(end) + 16:
                return name
    return ""
