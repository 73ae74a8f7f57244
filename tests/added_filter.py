"""What the product makes of one more filter, as JSON: run by tests/search/test_added_filter.py in a process of its own,
since the index has the fields of all filters from the start."""

import json
import sys
from typing import Any
from unittest.mock import patch

import django

from search import filters
from search.filters import FixedFilter
from search.sources import Document


class AnsweredFilter(FixedFilter):
    """By whether a question has an answer that helped."""

    field, words = "answered", {"en": ("answered",), "nl": ("opgelost",)}
    label: Any = "Opgelost?"
    hint: Any = "alleen vragen met een antwoord dat hielp"
    example: Any = "ja"

    def options(self) -> dict[str, Any]:
        return {"yes": "ja", "no": "nee"}

    def value(self, document: Document) -> str:
        return ("yes" if document.solved else "no") if document.kind == "question" else ""


def main() -> None:
    """Add the filter, index questions, and search for them."""
    filters._FILTERS = (*filters._FILTERS, AnsweredFilter())
    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_test_environment
    from django.utils import translation

    setup_test_environment()
    call_command("migrate", verbosity=0)
    with translation.override("nl"):
        sys.stdout.write(json.dumps(seen()))


def seen() -> dict[str, Any]:
    """What the results page says, asked in each way."""
    from django.test import Client
    from django.urls import reverse

    from accounts import audiences
    from community import actions
    from search import engines
    from search.engines import EngineError
    from search.indexing import indexer
    from tests.community.conftest import make_space
    from tests.people import make_people

    people = make_people()
    space = make_space("t-filter", audiences.PUBLIC)
    owner, agent = people.viewer("owner"), people.viewer("agent")
    titles = ("Waar is de koffie?", "Waar is de koffie van gisteren?")
    asked = [actions.ask(by=owner, space=space, title=title, body="", language="nl") for title in titles]
    answer = actions.answer(by=agent, question=asked[0], body="In de kast.")
    actions.accept(by=owner, answer=answer)
    engines.get().prepare()
    indexer.drain()

    def page(**values: str) -> dict[str, Any]:
        shown = Client().get(reverse("search:results"), values).context["results"]
        return {
            "hits": sorted(hit.document.title for hit in shown.found.hits),
            "facet": [
                (str(option.label), option.count, option.chosen)
                for facet in shown.narrowing.facets
                if facet.name == "answered"
                for option in facet.options
            ],
            "chips": [(str(chip.label), str(chip.text)) for chip in shown.narrowing.chips],
            "advice": [[text for text, _url in unknown.others] for unknown in shown.unknown_filters],
            "degraded": shown.found.degraded,
        }

    found = {
        "all": page(q="koffie"),
        "chosen": page(q="koffie", answered="yes"),
        "strange": page(q="koffie", answered="perhaps"),
        "typed": page(q="koffie opgelost:nee"),
        "unknown": page(q="koffie opgelost:misschien"),
    }
    with patch.object(type(engines.get()), "search", side_effect=EngineError("away")):
        found["without an engine"] = page(q="koffie", answered="no")
    return found


if __name__ == "__main__":
    main()
