"""The addresses of the desk: the first pages of professionals."""

from django.urls import URLPattern, path

from silta.desk.views import calendar, clients, deeds, emergencies, exports, rules, today, unit

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("", today.today, name="today"),
    path("why/<uuid:case_id>/", today.why, name="why"),
    path("do/<uuid:case_id>/<slug:name>/", deeds.deed, name="deed"),
    path("clients/", clients.clients, name="clients"),
    path("clients/batch/", clients.batch, name="batch"),
    path("clients/views/save/", clients.save_view, name="save_view"),
    path("clients/views/<uuid:view_id>/forget/", clients.forget_view, name="forget_view"),
    path("clients/export.<str:form>", exports.export, name="export"),
    path("search/", clients.search, name="search"),
    path("unit/", unit.unit, name="unit"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/address/", calendar.make_address, name="make_address"),
    path("calendar/address/revoke/", calendar.revoke_address, name="revoke_address"),
    path("calendar/<str:secret>.ics", calendar.calendar_feed, name="calendar_feed"),
    path("emergencies/", emergencies.emergencies, name="emergencies"),
    path("emergencies/<uuid:access_id>/", emergencies.review, name="emergency_judge"),
    path("rules/", rules.rules, name="rules"),
]
