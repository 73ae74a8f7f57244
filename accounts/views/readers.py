"""Answers to Wagtail's editors while somebody chooses an audience, before anything is saved."""

from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import fields_for_model
from django.http import Http404, JsonResponse
from django.views.decorators.http import require_POST

from accounts.requests import Request
from accounts.widening import Audienced
from accounts.widening_form import beside, decides, question
from web.scope import reading_as_writer


@require_POST
def readers(request: Request, app_label: str, model_name: str, pk: int | None = None) -> JsonResponse:
    """Return who would read a row with the submitted audience, and the question if publishing needs a confirmation.

    Stores nothing.
    """
    try:
        model = apps.get_model(app_label, model_name)
    except LookupError:
        raise Http404 from None
    if not issubclass(model, Audienced):
        raise Http404
    with transaction.atomic():
        row: Any = model._base_manager.get(pk=pk) if pk else model()
        told, asked = [], None
        if _fill(row, request.POST) and (pk or row.limit()):
            told = beside(row, request.viewer)
            asked = question(row, request.viewer) if pk and decides(row, request.POST) else None
        transaction.set_rollback(True)
    dialog = (
        asked.shown("accounts/_widening_dialog.html", request.POST, form_id=request.POST.get("form", ""))
        if asked
        else ""
    )
    return JsonResponse({"beside": " ".join(told), "dialog": dialog})


def _fill(row: Audienced, data: Any) -> bool:
    """Set the submitted audience on the row. Return False for an invalid choice, which the editor reports itself."""
    try:
        with reading_as_writer():
            for name, field in fields_for_model(type(row), row.audience_fields).items():
                setattr(row, name, field.clean(field.widget.value_from_datadict(data, {}, name)))
    except ValidationError:
        return False
    return True
