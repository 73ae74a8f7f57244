"""The product's settings for making and checking a stored database: everything embedded but the database."""

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]  # noqa: F405
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
BACKGROUND_THREADS = False
SEARCH_LOG_SECONDS = 0
SEARCH_QUERY_PEOPLE = 1
SEARCH_ALERT_SEARCHES = 5
SEARCH_MEANING = "off"
