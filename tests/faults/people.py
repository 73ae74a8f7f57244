"""People at their browsers: who asks and answers by form, who searches and reads, who publishes. A thread each.

Each has the habit of pressing a button twice now and then, and sends a form again until the server said what became of
it. What is sent is in the history first, and what was accepted before anything else is done.
"""

import random
import re
import threading
import time
import urllib.error
import uuid
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from http.cookiejar import Cookie
from itertools import cycle

from tests.client import Page, Web
from tests.faults.acts import NOTICE
from tests.faults.forms import Fields, fields_of
from tests.faults.history import History

TRIES = 60  # of a form, a second apart
REFUSED = (400, 403, 404, 413, 422, 429)


def browser(url: str, session: str) -> Web:
    """A browser in which somebody is signed in."""
    web = Web(url)
    host = url.partition("//")[2].partition(":")[0]
    web.cookies.set_cookie(
        Cookie(
            0, "sessionid", session, port=None, port_specified=False, domain=host, domain_specified=True,
            domain_initial_dot=False, path="/", path_specified=True, secure=False, expires=None, discard=True,
            comment=None, comment_url=None, rest={},
        )
    )  # fmt: skip
    return web


class Somebody(ABC, threading.Thread):
    """One person; `act` is what they do again and again, with pauses of `pause` seconds or so."""

    pause = 1.5

    def __init__(self, who: str, webs: list[Web], history: History, seed: str) -> None:
        """`webs`: browsers of several people, one after the other: a person may not ask without end."""
        super().__init__(name=who, daemon=True)
        self.who, self.web, self.history = who, webs[0], history
        self._webs = cycle(webs)
        self.random = random.Random(f"{seed} {who}")
        self.habit = 0.2  # how often a button is pressed twice
        self.busy, self.resting, self.over = threading.Event(), threading.Event(), threading.Event()

    def run(self) -> None:
        """Until told that it is over."""
        while not self.over.wait(self.pause * self.random.uniform(0.5, 1.5)):
            self.busy.set()
            try:
                if not self.resting.is_set():
                    self.web = next(self._webs)
                    self.act()
            except LookupError as error:  # a page that is not the one asked for: noted as one, looked at again later
                self.history.note(self.who, "lookup", error=str(error))
            finally:
                self.busy.clear()

    @abstractmethod
    def act(self) -> None:
        """One thing."""

    def get(self, path: str) -> Page | None:
        """A page; None when no answer came."""
        return self._noted(path, lambda: self.web.get(path))

    def _noted(self, path: str, ask: Callable[[], Page]) -> Page | None:
        began = time.monotonic()
        try:
            page = ask()
        except (urllib.error.URLError, OSError, HTTPException) as error:
            took = time.monotonic() - began
            none = {"status": 0, "ours": False, "degraded": False, "why": str(error)}
            self.history.note(self.who, "page", path=path, seconds=took, **none)
            return None
        ours = "Retry-After" in page.headers
        more = {"seconds": page.seconds, "ours": ours, "degraded": NOTICE in page.text}
        self.history.note(self.who, "page", path=path, status=page.status, **more)
        return page

    def form(self, path: str, having: str, action: str = "") -> Fields:
        """The fields of a page's form. Raises LookupError when the page did not come."""
        page = self.get(path)
        if page is None or page.status >= 400:
            raise LookupError(f"no page {path}")
        return fields_of(page.text, having=having, action=action)

    def send(self, path: str, fields: Fields, kind: str, made: str, **more: str) -> str:
        """Send a form until the server says that it is saved, which shows in an address with the pattern `made`; that
        address. Now and then twice at once. Raises LookupError when it was refused, or nobody said anything."""
        self.history.note(self.who, "send", kind=kind, **more)
        for _ in range(TRIES):
            twice = self.random.random() < self.habit
            with ThreadPoolExecutor(2) as pool:
                posts = [
                    pool.submit(self._noted, path, lambda: self.web.post(path, **fields)) for _ in range(1 + twice)
                ]
            answers = [answer for post in posts if (answer := post.result())]
            if good := [answer.url for answer in answers if re.search(made, answer.url)]:
                self.history.note(self.who, "made", kind=kind, **more)
                return good[0]
            if bad := [answer for answer in answers if answer.status in REFUSED or answer.status < 300]:
                self.history.note(self.who, "refused", kind=kind, said=str(bad[0])[:600], **more)
                raise LookupError(f"{kind} refused: {bad[0].status}")
            if self.over.wait(1):
                break
        raise LookupError(f"nobody took the {kind}")


def new_word() -> str:
    """A word that is nowhere else."""
    return f"woord{uuid.uuid4().hex[:10]}"


class Asker(Somebody):
    """Asks the forum; `asked` is for who answers."""

    pause = 3.0

    def __init__(
        self, who: str, webs: list[Web], history: History, seed: str, *, space: int, asked: deque[tuple[str, str]]
    ) -> None:
        super().__init__(who, webs, history, seed)
        self.space, self.asked = space, asked

    def act(self) -> None:
        word = new_word()
        fields = self.form("/nl/vraag-stellen/", "q", "vraag-stellen")
        fields |= {"q": f"Wie kent het {word} van vorig jaar?", "space": str(self.space), "anyway": "1"}
        where = self.send("/nl/vraag-stellen/", fields, "question", r"/nl/q/\d+", word=word)
        self.asked.append((word, where.removeprefix(self.web.url)))


class Answerer(Somebody):
    """Answers what was asked, each question once."""

    pause = 2.0

    def __init__(
        self, who: str, webs: list[Web], history: History, seed: str, *, asked: deque[tuple[str, str]]
    ) -> None:
        super().__init__(who, webs, history, seed)
        self.asked = asked

    def act(self) -> None:
        if not self.asked:
            return
        about, path = self.asked[0]
        word = new_word()
        number = path.removeprefix("/nl/q/").partition("-")[0]
        fields = self.form(path, "body", f"/{number}/")
        self.asked.popleft()
        fields["body"] = f"Dat is het {word}."
        self.send(f"/nl/q/{number}/answer/", fields, "answer", "#answer-", word=word, about=about)


class Starter(Somebody):
    """Starts chats by form."""

    pause = 6.0

    def act(self) -> None:
        word = new_word()
        fields = self.form("/nl/chat/", "q", "chat")
        fields |= {"q": f"Kunnen jullie mij helpen met {word}?"}
        self.send("/nl/chat/", fields | {"anyway": "1"}, "chat", r"/nl/chat/\d+/$", word=word)


class Curator(Somebody):
    """Publishes FAQs in the CMS."""

    pause = 5.0

    def __init__(self, who: str, webs: list[Web], history: History, seed: str, *, topic: int) -> None:
        super().__init__(who, webs, history, seed)
        self.topic = topic
        self.habit = 0.0  # Wagtail's own form, which its own script guards

    def act(self) -> None:
        word = new_word()
        path = "/cms/snippets/kb/faq/add/"
        fields = self.form(path, "question") | {
            "question": f"Wat doet {word}?", "answer": "Zo *dus*.", "topic": str(self.topic), "action-publish": "1",
        }  # fmt: skip
        self.send(path, fields, "faq", r"/kb/faq/(edit/|list/|\?|$)", word=word)


class Reader(Somebody):
    """Searches and reads."""

    pause = 0.8
    PATHS = (
        "/nl/", "/nl/zoeken/?q=verlof", "/nl/zoeken/?q=vorig+jaar", "/nl/zoeken/lijkt-op/?q=verlof", "/nl/community/",
        "/nl/onderwerpen/", "/nl/chat/mijn/", "/nl/zoeken/suggesties/?q=ver", "/en/search/?q=leave&kind=faq",
        "/nl/vraag-stellen/?q=verlof", "/health/", "/sitemap.xml",
    )  # fmt: skip

    def act(self) -> None:
        self.get(self.random.choice(self.PATHS))
