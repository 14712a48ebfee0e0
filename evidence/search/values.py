"""Values of a query string that are chosen from a few, and names that are none of it."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from accounts.errors import Invalid


class Unknown(str):
    """The sentence that there is no such parameter, with the names of those that there are; a page can say instead
    what they are called. `sentence` has a place for them, %(known)s."""

    def __new__(cls, sentence: str, names: Iterable[str]):
        text = super().__new__(cls, sentence % {"known": ", ".join(names)})
        text.sentence, text.names = sentence, tuple(names)
        return text

    def called(self, label_of: Callable[[str], str]) -> str:
        return self.sentence % {"known": ", ".join(map(label_of, self.names))}


def known(values: list[str], allowed: Iterable, name: str) -> list[str]:
    """The values if all are among those allowed; Invalid names the parameter, the first that is not, and what is."""
    allowed = list(allowed)
    if unknown := [value for value in values if value not in allowed]:
        raise Invalid(
            _("“%(value)s” is not one of: %(known)s.")
            % {"value": unknown[0][:80], "known": ", ".join(map(str, allowed))},
            field=name,
        )
    return values
