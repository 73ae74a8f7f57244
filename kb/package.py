"""What this package adds to the product."""

from accounts.roles import AGENTS, CURATORS, EVERYBODY, Role
from kb import audit_events, documents, site
from kb.models import HomePage
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
)
