"""The demo's curation is valid, and stays as it is when loaded again."""

from pathlib import Path

import pytest
import yaml

from accounts import audiences
from search import demo
from search.models import BestBet, Synonym
from tests.kb.conftest import make_faq, make_topic

ROOT = Path(__file__).resolve().parents[2] / "demo"
pytestmark = pytest.mark.django_db


def test_the_demo_is_loaded_once() -> None:
    rows = yaml.safe_load((ROOT / "curation.yaml").read_text())
    topic = make_topic("Salaris", {audiences.PUBLIC})
    faqs = [make_faq(demo.title(ROOT, row), {audiences.PUBLIC}, topic) for row in rows["best_bets"]]
    demo.load(ROOT)
    assert Synonym.objects.count() == len(rows["synonyms"]) >= 12
    assert {bet.document for bet in BestBet.objects.all()} == {f"faq:{faq.pk}" for faq in faqs}
    Synonym.objects.first().delete()
    demo.load(ROOT)
    assert Synonym.objects.count() == len(rows["synonyms"]) - 1
    assert BestBet.objects.count() == 2
