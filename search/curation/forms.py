"""Forms of the curators' pages."""

from typing import Any, ClassVar

from django import forms
from django.forms.widgets import Script
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from search import sources
from search.curation import picking
from search.models import BestBet, ProtectedWord, Synonym
from search.sources import Document, Viewer


class SynonymForm(WagtailAdminModelForm):
    """A row of synonyms."""

    class Meta:
        model = Synonym
        fields = ("terms", "to", "language", "active", "note")
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "terms": forms.Textarea({"rows": 5}),
            "to": forms.Textarea({"rows": 3}),
        }


class ProtectedWordForm(WagtailAdminModelForm):
    """A protected word."""

    class Meta:
        model = ProtectedWord
        fields = ("word", "note")


class DocumentPicker(forms.TextInput):
    """A field for a page's address, which searches while somebody types words. The address alone works as well."""

    template_name = "search/widgets/document_picker.html"
    chosen: Document | None = None

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """With the address that answers searches, and the page that is chosen."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        return context | {"suggest_url": reverse("search_pick"), "chosen": self.chosen}

    @property
    def media(self) -> forms.Media:
        """The element that searches."""
        return forms.Media(
            js=[Script("js/document-picker.js", type="module")],  # type: ignore[list-item]  # Django 5.2 takes them
            css={"all": ["css/document-picker.css"]},
        )


class BestBetForm(WagtailAdminModelForm):
    """A recommended or demoted page. `viewer` is the curator: pages that are not for them cannot be chosen."""

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
            # The browser's own: Wagtail's turns what it does not understand, 31-12-2030 too, silently into today.
            "until": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        self.kept = self.instance.document
        chosen = picking.documents([self.kept], viewer).get(self.kept)
        self.initial["document"] = chosen.url if chosen else self.kept
        self.fields["document"].widget.chosen = chosen

    def clean_document(self) -> str:
        """The key of the page. What was chosen before may stay, also when it is gone."""
        text: str = self.cleaned_data["document"]
        if self.kept and text == self.initial["document"]:
            return self.kept
        found = picking.find(text, self.viewer)
        if found is None:
            raise forms.ValidationError(_("There is no page at this address that you can see."))
        source = sources.get(found.kind)
        if source is None or source.apart:
            raise forms.ValidationError(_("This cannot be found by everybody's searches, so it cannot be chosen."))
        return found.key
