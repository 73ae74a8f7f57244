"""What this package adds to the product."""

from django.utils.translation import gettext_lazy as _

from accounts.roles import AGENTS, EVERYBODY, Role
from chat import audit_events, capture, demo, documents, rooms, schema
from web.descriptions import Capturable, MenuEntry, Panel
from web.packages import Package

PACKAGE = Package(
    name="chat",
    audit=audit_events.AUDIT,
    permissions={
        "chat.start": EVERYBODY,
        "chat.answer": AGENTS,
        "chat.see_team_history": (*AGENTS, Role.CCO),
    },
    sources=(documents.ConversationSource(),),
    capturable=(Capturable(kind="conversation", load=capture.load),),
    menu=(
        MenuEntry(
            menus=("bottom",),
            label=_("A person"),
            url_name="chat:start",
            order=25,
            icon="chat-bubble-left-right",
            prominent=True,
        ),
        MenuEntry(
            menus=("top", "bottom"),
            label=_("My questions and chats"),
            short=_("Mine"),
            url_name="chat:mine",
            order=30,
            icon="inbox",
        ),
        MenuEntry(
            menus=("top", "account"),
            label=_("Desk"),
            url_name="chat:desk",
            order=40,
            icon="lifebuoy",
            permission="chat.answer",
            for_staff=True,
        ),
    ),
    panels=(
        Panel(place="home.ask", template="chat/_home_ask.html", order=10),
        Panel(place="further.ask", template="chat/_further_ask.html", order=10),
    ),
    rooms=(rooms.CONVERSATION, rooms.DESK, rooms.QUEUE),
    frames=schema.FRAMES,
    demo=demo.load,
)
