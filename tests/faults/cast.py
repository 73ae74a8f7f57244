"""The clients of an experiment, with a seed: twenty tabs that chat; people who ask, answer, publish, search, read."""

import re
from collections import Counter, deque
from collections.abc import Mapping
from pathlib import Path

from tests.faults.checker import Saved
from tests.faults.history import History
from tests.faults.people import Answerer, Asker, Curator, Reader, Somebody, Starter, browser
from tests.faults.stage import Stage
from tests.faults.tabs import Tabs
from tests.scene import CURATOR, OWNER

CONVERSATIONS = 10  # each a visitor's, with an agent
EVENTS = """
select conversation_id, number, client_id, body from chat_event where conversation_id = any(%s) order by 1, 2
"""
WORDS = """
select title from community_question union all select body from community_answer
union all select question from kb_faq union all select subject from chat_conversation
"""


class Cast:
    """Everybody, at work until `close`."""

    def __init__(self, stage: Stage, folder: Path, seed: str) -> None:
        self.stage = stage
        self.path = folder / f"history-{seed}.jsonl"
        self.history = History(self.path)
        self.tabs = Tabs(stage.site.url, self.history, seed)
        agents = [f"sessionid={web.jar()['sessionid']}" for web in stage.people("agent") if web]
        self.rooms = stage.inside.ask("conversations", CONVERSATIONS)
        for n, room in enumerate(self.rooms, 1):
            self.tabs.open(f"visitor{n}", room["cookie"], room["conversation"])
            self.tabs.open(f"agent{n}", agents[n % len(agents)], room["conversation"])
        self.people = self._people(seed)
        self.rest()
        for person in self.people:
            person.start()

    def _people(self, seed: str) -> list[Somebody]:
        stage, asked = self.stage, deque[tuple[str, str]]()
        askers, (reader, *answerers) = stage.people("asker"), stage.people("answerer")
        curator, owner = (browser(stage.site.url, stage.sessions[email]) for email in (CURATOR, OWNER))
        who = {"history": self.history, "seed": seed}
        asks = {"space": stage.scene.space, "asked": asked, **who}
        return [
            Asker("asker1", askers[0::3], **asks),
            Asker("asker2", askers[1::3], **asks),
            Starter("starter", askers[2::3], **who),
            Answerer("answerer", answerers, asked=asked, **who),
            Curator("curator", [curator], topic=stage.topic, **who),
            Reader("reader1", [owner], **who),
            Reader("reader2", [reader], **who),
        ]

    def rest(self) -> None:
        """Nobody begins anything new."""
        self.tabs.talking = False
        for person in self.people:
            person.resting.set()

    def work(self, habit: float = 0.2) -> None:
        """Everybody does what they do; `habit`: how often they press a button twice."""
        self.tabs.talking = True
        for person in self.people:
            person.habit = 0.0 if isinstance(person, Curator) else habit
            person.resting.clear()

    def idle(self) -> bool:
        """Whether all that was begun is done: every message is acknowledged, every form was taken."""
        return self.tabs.settled() and not any(person.busy.is_set() for person in self.people)

    def undone(self) -> str:
        """Who is not idle."""
        behind = [tab for tab in self.tabs.tabs if tab.socket is None or tab.waiting]
        tabs = [f"{tab.who} ({'' if tab.socket else 'no line, '}{len(tab.waiting)} unanswered)" for tab in behind]
        return ", ".join([*tabs, *(person.who for person in self.people if person.busy.is_set())])

    def saved(self) -> Mapping[int, list[Saved]]:
        """The events of the conversations in the database."""
        found: dict[int, list[Saved]] = {room["conversation"]: [] for room in self.rooms}
        with self.stage.database() as db:
            for conversation, number, id, text in db.execute(EVENTS, [list(found)]):
                found[conversation].append(Saved(number, id, text))
        return found

    def words(self) -> Mapping[str, int]:
        """How many rows there are with each word that a form brought."""
        with self.stage.database() as db:
            return Counter(word for (text,) in db.execute(WORDS) for word in re.findall(r"woord[0-9a-f]{10}", text))

    def close(self) -> None:
        """End all of them."""
        for person in self.people:
            person.over.set()
        self.tabs.close()
        for person in self.people:
            person.join(timeout=40)
        self.history.close()
