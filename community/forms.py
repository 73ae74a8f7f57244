"""What people write in the forum."""

from typing import Any

from django import forms
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from community import browse
from community.models import Answer, Question, SpacePage
from community.models.questions import BODY_LENGTH, TITLE_LENGTH
from markup.forms import MarkdownField
from web.fields import RowField
from web.params import readable


class SpaceField(RowField):
    """A space, with who reads it."""

    def label_from_instance(self, obj: Any) -> str:
        """Its title and who can read it."""
        readers = {
            "public": _("everyone can read this"),
            "employees": _("for all employees"),
            "closed": _("for a closed group"),
        }
        return f"{obj.title} ({readers[obj.openness]})"


class AskForm(forms.Form):
    """A new question. The one field that matters is called `q`, as in search, so that the text travels along."""

    q = forms.CharField(label=_("Your question"), min_length=8, max_length=TITLE_LENGTH)
    body = MarkdownField(label=_("More about it"), max_length=BODY_LENGTH, required=False)
    space = SpaceField(queryset=SpacePage.objects.none(), label=_("Where"), empty_label=_("Choose a space"))
    language = forms.ChoiceField(label=_("Language"), choices=[("nl", _("Dutch")), ("en", _("English"))])
    search = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "nl"
        spaces = browse.spaces_for(viewer, language)
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

    def clean_q(self) -> str:
        """One line of text, with words in it."""
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
    """A question's words."""

    body = MarkdownField(label=_("More about it"), max_length=BODY_LENGTH, required=False)

    class Meta:
        model = Question
        fields = ("title", "body")

    def clean_title(self) -> str:
        """As a new question's."""
        return _in_words(self.cleaned_data["title"])


class AnswerForm(forms.ModelForm[Answer]):
    """An answer's words."""

    body = MarkdownField(label=_("Your answer"), max_length=BODY_LENGTH)

    class Meta:
        model = Answer
        fields = ("body",)


class MoveForm(forms.Form):
    """To which space a question moves."""

    space = SpaceField(queryset=SpacePage.objects.none(), label=_("Move to"), empty_label=_("Choose a space"))

    def __init__(self, *args: Any, viewer: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spaces = browse.spaces_for(viewer, get_language() or "nl")
        others = spaces.exclude(translation_key=question.space.translation_key)
        self.fields["space"].queryset = others  # type: ignore[attr-defined]  # a ModelChoiceField
