"""Errors that every door turns into an answer in one place. `Refused` carries a sentence for a tired person."""


def pointer(*names) -> str:
    """The JSON pointer (RFC 6901) of a place in what was sent."""
    return "".join("/" + str(name).replace("~", "~0").replace("/", "~1") for name in names)


class Refused(Exception):
    """The act is not possible now; the message says why and what to do. `code` is stable for programs."""

    def __init__(self, message, *, code: str = "refused", field: str = ""):
        super().__init__(message)
        self.message, self.code, self.field = message, code, field

    def __str__(self):
        return str(self.message)


class Invalid(Refused):
    """Bad input: names the field and how to fix it. `errors` maps fields (or JSON pointers) to sentences."""

    def __init__(self, message, *, field: str = "", errors: dict | None = None, code: str = "invalid"):
        super().__init__(message, code=code, field=field)
        self.errors = errors or ({field: message} if field else {})

    @property
    def first(self) -> str:
        """The first mistake, in one sentence."""
        return str(next(iter(self.errors.values()), self.message))


class Forbidden(Refused):
    """The person sees the record but her role or grant does not allow this act."""

    def __init__(self, message, *, code: str = "forbidden"):
        super().__init__(message, code=code)


class Stale(Refused):
    """Somebody else changed the record meanwhile; `current` is its present version."""

    def __init__(self, message, *, current: int):
        super().__init__(message, code="stale")
        self.current = current


def status_of(error: Refused) -> int:
    """The HTTP status of a refusal, the same for pages and API."""
    if isinstance(error, Stale):
        return 412
    if isinstance(error, Invalid):
        return 413 if error.code == "too_large" else 400
    return 403 if isinstance(error, Forbidden) else 409
