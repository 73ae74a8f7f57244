"""Only the editor's preview may be shown in a frame."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from web.middleware import ContentSecurityPolicyMiddleware


@pytest.mark.parametrize(
    ("path", "preview", "frames"), [("/nl/", False, "'none'"), ("/nl/", True, "'self'"), ("/cms/", False, "'self'")]
)
def test_only_the_editor_and_its_preview_may_be_framed(
    rf: RequestFactory, path: str, preview: bool, frames: str
) -> None:
    request = rf.get(path)
    request.is_preview = preview
    response = ContentSecurityPolicyMiddleware(lambda _request: HttpResponse())(request)
    assert f"frame-ancestors {frames}" in response["Content-Security-Policy"]
