"""Wagtail's mails about drafts, reviews and comments: only to who may enter /cms/ and for whom the row exists there."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from wagtail.admin import mail
from wagtail.admin.views.pages import edit
from wagtail.models import TaskState, WorkflowState
from wagtail.signals import task_submitted, workflow_approved, workflow_rejected, workflow_submitted

from accounts.audiences import viewer_for
from accounts.models import User
from web import scope
from web.cms import may_enter


def readers_of(row: Model, people: Iterable[User]) -> list[User]:
    """Those of some people for whom a row with its newest draft exists under /cms/ now. A row of a kind that nobody
    cuts is nobody's."""
    if scope.cut_of(type(row)) is None:
        return []
    found = []
    for person in User.objects.filter(pk__in=[person.pk for person in people], is_active=True):
        with scope.reading_as(scope.Reader(viewer_for(person))):
            if may_enter(person) and scope.holds(type(row), row.pk):
                found.append(person)
    return found


class Held(mail.EmailNotificationMixin):
    """Before one of Wagtail's notifiers in the bases: leaves out who may not read what the mail tells."""

    def get_recipient_users(self, instance: Any, **kwargs: Any) -> list[User]:
        """Those of Wagtail's recipients for whom the row exists."""
        state = instance.workflow_state if isinstance(instance, TaskState) else instance
        return readers_of(state.content_object, super().get_recipient_users(instance, **kwargs))


class ReviewMail(Held, mail.GroupApprovalTaskStateSubmissionEmailNotifier):
    """To reviewers: a draft waits."""


class SubmittedMail(Held, mail.WorkflowStateSubmissionEmailNotifier):
    """To superusers, if there are any: a review began."""


class ApprovedMail(Held, mail.WorkflowStateApprovalEmailNotifier):
    """To who asked for the review: yes."""


class RejectedMail(Held, mail.WorkflowStateRejectionEmailNotifier):
    """To who asked for the review: no, and why."""


MAILS = (  # signal, its sender, the name under which Wagtail's own mail is connected, ours
    (task_submitted, TaskState, "group_approval_task_submitted_email_notification", ReviewMail()),
    (workflow_submitted, WorkflowState, "workflow_state_submitted_email_notification", SubmittedMail()),
    (workflow_approved, WorkflowState, "workflow_state_approved_email_notification", ApprovedMail()),
    (workflow_rejected, WorkflowState, "workflow_state_rejected_email_notification", RejectedMail()),
)


def send_notification(people: Iterable[User], notification: str, context: dict[str, Any]) -> Any:
    """In the place of Wagtail's function, which mails what changed in the comments on `context["page"]`."""
    return mail.send_notification(readers_of(context["page"], people), notification, context)


def connect() -> None:
    """Take the place of Wagtail's own mails: a second receiver under the same name is not connected."""
    for signal, sender, uid, ours in MAILS:
        signal.disconnect(sender=sender, dispatch_uid=uid)
        signal.connect(ours, sender=sender, dispatch_uid=uid)
    edit.send_notification = send_notification
