"""The types of what packages say of themselves (`web.packages`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol


@dataclass(frozen=True, kw_only=True)
class Detail:
    """How the audit words one detail of an event."""

    label: Any = ""  # "" hides it
    model: str = ""  # its value is a pk of this model, or several
    keys: bool = False  # its value is keys of rows ("faq:12"), one or several
    audience: bool = False  # its value is audience keys, or None
    words: Callable[[Any], Any] = str  # for anything else: of one value
    empty: Any = ""  # what is said when there is no value; "" leaves it out


@dataclass(frozen=True, kw_only=True)
class AuditTarget:
    """How the audit names rows of a model. A model with a search source needs none."""

    model: str  # "kb.topicpage"
    titles: Callable[[Any, list[int]], dict[int, tuple[str, str]]]  # (viewer, pks): name and address of those they see
    kind: str = ""  # what stands for the model in other keys: "answer"


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The audit events of a package, in words. What is not named here cannot be recorded."""

    events: Mapping[str, Any] = field(default_factory=dict)  # "chat.closed" → what people call it
    details: Mapping[tuple[str, str], Detail] = field(default_factory=dict)  # (event, or "" for any; name)
    by_nobody: Mapping[str, Any] = field(default_factory=dict)  # event → who did it, when no account did
    targets: tuple[AuditTarget, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WagtailAccess:
    """What people with a role may do in Wagtail."""

    roles: tuple[str, ...]
    model_permissions: tuple[str, ...] = ()  # "app_label.codename"
    collection_permissions: tuple[str, ...] = ()  # the same, on the root collection
    page_root: str = ""  # a name of `Package.page_roots`
    page_permissions: tuple[str, ...] = ()  # "add_page", "change_page", … on the pages below the root


class SearchSource(Protocol):
    """A kind of findable rows. `search.sources.Source` is its base class."""

    kind: ClassVar[str]


@dataclass(frozen=True, kw_only=True)
class Capturable:
    """A kind of exchanges that FAQs are made of."""

    kind: str
    # (viewer, pk): a `kb.capture.Exchange`, or None when it does not exist or the viewer may not see it
    load: Callable[[Any, int], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hideable:
    """A kind of rows that people can flag and moderators can hide; keys are "<kind>:<pk>".

    `hide` and `restore` change the row in the caller's transaction; who may is checked by moderation.
    """

    kind: str
    label: Any  # a translatable word for one of them: "answer"
    hide: Callable[..., Any]  # (by=person, pk=int, reason=str)
    restore: Callable[..., Any]  # (by=person, pk=int)
    # (viewer, pk): may they see it, so that they may flag it; unless given, what the search source of the kind says
    visible: Callable[[Any, int], bool] | None = None
    # (viewer, pks): a line of each that is in their audience, hidden or not
    titles: Callable[[Any, list[int]], dict[int, str]] = lambda _viewer, _pks: {}
    text: Callable[[int], str] = lambda _pk: ""  # (pk): what is written there, whoever may see it; for judging a flag
