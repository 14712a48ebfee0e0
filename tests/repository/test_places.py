import os
import stat
import tempfile
from pathlib import Path

import pytest

from repository.runtime import places


def test_a_short_path_is_kept(tmp_path):
    directory = Path("/srv/var/postgres")
    assert places.socket_directory(directory, places.POSTGRES_SOCKET) == directory


def test_a_path_is_measured_in_bytes_of_the_whole_socket():
    room = places.LONGEST_SOCKET - len("/") - len(places.POSTGRES_SOCKET)
    longest = Path("/" + "x" * (room - 1))
    assert places.socket_directory(longest, places.POSTGRES_SOCKET) == longest
    korean = Path("/" + "증" * (room // 3 + 1))
    assert places.socket_directory(korean, places.POSTGRES_SOCKET) != korean


def test_a_long_path_gets_the_same_short_directory_whatever_tmpdir_says(tmp_path, monkeypatch):
    long = tmp_path / ("x" * 120)
    first = places.socket_directory(long, places.BROKER_SOCKET)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert places.socket_directory(long, places.BROKER_SOCKET) == first
    assert len(os.fsencode(first / places.BROKER_SOCKET)) <= places.LONGEST_SOCKET


def test_two_long_paths_get_two_directories(tmp_path):
    found = {places.socket_directory(tmp_path / (letter * 120), places.BROKER_SOCKET) for letter in "ab"}
    assert len(found) == 2


def test_a_private_directory_is_closed_to_others_and_its_parents_are_left(tmp_path):
    tmp_path.chmod(0o755)
    made = places.private_directory(tmp_path / "keys")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "keys").touch()
    with pytest.raises(places.PlaceRefused, match="keys"):
        places.private_directory(tmp_path / "keys")


def test_a_link_in_the_way_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "keys").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(places.PlaceRefused, match="keys"):
        places.private_directory(tmp_path / "keys")
