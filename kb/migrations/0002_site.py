"""The site of a fresh installation: a home page and a list of topics in Dutch and in English, translations of each other."""

import hashlib
import uuid

from django.db import migrations

PAGES = {
    "nl": {
        "home": ("Vraagbaak", "nl", "Stel je vraag. Het antwoord is er al, of iemand geeft het je."),
        "topics": ("Onderwerpen", "onderwerpen", "Alles wat we weten, op onderwerp."),
    },
    "en": {
        "home": ("Vraagbaak", "en", "Ask your question. The answer is here, or somebody will give it to you."),
        "topics": ("Topics", "topics", "Everything we know, by topic."),
    },
}


def public(apps):
    Audience = apps.get_model("accounts", "Audience")
    AudienceKey = apps.get_model("accounts", "AudienceKey")
    digest = hashlib.sha256(b"public").hexdigest()
    audience, created = Audience.objects.get_or_create(digest=digest, defaults={"text": "public"})
    if created:
        AudienceKey.objects.create(audience=audience, key="public")
    return audience


def make_site(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Locale = apps.get_model("wagtailcore", "Locale")
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    HomePage = apps.get_model("kb", "HomePage")
    TopicPage = apps.get_model("kb", "TopicPage")
    content_type = {
        model: ContentType.objects.get_or_create(app_label="kb", model=model)[0] for model in ("homepage", "topicpage")
    }
    Page.objects.filter(depth=2, slug="home", title="Welcome to your new Wagtail site!").delete()
    root = Page.objects.get(depth=1)
    audience = public(apps)
    keys = {"home": uuid.uuid4(), "topics": uuid.uuid4()}
    home_of = {}
    # Above the numbers that existing pages may have.
    first = 1 + max((int(p[4:8], 36) for p in Page.objects.filter(depth=2).values_list("path", flat=True)), default=0)
    for number, (language, texts) in enumerate(PAGES.items(), start=first):
        locale = Locale.objects.get_or_create(language_code=language)[0]
        path = f"{root.path}{number:04d}"
        title, slug, intro = texts["home"]
        common = {"locale": locale, "audience": audience, "live": True}
        home_of[language] = HomePage.objects.create(
            **common, title=title, draft_title=title, slug=slug, intro=intro, path=path, depth=2, numchild=1,
            url_path=f"/{slug}/", content_type=content_type["homepage"], translation_key=keys["home"],
        )  # fmt: skip
        title, topic_slug, intro = texts["topics"]
        TopicPage.objects.create(
            **common, title=title, draft_title=title, slug=topic_slug, intro=intro, path=f"{path}0001", depth=3,
            numchild=0, url_path=f"/{slug}/{topic_slug}/", content_type=content_type["topicpage"],
            translation_key=keys["topics"], icon="squares-2x2",
        )  # fmt: skip
    root.numchild = Page.objects.filter(depth=2).count()
    root.save(update_fields=["numchild"])
    Site.objects.filter(is_default_site=True).delete()
    Site.objects.create(hostname="localhost", port=80, root_page_id=home_of["nl"].pk, is_default_site=True)


def tidy_groups(apps, schema_editor):
    """Wagtail's own groups and review: ours follow from roles."""
    Workflow = apps.get_model("wagtailcore", "Workflow")
    Task = apps.get_model("wagtailcore", "Task")
    Workflow.objects.filter(name="Moderators approval").delete()
    Task.objects.filter(name="Moderators approval").delete()
    apps.get_model("auth", "Group").objects.filter(name__in=["Moderators", "Editors"]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("kb", "0001_initial"),
        ("accounts", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailimages", "0027_image_description"),
        ("wagtaildocs", "0014_alter_document_file_size"),
    ]

    operations = [
        migrations.RunPython(make_site, migrations.RunPython.noop, elidable=False),
        migrations.RunPython(tidy_groups, migrations.RunPython.noop, elidable=False),
    ]
