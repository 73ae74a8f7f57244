"""ASGI application: the whole site of the embedded set-up, `/ws/` of the production set-up."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()  # loads the apps; our imports must come after it

from channels.routing import ProtocolTypeRouter  # noqa: E402  # models are there from here on

from live.routing import sockets  # noqa: E402  # the same
from web.background import Lifespan  # noqa: E402  # the same
from web.bodies import BodyLimit  # noqa: E402  # the same
from web.private_links import mask_access_logs  # noqa: E402  # the same

mask_access_logs()

application = ProtocolTypeRouter(
    {
        "http": BodyLimit(http),
        "websocket": sockets,
        "lifespan": Lifespan(),
    }
)
