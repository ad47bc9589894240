"""The addresses of the interface, version by version."""

from django.urls import path

from silta.api.interface import interface

urlpatterns = [path("v1/", interface.urls)]
