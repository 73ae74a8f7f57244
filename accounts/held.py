"""What a reader's keys open, for the cuts of packages to the right (`web.scope`)."""

from accounts.models.audience import AudienceKey
from web.scope import Reader


def audiences_of(reader: Reader) -> list[int]:
    """The audiences in which the reader is; asked once for each reader."""
    if "audiences" not in reader.memo:
        matching = AudienceKey.objects.filter(key__in=reader.viewer.keys)
        reader.memo["audiences"] = list(matching.values_list("audience_id", flat=True).distinct())
    found: list[int] = reader.memo["audiences"]
    return found
