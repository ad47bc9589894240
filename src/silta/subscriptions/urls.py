"""The addresses of the room."""

from django.urls import path

from silta.subscriptions import views

app_name = "subscriptions"
urlpatterns = [
    path("", views.subscriptions, name="list"),
    path("<uuid:subscription_id>/", views.subscription, name="subscription"),
    path("<uuid:subscription_id>/secret/", views.rotate, name="rotate"),
    path("<uuid:subscription_id>/test/", views.test, name="test"),
    path("<uuid:subscription_id>/resume/", views.resume, name="resume"),
    path("<uuid:subscription_id>/end/", views.end, name="end"),
    path("<uuid:subscription_id>/messages/<uuid:message_id>/retry/", views.retry, name="retry"),
]
