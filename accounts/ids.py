"""Many ids as one parameter of a condition."""

from functools import cached_property

from django.db import models


@models.UUIDField.register_lookup
@models.ForeignKey.register_lookup
class Among(models.Lookup):
    """`among=ids`: as `in`, but one array in place of a parameter for each id, which is what takes Django its time.

    The ids that a query finds, a queryset or an expression, are found once, before anything else: joined to them, the
    planner may have them found again for every row, where it takes them for few.
    """

    lookup_name, prepare_rhs = "among", False

    def as_sql(self, compiler, connection):
        left, params = self.process_lhs(compiler, connection)
        if hasattr(self.rhs, "as_sql"):
            found, more = compiler.compile(self.rhs)
            return f"{left} = ANY(ARRAY{found})", [*params, *more]
        return f"{left} = ANY(%s::uuid[])", [*params, self.rhs.text if isinstance(self.rhs, Ids) else _array(self.rhs)]


@models.ForeignKey.register_lookup
class AmongOfRow(Among):
    """`among_of_row=ids`: the same, asked of rows that are found by another condition; no index is offered for it."""

    lookup_name = "among_of_row"

    def as_sql(self, compiler, connection):
        sql, params = super().as_sql(compiler, connection)
        return f"({sql}) IS TRUE", params


def _array(ids) -> str:
    return "{" + ",".join(map(str, ids)) + "}"


class Ids(frozenset):
    """Ids that many conditions of one request name: written out once."""

    @cached_property
    def text(self) -> str:
        return _array(self)
