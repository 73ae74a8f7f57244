"""Texts of Django, allauth and Wagtail with our own Dutch in locale/config: "je" instead of "u", and our own terms.

Django merges our catalogues over theirs, so our translation of these texts is used wherever they appear.
tests/web/test_library_texts.py finds texts that say "u", or have no Dutch at all, and are missing here.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

TEXTS = [
    # Django: passwords
    _("Your old password was entered incorrectly. Please enter it again."),
    _("Your password can’t be a commonly used password."),
    _("Your password can’t be entirely numeric."),
    _("Your password can’t be too similar to your other personal information."),
    _("This password is too common."),
    _("The password is too similar to the %(verbose_name)s."),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        0,
    ),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        0,
    ),
    # allauth: signing in and out, passwords, addresses
    _("Remember Me"),
    _("Sign In"),
    _("Sign Out"),
    _("Sign Up"),
    _("Signup"),
    _("You have signed out."),
    _("Are you sure you want to sign out?"),
    _("Already have an account? Then please %(link)ssign in%(end_link)s."),
    _("Incorrect password."),
    _("The email address and/or password you specified are not correct."),
    _("You must type the same password each time."),
    _("Password (again)"),
    _("New Password (again)"),
    _("Reset My Password"),
    _("Set Password"),
    _("Password successfully changed."),
    _("Password successfully set."),
    _("Please contact us if you have any trouble resetting your password."),
    _(
        "We have sent you an email. If you have not received it please check your spam folder. Otherwise contact us if"
        " you do not receive it in a few minutes."
    ),
    _("Confirmation email sent to %(email)s."),
    _("You have confirmed %(email)s."),
    _("Verify Your Email Address"),
    _(
        "We have sent an email to you for verification. Follow the link provided to finalize the signup process. If you"
        " do not see the verification email in your main inbox, check your spam folder. Please contact us if you do not"
        " receive the verification email within a few minutes."
    ),
    _(
        "This email confirmation link expired or is invalid. Please"
        ' <a href="%(email_url)s">issue a new email confirmation request</a>.'
    ),
    _("Unable to confirm %(email)s because it is already confirmed by a different account."),
    _("This account is inactive."),
    _("Please reauthenticate to safeguard your account."),
    _("Enter your password:"),
    # Wagtail
    _("Submit to %(workflow_name)s"),
    _("Are you sure you want to delete this %(model_name)s?"),
    _("Are you sure you want to unpublish this %(model_name)s?"),
    _(
        "Pages created here will not be accessible at any URL. To add pages to an existing site, create them as"
        " children of the homepage."
    ),
    _(
        "The root level is where you can add new sites to your Wagtail installation. Pages created here will not be"
        " accessible at any URL until they are associated with a site."
    ),
    _("Are you sure you want to delete this locale?"),
    _("Are you sure you want to delete this site?"),
    _("Leave blank if not changing."),
    # Wagtail, whose Dutch lacks a space next to a placeholder
    _("%(action)s by <b>%(who)s</b> at <b>%(at)s</b>"),
    _('%(editor)s has updated comments on "%(title)s"'),
    _('%(editor)s has updated comments on "%(title)s".'),
    _("%(related_model_name)s %(field_label)s"),
    _("%(start_index)s-%(end_index)s of %(items_count)s %(model_name)s"),
    _(
        "%(start_index)s-%(end_index)s of %(items_count)s %(model_name)s in '<span"
        ' class="w-title-ellipsis">%(title)s</span>\'.'
    ),
    _("%(status_display)s %(task_name)s %(started_at)s"),
    ngettext_lazy(
        "It will also delete %(translation_count)s translations and their combined %(translation_descendant_count)s"
        " translated child page.",
        "It will also delete %(translation_count)s translations and their combined %(translation_descendant_count)s"
        " translated child pages.",
        "translation_descendant_count",
    ),
    ngettext_lazy(
        '%(total)s Image <span class="w-sr-only">created in %(site_name)s</span>',
        '%(total)s Images <span class="w-sr-only">created in %(site_name)s</span>',
        "total",
    ),
    ngettext_lazy("%(count)d %(model_name)s deleted.", "%(count)d %(model_name)s deleted.", "count"),
    _("Are you sure you want to delete %(count)s %(snippet_type_name)s?"),
    _("Delete %(snippet_type_name)s"),
    ngettext_lazy(
        "%(num_parent_objects)d user has been marked as inactive",
        "%(num_parent_objects)d users have been marked as inactive",
        "num_parent_objects",
    ),
]
