"""Pages in a real browser: WCAG rules, the content policy, narrow screens, and the main paths with the keyboard."""

import json

import pytest
from conftest import as_sequencer

from custody import anchors, checkpoints, proofs, sequencer, verify_custody
from evidence import deriving
from evidence.models import File

pytest_plugins = ["browsing"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = (
    "/", "/incidents/", "/incidents/new/", "/evidence/", "/evidence/new/", "/persons/", "/persons/new/", "/sources/",
    "/sources/new/", "/imports/", "/imports/new/", "/mappings/new/", "/crimes/", "/vocabularies/", "/tokens/",
    "/settings/", "/decisions/", "/notices/", "/access/", "/access/requests/", "/access/requests/new/",
    "/access/glass/", "/access/glass/new/",
    "/settings/sessions/", "/accounts/2fa/", "/accounts/password/change/",
    "/statistics/", "/statistics/?group_by=crime&group_by=year&suppress=3",
    "/search/", "/search/?q=구류장", "/search/?q=detain&ordering=relevance", "/saved/",
    "/saved/new/?list=incident&q=detain", "/incidents/?view=map", "/incidents/?view=time", "/incidents/query/",
    "/incidents/?view=time&began=2011", "/incidents/query/?where=(crime:cah OR place:KP) AND NOT status:draft",
)  # fmt: skip
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "preload": False}


def paths(page) -> list[str]:
    """The fixed pages and the first record of each list."""
    found = [*PAGES]
    for listing in ("/incidents/", "/evidence/", "/persons/", "/sources/"):
        page.goto(listing)
        if link := page.query_selector(".c-title a, td a"):
            found.append(link.get_attribute("href"))
    records = [path for path in found if path not in PAGES]
    beside = [f"{path}custody/" for path in records if path.startswith("/evidence/")]
    beside += [
        f"{path}{last}" for path in records if path.startswith("/evidence/") for last in ("use/", "conditions/new/")
    ]
    beside += [
        f"{path}{last}" for path in records if path.startswith("/persons/") for last in ("reassess/", "consents/new/")
    ]
    return [*found, *beside, *(f"{path}lower/" for path in records)]


def oversight(page) -> list[str]:
    """The ledger's pages, and the entries of one act of each kind."""
    found = ["/ledger/", "/audit/", "/access/new/"]
    page.goto("/access/")
    if link := page.query_selector("a.title"):
        home = link.get_attribute("href")
        found += [home, f"{home}give/", f"{home}keep-away/"]
    for act in ("item.received", "account.signed_in", "search.ran"):
        page.goto(f"/audit/?act={act}")
        found.append(page.query_selector(".c-title a").get_attribute("href"))
    return found


def administration(page) -> list[str]:
    """People and teams, and the forms of one of each."""
    found = ["/people/", "/people/invite/", "/teams/", "/teams/new/"]
    for listing, forms in (("/people/", ("edit", "role", "suspend", "link")), ("/teams/", ("rename", "join", "leave"))):
        page.goto(listing)
        first = page.query_selector(".c-title a").get_attribute("href")
        found += [first, *(f"{first}{form}/" for form in forms)]
    return found


@pytest.mark.parametrize(
    ("persona", "walk"),
    [("investigator", paths), ("administrator", oversight), ("administrator", administration)],
)
@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("ko", "dark")])
def test_pages_keep_wcag_and_the_content_policy(open_as, prefer, language, theme, persona, walk):
    from axe_playwright_python.sync_playwright import Axe

    page = open_as(persona)
    prefer(page, language=language, theme=theme)
    failures = []
    for path in walk(page):
        page.goto(path, wait_until="networkidle")
        assert page.locator("html").get_attribute("lang") == language
        page.evaluate("document.fonts.ready.then(() => true)")
        assert page.problems == [], path
        result = Axe().run(page, options=RULES)
        if result.violations_count:
            failures.append(f"{path}\n{result.generate_report()}")
    assert failures == []


@pytest.mark.parametrize(
    ("persona", "walk"), [("investigator", paths), ("auditor", oversight), ("administrator", administration)]
)
def test_pages_fit_a_phone(open_as, persona, walk):
    page = open_as(persona, width=390)
    wide = []
    for path in walk(page):
        page.goto(path, wait_until="networkidle")
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wide.append(path)
    assert wide == []


def test_an_incident_is_logged_reviewed_and_found(open_as):
    author = open_as("investigator")
    author.goto("/incidents/new/")
    author.fill("[name=title_en]", "Invented event at the invented river")
    author.fill("[name=title_ko]", "가상의 강에서 일어난 가상의 사건")
    author.fill("[name=date]", "2009-21~")
    author.locator("[data-edtf-wording]", has_text="spring 2009").first.wait_for()
    author.locator("[name=place_text]").press_sequentially("온성")
    author.locator("[role=option]").first.wait_for()
    author.keyboard.press("ArrowDown")
    author.keyboard.press("Enter")
    author.select_option("[name=place_precision]", "county")
    author.fill("[name=narrative_en]", "Invented words about invented people.")
    author.locator("[name='acts-0-crimes'][value='cah.torture']").check()
    author.locator("[data-prefix='acts-0-involvements'] [data-formset-add]").click()
    author.select_option("[name='acts-0-involvements-0-role']", "victim")
    author.fill("[name='acts-0-involvements-0-count_min']", "3")
    author.fill("[name='acts-0-involvements-0-count_max']", "5")
    author.click("[name=submit_review]")
    author.wait_for_url("**/incidents/*-*/")
    address = author.url
    assert "3 to 5" in author.content()
    assert author.locator("text=In review").first.is_visible()

    reviewer = open_as("reviewer")
    reviewer.goto(address)
    reviewer.click("text=On to second review")
    reviewer.click("main button[type=submit]")
    reviewer.click("text=Finalise")
    reviewer.click("main button[type=submit]")
    reviewer.locator("text=Finalised").first.wait_for()  # on a busy machine the page is not there yet
    assert reviewer.locator("text=Finalised").first.is_visible()

    author.goto("/incidents/?crime=cah.torture&date_from=2009&date_to=2009")
    assert author.locator("text=Invented event at the invented river").count() == 1
    author.goto("/incidents/?crime=cah.murder&date_from=2009&date_to=2009")
    assert author.locator("text=Invented event at the invented river").count() == 0


def test_evidence_is_attached_and_comes_back_unchanged(open_as, tmp_path):
    original = tmp_path / "note.txt"
    original.write_bytes("가상의 증거 bytes".encode() * 1000)
    page = open_as("investigator")
    page.goto("/incidents/")
    page.locator(".c-title a").first.click()
    page.click("text=Add evidence")
    page.fill("[name=title_en]", "Invented note")
    page.set_input_files("input[type=file]", str(original))
    kind = page.locator("[name=kind]").first
    kind.select_option(index=2)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/evidence/*-*/")
    deriving.process(str(File.objects.latest("created_at").pk))  # there is no worker here
    page.get_by_role("link", name="Open the original").first.click()
    page.locator("main form [name=purpose]").first.check()
    page.get_by_role("button", name="Open it").click()
    with page.expect_download() as download:
        page.locator("a[href*='/files/opened/']").first.click()
    assert download.value.path().read_bytes() == original.read_bytes()


def test_pages_work_without_a_script(open_as):
    page = open_as("investigator", java_script_enabled=False)
    page.goto("/incidents/new/")
    page.fill("[name=title_en]", "Logged without a script")
    page.fill("[name=narrative_en]", "Invented words.")
    page.click("[name=save]")
    assert page.locator("text=Logged without a script").first.is_visible()


def test_custody_is_verified_and_proven_with_the_keyboard(open_as, signing, tmp_path):
    page = open_as("investigator")
    with as_sequencer():
        sequencer.integrate()
        checkpoints.publish()
        anchors.stamp_newest(checkpoints.latest(), anchors.DEMO)
    page.goto("/evidence/")
    page.locator(".c-title a").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Proof of custody").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Verify").focus()
    page.keyboard.press("Enter")
    page.get_by_text("is signed by the ledger’s key").wait_for()
    assert page.locator(".checks .fails").count() == 0
    page.get_by_label("What the proof is for").fill("Request 12 of an invented court")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "proof.zip")
    (tmp_path / "trust.json").write_text(json.dumps(proofs.trust_document()))
    arguments = [str(tmp_path / "proof.zip"), "--trust", str(tmp_path / "trust.json")]
    assert verify_custody.main(arguments) == 0
    with page.expect_download() as download:
        page.get_by_role("button", name="Certificate (PDF)").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")


def test_a_person_is_invited_and_comes_in(open_as, chromium_browser, site):
    """The invitation's page takes its form although no Referer leaves the page of the link."""
    page = open_as("administrator")
    page.goto("/people/invite/")
    page.fill("[name=email]", "newcomer@example.org")
    page.fill("[name=name]", "Invented Newcomer")
    page.keyboard.press("Enter")
    link = page.locator("#link-text").inner_text()

    newcomer = chromium_browser.new_page(base_url=site[0])
    newcomer.goto(link)
    assert newcomer.url == f"{site[0]}/invitation/"
    newcomer.fill("[name=password]", "seven quiet rivers bend north")
    newcomer.fill("[name=again]", "seven quiet rivers bend north")
    newcomer.keyboard.press("Enter")
    newcomer.wait_for_url("**/accounts/login/")
    newcomer.fill("[name=login]", "newcomer@example.org")
    newcomer.fill("[name=password]", "seven quiet rivers bend north")
    newcomer.keyboard.press("Enter")
    newcomer.wait_for_url(f"{site[0]}/")

    page.goto("/people/?q=newcomer")
    page.locator(".c-title a").click()
    page.get_by_role("link", name="Suspend").click()
    page.get_by_label("Reason").fill("The invented newcomer left again.")
    page.get_by_role("button", name="Suspend").click()
    page.get_by_text("Sessions, tokens and links have ended.").wait_for()
    newcomer.goto("/incidents/")
    assert "/accounts/login/" in newcomer.url
    newcomer.close()
