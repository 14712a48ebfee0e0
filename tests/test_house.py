"""The house's own rules: what linters cannot hold. See docs/architecture.md for the reasons."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.urls import get_resolver

from accounts import grants
from accounts.linked import end_model
from accounts.roles import Act, Permission
from evidence.api.urls import router
from repository.middleware import OPEN_PATHS

ROOT = Path(__file__).resolve().parent.parent
OURS = ("accounts", "custody", "evidence", "repository")
FORBIDDEN_MODULES = {
    "services",
    "selectors",
    "utils",
    "helpers",
    "signals",
    "common",
    "misc",
    "managers",
    "base_models",
}
FILE_LINES, FUNCTION_LINES, TASK_LINES = 400, 60, 10
# A stranger runs it alone: what would be split by meaning elsewhere stands in one file here.
IN_ONE_FILE = {"custody/verify_custody.py": 430}
# Routes with a view of their own library, or open to nobody signed in; each is in OPEN_PATHS or asks for itself.
WITHOUT_ACT = re.compile(r"^(health/(live|ready)|language/|accounts/.*|invitation/.*|api/.*)$")
# Chains from a row that the gate has passed to rows whose only end is that row's own.
ARGUED = {
    ("evidence/web/logging.py", 'act.classifications.values_list("crime_id", flat=True)'),
    ("evidence/web/items.py", "item.files.count()"),
}


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def our_models():
    return [model for label in ("accounts", "custody", "evidence") for model in apps.get_app_config(label).get_models()]


def test_every_foreign_key_protects():
    loose = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and not field.auto_created
        if field.remote_field.on_delete is not models.PROTECT
    ]
    assert loose == []


def test_no_many_to_many_table_can_lose_rows_of_evidence():
    """A plain many-to-many table cascades; evidence is tied by models that end with a reason. Reference data may."""
    plain = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("evidence").get_models()
        for field in model._meta.many_to_many
        if field.remote_field.through._meta.auto_created
    ]
    assert plain == ["InquiryTerm.maps_to"]


def test_every_model_of_evidence_is_secured_linked_or_reference():
    """A new model must say which: what is neither is readable by everybody."""
    open_to_readers = {
        "ContextualSet", "Crime", "Element", "ImportMapping", "InquiryTerm", "ModeOfLiability", "Organisation", "Place",
        "Superior", "Term", "Vocabulary",
    }  # fmt: skip
    never_read_directly = {"Blob", "Denial"}
    # Read by evidence.access and evidence.notices alone, each by its own question of whose it is.
    never_read_directly |= {"AccessRequest", "BreakGlass", "Notice"}
    # One's own and those of one's teams; it holds no record, only what is asked.
    never_read_directly |= {"SavedSearch"}
    # Read by evidence.changes alone: a change with what the gate says of its record, a sight by its owner.
    never_read_directly |= {"RecordChange", "KeptSight"}
    # Read by evidence.search.tallies alone, by the condition with which the gate reads incidents.
    never_read_directly |= {"IncidentTally"}
    names = set()
    for model in apps.get_app_config("evidence").get_models():
        is_judged = model in grants._secured or getattr(model, "secured_ends", ())
        is_grant = model.__name__.endswith(("UserPermission", "GroupPermission"))
        if not is_judged and not is_grant:
            names.add(model.__name__)
    assert names - open_to_readers - never_read_directly <= {"Disclosure", "Package", "GateResult", "DisclosureItem"}


def test_secured_ends_lead_to_secured_models():
    for model in our_models():
        for path in getattr(model, "secured_ends", ()):
            assert end_model(model, path) in grants._secured, (model, path)


def test_every_link_to_a_secured_record_is_one_of_the_ends():
    """A foreign key to a secured record that is no end would show a row whose record is hidden."""
    forgotten = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("evidence").get_models()
        if getattr(model, "secured_ends", ())
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.remote_field.model in grants._secured
        if not any(end.split("__")[0] == field.name for end in model.secured_ends)
    ]
    # The collection of an imported record is that of its incident; a batch's row is reached by its batch.
    assert forgotten == ["ImportedRecord.collection"]


@pytest.mark.parametrize("viewset", [entry[1] for entry in router.registry], ids=lambda viewset: viewset.__name__)
def test_every_action_declares_its_act(viewset):
    actions = {
        name for route in router.get_routes(viewset) for name in router.get_method_map(viewset, route.mapping).values()
    }
    assert actions
    assert actions == set(viewset.acts)
    assert set(viewset.acts.values()) <= set(Act)
    for action in actions:
        # What needs no scope reads reference data, one's own account or the names of one's collections.
        scope = getattr(viewset, "scopes", {}).get(action)
        assert scope or viewset.acts[action] in (Act.REFERENCE, Act.OWN) or viewset.__name__ == "CollectionViewSet"


def web_routes(patterns=None, prefix=""):
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        text = prefix + str(entry.pattern).lstrip("^")
        if hasattr(entry, "url_patterns"):
            yield from web_routes(entry.url_patterns, text)
        else:
            yield text, entry.callback


def test_every_page_declares_its_act():
    undeclared = [
        route
        for route, view in web_routes()
        if not WITHOUT_ACT.match(route) and getattr(view, "act", None) not in set(Act)
    ]
    assert undeclared == []


def test_only_a_few_paths_are_open():
    paths = {"/health/live", "/health/ready", "/language/", "/accounts/login/", "/accounts/logout/",
             "/accounts/password/reset/", "/static/a.css", "/invitation/", "/invitation/x/"}  # fmt: skip
    assert all(OPEN_PATHS.match(path) for path in paths)
    ours = {route for route, _view in web_routes() if OPEN_PATHS.match(f"/{route}")}
    assert {route for route in ours if not route.startswith("accounts/")} == {
        "health/live",
        "health/ready",
        "invitation/",
        "invitation/<str:secret>/",
        "language/",
    }


def test_every_page_but_the_open_ones_asks_for_sign_in(client, db):
    for route, _view in web_routes():
        path = "/" + re.sub(r"<[^>]+>", "x", re.sub(r"\(\?P<\w+>[^)]*\)", "x", route)).rstrip("$").replace("\\", "")
        if OPEN_PATHS.match(path) or ".*" in path or path.startswith("/accounts/"):
            continue
        answer = client.get(path)
        assert answer.status_code in (401, 302, 404, 403, 405), path
        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/login/"), path
        elif path.startswith("/api/v1/"):
            assert answer.status_code in (401, 405), path


def judged_names() -> tuple[set[str], set[str]]:
    """Names of secured and linked models, and the reverse accessors that lead to their rows."""
    judged = [model for model in our_models() if model in grants._secured or getattr(model, "secured_ends", ())]
    accessors = {
        relation.get_accessor_name()
        for model in our_models()
        for relation in model._meta.related_objects
        if relation.related_model in judged and relation.get_accessor_name()
    }
    return {model.__name__ for model in judged}, accessors - {"rows"}


def chains(tree):
    """The outermost attribute-and-call chains of a module, each with the names along it and where it starts."""
    inner = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Call)) and node not in inner:
            names, step = [], node
            while isinstance(step, (ast.Attribute, ast.Call, ast.Subscript)):
                inner.add(step)
                if isinstance(step, ast.Attribute):
                    names.append(step.attr)
                    step = step.value
                else:
                    step = step.func if isinstance(step, ast.Call) else step.value
            yield node, names[::-1], step


READS = {"all", "filter", "exclude", "get", "first", "last", "count", "exists", "values", "values_list", "order_by",
         "select_related", "iterator", "aggregate", "annotate", "in_bulk", "distinct", "none"}  # fmt: skip


@pytest.mark.parametrize("path", sources("evidence/web", "evidence/api"), ids=lambda path: str(path.relative_to(ROOT)))
def test_doors_reach_rows_only_through_the_gate(path):
    judged, accessors = judged_names()
    text = path.read_text()
    around = []
    for node, names, start in chains(ast.parse(text)):
        is_lookup = isinstance(start, ast.Name) and start.id == "names"  # dicts of permitted names, in timeline
        if "permitted" in names or names == ["objects", "none"] or is_lookup:
            continue
        direct = names[:1] == ["objects"] and isinstance(start, ast.Name) and start.id in judged
        default = "_base_manager" in names or "_default_manager" in names
        reverse = any(name in accessors and set(names[place + 1 :]) & READS for place, name in enumerate(names))
        said = ast.get_source_segment(text, node)
        if (direct or default or reverse) and (str(path.relative_to(ROOT)), said) not in ARGUED:
            around.append(f"line {node.lineno}: {said}")
    assert around == []


@pytest.mark.parametrize("path", sources(*OURS, "benchmarks", "tests"), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_keep_their_budgets(path):
    text = path.read_text()
    assert text.count("\n") <= IN_ONE_FILE.get(str(path.relative_to(ROOT)), FILE_LINES)
    long = [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.end_lineno - node.lineno + 1 > (TASK_LINES if path.name == "tasks.py" else FUNCTION_LINES)
    ]
    assert long == []


def test_every_module_says_what_lives_in_it():
    silent = [
        str(path.relative_to(ROOT))
        for path in sources(*OURS)
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text())) and path.name != "apps.py"
    ]
    assert silent == []


def test_every_verb_states_its_rule():
    silent = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sources("accounts", "evidence")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and any("verb" in ast.unparse(decorator) for decorator in node.decorator_list)
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_verbs_take_keywords_and_say_by_whom():
    for path in sources("accounts", "evidence"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any("verb" in ast.unparse(one) for one in node.decorator_list):
                assert not node.args.args, node.name
                assert node.args.kwonlyargs[0].arg == "by", node.name


def test_no_module_is_called_by_what_it_is_instead_of_what_it_does():
    assert [path for path in sources(*OURS) if path.stem in FORBIDDEN_MODULES] == []


def test_no_admin():
    assert not apps.is_installed("django.contrib.admin")


def test_migrations_are_complete(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_templates_hold_no_script_or_style_of_their_own():
    """The policy allows neither: what stands there would silently not work."""
    inline = re.compile(
        r"<style|\sstyle=|<script(?![^>]*\bsrc=)(?![^>]*type=\"(?:application/json|text/plain)\")|\son\w+=|javascript:"
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for match in [inline.search(re.sub(r"\{#.*?#\}", "", path.read_text()))]
        if match
    ]
    assert found == []


def test_templates_switch_no_escaping_off():
    unsafe = re.compile(r"\|\s*safe\b|autoescape off")
    found = [path.name for path in (ROOT / "templates").rglob("*.html") if unsafe.search(path.read_text())]
    assert found == []


@pytest.mark.parametrize("path", ["/accounts/login/", "/nowhere/"])
def test_pages_carry_the_strict_policy(client, db, path):
    policy = client.get(path, follow=True).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_signed_in_page_carries_the_headers(client, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    headers = client.get("/").headers
    assert headers["Cache-Control"] == "no-store, private"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] in ("no-referrer", "same-origin")
    assert headers["X-Request-ID"]
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_nothing_names_the_workplace():
    """No path of the machine it was made on, no address of a package registry."""
    # Put together here, so that this file does not name them either.
    marks = [b"/" + b"work/", b"pypi" + b".org", b"registry.npmjs" + b".org", b"files.python" + b"hosted"]
    found = [
        f"{path.relative_to(ROOT)}: {mark.decode()}"
        for path in tracked()
        for data in [path.read_bytes()]
        for mark in marks
        if mark in data
    ]
    assert found == []


def test_permissions_of_grants_exist_for_every_secured_model(db):
    for model in grants._secured:
        for permission in Permission:
            assert grants._ids_of(model, permission), (model, permission)


def test_no_view_is_a_class_without_a_declared_act():
    classes = [view for route, view in web_routes() if not WITHOUT_ACT.match(route) and hasattr(view, "view_class")]
    assert classes == []
