"""The blocks that articles are built from."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from kb.rich_text import too_long
from markup import text

RICH_TEXT = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link", "code"]


class MarkdownBlock(blocks.TextBlock):
    """Running text in Markdown, as in FAQs and the forum."""

    class Meta:
        icon = "edit"
        label = _("Markdown")
        template = "kb/blocks/markdown.html"

    def get_context(self, value: str, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add `html`: clean, with heading levels that directly follow the page's title."""
        context = super().get_context(value, parent_context=parent_context)
        html = text.render(value) if len(value) <= text.MAX_LENGTH else text.verbatim(value)
        context["html"] = mark_safe(_HEADING.sub(_lift, html))  # noqa: S308 # safe HTML with other heading levels
        return context


_HEADING = re.compile(r"(</?h)([3-6])(?=>)")


def _lift(match: re.Match[str]) -> str:
    """Raise a heading by two levels: "##" is rendered as h4, but only the title is above an article's text."""
    return f"{match[1]}{max(int(match[2]) - 2, 2)}"


class RichTextBlock(blocks.RichTextBlock):
    """Rich text of limited length."""

    def clean(self, value: Any) -> Any:
        """Return the text. Raises ValidationError if it is too long."""
        if problem := too_long(value.source):
            raise ValidationError(problem, code="too_long")
        return super().clean(value)

    def deconstruct(self) -> tuple[str, Any, Any]:
        """Appear as Wagtail's block in migrations."""
        _path, args, kwargs = super().deconstruct()
        return "wagtail.blocks.RichTextBlock", args, kwargs


class StepBlock(blocks.StructBlock):
    """One step of a procedure."""

    title = blocks.CharBlock(max_length=120, label=_("Title"))
    text = RichTextBlock(features=RICH_TEXT, required=False, label=_("Text"))
    image = ImageBlock(required=False, label=_("Picture"))

    class Meta:
        icon = "order-down"
        label = _("Step")


class CalloutBlock(blocks.StructBlock):
    """A tip, note or warning that stands out."""

    kind = blocks.ChoiceBlock(
        choices=[("tip", _("Tip")), ("info", _("Good to know")), ("warning", _("Take care"))],
        default="info",
        label=_("Kind"),
    )
    text = RichTextBlock(features=RICH_TEXT, label=_("Text"))

    class Meta:
        icon = "warning"
        label = _("Callout")
        template = "kb/blocks/callout.html"


class TableBlock(blocks.StructBlock):
    """A table, typed as lines of cells, so that it can be pasted from a spreadsheet."""

    caption = blocks.CharBlock(max_length=160, required=False, label=_("Caption"))
    rows = blocks.TextBlock(
        label=_("Rows"),
        help_text=_("One row a line, cells separated by | or by tabs. The first row holds the headings."),
    )

    class Meta:
        icon = "table"
        label = _("Table")
        template = "kb/blocks/table.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add `head`, a list of cells, and `body`, a list of rows."""
        context = super().get_context(value, parent_context=parent_context)
        lines = [line.strip().strip("|") for line in value["rows"].splitlines() if line.strip()]
        rows = [[cell.strip() for cell in line.split("\t" if "\t" in line else "|")] for line in lines]
        context["head"], context["body"] = (rows[0], rows[1:]) if rows else ([], [])
        return context


class FaqBlock(blocks.StructBlock):
    """An FAQ inside an article, left out for readers who may not see it."""

    faq = SnippetChooserBlock("kb.Faq", label=_("FAQ"))

    class Meta:
        icon = "help"
        label = _("FAQ")
        template = "kb/blocks/faq.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add `faq`, None if the reader is not in its audience."""
        context = super().get_context(value, parent_context=parent_context)
        request = (parent_context or {}).get("request")
        faq = value["faq"]
        seen = faq and request and faq.live and request.viewer.keys & faq.audience.key_set
        context["faq"] = faq if seen else None
        return context


def article_blocks() -> list[tuple[str, blocks.Block]]:
    """Return the blocks that an article may have."""
    return [
        ("text", RichTextBlock(features=RICH_TEXT, label=_("Text"), template="kb/blocks/text.html")),
        ("markdown", MarkdownBlock()),
        (
            "steps",
            blocks.ListBlock(StepBlock(), icon="list-ol", label=_("Steps"), template="kb/blocks/steps.html"),
        ),
        ("callout", CalloutBlock()),
        ("table", TableBlock()),
        ("image", ImageBlock(label=_("Picture"), template="kb/blocks/image.html")),
        ("document", DocumentChooserBlock(label=_("Document"), template="kb/blocks/document.html")),
        ("faq", FaqBlock()),
    ]
