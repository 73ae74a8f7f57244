"""Pages with a form."""

from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the data of a POST, even an empty one; None otherwise."""
    return request.POST if request.method == "POST" else None


def page(request: HttpRequest, template: str, form: BaseForm, context: dict[str, Any]) -> HttpResponse:
    """Render a page with its form: status 422 when something in the form is wrong, else 200."""
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)
