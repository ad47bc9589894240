"""The addresses of the room."""

from django.urls import URLPattern, path

from silta.evaluation import views

app_name = "evaluation"
urlpatterns: list[URLPattern] = [
    path("", views.figures, name="figures"),
    path("order/", views.order, name="order"),
    path("progress/", views.progress, name="progress"),
    path("<uuid:chart_id>.svg", views.chart, name="chart"),
]
