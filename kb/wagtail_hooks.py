"""FAQs in Wagtail's admin."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.ui.tables import BooleanColumn, UpdatedAtColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import CreateView, SnippetViewSet

from kb.models import Faq
from kb.permissions import can_curate


class FaqCreateView(CreateView):
    """A new FAQ; `?question=` begins it, as from a search that found nothing."""

    def get_initial_form_instance(self) -> Faq:
        """An FAQ in the chosen language, with the question asked for."""
        instance: Faq = super().get_initial_form_instance()
        question = " ".join(self.request.GET.get("question", "").split())
        instance.question = question[:1].upper() + question[1:255]
        return instance


class FaqViewSet(SnippetViewSet):
    """FAQs: list with filters, editor with review and preview."""

    model = Faq
    add_view_class = FaqCreateView
    icon = "help"
    menu_label = _("FAQs")
    menu_order = 150
    add_to_admin_menu = True
    list_display = ("question", "topic", BooleanColumn("live", label=_("Published")), UpdatedAtColumn())
    list_filter = ("live", "topic", "verified_by", "owner", "own_audience", "source")
    search_fields = ("question", "answer", "tags", "source_id")
    list_per_page = 50
    ordering = ("-last_published_at",)
    panels = (
        FieldPanel("question"),
        FieldPanel("answer"),
        FieldPanel("topic"),
        FieldPanel("own_audience"),
        MultiFieldPanel(
            [
                FieldPanel("tags"),
                FieldPanel("owner"),
                FieldRowPanel([FieldPanel("verified_by"), FieldPanel("verified_at")]),
            ],
            heading=_("Care"),
        ),
    )


register_snippet(FaqViewSet)


class CurateMenuItem(MenuItem):
    """For those who may publish."""

    def is_shown(self, request: Any) -> bool:
        """Whether this person may publish."""
        return can_curate(request.user)


@hooks.register("register_admin_menu_item")
def curate_item() -> MenuItem:
    """The way back to the curator's home."""
    return CurateMenuItem(_("Curate"), reverse("kb:curate"), icon_name="pick", order=10)
