"""Where the embedded servers keep things, computed from REPOSITORY_VAR alone: settings and launchers must agree.

Starts nothing and connects to nothing.
"""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

# sun_path is 108 bytes on Linux with the closing zero; macOS has 104, but no wheel of ours runs there untested.
LONGEST_SOCKET = 107
POSTGRES_SOCKET = ".s.PGSQL.5432"
BROKER_SOCKET = "valkey.sock"
SIGNER_SOCKET = "signer.sock"


class PlaceRefused(RuntimeError):
    """A directory cannot be used; the message says which and why."""


def private_directory(path: Path) -> Path:
    """Make a directory of mode 700, or take an existing one of ours. Parents are made, never changed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        info = path.lstat()
        if not stat.S_ISDIR(info.st_mode):
            raise PlaceRefused(f"{path} is not a directory: move it away.")
        if stat.S_IMODE(info.st_mode) & 0o077:
            path.chmod(0o700)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise PlaceRefused(
            f"{error.filename or path} cannot be used as a directory ({error.strerror}): is it another user's? "
            "Set REPOSITORY_VAR to a directory of your own."
        )
    return path


def socket_directory(preferred: Path, name: str) -> Path:
    """The directory for socket `name`: the preferred one, or a short one when the path would be too long.

    The same answer in every process of this user, whatever its TMPDIR. Does not make the directory.
    """
    preferred = preferred.absolute()
    if len(os.fsencode(preferred / name)) <= LONGEST_SOCKET:
        return preferred
    digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]
    short = Path("/tmp") if Path("/tmp").is_dir() else Path(tempfile.gettempdir())
    return short / f"repository-{os.getuid()}-{digest}"


def make_socket_directory(preferred: Path, name: str) -> Path:
    """As `socket_directory`, made; refuses a short directory that somebody else put there first."""
    directory = socket_directory(preferred, name)
    private_directory(directory)
    if directory != preferred.absolute() and directory.lstat().st_uid != os.getuid():
        raise PlaceRefused(f"{directory} belongs to another user: remove it, or set REPOSITORY_VAR to a shorter path.")
    return directory


def postgres_data(var: Path) -> Path:
    return var / "postgres"


def postgres_socket(var: Path) -> Path:
    return socket_directory(postgres_data(var), POSTGRES_SOCKET)


def broker_socket(var: Path) -> Path:
    return socket_directory(var / "run", BROKER_SOCKET) / BROKER_SOCKET


def signer_socket(var: Path) -> Path:
    return socket_directory(var / "run", SIGNER_SOCKET) / SIGNER_SOCKET


def preparing_mark(var: Path) -> Path:
    """Exists while `up` prepares the data."""
    return var / "run" / "preparing"
