"""Rows as the lines that COPY reads: what varies is given, the rest stands at the defaults of the model."""

from django.db import models


def encode(value) -> str:
    """One value as COPY's text format has it. For the plain values of this generator: nothing here needs escaping."""
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, (list, tuple)):
        return "{" + ",".join(value) + "}"
    return str(value)


class Lines:
    """Collects the rows of one table; `add` takes the values of `names` in their order, already encoded."""

    def __init__(self, model: type[models.Model], *names: str):
        fields = {one.column: one for one in model._meta.concrete_fields if not isinstance(one, models.AutoField)}
        if unknown := set(names) - set(fields):
            raise ValueError(f"{model.__name__} has no {unknown}")
        rest = [name for name in fields if name not in names]
        self.model, self.count = model, 0
        self.tail = "".join("\t" + encode(fields[name].get_default()) for name in rest) + "\n"
        self.sql = f"COPY {model._meta.db_table} ({', '.join([*names, *rest])}) FROM STDIN"
        self.rows: list[str] = []

    def add(self, *values: str) -> None:
        self.rows.append("\t".join(values) + self.tail)

    def take(self) -> str:
        """The text of what was collected since the last time."""
        text, self.count = "".join(self.rows), self.count + len(self.rows)
        self.rows = []
        return text
