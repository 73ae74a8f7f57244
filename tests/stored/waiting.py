"""What waits in a stored database for the release that comes after it: tasks, the outbox, alerts, a rebuild.

Before it, the index and the mail of what was done so far; after it, nothing of this is worked off any more.
"""

import re
from typing import Any
from unittest.mock import patch

import time_machine
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone
from wagtail.models import Locale

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Audience, Team
from chat import actions as chat
from chat import presence
from community import actions as community
from community.models import Question
from discovery import index_actions
from discovery.analytics import gaps, metrics, query_log, suggested_queries, zero_result_rate
from discovery.curation import actions as curation
from discovery.models import Gap
from kb.models import Faq, TopicPage
from notifications import mail
from search import embeddings, engines, sources
from search.indexing import indexer
from search.indexing.leader import leading
from search.models import BestBet, ProtectedWord, Synonym
from search.models.outbox import enqueue_documents
from tests.stored.content import Cast, browser, mailed
from web import leases, tasks, worker
from web.leases import Heartbeat

NOBODY_HAS = "kolibrie huren"  # searched in vain; an answer is written later


def deliver() -> None:
    """Run everything that is queued, as a worker does."""
    me = Heartbeat(tasks.lease_of("first"), worker.LEASE)
    me.take()
    for queue in worker.THREADS:
        while row := tasks.claim(queue, "first"):
            tasks.settle(row, tasks.perform(row))
    me.stop()


def forget_delivered() -> None:
    """What the worker does some days later: of the demo's many tasks nothing is kept."""
    deliver()
    with time_machine.travel(timezone.now() + tasks.KEEP + tasks.HEARD):
        tasks.prune()


def index() -> None:
    """Lead, and bring the index up to date."""
    engine = engines.get()
    with leading() as lock:
        assert lock is not None
        indexer.take_over(engine, lock)
        indexer.run_round(engine, lock=lock)
        indexer.drain(engine=engine)


def curate(cast: Cast) -> None:
    """Change what curators configure, and gaps."""
    by, faq = cast.viewer("curator"), Faq.objects.filter(live=True).earliest("pk")
    rows = [
        (Synonym(language="nl", terms="bakfiets\ntransportfiets"), "note"),
        (ProtectedWord(word="brughuis"), "note"),
        (BestBet(kind="demotion", document=f"faq:{faq.pk}", queries="fiets"), "note"),
    ]
    for row, field in rows:
        curation.save(by=by, row=row)
        setattr(row, field, "Gewijzigd")
        curation.save(by=by, row=row)
        curation.delete(by=by, row=row)
    curation.save(by=by, row=Synonym(language="nl", terms="bakfiets", to="dienstfiets"))
    curation.save(by=by, row=ProtectedWord(word="finbrug"))
    curation.save(by=by, row=BestBet(kind="demotion", document=f"faq:{faq.pk}", queries="auto"))
    curation.remove_starter(by=by)
    curation.add_starter(by=by, languages=["en"])
    starter = Synonym.objects.filter(origin=Synonym.Origin.STARTER).order_by("pk")
    curation.delete(by=by, row=starter[0])
    starter[0].note = "Van ons"
    curation.save(by=by, row=starter[0])
    gap = Gap.objects.filter(state=Gap.State.OPEN).earliest("pk")
    gaps.hide(by=by, gap=gap, reason="other", note="Komt later")
    gaps.reopen(by=by, gap=gap)


def search(cast: Cast) -> None:
    """Searches with clicks and without, people who want to be told, and the figures of the day."""
    for person, words in ((cast.owner, "wachtwoord vergeten"), (None, "salarisspecificatie"), (None, "bakfiets lenen")):
        client = browser(person)
        page = client.get("/nl/zoeken/", {"q": words}).text
        if hit := re.search(r'data-hit="([a-z]+:\d+)"', page):
            client.post("/nl/zoeken/gezien/", {"search": _note(page), "hit": hit[1]})
    query_log.flush()
    for person in (cast.owner, cast.colleague):
        client = browser(person)
        client.post("/nl/zoeken/laat-me-weten/", {"search": _note(client.get("/nl/zoeken/", {"q": NOBODY_HAS}).text)})
    for words in ("olifant lenen", NOBODY_HAS):
        client = Client()
        form = {"search": _note(client.get("/nl/zoeken/", {"q": words}).text), "email": "wim@thuis.example"}
        client.post("/nl/zoeken/laat-me-weten/", form)
    query_log.flush()
    for day in metrics.open_days():
        metrics.roll_up(day)
    zero_result_rate.alert_if_high()
    suggested_queries.choose()


def confirm_alert() -> None:
    """Somebody without an account follows the newer of two links."""
    Client().post(mailed("wim@thuis.example", "/bevestig/"))


def _note(page: str) -> str:
    found = re.search(r'name="search" value="([^"]+)"', page) or re.search(r'data-search="([^"]+)"', page)
    assert found, "no note on the results page"
    return found[1]


def keep_vectors() -> None:
    """The vectors of three documents."""
    embeddings.provider.cache_clear()
    with override_settings(SEARCH_MEANING="package"):
        provider = embeddings.provider()
        assert provider is not None
        provider.encode(["Vraagbaak"])
        enqueue_documents(*(f"faq:{pk}" for pk in Faq.objects.filter(live=True).values_list("pk", flat=True)[:3]))
        indexer.drain(engine=engines.get())
        indexer.make_pending_vectors(engines.get())
    embeddings.provider.cache_clear()


def answer_in_advance(cast: Cast) -> None:
    """Index the answer to what people wait for, and tell nobody yet."""
    locale = Locale.objects.get(language_code="nl")
    faq = Faq(question="Hoe kan ik een kolibrie huren?", answer="Een kolibrie huren kan bij de balie.", live=False,
              topic=TopicPage.objects.get(slug="verlof", locale=locale), locale=locale)  # fmt: skip
    faq.own_audience = Audience.objects.of({audiences.PUBLIC})
    faq.save()
    faq.save_revision(user=cast.curator).publish(user=cast.curator)
    index()


class _Refused(mail.KeptMailBackend):
    def send_messages(self, email_messages: Any) -> int:
        raise ValueError("this mail cannot be sent")


def leave_tasks(cast: Cast) -> None:
    """A task of every function that waits; one that failed; one whose worker is gone."""
    with override_settings(MAIL_DELIVERY=f"{__name__}._Refused"):
        mail.queue(mail.letter(to="kapot@thuis.example", subject="Kapot", text="Kapot"))
        row = tasks.claim("mail", "second")
        assert row is not None
        tasks.settle(row, tasks.perform(row))
    mail.queue(mail.letter(to="half@thuis.example", subject="Half", text="Half"))
    assert tasks.claim("mail", "gone")
    ict = Team.objects.get(slug="ict")
    talk = chat.start_conversation(by=cast.viewer("colleague"), team=ict, question="Werkt de scanner?", language="nl")
    presence.in_conversation(talk.pk)  # so it is looked at later whether they saw the answer
    chat.post_message(by=cast.viewer("agent"), conversation=talk, body="Ja, de scanner werkt.")
    question = Question.objects.order_by("pk")[0]
    community.answer(by=Person(cast.agent), question=question, body="Nog een antwoord.")
    mail.queue(mail.letter(to="vol@thuis.example", subject="Vol", text="Vol"))


def leave_outbox(cast: Cast) -> None:
    """Entries of the outbox of every kind, and requests to rebuild."""
    source = sources.get("question")
    assert source is not None
    first, second, third = Question.objects.filter(hidden=False).order_by("pk")[:3]
    for what in ("tried again", "set aside"):
        enqueue_documents(first.key)
        with patch.object(type(source), "to_document", side_effect=ValueError("no document")):
            index()
        if what == "tried again":
            index_actions.retry(by=cast.viewer("curator"))
    community.vote(by=Person(cast.curator), row=second)
    enqueue_documents(third.key, bulk=True)
    index_actions.rebuild(by=cast.viewer("curator"))


def leave_leases() -> None:
    """Of processes that were killed: an indexer of a server, and a worker."""
    leases.take(f"indexer:{settings.SEARCH_INDEX_PREFIX}", "gone", 0.5)
    leases.take(tasks.lease_of("gone"), "gone", 0.5)
