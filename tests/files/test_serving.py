"""Pictures and documents are for their audience, or for whoever may see the page that uses them."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from wagtail.models import ReferenceIndex

from accounts import audiences
from accounts.models import Audience
from files.models import Attachment, Picture
from kb.models import ArticlePage
from tests.kb.conftest import SEES, Shelf, keys_for, shelf
from tests.kb.test_pages import client_of
from tests.people import People

pytestmark = pytest.mark.django_db
__all__ = ["shelf"]


def picture_bytes(kind: str = "JPEG", exif: bool = False) -> bytes:
    """Return a small picture, with a GPS location if requested."""
    image, out = Image.new("RGB", (600, 400), "teal"), io.BytesIO()
    data = Image.Exif()
    if exif:
        data[0x010E] = "Brughuis, derde verdieping"
        data[0x0112] = 6  # lying on its side
    image.save(out, kind, exif=data)
    return out.getvalue()


def status(client: Client, url: str) -> int:
    """Return the status of a response after reading it completely."""
    response = client.get(url)
    if response.streaming:
        list(response.streaming_content)
    return response.status_code


def make_picture(audience: set[str] | None = None, exif: bool = False) -> Picture:
    """Create a picture in the library."""
    return Picture.objects.create(
        title="Foto",
        file=ContentFile(picture_bytes(exif=exif), "foto.jpg"),
        audience=Audience.objects.of(audience) if audience else None,
    )


def make_attachment(audience: set[str] | None = None, name: str = "plan.pdf") -> Attachment:
    """Create a document in the library, as if stored before types were checked."""
    return Attachment.objects.create(
        title="Plan",
        file=default_storage.save(f"documents/{name}", ContentFile(b"%PDF-1.4 plan")),
        audience=Audience.objects.of(audience) if audience else None,
    )


@pytest.mark.parametrize("kind", SEES)
def test_a_file_with_an_audience_is_for_that_audience(people: People, kind: str) -> None:
    keys = keys_for(people)[kind]
    picture, attachment = make_picture(keys), make_attachment(keys)
    urls = [picture.get_rendition("width-100").url, attachment.url]
    for name in people.persons():
        client = client_of(people, name)
        for url in urls:
            expected = 200 if name in SEES[kind] else 404
            assert status(client, url) == expected, (name, url)


def test_a_file_without_audience_is_for_whoever_sees_its_page(shelf: Shelf) -> None:
    picture, attachment, unused = make_picture(), make_attachment(), make_picture()
    page = ArticlePage.objects.get(pk=shelf.articles["organisation"].pk)
    page.body = [
        ("image", {"image": picture, "decorative": False, "alt_text": "Foto"}),
        ("document", attachment),
    ]
    page.save_revision().publish()
    ReferenceIndex.create_or_update_for_object(page)
    text = client_of(shelf.people, "owner").get(page.url).content.decode()
    rendition = picture.renditions.get()
    assert rendition.url in text
    assert attachment.url in text
    for name in shelf.people.persons():
        client = client_of(shelf.people, name)
        for url in (rendition.url, attachment.url):
            assert (status(client, url) == 200) == (name in SEES["organisation"]), (name, url)
        assert status(client, unused.get_rendition("width-50").url) == 404, name
    page.unpublish()
    assert status(client_of(shelf.people, "owner"), rendition.url) == 404
    # Under /cms/ the draft is there for the curator, and so are its files.
    assert status(client_of(shelf.people, "curator"), rendition.url) == 200


def test_a_file_that_nothing_uses_is_for_the_curator_who_uploaded_it(people: People) -> None:
    picture = make_picture()
    Picture.objects.filter(pk=picture.pk).update(uploaded_by_user=people.curator)
    url = picture.get_rendition("width-50").url
    assert [name for name in people.persons() if status(client_of(people, name), url) == 200] == ["curator"]


def test_how_files_are_sent(people: People, client: Client) -> None:
    picture = make_picture({audiences.PUBLIC}, exif=True)
    assert (picture.width, picture.height) == (400, 600)
    rendition = picture.get_rendition("width-100")
    response = client.get(rendition.url)
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("inline")
    assert "no-cache" in response["Cache-Control"]
    assert not Image.open(io.BytesIO(b"".join(response.streaming_content))).getexif()
    again = client.get(rendition.url, headers={"If-Modified-Since": response["Last-Modified"]})
    assert again.status_code == 304
    for name, shown in (("plan.pdf", "inline"), ("brief.docx", "attachment"), ("lijst.html", "attachment")):
        attachment = make_attachment({audiences.PUBLIC}, name)
        response = client.get(attachment.url)
        assert response["Content-Disposition"].startswith(shown), name
        list(response.streaming_content)
        assert client.get(attachment.url.replace(name.partition(".")[0], "anders")).status_code == 404


def test_nothing_is_served_from_the_media_folder(people: People) -> None:
    picture = make_picture({audiences.PUBLIC})
    rendition = picture.get_rendition("width-100")
    for path in (
        f"/media/{picture.file.name}",
        f"/media/{rendition.file.name}",
        "/files/1/x.jpg",
        "/documents/999/x.pdf",
    ):
        assert Client().get(path, follow=True).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("x.jpg", b"GIF89a no"),
        ("x.png", picture_bytes("JPEG")),
    ],
)
def test_what_is_no_picture_is_refused(people: People, name: str, content: bytes) -> None:
    client = client_of(people, "curator")
    sent = {"title": "x", "file": SimpleUploadedFile(name, content), "collection": 1, "tags": ""}
    response = client.post(reverse("wagtailimages:add"), sent)
    assert response.status_code == 200
    assert not Picture.objects.exists()


def test_a_curator_uploads_a_picture_with_an_audience(people: People) -> None:
    client = client_of(people, "curator")
    page = client.get(reverse("wagtailimages:add")).content.decode()
    assert 'name="audience"' in page
    sent = {
        "title": "Hal",
        "file": SimpleUploadedFile("hal.jpg", picture_bytes()),
        "collection": 1,
        "tags": "",
        "audience": ["staff"],
    }
    response = client.post(reverse("wagtailimages:add"), sent)
    assert response.status_code == 302, response.content.decode()[:2000]
    assert Picture.objects.get().audience.key_set == {audiences.STAFF}
    assert client_of(people, "agent").get(reverse("wagtailimages:add")).status_code == 403
