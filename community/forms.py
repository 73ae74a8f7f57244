"""Forms of the forum."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.audiences import Person
from community.models import Answer, Question, SpacePage
from community.models.questions import BODY_LENGTH, TITLE_LENGTH
from markup.forms import MarkdownField
from web.fields import RowField
from web.params import readable


def _spaces_for(viewer: Person, language: str) -> QuerySet[SpacePage]:
    rows: QuerySet[SpacePage] = SpacePage.objects.visible_to(viewer).in_language(language)
    return rows.select_related("audience").order_by("path")


class SpaceField(RowField):
    """A choice of spaces that says who reads each."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the space's title and who can read it."""
        readers = {
            "public": _("everyone can read this"),
            "employees": _("for all employees"),
            "closed": _("for a closed group"),
        }
        return f"{obj.title} ({readers[obj.openness]})"


class AskForm(forms.Form):
    """A new question. Its main field is called `q`, as in search, so that the text is taken along."""

    q = forms.CharField(label=_("Your question"), min_length=8, max_length=TITLE_LENGTH)
    body = MarkdownField(label=_("More about it"), max_length=BODY_LENGTH, required=False)
    space = SpaceField(queryset=SpacePage.objects.none(), label=_("Where"), empty_label=_("Choose a space"))
    language = forms.ChoiceField(label=_("Language"), choices=[("nl", _("Dutch")), ("en", _("English"))])
    search = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, viewer: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "nl"
        spaces = _spaces_for(viewer, language)
        self.fields["space"].queryset = spaces  # type: ignore[attr-defined]  # a ModelChoiceField
        if len(spaces) == 1:
            self.initial["space"] = spaces[0].pk
        self.fields["language"].initial = language
        # Existing answers appear beside the field while somebody types.
        if similar := _similar_url():
            self.fields["q"].widget.attrs |= {
                "hx-get": similar,
                "hx-trigger": "input changed delay:300ms, load",
                "hx-target": "#similar",
                "hx-sync": "this:replace",
            }

    @property
    def choices(self) -> list[forms.BoundField]:
        """The fields below the text."""
        return [field for field in self.visible_fields() if field.name not in ("q", "body")]

    def clean_q(self) -> str:
        """Return the question on one line. Raises ValidationError if it has no words."""
        return _in_words(self.cleaned_data["q"])


def _in_words(question: str) -> str:
    text = " ".join(question.split())
    if not any(sign.isalnum() and readable(sign) for sign in text):
        raise forms.ValidationError(_("Put your question into words."))
    return text


def _similar_url() -> str:
    try:
        return reverse("search:similar")
    except NoReverseMatch:
        return ""


class QuestionForm(forms.ModelForm[Question]):
    """A question's text."""

    body = MarkdownField(label=_("More about it"), max_length=BODY_LENGTH, required=False)

    class Meta:
        model = Question
        fields = ("title", "body")

    def clean_title(self) -> str:
        """Return the title on one line. Raises ValidationError if it has no words."""
        return _in_words(self.cleaned_data["title"])


class AnswerForm(forms.ModelForm[Answer]):
    """An answer's text."""

    body = MarkdownField(label=_("Your answer"), max_length=BODY_LENGTH)

    class Meta:
        model = Answer
        fields = ("body",)


class MoveForm(forms.Form):
    """The space that a question moves to."""

    space = SpaceField(queryset=SpacePage.objects.none(), label=_("Move to"), empty_label=_("Choose a space"))

    def __init__(self, *args: Any, viewer: Person, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spaces = _spaces_for(viewer, get_language() or "nl")
        others = spaces.exclude(translation_key=question.space.translation_key)
        self.fields["space"].queryset = others  # type: ignore[attr-defined]  # a ModelChoiceField
