"""What people type, checked the same way for pages and sockets."""

from typing import Any

from django import forms
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from accounts.audiences import Person
from accounts.models import Team
from chat.actions import MAX_MESSAGE
from kb.models import TopicPage
from markup.forms import MarkdownField
from web.addresses import local_url
from web.fields import RowField


def new_client_id() -> str:
    """The id of a message that is still to be written; nobody can guess it."""
    return get_random_string(22)


class MessageForm(forms.Form):
    """One message."""

    body = MarkdownField(max_length=MAX_MESSAGE, label=_("Your message"))
    client_id = forms.RegexField(r"^[A-Za-z0-9_-]{8,64}$", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attrs = {"rows": 2, "placeholder": _("Write a message"), "data-max": MAX_MESSAGE, "enterkeyhint": "send"}
        self.fields["body"].widget = forms.Textarea(attrs)

    def renew_client_id(self) -> None:
        """Make what was typed a message of its own when the form is sent again."""
        self.data = {**self.data.dict(), "client_id": new_client_id()}  # type: ignore[attr-defined]  # a QueryDict


class StartForm(forms.Form):
    """A question to a team. Anonymous visitors may say who they are and where the answer may be sent."""

    q = MarkdownField(max_length=MAX_MESSAGE, label=_("Your question"))
    team = RowField(
        Team.objects.filter(takes_chats=True), label=_("Who should answer?"), widget=forms.RadioSelect, empty_label=None
    )
    name = forms.CharField(max_length=80, required=False, label=_("Your name"))
    email = forms.EmailField(required=False, label=_("Your e-mail address"))
    page_title = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    page_url = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)
    topic = RowField(TopicPage.objects.none(), required=False, widget=forms.HiddenInput)
    search = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, viewer: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget = forms.Textarea({"rows": 5})
        self.fields["topic"].queryset = TopicPage.objects.visible_to(viewer)  # type: ignore[attr-defined]  # a model choice
        if viewer.user.is_authenticated:
            del self.fields["name"], self.fields["email"]

    def clean_page_url(self) -> str:
        """Only addresses of our own; others are left out."""
        return local_url(self.cleaned_data["page_url"], longest=500)


class EmailForm(forms.Form):
    """Where an anonymous asker wants the answer."""

    email = forms.EmailField(required=False, label=_("Your e-mail address"))


class TransferForm(forms.Form):
    """Another team."""

    team = RowField(Team.objects.none(), label=_("Pass on to"), empty_label=_("Choose a team"))

    def __init__(self, *args: Any, without: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.filter(takes_chats=True).exclude(pk=without)  # type: ignore[attr-defined]  # a model choice
