"""The addresses of the desk: the first pages of professionals."""

from django.urls import URLPattern, path

from silta.desk.views import (
    calendar,
    clients,
    deeds,
    emergencies,
    exports,
    going,
    organisations,
    rules,
    today,
    unit,
    units,
)

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
    path("erasure/", going.going, name="going"),
    path("unit/", unit.unit, name="unit"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/address/", calendar.make_address, name="make_address"),
    path("calendar/address/revoke/", calendar.revoke_address, name="revoke_address"),
    path("calendar/<str:secret>.ics", calendar.calendar_feed, name="calendar_feed"),
    path("emergencies/", emergencies.emergencies, name="emergencies"),
    path("emergencies/<uuid:access_id>/", emergencies.review, name="emergency_judge"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/new/", organisations.found, name="found_organisation"),
    path("organisations/<uuid:organisation_id>/", organisations.organisation, name="organisation"),
    path("organisations/<uuid:organisation_id>/names/", organisations.names, name="organisation_names"),
    path("organisations/<uuid:organisation_id>/facts/", organisations.facts, name="organisation_facts"),
    path("organisations/<uuid:organisation_id>/parents/", organisations.parents, name="parents"),
    path("organisations/<uuid:organisation_id>/close/", organisations.close, name="organisation_close"),
    path("organisations/<uuid:organisation_id>/sign-in/", organisations.second_factor, name="second_factor"),
    path("organisations/<uuid:organisation_id>/units/new/", organisations.found_unit, name="found_unit"),
    path("organisations/units/<uuid:unit_id>/", units.unit, name="keep_unit"),
    path("organisations/units/<uuid:unit_id>/names/", units.names, name="unit_names"),
    path("organisations/units/<uuid:unit_id>/facts/", units.facts, name="unit_facts"),
    path("organisations/units/<uuid:unit_id>/close/", units.close, name="unit_close"),
    path("organisations/units/<uuid:unit_id>/hand-over/", units.receiver, name="receiver"),
    path(
        "organisations/units/<uuid:unit_id>/hand-over/<uuid:to_id>/", units.hand_over, name="unit_hand_over"
    ),
    path("rules/", rules.rules, name="rules"),
]
