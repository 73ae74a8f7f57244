"""Forms: feedback, and the draft of an FAQ."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import audiences
from accounts.fields import describe
from kb.capture import Exchange
from kb.models import TopicPage
from kb.personal import Found, find, replace
from markup.forms import MarkdownField
from web.fields import RowField, WordsField
from web.http import Viewer

KEEP, REPLACE = "keep", "replace"


class FeedbackForm(forms.Form):
    """Did this help, and if not: what was missing?"""

    helpful = forms.TypedChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))], coerce=lambda value: value == "yes", empty_value=None
    )
    reason = forms.CharField(label=_("What was missing?"), max_length=1000, required=False, widget=forms.Textarea)


class TopicChoice(RowField):
    """A choice of topics, shown as a tree."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the title, indented by depth."""
        return "\u00a0\u00a0" * max(obj.depth - 4, 0) + obj.title


class DraftForm(forms.Form):
    """The draft of an FAQ, made from an exchange."""

    question = WordsField(label=_("Question"), max_length=255, widget=forms.Textarea(attrs={"rows": 2}))
    answer = MarkdownField(label=_("Answer"))
    language = forms.ChoiceField(label=_("Language"), choices=[("nl", _("Dutch")), ("en", _("English"))])
    topic = TopicChoice(label=_("Topic"), queryset=TopicPage.objects.none())
    audience = forms.ChoiceField(
        label=_("Who may see it"),
        widget=forms.RadioSelect,
        help_text=_("The curator makes the final choice and may be more precise."),
    )

    def __init__(self, *args: Any, exchange: Exchange, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exchange = exchange
        self.kept: set[str] = set()
        self.found: list[Found] = []
        topics = TopicPage.objects.visible_to(viewer).filter(depth__gt=3).select_related("locale")
        self.fields["topic"].queryset = topics.order_by("path")  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["topic"].required = False
        self.audiences = _audience_choices(exchange)
        self.fields["audience"].choices = [(k, label) for k, (label, _keys) in self.audiences.items()]  # type: ignore[attr-defined]  # a choice field

    @classmethod
    def start(cls, exchange: Exchange, viewer: Viewer) -> "DraftForm":
        """Return the form filled in with suggestions."""
        form = cls(
            exchange=exchange,
            viewer=viewer,
            initial={
                "question": one_line(exchange.suggested_question),
                "answer": exchange.suggested_answer,
                "language": exchange.language,
                "topic": _topic_in(exchange),
                "audience": "staff",
            },
        )
        form.found = find(form.initial["question"], form.initial["answer"], names=exchange.names)
        return form

    def clean(self) -> dict[str, Any]:
        """Replace or keep each piece of personal data as decided. Raises ValidationError while one is undecided."""
        data: dict[str, Any] = super().clean() or {}
        texts = (data.get("question", ""), data.get("answer", ""))
        self.found = find(*texts, names=self.exchange.names)
        decided = {found: self.data.get(found.field) for found in self.found}
        self.kept = {found.text for found, decision in decided.items() if decision == KEEP}
        language = data.get("language") or self.exchange.language
        replacements = {f.text: f.replacement(language) for f, decision in decided.items() if decision == REPLACE}
        for name, text in zip(("question", "answer"), texts, strict=True):
            data[name] = replace(text, replacements, names=self.exchange.names)
        if any(decision not in {KEEP, REPLACE} for decision in decided.values()):
            self.add_error(None, _("This draft still holds personal data. Replace each piece, or keep it on purpose."))
        return data

    @property
    def audience_keys(self) -> frozenset[str]:
        """Return the chosen audience."""
        return self.audiences[self.cleaned_data["audience"]][1]

    @property
    def decisions(self) -> list[tuple[Found, str, str]]:
        """Return each piece of personal data with its replacement and the decision so far ("" for none)."""
        language = self.data.get("language") or self.exchange.language
        language = language if language in {"nl", "en"} else "nl"
        return [(f, f.replacement(language), self.data.get(f.field, "") if self.is_bound else "") for f in self.found]


def one_line(text: str) -> str:
    """Return a text as a question: on one line, cut between words to the length of the field."""
    text = " ".join(text.split())
    return text if len(text) <= 255 else text[:254].rpartition(" ")[0] + "…"


def _topic_in(exchange: Exchange) -> int | None:
    topic = exchange.topic
    if topic is None or topic.depth <= 3:
        return None
    if topic.locale.language_code != exchange.language:
        topic = topic.get_translations().filter(locale__language_code=exchange.language).first() or topic
    return int(topic.pk)


def _audience_choices(exchange: Exchange) -> dict[str, tuple[Any, frozenset[str]]]:
    """Return label and keys by form value. Staff comes first: widening is always somebody's choice."""
    found: dict[str, tuple[Any, frozenset[str]]] = {
        "staff": (_("Staff of the Shared Service Center, until the curator widens it"), frozenset({audiences.STAFF})),
        "employees": (_("All employees"), frozenset({audiences.EMPLOYEES, audiences.STAFF})),
        "public": (_("Everyone, even without signing in"), frozenset({audiences.PUBLIC})),
    }
    guess = frozenset(k for k in exchange.audience if not k.startswith(("user:", "visitor:")))
    if guess and guess not in [keys for _label, keys in found.values()]:
        found["guess"] = (", ".join(describe(guess)), audiences.with_staff(guess))
    return found
