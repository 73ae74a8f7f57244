"""The frames of chat that clients may send. docs/socket-protocol.md describes them."""

from web.live import MAX_ID, MAX_NUMBER, Boolean, Field, Frame, Number, Text

CONVERSATION: dict[str, Field] = {"conversation": Number(least=1, most=MAX_ID, repeated=True)}
CLIENT_ID = Text(most=64, pattern="[A-Za-z0-9_-]{8,64}", repeated=True)
BODY = Text(most=32_768)  # MessageForm says how long a message may be
_HANDLER = "chat.handlers.on_{}"


def _frame(kind: str, handler: str = "", *, concurrent: bool = False, costly: bool = False, **fields: Field) -> Frame:
    return Frame(
        type=kind,
        handler=_HANDLER.format(handler or kind),
        fields=CONVERSATION | fields,
        concurrent=concurrent,
        costly=costly,
    )


FRAMES = (
    _frame("subscribe", costly=True, after=Number(least=0, most=MAX_NUMBER, default=0)),
    _frame("unsubscribe"),
    _frame("post", concurrent=True, client_id=CLIENT_ID, body=BODY),
    _frame("typing"),
    _frame("seen", "act", concurrent=True, number=Number(least=0, most=MAX_NUMBER)),
    _frame("take", "act", concurrent=True, costly=True, over=Boolean(default=False)),
    _frame("release", "act", concurrent=True, costly=True),
    _frame("transfer", "act", concurrent=True, costly=True, team=Number(least=1, most=MAX_ID)),
    _frame("close", "act", concurrent=True, costly=True),
    _frame("reopen", "act", concurrent=True, costly=True),
    Frame(type="desk", handler=_HANDLER.format("desk"), costly=True),
)
