"""The flag form, and rate limits on any form."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moderation.models import Flag
from web.durations import in_words
from web.forms import MustWait, must_wait
from web.limits import TooMany, charge


def allowed(form: forms.BaseForm, request: HttpRequest, scope: str) -> bool:
    """Take a token of the rate limit for a valid form. If there is none, add an error to the form and return False.

    if form.is_valid() and allowed(form, request, "ask"):
        …
    return show(request, "community/ask.html", form)
    """
    try:
        charge(scope, request)
    except TooMany as refused:
        text = _("That was a lot in a short time. Nothing is lost: wait %(wait)s and press the button again.")
        form.add_error(None, MustWait(text % {"wait": in_words(refused.retry_after)}, refused.retry_after))
        return False
    return True


def show(request: HttpRequest, template: str, form: forms.BaseForm, **context: Any) -> HttpResponse:
    """Render a page with its form: 422 if the form has errors, 429 if `allowed` refused it."""
    return render(request, template, {"form": form, **context}, status=status_of(form))


def status_of(form: forms.BaseForm) -> int:
    """Return the status of a page with this form."""
    return 429 if must_wait(form) else 422 if form.is_bound and form.errors else 200


class FlagForm(forms.ModelForm):
    """Form for the reason of a flag."""

    class Meta:
        model = Flag
        fields = ["reason", "text"]
        widgets = {"reason": forms.RadioSelect, "text": forms.Textarea(attrs={"rows": 3, "maxlength": 2000})}

    text = forms.CharField(
        label=gettext_lazy("Would you like to explain?"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = Flag.Reason.choices  # type: ignore[attr-defined]  # no empty choice
