"""A small part of the demo, in a folder of its own, as `load_demo` reads it."""

import shutil
from pathlib import Path
from typing import Any

import yaml

DEMO = Path(__file__).resolve().parents[2] / "demo"
TEXTS = (
    "hr-pay/salarisspecificatie-bekijken", "ict-access/wachtwoord-vergeten", "hr-leave/vakantiedagen-aanvragen",
    "fin-invoices/wanneer-wordt-factuur-betaald",
)  # fmt: skip
ARTICLES = ("ict-access/wachtwoorden-en-de-sleutel-app", "hr-leave/alle-soorten-verlof-op-een-rij")
QUESTIONS = (
    "halve-dag-thuis-invullen", "twee-schermen-een-blijft-zwart", "kan-ik-in-twee-delen-factureren",
    "maandagochtend-wachttijd-hr", "sleutel-number-not-on-screen",
)  # fmt: skip
CONVERSATIONS = (
    "finbrug-op-een-tablet", "my-screen-is-upside-down", "mailbox-van-project-vol", "does-de-brug-pay-by-card",
)  # fmt: skip
SEARCHES = ("wachtwoord vergeten", "salarisspecificatie downloaden")
IN_VAIN = ("stagevergoeding hoogte", "stage vergoeding hoogte", "wachtwoord kwijt", "weersverwachting")


def make(folder: Path) -> None:
    """Write the part into `folder`/demo."""
    root = folder / "demo"
    for path in (*DEMO.glob("*.yaml"), *_texts()):
        target = root / path.relative_to(DEMO)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    _keep(root / "conversations.yaml", "conversations", "slug", CONVERSATIONS)
    _keep(root / "searches.yaml", "searches", "query", SEARCHES)
    _keep(root / "searches.yaml", "in_vain", "query", IN_VAIN)


def _texts() -> list[Path]:
    found = [path for name in TEXTS for path in DEMO.glob(f"faqs/{name}.*.md")]
    found += [path for name in ARTICLES for path in DEMO.glob(f"articles/{name}.*.md")]
    return found + [DEMO / "questions" / f"{name}.yaml" for name in QUESTIONS]


def _keep(path: Path, rows: str, name: str, wanted: tuple[str, ...]) -> None:
    data: dict[str, Any] = yaml.safe_load(path.read_text())
    data[rows] = [row for row in data[rows] if row[name] in wanted]
    path.write_text(yaml.safe_dump(data, allow_unicode=True))
