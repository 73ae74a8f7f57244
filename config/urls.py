"""All URLs. Pages for readers have a language prefix; other URLs have none."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib.sitemaps.views import sitemap
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.i18n import JavaScriptCatalog
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from accounts.views import cms_sign_in
from web import pages
from web.health import health
from web.packages import merged, packages

handler429 = pages.too_many  # allauth's rate limits

# The only way to sign in: these come before Wagtail's own URLs for signing in and out, which are never reached.
urlpatterns: list[URLPattern | URLResolver] = [
    path("cms/login/", cms_sign_in.sign_in_to_cms, name="wagtailadmin_login"),
    path("cms/logout/", cms_sign_in.sign_out, name="wagtailadmin_logout"),
    re_path(r"^cms/password_reset/", cms_sign_in.reset_password, name="wagtailadmin_password_reset"),
    path("cms/", include(wagtailadmin_urls)),
    path("i18n/", include("django.conf.urls.i18n")),
    path("too-large/", pages.too_large, name="too_large"),
    path("health/", health, name="health"),
    path("robots.txt", pages.robots, name="robots"),
    path(".well-known/security.txt", pages.security_txt, name="security_txt"),
    path("manifest.webmanifest", pages.manifest, name="manifest"),
    path("sw.js", pages.service_worker, name="service_worker"),
    path("", include("files.urls")),
    path("sitemap.xml", sitemap, {"sitemaps": merged(package.sitemaps for package in packages())}, name="sitemap"),
]
urlpatterns += i18n_patterns(
    path("jsi18n/", JavaScriptCatalog.as_view(), name="javascript-catalog"),
    path("account/", include("accounts.account_urls")),
    path("_util/login/", cms_sign_in.sign_in),
    path("_util/authenticate_with_password/<int:restriction>/<int:page>/", cms_sign_in.sign_in),
    path("", include("accounts.urls")),
    path(_("privacy/"), pages.privacy, name="privacy"),
    path(_("accessibility/"), pages.accessibility, name="accessibility"),
    path("offline/", pages.offline, name="offline"),
    path(_("style/"), pages.styleguide, name="styleguide"),
    path("", include("kb.urls")),
    path("", include("discovery.urls")),
    path("", include("notifications.urls")),
    path("", include("community.urls")),
    path("", include("moderation.urls")),
    path("", include("chat.urls")),
    path("", include(wagtail_urls)),
)
handler400 = "web.outages.handler400"
handler500 = "web.outages.handler500"
if settings.DEBUG:
    from django.contrib.staticfiles.urls import staticfiles_urlpatterns

    urlpatterns += staticfiles_urlpatterns()
