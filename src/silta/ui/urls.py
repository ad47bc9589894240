"""The addresses of the room."""

from django.urls import path

from silta.ui import views

app_name = "ui"
urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("alive/", views.alive, name="alive"),
]
