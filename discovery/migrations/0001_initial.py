"""Takes over the tables that search kept until now, with their rows: see search's migration 0016."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


# Models by the names that they had in search.
NAMES = {
    "FreshDocument": "fresh",
    "ShareAlert": "sharealert",
    "DayFigures": "dayfigures",
    "Gap": "gap",
    "GoodQuery": "goodquery",
    "LoggedSearch": "loggedsearch",
    "Click": "click",
    "QueryFigures": "queryfigures",
    "SearchAlert": "wish",
}
# Beside these, the outbox's model was renamed inside search.
RENAMED = {**{f"search.{old}": f"discovery.{new.lower()}" for new, old in NAMES.items()}, "search.dirty": "search.outboxentry"}


def _rename(apps, names):
    """Content types, permissions and audit rows name models: give them the new names, so that none is lost."""
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    events = apps.get_model("accounts", "AuditEvent").objects
    for before, after in names.items():
        (old_app, old), (new_app, new) = before.split("."), after.split(".")
        for content_type in content_types.filter(app_label=old_app, model=old):
            content_types.filter(pk=content_type.pk).update(app_label=new_app, model=new)
        for permission in permissions.filter(
            content_type__app_label=new_app, content_type__model=new, codename__endswith=f"_{old}"
        ):
            codename = f"{permission.codename.removesuffix(old)}{new}"
            permissions.filter(pk=permission.pk).update(codename=codename)
        for pk, target in events.filter(target__startswith=f"{before}:").values_list("pk", "target").iterator():
            events.filter(pk=pk).update(target=after + target.removeprefix(before))


def rename_references(apps, schema_editor):
    _rename(apps, RENAMED)


def restore_references(apps, schema_editor):
    _rename(apps, {after: before for before, after in RENAMED.items()})


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("search", "0016_discovery"),
        ("accounts", "0004_names"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='FreshDocument',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=120)),
                    ],
                    options={
                        'db_table': 'search_fresh',
                        'verbose_name_plural': 'fresh documents',
                    },
                ),
                migrations.CreateModel(
                    name='ShareAlert',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('period', models.DateField(unique=True)),
                        ('searches', models.PositiveIntegerField()),
                        ('zero', models.PositiveIntegerField()),
                    ],
                    options={
                        'db_table': 'search_sharealert',
                    },
                ),
                migrations.CreateModel(
                    name='DayFigures',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField()),
                        ('language', models.CharField(max_length=5)),
                        ('searches', models.PositiveIntegerField(default=0)),
                        ('people', models.PositiveIntegerField(default=0)),
                        ('zero', models.PositiveIntegerField(default=0)),
                        ('clicked', models.PositiveIntegerField(default=0)),
                        ('reciprocal', models.FloatField(default=0)),
                        ('reformulated', models.PositiveIntegerField(default=0)),
                        ('chats', models.PositiveIntegerField(default=0)),
                        ('questions', models.PositiveIntegerField(default=0)),
                        ('personal', models.PositiveIntegerField(default=0)),
                        ('degraded', models.PositiveIntegerField(default=0)),
                        ('dropped', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'db_table': 'search_dayfigures',
                        'constraints': [models.UniqueConstraint(fields=('day', 'language'), name='search_day_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Gap',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('language', models.CharField(max_length=5)),
                        ('text', models.CharField(max_length=200)),
                        ('words', models.CharField(max_length=250)),
                        ('state', models.CharField(choices=[('open', 'open'), ('answered', 'answered'), ('hidden', 'not for us')], default='open', max_length=10)),
                        ('since', models.DateField()),
                        ('asked', models.DateTimeField(null=True)),
                        ('empty', models.BooleanField(default=False)),
                        ('looked', models.DateTimeField(null=True)),
                        ('seen', models.JSONField(default=dict)),
                        ('answer', models.CharField(blank=True, max_length=120)),
                        ('answered', models.DateTimeField(null=True)),
                        ('hidden', models.DateTimeField(null=True)),
                        ('reason', models.CharField(blank=True, choices=[('not_ours', 'Not our subject'), ('elsewhere', 'There is an answer already'), ('meaningless', 'Not a real question'), ('other', 'Another reason')], max_length=15)),
                        ('note', models.CharField(blank=True, max_length=250)),
                        ('hidden_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'db_table': 'search_gap',
                        'verbose_name': 'gap',
                        'verbose_name_plural': 'gaps',
                    },
                ),
                migrations.CreateModel(
                    name='GoodQuery',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('language', models.CharField(max_length=5)),
                        ('text', models.CharField(db_index=True, max_length=200)),
                        ('people', models.PositiveIntegerField()),
                    ],
                    options={
                        'db_table': 'search_goodquery',
                        'constraints': [models.UniqueConstraint(fields=('language', 'text'), name='search_good_once')],
                    },
                ),
                migrations.CreateModel(
                    name='LoggedSearch',
                    fields=[
                        ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                        ('text', models.CharField(blank=True, max_length=200)),
                        ('language', models.CharField(max_length=5)),
                        ('day', models.DateField()),
                        ('hour', models.PositiveSmallIntegerField()),
                        ('at', models.DateTimeField(null=True)),
                        ('searcher', models.CharField(max_length=16)),
                        ('hits', models.PositiveIntegerField(null=True)),
                        ('unfit', models.BooleanField(default=False)),
                        ('degraded', models.BooleanField(default=False)),
                        ('typed', models.BooleanField(default=False)),
                        ('personal', models.BooleanField(default=False)),
                        ('filters', models.CharField(blank=True, max_length=40)),
                        ('clicked_rank', models.PositiveSmallIntegerField(null=True)),
                        ('reformulated', models.BooleanField(default=False)),
                        ('helped', models.BooleanField(default=False)),
                        ('found_as', models.CharField(blank=True, max_length=200)),
                        ('outcome', models.CharField(blank=True, choices=[('', '—'), ('chat', 'a chat'), ('question', 'a question in the community'), ('wish', 'waits to be told')], default='', max_length=10)),
                    ],
                    options={
                        'db_table': 'search_loggedsearch',
                        'verbose_name': 'logged search',
                        'verbose_name_plural': 'logged searches',
                        'indexes': [models.Index(fields=['day', 'language'], name='search_log_day'), models.Index(fields=['searcher', 'at'], name='search_log_searcher'), models.Index(condition=models.Q(('at__isnull', False)), fields=['at'], name='search_log_open')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('personal', False), ('text', ''), _connector='OR'), name='search_log_nothing_personal')],
                    },
                ),
                migrations.CreateModel(
                    name='Click',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=120)),
                        ('rank', models.PositiveSmallIntegerField()),
                        ('search', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clicks', to='discovery.loggedsearch')),
                    ],
                    options={
                        'db_table': 'search_click',
                    },
                ),
                migrations.CreateModel(
                    name='QueryFigures',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField()),
                        ('language', models.CharField(max_length=5)),
                        ('searches', models.PositiveIntegerField(default=0)),
                        ('people', models.PositiveIntegerField(default=0)),
                        ('zero', models.PositiveIntegerField(default=0)),
                        ('clicked', models.PositiveIntegerField(default=0)),
                        ('reciprocal', models.FloatField(default=0)),
                        ('reformulated', models.PositiveIntegerField(default=0)),
                        ('chats', models.PositiveIntegerField(default=0)),
                        ('questions', models.PositiveIntegerField(default=0)),
                        ('text', models.CharField(max_length=200)),
                        ('gaps', models.PositiveIntegerField(default=0)),
                        ('gap_people', models.PositiveIntegerField(default=0)),
                        ('gap_zero', models.PositiveIntegerField(default=0)),
                        ('gap_chats', models.PositiveIntegerField(default=0)),
                        ('gap_questions', models.PositiveIntegerField(default=0)),
                        ('gap_retried', models.PositiveIntegerField(default=0)),
                        ('gap', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='figures', to='discovery.gap')),
                    ],
                    options={
                        'db_table': 'search_queryfigures',
                    },
                ),
                migrations.CreateModel(
                    name='SearchAlert',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('owner', models.CharField(blank=True, max_length=90)),
                        ('email', models.EmailField(blank=True, max_length=254)),
                        ('text', models.CharField(max_length=200)),
                        ('language', models.CharField(max_length=5)),
                        ('seen', models.JSONField(default=dict)),
                        ('created', models.DateTimeField(default=django.utils.timezone.now)),
                        ('confirmed', models.DateTimeField(blank=True, null=True)),
                        ('checked', models.BigIntegerField(default=0)),
                    ],
                    options={
                        'db_table': 'search_wish',
                        'verbose_name': 'wish to be told',
                        'verbose_name_plural': 'wishes to be told',
                        'ordering': ['-created', '-pk'],
                        'indexes': [models.Index(fields=['confirmed', 'checked'], name='search_wish_waiting')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('owner', ''), ('email', ''), _connector='XOR'), name='search_wish_of_one'), models.UniqueConstraint(condition=models.Q(('owner', ''), _negated=True), fields=('owner', 'language', 'text'), name='search_wish_owner_once'), models.UniqueConstraint(condition=models.Q(('email', ''), _negated=True), fields=('email', 'language', 'text'), name='search_wish_email_once')],
                    },
                ),
                migrations.AddIndex(
                    model_name='gap',
                    index=models.Index(fields=['state', 'looked'], name='search_gap_looked'),
                ),
                migrations.AddConstraint(
                    model_name='gap',
                    constraint=models.UniqueConstraint(fields=('words', 'language'), name='search_gap_once'),
                ),
                migrations.AddConstraint(
                    model_name='gap',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'answered'), _negated=True), ('answered__isnull', False), _connector='OR'), name='search_gap_answered'),
                ),
                migrations.AddConstraint(
                    model_name='gap',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'hidden'), _negated=True), models.Q(('hidden__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='search_gap_hidden'),
                ),
                migrations.AddConstraint(
                    model_name='click',
                    constraint=models.UniqueConstraint(fields=('search', 'key'), name='search_click_once'),
                ),
                migrations.AddConstraint(
                    model_name='queryfigures',
                    constraint=models.UniqueConstraint(fields=('day', 'language', 'text'), name='search_query_once'),
                ),
            ]
        ),
        *(migrations.AlterModelTable(name.lower(), None) for name in NAMES),
        migrations.RunPython(rename_references, restore_references),
    ]
