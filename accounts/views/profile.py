"""Your own profile, and following an invitation."""

from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import actions, registration, tokens
from accounts.forms import ProfileForm
from accounts.models import User
from accounts.requests import Request
from accounts.tokens import ResetTokens
from web.forms import page, posted


@login_required
def profile(request: Request) -> HttpResponse:
    """Change your name, job title, language and time zone."""
    person = User.objects.get(pk=request.viewer.account.pk)
    form = ProfileForm(posted(request), instance=person)
    if request.method == "POST" and form.is_valid():
        actions.change_profile(by=request.viewer, person=User.objects.get(pk=person.pk), **form.cleaned_data)
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Your profile has been saved."))
            return redirect(reverse("accounts:profile"))
    places = person.memberships.select_related("organisation", "unit")
    teams = person.team_memberships.select_related("team")
    return page(request, "accounts/profile.html", form, {"places": places, "teams": teams})


@never_cache
def invited(request: Request, token: str) -> HttpResponse:
    """Open an invitation link: store it in the session and go to the registration form with the address filled in."""
    if request.user.is_authenticated:
        return redirect("accounts:profile")
    invitation = registration.find_invitation(token)
    if invitation is None or not registration.is_open(invitation):
        return render(request, "accounts/invitation_gone.html", status=410)
    registration.remember_invitation(request, invitation)
    # The link was mailed, so whoever follows it has access to that address.
    get_adapter().stash_verified_email(request, invitation.email)
    return redirect("account_signup")


@never_cache
@require_safe
def welcome(request: Request, signed: str) -> HttpResponse:
    """Open the link mailed to an added person: go to the page to choose their first password."""
    person = tokens.read_welcome(signed)
    if person is None:
        return render(request, "accounts/welcome_gone.html", status=410)
    key = ResetTokens().token_of_this_round(person)
    return redirect("account_reset_password_from_key", uidb36=user_pk_to_url_str(person), key=key)
