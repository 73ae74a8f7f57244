"""The addresses of sockets, all under /ws/."""

from django.urls import URLPattern, path

from chat.consumers import ChatConsumer

websocket_urlpatterns: list[URLPattern] = [
    path("ws/", ChatConsumer.as_asgi()),
]
