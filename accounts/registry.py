"""What packages to the right tell accounts in `AppConfig.ready()`: what a role means in Wagtail.

Strings and functions only, so that no arrow points right.
"""

from collections.abc import Callable
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
