"""What this package adds to the product."""

from django.utils.translation import gettext_lazy as _

from accounts.roles import AGENTS, CURATORS, EVERYBODY, Role
from kb import audit_events, demo, documents, schedule, site, sitemaps
from kb.cms.routes import ROUTES
from kb.models import HomePage
from web.descriptions import MenuEntry
from web.jobs import Job
from web.packages import Package

PACKAGE = Package(
    name="kb",
    audit=audit_events.AUDIT,
    permissions={
        "kb.feedback": EVERYBODY,
        "kb.draft_faq": AGENTS,
        "kb.see_origins": AGENTS,
        "kb.edit_faq": CURATORS,
        "kb.publish_faq": CURATORS,
        "kb.edit_page": CURATORS,
        "kb.publish_page": CURATORS,
        "kb.widen_audience": CURATORS,
        "kb.see_feedback": (*CURATORS, Role.CCO),
        "kb.manage_site": (Role.ADMINISTRATOR,),
    },
    wagtail_access=site.ACCESS,
    page_roots={"kb.home": HomePage.objects.all},
    sources=(documents.FaqSource(), documents.ArticleSource()),
    topic_titles=documents.topic_titles,
    menu=(
        MenuEntry(menus=("top", "bottom"), label=_("Knowledge"), url_name="kb:topics", order=10, icon="book-open"),
        MenuEntry(
            menus=("top", "account"),
            label=_("Curate"),
            url_name="kb:curate",
            order=50,
            icon="pencil-square",
            permission="kb.edit_faq",
            for_staff=True,
        ),
    ),
    cms_routes=ROUTES,
    sitemaps=sitemaps.SITEMAPS,
    demo=demo.load,
    jobs=(
        Job(
            name="kb.publish_scheduled",
            label=_("Publish and withdraw what is due"),
            run=schedule.publish_due,
            seconds=60,
            limit=600,
        ),
    ),
)
