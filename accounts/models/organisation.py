"""Organisations, their units, teams, and circles of people."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node


class Named(models.Model):
    """A name in Dutch and, where it differs, in English."""

    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    slug = models.SlugField(_("short name"), max_length=80, unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the current language."""
        return self.name_en if self.name_en and get_language() == "en" else self.name


class Organisation(Named):
    """An organisation that gives or receives services."""

    class Kind(models.TextChoices):
        SSC = "ssc", _("Shared Service Center")
        BUSINESS = "business", _("business organisation")
        THIRD_PARTY = "third_party", _("third party")
        PROVIDER = "provider", _("provider")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["ssc", "business", "third_party", "provider"]), name="organisation_kind"
            )
        ]


class Unit(Named, MP_Node):
    """Part of an organisation. Units form trees; each tree belongs to one organisation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="units")

    class Meta:
        verbose_name = _("organisational unit")
        verbose_name_plural = _("organisational units")


class Team(Named):
    """People who answer together. A team belongs to the SSC or to a provider, and may be part of a larger team."""

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.CASCADE,
        related_name="teams",
        limit_choices_to={"kind__in": ["ssc", "provider"]},
        verbose_name=_("organisation"),
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts", verbose_name=_("part of")
    )
    description = models.CharField(_("what it helps with"), max_length=240, blank=True)
    description_en = models.CharField(_("what it helps with, in English"), max_length=240, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/Amsterdam")
    country = models.CharField(_("country"), max_length=2, default="NL")
    languages = models.CharField(_("languages"), max_length=60, default="nl,en", help_text=_("For example: nl,en"))
    takes_chats = models.BooleanField(_("people can start a chat with this team"), default=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]

    @property
    def about(self) -> str:
        """Return what the team helps with, in the current language."""
        return self.description_en if self.description_en and get_language() == "en" else self.description


class Circle(Named):
    """A group of people chosen one by one, for a closed space or a governance room."""

    class Meta:
        verbose_name = _("circle")
        verbose_name_plural = _("circles")
        ordering = ["name"]
