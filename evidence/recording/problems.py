"""Gathers everything that is wrong with an input, so that a person mends it in one go."""

from collections.abc import Callable, Iterable
from contextlib import contextmanager

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.errors import Invalid, pointer


class Problems:
    """`with problems.at("acts.0."):` collects Invalid raised inside; `raise_if_any()` raises them as one."""

    def __init__(self, prefix: str = ""):
        self.errors: dict[str, str] = {}
        self._prefix = prefix

    @contextmanager
    def at(self, prefix: str = ""):
        try:
            yield
        except Invalid as error:
            for field, message in (error.errors or {error.field: error.message}).items():
                self.errors.setdefault(f"{self._prefix}{prefix}{field}", str(message))

    def take(self, values: dict, prefix: str, read: Callable[[], dict]) -> None:
        """Add what `read()` returns to `values`, or note why it could not be read."""
        with self.at(prefix):
            values.update(read())

    def refuse_unknown(self, given: dict, known: Iterable[str]) -> None:
        """Note each name of `given` that is none of those known; dots and slashes within it are no path."""
        for name in sorted(map(str, set(given) - set(known))):
            name = name[:60]
            self.errors[pointer(name) if set(name) & set("./~") else name] = _("There is no such field.")

    def raise_if_any(self) -> None:
        if self.errors:
            count = len(self.errors)
            message = ngettext("There is %(count)d problem.", "There are %(count)d problems.", count) % {"count": count}
            raise Invalid(message, errors=self.errors, field=next(iter(self.errors)))
