"""Acts on access by API in two steps, as on the pages: the first answer is the effect in numbers, the second acts.

The answer carries a confirmation, which binds the second step to what was shown; see evidence.access.effects.
"""

import json
from collections.abc import Callable, Iterable

from django.db import models
from rest_framework import serializers
from rest_framework.response import Response

from evidence import access


class LineShape(serializers.Serializer):
    person = serializers.UUIDField()
    before = serializers.DictField(
        child=serializers.IntegerField(), help_text="Records of each kind that she sees now."
    )
    after = serializers.DictField(child=serializers.IntegerField(), help_text="And after the act.")


class EffectShape(serializers.Serializer):
    """Nothing is done yet. Send the same again with this `confirmation`, within fifteen minutes."""

    people = serializers.IntegerField(help_text="How many people it touches; the first fifty have a line.")
    lines = LineShape(many=True)
    confirmation = serializers.CharField()


class Confirmation(serializers.Serializer):
    confirmation = serializers.CharField(
        required=False, help_text="Of the answer to the same request without one, which shows the effect."
    )


def in_two_steps(
    view, act: Callable[[], Response], *, effect: Callable[[], access.Effect], touched: Iterable[models.Model]
) -> Response:
    """Answer with the effect, or act where the client confirms what it was shown of exactly this request.

    `effect` raises what the act itself would refuse; `touched` are the people whom it counts.
    """
    body = {name: value for name, value in view.body().items() if name not in ("reason", "confirmation")}
    choice = [view.request.path, json.dumps(body, sort_keys=True), *sorted(str(user.pk) for user in touched)]
    confirmation = view.body().get("confirmation")
    if isinstance(confirmation, str) and access.was_shown(confirmation, by=view.request.user, choice=choice):
        return act()
    counted = effect()
    lines = [{"person": line.user.pk, "before": line.before, "after": line.after} for line in counted.lines]
    seal = access.seal(by=view.request.user, choice=choice)
    answer = Response(EffectShape({"people": counted.people, "lines": lines, "confirmation": seal}).data)
    answer.is_preview = True  # nothing was done that a repeated request could do twice
    return answer
