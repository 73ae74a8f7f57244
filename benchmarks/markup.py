"""Shows that cleaning takes time in proportion to length: CPU per doubling for every hostile input.

    python benchmarks/markup.py            every input, 64 KB to 1,024 KB (about an hour of CPU)
    python benchmarks/markup.py --quick    64 KB to 256 KB
    python benchmarks/markup.py --longest  what people may send at most: 20,000 characters, at most .2 s each

Each input of tests/markup/hostile/ is repeated to the size and given, beneath the length limit, to
the Markdown renderer, the HTML cleaner and the finder of personal data. A ratio near the limit is
measured again, best of three. Prints the worst ratios and ends with 1 if any is over 2.5.
"""

import argparse
import gc
import multiprocessing
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Run as a file, this folder comes first on the path and would hide the package of the same name.
sys.path[0] = str(ROOT)

from django.conf import settings  # noqa: E402 - after the path

if not settings.configured:
    settings.configure(USE_I18N=False)

from markup import clean, personal_data, text  # noqa: E402 - after settings
from tests.markup.corpus import inputs  # noqa: E402 - after the path
from tests.markup.test_steps import PIECES  # noqa: E402 - after the path

LIMIT = 2.5
SUSPECT = 2.2
LONGEST = 0.2  # seconds of CPU for what people may send at most
# A clock is good for more than this many seconds; what is shorter runs several times.
SHORTEST = 0.02


def measured() -> dict[str, Callable[[str], object]]:
    return {
        "render": lambda source: text.render(source, max_length=sys.maxsize),
        "clean_html": clean.clean_html,
        "plain": text.plain,
        "personal": lambda source: personal_data.find(source, names=["Sanne de Vries"]),
    }


def cpu(function: Callable[[str], object], source: str) -> float:
    gc.collect()
    times = 0
    start = time.process_time()
    while (taken := time.process_time() - start) < SHORTEST:
        function(source)
        times += 1
    return taken / times


def doublings(label: str, source: str, sizes: list[int]) -> tuple[float, list[float]]:
    """Return the worst ratio between one size and half of it, and the seconds at each size."""
    function = measured()[label]
    texts = [(source * (size // len(source) + 1))[:size] for size in sizes]
    seconds = [cpu(function, text) for text in texts]
    for _ in range(2):
        for half in range(len(sizes) - 1):
            if seconds[half + 1] / seconds[half] > SUSPECT:
                # Other processes disturb the caches: only what shows three times is the code's.
                seconds[half] = min(seconds[half], cpu(function, texts[half]))
                seconds[half + 1] = min(seconds[half + 1], cpu(function, texts[half + 1]))
    return max(ratio(pair) for pair in zip(seconds, seconds[1:], strict=False)), seconds


def ratio(pair: tuple[float, float]) -> float:
    return pair[1] / pair[0]


def series(job: tuple[str, str, str, list[int]]) -> tuple[float, str, str, list[float]]:
    label, name, source, sizes = job
    worst, seconds = doublings(label, source, sizes)
    if worst > LIMIT:
        print(f"over {LIMIT}: {worst:.2f} {label} {name}", file=sys.stderr, flush=True)
    return worst, label, name, seconds


def longest() -> int:
    """CPU of rendering the most that people may send, of every input and of pieces repeated to that length."""
    texts = inputs() | {repr(piece): piece for piece in PIECES}
    texts = {name: (text_ * (text.MAX_LENGTH // len(text_) + 1))[: text.MAX_LENGTH] for name, text_ in texts.items()}
    rows = sorted(((min(cpu(text.render, t) for _ in range(2)), name) for name, t in texts.items()), reverse=True)
    for seconds, name in rows[:8]:
        print(f"{seconds:.3f} s  {name}")
    print(f"{len(rows)} inputs of {text.MAX_LENGTH:,} characters, at most {rows[0][0]:.3f} s of CPU")
    return 1 if rows[0][0] > LONGEST else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="stop at 256 KB")
    parser.add_argument("--longest", action="store_true", help="only 20,000 characters, without doubling")
    parser.add_argument("--only", default="", help="inputs whose name begins so, such as slow-0")
    parser.add_argument("--top", type=int, default=15, help="how many rows to print")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes measure at once")
    arguments = parser.parse_args()
    if arguments.longest:
        return longest()
    sizes = [kilobytes * 1024 for kilobytes in ([64, 128, 256] if arguments.quick else [64, 128, 256, 512, 1024])]
    corpus = {name: source for name, source in inputs().items() if name.startswith(arguments.only)}
    if not corpus:
        parser.error(f"no input is called {arguments.only}…")
    jobs = [(label, name, source, sizes) for name, source in corpus.items() for label in measured()]
    with multiprocessing.Pool(arguments.jobs) as pool:
        rows = list(pool.imap_unordered(series, jobs, chunksize=4))
    rows.sort(reverse=True)
    print(f"{'ratio':>5}  {'function':<10} {'input':<14} CPU seconds at {', '.join(f'{s // 1024} KB' for s in sizes)}")
    for ratio, label, name, seconds in rows[: arguments.top]:
        print(f"{ratio:5.2f}  {label:<10} {name:<14} {'  '.join(f'{second:.3f}' for second in seconds)}")
    slowest = max(rows, key=lambda row: row[3][-1])
    print(f"slowest: {slowest[1]} {slowest[2]}, {slowest[3][-1]:.2f} s for {sizes[-1] // 1024} KB")
    over = sum(row[0] > LIMIT for row in rows)
    print(f"{len(corpus)} inputs, {len(rows)} series, worst {rows[0][0]:.2f} per doubling, {over} over {LIMIT}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
