"""The product's addresses, with a view that does nothing and a page without content."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from config.urls import urlpatterns as product


def view(request: HttpRequest) -> HttpResponse:
    """Nothing, for somebody who is signed in: who they are and what they may see has been read."""
    assert request.user.is_authenticated
    return HttpResponse(str(len(request.viewer.keys)))


def page(request: HttpRequest) -> HttpResponse:
    """The frame of every page, with nothing in it."""
    return render(request, "base.html")


urlpatterns = [path("bench/view/", view), path("bench/page/", page), *product]
