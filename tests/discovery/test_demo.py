"""The demo's curation is valid, and stays as it is when loaded again."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from accounts import audiences
from discovery import demo
from discovery.analytics import figures, gap_report, pseudonym
from discovery.models import Gap, SearchAlert
from search.models import BestBet, Synonym
from tests.kb.conftest import make_faq, make_topic
from tests.people import People

ROOT = Path(__file__).resolve().parents[2] / "demo"
pytestmark = pytest.mark.django_db


def test_the_demo_is_loaded_once() -> None:
    rows = yaml.safe_load((ROOT / "curation.yaml").read_text())
    topic = make_topic("Salaris", {audiences.PUBLIC})
    faqs = [make_faq(demo.title(ROOT, row), {audiences.PUBLIC}, topic) for row in rows["best_bets"]]
    demo.load(ROOT)
    assert Synonym.objects.filter(origin="own").count() == len(rows["synonyms"]) >= 12
    assert {bet.document for bet in BestBet.objects.all()} == {f"faq:{faq.pk}" for faq in faqs}
    Synonym.objects.filter(origin="own").first().delete()
    demo.load(ROOT)
    assert Synonym.objects.filter(origin="own").count() == len(rows["synonyms"]) - 1
    assert BestBet.objects.count() == 2


def test_the_demo_shows_every_state_of_a_gap(people: People) -> None:
    topic = make_topic("ICT", {audiences.PUBLIC})
    make_faq("Mijn telefoon of laptop is kwijt of gestolen", {audiences.PUBLIC}, topic)
    demo.load(ROOT)
    states = set(Gap.objects.values_list("state", flat=True))
    assert states == {"open", "answered", "hidden"}
    assert Gap.objects.filter(state="hidden", hidden_by=people.curator).exists()
    assert SearchAlert.objects.filter(text="stagevergoeding hoogte").count() == 3
    today = pseudonym.now().date()
    pairs = figures.reformulated_pairs(today - timedelta(days=60), today)
    assert {row.text for row in pairs} == {"vrije dagen regelen", "loonbriefje december"}
    open_ones = {row.text for row in gap_report.gaps(today - timedelta(days=60), today)}
    assert "wachtwoord kwijt" not in open_ones
    assert not open_ones & {row.text for row in pairs}
