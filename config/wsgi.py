"""WSGI application for pages in the production set-up: `gunicorn config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from web.private_links import mask_access_logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
mask_access_logs()
application = get_wsgi_application()
