"""Asking, beside the field, whether more people may read something. For forms of Wagtail's admin."""

from collections.abc import Collection, Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.fields import describe
from accounts.widening import AudienceChange, Audienced, can_widen, rehearse, widen_audience

CONFIRM = "confirm_widening"


def counted(below: Mapping[str, int]) -> list[str]:
    """How many rows of each model, in words: "3 questions"."""
    found = []
    for label, number in sorted(below.items()):
        if number:
            meta = apps.get_model(label)._meta
            found.append(f"{number} {meta.verbose_name if number == 1 else meta.verbose_name_plural}")
    return found


def readers(keys: Collection[str] | None, known: Mapping[str, str] | None = None) -> list[str]:
    """Who holds these keys, in words: labels, then how many single people. `known` as for `describe`."""
    if keys is None:
        return [_("Whoever may see a page that uses it")]
    single = sum(key.startswith(("user:", "visitor:")) for key in keys)
    people = [ngettext("%(n)s person", "%(n)s people", single) % {"n": single}] if single else []
    return describe(keys, known) + people or [_("Nobody")]


class WideningForm:
    """Mixin for the form of an `Audienced` row that exists.

    What would publish it (and each form of a file) for more readers than now is refused beside the field, with who
    they are, what follows and a box to tick; everything typed stays. With the box ticked for exactly these readers,
    saving widens. Drafts and autosave only keep the wish: their save never widens.
    """

    instance: Audienced
    data: Mapping[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.by = kwargs.get("for_user") or kwargs.get("user")
        self.confirmed: AudienceChange | None = None
        super().__init__(*args, **kwargs)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # a mixin of forms
        field = self.instance.audience_fields[0]
        self.confirmed = None
        if self.instance.pk is None or not self._decides() or self.errors:  # type: ignore[attr-defined]
            return
        change = rehearse(self.instance)
        if change is None or not change.wider:
            return
        if self.by is not None and not can_widen(self.by, self.instance, change.below):
            refusal = _("You can't let more people read this. Choose fewer readers, or ask who manages it.")
            self.add_error(field, refusal)  # type: ignore[attr-defined]
        elif self.data.get(self.confirmation_name) != change.confirmation:
            self.add_error(field, self._question(change))  # type: ignore[attr-defined]
        else:
            self.confirmed = change

    @property
    def confirmation_name(self) -> str:
        """The name of the box to tick."""
        return str(self.add_prefix(CONFIRM))  # type: ignore[attr-defined]

    def _decides(self) -> bool:
        """Whether this saves for readers, rather than a draft."""
        if not hasattr(self.instance, "latest_revision_id"):
            return True
        approves = self.data.get("workflow-action-name") == "approve" and "action-workflow-action" in self.data
        return "action-publish" in self.data or approves

    def _question(self, change: AudienceChange) -> ValidationError:
        context = {
            "readers": readers(None if change.after is None else change.new_readers),
            "below": counted(change.below),
            "name": self.confirmation_name,
            "value": change.confirmation,
        }
        return ValidationError(mark_safe(render_to_string("accounts/_widening.html", context)), code="widening")  # noqa: S308  # our template

    def save(self, commit: bool = True) -> Any:
        """Widen first when that was confirmed, then save."""
        if self.confirmed is not None:
            wish = getattr(self.instance, self.instance.audience_fields[0])
            widen_audience(by=self.by, row=self.instance, audience=wish)
        return super().save(commit)  # type: ignore[misc]
