"""What is written down beside a dump: how many rows of what, who can open which pages, what search finds."""

import re
from typing import Any

from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from accounts.audiences import viewer_for
from accounts.models import User
from chat.models import Conversation
from discovery.models import SearchAlert
from kb.models import ArticlePage, Faq
from notifications.models import Notification, SentMail
from tests.stored.content import ADDRESS, Cast, browser

# Made anew by each migrate from what the code says: compared with those of a new database instead.
DERIVED = frozenset({"django_migrations", "django_content_type", "auth_permission", "auth_group_permissions"})
# What the models call otherwise.
NAMES = {
    "search.OutboxEntry": "outbox entries",
    "discovery.SearchAlert": "search alerts",
    "discovery.FreshDocument": "documents to match with alerts",
    "discovery.DailyFigures": "search figures of days",
    "discovery.DailyQueryFigures": "search figures of queries",
    "discovery.SuggestedQuery": "queries to suggest",
    "discovery.ZeroResultAlert": "alerts about searches in vain",
    "search.Curation": "versions of curation",
    "community.FaqNote": "notes that an FAQ was made",
    "wagtailcore.ReferenceIndex": "references",
    "wagtailsearch.SQLiteFTSIndexEntry": "full-text index entries",
    "django_tasks_database.DBTaskResult": "tasks",
}
SIGNED = re.compile(r"/(?:invited|welcome|confirm-email|key|bevestig|confirm|stop|end|terug|back)/[^/]{12,}/$")
EVERYBODY = ("/nl/", "/en/", "/nl/onderwerpen/", "/nl/community/", "/nl/zoeken/?q=wachtwoord", "/nl/berichten/",
             "/nl/profiel/", "/nl/zoeken/laat-me-weten/lijst/", "/nl/chat/mijn/", "/nl/vraag-stellen/")  # fmt: skip
OLD = ("/oude-vraag", "/oude-pagina")  # addresses that lead elsewhere
AGENTS = ("/nl/balie/", "/nl/balie/archief/")
CURATORS = (
    "/nl/kennis/beheer/", "/nl/kennis/concepten/", "/nl/meldingen/", "/cms/", "/cms/snippets/kb/faq/",
    "/cms/search/synonyms/", "/cms/search/figures/", "/cms/search/index/", "/cms/pages/",
)  # fmt: skip
ADMINISTRATORS = (
    "/nl/beheer/", "/nl/beheer/mensen/", "/nl/beheer/logboek/", "/nl/beheer/verzonden-mail/", "/cms/redirects/",
)  # fmt: skip


def gather(cast: Cast, visitor: Client) -> dict[str, Any]:
    """Everything, as JSON."""
    return {
        "at": timezone.now().isoformat(),
        "readers": {name: _reader(*reader) for name, reader in _readers(cast, visitor).items()},
        "links": _links(),
        "inbox": {user.email: titles for user in User.objects.order_by("pk") if (titles := _inbox(user))},
        "found": {"wachtwoord vergeten": "Ik ben mijn wachtwoord vergeten", "brughuis": "Het Brughuis van binnen"},
        "mails": ["half", "vol"],
        "told": sorted(
            SearchAlert.objects.waiting().filter(text="kolibrie huren", email="").values_list("owner", flat=True)
        ),
        "rows": rows(),
        "empty": [model._meta.label for model in apps.get_models() if not model._base_manager.exists()],
    }


def rows() -> dict[str, list[Any]]:
    """How many rows there are, by what they are: [table, count]."""
    found: dict[str, list[Any]] = {}
    with translation.override("en"), connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if not model._meta.managed or table in DERIVED or model._meta.proxy:
                continue
            cursor.execute(f"select count(*) from {connection.ops.quote_name(table)}")
            if count := cursor.fetchone()[0]:
                plural = model.__name__ if model._meta.auto_created else str(model._meta.verbose_name_plural)
                name = NAMES.get(model._meta.label, plural)
                found[f"{name} of {model._meta.app_label}" if name in found else name] = [table, count]
    return found


def _links() -> list[str]:
    """The signed addresses in kept mails that still lead somewhere without signing in."""
    paths = {path for mail in SentMail.objects.all() for path in ADDRESS.findall(mail.text)}
    return sorted(path for path in paths if SIGNED.search(path) and Client().get(path, follow=True).status_code == 200)


def _readers(cast: Cast, visitor: Client) -> dict[str, tuple[Client, list[str]]]:
    faqs = [faq.get_absolute_url() for faq in Faq.objects.visible_to(cast.viewer("owner")).order_by("pk")]
    talks = {talk.customer_id: f"/nl/chat/{talk.pk}/" for talk in Conversation.objects.order_by("pk")}
    visits = [f"/nl/chat/{talk.pk}/" for talk in Conversation.objects.exclude(email="")]
    article = ArticlePage.objects.get(slug="brughuis")
    edit = [f"/cms/pages/{article.pk}/edit/", f"/cms/pages/{article.pk}/history/"]
    drafts = [f"/cms/snippets/kb/faq/edit/{faq.pk}/" for faq in Faq.objects.filter(live=False)[:2]]
    own = [talks[cast.owner.pk]]
    return {
        "anonymous": (Client(), [article.url, *OLD, "/nl/account/login/", "/health/", "/sitemap.xml"]),
        "visitor": (visitor, visits),
        "owner": (browser(cast.owner), [*EVERYBODY, *faqs, article.url, *own]),
        "agent": (browser(cast.agent), [*EVERYBODY, *AGENTS, article.url]),
        "curator": (browser(cast.curator), [*EVERYBODY, *AGENTS, *CURATORS, *edit, *drafts]),
        "administrator": (browser(cast.administrator), [*EVERYBODY, *ADMINISTRATORS]),
    }


def _reader(client: Client, pages: list[str]) -> dict[str, Any]:
    """Cookies as the browser has them, and pages that it opens."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items() if morsel.value}
    return {"cookies": cookies, "pages": pages}


def _inbox(user: User) -> list[str]:
    seen = Notification.objects.visible_to(viewer_for(user)).order_by("pk")
    return list(seen.values_list("title", flat=True))
