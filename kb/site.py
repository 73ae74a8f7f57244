"""What roles may do in Wagtail; the site's address and the review workflow, synchronised after each migrate."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import GroupApprovalTask, Site, Workflow, WorkflowContentType, WorkflowPage, WorkflowTask

from accounts.roles import CURATORS, Role
from accounts.sync import group_name
from web.descriptions import WagtailAccess

WORKFLOW = "Curation"
ACCESS = (
    WagtailAccess(
        roles=CURATORS,
        model_permissions=(
            *(f"kb.{act}_faq" for act in ("add", "change", "view", "delete", "publish", "lock", "unlock")),
            "simple_translation.submit_translation",
        ),
        # Wagtail keeps these under its own models' names, whichever models are in use.
        collection_permissions=(
            *(f"wagtailimages.{act}_image" for act in ("add", "change", "choose")),
            *(f"wagtaildocs.{act}_document" for act in ("add", "change", "choose")),
        ),
        page_root="kb.home",
        page_permissions=(
            *("add_page", "change_page", "publish_page"),
            *("lock_page", "unlock_page", "bulk_delete_page"),
        ),
    ),
    WagtailAccess(
        roles=(Role.ADMINISTRATOR,),
        model_permissions=tuple(f"wagtailredirects.{act}_redirect" for act in ("add", "change", "delete", "view")),
        page_root="kb.home",
        page_permissions=("add_page", "change_page", "publish_page"),
    ),
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
    task.groups.set(Group.objects.get_or_create(name=group_name(role))[0] for role in CURATORS)
    workflow = Workflow.objects.create(name=WORKFLOW)
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    return workflow
