"""What a stored database holds, made by the product's own commands, forms and actions."""

import io
import json
import re
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client, override_settings
from PIL import Image
from wagtail.contrib.redirects.models import Redirect

from accounts import actions as accounts
from accounts import audiences, organisation_actions, visitors, widening
from accounts.audiences import Person, viewer_for
from accounts.demo import people_by_slug
from accounts.models import Audience, Circle, Organisation, Team, Unit, User
from chat import actions as chat
from chat import presence, resume_links
from chat.models import Conversation
from community import actions as community
from community.models import Question, SpacePage
from files.models import Attachment, Picture
from kb import actions as kb
from kb import capture
from kb.models import ArticlePage, Faq, TopicPage
from moderation import actions as moderation
from notifications import actions as notifications
from notifications.models import Notification, SentMail
from tests.stored import demo

PASSWORD = "test"  # of everybody; kept by the hasher of the tests
CAST = {
    "owner": "lotte-smeets", "colleague": "ruben-okafor", "agent": "bas-hoekstra", "curator": "imke-postma",
    "administrator": "nadia-rosaria",
}  # fmt: skip
BACKEND = "accounts.backends.RoleBackend"
ADDRESS = re.compile(r"https?://[^/\s]+(/\S+)")


class Cast:
    """The people who act."""

    def __init__(self) -> None:
        everybody = people_by_slug(demo.DEMO)
        people = {name: everybody[slug] for name, slug in CAST.items()}
        self.owner, self.colleague = people["owner"], people["colleague"]
        self.agent, self.curator, self.administrator = people["agent"], people["curator"], people["administrator"]

    def viewer(self, name: str) -> Person:
        """With the rights of now."""
        return viewer_for(getattr(self, name))


def browser(person: User | None = None, **options: Any) -> Client:
    """A browser, signed in."""
    client = Client(**options)
    if person:
        client.force_login(person, backend=BACKEND)
    return client


def load_demo(folder: Path) -> None:
    """The demo's people, knowledge, questions, conversations and searches: a small part of them."""
    demo.make(folder)
    with override_settings(BASE_DIR=folder):
        call_command("load_demo", password=PASSWORD, stderr=io.StringIO())


def mailed(to: str, part: str) -> str:
    """The path in the newest kept mail to an address that has `part` in it."""
    for mail in SentMail.objects.filter(to__icontains=to).order_by("-pk"):
        for path in ADDRESS.findall(mail.text):
            if part in path:
                return str(path)
    raise AssertionError(f"no mail to {to} with {part}")


def manage_people(cast: Cast, deliver: Any) -> None:
    """Everything about people and where they belong, and the doors they come in by."""
    by = cast.viewer("administrator")
    organisation = Organisation.objects.get(slug="zilverbeek")
    guest = accounts.add_person(by=by, email="gast@zilverbeek.example", name="Gast Hendriks", language="nl")
    accounts.set_memberships(by=by, person=guest, memberships={organisation: Unit.objects.get(slug="zilverbeek-klant")})
    accounts.set_roles(by=by, person=guest, roles=["steering_group"])
    accounts.set_teams(by=by, person=guest, teams=[Team.objects.get(slug="facilities")])
    accounts.set_circles(by=by, person=guest, circles=[Circle.objects.get(slug="klantenforum")])
    accounts.change_profile(by=Person(guest), person=guest, job_title="Projectleider")
    accounts.set_active(by=by, person=guest, active=False)
    accounts.set_active(by=by, person=guest, active=True)
    _manage_structure(cast, guest)
    accounts.invite(by=by, email="nieuw@lindeveld.example", language="nl", organisation=organisation)
    accounts.invite(by=by, email="later@lindeveld.example", language="en")
    deliver()
    newcomer = Client()
    newcomer.get(mailed("nieuw@lindeveld.example", "/account/invited/"), follow=True)
    words = "een lange en vreemde zin"
    form = {"name": "Nieuw", "email": "nieuw@lindeveld.example", "language": "nl"}
    newcomer.post("/nl/account/signup/", form | {"password1": words, "password2": words})
    newcomer.post("/nl/account/login/", {"login": form["email"], "password": words})
    for act in ("action_add", "action_remove"):
        newcomer.post("/nl/account/email/", {act: "", "email": "nieuw.weer@lindeveld.example", "password": words})
    newcomer.post("/nl/account/email/", {"action_add": "", "email": "nieuw.hier@lindeveld.example", "password": words})
    deliver()
    newcomer.post(mailed("nieuw.hier@lindeveld.example", "/confirm-email/"))
    _pass_the_door(cast, deliver)


def _manage_structure(cast: Cast, guest: User) -> None:
    by = cast.viewer("administrator")
    organisation = Organisation(name="De Sluis", kind=Organisation.Kind.BUSINESS)
    organisation_actions.save_organisation(by=by, organisation=organisation)
    organisation.name_en = "The Lock"
    organisation_actions.save_organisation(by=by, organisation=organisation)
    unit = organisation_actions.add_unit(by=by, organisation=organisation, parent=None, name="Kade")
    organisation_actions.rename_unit(by=by, unit=unit, name="Kades", name_en="Quays")
    organisation_actions.delete_unit(
        by=by, unit=organisation_actions.add_unit(by=by, organisation=organisation, parent=None, name="Oever")
    )
    team = Team(name="Ontvangst", organisation=Organisation.objects.get(slug="de-brug"))
    organisation_actions.save_team(by=by, team=team)
    team.description = "De balie beneden"
    organisation_actions.save_team(by=by, team=team)
    circle = Circle(name="Lezers")
    organisation_actions.save_circle(by=by, circle=circle)
    circle.name_en = "Readers"
    organisation_actions.save_circle(by=by, circle=circle)
    for group in (team, circle):
        organisation_actions.add_member(by=by, group=group, person=guest)
    organisation_actions.remove_member(by=by, group=team, person=guest)


def _pass_the_door(cast: Cast, deliver: Any) -> None:
    client, person = Client(), cast.colleague
    client.post("/nl/account/login/", {"login": person.email, "password": "mistyped"})
    client.post("/nl/account/login/", {"login": person.email, "password": PASSWORD})
    change = {"action_add": "", "email": "ruben.anders@zilverbeek.example", "password": PASSWORD}
    client.post("/nl/account/email/", change)
    client.post("/nl/zoeken/tellen/", {"count": "0"})
    again = {"oldpassword": PASSWORD, "password1": "een lange zin, vreemd", "password2": "een lange zin, vreemd"}
    client.post("/nl/account/password/change/", again)
    client.post("/nl/account/logout/")
    client.post("/nl/account/password/reset/", {"email": person.email})
    deliver()
    page = client.get(mailed(person.email, "/password/reset/key/"), follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": "nog een lange zin", "password2": "nog een lange zin"})


def write_knowledge(cast: Cast, folder: Path) -> None:
    """Topics, articles with files, FAQs in every state; feedback; an import."""
    by = cast.curator
    topic = TopicPage.objects.get(slug="verlof", locale__language_code="nl")
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    picture = Picture.objects.create(title="Het Brughuis", file=ContentFile(out.getvalue(), "brughuis.png"))
    picture.get_rendition("width-20")
    document = Attachment.objects.create(title="Plattegrond", file=ContentFile(b"Begane grond\n", "plattegrond.txt"))
    article = ArticlePage(title="Het Brughuis van binnen", slug="brughuis", locale=topic.locale)
    article.own_audience = Audience.objects.of({audiences.PUBLIC})
    article.body = [
        ("markdown", "Drie **verdiepingen**."),
        ("image", {"image": picture, "decorative": False, "alt_text": "Foto"}),
        ("document", document),
    ]
    TopicPage.objects.get(pk=topic.pk).add_child(instance=article)
    article.save_revision(user=by, log_action=True).publish(user=by)
    for title in ("Het Brughuis", "Het Brughuis nu"):
        article = ArticlePage.objects.get(pk=article.pk)
        article.title = title
        article.save_revision(user=by, log_action=True)
    draft = ArticlePage(title="Nog niet af", slug="concept", locale=topic.locale, live=False)
    TopicPage.objects.get(pk=topic.pk).add_child(instance=draft)
    draft.save_revision(user=by)
    article.get_workflow().start(article, by)
    spare = ArticlePage(title="Tijdelijk", slug="tijdelijk", locale=topic.locale)
    TopicPage.objects.get(pk=topic.pk).add_child(instance=spare)
    ArticlePage.objects.get(pk=spare.pk).move(TopicPage.objects.get(slug="salaris"), pos="last-child", user=by)
    ArticlePage.objects.get(pk=spare.pk).delete(user=by)
    for each in ArticlePage.objects.filter(slug="alle-soorten-verlof-op-een-rij"):
        each.unpublish(user=by)
        each.save_revision(user=by).publish(user=by)
    _write_faqs(cast, topic)
    rows = [{"id": str(n), "title": f"Ingevoerde vraag {n}?", "body": "Een antwoord.", "lang": "nl"} for n in (1, 2)]
    (folder / "faqs.jsonl").write_text("\n".join(map(json.dumps, rows)))
    call_command("import_faqs", folder / "faqs.jsonl", source="old", audience="employees", verbosity=0,
                 stdout=io.StringIO())  # fmt: skip


def _write_faqs(cast: Cast, topic: TopicPage) -> None:
    by = cast.curator
    live = Faq.objects.filter(live=True, locale=topic.locale).order_by("pk")
    first, second, third = live[:3]
    first.answer += "\n\nBijgewerkt."
    first.save_revision(user=by, log_action=True).publish(user=by)
    second.answer += "\n\nConcept."
    second.save_revision(user=by, log_action=True)
    Redirect.add_redirect("/oude-vraag", first.get_absolute_url())
    Redirect.add_redirect("/oude-pagina", ArticlePage.objects.get(slug="brughuis"))
    for helpful, who in ((True, cast.owner), (False, cast.colleague)):
        kb.give_feedback(by=Person(who), who=audiences.user(who.pk), target=first, helpful=helpful, reason="Te lang")
    kb.give_feedback(
        by=cast.viewer("owner"),
        who=audiences.user(cast.owner.pk),
        target=ArticlePage.objects.get(slug="brughuis"),
        helpful=True,
    )
    for question in ("Alleen een concept?", "Weg ermee?", "Niet meer?"):
        faq = Faq(question=question, answer="Nee.", topic=topic, locale=topic.locale, live=False)
        faq.save()
        faq.save_revision(user=by)
    Faq.objects.get(question="Weg ermee?").delete()
    gone = Faq.objects.get(question="Niet meer?")
    gone.latest_revision.publish(user=by)
    gone.refresh_from_db()
    gone.unpublish(user=by)
    widening.widen_audience(by=Person(by), row=third, audience=Audience.objects.of({audiences.PUBLIC}))
    third.refresh_from_db()
    third.own_audience = Audience.objects.of({audiences.STAFF})
    third.save()


def use_forum(cast: Cast) -> None:
    """Questions, answers, votes, and what moderators do about them."""
    space = SpacePage.objects.get(slug="vragen-ict", locale__language_code="nl")
    notifications.follow(by=cast.viewer("agent"), key=f"space:{space.pk}")
    question = community.ask(by=cast.viewer("owner"), space=space, title="Waar laat ik oude kabels?", body="Een doos.",
                             language="nl")  # fmt: skip
    notifications.follow(by=cast.viewer("colleague"), key=question.key)
    answer = community.answer(by=cast.viewer("agent"), question=question, body="Bij de **balie**.")
    other = community.answer(by=cast.viewer("colleague"), question=question, body="In de kelder.")
    community.edit_answer(by=cast.viewer("agent"), answer=answer, body="Bij de balie beneden.")
    community.edit_question(
        by=cast.viewer("owner"), question=question, title="Waar laat ik oude kabels?", body="Twee dozen."
    )
    for row in (answer, other):
        community.vote(by=cast.viewer("owner"), row=row)
    community.vote(by=cast.viewer("colleague"), row=question)
    community.unvote(by=cast.viewer("owner"), row=other)
    community.accept(by=cast.viewer("owner"), answer=answer)
    community.unaccept(by=cast.viewer("owner"), question=Question.objects.get(pk=question.pk))
    community.accept(by=cast.viewer("owner"), answer=answer)
    facilities = SpacePage.objects.get(slug="vragen-facilitair", locale__language_code="nl")
    community.move(by=cast.viewer("curator"), question=Question.objects.get(pk=question.pk), space=facilities)
    community.hide(by=cast.viewer("colleague"), row=other)
    community.restore(by=cast.viewer("colleague"), row=other)
    for act in (moderation.dismiss, moderation.look, moderation.hide):
        moderation.flag(by=cast.viewer("owner"), key=f"answer:{other.pk}", reason="wrong", text="Er is geen kelder")
        act(by=cast.viewer("curator"), key=f"answer:{other.pk}")
    moderation.restore(by=cast.viewer("curator"), key=f"answer:{other.pk}")
    moderation.flag(by=cast.viewer("colleague"), key=question.key, reason="other")
    exchange = capture.load("question", cast.viewer("curator"), question.pk)
    assert exchange is not None
    kb.link_faq(by=cast.viewer("curator"), faq=Faq.objects.filter(live=True).first(), origin=exchange.origin)


def chat_a_lot(cast: Cast, deliver: Any) -> Client:
    """Conversations of a person and of a visitor in every state, and an FAQ made of one; the visitor's browser."""
    ict, hr = Team.objects.get(slug="ict"), Team.objects.get(slug="hr")
    owner, agent = cast.viewer("owner"), cast.viewer("agent")
    talk = chat.start_conversation(by=owner, team=ict, question="Mijn muis doet het niet", language="nl")
    chat.take(by=agent, conversation=talk)
    chat.release(by=agent, conversation=talk)
    chat.post_message(by=agent, conversation=talk, body="Zet hem *aan*.")
    chat.close(by=owner, conversation=talk)
    chat.reopen(by=owner, conversation=talk)
    exchange = capture.load("conversation", agent, talk.pk)
    assert exchange is not None
    topic = TopicPage.objects.get(slug="laptop-en-netwerk", locale__language_code="nl")
    for question in ("Mijn muis doet het niet, wat nu?", "Mijn muis is kwijt, wat nu?"):
        made = kb.draft_faq(by=cast.viewer("curator"), question=question, answer="Zet de muis aan.", topic=topic,
                            language="nl", origins=[exchange.origin],
                            audience={audiences.EMPLOYEES, audiences.STAFF})  # fmt: skip
    Faq.objects.get(pk=made.pk).latest_revision.publish(user=cast.curator)
    chat.transfer(by=agent, conversation=Conversation.objects.get(pk=talk.pk), team=hr)
    visitor = Client()
    form = {"q": "Waar vind ik mijn jaaropgave?", "team": hr.pk, "name": "Wim", "email": "wim@thuis.example"}
    visitor.post("/nl/chat/", form | {"anyway": "1"}, follow=True)
    asked = Conversation.objects.get(email="wim@thuis.example")
    presence.left_conversation(asked.pk)
    chat.post_message(by=cast.viewer("curator"), conversation=asked, body="In Mijn Brug.")
    deliver()
    elsewhere = viewer_for(AnonymousUser(), visitors.new_token())
    asked.refresh_from_db()
    chat.join_by_link(by=elsewhere, conversation=asked, mailed=resume_links.mark(asked.email))
    chat.leave_email(by=elsewhere, conversation=asked, email=asked.email)
    guest = Client()
    guest.post("/nl/chat/", {"q": "Past mijn fiets in de lift?", "team": ict.pk, "anyway": "1"}, follow=True)
    guest.post("/nl/account/login/", {"login": cast.owner.email, "password": PASSWORD})
    return visitor


def read_mail(cast: Cast) -> None:
    """What people do with their inbox."""
    notifications.choose(by=cast.viewer("colleague"), by_mail=False)
    notifications.mark(by=cast.viewer("agent"), notifications=Notification.objects.filter(recipient=cast.agent)[:1])
    notifications.show_links(by=cast.viewer("administrator"), mail=SentMail.objects.latest("pk"))


def send_forms(cast: Cast) -> None:
    """A form of which is remembered that it was sent."""
    client = browser(cast.owner, enforce_csrf_checks=True)
    page = client.get("/nl/vraag-stellen/").text
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w{64})"', page)[0]
    space = SpacePage.objects.get(slug="vragen-ict", locale__language_code="nl")
    form = {"q": "Hoe laat gaat de zon onder?", "body": "", "space": space.pk, "language": "nl", "anyway": "1"}
    sent = client.post("/nl/vraag-stellen/", form | {"csrfmiddlewaretoken": token})
    assert sent.status_code == 302, sent.status_code
