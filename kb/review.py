"""Mail to curators about what waits for their review: only about what they may read."""

from typing import Any

from wagtail.admin.mail import GroupApprovalTaskStateSubmissionEmailNotifier
from wagtail.models import TaskState
from wagtail.signals import task_submitted

from accounts.audiences import viewer_for
from accounts.widening import Audienced


class ReviewMail(GroupApprovalTaskStateSubmissionEmailNotifier):
    """Wagtail's mail to the reviewers of a draft, without those who get "not found" for it."""

    def get_recipient_users(self, task_state: TaskState, **kwargs: Any) -> list[Any]:
        """The reviewers for whom the row and its newest draft are, and who want such mails."""
        row = task_state.workflow_state.content_object
        row = getattr(row, "specific", row)
        found = super().get_recipient_users(task_state, **kwargs)
        if not isinstance(row, Audienced):
            return list(found)
        return [user for user in found if row.is_managed_by(viewer_for(user))]


_review_mail = ReviewMail()


def connect() -> None:
    """Take the place of Wagtail's own mail: a second receiver under the same name is not connected."""
    uid = "group_approval_task_submitted_email_notification"
    task_submitted.disconnect(sender=TaskState, dispatch_uid=uid)
    task_submitted.connect(_review_mail, sender=TaskState, dispatch_uid=uid)
