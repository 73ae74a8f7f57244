"""Reads a demo folder and says everything that is off in it; format and facts are in demo/README.md."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import yaml

LANGUAGES = ("nl", "en")
ROLES = {"customer", "employee", "agent", "curator", "process_owner", "steering_group", "cco", "administrator"}
KINDS = Counter(ssc=1, business=3, third_party=1, provider=1)
HOURS = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d")
WORDS = {"faqs": (60, 220), "articles": (300, 700)}
AT_LEAST = {"faqs.nl": 44, "faqs.en": 20, "articles.nl": 10, "articles.en": 5, "questions.nl": 20, "questions.en": 8}
# The product's own story asks this and has it answered, so the demo must not.
LEFT_OUT = re.compile(r"fiets|garage|parkeer|parkeren|\bparking|\bbikes?\b|bicycle", re.I)
# One fact, one wording: whatever else looks like these is a mistake.
FACTS = {
    "amount per kilometre": (re.compile(r"€ (\d[\d.,]*)\*{0,2} (?:per kilometer|a kilometre)"), {"0,23", "0.23"}),
    "phone number": (re.compile(r"\b(030 [\d ]+\d)"), {"030 000 01 00"}),
    "Willemstad number": (re.compile(r"(\+599 [\d ]+\d)"), {"+599 9 000 01 00"}),
    "host": (re.compile(r"[\w-]+[@.](\w+(?:\.\w+)*\.(?:nl|com|org|eu|cw|net))\b"), set()),
    "address": (re.compile(r"(https?://\S+)"), set()),
}
COMMON = {
    "nl": set("de het een je en van niet is dat op in met voor dan wij we naar er ook maar wat".split()),
    "en": set("the a you and of not is that on in with for then we to there also but what it".split()),
}


def _yaml(text: str) -> dict:
    """With libyaml, ten times as fast: each check reads the whole demo."""
    return yaml.load(text, Loader=yaml.CSafeLoader)  # noqa: S506 # the safe one


def load(path: Path) -> dict:
    return _yaml(path.read_text(encoding="utf-8"))


def read_text(path: Path) -> tuple[dict, str]:
    """A Markdown file's front matter and body."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return _yaml(front), body.strip()


def flat(nodes: list[dict], children: str) -> Iterator[tuple[dict, dict | None]]:
    """Every node of a tree with its parent, parents first."""
    for node in nodes:
        yield node, None
        for below, parent in flat(node.get(children, []), children):
            yield below, parent or node


@cache
def icons() -> set[str]:
    """The names of the outline icons that the heroicons package has."""
    with (files("heroicons") / "heroicons.zip").open("rb") as packed, ZipFile(packed) as names:
        return {Path(name).stem for name in names.namelist() if name.startswith("outline/")}


def language_of(text: str) -> str:
    words = Counter(re.findall(r"[a-zë]+", text.lower()))
    return max(LANGUAGES, key=lambda lang: sum(words[word] for word in COMMON[lang]))


class Demo:
    """A demo folder, read; ``say`` collects what is wrong with it."""

    def __init__(self, root: Path) -> None:
        self.root, self.said = root, []
        data = load(root / "people.yaml")
        self.organisations, self.teams, self.circles, self.people = (
            self.by_slug(name, data[name]) for name in ("organisations", "teams", "circles", "people")
        )
        self.unit_path: dict[str, list[str]] = {}
        self.unit_home: dict[str, str] = {}
        for organisation in self.organisations.values():
            for unit, parent in flat(organisation["units"], "units"):
                self.check(unit["slug"] not in self.unit_path, f"unit {unit['slug']} is there twice")
                above = self.unit_path[parent["slug"]] if parent else []
                self.unit_path[unit["slug"]] = [*above, unit["slug"]]
                self.unit_home[unit["slug"]] = organisation["slug"]
        tree = list(flat(load(root / "topics.yaml")["topics"], "topics"))
        self.topics = self.by_slug("topics", [topic for topic, _ in tree])
        self.topic_parent = {topic["slug"]: parent for topic, parent in tree}
        self.spaces = self.by_slug("spaces", load(root / "spaces.yaml")["spaces"])

    def by_slug(self, what: str, rows: list[dict]) -> dict[str, dict]:
        for slug, times in Counter(row["slug"] for row in rows).items():
            self.check(times == 1, f"{what}: {slug} is there {times} times")
            self.check(bool(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)), f"{what}: {slug} is no slug")
        return {row["slug"]: row for row in rows}

    def check(self, right: bool, message: str) -> None:
        if not right:
            self.said.append(message)

    def both(self, where: str, row: dict, *names: str) -> None:
        for name in names:
            texts = row.get(name) or {}
            self.check(set(texts) == set(LANGUAGES) and all(texts.values()), f"{where}: {name} misses a language")

    def keys(self, slug: str) -> set[str]:
        """What a person may read, by the rule in docs: accounts computes the same from rows."""
        person, keys = self.people[slug], {"public"}
        home = self.organisations[person["organisation"]]
        keys |= {f"organisation:{home['slug']}"} | {f"team:{team}" for team in person["teams"]}
        keys |= {f"circle:{c['slug']}" for c in self.circles.values() if slug in c["members"]}
        if home["kind"] in ("business", "ssc"):
            keys |= {"employees"} | {f"unit:{unit}" for unit in self.unit_path.get(person["unit"] or "", [])}
            keys |= {"staff"} if person["teams"] else set()
        return keys

    def audience(self, where: str, keys: list[str], within: list[str] | None = None) -> None:
        named = {
            "organisation": self.organisations,
            "unit": self.unit_path,
            "team": self.teams,
            "circle": self.circles,
        }
        self.check(bool(keys), f"{where}: nobody may read it")
        for key in keys:
            kind, _, slug = key.partition(":")
            known = slug in named[kind] if kind in named else key in ("public", "employees", "staff")
            self.check(known, f"{where}: audience {key} does not exist")
            if known and within is not None:
                self.check(self.covered(key, within), f"{where}: {key} reaches further than {within}")

    def covered(self, key: str, within: list[str]) -> bool:
        kind, _, slug = key.partition(":")
        if "public" in within or key in within:
            return True
        if kind == "unit" and f"organisation:{self.unit_home[slug]}" in within:
            return True
        business = {s for s, o in self.organisations.items() if o["kind"] in ("business", "ssc")}
        inside = kind == "team" or slug in business or self.unit_home.get(slug) in business
        return "employees" in within and inside

    def reads(self, where: str, person: str, keys: list[str]) -> None:
        self.check(person in self.people, f"{where}: {person} does not exist")
        if person in self.people:
            self.check(bool(self.keys(person) & set(keys)), f"{where}: {person} may not read it")


def check_people(demo: Demo) -> None:
    kinds = Counter(organisation["kind"] for organisation in demo.organisations.values())
    demo.check(kinds == KINDS, f"organisations: {dict(kinds)}")
    for slug, organisation in demo.organisations.items():
        demo.both(slug, organisation, "name", "description")
        demo.check(organisation["domain"].endswith(".example"), f"{slug}: domain could be real")
        ZoneInfo(organisation["time_zone"])
        for unit, _ in flat(organisation["units"], "units"):
            demo.both(unit["slug"], unit, "name")
    seen: set[str] = set()
    for slug, team in demo.teams.items():
        demo.both(slug, team, "name", "description")
        demo.check(team.get("parent", slug) in seen | {slug}, f"team {slug}: parent must stand before it")
        for day, hours in team["opening_hours"].items():
            opens, _, closes = hours.partition("-")
            right = day in "mon tue wed thu fri sat sun".split() and HOURS.fullmatch(hours) and opens < closes
            demo.check(bool(right), f"team {slug}: {day} {hours}")
        seen.add(slug)
    zones = {team["time_zone"] for team in demo.teams.values()}
    demo.check(len(zones) == 2 and all(ZoneInfo(zone) for zone in zones), f"teams: time zones {zones}")
    for slug, circle in demo.circles.items():
        demo.both(slug, circle, "name", "description")
        for member in circle["members"]:
            demo.check(member in demo.people, f"circle {slug}: {member} does not exist")
    for slug, person in demo.people.items():
        check_person(demo, slug, person)
    emails = Counter(person["email"] for person in demo.people.values())
    demo.check(max(emails.values()) == 1, "people: an address is there twice")
    demo.check(20 <= len(demo.people) <= 30, f"people: {len(demo.people)}")
    shown = sum("showcase" in person for person in demo.people.values())
    demo.check(5 <= shown <= 7, f"people: {shown} to sign in with")


def check_person(demo: Demo, slug: str, person: dict) -> None:
    home = demo.organisations.get(person["organisation"])
    demo.check(home is not None, f"{slug}: organisation does not exist")
    if home is None:
        return
    demo.both(slug, person, "job_title", *(["showcase"] if "showcase" in person else []))
    demo.check(person["email"].endswith(f"@{home['domain']}"), f"{slug}: address of another organisation")
    demo.check(person["unit"] is None or demo.unit_home.get(person["unit"]) == home["slug"], f"{slug}: unit elsewhere")
    demo.check(set(person["teams"]) <= set(demo.teams), f"{slug}: team does not exist")
    demo.check(not person["teams"] or home["kind"] in ("ssc", "provider"), f"{slug}: in a team of the SSC")
    demo.check(bool(person["roles"]) and set(person["roles"]) <= ROLES, f"{slug}: roles")
    demo.check(person["language"] in LANGUAGES and bool(ZoneInfo(person["time_zone"])), f"{slug}: language or zone")


def check_places(demo: Demo) -> None:
    for slug, topic in demo.topics.items():
        parent = demo.topic_parent[slug]
        demo.both(slug, topic, "path", "title", "intro")
        demo.check(topic["team"] in demo.teams, f"topic {slug}: team does not exist")
        demo.audience(f"topic {slug}", topic["audience"], parent["audience"] if parent else None)
        demo.check(topic["icon"] in icons(), f"topic {slug}: no icon {topic['icon']}")
    tops = [topic for slug, topic in demo.topics.items() if demo.topic_parent[slug] is None]
    demo.check(len(tops) == 4 and all(3 <= len(topic["topics"]) <= 5 for topic in tops), "topics: shape of the tree")
    for slug, space in demo.spaces.items():
        demo.both(slug, space, "path", "title", "intro")
        demo.audience(f"space {slug}", space["audience"])
        demo.check(space["team"] in demo.teams, f"space {slug}: team does not exist")
        demo.check(space["topic"] is None or space["topic"] in demo.topics, f"space {slug}: topic does not exist")


def check_texts(demo: Demo) -> Counter:
    counts: Counter = Counter()
    homes: dict[str, str] = {}
    titles: Counter = Counter()
    for path in sorted([*demo.root.glob("faqs/*/*"), *demo.root.glob("articles/*/*")]):
        where, kind, topic = str(path.relative_to(demo.root)), path.parts[-3], path.parts[-2]
        slug, lang, _ = path.name.split(".")
        front, body = read_text(path)
        counts[f"{kind}.{lang}"] += 1
        counts[f"{kind}.{lang}.{topic.split('-')[0]}"] += 1
        titles[front["title"].lower(), lang] += 1
        demo.check(homes.setdefault(slug, f"{kind}/{topic}") == f"{kind}/{topic}", f"{where}: slug used elsewhere")
        demo.check((front["topic"], front["lang"]) == (topic, lang), f"{where}: topic or lang against its path")
        demo.check(front.get("translation_of") == (slug if lang == "en" else None), f"{where}: translation_of")
        demo.check(path.with_name(f"{slug}.nl.md").exists(), f"{where}: no Dutch original")
        if topic in demo.topics and demo.topic_parent[topic]:
            demo.audience(where, front["audience"], demo.topics[topic]["audience"])
        else:
            demo.check(False, f"{where}: topic does not exist")
        demo.reads(where, front["owner"], front["audience"])
        demo.check(front["verified_by"] in demo.teams, f"{where}: verified_by")
        demo.check(isinstance(front["updated_days_ago"], int) and front["updated_days_ago"] >= 0, f"{where}: days")
        demo.check(language_of(body) == lang, f"{where}: not in {lang}")
        low, high = WORDS[kind]
        demo.check(low <= len(body.split()) <= high, f"{where}: {len(body.split())} words")
        demo.check(not re.search(r"^# ", body, re.M), f"{where}: a heading of level one")
        demo.check(kind == "faqs" or (bool(front.get("summary")) and body.count("\n## ") > 2), f"{where}: no article")
    demo.check(max(titles.values()) == 1, f"titles: {titles.most_common(1)}")
    return counts


def check_questions(demo: Demo) -> Counter:
    counts: Counter = Counter()
    for path in sorted((demo.root / "questions").iterdir()):
        question, where = load(path), f"questions/{path.stem}"
        counts[f"questions.{question['lang']}"] += 1
        space = demo.spaces.get(question["space"])
        demo.check(space is not None, f"{where}: space does not exist")
        keys = space["audience"] if space else ["public"]
        answers = question["answers"]
        voters = [person for answer in answers for person in answer["votes"]]
        authors = [answer["author"] for answer in answers]
        for person in {question["asker"], *question["followers"], *voters, *authors}:
            demo.reads(where, person, keys)
        demo.check(question["topic"] is None or question["topic"] in demo.topics, f"{where}: topic does not exist")
        demo.check(language_of(question["title"] + " " + question["body"]) == question["lang"], f"{where}: language")
        accepted = [answer for answer in answers if answer["accepted"]]
        demo.check(len(accepted) <= 1, f"{where}: {len(accepted)} accepted answers")
        for answer in answers:
            demo.check(0 <= answer["days_ago"] < question["created_days_ago"], f"{where}: answered before asked")
            demo.check(answer["author"] not in answer["votes"], f"{where}: votes for themself")
            demo.check(len(set(answer["votes"])) == len(answer["votes"]), f"{where}: votes twice")
        counts["answered"] += bool(answers)
        counts["open"] += not accepted
    return counts


def check_conversations(demo: Demo) -> None:
    rows = demo.by_slug("conversations", load(demo.root / "conversations.yaml")["conversations"])
    for slug, row in rows.items():
        where, minutes = f"conversation {slug}", [turn["minutes"] for turn in row["turns"]]
        who = {turn["who"] for turn in row["turns"]}
        demo.check(row["team"] in demo.teams, f"{where}: team does not exist")
        demo.check(row["customer"] == "anonymous" or row["customer"] in demo.people, f"{where}: customer")
        demo.check(row["topic"] is None or row["topic"] in demo.topics, f"{where}: topic does not exist")
        demo.check(row["status"] in ("waiting", "active", "closed"), f"{where}: status")
        demo.check((row["agent"] is None) == (row["status"] == "waiting"), f"{where}: agent against status")
        demo.check(who <= {"customer", row["agent"]} and minutes == sorted(minutes), f"{where}: turns")
        demo.check(minutes[-1] <= row["started_minutes_ago"], f"{where}: runs into the future")
        if row["agent"]:
            agent = demo.people.get(row["agent"], {"roles": [], "teams": []})
            demo.check("agent" in agent["roles"] and row["team"] in agent["teams"], f"{where}: agent of another team")
        for name, turns in row.get("capture", {}).items():
            customers = [row["turns"][n]["who"] == "customer" for n in turns if n < len(row["turns"])]
            demo.check(customers == [name == "question"] * len(turns), f"{where}: capture {name}")
    states = Counter(row["status"] for row in rows.values())
    demo.check(len(rows) >= 8 and len(states) == 3, f"conversations: {dict(states)}")
    demo.check(sum("capture" in row for row in rows.values()) >= 3, "conversations: too few worth an FAQ")


def check_everything_written(demo: Demo) -> None:
    for path in sorted(demo.root.rglob("*.*")):
        text, where = path.read_text(encoding="utf-8"), path.relative_to(demo.root)
        if found := LEFT_OUT.search(text):
            demo.check(False, f"{where}: {found[0]} is left out on purpose")
        for name, (pattern, right) in FACTS.items():
            wrong = set(pattern.findall(text)) - right
            demo.check(not wrong, f"{where}: {name} {wrong}")


def problems(root: Path) -> list[str]:
    """Everything that is off in a demo folder, as sentences; empty when it is sound."""
    demo = Demo(root)
    check_people(demo)
    check_places(demo)
    counts = check_texts(demo) + check_questions(demo)
    for what, least in AT_LEAST.items():
        demo.check(counts[what] >= least, f"{what}: only {counts[what]}")
    per_discipline = [counts[f"faqs.nl.{name}"] for name in ("hr", "fin", "ict", "fac")]
    demo.check(max(per_discipline) - min(per_discipline) <= 4, f"faqs over the disciplines: {per_discipline}")
    demo.check(counts["answered"] >= 25 and counts["open"] >= 3, "questions: answered or open")
    check_conversations(demo)
    searches = load(root / "searches.yaml")["searches"]
    demo.check(len(searches) >= 20, f"searches: {len(searches)}")
    for row in searches:
        demo.check(row["topic"] in {None, *demo.topics} and row["lang"] in LANGUAGES, f"search {row['query']}")
    for row in load(root / "searches.yaml")["in_vain"]:
        demo.check(row["lang"] in LANGUAGES and row["times"] > 0, f"search {row['query']}")
    check_everything_written(demo)
    return demo.said
