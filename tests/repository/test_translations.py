import gettext
import os

from repository.translations import compile_stale

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Incident"\nmsgstr "사건"\n'


def test_a_stale_catalogue_is_compiled_once(tmp_path):
    folder = tmp_path / "locale" / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO)
    assert compile_stale(tmp_path) == [folder / "django.mo"]
    assert compile_stale(tmp_path) == []
    with (folder / "django.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Incident") == "사건"
    newer = (folder / "django.mo").stat().st_mtime + 5
    os.utime(folder / "django.po", (newer, newer))
    assert compile_stale(tmp_path) == [folder / "django.mo"]
    assert sorted(path.name for path in folder.iterdir()) == ["django.mo", "django.po"]
