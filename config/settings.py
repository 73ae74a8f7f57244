"""The one settings file: the same in development and in production, driven by the environment.

Every setting is described in docs/settings.md; tests/test_docs.py fails when one is missing.
Without any variable set, the embedded parts are used: SQLite, tantivy, one process for sockets.
"""

import importlib.util
import os
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
DEBUG = env.bool("DEBUG", default=False)


def _secret_key() -> str:
    """SECRET_KEY from the environment, else from VAR_DIR/secret_key, which `make run` and `make test` write."""
    if key := env("SECRET_KEY", default=""):
        return key
    path = VAR_DIR / "secret_key"
    if path.exists():
        return path.read_text().strip()
    raise ImproperlyConfigured(
        f"No secret key: set the environment variable SECRET_KEY, or run `make install`, which writes {path}."
    )


SECRET_KEY = _secret_key()

# -- Address ---------------------------------------------------------------------------------
# Everything that depends on https follows from the scheme of BASE_URL.
BASE_URL = env("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
HTTPS = urlsplit(BASE_URL).scheme == "https"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(BASE_URL).hostname or "", "127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = [BASE_URL, *env.list("CSRF_TRUSTED_ORIGINS", default=[])]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
# Trust X-Forwarded-Proto, and as many entries at the end of X-Forwarded-For as we have proxies.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
PROXIES = env.int("PROXIES", default=1) if BEHIND_PROXY else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
LANGUAGE_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    # Ours, the most specific first, so that our templates win.
    "config",
    "chat",
    "community",
    "discovery",
    "kb",
    "moderation",
    "notifications",
    "files",
    "live",
    "accounts",
    "search",
    "web",
    "allauth",
    "allauth.account",
    "channels",
    "django_htmx",
    "csp",
    "heroicons",
    "django_tasks",
    "django_tasks_db",
    "wagtail.contrib.redirects",
    "wagtail.contrib.routable_page",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.sitemaps",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "web.private_links.PrivateLinkMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.headers.CacheControlMiddleware",
    "web.middleware.ContentSecurityPolicyMiddleware",
    "web.requests.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "web.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.ViewerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.bodies.BodyMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "web.too_many.TooManyMiddleware",
    "web.middleware.LimitMiddleware",
    "web.cms.CmsMiddleware",
    "accounts.middleware.WideningMiddleware",
    "kb.links.ReaderRedirectMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "web.context.site",
                "notifications.context.inbox",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "heroicons.templatetags.heroicons",
                "kb.templatetags.links",
                "web.templatetags.described",
                "web.templatetags.people",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# -- Database --------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE and WAL: concurrent writers wait for each other instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,  # seconds; then the 503 page
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    }
else:
    # Every wait has a limit: for a lock, a statement, a connection, or an idle transaction of somebody else.
    # Statements of manage.py commands may take as long as they need (migrations, counting).
    DATABASES["default"]["ENGINE"] = "web.postgresql"
    _statement = env.int("DATABASE_STATEMENT_SECONDS", default=15)
    _limits = {
        "lock_timeout": env.int("DATABASE_LOCK_SECONDS", default=3),
        "statement_timeout": _statement,
        "idle_in_transaction_session_timeout": 60,
    }
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 3,
        "options": " ".join(f"-c {name}={seconds * 1000}" for name, seconds in _limits.items()),
        # The server ends a statement itself. If not, the client closes the connection. nginx waits longer still.
        "patience": _statement + 3 if _statement else None,
        # For waits without a limit: detect a lost machine (in milliseconds: sent data without acknowledgement).
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }
    if env.bool("DATABASE_POOL", default=True):
        # A pool gives up connecting soon and starts again with the next request, instead of pausing ever longer.
        # web/postgresql asks three times.
        DATABASES["default"]["OPTIONS"]["pool"] = {
            "min_size": 1,
            "max_size": env.int("DATABASE_POOL_SIZE", default=10),
            "timeout": 1,
            "reconnect_timeout": 1,
        }
    DATABASES["default"]["CONN_MAX_AGE"] = 0

# -- Services --------------------------------------------------------------------------------
REDIS_URL = env("REDIS_URL", default="")
REDIS_PREFIX = env("REDIS_PREFIX", default="vraagbaak")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "web.cache.SteadyRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": REDIS_PREFIX,
        },
        "limits": {
            "BACKEND": "web.cache.SteadyRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": f"{REDIS_PREFIX}-limits",
            "max_entries": 50_000,  # in each process, while Redis is unavailable
        },
    }
else:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        # Rate limits and presence: filling the other cache does not drop them. At most about 20 MB.
        "limits": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "limits",
            "OPTIONS": {"MAX_ENTRIES": 50_000},
        },
    }

CHAT_THREADS = env.int("CHAT_THREADS", default=4)  # for the database work of sockets
ELASTICSEARCH_URL = env("ELASTICSEARCH_URL", default="")
# Credentials: in the address (https://user:password@host:9200), or a key. Certificates are verified: by the system's
# authorities, by ELASTICSEARCH_CA_CERTS or by fingerprint. search/checks.py refuses contradictions.
ELASTICSEARCH_API_KEY = env("ELASTICSEARCH_API_KEY", default="")
ELASTICSEARCH_CA_CERTS = env("ELASTICSEARCH_CA_CERTS", default="")
ELASTICSEARCH_FINGERPRINT = env("ELASTICSEARCH_FINGERPRINT", default="")
ELASTICSEARCH_VERIFY_CERTS = env.bool("ELASTICSEARCH_VERIFY_CERTS", default=True)
SEARCH_INDEX_PREFIX = env("SEARCH_INDEX_PREFIX", default="vraagbaak")
SEARCH_DIR = VAR_DIR / "search"
# Must be set before numpy is imported. With several threads, which wait by spinning, a query's vector takes 25 times
# the CPU time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Search by meaning: the model in a package, an OpenAI-compatible endpoint, or off.
SEARCH_MEANING = env("SEARCH_MEANING", default="package")
SEARCH_MEANING_URL = env("SEARCH_MEANING_URL", default="")
SEARCH_MEANING_MODEL = env("SEARCH_MEANING_MODEL", default="")
SEARCH_MEANING_DIMENSIONS = env.int("SEARCH_MEANING_DIMENSIONS", default=0)
SEARCH_MEANING_KEY = env("SEARCH_MEANING_KEY", default="")
SEARCH_LOG_SECONDS = 1.0  # between flushes of the query log by each process's thread; 0: only on demand
SEARCH_LOG_DAYS = env.int("SEARCH_LOG_DAYS", default=90)
SEARCH_WISH_DAYS = env.int("SEARCH_WISH_DAYS", default=180)  # "tell me when there is an answer"
# Notify curators if so many percent of the last days' searches found nothing, provided there were enough searches.
SEARCH_ALERT_PERCENT = env.int("SEARCH_ALERT_PERCENT", default=25)
SEARCH_ALERT_DAYS = env.int("SEARCH_ALERT_DAYS", default=7)
SEARCH_ALERT_SEARCHES = env.int("SEARCH_ALERT_SEARCHES", default=100)
# Show a query to curators only if at least so many people searched for it.
SEARCH_QUERY_PEOPLE = env.int("SEARCH_QUERY_PEOPLE", default=3)
# The embedded set-up runs indexer and worker as threads of the server; production runs them as processes.
BACKGROUND_THREADS = env.bool("BACKGROUND_THREADS", default=not ELASTICSEARCH_URL)
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}}

# -- People ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.RoleBackend",  # first: it stops sign-ins that do not go through ACCOUNT_ADAPTER
    "allauth.account.auth_backends.AuthenticationBackend",
]
_VALIDATORS: dict[str, dict[str, object]] = {
    "UserAttributeSimilarityValidator": {"user_attributes": ["name", "email"]},  # model fields
    "MinimumLengthValidator": {},
    "CommonPasswordValidator": {},
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in _VALIDATORS.items()
]
# Who may register: nobody, invited, domain (REGISTRATION_DOMAINS), everybody.
REGISTRATION = env("REGISTRATION", default="invited")
REGISTRATION_DOMAINS = env.list("REGISTRATION_DOMAINS", default=[])
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.ChangeEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_CHANGE_EMAIL = True  # one address per person: a new one replaces the old one once it is confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True  # after a changed password, and to the old address after a changed address
ACCOUNT_PREVENT_ENUMERATION = True
# Strict for one account (the typed address). A network address may be an office of 500 people who all sign in at nine,
# some of them with an old password. Other limits are allauth's defaults.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "5/5m/key,60/1m/ip,600/1h/ip",
    "login": "300/1m/ip",
    "signup": "60/1m/ip",
    "reset_password": "60/1m/ip,5/1m/key",
    "reset_password_from_key": "60/1m/ip",
}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.tokens.ResetTokens"  # noqa: S105  # a class
PASSWORD_RESET_TIMEOUT = env.int("PASSWORD_RESET_HOURS", default=4) * 3600
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# -- Mail: without a server, mails are stored and administrators read them ----------------------
# Every mail becomes a background task in the transaction that sends it; the task delivers by MAIL_DELIVERY.
EMAIL_URL = env("EMAIL_URL", default="")
EMAIL_BACKEND = "notifications.mail.QueuedMailBackend"
MAIL_DELIVERY = "notifications.mail.KeptMailBackend"
if EMAIL_URL:
    _mail = env.email_url("EMAIL_URL")
    MAIL_DELIVERY = _mail["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
    EMAIL_TIMEOUT = 20  # seconds for connecting, and for each answer of the server
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Vraagbaak <vraagbaak@localhost>")
# Where to report vulnerabilities: a mail or web address, for /.well-known/security.txt.
SECURITY_CONTACT = env("SECURITY_CONTACT", default=f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}")

# -- Limits: scope → (how many, per how many seconds), shared by HTTP and sockets -----------------
RATE_LIMITS = {
    "ask": (10, 3600),
    "answer": (60, 3600),
    "chat.start": (10, 3600),
    "chat.message": (60, 60),
    "mail.address": (10, 24 * 3600),  # mails to one address that anybody can cause
    "search": (240, 60),  # results appear while people type
    "suggest": (300, 60),
    "search.seen": (240, 60),  # reports of the results page: a pause in typing, an opened hit
    "search.wish": (20, 3600),
    "feedback": (60, 3600),
    "flag": (30, 3600),
    "post": (120, 60),  # every POST without a narrower scope
    "cms.post": (600, 60),  # the page editor saves and previews while somebody types
    "account": (300, 60),  # signing in and up, passwords, addresses; ACCOUNT_RATE_LIMITS also count failures
    "preview": (120, 60),
    "related": (240, 60),
    "capture": (60, 60),
    "list": (120, 60),  # lists with a search field
    "status": (240, 60),  # requested again whenever a socket says so
    "export": (60, 60),
    "sitemap": (20, 60),
    # Counted by each process of sockets for itself (live/quota.py); bursts are small, so the periods are short.
    "socket.knock": (600, 30),  # requests of an address to open one, before the user is known
    "socket.open": (60, 60),
    "socket.frame": (120, 6),
    "socket.work": (60, 30),  # frames that cost more: subscriptions, the desk, actions
}
# The same for a network address of people who are not signed in: an office of 500 may share one. A visitor with a
# cookie is also limited by RATE_LIMITS. Scopes that are not listed here: as above.
ADDRESS_LIMITS = {
    "chat.start": (100, 3600),
    "chat.message": (600, 60),
    "search": (1200, 60),
    "suggest": (1500, 60),
    "related": (1200, 60),
    "search.seen": (1200, 60),
    "search.wish": (100, 3600),
    "feedback": (600, 3600),
    "status": (1200, 60),
    "post": (600, 60),
}
# Open at once in one process: sockets of a signed-in person; sockets of an address of other people; conversations that
# all sockets of one of them subscribe to together.
SOCKET_LIMITS = {"sockets.person": 30, "sockets.address": 100, "subscriptions": 300}
# Route → (method, scope): a token is taken before the view. "" is every method. For other POSTs see web/limits.py.
ROUTE_LIMITS = {
    "search:results": ("", "search"),
    "search:similar": ("", "search"),
    "search:suggest": ("", "suggest"),
    "search:related": ("", "related"),
    "search:seen": ("", "search.seen"),
    "search:wish": ("", "search.wish"),
    "community:preview": ("", "preview"),
    "community:mine_fragment": ("", "status"),
    "community:latest_fragment": ("", "status"),
    "kb:capture": ("", "capture"),
    "chat:status": ("", "status"),
    "chat:desk": ("", "status"),
    "chat:desk_lists": ("", "status"),
    "chat:desk_conversation": ("", "status"),
    "chat:history": ("", "list"),
    "moderation:queue": ("", "list"),
    "notifications:sent_mail": ("", "list"),
    "accounts:people": ("", "list"),
    "accounts:audit": ("", "list"),
    "search_dashboard": ("", "export"),
    "wagtailadmin_explore": ("", "list"),
    "wagtailadmin_api:pages:listing": ("", "list"),
    "search_preview": ("", "preview"),
    "search_pick": ("", "suggest"),
    "sitemap": ("", "sitemap"),
    "account_login": ("POST", "account"),
    "account_signup": ("POST", "account"),
    "account_reset_password": ("POST", "account"),
    "account_reset_password_from_key": ("", "account"),
    "account_confirm_email": ("", "account"),
    "account_change_password": ("POST", "account"),
    "account_set_password": ("POST", "account"),
    "account_email": ("POST", "account"),
    "account_reauthenticate": ("POST", "account"),
    "accounts:invited": ("", "account"),
    "accounts:welcome": ("", "account"),
}

# -- Bodies: path prefix → (bytes, fields, seconds to send it); prefixes only for signed-in users ------------------
BODY_LIMITS = {
    "/cms/": (25 * 1024 * 1024, 10_000, 300),  # uploads, and Wagtail's page editor
    "": (1024 * 1024, 200, 30),
}
BODY_LIMIT_OTHER = 64 * 1024  # bytes of a body that is not a form
DATA_UPLOAD_MAX_NUMBER_FIELDS = max(fields for _size, fields, _seconds in BODY_LIMITS.values())

# -- Languages -------------------------------------------------------------------------------
LANGUAGE_CODE = "nl"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = sorted(path for path in (BASE_DIR / "locale").iterdir() if path.is_dir())
USE_I18N = WAGTAIL_I18N_ENABLED = True
USE_TZ = True
TIME_ZONE = env("TIME_ZONE", default="Europe/Amsterdam")

# -- Static and media -------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR_DIR / "static")))
_bootstrap = importlib.util.find_spec("xstatic.pkg.bootstrap")
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap", Path(next(iter(_bootstrap.submodule_search_locations))) / "data"),  # type: ignore[union-attr, arg-type]  # pinned in requirements.txt
]
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"
S3_BUCKET = env("S3_BUCKET", default="")
STORAGES: dict[str, dict[str, object]] = {
    "default": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env("S3_ENDPOINT", default="") or None,
            "access_key": env("S3_ACCESS_KEY", default="") or None,
            "secret_key": env("S3_SECRET_KEY", default="") or None,
            "default_acl": "private",
            "querystring_auth": True,
            "file_overwrite": False,
        },
    }
    if S3_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

# -- Wagtail ---------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "Vraagbaak"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAIL_PAGE_MODEL = "wagtailcore.Page"  # the default; the mypy plugin needs it explicitly
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILSIMPLETRANSLATION_SYNC_PAGE_TREE = False
WAGTAIL_AUTOSAVE_INTERVAL = 5000
# Browsers do not know some of Python's names (localtime, Factory).
# Lazy, because finding them reads a directory tree.
WAGTAIL_USER_TIME_ZONES = SimpleLazyObject(lambda: sorted(name for name in available_timezones() if "/" in name))
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAILIMAGES_IMAGE_MODEL = "files.Picture"
WAGTAILIMAGES_IMAGE_FORM_BASE = "files.forms.PictureForm"
WAGTAILDOCS_DOCUMENT_MODEL = "files.Attachment"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "files.forms.AttachmentForm"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
# No SVG: it can contain scripts. Originals of pictures are never served, only renditions.
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odp", "ods", "odt", "pdf", "pptx", "rtf", "txt", "xlsx", "zip"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILADMIN_RICH_TEXT_EDITORS = {"default": {"WIDGET": "kb.editor.RichTextArea"}}
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []

# -- Content security policy: our pages have no inline script or style ------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {
        "private_links": {"()": "web.private_links.MaskFilter"},
        "refusals": {"()": "web.requests.RefusalFilter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals", "private_links"]}
    },
    # web/breaker.py logs a server that does not answer once; these would log it with every request.
    "loggers": {
        "elastic_transport": {"level": "ERROR"},
        "psycopg.pool": {"level": "ERROR"},
        "django": {"handlers": [], "level": "WARNING", "propagate": True},  # everything through the one handler
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
