"""Measure search quality on judged data."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from search import embeddings
from search.engines import EngineError
from search.evaluation import effectiveness, regression
from search.language import LANGUAGES


class Command(BaseCommand):
    """`evaluate_search DIR…`: see docs/search.md."""

    help = (
        "Index each DIR's docs.jsonl in a scratch index, run its queries.jsonl, and compare with its qrels.tsv: "
        "nDCG@10, MRR@10, recall@10, beside plain Elasticsearch if there is one."
    )
    requires_system_checks: list[str] = []
    CHANGING = ("lexical", "crossing")  # options that change the figures

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
        default = "elastic" if settings.ELASTICSEARCH_URL else "embedded"
        parser.add_argument("--engine", choices=["elastic", "embedded"], default=default)
        parser.add_argument("--lexical", action="store_true", help="by words alone, without embeddings")
        parser.add_argument(
            "--crossing",
            action="store_true",
            help="run each language's queries without that language's documents",
        )
        parser.add_argument("--run", type=Path, metavar="FILE", help="write a TREC run file (one DIR only)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--no-baseline", action="store_true", help="without plain Elasticsearch")
        parser.add_argument("--record", type=Path, metavar="FILE", help="record the figures in FILE")
        parser.add_argument("--check", type=Path, metavar="FILE", help="fail when a figure is below the one in FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        folders: list[Path] = options["folders"]
        self.people = self.stderr if options["json"] else self.stdout
        if options["run"] and len(folders) > 1:
            raise CommandError("--run takes one DIR only")
        if options["engine"] == "elastic" and not settings.ELASTICSEARCH_URL:
            raise CommandError("set ELASTICSEARCH_URL, or use --engine embedded")
        evaluations = []
        baseline = self.baseline if settings.ELASTICSEARCH_URL and not options["no_baseline"] else None
        self.line(f"{'set':<16}{'queries':>8}{'nDCG@10':>9}{'MRR@10':>9}{'rec@10':>9}   plain Elasticsearch (same)")
        provider = None if options["lexical"] else embeddings.provider()
        for folder in folders:
            try:
                data = effectiveness.load(folder)
                ways = [effectiveness.crossing(data, each) for each in LANGUAGES] if options["crossing"] else [data]
                for way in ways:
                    one = effectiveness.evaluate(way, options["engine"], baseline, provider)
                    evaluations.append(one)
                    self.row(one.name, one.figures, one.baseline)
            except (OSError, ValueError, KeyError, EngineError) as error:
                raise CommandError(f"{folder}: {type(error).__name__}: {error}") from error
        plain = [e.baseline for e in evaluations if e.baseline]
        macro = effectiveness.mean([e.figures for e in evaluations])
        self.row("macro mean", macro, effectiveness.mean(plain) if plain else None)
        if options["run"]:
            effectiveness.write_run(options["run"], evaluations[0].run, f"vraagbaak-{options['engine']}")
        found = effectiveness.as_json(options["engine"], options["lexical"], evaluations)
        if options["json"]:
            self.stdout.write(json.dumps(found))
        self.hold(found, options)

    def hold(self, found: dict[str, Any], options: dict[str, Any]) -> None:
        """Compare with recorded figures, or record them, under a name for these options."""
        name = " ".join([options["engine"], *(flag for flag in self.CHANGING if options.get(flag))])
        try:
            worse = regression.check(options["check"], name, found) if options["check"] else []
            if options["record"]:
                regression.record(options["record"], name, found)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        if worse:
            raise CommandError("Worse than recorded:\n  " + "\n  ".join(worse))

    def baseline(self, data: effectiveness.DataSet) -> effectiveness.Run:
        """Return the run of plain Elasticsearch."""
        from search.engines.elastic import plain_search

        return plain_search(settings.ELASTICSEARCH_URL, data.documents, data.queries, effectiveness.DEPTH)

    def row(
        self, name: str, figures: effectiveness.RetrievalScores, plain: effectiveness.RetrievalScores | None
    ) -> None:
        """Write one line of the table."""
        text = f"{name:<16}{figures.queries:>8}{figures.ndcg:>9.3f}{figures.mrr:>9.3f}{figures.recall:>9.3f}"
        if plain:
            text += f"   {plain.ndcg:.3f} {plain.mrr:.3f} {plain.recall:.3f}   ({figures.ndcg - plain.ndcg:+.3f})"
        self.line(text)

    def line(self, text: str) -> None:
        """Write a line to standard output, or with --json to standard error."""
        self.people.write(text, style_func=str)
