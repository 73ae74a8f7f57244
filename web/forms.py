"""Pages with a form."""

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render


class MustWait(ValidationError):
    """Nothing is wrong with the form, but it came too soon. `retry_after`: whole seconds to wait."""

    def __init__(self, message: str, retry_after: int, code: str = "must_wait") -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


def must_wait(form: BaseForm) -> MustWait | None:
    """Return the error of a form that came too soon, or None."""
    errors = (error for listed in form.errors.as_data().values() for error in listed)
    return next((error for error in errors if isinstance(error, MustWait)), None)


def posted(request: HttpRequest) -> QueryDict | None:
    """Return the data to bind a form to: that of a POST, even if empty; None for other methods."""
    return request.POST if request.method == "POST" else None


def page(request: HttpRequest, template: str, form: BaseForm, context: dict[str, Any]) -> HttpResponse:
    """Render a page with its form: status 422 if the form has errors, else 200."""
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)
