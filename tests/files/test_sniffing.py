"""A file is of the type that its name says, or it is refused with a form error. Pictures keep no metadata."""

import io
import re
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from files.metadata import MOST_FRAMES
from files.models import Attachment, Picture
from files.sniffing import is_what_it_says
from tests.files.examples import ALSO, OF_TYPE, OTHERS, PAGE, SECRET, blinking, broken, damaged, picture
from tests.kb.test_pages import client_of
from tests.people import People


def test_every_file_matches_only_its_own_type(settings) -> None:
    allowed = {*settings.WAGTAILDOCS_EXTENSIONS, *settings.WAGTAILIMAGES_EXTENSIONS}
    assert set(OF_TYPE) == allowed, "an example of each type that may be uploaded"
    wrong = []
    for ending in OF_TYPE:
        for name, content in (OF_TYPE | OTHERS).items():
            expected = name == ending or (ending, name) in ALSO
            if is_what_it_says(f"x.php.{ending}", io.BytesIO(content)) != expected:
                wrong.append(f".{ending} holding {name}: {'refused' if expected else 'accepted'}")
    assert not wrong, "\n".join(wrong)


def test_other_extensions_are_refused() -> None:
    for name in ("x.svg", "x.html", "x", "", "x.exe", "x.pdf."):
        assert not is_what_it_says(name, io.BytesIO(OF_TYPE["pdf"])), name


@pytest.mark.django_db
def test_every_upload_form_refuses_a_wrong_type(people: People) -> None:
    """Each of Wagtail's ways to upload: one file, several, in a chooser, as a replacement."""
    client = client_of(people, "curator")
    own = {"uploaded_by_user": people.curator}
    kept = Attachment.objects.create(title="Plan", file=ContentFile(OF_TYPE["pdf"], "plan.pdf"), **own)
    pictured = Picture.objects.create(title="Foto", file=ContentFile(OF_TYPE["png"], "foto.png"), **own)
    doors = {
        "wagtaildocs:add": ("file", "x.php.pdf", []),
        "wagtaildocs:add_multiple": ("files[]", "x.php.pdf", []),
        "wagtaildocs_chooser:create": ("document-chooser-upload-file", "x.php.pdf", []),
        "wagtaildocs:edit": ("file", "x.php.pdf", [kept.pk]),
        "wagtailimages:add": ("file", "x.php.png", []),
        "wagtailimages:add_multiple": ("files[]", "x.php.png", []),
        "wagtailimages_chooser:create": ("image-chooser-upload-file", "x.php.png", []),
        "wagtailimages:edit": ("file", "x.php.png", [pictured.pk]),
    }
    for name, (field, filename, args) in doors.items():
        prefix = field.removesuffix("file") if field.endswith("-file") else ""
        sent = {field: SimpleUploadedFile(filename, PAGE), f"{prefix}title": "x", f"{prefix}collection": 1}
        sent |= {f"{prefix}tags": ""}
        response = client.post(reverse(name, args=args), sent, headers={"X-Requested-With": "XMLHttpRequest"})
        assert response.status_code in (200, 400, 422), (name, response.status_code)
    assert list(Attachment.objects.values_list("title", "file")) == [("Plan", kept.file.name)]
    assert list(Picture.objects.values_list("title", "file")) == [("Foto", pictured.file.name)]
    page = client.post(reverse("wagtaildocs:add"), {"title": "x", "file": SimpleUploadedFile("x.pdf", PAGE)})
    assert "Dit is geen PDF-bestand" in page.content.decode()


@pytest.mark.django_db
def test_models_refuse_a_wrong_type() -> None:
    for row in (
        Attachment(title="x", file=ContentFile(PAGE, "x.php.pdf")),
        Picture(title="x", width=1, height=1, file=ContentFile(PAGE, "x.png")),
    ):
        with pytest.raises((ValidationError, OSError)):
            row.save()
        assert row.pk is None


@pytest.mark.django_db
def test_pictures_lose_their_metadata() -> None:
    kept = []
    for kind, ending in (("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif"), ("MPO", "jpg")):
        for moving in (False, True):
            if moving and kind in ("JPEG", "PNG"):  # there are none, and Wagtail refuses moving PNGs
                continue
            content = picture(kind, moving)
            assert SECRET in content
            row = Picture.objects.create(title="Foto", file=ContentFile(content, f"foto.{ending}"))
            stored = row.file.open("rb").read()
            row.file.close()
            with Image.open(io.BytesIO(stored)) as image:
                frames, exif = getattr(image, "n_frames", 1), dict(image.getexif())
            if SECRET in stored or exif or row.file_size != len(stored):
                kept.append(f"{kind}, moving: {moving}")
            assert frames == (2 if moving and kind in ("GIF", "WEBP") else 1), f"{kind} has {frames} frames"
    assert not kept, f"words left in {kept}"


@pytest.mark.django_db
def test_the_size_of_an_animation_counts_all_frames(people: People, settings) -> None:
    """A small file with many large frames would need gigabytes to re-encode."""
    settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = 20_000
    client = client_of(people, "curator")
    for kind in ("GIF", "WEBP"):
        frames = [Image.new("RGB", (100, 100), (n * 80, n * 9, 0)) for n in range(3)]
        for count, stored in ((3, False), (2, True)):
            out = io.BytesIO()
            frames[0].save(out, kind, save_all=True, append_images=frames[1:count])
            sent = {"title": f"{kind} {count}", "collection": 1, "tags": ""}
            file = SimpleUploadedFile(f"x.{kind.lower()}", out.getvalue())
            answer = client.post(reverse("wagtailimages:add"), sent | {"file": file})
            assert Picture.objects.filter(title=sent["title"]).exists() == stored, sent
            assert ("te groot" in answer.content.decode()) != stored, sent
            picture = Picture(title="x", file=ContentFile(out.getvalue(), f"x.{kind.lower()}"))
            if not stored:
                with pytest.raises(ValidationError):
                    picture.save()


@pytest.mark.django_db
def test_every_upload_form_reports_a_broken_picture(people: People) -> None:
    """Whatever error the libraries raise."""
    client = client_of(people, "curator")
    doors = {"add": ("file", 200), "add_multiple": ("files[]", 200), "chooser": ("image-chooser-upload-file", 200)}
    paths = {name: reverse(f"wagtailimages:{name}") for name in ("add", "add_multiple")}
    paths["chooser"] = reverse("wagtailimages_chooser:create")
    wrong = []
    for number, (name, content) in enumerate(broken().items()):
        # One door for each but the first three, which come by all.
        for door in doors if number < 3 else [list(doors)[number % 3]]:
            field, status = doors[door]
            prefix = field.removesuffix("file") if field.endswith("-file") else ""
            sent = {field: SimpleUploadedFile(name, content), f"{prefix}title": "Deze titel blijft staan"}
            sent |= {f"{prefix}collection": 1, f"{prefix}tags": ""}
            try:
                answer = client.post(paths[door], sent, headers={"X-Requested-With": "XMLHttpRequest"})
            except Exception as error:  # noqa: BLE001  # what is looked for
                wrong.append(f"{name} by {door}: {type(error).__name__}: {error}"[:150])
                continue
            said = re.search("error-message|error_message|errors", answer.content.decode())
            if answer.status_code != status or not said or Picture.objects.exists():
                wrong.append(f"{name} by {door}: {answer.status_code}, {Picture.objects.count()}")
                Picture.objects.all().delete()
    assert not wrong, "\n".join(wrong)


def test_a_damaged_archive_is_refused() -> None:
    for how in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert not is_what_it_says("x.odt", io.BytesIO(damaged("text", how))), how


@pytest.mark.django_db
def test_an_animation_has_a_limited_number_of_frames(people: People) -> None:
    """However small the frames are."""
    client = client_of(people, "curator")
    for frames, stored in ((MOST_FRAMES + 1, False), (3, True)):
        sent = {"title": "Beweegt", "collection": 1, "tags": "", "file": SimpleUploadedFile("x.gif", blinking(frames))}
        answer = client.post(reverse("wagtailimages:add"), sent)
        assert Picture.objects.exists() == stored, frames
        assert ("beweegt te lang" in answer.content.decode()) != stored
