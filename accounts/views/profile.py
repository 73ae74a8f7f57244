"""One's own profile, and following an invitation."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import actions, registration
from accounts.forms import ProfileForm
from accounts.models import User
from accounts.permissions import signed_in
from accounts.requests import page, posted


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Change one's name, job title, language and time zone."""
    person = User.objects.get(pk=signed_in(request).pk)
    form = ProfileForm(posted(request), instance=person)
    if request.method == "POST" and form.is_valid():
        actions.change_profile(by=signed_in(request), person=User.objects.get(pk=person.pk), **form.cleaned_data)
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Your profile is saved."))
            return redirect(reverse("accounts:profile"))
    places = person.memberships.select_related("organisation", "unit")
    teams = person.team_memberships.select_related("team")
    return page(request, "accounts/profile.html", form, {"places": places, "teams": teams})


@never_cache
def invited(request: HttpRequest, token: str) -> HttpResponse:
    """The link of an invitation: remembers it, and goes to the registration form with the address filled in."""
    if request.user.is_authenticated:
        return redirect("accounts:profile")
    invitation = registration.find_invitation(token)
    if invitation is None or not registration.is_open(invitation):
        return render(request, "accounts/invitation_gone.html", status=410)
    request.session[registration.SESSION_KEY] = invitation.token
    # The link came by mail, so whoever follows it reads that address.
    get_adapter().stash_verified_email(request, invitation.email)
    return redirect("account_signup")
