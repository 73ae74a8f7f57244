"""What people type, checked the same way for pages and sockets."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from chat.actions import MAX_MESSAGE
from kb.models import TopicPage
from markup.forms import MarkdownField


class MessageForm(forms.Form):
    """One message."""

    body = MarkdownField(max_length=MAX_MESSAGE, label=_("Your message"))
    client_id = forms.RegexField(r"^[A-Za-z0-9_-]{8,64}$", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attrs = {"rows": 2, "placeholder": _("Write a message"), "data-max": MAX_MESSAGE, "enterkeyhint": "send"}
        self.fields["body"].widget = forms.Textarea(attrs)


class StartForm(forms.Form):
    """A question to a team. Anonymous visitors may say who they are and where the answer may be sent."""

    q = MarkdownField(max_length=MAX_MESSAGE, label=_("Your question"))
    team = forms.ModelChoiceField(
        Team.objects.filter(takes_chats=True), label=_("Who should answer?"), widget=forms.RadioSelect, empty_label=None
    )
    name = forms.CharField(max_length=80, required=False, label=_("Your name"))
    email = forms.EmailField(required=False, label=_("Your e-mail address"))
    page_title = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    page_url = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)
    topic: "forms.ModelChoiceField[TopicPage]" = forms.ModelChoiceField(
        TopicPage.objects.all(), required=False, widget=forms.HiddenInput
    )
    search = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, anonymous: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget = forms.Textarea({"rows": 5})
        if not anonymous:
            del self.fields["name"], self.fields["email"]

    def clean_page_url(self) -> str:
        """Only addresses of our own: a path."""
        url: str = self.cleaned_data["page_url"]
        return url if url.startswith("/") and not url.startswith(("//", "/\\")) else ""


class EmailForm(forms.Form):
    """Where an anonymous asker wants the answer."""

    email = forms.EmailField(required=False, label=_("Your e-mail address"))


class TransferForm(forms.Form):
    """Another team."""

    team = forms.ModelChoiceField(Team.objects.none(), label=_("Pass on to"), empty_label=_("Choose a team"))

    def __init__(self, *args: Any, without: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.filter(takes_chats=True).exclude(pk=without)  # type: ignore[attr-defined]
