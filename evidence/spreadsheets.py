"""Cells of CSV files: what a spreadsheet program would run is marked as text."""

# What makes a spreadsheet take a text for a formula, in their wide forms too.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain(value) -> str:
    """The value as a cell, empty for None; text that begins like a formula has an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(DANGEROUS) else text
