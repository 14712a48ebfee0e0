"""A client that holds every answer against the OpenAPI description: its status, its headers, its JSON."""

import re
from functools import cache

from drf_spectacular.generators import SchemaGenerator
from openapi_schema_validator import OAS30ReadValidator
from rest_framework.test import APIClient

ROOT = "/api/v1/"
# Of HTTP and of every page alike; no client of the API has to know them.
PLUMBING = {
    "allow", "vary", "content-type", "content-length", "content-language", "cache-control", "expires",
    "cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy", "referrer-policy",
    "x-content-type-options", "x-frame-options", "content-security-policy",
}  # fmt: skip
JSON = ("application/json", "application/problem+json")


@cache
def description() -> dict:
    return SchemaGenerator().get_schema(request=None, public=True)


@cache
def _paths() -> list[tuple[re.Pattern, dict]]:
    """Patterns of the addresses, those without a variable first, and their operations."""
    found = sorted(description()["paths"].items(), key=lambda one: one[0].count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path.replace("{place}", ".+"))), whole) for path, whole in found]


def operation(method: str, path: str) -> dict | None:
    method = {"HEAD": "get"}.get(method, method.lower())
    for pattern, whole in _paths():
        if pattern.fullmatch(path.rstrip("/")) and method in whole:
            return whole[method]
    return None


class DescribedClient(APIClient):
    """Fails where an answer is not as it is described."""

    def request(self, **kwargs):
        answer = super().request(**kwargs)
        path = kwargs["PATH_INFO"]
        if path.startswith(ROOT) and (said := operation(kwargs["REQUEST_METHOD"], path)):
            check(said, answer, f"{kwargs['REQUEST_METHOD']} {path}")
        return answer


def check(said: dict, answer, name: str) -> None:
    """AssertionError where the description of the operation does not allow this answer."""
    described = said["responses"].get(str(answer.status_code))
    assert described is not None, f"{name}: the status {answer.status_code} is not described"
    headers = {header.lower() for header in answer.headers} - PLUMBING
    unknown = headers - {header.lower() for header in described.get("headers", {})}
    assert not unknown, f"{name}: {answer.status_code} has headers that are not described: {sorted(unknown)}"
    media = answer.headers.get("Content-Type", "").split(";")[0]
    if answer.streaming or not answer.content:
        return
    assert media in described.get("content", {}), f"{name}: {answer.status_code} has no {media} in the description"
    if media in JSON:
        shape = described["content"][media]["schema"] | {"components": description()["components"]}
        found = OAS30ReadValidator(shape).iter_errors(answer.json())
        mistakes = [f"{list(one.absolute_path)}: {one.message[:200]}" for one in found]
        assert not mistakes, f"{name}: {answer.status_code} is not of its shape: {mistakes[:5]}"
