"""What packages to the right tell accounts in `AppConfig.ready()`: what a role means in Wagtail, and what stands in the
audit, in words.

Strings and functions only, so that no arrow points right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.roles import Role


@dataclass
class WagtailAccess:
    """What the group of a role may do in Wagtail."""

    model_permissions: set[str] = field(default_factory=set)  # "app_label.codename"
    page_permissions: dict[str, set[str]] = field(default_factory=dict)  # name of a page root → codenames
    collection_permissions: set[str] = field(default_factory=set)


access: dict[Role, WagtailAccess] = {role: WagtailAccess() for role in Role}
page_roots: dict[str, Callable[[], Any]] = {}
acts: dict[str, Any] = {}  # "chat.closed" → what people call it, in their language
nobody: dict[str, Any] = {}  # the same → who did it, when no account did
details: dict[tuple[str, str], "Detail"] = {}  # (act, or "" for any; name) → how it is told
# Model label → the name and address of those of these rows that the viewer may see.
targets: dict[str, Callable[[Any, list[int]], dict[int, tuple[str, str]]]] = {}
kinds: dict[str, str] = {}  # what else names rows of a model in keys: "answer" → "community.answer"


@dataclass(frozen=True, kw_only=True)
class Detail:
    """How the audit tells one detail of an act."""

    label: Any = ""  # "" hides it
    model: str = ""  # its value is a pk of this model, or several
    keys: bool = False  # its value is keys of rows ("faq:12"), one or several
    audience: bool = False  # its value is audience keys, or None
    words: Callable[[Any], Any] = str  # for anything else: of one value
    empty: Any = ""  # what is said when there is no value; "" leaves it out


def register_acts(
    names: Mapping[str, Any],
    told: Mapping[tuple[str, str], Detail] | None = None,
    *,
    by_nobody: Mapping[str, Any] | None = None,
) -> None:
    """What the audit calls the acts of a package and their details; those without a name cannot be recorded.

    `by_nobody`: who did an act when it was nobody with an account; otherwise the system did.
    """
    acts.update(names)
    details.update(told or {})
    nobody.update(by_nobody or {})


def register_target(
    model: str, titles: Callable[[Any, list[int]], dict[int, tuple[str, str]]], *, kind: str = ""
) -> None:
    """The audit names rows of a model ("kb.topicpage") by `titles(viewer, pks)`: name and address, "" for none, of
    those the viewer may see. Models with a search source need none. `kind` stands for the model in other keys."""
    targets[model] = titles
    if kind:
        kinds[kind] = model


def detail(act: str, name: str) -> Detail | None:
    """How a detail of an act is told; None when nobody said."""
    return details.get((act, name)) or details.get(("", name))


def register_model_permissions(role: Role, *permissions: str) -> None:
    """People with `role` get Django's model permissions, such as "kb.change_faq"."""
    access[role].model_permissions.update(permissions)


def register_collection_permissions(role: Role, *permissions: str) -> None:
    """People with `role` get permissions on Wagtail's root collection, such as "files.add_picture"."""
    access[role].collection_permissions.update(permissions)


def register_page_root(name: str, find: Callable[[], Any]) -> None:
    """`find` returns the queryset of pages under which permissions of this name hold."""
    page_roots[name] = find


def register_page_permissions(role: Role, root: str, *codenames: str) -> None:
    """People with `role` may `codenames` ("add_page", "change_page", "publish_page") the pages below a root."""
    access[role].page_permissions.setdefault(root, set()).update(codenames)
