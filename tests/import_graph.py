"""The line of packages, and who imports whom inside a package: for tests and for `benchmarks/structure.py`."""

import ast
from collections import deque
from collections.abc import Iterator, Mapping
from functools import cache
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
Graph = Mapping[str, set[str]]


@cache
def import_graph(package: str, root: Path = ROOT) -> dict[str, set[str]]:
    """The modules of a package, migrations aside, and for each of them the modules of that package that it imports.

    Imports inside functions and under TYPE_CHECKING count. That Python imports the parents of a module does not.
    """
    known = modules_of(package, root)
    return {
        name: set(imported(ast.parse(path.read_text()), name, path.name == "__init__.py", known)) - {name}
        for name, path in known.items()
    }


def modules_of(package: str, root: Path = ROOT) -> dict[str, Path]:
    """The modules of a package by name, migrations aside."""
    paths = sorted(path for path in (root / package).rglob("*.py") if "migrations" not in path.parts)
    return {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def imported(tree: ast.AST, name: str, is_package: bool, known: Mapping[str, Path]) -> Iterator[str]:
    """The modules among `known` that a module imports: in any block, absolute or relative, by import_module too."""
    for node in ast.walk(tree):
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = name.split(".")
            above = parts[: len(parts) - node.level + is_package] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            found = [each if (each := f"{base}.{alias.name}") in known else base for alias in node.names]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "import_module":
            found = [a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        yield from (each for each in found if each in known)


def subpackages(graph: Graph) -> dict[str, set[str]]:
    """The same for the direct children of a package: subpackages as a whole, and modules that are in none."""
    children: dict[str, set[str]] = {}
    for name, targets in graph.items():
        here = children.setdefault(child(name), set())
        here.update(child(target) for target in targets)
        here.discard(child(name))
    return children


def child(name: str) -> str:
    """`search.engines` of `search.engines.elastic.bulk`."""
    return ".".join(name.split(".")[:2])


def path_between(graph: Graph, start: str, end: str) -> list[str]:
    """The shortest path of imports from a module to another, or back to itself; [] when there is none."""
    queue, before = deque([start]), dict[str, str]()
    while queue:
        here = queue.popleft()
        for target in sorted(graph[here]):
            if target == end:
                path = [end]
                while here != start:
                    path.append(here)
                    here = before[here]
                return [start, *reversed(path)]
            if target not in before:
                before[target] = here
                queue.append(target)
    return []


def cycles(graph: Graph) -> list[str]:
    """One shortest cycle of each module that is in one, as a path; the same cycle is there once."""
    found: dict[frozenset[str], list[str]] = {}
    for name in sorted(graph):
        if path := path_between(graph, name, name):
            found.setdefault(frozenset(path), path)
    return [" → ".join(path) for path in found.values()]
