"""A proof of custody as its recipient checks it: the genuine one holds, and one changed thing breaks it."""

import base64
import copy
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import TESTS, as_sequencer, looked_at, person, signer_at_work

from accounts.grants import Permission
from custody import anchors, checkpoints, heads, proofs, sequencer, signer, verify_custody
from custody.demo_authority import DemoAuthority
from custody.tree import leaf_hash
from evidence import access, intake
from evidence import proofs as item_proofs
from evidence.models import File

ROOT = Path(__file__).resolve().parents[2]
BYTES = b"bytes of an invented testimony\n" * 40


def turn() -> None:
    """One turn of the sequencer and of what ties the log to the outside."""
    with as_sequencer():
        sequencer.integrate()
        checkpoints.publish()
        newest = checkpoints.latest()
        anchors.stamp_newest(newest, anchors.DEMO)
        anchors.write_manifest(newest)
        sequencer.integrate()
        checkpoints.publish()


class Made:
    """A proof with bytes and parts, its trust file, a checkpoint from before and the one after; and a second item."""

    def __init__(self, folder: Path):
        self.folder = folder
        by = person("investigator")
        home = access.open_collection(by=person("administrator"), name_en="Invented", preset_level=2)
        access.grant(by=TESTS, record=home, permission=Permission.CONTRIBUTE, reason="test", user=by)
        given = {"kind": "testimony", "title_en": "Zebrafink speaks"}
        self.other = intake.receive_item(by=by, collection=home, given=given)
        turn()
        self.kept = bytes(checkpoints.latest().note)
        item = intake.receive_item(by=by, collection=home, given=given)
        file = looked_at(intake.receive_file(by=by, item=item, stream=io.BytesIO(BYTES), name="Zebrafink.txt"))
        turn()
        intake.revise_item(by=by, item=item, given={"title_en": "Zebrafink spoke"}, version=1, reason="a better title")
        turn()
        opened = item_proofs.export_proof(
            by=by, item=item, purpose="for the court", files=[File.objects.get(pk=file.pk)], with_parts=True
        )
        turn()
        own = item_proofs.assemble(item, user=by, with_parts=True, kept=self.kept)
        (folder / "own.zip").write_bytes(own.zipped())
        whole = proofs.build("item", item.pk, item.code, opens=lambda entry: True, since=self.kept, complete=True)
        with (folder / "proof.zip").open("wb") as target:
            whole.as_zip(target, ((item_proofs.enclosed_name(one.file, with_parts=True), one.chunks) for one in opened))
        (folder / "bare.zip").write_bytes(item_proofs.assemble(item, user=by).zipped())
        (folder / "trust.json").write_text(json.dumps(proofs.trust_document()))
        (folder / "kept.txt").write_bytes(self.kept)
        self.other_entries = proofs.build("item", self.other.pk, self.other.code).document["entries"]
        self.document, self.files = whole.document, whole.files
        intake.receive_item(by=by, collection=home, given=given)
        turn()
        (folder / "later.txt").write_bytes(bytes(checkpoints.latest().note))
        size = verify_custody.Trust(proofs.trust_document()).checkpoint(self.document["checkpoint"])[0]
        steps = proofs.consistency(size, checkpoints.latest().size)
        (folder / "consistency.json").write_text(json.dumps({"proof": [step.hex() for step in steps]}))


@pytest.fixture(scope="module")
def made(committed_for_module, tmp_path_factory):
    folder = tmp_path_factory.mktemp("proofs")
    with signer_at_work(folder / "signed.json"):
        yield Made(folder)


@pytest.fixture
def check(made, capsys):
    """`check(path or document, **options)`: (exit status, what was printed)."""

    def run(proof="proof.zip", *, trust="trust.json", **options):
        if isinstance(proof, dict):
            path = made.folder / "changed.zip"
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("proof.json", json.dumps(proof))
        else:
            path = made.folder / proof
        arguments = [str(path)] + (["--trust", str(made.folder / trust)] if trust else [])
        for name, values in options.items():
            for value in values if isinstance(values, list) else [values]:
                arguments += [f"--{name}", str(made.folder / value)]
        status = verify_custody.main(arguments)
        return status, capsys.readouterr().out

    return run


def test_the_genuine_proof_holds(check, made):
    status, said = check()
    assert status == 0, said
    assert "RESULT: VERIFIED" in said
    assert re.search(r"complete up to \d{4}-.*: these are all \d+ entries", said)
    assert "RESULT: VERIFIED, complete up to its manifest" in said
    assert "calls “EV-" in said
    assert said.count("existed at") >= 2
    assert re.search(r"item\.revised .* recorded after .* and before .*; change shown, note shown", said)
    assert "these bytes were received as #" in said
    assert "What no ledger can show" in said


def test_without_a_trust_file_of_ones_own_it_says_so(check):
    status, said = check("bare.zip", trust=None)
    assert status == 3
    assert "the keys came with the proof" in said


def test_a_bare_proof_holds_and_names_nobody(check, made):
    status, said = check("bare.zip")
    assert status == 0, said
    assert "withheld" in said
    with zipfile.ZipFile(made.folder / "bare.zip") as archive:
        for name in archive.namelist():
            assert b"Zebrafink" not in archive.read(name), name
            assert b"for the court" not in archive.read(name), name


def test_the_bytes_are_compared(check, made):
    (made.folder / "right").write_bytes(BYTES)
    (made.folder / "wrong").write_bytes(BYTES[:-1] + b" ")
    assert check("bare.zip", file="right")[0] == 0
    status, said = check("bare.zip", file=["right", "wrong"])
    assert status == 1
    assert said.count("FAIL") == 1
    assert "no entry of this proof says that bytes" in said
    assert check("bare.zip", file="absent")[0] == 2


def test_an_altered_enclosed_file_is_found(check, made):
    with (
        zipfile.ZipFile(made.folder / "proof.zip") as archive,
        zipfile.ZipFile(made.folder / "altered.zip", "w") as copy_,
    ):
        for name in archive.namelist():
            content = archive.read(name)
            copy_.writestr(name, bytes([content[0] ^ 1]) + content[1:] if name.startswith("files/") else content)
    assert check("altered.zip")[0] == 1


def test_a_checkpoint_that_was_kept_is_compared(check, made):
    assert check(kept="kept.txt")[0] == 0
    assert "one and the same growing log" in check(kept="kept.txt")[1]
    assert check(kept="later.txt")[0] == 1  # without the proof between the two
    assert check(kept="later.txt", consistency="consistency.json")[0] == 0
    forged = (made.folder / "kept.txt").read_bytes().replace(b"\n", b"\n1", 1)
    (made.folder / "forged.txt").write_bytes(forged)
    assert check(kept="forged.txt")[0] == 1


def test_a_kept_checkpoint_with_another_root_is_proof_of_a_fork(check, made, tmp_path):
    """Whoever holds the key signs another history of the same size: the kept note shows it."""
    forger = signer.Signer(
        checkpoints.settings.LEDGER_ORIGIN, checkpoints.settings.LEDGER_SIGNING_KEY_FILE, tmp_path / "m"
    )
    size = verify_custody.Trust(proofs.trust_document()).checkpoint(made.kept)[0]
    (made.folder / "fork.txt").write_bytes(forger.sign(size, bytes(32), []))
    status, said = check(kept="fork.txt")
    assert status == 1
    assert "forked" in said


def changed(document: dict, act) -> dict:
    """A copy of the proof with one thing changed."""
    other = copy.deepcopy(document)
    act(other)
    return other


def entry_with(document, kind: str) -> dict:
    return next(one for one in document["entries"] if f'"type":"{kind}"' in one["envelope"])


def rewrite(one: dict, before: str, after: str) -> None:
    assert before in one["envelope"]
    one["envelope"] = one["envelope"].replace(before, after, 1)


def flip(text: str) -> str:
    return ("1" if text[0] != "1" else "2") + text[1:]


def swap(document) -> None:
    first, second = document["entries"][:2]
    first["envelope"], second["envelope"] = second["envelope"], first["envelope"]


FORGERIES = {
    "another actor": lambda d: rewrite(entry_with(d, "item.received"), '"kind":"user"', '"kind":"user "'),
    "another time": lambda d: rewrite(entry_with(d, "item.received"), '"at":"2', '"at":"1'),
    "a backdated entry": lambda d: entry_with(d, "proof.exported").update(index=d["entries"][0]["index"]),
    "an entry left out": lambda d: d["entries"].pop(1),
    "the first left out": lambda d: d["entries"].pop(0),
    "all left out": lambda d: d["entries"].clear(),
    "an entry twice": lambda d: d["entries"].append(d["entries"][0]),
    "another order": lambda d: d["entries"].reverse(),
    "two entries swapped": swap,
    "a flipped step": lambda d: d["entries"][0]["proof"].__setitem__(0, flip(d["entries"][0]["proof"][0])),
    "a step less": lambda d: d["entries"][0]["proof"].pop(),
    "a step more": lambda d: d["entries"][0]["proof"].append("00" * 32),
    "an empty step": lambda d: d["entries"][0]["proof"].append(""),
    "another word in a part": lambda d: entry_with(d, "item.revised")["parts"]["note"].update(body='"another title"'),
    "another salt": lambda d: entry_with(d, "item.revised")["parts"]["note"].update(salt="00" * 32),
    "a short salt": lambda d: entry_with(d, "item.revised")["parts"]["note"].update(salt=""),
    "a part dropped": lambda d: entry_with(d, "item.revised")["parts"].pop("note"),
    "a part added": lambda d: entry_with(d, "item.revised")["parts"].update(more={"withheld": True}),
    "an erasure that nobody recorded": lambda d: entry_with(d, "item.revised")["parts"].update(
        note={"redacted_by": "01a210d0-2f0b-7e54-877d-721ab797f72c"}
    ),
    "the checkpoint's size": lambda d: d.update(checkpoint=re.sub(r"\n(\d+)\n", r"\n9\1\n", d["checkpoint"], count=1)),
    "the checkpoint's signature": lambda d: d.update(checkpoint=d["checkpoint"][:-8] + "AAAA" + d["checkpoint"][-4:]),
    "no signature": lambda d: d.update(checkpoint=d["checkpoint"].split("\n\n")[0] + "\n\n"),
    "an earlier checkpoint rewritten": lambda d: d["earlier"][0].update(proof=[]),
    "a stamp moved to another size": lambda d: d["stamps"][0].update(size=d["stamps"][1]["size"]),
    "a stamp damaged": lambda d: d["stamps"][0].update(
        token=base64.b64encode(base64.b64decode(d["stamps"][0]["token"])[:-9] + bytes(9)).decode()
    ),
    "the manifest's count": lambda d: d["head"].update(entry=d["head"]["entry"][:47] + "f" + d["head"]["entry"][48:]),
    "the manifest of another record": lambda d: d["head"].update(entry="0" * 32 + d["head"]["entry"][32:]),
    "the entry about a stamp": lambda d: d["stamps"][0].update(anchored=d["stamps"][1]["anchored"]),
    "a stamp's size as a fraction": lambda d: d["stamps"][0].update(size=float(d["stamps"][0]["size"])),
    "another object": lambda d: d["object"].update(id="01a210d0-2f0b-7e54-877d-721ab797f72c"),
    "another format": lambda d: d.update(format="custody-proof/v2"),
    "a fraction": lambda d: rewrite(d["entries"][0], '"v":1', '"v":1.0'),
    "a key twice": lambda d: rewrite(d["entries"][0], '"v":1', '"v":1,"v":1'),
    "a space": lambda d: rewrite(d["entries"][0], '"v":1', '"v": 1'),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_one_changed_thing_breaks_it(check, made, name):
    status, said = check(changed(made.document, FORGERIES[name]))
    assert status == 1, said
    assert "FAIL" in said
    assert "RESULT: VERIFIED" not in said


def test_a_foreign_entry_is_refused_and_so_is_one_hidden_among_them(check, made):
    status, said = check(changed(made.document, lambda d: d["entries"].append(made.other_entries[0])))
    assert status == 1
    assert "another record" in said


def test_without_the_manifest_no_completeness_is_claimed(check, made):
    def withhold(document):
        document.update(head=None)
        document["entries"].pop(1)

    status, said = check(changed(made.document, withhold))
    assert status == 0
    assert "RESULT: VERIFIED, what is shown; this proof does not claim to be complete" in said


def test_a_forger_with_keys_of_his_own_passes_only_with_his_own_trust_file(check, made, tmp_path):
    """He signs everything anew; the genuine trust file refuses all of it, a stamp of his own authority too."""
    (tmp_path / "key").write_text(base64.b64encode(bytes(range(32))).decode())
    forger = signer.Signer(checkpoints.settings.LEDGER_ORIGIN, tmp_path / "key", tmp_path / "memory")
    size, root, _text, _signed = verify_custody.Trust(proofs.trust_document()).checkpoint(made.document["checkpoint"])
    forged = changed(
        made.document, lambda d: d.update(checkpoint=forger.sign(size, root, []).decode(), earlier=[], stamps=[])
    )
    status, said = check(forged)
    assert status == 1
    assert "no key of the trust file" in said
    rogue = DemoAuthority(tmp_path)
    request = anchors.TimestampRequestBuilder().data(b"x").hash_algorithm(anchors.HashAlgorithm.SHA256).build()
    token = base64.b64encode(rogue.answer(request.as_bytes())).decode()
    assert check(changed(made.document, lambda d: d["stamps"][0].update(token=token)))[0] == 1


JUNK = [
    None,
    True,
    -1,
    0,
    1.5,
    2**70,
    "",
    "x",
    "\ud800",
    "\x1b[31m\nRESULT: VERIFIED",
    [],
    {},
    [[]],
    {"x": {}},
    "0" * 64,
]


def paths(value, here=()):
    yield here
    if isinstance(value, (dict, list)):
        for key in list(value) if isinstance(value, dict) else range(min(len(value), 3)):
            yield from paths(value[key], (*here, key))


@pytest.mark.slow
def test_no_junk_anywhere_is_an_error_of_ours_or_passes_for_something_else(check, made):
    """Every value of the document replaced by everything odd: no traceback, and where it still verifies, it must not
    have mattered."""
    harmless = {("label",), ("stamps",), ("earlier",), ("head",), ("entries", 0, "parts")}
    for path in list(paths(made.document))[1:]:
        for junk in JUNK:
            document = copy.deepcopy(made.document)
            holder = document
            for key in path[:-1]:
                holder = holder[key]
            if holder[path[-1]] == junk:
                continue
            holder[path[-1]] = junk
            status, said = check(document)
            assert status in (0, 1, 2)
            assert "\nRESULT: VERIFIED" not in said.replace("RESULT: VERIFIED\n", "", 1) or status == 0
            assert "\x1b" not in said
            if status == 0:
                assert path in harmless or path[-1] in ("authority", "withheld") or path[:1] == ("stamps",), path


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + bytes(40)])
def test_what_is_no_proof_is_unreadable(check, made, content):
    (made.folder / "junk.zip").write_bytes(content)
    assert check("junk.zip")[0] == 2


@pytest.mark.parametrize("trust", [b"", b"[]", b"{}", b'{"origin": "x", "log_keys": ["a+b+c"]}', b"\xff"])
def test_an_unreadable_trust_file_is_said(check, made, trust):
    (made.folder / "bad.json").write_bytes(trust)
    assert check(trust="bad.json")[0] in (1, 2)


def test_it_runs_alone_with_cryptography_and_nothing_of_ours(made, tmp_path):
    """The copy inside the zip, in a process without the project, with a plain locale."""
    with zipfile.ZipFile(made.folder / "proof.zip") as archive:
        archive.extract("verify_custody.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", tmp_path / "verify_custody.py", made.folder / "proof.zip",
         "--trust", made.folder / "trust.json"],
        capture_output=True, text=True, cwd=tmp_path, env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "RESULT: VERIFIED" in done.stdout
    assert verify_custody.__file__.endswith("custody/verify_custody.py")
    text = Path(verify_custody.__file__).read_text()
    assert text.count("\n") <= 430
    imported = {name.split(".")[0] for name in re.findall(r"^from ([\w.]+) import", text, re.MULTILINE)}
    assert imported == {"cryptography", "pathlib"}


def test_the_leaves_of_the_plain_files_are_those_of_the_log(made):
    for one in made.document["entries"]:
        envelope = made.files[f"entries/{one['index']}.json"]
        entry_id = json.loads(envelope)["id"]
        assert proofs.find_leaf(entry_id, leaf_hash(envelope)) == one["index"]
        assert proofs.find_leaf(entry_id, leaf_hash(b"other")) is None


def test_heads_kept_and_derived_anew_agree(made):
    last = heads.last_manifest()
    assert heads.anew(last.size).root() == last.root == heads.kept_tree().root()
    assert last.objects == heads.kept_tree().size


def test_an_entry_that_waits_is_counted(made):
    item = intake.receive_item(
        by=person("investigator"), collection=made.other.collection, given={"kind": "testimony", "title_en": "x"}
    )
    built = proofs.build("item", item.pk, item.code)
    assert built.waiting == len(proofs.entries_of(item.pk)) > 0
    assert proofs.entries_of(item.pk)[0].index is None
