"""What benchmarks/search.py measures; each function returns figures to print and keep. Milliseconds unless said."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks import corpus
from benchmarks.rig import PATHS, Asked, Bare, Times, Wsgi, listening, timed

ROOT = Path(__file__).resolve().parent.parent
Figures = dict[str, Any]
WARMING = 15  # pages before it counts


def pages(wsgi: Wsgi, engine: Any, many: int) -> Figures:
    """A results page, an empty page, an empty view and the bare engine with the same question, one after the other."""
    warming, asked = corpus.queries(many + WARMING)[:WARMING], corpus.queries(many + WARMING)[WARMING:]
    view, frame, page, fragment, bare = Times(), Times(), Times(), Times(), Times()
    connection, questions = Bare() if engine.name == "elastic" else None, 0
    for language, text in [*warming, *asked]:
        if (language, text) in warming:
            times = [Times() for _ in range(4)]
        else:
            times = [view, frame, page, bare]
        timed(times[0], lambda: wsgi.get("/bench/view/"))
        timed(times[1], lambda: wsgi.get("/bench/page/"))
        timed(times[2], lambda text=text, language=language: wsgi.get(PATHS["results"][language], q=text))
        if connection:
            with listening() as questions_of_page:
                timed(fragment, lambda text=text, language=language: wsgi.get(PATHS["results"][language], q=text))
            questions += len(questions_of_page)
            timed(times[3], lambda asked=questions_of_page: [connection.ask(one) for one in asked])
    found: Figures = {
        "empty view CPU": view.mean_cpu, "empty page CPU": frame.mean_cpu, "results CPU": page.mean_cpu,
        "results/empty view": page.mean_cpu / view.mean_cpu, "results/empty page": page.mean_cpu / frame.mean_cpu,
        "results p50": page.at(0.5), "results p95": page.at(0.95), "empty view p95": view.at(0.95),
    }  # fmt: skip
    if connection:
        connection.close()
        found |= {"results p50/bare": page.at(0.5) / bare.at(0.5), "results p95/bare": page.at(0.95) / bare.at(0.95)}
        found |= {"bare p50": bare.at(0.5), "bare p95": bare.at(0.95), "bare client CPU": bare.mean_cpu}
        found["questions a page"] = questions / len(fragment.wall)
    return found | _engine_alone(engine, asked)


def _engine_alone(engine: Any, asked: list[tuple[str, str]]) -> Figures:
    """The product's question to the engine, in this process, without a page around it."""
    from accounts.audiences import viewer_for
    from accounts.models import User
    from search import query, retrieval

    keys, alone = viewer_for(User.objects.get(email="b@b-water.example")).keys, Times()
    for language, text in asked:
        wanted = retrieval.build_request(
            text, audience=keys, language=language, facets=True, filters=query.default_filters()
        )
        timed(alone, lambda wanted=wanted: engine.search(wanted))
    return {"engine p50": alone.at(0.5), "engine p95": alone.at(0.95), "engine call CPU": alone.mean_cpu}


def suggestions(wsgi: Wsgi, engine: Any, many: int) -> Figures:
    """Suggestions beside the bare engine with the same question and an empty view: the p95 of each."""
    from django.urls import reverse
    from django.utils import translation

    view, suggestions, bare = Times(), Times(), Times()
    connection = Bare() if engine.name == "elastic" else None
    addresses = {}
    for language in ("nl", "en"):
        with translation.override(language):
            addresses[language] = reverse("search:suggest")
    for language, text in corpus.beginnings(WARMING):
        wsgi.get(addresses[language], q=text)
    for language, text in corpus.beginnings(many):
        timed(view, lambda: wsgi.get("/bench/view/"))
        timed(suggestions, lambda text=text, language=language: wsgi.get(addresses[language], q=text))
        if connection:
            with listening() as questions:
                wsgi.get(addresses[language], q=text)
            timed(bare, lambda questions=questions: [connection.ask(one) for one in questions])
        else:
            timed(bare, lambda text=text, language=language: _titles(engine, text, language))
    if connection:
        connection.close()
    bound = bare.at(0.95) + 2 * view.at(0.95)
    return {
        "suggest p50": suggestions.at(0.5), "suggest p95": suggestions.at(0.95), "bare p50": bare.at(0.5),
        "bare p95": bare.at(0.95), "suggest p50/bare": suggestions.at(0.5) / bare.at(0.5),
        "suggest p95/bare": suggestions.at(0.95) / bare.at(0.95),
        "empty view p95": view.at(0.95), "bound": bound, "suggest p95/bound": suggestions.at(0.95) / bound,
        "suggest CPU": suggestions.mean_cpu, "empty view CPU": view.mean_cpu,
    }  # fmt: skip


def _titles(engine: Any, text: str, language: str) -> None:
    from accounts.audiences import EMPLOYEES, PUBLIC
    from discovery import suggestions
    from search import query, vocabulary
    from search.engines import SearchRequest

    if (tree := suggestions.title_query(text, language, vocabulary.current())) is not None:
        filters = query.default_filters()
        engine.search(
            SearchRequest(tree=tree, audience=frozenset({PUBLIC, EMPLOYEES}), filters=filters, size=12, count=False)
        )


@contextmanager
def server() -> Iterator[str]:
    """The product served as in compose.yaml: gunicorn, two processes of four threads. The address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "gunicorn"), "config.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def connections(wsgi: Wsgi, counts: tuple[int, ...], seconds: float, many: int = 60) -> Figures:
    """Over HTTP, by turns, with so many connections: the bare engine, an empty view, suggestions, results."""
    from django.urls import reverse

    headers = {"Cookie": wsgi.cookie, "Host": "127.0.0.1:8000", "Accept-Language": "nl"}

    def to(path: str, texts: list[str]) -> list[Any]:
        from urllib.parse import urlencode

        return [["GET", f"{path}?{urlencode({'q': text})}", "", headers] for text in texts]

    typed = [text for language, text in corpus.beginnings(many) if language == "nl"]
    asked = [text for language, text in corpus.queries(many) if language == "nl"]
    bare = {"bare suggest": _listen(wsgi, reverse("search:suggest"), typed)}
    bare["bare results"] = _listen(wsgi, PATHS["results"]["nl"], asked)
    found: Figures = {}
    with server() as url:
        targets = {
            "empty view": (url, to("/bench/view/", [""])),
            "suggest": (url, to(reverse("search:suggest"), typed)),
        }
        targets["results"] = (url, to(PATHS["results"]["nl"], asked))
        targets |= {name: (os.environ["ELASTICSEARCH_URL"], _plain(each)) for name, each in bare.items() if each}
        _load(*targets["results"], 4, seconds)  # warm
        for count in counts:
            took: dict[str, list[float]] = {name: [] for name in targets}
            for _ in range(3):
                for name, target in targets.items():
                    took[name] += _load(*target, count, seconds / 3)
            figures = {}
            for name, each in took.items():
                each.sort()
                figures[name] = [round(each[len(each) // 2], 2), round(each[int(0.95 * len(each))], 2), len(each)]
            if "bare suggest" in figures:
                bound = figures["bare suggest"][1] + 2 * figures["empty view"][1]
                figures["suggest p95/bound"] = round(figures["suggest"][1] / bound, 2)
            found[str(count)] = figures
    return found


def _listen(wsgi: Wsgi, path: str, texts: list[str]) -> list[Asked]:
    with listening() as asked:
        for text in texts:
            wsgi.get(path, q=text)
    return asked


def _plain(asked: list[Asked]) -> list[Any]:
    return [[one.method, one.target, one.body.decode(), one.headers] for one in asked]


def _load(url: str, requests: list[Any], count: int, seconds: float) -> list[float]:
    wanted = json.dumps({"url": url, "requests": requests, "connections": count, "seconds": seconds})
    result = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "load.py")], input=wanted, capture_output=True, text=True, check=True
    )
    took, errors = json.loads(result.stdout)
    assert not errors, errors
    return list(took)
