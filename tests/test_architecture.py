"""Packages stand on one line and imports between them point left; inside a package nothing goes in a circle."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.import_graph import RANK, ROOT, child, cycles, import_graph, imported, path_between, subpackages

# What answers requests is above the models.
REQUEST_MODULES = ("django.forms", "django.http", "django.shortcuts", "django.template", "django.views")
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


PACKAGES = sorted(package for package in RANK if (ROOT / package).is_dir())


def reading_code(package: str) -> list[str]:
    """Paths from a package's models to what stands above them: to code that imports the models again, or that answers
    requests. Models import models, helpers that know neither, and packages to the left."""
    graph = import_graph(package)
    models = {name for name in graph if child(name) == f"{package}.models"}
    wrong = []
    for name in sorted(graph.keys() - models):
        reads = any(target in models for target in graph[name]) or answers_requests(name)
        path = next((found for model in sorted(models) if (found := path_between(graph, model, name))), [])
        if reads and path:
            wrong.append(" → ".join(path))
    return wrong


def answers_requests(name: str) -> bool:
    """True if a module imports forms, templates or HTTP."""
    path = ROOT.joinpath(*name.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and f"{node.module}.".startswith(_REQUEST_PREFIXES):
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "django" and _names(node) & _REQUEST_NAMES:
            return True
    return False


_REQUEST_PREFIXES = tuple(f"{module}." for module in REQUEST_MODULES)
_REQUEST_NAMES = {module.removeprefix("django.") for module in REQUEST_MODULES}


def _names(node: ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_inside_a_package_goes_in_a_circle(package: str) -> None:
    graph = import_graph(package)
    found = cycles(graph) or cycles(subpackages(graph))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("package", PACKAGES)
def test_models_import_no_reading_code(package: str) -> None:
    found = reading_code(package)
    assert not found, "\n".join(found)


def test_a_cycle_is_found_and_told_as_a_path() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == ["a → b → c → a"]
    assert cycles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
    modules = {"p.a.one": {"p.b"}, "p.b": {"p.a.two"}, "p.a.two": set()}
    assert cycles(modules) == []
    assert cycles(subpackages(modules)) == ["p.a → p.b → p.a"]


def test_lazy_relative_and_type_only_imports_count() -> None:
    source = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from p.a import one
def f():
    from p import b
    from . import c
    from .c import d
    import_module("p.e")
"""
    known = dict.fromkeys(("p.a", "p.a.one", "p.b", "p.c", "p.c.d", "p.e", "p.f"), ROOT)
    found = set(imported(ast.parse(source), "p.f", False, known))
    assert found == {"p.a.one", "p.b", "p.c", "p.c.d", "p.e"}
    assert len(import_graph("search")) > 50, "modules are no longer read"
