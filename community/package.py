"""What this package adds to the product."""

from accounts.roles import AGENTS, CURATORS, EVERYBODY, Role
from community import audit_events, capture, documents, moderation_hooks
from community.models import Answer, CommunityIndexPage
from web.descriptions import Capturable, WagtailAccess
from web.packages import Package

_MANAGERS = (Role.ADMINISTRATOR,)

PACKAGE = Package(
    name="community",
    audit=audit_events.AUDIT,
    permissions={
        "community.ask": EVERYBODY,
        "community.answer": EVERYBODY,
        "community.vote": EVERYBODY,
        "community.follow": EVERYBODY,
        "community.accept_any": AGENTS,
        "community.moderate": CURATORS,
        "community.manage_spaces": _MANAGERS,
    },
    wagtail_access=(
        WagtailAccess(
            roles=_MANAGERS, page_root="community", page_permissions=("add_page", "change_page", "publish_page")
        ),
    ),
    page_roots={"community": CommunityIndexPage.objects.all},
    sources=(documents.QuestionSource(),),
    mentioned={"answer": Answer.objects.visible_to},
    hideable=(moderation_hooks.QUESTIONS, moderation_hooks.ANSWERS),
    capturable=(Capturable(kind="question", load=capture.load),),
)
