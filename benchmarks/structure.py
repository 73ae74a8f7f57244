"""Measure the structure of a checkout: `python benchmarks/structure.py [ROOT]` prints one figure a line.

Reads source alone, so that any commit can be measured with the script of another.
"""

import ast
import re
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGES = (
    "web markup search accounts live files notifications moderation assist kb discovery cases community chat news "
    "insight api config"
).split()
MUTABLE = {"dict", "list", "set", "defaultdict", "deque", "OrderedDict", "Counter"}
CACHES = {"lru_cache", "cache"}
Graph = dict[str, set[str]]


def modules(root: Path) -> dict[str, Path]:
    """Return the path of every module by name, migrations left out."""
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(root).with_suffix("").parts)
                found[name.removesuffix(".__init__")] = path
    return found


def imports(tree: ast.AST, known: set[str]) -> Iterator[str]:
    """Yield the known modules that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if name in known or node.module in known:
                    yield name if name in known else node.module


def largest_cycle(graph: Graph) -> int:
    """Return the size of the largest strongly connected component with more than one node, else 0 (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    sizes = [0]

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            size = 1
            while stack.pop() != node:
                size += 1
            sizes.append(size if size > 1 else 0)

    sys.setrecursionlimit(10_000)
    for node in graph:
        if node not in index:
            visit(node)
    return max(sizes)


def state(tree: ast.Module) -> int:
    """Return how many names at the top of a module hold what changes: lower-case containers, `global`s, caches."""
    count = len({name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names})
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = [target.id for target in targets if isinstance(target, ast.Name)]
            container = isinstance(node.value, ast.Dict | ast.List | ast.Set) or (
                isinstance(node.value, ast.Call) and called(node.value.func) in MUTABLE
            )
            count += sum(container and name not in {"urlpatterns", "__all__"} and name.islower() for name in named)
        elif isinstance(node, ast.FunctionDef):
            count += sum(called(each) in CACHES for each in node.decorator_list)
    return count


def called(node: ast.expr) -> str:
    """Return the last name of what is called: "lru_cache" of `functools.lru_cache(maxsize=1)`."""
    if isinstance(node, ast.Call | ast.Subscript):
        return called(node.func if isinstance(node, ast.Call) else node.value)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def measure(root: Path) -> dict[str, object]:
    """Return all figures by name."""
    paths = modules(root)
    texts = {name: path.read_text() for name, path in paths.items()}
    trees = {name: ast.parse(text) for name, text in texts.items()}
    graph = {name: set(imports(tree, set(paths))) - {name} for name, tree in trees.items()}
    parts: Graph = {}
    for name, others in graph.items():
        own = ".".join(name.split(".")[:2])
        inside = {".".join(o.split(".")[:2]) for o in others if o.split(".")[0] == own.split(".")[0]}
        parts.setdefault(own, set()).update(inside - {own, own.split(".")[0]})
    parts |= {each: set() for others in list(parts.values()) for each in others if each not in parts}
    lengths = sorted(text.count("\n") for text in texts.values() if text.strip())
    functions = [
        (node.end_lineno or 0) - node.lineno + 1
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    code = "\n".join(texts.values())
    lines = {p: sum(t.count("\n") for n, t in texts.items() if n.split(".")[0] == p) for p in PACKAGES}
    return {
        **{f"lines of {package}": count for package, count in lines.items() if count},
        "modules": len(lengths),
        "module lines, median / p90 / most": f"{statistics.median(lengths):.0f} / "
        f"{lengths[int(0.9 * len(lengths))]} / {lengths[-1]}",
        "functions over 40 lines": sum(length > 40 for length in functions),
        "modules in the largest import cycle": largest_cycle(graph),
        "parts of packages in the largest import cycle": largest_cycle(parts),
        "Any": sum(len(re.findall(r"\bAny\b", line)) for line in code.split("\n") if "import" not in line),
        "type: ignore": code.count("# type: ignore"),
        "noqa": code.count("# noqa"),
        "state at the top of modules": sum(state(tree) for tree in trees.values()),
    }


if __name__ == "__main__":
    for name, figure in measure(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()).items():
        print(f"{name:<48} {figure}")
