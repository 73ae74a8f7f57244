"""What this package adds to the product."""

from django.utils.translation import gettext_lazy as _

from accounts.roles import AGENTS, CURATORS, EVERYBODY, Role
from community import audit_events, capture, demo, documents, moderation_hooks, sitemaps
from community.models import Answer, CommunityIndexPage
from web.descriptions import Capturable, MenuEntry, Panel, Route, WagtailAccess, routes
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
    menu=(
        MenuEntry(
            menus=("top", "bottom"), label=_("Community"), url_name="community:index", order=20, icon="user-group"
        ),
    ),
    panels=(
        Panel(place="home.mine", template="community/_home_mine.html", order=10, signed_in=True),
        Panel(place="home.main", template="community/_home_latest.html"),
        Panel(place="home.aside", template="community/_home_card.html"),
        Panel(place="home.ask", template="community/_home_ask.html", order=20),
        Panel(place="topic.main", template="community/_topic_latest.html"),
        Panel(place="further.ask", template="community/_further_ask.html", order=20),
    ),
    cms_routes=routes(Route(permission="community.moderate"), "community_questions community_questions_results"),
    sitemaps=sitemaps.SITEMAPS,
    demo=demo.load,
)
