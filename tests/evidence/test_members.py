"""Members that become items of their own: what they inherit, what each is told, and what is never done."""

import io
import zipfile

import pytest
from conftest import with_members

from accounts import grants
from accounts.errors import Invalid, Refused
from accounts.grants import Permission
from custody import ledger
from evidence import members, protection, storage
from evidence.models import File, Item, ItemRelation, ProviderCondition


def archive(**entries) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return out.getvalue()


def test_a_chosen_member_becomes_an_item_as_protected_as_the_whole(item, investigator):
    Item.objects.filter(pk=item.pk).update(effective_level=3, obtained_where="Musan")
    item.refresh_from_db()
    file = with_members(item, by=investigator, names=("folder/진술서.txt", "b.txt"))
    results = members.take_in(by=investigator, file=file, indexes=[0])
    child = results[0].item
    assert (child.title_ko, child.title_en) == ("진술서.txt", "")
    assert (child.collection_id, child.confidentiality, child.effective_level) == (item.collection_id, 3, 3)
    assert child.obtained_where == "Musan"
    kept = child.files.get()
    assert b"".join(storage.read(kept.blob)) == "folder/진술서.txt: invented".encode()
    assert (kept.taken_from_id, kept.member, kept.scan) == (file.pk, "0 folder/진술서.txt", "pending")
    assert kept.processing.state == "pending"
    relation = ItemRelation.objects.get(item=child)
    assert (relation.other_id, relation.kind) == (item.pk, "part_of")
    entry = ledger.history([item.pk])[0]
    assert entry.act == "file.members_taken"
    assert entry.data["taken"] == [{"index": 0, "item": str(child.pk)}]
    assert "진술서" not in str(entry.data)
    assert [row.item for row in members.listed(file, user=investigator)] == [child, None]
    assert not [path for path in storage.root().glob("working/*") if path.is_dir()]


def test_what_was_taken_in_before_is_told_so(item, investigator):
    file = with_members(item, by=investigator)
    members.take_in(by=investigator, file=file, indexes=[0])
    again = members.take_in(by=investigator, file=file, indexes=[0, 1])
    assert [(one.index, one.reason, bool(one.item)) for one in again] == [(0, "taken", False), (1, "", True)]
    assert File.objects.filter(taken_from=file).count() == 2


def test_names_are_text_and_no_paths(item, investigator, tmp_path):
    names = ("../../../../tmp/escaped.txt", "/etc/passwd", "C:\\boot.ini", "dup", "dup")
    with pytest.warns(UserWarning, match="Duplicate"):
        file = with_members(item, by=investigator, names=names)
    rows = members.listed(file, user=investigator)
    assert [row.notes for row in rows] == [("climbs",), ("absolute",), ("absolute",), (), ("same_name",)]
    results = members.take_in(by=investigator, file=file, indexes=[0, 1, 2, 3, 4])
    assert [one.item.files.get().name for one in results] == ["escaped.txt", "passwd", "boot.ini", "dup", "dup"]


def test_a_bomb_is_told_and_the_rest_is_taken_in(item, investigator):
    file = with_members(item, by=investigator, archive=archive(bomb=b"\0" * 40_000_000, fine=b"fine"))
    assert [row.refused for row in members.listed(file, user=investigator)] == ["hostile", ""]
    results = members.take_in(by=investigator, file=file, indexes=[0, 1])
    assert [(one.reason, bool(one.item)) for one in results] == [("hostile", False), ("", True)]


def test_a_member_beyond_the_limit_is_told(item, investigator, settings):
    settings.PROCESSING_OPTIONS = settings.PROCESSING_OPTIONS | {"member_bytes": 1_000}
    file = with_members(item, by=investigator, archive=archive(long=b"0123456789" * 200, short=b"s"))
    results = members.take_in(by=investigator, file=file, indexes=[0, 1])
    assert [(one.reason, bool(one.item)) for one in results] == [("too_large", False), ("", True)]


@pytest.mark.parametrize("indexes", [[], [7], [-1], list(range(members.MAX_CHOSEN + 1))])
def test_a_choice_that_is_none_is_refused(item, investigator, indexes):
    file = with_members(item, by=investigator)
    with pytest.raises(Invalid):
        members.take_in(by=investigator, file=file, indexes=indexes)
    assert Item.objects.count() == 1


@pytest.mark.parametrize("scan", ["infected", "pending"])
def test_nothing_is_taken_out_of_an_isolated_file(item, investigator, scan):
    file = with_members(item, by=investigator)
    File.objects.filter(pk=file.pk).update(scan=scan)
    file.refresh_from_db()
    with pytest.raises(Refused, match="quarantine"):
        members.take_in(by=investigator, file=file, indexes=[0])


def test_archives_are_opened_eight_deep(item, investigator):
    above = None
    for _ in range(members.MAX_DEPTH + 1):
        file = with_members(item, by=investigator, names=(f"{_}.txt",))
        File.objects.filter(pk=file.pk).update(taken_from=above)
        above = file
    file.refresh_from_db()
    with pytest.raises(Refused, match="eight deep"):
        members.take_in(by=investigator, file=file, indexes=[0])


def test_a_member_is_no_wider_open_than_the_whole(item, investigator, investigator2, reviewer):
    file = with_members(item, by=investigator)
    grants.give(by=None, record=item, permission="view", reason="hers", user=investigator)
    grants.give(by=None, record=item, permission="contribute", reason="hers", user=investigator)
    grants.deny(record=item, by=reviewer, reason="test", user=investigator2)
    Item.objects.filter(pk=item.pk).update(inherits_access=False)
    protection.set_condition(by=investigator, record=item, use="share_icc", recipient="*", is_allowed=False)
    file.item.refresh_from_db()
    child = members.take_in(by=investigator, file=file, indexes=[0])[0].item
    assert not child.inherits_access
    for someone, sees in ((investigator, True), (investigator2, False), (reviewer, False)):
        assert Item.objects.permitted(someone).filter(pk=child.pk).exists() is sees
    condition = ProviderCondition.objects.get(item=child)
    assert (condition.use, condition.is_allowed) == ("share_icc", False)


def test_who_has_only_the_item_does_not_make_items_in_its_collection(item, investigator):
    from conftest import person

    guest = person("investigator", clearance=4)
    for permission in ("view", "contribute"):
        grants.give(by=None, record=item, permission=permission, reason="test", user=guest)
    assert grants.permits(guest, item, Permission.CONTRIBUTE)
    file = with_members(item, by=investigator)
    with pytest.raises(Refused):
        members.take_in(by=guest, file=file, indexes=[0])
    assert Item.objects.count() == 1
