"""What events tell of FAQs that came of a conversation: asked again whenever they are shown or sent, since an FAQ can
be closed to somebody who sees the conversation."""

from collections.abc import Iterable

from chat.models import Event
from kb.models import Faq
from web import params
from web.http import Viewer


def as_seen_by(viewer: Viewer, events: Iterable[Event]) -> list[Event]:
    """The events with the title and address that their FAQ has now, or without both when the viewer does not see it.
    One query when any of them names one; nothing is stored."""
    found = list(events)
    naming = {event: _faq_of(event) for event in found if event.kind == Event.Kind.FAQ_PUBLISHED}
    if not naming:
        return found
    numbers = [number for number in naming.values() if number is not None]
    seen = Faq.objects.visible_to(viewer).select_related("locale").defer("answer", "answer_html").in_bulk(numbers)
    for event, number in naming.items():
        faq = seen.get(number) if number is not None else None
        event.body, event.url = (faq.question, faq.get_absolute_url()) if faq else ("", "")
    return found


def _faq_of(event: Event) -> int | None:
    return params.number(event.client_id.partition(":")[2])
