"""URLs of profiles, invitations and Management. Signing in is allauth's (`account_login` and the like)."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from accounts.views import organisations, people, profile, system

app_name = "accounts"
urlpatterns = [
    path(_("profile/"), profile.profile, name="profile"),
    path("account/invited/<str:token>/", profile.invited, name="invited"),
    path("account/welcome/<str:signed>/", profile.welcome, name="welcome"),
    path(_("manage/"), people.manage, name="manage"),
    path(_("manage/people/"), people.people, name="people"),
    path(_("manage/people/add/"), people.person, name="add_person"),
    path(_("manage/people/invite/"), people.invite, name="invite"),
    path(_("manage/people/<int:pk>/"), people.person, name="person"),
    path(_("manage/organisations/"), organisations.organisations, name="organisations"),
    path(_("manage/organisations/add/"), organisations.organisation, name="add_organisation"),
    path(_("manage/organisations/<int:pk>/"), organisations.organisation, name="organisation"),
    path(_("manage/organisations/<int:organisation_pk>/units/add/"), organisations.unit, name="add_unit"),
    path(_("manage/organisations/<int:organisation_pk>/units/<int:pk>/"), organisations.unit, name="unit"),
    path(_("manage/teams/"), organisations.teams, name="teams"),
    path(_("manage/teams/add/"), organisations.team, name="add_team"),
    path(_("manage/teams/<int:pk>/"), organisations.team, name="team"),
    path(_("manage/circles/add/"), organisations.circle, name="add_circle"),
    path(_("manage/circles/<int:pk>/"), organisations.circle, name="circle"),
    path(_("manage/members/<str:kind>/<int:pk>/"), organisations.members, name="members"),
    path(_("manage/audit/"), people.audit, name="audit"),
    path(_("manage/system/"), system.system, name="system"),
]
