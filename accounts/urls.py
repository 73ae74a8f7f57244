"""Addresses of profiles, invitations and Management. Signing in is allauth's (`account_login` and the like)."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from accounts.views import people, profile, structure, system

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
    path(_("manage/organisations/"), structure.organisations, name="organisations"),
    path(_("manage/organisations/add/"), structure.organisation, name="add_organisation"),
    path(_("manage/organisations/<int:pk>/"), structure.organisation, name="organisation"),
    path(_("manage/organisations/<int:organisation_pk>/units/add/"), structure.unit, name="add_unit"),
    path(_("manage/organisations/<int:organisation_pk>/units/<int:pk>/"), structure.unit, name="unit"),
    path(_("manage/teams/"), structure.teams, name="teams"),
    path(_("manage/teams/add/"), structure.team, name="add_team"),
    path(_("manage/teams/<int:pk>/"), structure.team, name="team"),
    path(_("manage/circles/add/"), structure.circle, name="add_circle"),
    path(_("manage/circles/<int:pk>/"), structure.circle, name="circle"),
    path(_("manage/members/<str:kind>/<int:pk>/"), structure.members, name="members"),
    path(_("manage/audit/"), people.audit, name="audit"),
    path(_("manage/system/"), system.system, name="system"),
]
