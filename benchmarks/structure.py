"""Measure the structure of a checkout: `python benchmarks/structure.py [ROOT]` prints one figure a line.

Reads source alone, so that any commit can be measured with the script of another.
"""

import ast
import re
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.import_graph import RANK, Graph, import_graph, modules_of, subpackages  # noqa: E402  # run as a script

MUTABLE = {"dict", "list", "set", "defaultdict", "deque", "OrderedDict", "Counter"}
CACHES = {"lru_cache", "cache"}


def largest_cycle(graph: Graph) -> int:
    """Return the number of nodes in the largest set of which each imports every other, by whatever way; 0 for none."""
    reached = {node: reachable(graph, node) for node in graph}
    return max((sum(node in reached[other] for other in reached[node]) for node in graph), default=0)


def reachable(graph: Graph, start: str) -> set[str]:
    """Return the nodes that one imports, by whatever way; itself only if a cycle leads back to it."""
    found: set[str] = set()
    queue = [start]
    while queue:
        new = graph[queue.pop()] - found
        found |= new
        queue += new
    return found


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
    paths = {name: path for package in RANK for name, path in modules_of(package, root).items()}
    texts = {name: path.read_text() for name, path in paths.items()}
    trees = {name: ast.parse(text) for name, text in texts.items()}
    graphs = [import_graph(package, root) for package in RANK]
    lengths = sorted(text.count("\n") for text in texts.values() if text.strip())
    functions = [
        (node.end_lineno or 0) - node.lineno + 1
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    code = "\n".join(texts.values())
    lines = {p: sum(t.count("\n") for n, t in texts.items() if n.split(".")[0] == p) for p in RANK}
    return {
        **{f"lines of {package}": count for package, count in lines.items() if count},
        "modules": len(lengths),
        "module lines, median / p90 / most": f"{statistics.median(lengths):.0f} / "
        f"{lengths[int(0.9 * len(lengths))]} / {lengths[-1]}",
        "functions over 40 lines": sum(length > 40 for length in functions),
        "modules in the largest import cycle": max(map(largest_cycle, graphs)),
        "parts of packages in the largest import cycle": max(largest_cycle(subpackages(graph)) for graph in graphs),
        "Any": sum(len(re.findall(r"\bAny\b", line)) for line in code.split("\n") if "import" not in line),
        "type: ignore": code.count("# type: ignore"),
        "noqa": code.count("# noqa"),
        "state at the top of modules": sum(state(tree) for tree in trees.values()),
    }


if __name__ == "__main__":
    for name, figure in measure(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()).items():
        print(f"{name:<48} {figure}")
