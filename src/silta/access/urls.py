"""The addresses of the room."""

from django.urls import path

from silta.access.views import (
    emergency,
    erasure,
    exports,
    journal,
    members,
    places,
    rights,
    sharing,
    tokens,
    units,
    unsent,
)

app_name = "access"
urlpatterns = [
    path("switch/", places.switch, name="switch"),
    path("units/", units.units, name="units"),
    path("unsent/", unsent.unsent, name="unsent"),
    path("reference/", places.reference, name="reference"),
    path("emergency/", emergency.open_access, name="emergency"),
    path("emergency/<uuid:access_id>/close/", emergency.close_access, name="emergency_close"),
    path("journal/", journal.search, name="journal"),
    path("erasure/", erasure.overview, name="erasure"),
    path("erasure/<uuid:run_id>/release/", erasure.release, name="erasure_release"),
    path("exports/", exports.exports, name="exports"),
    path("exports/<uuid:export_id>/", exports.read, name="export_read"),
    path("exports/<uuid:export_id>/data.json", exports.download, name="export_file"),
    path("members/", members.members, name="members"),
    path("members/<uuid:membership_id>/end/", members.end, name="member_end"),
    path("rights/", rights.overview, name="rights"),
    path("rights/units/<uuid:unit_id>/start/", rights.start, name="rights_start"),
    path("rights/<uuid:review_id>/", rights.review, name="rights_review"),
    path("rights/<uuid:review_id>/members/<uuid:membership_id>/", rights.answer, name="rights_answer"),
    path("rights/<uuid:review_id>/close/", rights.close, name="rights_close"),
    path("rights/requests/<uuid:answer_id>/settle/", rights.settle, name="rights_settle"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<uuid:token_id>/revoke/", tokens.revoke, name="token_revoke"),
    path("people/<uuid:person_id>/consents/", sharing.consents, name="consents"),
    path("consents/<uuid:consent_id>/withdraw/", sharing.withdraw, name="consent_withdraw"),
    path("people/<uuid:person_id>/sharing/", sharing.may_share, name="sharing"),
]
