"""What a reader's keys open, for the cuts of packages to the right (`web.scope`)."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from accounts.models.audience import AudienceKey
from web.scope import Reader, reading_as_writer, writer


def audiences_of(reader: Reader) -> list[int]:
    """The audiences in which the reader is; asked once for each reader."""
    if "audiences" not in reader.memo:
        matching = AudienceKey.objects.filter(key__in=reader.viewer.keys)
        reader.memo["audiences"] = list(matching.values_list("audience_id", flat=True).distinct())
    found: list[int] = reader.memo["audiences"]
    return found


class HeldFields:
    """For forms of rows with `own_audience`, before the form class in the bases: a field finds only rows that exist for
    whoever fills it in, and nobody closes a row to themselves."""

    unchosen: Iterable[str] = ()  # the keys that hold when nothing is chosen; none: those of the row above

    def _clean_fields(self) -> None:
        form: Any = self
        with reading_as_writer():
            super()._clean_fields()  # type: ignore[misc]  # a mixin of forms
        reader = writer()
        if reader is None or "own_audience" not in form.cleaned_data:
            return
        chosen = form.cleaned_data["own_audience"]
        keys = chosen.key_set if chosen else frozenset(self.unchosen)
        if keys and not keys & reader.viewer.keys:
            form.add_error(
                "own_audience", _("You would not see it any more yourself. Choose a group you belong to too.")
            )
