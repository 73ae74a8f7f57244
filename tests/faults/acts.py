"""What fault tests do and look at. They run one after the other (`pytest -n 0 -m faults`) and end what they start."""

import uuid

from tests import client, scene, server

NOTICE = "De zoekmachine is er even niet"


def ask_forum(web: client.Web, space: int) -> str:
    """Ask a question in the forum, by form; a word that only this question has."""
    word = f"woord{uuid.uuid4().hex[:10]}"
    page = web.post(
        "/nl/vraag-stellen/",
        q=f"Wie kent het {word} van vorig jaar?",
        space=str(space),
        language="nl",
        body="",
        anyway="1",
    )
    assert page.status == 200, page
    assert "/nl/q/" in page.url, page
    assert word in page.text
    return word


def found(web: client.Web, word: str) -> bool:
    """Whether search finds the word, by the engine itself."""
    page = web.get("/nl/zoeken/", q=word)
    assert page.status == 200
    return f"het <mark>{word}</mark>" in page.text and NOTICE not in page.text


def all_is_well(site: server.Site, web: client.Web, words: list[str]) -> None:
    """Everything asked is found without anybody's help, and database and index agree."""
    for word in words:
        server.wait_until(lambda word=word: found(web, word), f"search to find {word}", 60, pause=1)
    result = site.manage("check_index", check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def once(site: server.Site, tab: client.Tab) -> None:
    """Every acknowledged message is in the database exactly once, as said, and the reader saw all of it in order."""
    tab.check()
    rows = scene.saved(site, tab.conversation)
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    for client_id, number in tab.acknowledged.items():
        assert [row["number"] for row in rows if row["client_id"] == client_id] == [number]
        assert rows[number - 1]["body"] == tab.said[client_id]
    assert sorted(tab.events) == [row["number"] for row in rows]
