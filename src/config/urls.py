"""The addresses of the product: each room's own list, mounted once."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("language/", set_language, name="set_language"),
    path("gallery/", include("silta.ui.urls")),
    path("access/", include("silta.access.urls")),
    path("cases/", include("silta.cases.urls")),
    path("import/", include("silta.intake.urls")),
    path("me/", include("silta.portal.urls")),
    path("", include("silta.desk.urls")),
]
