"""Spreadsheet cells that are shown as text and never computed."""

# What starts a formula in spreadsheets, also after spaces and as full-width characters.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS = ("\t", "\r", "\n")


def as_text(value: str) -> str:
    """Return the value for a cell, with an apostrophe before it if a spreadsheet would compute it (OWASP, CSV
    injection).
    """
    return f"'{value}" if value.startswith(_BREAKS) or value.lstrip().startswith(_FORMULA) else value
