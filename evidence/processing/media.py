"""Audio and video: what they hold, by ffprobe, and frames spread over the length, by ffmpeg.

Formats are named one by one: playlists and others that lead to further files or addresses are not among them.
"""

import json
import re

from PIL import Image

from evidence.processing import imaging, pdq, programs
from evidence.processing.results import Facts, Failed, Job, NotDone, Outcome, Picture

NAME = "media"
SECONDS = 900
PACKAGE = "ffmpeg"
POSTERS = 5
LONGEST, LONGEST_THUMBNAIL = 1280, 512
# ffmpeg's names of the containers that hold audio and video themselves.
FORMATS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,av1,caf,dts,dv,eac3,flac,flv,gxf,h264,hevc,ivf,m4v,matroska,mov,mp3,mp4,"
    "mpeg,mpegts,mpegvideo,mpc,mpc8,mxf,nsv,nut,obu,ogg,rm,tak,tta,voc,w64,wav,webm,wtv,wv"
)
SAFE = ["-protocol_whitelist", "file", "-format_whitelist", FORMATS]
ENDINGS = {"3gp", "aac", "amr", "avi", "flac", "flv", "m4a", "m4v", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "mts",
           "oga", "ogg", "ogv", "opus", "ts", "wav", "webm", "wma", "wmv"}  # fmt: skip
TYPES = ("application/ogg", "application/mxf", "application/vnd.rn-realmedia", "application/vnd.ms-asf")
# What ffmpeg says when bytes are missing or broken; it warns of much that is harmless.
BROKEN = re.compile(
    r"partial file|truncat|prematurely|moov atom not found|invalid data|error reading|corrupt|error while decoding",
    re.I,
)


def applies(facts: Facts) -> bool:
    kind = facts.media_type
    guessed = kind == "application/octet-stream" and facts.ending in ENDINGS
    return kind.startswith(("audio/", "video/")) or kind in TYPES or guessed


def run(job: Job) -> Outcome:
    found, problems = _probed(job)
    tool = programs.version(["ffmpeg", "-version"], package=PACKAGE).split(" Copyright")[0]
    if not found["streams"]:
        _refuse(job, problems)
    drawn, mark = _frames(job, found)
    problems += _read_through(job) or _cut_off(job)
    if found["has_video"] and not drawn:
        problems.append("no frame could be decoded")
    if problems:
        found["problems"] = problems[:20]
        # What could be read is kept with the failure.
        return Outcome(
            state="failed", reason="damaged", detail=problems[0][:300], tool=tool, found=found, pictures=drawn,
            fingerprint=mark,
        )  # fmt: skip
    return Outcome(tool=tool, found=found, pictures=drawn, fingerprint=mark)


def _refuse(job: Job, problems: list[str]) -> None:
    if job.facts.media_type == "application/octet-stream" and not problems:
        raise NotDone("unsupported", "no audio or video")
    raise Failed("damaged", problems[0][:300] if problems else "no streams")


def _probed(job: Job) -> tuple[dict, list[str]]:
    """(what the container says, what is wrong with it)."""
    _, out, errors = programs.call(
        ["ffprobe", "-v", "error", *SAFE, "-show_format", "-show_streams", "-show_chapters", "-of", "json",
         f"file:{job.path}"],
        package=PACKAGE, seconds=120,
    )  # fmt: skip
    try:
        said = json.loads(out or b"{}")
    except (ValueError, RecursionError):
        raise Failed("hostile", "ffprobe's answer is none")
    form = said.get("format") or {}
    streams = [_stream(one) for one in said.get("streams") or []][:64]
    found = {
        "container": form.get("format_long_name", ""),
        "duration": _seconds(form.get("duration")),
        "bit_rate": _whole(form.get("bit_rate")),
        "created": (form.get("tags") or {}).get("creation_time", ""),
        "chapters": len(said.get("chapters") or []),
        "streams": streams,
        "has_video": any(one["kind"] == "video" and not one.get("is_cover") for one in streams),
        "has_audio": any(one["kind"] == "audio" for one in streams),
    }
    return found, _problems(errors)


def _stream(raw: dict) -> dict:
    kind = raw.get("codec_type", "")
    told = {
        "kind": kind,
        "codec": raw.get("codec_name", ""),
        "codec_name": raw.get("codec_long_name", ""),
        "duration": _seconds(raw.get("duration")),
        "language": (raw.get("tags") or {}).get("language", ""),
    }
    if kind == "video":
        told |= {
            "width": _whole(raw.get("width")),
            "height": _whole(raw.get("height")),
            "rotation": _rotation(raw),
            "frame_rate": raw.get("avg_frame_rate", ""),
            "frames": _whole(raw.get("nb_frames")),
            "is_cover": bool((raw.get("disposition") or {}).get("attached_pic")),
        }
    if kind == "audio":
        told |= {"sample_rate": _whole(raw.get("sample_rate")), "channels": _whole(raw.get("channels"))}
    return told


def _rotation(raw: dict) -> int:
    """Degrees clockwise by which a player turns the picture."""
    turned = [one.get("rotation") for one in raw.get("side_data_list") or [] if isinstance(one, dict)]
    value = next((one for one in turned if one is not None), None)
    if value is not None:
        return -(_whole(value) or 0) % 360
    return (_whole((raw.get("tags") or {}).get("rotate")) or 0) % 360


def _frames(job: Job, found: dict) -> tuple[list[Picture], str]:
    """Frames spread over the length, the thumbnail, and the fingerprint of the first frame that shows something."""
    if not found["has_video"]:
        return [], ""
    duration = found["duration"] or 0
    moments = [duration * (2 * i + 1) / (2 * POSTERS) for i in range(POSTERS)] if duration > 0.2 else [0.0]
    drawn: list[Picture] = []
    mark = ""
    for moment in moments:
        image = _frame(job, moment)
        if image is None and moment == moments[-1] and not drawn:
            image = _frame(job, 0)
        if image is None:
            continue
        drawn.append(imaging.save(image, job.out, "poster", len(drawn) + 1))
        found.setdefault("posters", []).append(round(moment, 3))
        seen, quality = pdq.fingerprint(image)
        if not mark and quality >= pdq.MIN_QUALITY:
            mark = seen
            found |= {"fingerprint": seen, "quality": quality}
            small = image
        elif len(drawn) == 1:
            small = image
    if drawn:
        small = small.copy()
        small.thumbnail((LONGEST_THUMBNAIL, LONGEST_THUMBNAIL))
        drawn.append(imaging.save(small, job.out, "thumbnail", 1))
    return drawn, mark


def _frame(job: Job, moment: float) -> Image.Image | None:
    """One frame, upright, at its proper proportions; None when there is none at that moment."""
    made = job.out / "frame.png"
    made.unlink(missing_ok=True)
    scale = f"scale=iw*sar:ih,scale='min({LONGEST},iw)':'min({LONGEST},ih)':force_original_aspect_ratio=decrease"
    try:
        programs.call(
            ["ffmpeg", "-v", "error", "-nostdin", "-threads", "2", *SAFE, "-ss", f"{moment:.3f}",
             "-i", f"file:{job.path}", "-map", "0:V:0", "-frames:v", "1", "-vf", scale, "-f", "image2",
             "-c:v", "png", "-y", str(made)],
            package=PACKAGE, seconds=60,
        )  # fmt: skip
        with imaging.opened(made) as image:
            return imaging.decoded(image, LONGEST)[0]
    except (NotDone, OSError):
        return None
    finally:
        made.unlink(missing_ok=True)


def _read_through(job: Job) -> list[str]:
    """What is wrong when every packet is read, without decoding."""
    _, _, errors = programs.call(
        ["ffmpeg", "-v", "error", "-nostdin", *SAFE, "-i", f"file:{job.path}", "-map", "0:V?", "-map", "0:a?",
         "-c", "copy", "-f", "null", "-"],
        package=PACKAGE, seconds=SECONDS * 0.6,
    )  # fmt: skip
    return _problems(errors)


def _cut_off(job: Job) -> list[str]:
    """AVI and WAV say their length at the start, and ffmpeg doesn't mind when less is there."""
    with job.path.open("rb") as file:
        head = file.read(8)
    stated = int.from_bytes(head[4:8], "little") + 8
    # A length of nothing, or of everything, is of a recorder that was switched off before it wrote one.
    if head[:4] != b"RIFF" or stated in (8, 0xFFFFFFFF + 8) or stated <= job.facts.size:
        return []
    return [f"the file is cut off: it says {stated} bytes and has {job.facts.size}"]


def _problems(errors: bytes) -> list[str]:
    """Each complaint once, without addresses in memory and paths."""
    found: list[str] = []
    for line in errors.decode("utf-8", "replace").splitlines():
        line = re.sub(r"^\[[^\]]*\] ?|file:\S*|/\S+", "", line).strip(" :")[:200]
        if line and BROKEN.search(line) and line not in found:
            found.append(line)
    return found[:20]


def _seconds(value) -> float | None:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return round(seconds, 3) if 0 <= seconds < 10**8 else None


def _whole(value) -> int | None:
    try:
        return int(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
