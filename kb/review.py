"""Wagtail's mails about drafts, reviews and comments, sent only to people who may enter /cms/ and see the row there."""

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
    """Return the people who may now see a row with its newest draft under /cms/. Nobody may see a row of a model
    without a rule there."""
    if scope.filter_of(type(row)) is None:
        return []
    found = []
    for person in User.objects.filter(pk__in=[person.pk for person in people], is_active=True):
        with scope.reading_as(scope.Reader(viewer_for(person))):
            if may_enter(person) and scope.is_visible(type(row), row.pk):
                found.append(person)
    return found


class Held(mail.EmailNotificationMixin):
    """A mixin for Wagtail's notifiers that leaves out recipients who may not read the row."""

    def get_recipient_users(self, instance: Any, **kwargs: Any) -> list[User]:
        """Return the recipients who may read the row."""
        state = instance.workflow_state if isinstance(instance, TaskState) else instance
        return readers_of(state.content_object, super().get_recipient_users(instance, **kwargs))


class ReviewMail(Held, mail.GroupApprovalTaskStateSubmissionEmailNotifier):
    """Mail to reviewers: a draft was submitted."""


class SubmittedMail(Held, mail.WorkflowStateSubmissionEmailNotifier):
    """Mail to superusers, if there are any: a review began."""


class ApprovedMail(Held, mail.WorkflowStateApprovalEmailNotifier):
    """Mail to the requester of a review: approved."""


class RejectedMail(Held, mail.WorkflowStateRejectionEmailNotifier):
    """Mail to the requester of a review: rejected, and why."""


MAILS = (  # signal, sender, dispatch_uid of Wagtail's receiver, our receiver
    (task_submitted, TaskState, "group_approval_task_submitted_email_notification", ReviewMail()),
    (workflow_submitted, WorkflowState, "workflow_state_submitted_email_notification", SubmittedMail()),
    (workflow_approved, WorkflowState, "workflow_state_approved_email_notification", ApprovedMail()),
    (workflow_rejected, WorkflowState, "workflow_state_rejected_email_notification", RejectedMail()),
)


def send_notification(people: Iterable[User], notification: str, context: dict[str, Any]) -> Any:
    """Replace Wagtail's function that mails changed comments on `context["page"]`."""
    return mail.send_notification(readers_of(context["page"], people), notification, context)


def connect() -> None:
    """Replace Wagtail's receivers. A second receiver under the same dispatch_uid is not connected."""
    for signal, sender, uid, ours in MAILS:
        signal.disconnect(sender=sender, dispatch_uid=uid)
        signal.connect(ours, sender=sender, dispatch_uid=uid)
    edit.send_notification = send_notification
