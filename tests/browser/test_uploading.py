"""Uploading in a real browser: files, a folder, a drop; paused, cut off, resumed after the page was loaded anew."""

import hashlib
import random

import pytest

pytest_plugins = ["browsing"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
KEPT = "Stored, hash confirmed"
DROP = """([name, text]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([text], name));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    document.querySelector(".drop").dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true }));
  }
}"""


@pytest.fixture
def suitcase(tmp_path):
    """A folder with files in two levels; the large one comes in several pieces."""
    contents = {
        "note.txt": b"a note",
        "안/사진.jpg": b"\xff\xd8\xff\xe0" + b"x" * 2000,
        "large.bin": random.Random(3).randbytes(3_500_000),
    }
    for name, content in contents.items():
        path = tmp_path / "suitcase" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "suitcase"


def begin_batch(page):
    page.goto("/batches/new/")
    page.fill("[name=label]", "Suitcase")
    page.select_option("[name=kind]", index=1)
    page.click("main form button[type=submit]")
    page.wait_for_selector("#uploader.scripted")


def row(page, name):
    return page.locator("#queue > li", has_text=name)


def says(page, name, words):
    row(page, name).locator("[data-words], .st", has_text=words).first.wait_for()


def test_files_and_folders_are_brought_through_every_interruption(open_as, suitcase, tmp_path):
    page = open_as("investigator")
    page.on("dialog", lambda dialog: dialog.accept())
    begin_batch(page)
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in suitcase.rglob("*") if path.is_file()]

    # Cut off before the first piece; paused; resumed when the connection is back.
    page.route(
        "**/api/v1/uploads/*", lambda route: route.abort() if route.request.method == "PATCH" else route.continue_()
    )
    page.set_input_files("#choose-folder", str(suitcase))
    says(page, "large.bin", "Connection lost at")
    page.get_by_role("button", name="Pause all").click()
    says(page, "large.bin", "Paused at")
    page.unroute("**/api/v1/uploads/*")
    page.get_by_role("button", name="Resume all").click()
    for name in ("note.txt", "사진.jpg", "large.bin"):
        says(page, name, KEPT)
    assert "suitcase/안" in row(page, "사진.jpg").inner_text()

    # Dropped, and chosen again: what is stored is not sent a second time.
    page.evaluate(DROP, ["dropped.txt", "dropped"])
    says(page, "dropped.txt", KEPT)
    before = page.locator("#queue > li").count()
    page.set_input_files("#choose-folder", str(suitcase))
    page.locator("[data-announce]", has_text="in this batch already").wait_for(state="attached")
    assert page.locator("#queue > li").count() == before

    # One piece arrives, then the page is loaded anew: the same file goes on at the server's offset.
    other = tmp_path / "other.bin"
    other.write_bytes(random.Random(4).randbytes(5_000_000))
    offsets = []

    def first_piece_only(route):
        if route.request.method == "PATCH":
            offsets.append(int(route.request.headers["upload-offset"]))
            if offsets[-1]:
                return route.abort()
        return route.continue_()

    page.route("**/api/v1/uploads/*", first_piece_only)
    page.set_input_files("#id_files", str(other))
    says(page, "other.bin", "Connection lost at")
    page.unroute("**/api/v1/uploads/*")
    page.reload()
    page.wait_for_selector("#uploader.scripted")
    says(page, "other.bin", "Choose the same file again")
    sent = []
    page.on("request", lambda request: request.method == "PATCH" and sent.append(request.headers["upload-offset"]))
    page.set_input_files("#id_files", str(other))
    says(page, "other.bin", KEPT)
    assert int(sent[0]) > 0

    page.get_by_role("button", name="Close the batch").click()
    page.wait_for_url("**/receipt/")
    text = page.inner_text("main")
    for digest in [*digests, hashlib.sha256(b"dropped").hexdigest(), hashlib.sha256(other.read_bytes()).hexdigest()]:
        assert digest in text
    assert [problem for problem in page.problems if "Failed to load resource" not in problem] == []


def test_without_a_script_the_form_brings_them(chromium_browser, site, open_as, suitcase):
    page = open_as("investigator", java_script_enabled=False)
    page.goto("/batches/new/")
    page.select_option("[name=kind]", index=1)
    page.click("main form button[type=submit]")
    page.set_input_files("#id_files", str(suitcase / "note.txt"))
    page.locator("#uploader button[type=submit]").click()
    assert KEPT in page.inner_text("#queue")


def test_the_browser_keeps_nothing(open_as, suitcase):
    page = open_as("investigator")
    begin_batch(page)
    page.set_input_files("#id_files", str(suitcase / "note.txt"))
    says(page, "note.txt", KEPT)
    kept = page.evaluate("async () => [localStorage.length, (await indexedDB.databases()).length, await caches.keys()]")
    assert kept == [0, 0, []]
