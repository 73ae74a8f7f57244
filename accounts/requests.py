"""The type of a request in views: after our middleware, with the viewer."""

from typing import TypeAlias

from accounts.audiences import Person
from web import http

Request: TypeAlias = http.Request[Person]
