"""Every pair of colours that meets on a page has the contrast that WCAG asks, light and dark."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css").read_text()
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--vb-([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", TOKENS)
}
GROUNDS = ["paper", "surface", "sunken"]
AAA, AA, LARGE = 7.0, 4.5, 3.0
PAIRS = (
    [("ink", ground, AAA) for ground in [*GROUNDS, "highlight"]]
    + [("ink", f"{kind}-soft", AAA) for kind in ("primary", "waiting", "solved", "refused")]
    + [(text, ground, AA) for text in ("ink-soft", "primary", "primary-strong", "refused") for ground in GROUNDS]
    + [(kind, f"{kind}-soft", AA) for kind in ("waiting", "solved", "refused", "primary")]
    + [("primary-strong", "primary-soft", AA), ("ink-soft", "primary-soft", AA), ("ink-soft", "waiting-soft", AA)]
    + [("on-primary", "primary", AA), ("on-primary", "primary-strong", AA)]
    + [("solved", "surface", AA), ("waiting", "surface", AA)]
    + [("edge", ground, LARGE) for ground in ("paper", "surface")]  # the edges of fields
    + [("focus", ground, LARGE) for ground in GROUNDS]
    + [("waiting-mark", "surface", LARGE)]
)


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, 0 to 1, as WCAG defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_ratio_is_the_known_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_contrast() -> None:
    low = [
        f"{text} on {ground}, {scheme}: {ratio:.2f}, at least {least}"
        for text, ground, least in PAIRS
        for number, scheme in enumerate(("light", "dark"))
        if (ratio := contrast(COLOURS[text][number], COLOURS[ground][number])) < least
    ]
    assert low == []
