"""A conversation as something to find: by those who asked and by the team, and by nobody else."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from chat.models import Conversation, Event
from markup.clean import html_to_text
from search.sources import Document, Source, Title
from web.http import Viewer


class ConversationSource(Source):
    """Conversations; a conversation with all its messages is one document."""

    kind = "conversation"
    label = _("Conversation")
    model = Conversation
    on_request_only = True

    def queryset(self) -> "QuerySet[Any]":
        """All of them."""
        said = Event.objects.filter(kind=Event.Kind.MESSAGE).order_by("number")
        rows: QuerySet[Any] = Conversation.objects.select_related("topic__audience", "audience")
        return rows.prefetch_related(Prefetch("events", queryset=said, to_attr="said"))

    def visible_to(self, viewer: Viewer) -> "QuerySet[Any]":
        """Those in whose audience the viewer is."""
        return self.queryset().visible_to(viewer)  # type: ignore[attr-defined]  # ConversationQuerySet

    def titles(self, rows: "QuerySet[Any]") -> dict[str, Title]:
        """Their first lines, without what was said in them."""
        found = {}
        for pk, subject, language in rows.order_by().values_list("pk", "subject", "language"):
            with translation.override(language):
                found[str(pk)] = Title(subject, reverse("chat:conversation", args=[pk]), language)
        return found

    def to_document(self, obj: Any) -> Document:
        """Its first line and everything said in it."""
        with translation.override(obj.language):
            url = reverse("chat:conversation", args=[obj.pk])
        topic, topic_title = obj.topic.subject_for(obj.audience.key_set) if obj.topic else ("", "")
        return Document(
            key=obj.key,
            kind=self.kind,
            title=obj.subject,
            body="\n".join(html_to_text(event.body_html) for event in obj.said),
            url=url,
            audience=obj.audience.key_set,
            language=obj.language,
            topic=topic,
            topic_title=topic_title,
            created=obj.created,
            updated=obj.last_at,
            solved=obj.state == Conversation.State.CLOSED,
        )
