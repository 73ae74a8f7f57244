"""The addresses of sockets, all under /ws/."""

from django.urls import URLPattern

websocket_urlpatterns: list[URLPattern] = []
