"""The demo's files hold together, and a mistake in them is noticed."""

import re
import shutil
from pathlib import Path

import pytest

from tests.demo.checks import load, problems

DEMO = Path(__file__).resolve().parents[2] / "demo"


def test_the_demo_holds_together():
    assert problems(DEMO) == []


def test_the_chat_with_personal_data_passes_the_arithmetic():
    rows = load(DEMO / "conversations.yaml")["conversations"]
    text = "\n".join(turn["text"] for row in rows for turn in row["turns"])
    iban = re.search(r"NL\d\d BRUG [\d ]{12}", text)[0].replace(" ", "")
    assert int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1
    bsn = re.search(r"\b\d{9}\b", text)[0]
    assert sum(int(digit) * weight for digit, weight in zip(bsn, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)) % 11 == 0
    assert re.search(r"06-\d{8}", text) and re.search(r"\S+@\S+\.example", text)


FAQ = "faqs/hr-health/ziekmelden.nl.md"
QUESTION = "questions/halve-dag-thuis-invullen.yaml"
BREAKS = [
    ("people.yaml", "unit: zilverbeek-leidingnet", "unit: lindeveld-staf", "unit elsewhere"),
    ("people.yaml", "@koraal.example", "@koraal.com", "address of another organisation"),
    ("people.yaml", "slug: marga-tjin", "slug: marga-tijn", "marga-tjin does not exist"),
    ("people.yaml", '"09:00-17:00"', '"17:00-09:00"', "sat 17:00-09:00"),
    ("topics.yaml", "icon: heart", "icon: hart", "topic hr-health"),
    ("topics.yaml", "en: Illness and recovery", 'en: ""', "title misses a language"),
    ("spaces.yaml", "circle:klantenforum", "circle:forum", "audience circle:forum does not exist"),
    (FAQ, "audience: [employees, staff]", "audience: [public]", "public reaches further"),
    (FAQ, "owner: sanne-de-boer", "owner: els-wouters", "els-wouters may not read it"),
    (FAQ, "topic: hr-health", "topic: hr-pay", "against its path"),
    (FAQ, "Bel je leidinggevende", "Bel je leidinggevende over je fiets", "left out on purpose"),
    (FAQ, "vóór 9:00 uur", "op 030 123 45 67 vóór 9:00 uur", "phone number"),
    ("faqs/hr-travel/reiskosten-woon-werk.en.md", "€ 0.23 a kilometre", "€ 0.21 a kilometre", "amount per kilometre"),
    (QUESTION, "asker: lotte-smeets", "asker: els-wouters", "els-wouters may not read it"),
    (QUESTION, "space: hr", "space: personeel", "space does not exist"),
    (QUESTION, "days_ago: 11.9", "days_ago: 19.9", "answered before asked"),
    (QUESTION, "accepted: false", "accepted: true", "2 accepted answers"),
    ("conversations.yaml", "agent: bas-hoekstra", "agent: sanne-de-boer", "agent of another team"),
    ("conversations.yaml", "status: waiting", "status: active", "agent against status"),
    ("searches.yaml", "topic: hr-pay", "topic: pay", "search salarisspecificatie"),
]


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(DEMO, tmp_path / "demo"))


@pytest.mark.parametrize(("name", "old", "new", "said"), BREAKS, ids=[said for *_, said in BREAKS])
def test_a_mistake_is_noticed(copy, name, old, new, said):
    text = (copy / name).read_text(encoding="utf-8")
    assert old in text
    (copy / name).write_text(text.replace(old, new), encoding="utf-8")
    assert any(said in problem for problem in problems(copy))


def test_a_missing_original_a_wrong_language_and_a_thin_text_are_noticed(copy):
    english = copy / "faqs/hr-health/ziekmelden.en.md"
    (copy / FAQ).unlink()
    front, _ = english.read_text(encoding="utf-8").rsplit("---\n", 1)
    english.write_text(front + "---\n\nBel je leidinggevende en zeg dat je niet komt.\n", encoding="utf-8")
    said = "\n".join(problems(copy))
    assert "no Dutch original" in said and "not in en" in said and "9 words" in said


def test_too_little_is_noticed(copy):
    shutil.rmtree(copy / "faqs/ict-apps")
    shutil.rmtree(copy / "faqs/ict-access")
    said = "\n".join(problems(copy))
    assert "faqs.en: only" in said and "faqs over the disciplines" in said
