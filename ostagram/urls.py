"""THE FRAME: which part answers which address."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.decorators.http import require_safe

from ostagram import crawlers, design, errors, health, manifest, offline, pages
from people import claims, codes, languages, leaving, mailing
from stylize import metrics

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("stylize.urls")),
    path("", include("feed.urls")),
    path("", include("billing.urls")),
    path("account/delete/", leaving.page, name="leave"),
    path("accounts/login/code/confirm/", codes.confirm, name="account_confirm_login_code"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/", include("people.social_urls")),
    path("admin/", admin.site.urls),
    path("mail/off/<str:token>/", mailing.off, name="mail_off"),
    path("mail/digest/off/<str:token>/", mailing.digest_off, name="mail_digest_off"),
    path("claim/<str:token>/", claims.claim, name="claim"),
    path("language/", languages.choose, name="language"),
    path("how-it-works/", pages.how, name="how-it-works"),
    path("prices/", pages.prices, name="prices"),
    path("terms/", pages.terms, name="terms"),
    path("privacy/", pages.privacy, name="privacy"),
    path("licence/", pages.licence, name="licence"),
    path("contact/", pages.contact, name="contact"),
    path("design/", design.page, name="design"),
    path("offline/", offline.page, name="offline"),
    path("sw.js", offline.worker, name="service-worker"),
    path("site.webmanifest", manifest.manifest, name="manifest"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("favicon.ico", require_safe(lambda request: redirect(static("icons/mark.svg"))), name="favicon"),
    path("metrics", metrics.metrics, name="metrics"),
    path("healthz", health.healthz, name="healthz"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler429 = errors.too_many  # asked by allauth's limits of rate
handler500 = errors.server_error
