"""Signed notes: the example of the Go implementation that C2SP's format comes from, and what must be refused."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from custody import notes
from custody.notes import NoteError

KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
EXAMPLE = TEXT + b"\n" + SIGNATURE.encode()
OURS = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OUR_KEY = notes.verifier_key("ledger.example/log", OURS.public_key().public_bytes_raw())


def ours(text: bytes = b"hello\n") -> bytes:
    return notes.sign(text, "ledger.example/log", OURS)


def test_the_published_example_opens():
    assert notes.open_note(EXAMPLE, [KEY]) == TEXT


def test_what_we_sign_opens():
    assert notes.open_note(ours(), [OUR_KEY]) == b"hello\n"


def test_lines_of_unknown_keys_are_skipped():
    assert notes.open_note(ours() + SIGNATURE.encode(), [OUR_KEY]) == b"hello\n"


def test_a_text_with_an_empty_line_is_cut_at_the_last():
    assert notes.open_note(ours(b"one\n\ntwo\n"), [OUR_KEY]) == b"one\n\ntwo\n"


@pytest.mark.parametrize(
    "note",
    [
        EXAMPLE.replace(b"answer", b"Answer"),
        TEXT,
        b"",
        EXAMPLE[:-1],
        EXAMPLE.replace("— ".encode(), b"- "),
        EXAMPLE.replace(b"x08go", b"x08g*"),
        EXAMPLE.replace(b"\n\n", b"\n\x01\n\n"),
        TEXT + b"\n" + "— PeterNeumann x08go/ZJ\n".encode(),
        b"a" * (1 << 20) + EXAMPLE,
    ],
    ids=[
        "altered text",
        "no signature",
        "empty",
        "cut off",
        "wrong dash",
        "no base64",
        "control",
        "short",
        "too large",
    ],
)
def test_a_note_that_does_not_verify_is_refused(note):
    with pytest.raises(NoteError):
        notes.open_note(note, [KEY])


def test_a_note_that_no_known_key_signed_is_refused():
    with pytest.raises(NoteError, match="no signature by a known key"):
        notes.open_note(EXAMPLE, [OUR_KEY])


def test_one_bad_signature_of_a_known_key_spoils_the_note():
    line = ours(b"another text\n").split(b"\n\n")[1]
    with pytest.raises(NoteError):
        notes.open_note(ours() + line, [OUR_KEY])


@pytest.mark.parametrize("key", ["", "name", KEY[:-4], KEY.replace("c74f20a3", "c74f20a4"), "a+b+c"])
def test_a_malformed_verifier_key_is_refused(key):
    with pytest.raises(NoteError):
        notes.open_note(EXAMPLE, [key])


def test_a_checkpoint_reads_back():
    text = notes.checkpoint_text("ledger.example/log", 7, bytes(range(32)))
    assert notes.parse_checkpoint(text) == ("ledger.example/log", 7, bytes(range(32)))


@pytest.mark.parametrize(
    "text",
    [
        b"origin\n7\n",
        b"origin\n07\n%s\n",
        b"origin\n-7\n%s\n",
        b"origin\n\xd9\xa7\n%s\n",
        b"\n7\n%s\n",
        b"origin\n7\n%s",
        b"origin\n7\nAAAA\n",
        b"origin\n7\n***\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text):
    with pytest.raises(NoteError):
        notes.parse_checkpoint(text.replace(b"%s", base64.b64encode(bytes(32))))
