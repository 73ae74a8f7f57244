"""Draw charts as SVG on the server. Colours come from static/css/search-figures.css, for light and dark themes."""

import math
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

import pygal
from django.utils import formats
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from pygal.style import Style

MOST_LABELS = 8
# pygal's import hook for plugins is of a kind that Python 3.12 dropped and 3.11 warns of. We use no plugins.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder) is not pygal.PluginImportFixer]
_INK = Style(
    background="transparent",
    plot_background="transparent",
    foreground="var(--figures-ink-soft)",
    foreground_strong="var(--figures-ink)",
    foreground_subtle="var(--figures-hairline)",
    guide_stroke_color="var(--figures-hairline)",
    major_guide_stroke_color="var(--figures-hairline)",
    guide_stroke_dasharray="none",
    major_guide_stroke_dasharray="none",
    colors=("var(--figures-first)",),
    font_family="inherit",
    label_font_size=12,
    major_label_font_size=12,
    transition="0s",
    opacity="1",
    opacity_hover="1",
)


def bars(name: str, days: Sequence[date], values: Sequence[int]) -> SafeString:
    """Draw one bar for each day."""
    chart = pygal.Bar(_config(days))
    most = max([*values, 2])
    chart.y_labels = [0, most // 2, most]
    chart.add(name, [{"value": value} for value in values])
    return _svg(chart)


def line(name: str, days: Sequence[date], values: Sequence[float | None]) -> SafeString:
    """Draw a line of shares from 0 to 1. Days without observations leave a gap in it."""
    chart = pygal.Line(_config(days), range=(0, 1), show_dots=len(days) <= 31, dots_size=2.5)
    chart.value_formatter = percentage
    chart.y_labels = [0, 0.25, 0.5, 0.75, 1]
    return _render_line(chart, name, values)


def places(name: str, days: Sequence[date], values: Sequence[float | None]) -> SafeString:
    """Draw a line of places in a list, with the first place on top."""
    lowest = max([5, *(math.ceil(value) for value in values if value is not None)])
    chart = pygal.Line(_config(days), range=(1, lowest), inverse_y_axis=True, show_dots=len(days) <= 31, dots_size=2.5)
    chart.value_formatter = number
    chart.y_labels = sorted({1, (1 + lowest) // 2, lowest})
    return _render_line(chart, name, values)


def _render_line(chart: Any, name: str, values: Sequence[float | None]) -> SafeString:
    chart.add(name, list(values), allow_interruptions=True, stroke_style={"width": 2})
    return _svg(chart)


def number(value: float) -> str:
    """Format a number for the reader, with one decimal if it has any."""
    value = round(value, 1)
    return str(formats.number_format(value, 0 if value == int(value) else 1, force_grouping=True))


def percentage(share: float) -> str:
    """Format a share: 0.253 → "25%"."""
    return f"{round(100 * share)}%"


def _config(days: Sequence[date]) -> Any:
    step = max(1, -(-len(days) // MOST_LABELS))
    config = pygal.Config()
    config.style = _INK
    config.js = []  # no script: the table beside the chart has the numbers
    config.width, config.height = 560, 220
    config.margin = 8
    config.show_legend = False
    config.disable_xml_declaration = True
    config.include_x_axis = True
    config.truncate_label = -1
    config.no_data_text = "—"
    config.x_labels = [day_of_month(day) if not n % step else "" for n, day in enumerate(days)]
    config.integer_values = True
    config.value_formatter = number
    return config


def day_of_month(day: date) -> str:
    """Format a day without its year: “3 Nov”, in Dutch “3 nov”."""
    text = str(formats.date_format(day, "j M"))
    return text.lower() if get_language() == "nl" else text


def _svg(chart: Any) -> SafeString:
    """Render a chart, hidden from screen readers: the table beside it has the same values."""
    chart.add_xml_filter(_without_scripts)
    svg = chart.render(is_unicode=True)
    svg = svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return mark_safe(svg)  # noqa: S308 # pygal escapes what it is given: our own words, dates and numbers


def _without_scripts(root: Any) -> Any:
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag == "script"]:
            parent.remove(child)
    return root
