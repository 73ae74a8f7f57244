"""What this package adds to the product."""

from accounts.roles import AGENTS, EVERYBODY, Role
from chat import audit_events, capture, documents
from web.descriptions import Capturable
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
)
