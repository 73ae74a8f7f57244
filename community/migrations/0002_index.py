"""The forum of a fresh installation: a community page below each home page, translations of each other."""

import uuid

from django.db import migrations

PAGES = {
    "nl": "Vraag het elkaar. Collega's en medewerkers van het servicecentrum antwoorden.",
    "en": "Ask each other. Colleagues and people of the service centre answer.",
}
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def step_after(step):
    """The next of treebeard's four-character path steps."""
    number = int(step, 36) + 1
    text = ""
    for _position in range(4):
        number, digit = divmod(number, 36)
        text = ALPHABET[digit] + text
    return text


def make_indexes(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Page = apps.get_model("wagtailcore", "Page")
    HomePage = apps.get_model("kb", "HomePage")
    CommunityIndexPage = apps.get_model("community", "CommunityIndexPage")
    content_type = ContentType.objects.get_or_create(app_label="community", model="communityindexpage")[0]
    key = uuid.uuid4()
    for language, intro in PAGES.items():
        home = HomePage.objects.filter(locale__language_code=language, depth=2).order_by("path").first()
        if home is None:
            continue
        children = Page.objects.filter(path__startswith=home.path, depth=3)
        last = children.order_by("-path").values_list("path", flat=True).first()
        CommunityIndexPage.objects.create(
            title="Community", draft_title="Community", slug="community", intro=intro, live=True, locale=home.locale,
            audience=home.audience, path=home.path + step_after(last[-4:] if last else "0000"), depth=3, numchild=0,
            url_path=f"{home.url_path}community/", content_type=content_type, translation_key=key,
        )  # fmt: skip
        home.numchild = children.count()
        home.save(update_fields=["numchild"])


class Migration(migrations.Migration):
    dependencies = [
        ("community", "0001_initial"),
        ("kb", "0002_site"),
    ]

    operations = [migrations.RunPython(make_indexes, migrations.RunPython.noop, elidable=False)]
