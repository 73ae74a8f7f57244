"""The types of what packages say of themselves (`web.packages`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from django.http import HttpResponse

# Whether a value names a row for whoever reads now; with the other parameters of the address.
Seen = Callable[[Any, Mapping[str, Any]], bool]
Guard = Callable[[Any, Mapping[str, Any]], HttpResponse | None]


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


@dataclass(frozen=True, kw_only=True)
class MenuEntry:
    """A line of a menu, for those with the permission."""

    menus: tuple[str, ...]  # "top", "bottom" (phones), "account" (staff's pages on phones), "management"
    label: Any
    url_name: str
    order: int  # the place in its menus, from 0 up
    permission: str = ""
    icon: str = ""  # a name of heroicons
    short: Any = ""  # what it is called at the bottom of phones
    for_staff: bool = False  # set apart at the top, and in the account's menu on phones
    prominent: bool = False  # the first thing to do: marked on its own page only, and takes the page's question along

    @property
    def page(self) -> str:
        """The name of the page within its package."""
        return self.url_name.rpartition(":")[2]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A part of another package's page, for those with all of the permissions."""

    place: str  # where a template says `{% panels "home.main" %}`
    template: str  # gets the context of the page
    order: int = 0  # among the panels of the place
    permissions: tuple[str, ...] = ()
    signed_in: bool = False  # for nobody else


@dataclass(frozen=True, slots=True)
class Route:
    """What an address under /cms/ is about."""

    rows: Mapping[str, str | Seen] = field(default_factory=dict)  # parameter → model ("kb.Faq"), or a question
    sent: Mapping[str, str] = field(default_factory=dict)  # name in query or form → model; values that are numbers
    permission: str = ""  # beside what the view itself asks
    closed: bool = False  # not part of this product: "not found" for everybody
    guard: Guard | None = None  # a last word about (request, parameters) before the view
    takes_any: bool = False  # a page of ours, which reads its parameters by `web.params`


CLOSED = Route(closed=True)


def routes(route: Route, names: str, prefix: str = "") -> dict[str, Route]:
    """The same for several addresses: their names, separated by blanks, each after the prefix."""
    return {prefix + name: route for name in names.split()}
