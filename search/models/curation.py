"""Rows of curators: synonyms, protected words, and recommended or demoted pages.

`discovery.curation.actions` changes them; every process notices a change by a token (`search.curation.snapshot`).
"""

import re
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from search.language.tokens import folded_words

MOST_TERMS = 20  # of one row
MOST_WORDS = 6  # of one term
LONGEST_TERM = 80  # characters
MOST_QUERIES = 50  # of one row
MOST_QUERY_WORDS = 20
LONGEST_QUERY = 200
MOST_ROWS = 4_000  # per model, since all of them are kept in memory

_BETWEEN = re.compile(r"[\n,;=]+")


def folded(term: str) -> str:
    """Return the folded words of a term with single spaces between them; "" if it has none."""
    return " ".join(folded_words(term))


def terms_of(text: str) -> list[str]:
    """Return the terms of a text as written: one per line, or between commas, semicolons or equals signs."""
    found = (" ".join(piece.split()) for piece in _BETWEEN.split(text.replace("\0", "")))
    return [term for term in found if term]


def _check_terms(
    terms: list[str], most: int = MOST_TERMS, longest: int = LONGEST_TERM, most_words: int = MOST_WORDS
) -> None:
    """Raise ValidationError with what is wrong with each term."""
    errors: list[Any] = []
    if len(terms) > most:
        errors.append(_("At most %(most)d, and these are %(count)d.") % {"most": most, "count": len(terms)})
    seen: set[str] = set()
    for term in terms[:most]:
        words = folded(term).split()
        if len(term) > longest:
            values = {"term": f"{term[:30]}…", "most": longest}
            errors.append(_("“%(term)s” is too long: at most %(most)d characters.") % values)
        elif not words:
            errors.append(_("“%(term)s” has no letter or digit to search for.") % {"term": term})
        elif len(words) > most_words:
            errors.append(_("“%(term)s” has more than %(most)d words.") % {"term": term, "most": most_words})
        elif " ".join(words) in seen:
            errors.append(_("“%(term)s” is there twice.") % {"term": term})
        seen.add(" ".join(words))
    if errors:
        raise ValidationError(errors)


class Curation(models.Model):
    """One row, whose token is renewed with each change of curation rows."""

    token = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.token


class CuratedRow(models.Model):
    """A row that curators edit."""

    note = models.CharField(_("note"), max_length=250, blank=True, help_text=_("For your colleagues: why it is here."))
    changed = models.DateTimeField(_("changed"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("changed by"),
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Refuse more rows than every process can keep in memory."""
        super().clean()
        if self.pk is None and type(self)._default_manager.count() >= MOST_ROWS:
            raise ValidationError(_("There are %(most)d already; remove some first.") % {"most": MOST_ROWS})


def language_field() -> "models.CharField[str, str]":
    """Return a field for Dutch, English, or both."""
    return models.CharField(
        _("language"),
        max_length=2,
        blank=True,
        choices=[("", _("Dutch and English")), ("nl", _("Dutch")), ("en", _("English"))],
        default="",
    )


class Synonym(CuratedRow):
    """Terms that find each other's documents. With `to`, a search for one of `terms` finds `to` as well."""

    class Origin(models.TextChoices):
        """Where a row came from."""

        OWN = "own", _("made here")
        STARTER = "starter", _("starter list")
        CHANGED = "changed", _("starter list, changed here")

    active = models.BooleanField(_("active"), default=True)
    language = language_field()
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices, default=Origin.OWN, editable=False)
    terms = models.TextField(
        _("words"),
        help_text=_(
            "Words that mean the same, one a line: payslip, salary slip. "
            "Whoever searches for one finds the others as well."
        ),
    )
    to = models.TextField(
        _("finds as well"),
        blank=True,
        help_text=_(
            "Only for one direction. Whoever searches for a word above finds these as well, and not the other way "
            "round: mail trouble above, Outlook here."
        ),
    )

    class Meta:
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")
        ordering: ClassVar[list[str]] = ["terms"]

    def __str__(self) -> str:
        here = " = ".join(self.term_list) if not self.to else ", ".join(self.term_list)
        return f"{here} → {', '.join(self.to_list)}" if self.to else here

    @property
    def term_list(self) -> list[str]:
        """The terms as written."""
        return terms_of(self.terms)

    @property
    def to_list(self) -> list[str]:
        """What the terms find as well; empty when all terms find each other."""
        return terms_of(self.to)

    def clean(self) -> None:
        """Validate the words, and write them one per line."""
        super().clean()
        if not self.terms:
            return  # the field says so
        self.terms, self.to = "\n".join(self.term_list), "\n".join(self.to_list)
        errors: dict[str, Any] = {}
        for name in ("terms", "to"):
            try:
                _check_terms(terms_of(getattr(self, name)))
            except ValidationError as error:
                errors[name] = error
        if not errors:
            errors = self._pairing_errors()
        if errors:
            raise ValidationError(errors)

    def _pairing_errors(self) -> dict[str, Any]:
        here, there = self.meaning()
        if not here:
            return {"terms": _("Give at least one word.")}
        if not there and len(here) < 2:
            return {"terms": _("Give at least two words that mean the same, or fill in what this one finds as well.")}
        if both := here & there:
            return {"to": _("“%(term)s” stands on both sides.") % {"term": sorted(both)[0]}}
        for other in Synonym.objects.filter(language=self.language).exclude(pk=self.pk):
            if other.meaning() == (here, there):
                return {"terms": _("This is there already: %(other)s.") % {"other": other}}
        return {}

    def meaning(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return folded terms and folded `to`: the same for rows that mean the same."""
        return frozenset(map(folded, self.term_list)), frozenset(map(folded, self.to_list))


class StarterRow(models.Model):
    """A row of the starter list that was added. `row` is null once it is deleted, so that it is not added again."""

    key = models.CharField(max_length=120, unique=True)  # of discovery.curation.starter_synonyms.Row
    row = models.OneToOneField(Synonym, null=True, on_delete=models.SET_NULL, related_name="starter")

    def __str__(self) -> str:
        return self.key


class ProtectedWord(CuratedRow):
    """A word that is neither split into parts nor stemmed. It takes effect with the next rebuild of the index."""

    word = models.CharField(
        _("word"),
        max_length=60,
        unique=True,
        error_messages={"unique": _("This word is protected already.")},
        help_text=_("One word, such as a name, that has to be found as it stands and by nothing else."),
    )

    class Meta:
        verbose_name = _("protected word")
        verbose_name_plural = _("protected words")
        ordering: ClassVar[list[str]] = ["word"]

    def __str__(self) -> str:
        return self.word

    def clean(self) -> None:
        """Validate one word, and fold it."""
        super().clean()
        if not self.word:
            return  # empty or too long: the field says so
        found = folded(self.word)
        if not found:
            raise ValidationError({"word": _("This has no letter or digit.")})
        if " " in found:
            raise ValidationError({"word": _("Give one word; for several words, protect each of them.")})
        self.word = found
        if ProtectedWord.objects.filter(word=found).exclude(pk=self.pk).exists():
            raise ValidationError({"word": _("This word is protected already.")})


def protected_words() -> frozenset[str]:
    """Return the folded words that a rebuild neither splits nor stems. One query."""
    return frozenset(map(folded, ProtectedWord.objects.values_list("word", flat=True)))


class BestBet(CuratedRow):
    """A document on top for some queries (recommended), or at the bottom for some or all (demoted)."""

    class Kind(models.TextChoices):
        """Where it goes."""

        BEST = "best", _("recommended")
        DEMOTION = "demotion", _("demoted")

    active = models.BooleanField(_("active"), default=True)
    kind = models.CharField(
        _("what happens"),
        max_length=10,
        choices=Kind.choices,
        default=Kind.BEST,
        help_text=_("A recommended page stands on top, and is called so; a demoted one goes to the bottom."),
    )
    language = language_field()
    queries = models.TextField(
        _("searches"),
        blank=True,
        help_text=_(
            "One a line. Word order, capitals, plurals and small words do not matter. "
            "Leave empty to demote the page whatever is searched for."
        ),
    )
    document = models.CharField(_("page"), max_length=120)  # its key
    order = models.PositiveSmallIntegerField(
        _("order"),
        default=1,
        help_text=_("Of several recommended pages for one search, the lowest number stands first."),
    )
    until = models.DateField(_("until"), null=True, blank=True, help_text=_("The last day. Empty: until you stop it."))

    class Meta:
        verbose_name = _("recommended page")
        verbose_name_plural = _("recommended pages")
        ordering: ClassVar[list[str]] = ["kind", "order", "pk"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(kind="demotion") | ~models.Q(queries=""), name="search_best_bet_for_a_query"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=["best", "demotion"]), name="search_best_bet_kind"),
        ]

    def __str__(self) -> str:
        asked = ", ".join(self.query_list) or gettext("every search")
        return f"{self.get_kind_display()}: {asked}"

    @property
    def query_list(self) -> list[str]:
        """The queries as written."""
        return [" ".join(line.split()) for line in self.queries.splitlines() if line.strip()]

    @property
    def over(self) -> bool:
        """True if its last day has passed."""
        return self.until is not None and self.until < timezone.localdate()

    def clean(self) -> None:
        """Validate the queries. The form checks that the page exists."""
        super().clean()
        lines = self.query_list
        try:
            _check_terms(lines, MOST_QUERIES, LONGEST_QUERY, MOST_QUERY_WORDS)
        except ValidationError as error:
            raise ValidationError({"queries": error}) from error
        if not lines and self.kind == self.Kind.BEST:
            raise ValidationError({"queries": _("Give at least one search for which the page is recommended.")})
        self.queries = "\n".join(lines)
        same = BestBet.objects.filter(document=self.document, kind=self.kind, language=self.language)
        mine = {folded(line) for line in lines}
        for other in same.exclude(pk=self.pk):
            theirs = {folded(line) for line in other.query_list}
            if mine == theirs or mine & theirs:
                raise ValidationError(_("This page has this already: %(other)s.") % {"other": other})
