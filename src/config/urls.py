"""The addresses of the product: each room's own list, mounted once."""

from django.http import Http404
from django.urls import URLPattern, URLResolver, include, path
from django.views.defaults import page_not_found
from django.views.i18n import set_language

# Named by the library of sign-in, like Django's own of other statuses.
handler429 = "silta.accounts.views.too_many"
handler500 = "config.health.server_error"
urlpatterns: list[URLPattern | URLResolver] = [
    # By her e-mail address a user is invited and known: whoever could change her own would be invited in another's place.
    path("accounts/email/", page_not_found, {"exception": Http404()}),
    path("accounts/", include("allauth.urls")),
    path("language/", set_language, name="set_language"),
    path("gallery/", include("silta.ui.urls")),
    path("access/", include("silta.access.urls")),
    path("api/", include("silta.api.urls")),
    path("cases/", include("silta.cases.urls")),
    path("import/", include("silta.intake.urls")),
    path("subscriptions/", include("silta.subscriptions.urls")),
    path("figures/", include("silta.evaluation.urls")),
    path("me/", include("silta.portal.urls")),
    path("", include("silta.desk.urls")),
]
