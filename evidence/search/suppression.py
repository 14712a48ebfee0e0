"""Suppression of small numbers in a table with totals: which entries are left out so that none of the small ones can be
computed from the others.

1. Every entry from 1 to N-1 is left out, totals too. Zeros are shown.
2. A row or column (the totals are one of each) with a single entry left out gives it away by subtraction: the smallest
   entry that is shown is left out too. The same where all entries left out are ones, which their sum would tell.
3. The entries left out are the edges of a graph whose vertices are rows and columns. A number follows from the others
   exactly if its edge is a bridge, one that lies on no circle; so one more is left out until there is no bridge.

What can still be told is a range, not a number. Two tables of the same records, published both, may tell more.
"""

from collections.abc import Hashable, Iterator

TOTAL = "*"
Place = tuple[Hashable, Hashable]


def left_out(table: dict[Place, int], least: int, *, sums: tuple[bool, bool] = (True, True)) -> set[Place]:
    """The places of a table to leave out. Totals stand at TOTAL: (row, TOTAL), (TOTAL, column), (TOTAL, TOTAL); a table
    of one row has no totals of columns. `sums`: whether rows, whether columns add up to their totals exactly.
    """
    out = {place for place, value in table.items() if 0 < value < least}
    lines = _lines(table)
    while out:
        more = {place for axis, line in lines if (place := _companion(table, line, out, sums[axis]))}
        if not more and (bridges := _bridges(out)):
            more = _around(table, bridges[0], out)  # one at a time: another one's ends may be joined by the same
        if not more:
            break
        out |= more
    return out


def _lines(table: dict[Place, int]) -> list[tuple[int, list[Place]]]:
    """(0, places of a row) and (1, places of a column), those that are not zero; columns where they have totals."""
    rows: dict[Hashable, list[Place]] = {}
    columns: dict[Hashable, list[Place]] = {}
    has_totals = any(row == TOTAL for row, _column in table)
    for place, value in table.items():
        if value:
            rows.setdefault(place[0], []).append(place)
            if has_totals:
                columns.setdefault(place[1], []).append(place)
    return [(0, line) for line in rows.values()] + [(1, line) for line in columns.values()]


def _companion(table: dict[Place, int], line: list[Place], out: set[Place], adds_up: bool) -> Place | None:
    """What has to be left out of this line too, or None."""
    hidden = [place for place in line if place in out]
    if not hidden:
        return None
    totals = [place for place in line if _is_total_of(place, line)]
    all_ones = adds_up and not out.intersection(totals) and all(table[place] == 1 for place in hidden)
    return _smallest(table, line, out) if len(hidden) == 1 or all_ones else None


def _is_total_of(place: Place, line: list[Place]) -> bool:
    """Whether this is the total of the line that it stands in: of a row if the line is one."""
    is_row = all(one[0] == place[0] for one in line)
    return place[1] == TOTAL if is_row else place[0] == TOTAL


def _smallest(table: dict[Place, int], line: list[Place], out: set[Place]) -> Place | None:
    """The smallest entry that is shown; a total only where there is nothing else."""
    shown = [place for place in line if place not in out]
    return min(shown, key=lambda place: (TOTAL in place, table[place], str(place)), default=None)


def _around(table: dict[Place, int], bridge: Place, out: set[Place]) -> set[Place]:
    """A place that joins the two sides of a bridge by another way, or if there is none, leads on from one of them."""
    near: dict[tuple, list[tuple]] = {}
    for place in out - {bridge}:
        row, column = _ends(place)
        near.setdefault(row, []).append(column)
        near.setdefault(column, []).append(row)
    one, other = (_reached(end, near) for end in _ends(bridge))
    shown = [place for place, value in table.items() if value and place not in out]

    def joins(place) -> bool:
        row, column = _ends(place)
        return (row in one and column in other) or (row in other and column in one)

    for fits in (joins, lambda place: not one.union(other).isdisjoint(_ends(place))):
        if (place := _smallest(table, [place for place in shown if fits(place)], out)) is not None:
            return {place}
    return set()


def _ends(place: Place) -> tuple[tuple, tuple]:
    """A place as an edge: the vertices of its row and of its column."""
    return ("row", place[0]), ("column", place[1])


def _reached(start: tuple, near: dict[tuple, list[tuple]]) -> set[tuple]:
    """The vertices that are joined to this one."""
    reached, rest = {start}, [start]
    while rest:
        for other in near.get(rest.pop(), ()):
            if other not in reached:
                reached.add(other)
                rest.append(other)
    return reached


def _bridges(out: set[Place]) -> list[Place]:
    """The places that lie on no circle. Of a table of one row there are no circles, and none is needed."""
    edges: dict[tuple, list[tuple[tuple, Place]]] = {}
    for place in out:
        row, column = _ends(place)
        edges.setdefault(row, []).append((column, place))
        edges.setdefault(column, []).append((row, place))
    if len({row for row, _column in out}) < 2:
        return []
    entered: dict[tuple, int] = {}
    lowest: dict[tuple, int] = {}
    bridges = []
    for start in edges:
        if start not in entered:
            bridges += _search(start, edges, entered, lowest)
    return bridges


def _search(start: tuple, edges, entered: dict, lowest: dict) -> list[Place]:
    """Tarjan's search in depth, without recursion: tables are larger than Python's stack."""
    bridges = []
    entered[start] = lowest[start] = len(entered)
    stack: list[tuple[tuple, Place | None, Iterator]] = [(start, None, iter(edges[start]))]
    while stack:
        vertex, came_by, rest = stack[-1]
        for other, place in rest:
            if place == came_by:
                continue
            if other in entered:
                lowest[vertex] = min(lowest[vertex], entered[other])
            else:
                entered[other] = lowest[other] = len(entered)
                stack.append((other, place, iter(edges[other])))
                break
        else:
            stack.pop()
            if stack:
                above = stack[-1][0]
                lowest[above] = min(lowest[above], lowest[vertex])
                if lowest[vertex] > entered[above]:
                    bridges.append(came_by)
    return bridges
