"""Forms of the curators' pages."""

from typing import Any, ClassVar

from django import forms
from django.forms.widgets import Script
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from discovery import document_lookup
from search import sources
from search.language import LANGUAGES
from search.language.analysis import BY_DICTIONARY
from search.language.lexicon import is_word
from search.models import BestBet, ProtectedWord, Synonym
from search.models.curation import terms_of
from search.sources import Document
from web.http import Viewer

_SMALL = _(
    "Search leaves this out, so it would do nothing here: %(terms)s. Write a name in capitals (IT), choose the "
    "language in which it is a word, or use one that says more."
)


def left_out(text: str, language: str = "") -> bool:
    """Return True if every word of a text is a stop word in its language, or without one, in any language."""
    read = [BY_DICTIONARY.words(text, target) for target in ([language] if language else LANGUAGES)]
    return any(words and all(word.stop for _token, word in words) for words in read)


def _has_effect(word: str) -> bool:
    """Return True if a language knows a word and would split or stem it."""
    read = [(target, *each) for target in LANGUAGES for each in BY_DICTIONARY.words(word, target)]
    return any(
        not word_read.stop and is_word(token.text, target) and (word_read.parts or word_read.stem != token.text)
        for target, token, word_read in read
    )


class SynonymForm(WagtailAdminModelForm):
    """A row of synonyms."""

    def clean(self) -> dict[str, Any]:
        """Refuse terms that would have no effect."""
        cleaned: dict[str, Any] = super().clean()
        for name in ("terms", "to"):
            small = [t for t in terms_of(cleaned.get(name, "")) if left_out(t, cleaned.get("language", ""))]
            if small:
                self.add_error(name, _SMALL % {"terms": ", ".join(f"“{term}”" for term in small)})
        return cleaned

    class Meta:
        model = Synonym
        fields = ("terms", "to", "language", "active", "note")
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "terms": forms.Textarea({"rows": 5}),
            "to": forms.Textarea({"rows": 3}),
        }


class ProtectedWordForm(WagtailAdminModelForm):
    """A protected word."""

    def clean_word(self) -> str:
        """Refuse stop words, which are neither split nor stemmed anyway."""
        word: str = self.cleaned_data["word"]
        if left_out(word) and not _has_effect(word):
            raise forms.ValidationError(
                _("“%(term)s” is a small word that search leaves out, so protecting it changes nothing."),
                params={"term": word},
            )
        return word

    class Meta:
        model = ProtectedWord
        fields = ("word", "note")


class DocumentPicker(forms.TextInput):
    """A field for a page's address, which searches while somebody types words. Without JavaScript an address works."""

    template_name = "discovery/widgets/document_picker.html"
    chosen: Document | None = None

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Add the address that returns suggestions, and the chosen page."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        return context | {"suggest_url": reverse("search_pick"), "chosen": self.chosen}

    @property
    def media(self) -> forms.Media:
        """The script and style of the field."""
        return forms.Media(
            js=[Script("js/document-picker.js", type="module")],  # type: ignore[list-item]  # Django 5.2 takes them
            css={"all": ["css/document-picker.css"]},
        )


class BestBetForm(WagtailAdminModelForm):
    """A recommended or demoted page. `viewer` is the curator, who can choose only pages that they may see."""

    document = forms.CharField(
        label=_("Page"),
        max_length=500,
        widget=DocumentPicker(),
        help_text=_("Type words to search for the page, or paste its address."),
    )

    class Meta:
        model = BestBet
        fields = ("kind", "queries", "document", "language", "order", "until", "active", "note")
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "kind": forms.RadioSelect(),
            "queries": forms.Textarea({"rows": 5}),
            # Not Wagtail's field, which silently turns a date that it cannot parse (31-12-2030) into today.
            "until": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        self.stored = self.instance.document
        chosen = document_lookup.visible([self.stored], viewer).get(self.stored)
        self.initial["document"] = chosen.url if chosen else self.stored
        self.fields["document"].widget.chosen = chosen

    def clean_document(self) -> str:
        """Return the key of the page. The stored one may stay, even if the page is gone."""
        text: str = self.cleaned_data["document"]
        if self.stored and text == self.initial["document"]:
            return self.stored
        found = document_lookup.find(text, self.viewer)
        if found is None:
            raise forms.ValidationError(_("There is no page at this address that you can see."))
        source = sources.get(found.kind)
        if source is None or source.on_request_only:
            raise forms.ValidationError(_("This cannot be found by everybody's searches, so it cannot be chosen."))
        return found.key
