"""The table of results, in Markdown, written anew after each experiment: over all seeds, then each run by itself."""

from itertools import groupby
from pathlib import Path

from tests.faults.experiments import BY_NAME
from tests.faults.trial import Result

HEAD = (
    "| experiment | before | seeds | acknowledged | lost | doubled | acknowledged during, p95 | served again, p95 "
    "| worst status | kept |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
)


class Table:
    """Rows in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.results: list[Result] = []

    def add(self, result: Result) -> None:
        """One more run."""
        self.results.append(result)
        together = sorted(self.results, key=lambda each: [*BY_NAME].index(each.experiment))
        groups = [list(group) for _, group in groupby(together, key=lambda each: each.experiment)]
        each = [f"- {one.experiment}, seed {one.seed}: {wrong(one)}\n" for one in together if one.wrong]
        self.path.write_text(HEAD + "".join(map(line, groups)) + "\n" + "".join(each))


def line(results: list[Result]) -> str:
    """One experiment, with the worst of its seeds."""
    experiment = BY_NAME[results[0].experiment]
    kept = sum(not result.wrong for result in results)
    figures = (
        experiment.says, experiment.before or "not tried", len(results), sum(r.acknowledged for r in results),
        sum(r.count("lost") for r in results), sum(r.count("doubled") for r in results),
        f"{max(r.during for r in results):.2f} s", f"{max(r.again for r in results):.2f} s",
        max(r.worst for r in results), "yes" if kept == len(results) else f"{kept} of {len(results)}",
    )  # fmt: skip
    return f"| {' | '.join(map(str, figures))} |\n"


def wrong(result: Result) -> str:
    """What was wrong with a run, shortened."""
    return "; ".join(dict.fromkeys(f"{each.kind}: {each.text[:140]}" for each in result.wrong))
