"""The addresses of the room."""

from django.urls import path

from silta.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("journal/", views.data, name="journal"),
    path("sharing/", views.sharing, name="sharing"),
    path("data/", views.own_data, name="own_data"),
    path("data/<uuid:export_id>/", views.read_own_data, name="own_data_read"),
    path("data/<uuid:export_id>/data.json", views.own_data_file, name="own_data_file"),
    path("goals/<uuid:goal_id>/confirm/", views.confirm_goal, name="goal_confirm"),
    path("goals/<uuid:goal_id>/decline/", views.decline_goal, name="goal_decline"),
    path("steps/<uuid:action_id>/done/", views.complete_step, name="step_done"),
    path("consents/<uuid:consent_id>/withdraw/", views.withdraw_consent, name="consent_withdraw"),
]
