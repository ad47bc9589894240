"""The addresses of the room."""

from django.urls import URLPattern, path

from silta.cases.views import drafts, page, records, sharing, starting
from silta.cases.views.deeds import urls_of
from silta.cases.views.registry import DEEDS

app_name = "cases"
urlpatterns: list[URLPattern] = [
    path("new/", starting.new, name="new"),
    path("new/draft/", drafts.keep_new, name="new_draft"),
    path("new/draft/discard/", drafts.discard_new, name="new_draft_discard"),
    path("new/register/", starting.register, name="register"),
    path("new/open/", starting.open_known, name="open_known"),
    path("join/", starting.join, name="join"),
    path("<uuid:case_id>/", page.case_page, name="case"),
    path("<uuid:case_id>/sharing/", sharing.sharing, name="sharing"),
    path("<uuid:case_id>/as/<uuid:unit_id>/", sharing.preview, name="preview"),
    path("<uuid:case_id>/members/", sharing.members, name="members"),
    path("<uuid:case_id>/invite/", sharing.invite, name="invite"),
    path("<uuid:case_id>/offer/<uuid:transfer_id>/", sharing.offer, name="offer"),
    path("<uuid:case_id>/plans/", records.plans, name="plans"),
    path("<uuid:case_id>/person/", records.person, name="person"),
    path("<uuid:case_id>/merge/", records.merge, name="merge"),
    path("<uuid:case_id>/merge/<uuid:merge_id>/undo/", records.unmerge, name="unmerge"),
    path("<uuid:case_id>/draft/<slug:form>/", drafts.keep, name="draft"),
    path("<uuid:case_id>/draft/<slug:form>/discard/", drafts.discard, name="draft_discard"),
    *urls_of(DEEDS),
]
