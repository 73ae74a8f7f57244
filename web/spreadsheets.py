"""Cells that a spreadsheet shows as text and never computes."""

# What spreadsheets take for the beginning of a formula, also after spaces, and in the wide forms of East Asian fonts.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS = ("\t", "\r", "\n")


def as_text(value: str) -> str:
    """`value` for a cell: with an apostrophe before it if a spreadsheet would compute it (OWASP, CSV injection)."""
    return f"'{value}" if value.startswith(_BREAKS) or value.lstrip().startswith(_FORMULA) else value
