"""How fast search is, beside the bare engine and beside an empty page, in one run that ends by itself.

    python benchmarks/search.py                      # 50,000 documents, growth to 200,000, both engines
    python benchmarks/search.py --documents 2000 --growth "" --engines embedded --quick

Works on PostgreSQL, Redis and Elasticsearch when DATABASE_URL, REDIS_URL and ELASTICSEARCH_URL are set, under names of
its own that it removes; else on SQLite and tantivy in a folder of its own. Prints a table for each part; `--json FILE`
keeps the figures. Ratios are taken by turns within the run, so that other work on the machine weighs on both sides.
"""

import argparse
import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # in place of this folder, in which search.py would hide the package
os.environ["PYTHONPATH"] = str(ROOT)

from benchmarks import content, filling, freshness, measures, rig  # noqa: E402


def show(title: str, figures: dict[str, Any]) -> None:
    """One part, a figure a line."""
    print(f"\n== {title}")
    for name, value in figures.items():
        print(f"{name:<28} {value:.2f}" if isinstance(value, float) else f"{name:<28} {value}")
    sys.stdout.flush()


def machine() -> str:
    """What it ran on."""
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    name = model[0].partition(":")[2].strip() if model else "unknown"
    return f"{os.cpu_count()} cores, {name}; load {os.getloadavg()[0]:.1f} at the start"


def one(engine: str, size: int, wsgi: rig.Wsgi, options: argparse.Namespace, main: bool) -> dict[str, Any]:
    """Every part on one engine at one size; connections, freshness and backlog at the main size alone."""
    from search import embeddings
    from search.indexing import indexer

    live, quick, times, found = rig.use(engine), options.quick, options.times, {}
    title = f"{engine}, {size:,} documents"

    def part(name: str, figures: dict[str, Any]) -> None:
        found[name] = figures
        show(f"{title}: {name}", figures)

    try:
        building = rig.Times()
        done = rig.timed(building, lambda: indexer.rebuild(live))
        whole, load = building.wall[0], os.getloadavg()[0]
        part("build", {"documents": done, "seconds": whole, "CPU seconds": building.cpu[0], "load": load})
        part("size", filling.size(live))
        if "rebuild" in options.parts:
            part("rebuild", filling.rebuild(live, min(size, 8_000), done, whole))
        if "pages" in options.parts:
            if embeddings.provider():
                part("pages", measures.pages(wsgi, live, times))
            with rig.by_words_alone():
                part("pages, by words alone", measures.pages(wsgi, live, times))
        if "suggestions" in options.parts:
            part("suggestions", measures.suggestions(wsgi, live, times))
        if main and "connections" in options.parts and engine == "elastic":
            part("connections: p50, p95, answers", measures.connections(wsgi, (1, 4, 16), 1.5 if quick else 6))
        if main and "freshness" in options.parts:
            part("freshness, seconds", freshness.freshness(live, 4 if quick else 30))
        if main and "backlog" in options.parts:
            part("backlog, seconds", freshness.backlog(live, 2_000 if quick else 100_000))
    finally:
        live.drop()
        live.close()
    return found


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    engines = ["elastic", "embedded"] if os.environ.get("ELASTICSEARCH_URL") else ["embedded"]
    parser.add_argument("--documents", type=int, default=50_000)
    parser.add_argument(
        "--growth", default="5000,200000", help="further sizes, without connections, freshness and backlog"
    )
    parser.add_argument("--engines", type=lambda text: text.split(","), default=engines)
    parser.add_argument("--parts", default="rebuild,pages,suggestions,connections,freshness,backlog")
    parser.add_argument("--times", type=int, default=150, help="pages and suggestions of each sort")
    parser.add_argument("--quick", action="store_true", help="few repetitions: whether it runs, not how fast")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    options.times = 5 if options.quick else options.times
    sizes = sorted({options.documents, *(int(size) for size in options.growth.split(",") if size)})
    for number in (signal.SIGTERM, signal.SIGINT):  # end in order: what was made is removed
        signal.signal(number, lambda *_: sys.exit("stopped"))
    result: dict[str, Any] = {"machine": machine(), "began": datetime.now(UTC).isoformat(timespec="seconds")}
    print(f"{result['began']}  {result['machine']}")
    with rig.installation():
        people = content.People()
        rows, wsgi = content.Rows(people), rig.Wsgi(people.cookie())
        for size in sizes:
            rows.grow(size)
            result[f"vectors {size}"] = {"seconds for one document": content.embed()}
            for engine in options.engines:
                result[f"{engine} {size}"] = one(engine, size, wsgi, options, size == options.documents)
                if options.json:
                    options.json.write_text(json.dumps(result, indent=1) + "\n")
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
