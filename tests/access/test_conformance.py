"""Every action of the API, asked at random, as its OpenAPI description allows and as it does not, by somebody who may:
it answers only what the description says, and never with an error of the server."""

import json
import re

import pytest
import schemathesis
from bodies import Bodies
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, strategies
from hypothesis import settings as effort
from schemathesis import GenerationMode, checks
from test_table import ROLES, TABLE, actions

from accounts import grants, tokens
from accounts.roles import SCOPES

pytestmark = pytest.mark.slow
ROUNDS = 10
CHECKS = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)
UNKNOWN = "00000000-0000-0000-0000-000000000000"


@schemathesis.serializer("application/offset+octet-stream", "application/x-ndjson")
def as_it_is(context, value) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def closing(application):
    """Closes each answer, and with it the files that came with the question, as a server does and this client not."""

    def answer(environ, start):
        said = application(environ, start)
        try:
            return [b"".join(said)]
        finally:
            said.close()

    return answer


@pytest.fixture(scope="module")
def described() -> dict:
    """The operations of the description by their names in the table of access."""
    names = {(method, route): name for name, (method, route) in actions().items()}
    found = {}
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    schema.app = closing(get_wsgi_application())
    for result in schema.get_all_operations():
        operation = result.ok()
        path = re.sub(r"\{\w+\}", UNKNOWN, operation.path.replace("{place}", "0/000"))
        found[names[operation.method.lower(), "api:" + resolve(path).url_name]] = operation
    return found


def test_every_action_is_described(described):
    assert set(described) == set(TABLE)


@pytest.fixture
def apart(settings, tmp_path):
    """Bytes of uploads whose rows are rolled back lie in a storage of the test's own."""
    settings.STORAGE_DIR = tmp_path / "storage"


@pytest.fixture
def one_connection():
    """The requests run on the test's own connection, which a server would close after each."""
    ended = (request_started, request_finished)
    for signal in ended:
        signal.disconnect(close_old_connections)
    yield
    for signal in ended:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_it_answers_as_described(request, apart, one_connection, collection, investigator, described, name):
    for fixture in ("incident", "item", "file", "protected", "source"):
        request.getfixturevalue(fixture)
    user = request.getfixturevalue(next((role for role in ROLES[:-2] if TABLE[name][role] < 400), "investigator"))
    grants.give(by=None, record=collection, permission="manage", reason="test", user=user)
    token = tokens.issue(by=user, user=user, name="t", scopes=list(SCOPES), days=1).text
    key, body, version = Bodies(request, collection, investigator).prepared(name, user)
    ways = [described[name].as_strategy(generation_mode=mode) for mode in GenerationMode]

    @effort(
        max_examples=ROUNDS, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategies.one_of(ways), strategies.booleans(), strategies.booleans())
    def ask(case, of_record, with_body):
        if of_record and case.path_parameters:
            keys = key if isinstance(key, dict) else {next(iter(case.path_parameters)): key}
            case.path_parameters |= {{"pk": "id"}.get(part, part): value for part, value in keys.items()}
            if version:
                case.headers["If-Match"] = f'"{version}"'
        if with_body and case.media_type == "application/json":
            case.body = body
        cache.clear()  # nobody is throttled
        with transaction.atomic():
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKS)

    ask()
