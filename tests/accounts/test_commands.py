"""The command that creates the first administrator."""

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent, User
from tests.people import People


def test_the_first_administrator_may_sign_in_and_manage(db: None, monkeypatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "een lange en vreemde zin")
    call_command("createsuperuser", interactive=False, email="Baas@example.org", verbosity=0)
    boss = User.objects.get(email="baas@example.org")
    assert boss.check_password("een lange en vreemde zin")
    assert boss.has_perm("accounts.manage_people")
    assert boss.role_grants.get().role == "administrator"
    assert EmailAddress.objects.get(user=boss).verified


def test_grant_and_remove_a_role(people: People, capsys) -> None:
    call_command("grant_role", people.owner.email.upper(), "curator")
    assert "curator" in capsys.readouterr().out
    assert people.owner.groups.filter(name="role:curator").exists()
    call_command("grant_role", people.owner.email, "curator", remove=True)
    assert not people.owner.groups.filter(name="role:curator").exists()
    assert AuditEvent.objects.filter(event="accounts.roles_changed", by=None).count() == 2
    with pytest.raises(CommandError):
        call_command("grant_role", "nobody@example.org", "curator")
    with pytest.raises(CommandError):
        call_command("grant_role", people.owner.email, "emperor")
