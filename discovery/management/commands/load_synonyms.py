"""Add the starter list of synonyms, or remove it again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from discovery.curation import actions, starter_synonyms
from search.language import LANGUAGES


class Command(BaseCommand):
    """`load_synonyms [--language nl] [--again] [--remove]`. Safe to repeat."""

    help = "Add the starter list of synonyms and abbreviations; what was changed or removed here stays so."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--language", action="append", choices=LANGUAGES, help="of one language only; repeatable")
        parser.add_argument("--again", action="store_true", help="also what was removed here before")
        parser.add_argument("--remove", action="store_true", help="remove the rows that are as the list gave them")

    def handle(self, *args: Any, **options: Any) -> None:
        languages = options["language"] or LANGUAGES
        if options["remove"]:
            self.stdout.write(f"{actions.remove_starter(by=None, languages=languages)} removed")
            return
        try:
            done = actions.add_starter(by=None, languages=languages, again=options["again"])
        except starter_synonyms.NoRoom as error:
            raise CommandError("There is no room for so many rows: choose one language, or remove others.") from error
        self.stdout.write(
            f"{len(done.new)} added, {len(done.there)} added before, {len(done.removed)} removed here before, "
            f"{len(done.covered)} covered by rows of this site's own"
        )
