"""Confirming that more people may read something, and showing who can. For forms of Wagtail's admin."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audiences import Person
from accounts.fields import describe, general
from accounts.reader_access import person_of, visible_rows
from accounts.widening import (
    AudienceChange,
    Audienced,
    Rows,
    can_widen,
    numbers,
    rehearse,
    settled,
    size,
    who_can_widen,
    widen_audience,
    wished,
)

CONFIRM = "confirm_widening"
PUBLISH, REVIEW = "action-publish", "action-workflow-action"  # names of Wagtail's buttons


def counted(below: Mapping[str, int]) -> list[str]:
    """Return the number of rows of each model in words: "3 questions"."""
    found = []
    for label, number in sorted(below.items()):
        if number:
            meta = apps.get_model(label)._meta
            found.append(f"{number} {meta.verbose_name if number == 1 else meta.verbose_name_plural}")
    return found


def readers(keys: Collection[str] | None, known: Mapping[str, str] | None = None) -> list[str]:
    """Return who holds these keys, in words: labels, then the number of single people. `known` as for `describe`."""
    if keys is None:
        return [_("Whoever may see a page that uses it")]
    single = sum(key.startswith(("user:", "visitor:")) for key in keys)
    people = [ngettext("%(n)s person", "%(n)s people", single) % {"n": single}] if single else []
    return describe(keys, known) + people or [_("Nobody")]


def listed(parts: Collection[str]) -> str:
    """Join parts as in a sentence: "two FAQs and an article"."""
    return get_text_list(list(parts), _("and"))


def sentence(keys: Collection[str] | None) -> str:
    """Return who holds these keys, for use inside a sentence: "all employees and HR"."""
    labels = general()
    return listed([name[:1].lower() + name[1:] if name in labels.values() else name for name in readers(keys)])


def refusal(row: Audienced, change: AudienceChange) -> str:
    """Return the message for somebody who may not let more people read a row. It says whom to ask."""
    names = who_can_widen(row, change.below)
    if not names:
        return _("You can't let more people read this. Choose fewer readers, or ask an administrator who may.")
    return _("You can't let more people read this. Choose fewer readers, or ask %(people)s.") % {
        "people": get_text_list(names, _("or"))
    }


NAMED = 5  # most rows named in a sentence


def some(names: Sequence[str], total: int) -> str:
    """Return the first names and how many more there are, for use inside a sentence."""
    shown = list(names[:NAMED])
    more = total - len(shown)
    return listed(shown + ([_("%(n)s more") % {"n": more}] if more else []))


def named(rows: Rows) -> str:
    """Return some rows by name, for use inside a sentence."""
    names: list[str] = []
    for label, pks in rows.items():
        found = apps.get_model(label)._base_manager.filter(pk__in=sorted(pks)[: NAMED - len(names)])
        names += [f"“{row}”" for row in found]
    return some(names, size(rows))


def left_without_readers(emptied: Rows, by: Person | None) -> str:
    """Return why a change is refused that leaves rows without readers. Names only the rows that `by` may see."""
    shown = emptied if by is None else visible_rows(emptied, by)
    told = []
    if any(shown.values()):
        text = _("Nobody would be able to read %(titles)s any more. Choose other readers or another place.")
        told.append(text % {"titles": named(shown)})
    if size(shown) < size(emptied):
        told.append(_("Something that you may not see would be left without readers. Ask somebody who may see it."))
    return " ".join(told)


def beside(row: Audienced, by: Person | None) -> list[str]:
    """Return the notes next to the audience field: that the row above has fewer readers, or that a confirmation
    follows.
    """
    told, real = [], settled(row)
    limit, choice = row.limit(), getattr(row, row.audience_fields[0])
    chosen = choice.key_set if choice else frozenset(row.unchosen)
    if limit and real is not None and chosen and AudienceChange(before=real, after=chosen).wider:
        told.append(_limited(row, limit.key_set, real))
    change = wished(row, real) if row.pk else None
    if change and change.wider:
        if by is not None and not can_widen(by, row):
            told.append(refusal(row, change))
        elif hasattr(row, "latest_revision_id"):
            told.append(_("This lets more people read it. When you publish, you are asked whether that is right."))
        else:
            told.append(_("This lets more people read it. When you save, you are asked whether that is right."))
    return told


def _limited(row: Audienced, limit: frozenset[str], real: frozenset[str]) -> str:
    words = {"above": row.above, "limit": sentence(limit), "readers": sentence(real)}
    if not real:
        return _("%(above)s is only for %(limit)s, so nobody reads this.") % words
    if real == limit:
        return _("%(above)s is only for %(limit)s, so only they read this.") % words
    return _("%(above)s is only for %(limit)s, so only these read this: %(readers)s.") % words


@dataclass(frozen=True, slots=True, kw_only=True)
class WideningQuestion:
    """The question whether more people may read a row.

    `why_not` is shown instead to somebody who may not decide that, and where rows would be left without readers.
    `below` counts the rows that change with it and that this person may see. `more`: there are others.
    """

    change: AudienceChange
    why_not: str = ""
    below: Mapping[str, int] = field(default_factory=dict)
    more: bool = False

    def shown(self, template: str, data: Mapping[str, Any], **context: Any) -> SafeString:
        """Render the question with buttons that repeat the pressed one (`data`) and confirm exactly this change."""
        reviewed = REVIEW in data
        context |= {
            "readers": sentence(None if self.change.after is None else self.change.new_readers),
            "below": listed(counted(self.below)),
            "more": self.more,
            "emptied": bool(self.change.emptied),
            "value": self.change.confirmation,
            "why_not": self.why_not,
            "pressed": REVIEW if reviewed else PUBLISH if PUBLISH in data else "",
            "review": {name: data[name] for name in _REVIEW if name in data} if reviewed else {},
        }
        return mark_safe(render_to_string(template, {"name": CONFIRM} | context))  # noqa: S308  # our template


_REVIEW = ("workflow-action-name", "workflow-action-extra-data")


def question(row: Audienced, by: Person | None) -> WideningQuestion | None:
    """Return the question to ask before this instance is saved for readers, or None."""
    change = rehearse(row)
    if change is None or not (change.wider or change.emptied):
        return None
    if change.emptied:
        return WideningQuestion(change=change, why_not=left_without_readers(change.emptied, by))
    if by is not None and not can_widen(by, row, change.below):
        return WideningQuestion(change=change, why_not=refusal(row, change))
    shown = change.below if by is None else visible_rows(change.below, by)
    return WideningQuestion(change=change, below=numbers(shown), more=size(shown) < size(change.below))


def decides(row: Audienced | type[Audienced], data: Mapping[str, Any]) -> bool:
    """Return True if the pressed button publishes, rather than saves a draft."""
    if not hasattr(row, "latest_revision_id"):
        return True
    return PUBLISH in data or (REVIEW in data and data.get("workflow-action-name") == "approve")


class WideningForm:
    """Mixin for the form of an `Audienced` row.

    Publishing an existing row (or saving a file) for more readers than now is refused with a question, `asked`. It says
    who the readers are and what changes with it, and has a button to confirm. Everything typed stays. With a
    confirmation for exactly these readers, saving widens the audience.

    Drafts and autosave only keep the requested audience: their save never widens it. The actual readers are shown next
    to the field. static/js/cms-readers.js asks the same question in a dialog before anything is sent.
    """

    instance: Audienced
    data: Mapping[str, Any]
    prefix: str | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        user = kwargs.get("for_user") or kwargs.get("user")
        self.by: Person | None = person_of(user) if user else None
        self.confirmed: AudienceChange | None = None
        self.asked = ""  # the rendered question, if there is one
        super().__init__(*args, **kwargs)
        field = self.fields.get(self.instance.audience_fields[0])  # type: ignore[attr-defined]  # a mixin of forms
        if field is not None and not self.prefix:
            meta = self.instance._meta
            name, key = ("readers", [self.instance.pk]) if self.instance.pk else ("readers_new", [])
            field.widget.attrs["data-readers"] = reverse(name, args=[meta.app_label, meta.model_name, *key])
            field.help_text = lazy(self._help, str)(field.help_text)

    def full_clean(self) -> None:
        """Ask for confirmation if there is no other error."""
        super().full_clean()  # type: ignore[misc]  # a mixin of forms
        self.confirmed, self.asked = None, ""
        errors: Any = getattr(self, "_errors", None)
        if not self.is_bound or errors or self.instance.pk is None or not decides(self.instance, self.data):  # type: ignore[attr-defined]  # a mixin of forms
            return
        found = question(self.instance, self.by)
        if found is None:
            return
        if found.why_not:
            self.add_error(self.instance.audience_fields[0], found.why_not)  # type: ignore[attr-defined]  # a mixin of forms
        elif found.change.confirmation in (self.data.get(name) for name in (self.confirmation_name, PUBLISH, REVIEW)):
            self.confirmed = found.change
        else:
            shown = {"name": self.confirmation_name, "tick": self.prefix, "form_id": self._form_id()}
            self.asked = found.shown("accounts/_widening.html", self.data, **shown)
            field = (
                self.instance.audience_fields[0] if self.prefix else None
            )  # next to the field if several rows are edited
            self.add_error(field, ValidationError(self.asked, code="widening"))  # type: ignore[attr-defined]  # a mixin of forms

    def _help(self, text: str) -> str:
        """Return the help text of the field with the actual readers of the form as it is now."""
        told = " ".join(beside(self.instance, self.by)) if self.instance.pk else ""
        return format_html('{} <span class="vb-readers-beside" role="status">{}</span>', text, told)

    def _form_id(self) -> str:
        return "page-edit-form" if hasattr(self, "parent_page") else "w-editor-form"

    @property
    def confirmation_name(self) -> str:
        """Return the name of the confirming field."""
        return str(self.add_prefix(CONFIRM))  # type: ignore[attr-defined]  # a mixin of forms

    def save(self, commit: bool = True) -> Any:
        """Widen the audience first if that was confirmed, then save."""
        if self.confirmed is not None:
            wish = getattr(self.instance, self.instance.audience_fields[0])
            widen_audience(by=self.by, row=self.instance, audience=wish)
        return super().save(commit)  # type: ignore[misc]  # a mixin of forms
