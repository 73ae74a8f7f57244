"""People, rows and vectors to measure with: for benchmarks/search.py."""

import time
import uuid
from typing import Any

from benchmarks import corpus

CHUNK = 2000


class People:
    """Who signs in, and the audiences that rows get."""

    def __init__(self) -> None:
        from accounts.models import Membership, Organisation, Team, TeamMembership, Unit, User

        kind = Organisation.Kind
        business = Organisation.objects.create(name="Waterland", slug="b-water", kind=kind.BUSINESS)
        ssc = Organisation.objects.create(name="De Brug", slug="b-brug", kind=kind.SSC)
        unit = Unit.add_root(organisation=business, name="Inkoop", slug="b-inkoop")
        self.team = Team.objects.create(name="HR", slug="b-hr", organisation=ssc)
        self.user = User.objects.create_user("b@b-water.example", "bench", name="Bo Bench")
        Membership.objects.create(user=self.user, organisation=business, unit=unit)
        agent = User.objects.create_user("a@b-brug.example", "bench", name="An Agent")
        Membership.objects.create(user=agent, organisation=ssc)
        TeamMembership.objects.create(user=agent, team=self.team)
        self.business, self.unit = business, unit

    def audiences(self) -> list[Any]:
        """Seven in ten for everybody, two for employees or our organisation, one for somebody else."""
        from accounts import audiences
        from accounts.models import Audience

        of = Audience.objects.of
        mixed = [of([audiences.PUBLIC])] * 14 + [of([audiences.EMPLOYEES, audiences.STAFF])] * 2
        mixed += [of([audiences.organisation(self.business.pk), audiences.STAFF]), of([audiences.unit(self.unit.pk)])]
        return [*mixed, of([audiences.team(self.team.pk)]), of([audiences.STAFF])]

    def cookie(self) -> str:
        """Of a session of the employee."""
        from django.conf import settings
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore

        session = SessionStore()
        session[SESSION_KEY] = str(self.user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = self.user.get_session_auth_hash()
        session.save()
        return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


class Rows:
    """FAQs (three in four) and questions of a forum, over topics in both languages."""

    def __init__(self, people: People) -> None:
        from wagtail.models import Locale

        from accounts import audiences
        from accounts.models import Audience
        from community.models import CommunityIndexPage, SpacePage
        from kb.models import TopicPage

        self.people, self.audiences, self.count = people, people.audiences(), 0
        public = Audience.objects.of([audiences.PUBLIC])
        self.locales = {language: Locale.objects.get(language_code=language) for language in ("nl", "en")}
        self.topics: dict[str, list[Any]] = {}
        for language, locale in self.locales.items():
            parent = TopicPage.objects.get(depth=3, locale=locale)
            made = []
            for number in range(20):
                title = f"{corpus.long_words(language)[number * 7].capitalize()} {number}"
                made.append(parent.add_child(instance=TopicPage(title=title, locale=locale, own_audience=public)))
                parent.refresh_from_db()
            self.topics[language] = made
        index = CommunityIndexPage.objects.get(locale=self.locales["nl"])
        space = SpacePage(title="Forum", slug="forum", locale=index.locale, own_audience=public)
        self.space = index.add_child(instance=space)

    def grow(self, to: int) -> None:
        """Add rows until there are so many. Nothing is marked dirty: a rebuild follows."""
        from community.models import Question
        from kb.models import Faq

        while self.count < to:
            upto = min(self.count + CHUNK, to)
            texts = [corpus.text(number) for number in range(self.count, upto)]
            Faq.objects.bulk_create([self._faq(text) for text in texts if text.number % 4])
            Question.objects.bulk_create([self._question(text) for text in texts if not text.number % 4])
            self.count = upto
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("analyze")

    def _faq(self, text: corpus.Text) -> Any:
        from django.utils.timezone import now

        from kb.models import Faq

        topic = self.topics[text.language][text.number % 20]
        return Faq(
            question=text.title, answer="\n\n".join(text.paragraphs), topic=topic, locale=self.locales[text.language],
            answer_html="".join(f"<p>{part}</p>\n" for part in text.paragraphs), live=True,
            audience=self.audiences[text.number // 4 % 20],
            own_audience=self.audiences[text.number // 4 % 20], tags=", ".join(text.title.split()[:2]).strip("?"),
            last_published_at=now(), translation_key=uuid.UUID(int=text.number + 1),
        )  # fmt: skip

    def _question(self, text: corpus.Text) -> Any:
        from community.models import Question

        body = "\n\n".join(text.paragraphs)
        return Question(
            space=self.space, topic=self.topics[text.language][text.number % 20], author=self.people.user,
            title=text.title, language=text.language, body=body, body_html=f"<p>{body}</p>",
            audience=self.audiences[text.number // 4 % 20],
        )  # fmt: skip


EMBEDDED = 300  # documents whose vectors are really made


def embed() -> float:
    """Give every document a vector: the model's own for a few, those shaken a little for the others, since making
    them all takes twenty minutes. Seconds that the model took for one."""
    import numpy as np
    from django.utils.timezone import now

    from search import embeddings, sources
    from search.embeddings import store, vectors
    from search.indexing import indexer
    from search.models import Embedding

    model = embeddings.provider()
    if model is None:
        return 0.0
    had, took, chance = set(Embedding.objects.values_list("key", flat=True)), 0.0, np.random.default_rng(0)
    real: list[Any] = []
    for source in sources.all():
        for batch in indexer.batches(source, CHUNK):
            documents = [document for document in indexer.make_documents(source, batch)[0] if document.key not in had]
            if documents and len(real) < EMBEDDED:
                started = time.perf_counter()
                real += list(store.encode(model, documents[:EMBEDDED]))
                took = (time.perf_counter() - started) / len(real)
            rows = []
            for number, document in enumerate(documents):
                vector = real[number % len(real)] + chance.normal(0, 0.02, len(real[0])).astype(np.float32)
                vector /= np.linalg.norm(vector)
                kept = {"provider": model.name, "digest": store.digest(document), "vector": vectors.pack(vector)}
                rows.append(Embedding(key=document.key, changed=now(), **kept))
            Embedding.objects.bulk_create(rows)
    return took
