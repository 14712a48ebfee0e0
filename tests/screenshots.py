"""`make screenshots`: starts the product on a variable directory of its own and photographs each page.

Light and dark, 1440 and 390 px, English and Korean, into docs/images/screens; to be looked at, not compared.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

from repository.runtime.developing import chromium

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("/", "/incidents/", "/incidents/new/", "/evidence/", "/evidence/new/", "/persons/", "/sources/", "/imports/",
         "/imports/new/", "/mappings/new/", "/crimes/", "/vocabularies/", "/tokens/", "/settings/", "/decisions/",
         "/notices/", "/access/requests/", "/access/requests/new/", "/access/glass/new/",
         "/settings/sessions/", "/accounts/2fa/", "/retention/")  # fmt: skip
OVERSIGHT = (
    "/ledger/",
    "/storage/",
    "/audit/",
    "/access/",
    "/access/new/",
    "/access/glass/",
    "/people/",
    "/people/invite/",
    "/teams/",
    "/teams/new/",
)
RECORDS = ("/incidents/", "/evidence/", "/persons/", "/sources/")


def main() -> None:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "var" / "screenshots"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screens-") as var:
        base, server = start(Path(var))
        try:
            accounts = json.loads((Path(var) / "sample-accounts.json").read_text())
            with sync_playwright() as play:
                browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
                for width in (1440, 390):
                    photograph(browser, base, accounts["investigator"], width, out)
                    photograph(
                        browser,
                        base,
                        accounts["administrator"],
                        width,
                        out,
                        pages=OVERSIGHT,
                        listings=("/audit/", "/access/", "/people/", "/teams/"),
                    )
                browser.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)


def start(var: Path) -> tuple[str, subprocess.Popen]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "REPOSITORY_VAR": str(var)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    server = subprocess.Popen([sys.executable, "manage.py", "up", "--port", str(port)], cwd=ROOT, env=environment)
    base = f"http://127.0.0.1:{port}"
    for _second in range(240):
        try:
            if urllib.request.urlopen(f"{base}/health/ready", timeout=2).status == 200:
                return base, server
        except OSError:
            time.sleep(1)
    server.kill()
    raise SystemExit("the product did not start within four minutes")


def photograph(browser, base: str, account: dict, width: int, out: Path, *, pages=PAGES, listings=RECORDS) -> None:
    page = browser.new_page(viewport={"width": width, "height": 1000}, reduced_motion="reduce")
    problems: list[str] = []
    page.on("console", lambda message: message.type == "error" and problems.append(f"{page.url}: {message.text}"))
    page.goto(f"{base}/accounts/login/")
    page.screenshot(path=out / f"sign-in-{width}.png", full_page=True)
    page.fill("[name=login]", account["email"])
    page.fill("[name=password]", account["password"])
    page.click("main button[type=submit]")
    page.wait_for_url(f"{base}/")
    paths = [*pages]
    for listing in listings:
        page.goto(base + listing)
        first = page.query_selector("a.title, .c-title a")
        if first:
            paths.append(first.get_attribute("href"))
            if listing == "/evidence/":
                paths.append(first.get_attribute("href") + "custody/")
    for language, theme in (("en", "light"), ("en", "dark"), ("ko", "light")):
        prefer(page, base, language, theme)
        for path in paths:
            page.goto(base + path, wait_until="networkidle")
            name = "-".join(part for part in path.split("/") if part)[:30] or "home"
            page.screenshot(path=out / f"{name}-{width}-{theme}-{language}.png", full_page=True)
    page.close()
    sys.stdout.write("\n".join(problems) or f"{width} px: no console errors\n")


def prefer(page, base: str, language: str, theme: str) -> None:
    for path, name, value in (("/language/", "language", language), ("/settings/theme/", "theme", theme)):
        page.goto(base + "/settings/")
        token = page.input_value("[name=csrfmiddlewaretoken] >> nth=0")
        page.request.post(
            base + path, form={name: value, "csrfmiddlewaretoken": token}, headers={"Referer": base, "Origin": base}
        )


if __name__ == "__main__":
    main()
