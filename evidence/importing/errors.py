"""What can go wrong when a table is read or mapped, as types. The sentences are written where the fault is found."""


class TableError(ValueError):
    """The file cannot be read as a table, or not from some row on; the message is for the person importing."""


class MappingError(ValueError):
    """A mapping specification is wrong. `key` is the path of the wrong entry, such as `fields.date.formats[0]`."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}" if key else reason)
        self.key = key
        self.reason = reason


class CellError(ValueError):
    """One value of a row cannot be used: `column` ('' for the whole row) and `reason`. Collected into RowErrors."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


class RowErrors(list[tuple[str, str]]):
    """Why a row makes no draft: (column, reason) pairs in plain words; column '' means the whole row. Never empty."""
