"""The site's address and the review workflow, synchronised after each migrate."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import GroupApprovalTask, Site, Workflow, WorkflowContentType, WorkflowPage, WorkflowTask

from accounts import registry
from accounts.roles import Role
from accounts.sync import group_name

WORKFLOW = "Curation"
REVIEWERS = [Role.CURATOR, Role.PROCESS_OWNER]


def register_access() -> None:
    """Register what roles may do in Wagtail with our models and pages."""
    from kb.models import HomePage

    registry.register_page_root("kb.home", HomePage.objects.all)
    for role in REVIEWERS:
        registry.register_model_permissions(
            role,
            *(f"kb.{act}_faq" for act in ("add", "change", "view", "delete", "publish", "lock", "unlock")),
            "simple_translation.submit_translation",
        )
        registry.register_page_permissions(
            role, "kb.home", "add_page", "change_page", "publish_page", "lock_page", "unlock_page", "bulk_delete_page"
        )
        # Wagtail names these after its own models, whichever models are in use.
        registry.register_collection_permissions(
            role,
            *(f"wagtailimages.{act}_image" for act in ("add", "change", "choose")),
            *(f"wagtaildocs.{act}_document" for act in ("add", "change", "choose")),
        )
    registry.register_page_permissions(Role.ADMINISTRATOR, "kb.home", "add_page", "change_page", "publish_page")
    registry.register_model_permissions(
        Role.ADMINISTRATOR,
        *(f"wagtailredirects.{act}_redirect" for act in ("add", "change", "delete", "view")),
    )


@transaction.atomic
def sync_site(**_signal: Any) -> None:
    """Set the default site's address to BASE_URL. Assign the curators' workflow to FAQs and home pages without one."""
    from kb.models import Faq, HomePage

    homes = list(HomePage.objects.all())
    if not homes:
        return
    address = urlsplit(settings.BASE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    Site.objects.filter(is_default_site=True).update(hostname=address.hostname or "localhost", port=port)
    Site.clear_site_root_paths_cache()
    workflow = Workflow.objects.filter(name=WORKFLOW).first() or _make_workflow()
    content_type = ContentType.objects.get_for_model(Faq)
    WorkflowContentType.objects.get_or_create(content_type=content_type, defaults={"workflow": workflow})
    for home in homes:
        WorkflowPage.objects.get_or_create(page=home, defaults={"workflow": workflow})


def _make_workflow() -> Workflow:
    task = GroupApprovalTask.objects.create(name="Curator")
    task.groups.set(Group.objects.get_or_create(name=group_name(role))[0] for role in REVIEWERS)
    workflow = Workflow.objects.create(name=WORKFLOW)
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    return workflow
