"""Suppression of small numbers in a table with totals: which entries are left out so that none of the small ones can be
computed from the others.

1. Every entry from 1 to N-1 is left out, totals too. Zeros are shown: what is left out is known to be 1 or more.
2. A row or column (the totals are one of each) with a single entry left out gives it away by subtraction: the smallest
   entry that is shown is left out too. The same where all entries left out are ones, which their sum would tell.
3. The entries left out are the edges of a graph whose vertices are rows and columns. One may be larger by one, others
   being smaller or larger with it, if there is a circle through its edge: each edge can be gone along in the direction
   that makes its entry larger, and in the other if the entry is more than one. An entry without such a circle, other
   than there and back, has one value only, which anybody can find; so one more is left out until there is none. What
   counts in several entries of a line, so that these come to more than the total, may go by way of what is too much.

What can still be told is a range, not a number. Two tables of the same records, published both, may tell more.
"""

from collections.abc import Hashable, Iterator
from typing import NamedTuple

TOTAL = "*"
Place = tuple[Hashable, Hashable]
Lines = list[tuple[int, list[Place]]]
Vertex = tuple[str, Hashable]
Near = dict[Vertex, set[Vertex]]
BESIDES: Vertex = ("besides", TOTAL)


def left_out(table: dict[Place, int], least: int, *, sums: tuple[bool, bool] = (True, True)) -> set[Place]:
    """The places of a table to leave out. Totals stand at TOTAL: (row, TOTAL), (TOTAL, column), (TOTAL, TOTAL); a table
    of one row has no totals of columns. `sums`: whether rows, whether columns add up to their totals exactly.
    """
    out = {place for place, value in table.items() if 0 < value < least}
    lines = _lines(table)
    while out:
        more = {place for axis, line in lines if (place := _companion(table, line, out, sums[axis]))}
        if not more:
            for found in _told(table, lines, out, sums):
                if not any(found.is_closed_by(place) for place in more):  # one may do for several
                    more |= _around(table, found, out | more)
        if not more:
            break
        out |= more
    return out


def _lines(table: dict[Place, int]) -> Lines:
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


class _Told(NamedTuple):
    """An entry that has one value only: to make it larger by one, something would have to lead from where its edge ends
    (`after`: and what is reached from there) to where it begins (`before`: and what leads there)."""

    after: set[Vertex]
    before: set[Vertex]

    def is_closed_by(self, place: Place) -> bool:
        """Whether this entry, if it is left out too, leads from the one to the other."""
        one, other = _ends(place)
        return (one in self.after and other in self.before) or (other in self.after and one in self.before)


def _told(table: dict[Place, int], lines: Lines, out: set[Place], sums: tuple[bool, bool]) -> Iterator[_Told]:
    """The entries left out that have one value only. Of a table of one row there is no circle, and none is needed."""
    if len({row for row, _column in out}) < 2 or not any(row == TOTAL for row, _column in table):
        return
    ways, back = _ways(table, lines, out, sums)
    parts = _parts(ways, back)
    # Who can go both ways along edges of a circle can go round it: only where there is none has to be looked further.
    both = {place for place in out if _goes(ways, *_edge(place)) and _goes(ways, *reversed(_edge(place)))}
    bridges = set(_bridges(both))
    for place in sorted(out - (both - bridges), key=str):
        begin, end = _edge(place)
        is_one_way = _goes(ways, begin, end) != _goes(ways, end, begin)
        if is_one_way and parts[begin] == parts[end]:
            continue
        after = _reached(end, ways, (end, begin))
        larger = begin in after and _goes(ways, begin, end)
        smaller = _goes(ways, end, begin) and end in _reached(begin, ways, (begin, end))
        if not (larger or smaller):
            yield _Told(after, _reached(begin, back, (begin, end)))


def _edge(place: Place) -> tuple[Vertex, Vertex]:
    """From where to where an entry that becomes larger goes: totals against the others, so that what goes round keeps
    all sums."""
    row, column = _ends(place)
    return (row, column) if (place[0] == TOTAL) == (place[1] == TOTAL) else (column, row)


def _ways(table: dict[Place, int], lines: Lines, out: set[Place], sums: tuple[bool, bool]) -> tuple[Near, Near]:
    """Which vertices are next to which along the edges left out, and the same backwards."""
    steps: list[tuple[Vertex, Vertex]] = []
    tight: set[Place] = set()
    for axis, line in lines:
        if not sums[axis]:
            steps += _besides(table, axis, line, tight)
    for place in out:
        begin, end = _edge(place)
        if not any(total != place and total not in out and total in tight and table[place] >= table[total]
                   for total in ((place[0], TOTAL), (TOTAL, place[1]))):  # fmt: skip
            steps.append((begin, end))
        if table[place] > 1 and place not in tight:
            steps.append((end, begin))
    ways: Near = {}
    back: Near = {}
    for one, other in steps:
        ways.setdefault(one, set()).add(other)
        back.setdefault(other, set()).add(one)
    return ways, back


def _besides(table: dict[Place, int], axis: int, line: list[Place], tight: set[Place]) -> list[tuple[Vertex, Vertex]]:
    """How entries of a line may change besides its total, that counts once what stands in several of them: they may
    come to more, and to less while they come to more than it. None is larger than the total; where one is as large, it
    is taken for a line that adds up, whose total grows no smaller: that is said in `tight`."""
    total = next((place for place in line if _is_total_of(place, line)), None)
    entries = [place for place in line if place != total]
    if total is None or not entries:
        return []
    vertex = _ends(total)[axis]
    # Of rows the total takes away, and of columns the entries; in the line of totals it is the other way round.
    grows = (BESIDES, vertex) if (axis == 0) != (vertex[1] == TOTAL) else (vertex, BESIDES)
    steps = []
    if max(table[place] for place in entries) < table[total]:
        steps.append(grows)
    elif len(entries) > 1:
        tight.add(total)
    if sum(table[place] for place in entries) > table[total]:
        steps.append(grows[::-1])
    return steps


def _goes(ways: Near, one: Vertex, other: Vertex) -> bool:
    return other in ways.get(one, ())


def _around(table: dict[Place, int], found: _Told, out: set[Place]) -> set[Place]:
    """A place that closes a circle, or if there is none, leads on to one."""
    shown = [place for place, value in table.items() if value and place not in out]
    near = found.after | found.before
    for fits in (found.is_closed_by, lambda place: not near.isdisjoint(_ends(place)), lambda place: True):
        if (place := _smallest(table, [place for place in shown if fits(place)], out)) is not None:
            return {place}
    return set()


def _ends(place: Place) -> tuple[tuple, tuple]:
    """A place as an edge: the vertices of its row and of its column."""
    return ("row", place[0]), ("column", place[1])


def _reached(start: Vertex, ways: Near, but: tuple[Vertex, Vertex] | None = None) -> set[Vertex]:
    """Where one comes from a vertex, itself included; `but` by this one step."""
    reached, rest = {start}, [start]
    while rest:
        vertex = rest.pop()
        for other in ways.get(vertex, ()):
            if other not in reached and (vertex, other) != but:
                reached.add(other)
                rest.append(other)
    return reached


def _parts(ways: Near, back: Near) -> dict[Vertex, int]:
    """Which vertices one can come back to from each other: they have the same number (Kosaraju)."""
    seen: set[Vertex] = set()
    left: list[Vertex] = []  # in the order in which the search was done with them
    for start in list(ways):
        stack = [(start, iter(ways.get(start, ())))] if start not in seen else []
        seen.add(start)
        while stack:
            vertex, rest = stack[-1]
            following = next((other for other in rest if other not in seen), None)
            if following is None:
                left.append(stack.pop()[0])
            else:
                seen.add(following)
                stack.append((following, iter(ways.get(following, ()))))
    parts: dict[Vertex, int] = {}
    for number, start in enumerate(reversed(left)):
        rest_of = [start] if start not in parts else []
        while rest_of:
            vertex = rest_of.pop()
            if vertex not in parts:
                parts[vertex] = number
                rest_of += back.get(vertex, ())
    return parts


def _bridges(out: set[Place]) -> list[Place]:
    """The places that lie on no circle, whatever the direction."""
    edges: dict[tuple, list[tuple[tuple, Place]]] = {}
    for place in out:
        row, column = _ends(place)
        edges.setdefault(row, []).append((column, place))
        edges.setdefault(column, []).append((row, place))
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
