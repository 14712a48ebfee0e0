"""Suppression held against a slow solver: no number that was left out follows from what is shown."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evidence.search.suppression import TOTAL, left_out


def table_of(numbers: list[list[int]]) -> dict:
    """Cells with all totals."""
    table = {(f"r{r}", f"c{c}"): value for r, row in enumerate(numbers) for c, value in enumerate(row)}
    table |= {(f"r{r}", TOTAL): sum(row) for r, row in enumerate(numbers)}
    table |= {(TOTAL, f"c{c}"): sum(column) for c, column in enumerate(zip(*numbers, strict=True))}
    return table | {(TOTAL, TOTAL): sum(map(sum, numbers))}


def equations(table: dict, out: set) -> tuple[list[list[Fraction]], list]:
    """What a reader knows of the unknown numbers: each line adds up to its total."""
    unknown = sorted(out, key=str)
    lines: list[list] = []
    for axis in (0, 1):
        for name in {place[axis] for place in table}:
            line = [place for place in table if place[axis] == name]
            row = [Fraction((-1 if place[1 - axis] == TOTAL else 1) if place in line else 0) for place in unknown]
            lines.append(row)
    return lines, unknown


def follows(table: dict, out: set) -> list:
    """The unknown numbers that the equations determine, by Gauss."""
    rows, unknown = equations(table, out)
    rows = [row for row in rows if any(row)]
    pivots, at = [], 0
    for column in range(len(unknown)):
        pivot = next((n for n in range(at, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][column] for value in rows[at]]
        for n, row in enumerate(rows):
            if n != at and row[column]:
                rows[n] = [a - row[column] * b for a, b in zip(row, rows[at], strict=True)]
        pivots.append((at, column))
        at += 1
    return [unknown[column] for row, column in pivots if sum(1 for value in rows[row] if value) == 1]


SHAPES = st.tuples(st.integers(1, 5), st.integers(2, 5)).flatmap(
    lambda size: st.lists(
        st.lists(st.sampled_from((0, 0, 1, 1, 2, 4, 5, 9, 30)), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)


@settings(max_examples=300, deadline=None)
@given(SHAPES, st.integers(2, 10))
def test_no_small_number_follows_from_what_is_shown(numbers, least):
    table = table_of(numbers)
    out = left_out(table, least)
    assert {place for place, value in table.items() if 0 < value < least} <= out
    assert not any(table[place] == 0 for place in out)
    assert follows(table, out) == []


def others(numbers: list[list[int]], out: set) -> dict:
    """Every value that an entry left out may have besides its own, near to it, tried one after the other: cells that
    are left out are one or more, and all totals that are shown stay as they are."""
    table = table_of(numbers)
    cells = [place for place in sorted(out) if TOTAL not in place]
    near = [range(max(1, table[place] - 2), table[place] + 3) for place in cells]
    found: dict = {place: set() for place in out}
    for values in itertools.product(*near):
        tried = dict(zip(cells, values, strict=True))
        other = table_of(
            [[tried.get((f"r{r}", f"c{c}"), value) for c, value in enumerate(row)] for r, row in enumerate(numbers)]
        )
        if all(other[place] == value for place, value in table.items() if place not in out):
            for place in out:
                found[place] |= {other[place]} - {table[place]}
    return found


SMALL = st.lists(st.lists(st.sampled_from((0, 1, 1, 1, 2, 3, 6)), min_size=3, max_size=3), min_size=2, max_size=2)


@settings(max_examples=150, deadline=None)
@given(SMALL, st.integers(2, 5))
@example([[1, 1, 1], [1, 1, 1]], 5)
@example([[1, 0, 2], [0, 1, 6]], 3)
def test_what_is_left_out_may_be_something_else(numbers, least):
    """Also for who knows that it is one or more, which sums of many ones would tell."""
    out = left_out(table_of(numbers), least)
    assert all(others(numbers, out).values())


def overlapping(cells: dict, totals: dict) -> dict:
    """A table of 2 × 2 whose rows count in their totals once what stands in both of their cells; columns add up."""
    table = {**cells, **{(row, TOTAL): total for row, total in totals.items()}}
    for column in ("c0", "c1", TOTAL):
        table[TOTAL, column] = sum(value for (row, other), value in table.items() if other == column and row != TOTAL)
    return table


def is_possible(table: dict) -> bool:
    rows = ("r0", "r1", TOTAL)
    return all(
        max(both) <= table[row, TOTAL] <= sum(both) for row in rows for both in [(table[row, "c0"], table[row, "c1"])]
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from((0, 1, 1, 2, 3, 7)), min_size=4, max_size=4), st.integers(2, 5), st.data())
def test_what_is_left_out_of_overlapping_rows_may_be_something_else(numbers, least, data):
    cells = dict(zip(itertools.product(("r0", "r1"), ("c0", "c1")), numbers, strict=True))
    totals = {}
    for row in ("r0", "r1"):
        both = cells[row, "c0"], cells[row, "c1"]
        totals[row] = data.draw(st.integers(max(both), sum(both)))
    table = overlapping(cells, totals)
    if not is_possible(table):
        return
    out = left_out(table, least, sums=(False, True))
    hidden = [place for place in sorted(out) if place[0] != TOTAL]
    found: dict = {place: set() for place in out}
    for values in itertools.product(*(range(max(1, table[place] - 2), table[place] + 3) for place in hidden)):
        tried = dict(zip(hidden, values, strict=True))
        other = overlapping(
            {place: tried.get(place, value) for place, value in cells.items()},
            {row: tried.get((row, TOTAL), value) for row, value in totals.items()},
        )
        if is_possible(other) and all(other[place] == value for place, value in table.items() if place not in out):
            for place in out:
                found[place] |= {other[place]} - {table[place]}
    assert all(found.values())


def test_many_ones_are_not_told_by_their_total():
    """Ten cells, and a total of ten that is shown: each of them would be one, and so would all of their totals."""
    numbers = [[1 if (r + c) % 2 else 0 for c in range(5)] for r in range(4)]
    table = table_of(numbers)
    assert (TOTAL, TOTAL) in left_out(table, 5)


def test_nothing_small_leaves_everything_shown():
    assert left_out(table_of([[5, 9], [0, 30]]), 5) == set()


def test_of_one_row_the_next_smallest_goes_too():
    table = {((), "a"): 2, ((), "b"): 40, ((), "c"): 11, ((), TOTAL): 53}
    assert left_out(table, 5) == {((), "a"), ((), "c")}


def test_ones_are_not_told_by_their_sum():
    table = {((), "a"): 1, ((), "b"): 1, ((), "c"): 11, ((), "d"): 50, ((), TOTAL): 63}
    assert left_out(table, 5) == {((), "a"), ((), "b"), ((), "c")}


def test_a_bridge_between_two_circles_is_found():
    """Each row and column has two numbers left out, and one of them would follow all the same."""
    first = [("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1")]
    second = [("r2", "c2"), ("r2", "c3"), ("r3", "c2"), ("r3", "c3")]
    small = {*first, *second, ("r1", "c2")}
    numbers = [[3 if (f"r{r}", f"c{c}") in small else 20 + r + c for c in range(4)] for r in range(4)]
    table = table_of(numbers)
    assert follows(table, small) == [("r1", "c2")]
    assert follows(table, left_out(table, 5)) == []


@pytest.mark.parametrize("size", [(100, 200)])
def test_a_large_table_takes_no_long(size):
    numbers = [[(r * 7 + c * 13) % 40 for c in range(size[1])] for r in range(size[0])]
    assert left_out(table_of(numbers), 5)
