"""The packages stand on one line; every arrow between them points left."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RANK = {
    "web": 0,
    "markup": 1,
    "search": 2,
    "accounts": 3,
    "live": 4,
    "files": 5,
    "notifications": 6,
    "moderation": 7,
    "assist": 8,
    "kb": 9,
    "discovery": 10,
    "cases": 11,
    "community": 12,
    "chat": 12,
    "news": 12,
    "insight": 13,
    "api": 14,
    "config": 15,
}
FORBIDDEN_NAMES = {"core", "utils", "base", "selectors"}
# Strings that name a model or module of ours: "kb.Faq" as a foreign key, ("kb", "0001_initial") in a migration.
MODEL_NAME = re.compile(r"([a-z]+)\.[A-Z]\w+")
RELATIONS = {
    "ForeignKey",
    "OneToOneField",
    "ManyToManyField",
    "ParentalKey",
    "ParentalManyToManyField",
    "AudienceField",
}


def modules() -> list[Path]:
    """Every module of every package."""
    return sorted(p for package in RANK for p in (ROOT / package).rglob("*.py"))


def names_in(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The packages that a module names in imports, relations, get_model, import_module and migration dependencies."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0], node.lineno
        elif isinstance(node, ast.Call):
            yield from _named_in_call(node)
        elif isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "dependencies" for t in node.targets
        ):
            for item in ast.walk(node.value):
                if isinstance(item, ast.Tuple) and item.elts and isinstance(item.elts[0], ast.Constant):
                    yield str(item.elts[0].value), node.lineno


def _named_in_call(node: ast.Call) -> Iterator[tuple[str, int]]:
    function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    texts = [a.value for a in [*node.args, *(k.value for k in node.keywords)] if isinstance(a, ast.Constant)]
    strings = [t for t in texts if isinstance(t, str)]
    if function in RELATIONS:
        yield from ((m[1], node.lineno) for t in strings if (m := MODEL_NAME.fullmatch(t)))
    elif function in {"get_model", "import_module", "get_app_config"} and strings:
        yield strings[0].partition(".")[0], node.lineno


def test_imports_point_left() -> None:
    wrong, read = [], 0
    for path in modules():
        package = path.relative_to(ROOT).parts[0]
        for name, line in names_in(ast.parse(path.read_text())):
            read += name in RANK
            if name in RANK and name != package and RANK[name] >= RANK[package]:
                wrong.append(f"{path.relative_to(ROOT)}:{line} names {name}")
    assert not wrong, "\n".join(wrong)
    assert read > 500, "arrows are no longer read"


def test_the_reader_sees_every_kind_of_arrow() -> None:
    source = """
import kb
def f():
    from chat import models
class Migration:
    dependencies = [("community", "0001_initial")]
x = models.ForeignKey("cases.Case", on_delete=1)
y = apps.get_model("insight.Figure")
z = import_module("api.views")
"""
    assert {name for name, _line in names_in(ast.parse(source))} >= {
        "kb", "chat", "community", "cases", "insight", "api",
    }  # fmt: skip


def test_no_junk_drawers() -> None:
    found = [p for p in modules() if p.stem in FORBIDDEN_NAMES or p.parent.name in FORBIDDEN_NAMES]
    assert found == [ROOT / "web" / "postgresql" / "base.py"], "Django looks for a database backend under this name"
