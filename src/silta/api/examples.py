"""The examples of the document: one story, Aino's, told field by field, and put together by the shapes.

A field's example is found by its name; a test holds each to the schema of the place where it stands.
"""

from typing import Any

_AINO, _CASE, _UNIT, _EERO = (f"0192f3a1-7c00-7000-8000-00000000000{number}" for number in range(1, 5))
_ROW = "0192f3a1-7c00-7000-8000-0000000000a1"
_DAY, _MOMENT = "2026-11-02", "2026-11-02T09:15:00+02:00"
_CURSOR = "MDE5MmYzYTEtN2MwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAy"

# By name; what is not here is told by its type, its values or its shape.
_FIELDS: dict[str, Any] = {
    "absence_reason": "Kelan kuntoutusta ei tarvittu",
    "accepted_how": "signature",
    "accepted_on": "2026-11-20",
    "answers_for": "Kuntoutuksen vaihtoehdot",
    "band": "needs",
    "birth_date": "1990-01-01",
    "business_id": "0246246-0",
    "call_name": "Aino",
    "case_id": _CASE,
    "case_ids": [_CASE],
    "categories": ["clienthood", "plan"],
    "category": "clienthood",
    "channel": "phone",
    "citation": "381/2023 15 §",
    "code": "joint_support",
    "consent_id": _ROW,
    "contact_reason": "Haluan takaisin töihin.",
    "controller_id": _UNIT,
    "cursor": _CURSOR,
    "decision_reason": "Ei kuulu meidän tehtäviimme.",
    "definition_version": "2024-07",
    "detail": "Arvo puuttuu.",
    "disputed_note": "Aino: jaksan enemmän kuin tässä sanotaan.",
    "domain": "skills",
    "due_on": "2026-12-01",
    "email": "aino@asiakas.example",
    "expected_on": "2026-12-15",
    "explained_how": "Käytiin läpi yhdessä kohta kohdalta.",
    "findings": "Työkokeilu sujuu, selkä kestää puolen päivän.",
    "first_names": "Aino Maria",
    "from_unit_id": _UNIT,
    "goal_id": _ROW,
    "ground": "joint_support",
    "how": "Kerrottiin tapaamisessa ja annettiin kirjallisena.",
    "how_followed": "Puhelu joka toinen viikko",
    "id": _ROW,
    "identity_code": "010190-900P",
    "joined_how": "invited",
    "kind": "joint_support",
    "language": "fi",
    "last_name": "Korhonen",
    "legal_basis": "joint_support",
    "limit": 50,
    "missing": "",
    "mother_tongue": "fi",
    "municipality": "Kajaani",
    "name": "Työkyvyn tuki",
    "necessity": "Työtehtävien rajaaminen",
    "need": "regular",
    "needs": "",
    "next": _CURSOR,
    "no_code_reason": None,
    "note": "Aino odottaa soittoa ensi viikolla.",
    "number": "2026-00042",
    "official_reference": "TE-2026-1187",
    "onward": "path",
    "onward_text": "Työterveys ja oma esihenkilö",
    "organisation_id": _UNIT,
    "outcome": "open_employment",
    "outsider_name": "",
    "own_words": "Haluan takaisin puuhommiin, mutta selkä ei kestä koko päivää.",
    "part": "member",
    "parties": ["client", "employment_authority"],
    "person_id": _AINO,
    "phase": "planning",
    "phases": ["contact", "assessment", "planning"],
    "phone": "+358 40 123 4567",
    "present": "Aino, Eero ja Saara",
    "proposed_by": "client",
    "provider_name": "Valmennus Vuoksi ry",
    "purpose_text": "Työhönvalmennuksen suunnittelu",
    "q": "korho",
    "reason": "Aino pyysi tätä puhelussa.",
    "reference": "Sopimus 12/2026",
    "refused": False,
    "refused_reason": "",
    "resolution": "Asia sovittiin puhelussa.",
    "responsible_id": _EERO,
    "result": "reached",
    "row_id": _ROW,
    "rule": "plan",
    "sector": "employment",
    "service_language": "fi",
    "source": "client",
    "source_detail": "Ainon oma kertomus",
    "state": "open",
    "state_reason": "",
    "text": "Soitettiin Ainolle ja sovittiin tapaaminen.",
    "title": "Yhteydenotto",
    "to_unit": _UNIT,
    "to_unit_id": _UNIT,
    "to_user_id": _EERO,
    "transition_days": 14,
    "unit": "Työkyvyn tuki",
    "unit_id": _UNIT,
    "unseen": 0,
    "user_id": _EERO,
    "value": "+358 40 123 4567",
    "version": 3,
    "visibility": "shared",
    "what": "Suunnitelma on tehtävä.",
    "who": "Eero Virtanen",
    "withdrawn_reason": "",
    "with_whom": "",
    "wording": "Osa-aikainen työ",
}
# Where the same name means something else.
_IN: dict[str, dict[str, Any]] = {
    "Worker": {"id": _EERO, "name": "Eero Virtanen"},
    "PersonShape": {"id": _AINO},
    "DetailsShape": {"id": _AINO},
    "CaseRow": {"id": _CASE, "source": "self", "unit_id": _UNIT},
    "CaseShape": {"id": _CASE, "source": "self", "onward": "", "outcome": "", "onward_text": ""},
    "OpenCase": {"source": "self", "responsible_id": None, "person_id": None},
    "Register": {"source": "self", "first_names": "Ville", "last_name": "Lehto", "identity_code": "",
                 "no_code_reason": "not_known", "call_name": "Ville", "birth_date": "1988-03-04"},
    "Contact": {"kind": "phone"},
    "ContactPointShape": {"kind": "phone"},
    "NewNote": {"kind": "contact", "happened_at": _MOMENT},
    "NoteShape": {"kind": "contact"},
    "NewService": {"name": "Työhönvalmennus", "agreed_on": _DAY, "provider_unit_id": None, "goal_id": None},
    "ServiceShape": {"name": "Työhönvalmennus", "state": "agreed"},
    "ServiceState": {"state": "started", "expected_on": None},
    "Step": {"text": "Soita Mäkisen Puuhun", "goal_id": None, "owner_unit_id": None, "owner_id": None},
    "StepShape": {"text": "Soita Mäkisen Puuhun"},
    "GoalShape": {"state": "proposed", "confirmed_on": None},
    "Supporter": {"name": "Maija Korhonen", "answers_for": "Sisko, mukana tapaamisissa"},
    "Entry": {"text": "Puusepän perustutkinto, kuusi vuotta tuotannossa.", "necessity": ""},
    "EntryCorrection": {"text": "Puusepän perustutkinto, seitsemän vuotta tuotannossa."},
    "EntryShape": {"text": "Puusepän perustutkinto, kuusi vuotta tuotannossa.", "category": "skills"},
    "FlagText": {"text": "Soita vasta kello 10 jälkeen."},
    "FlagShape": {"text": "Soita vasta kello 10 jälkeen.", "resolution": ""},
    "Invitation": {"ground": None, "reference": "", "user_id": None},
    "Reason": {"code": "no_plan", "name": "Suunnitelma puuttuu", "source": "381/2023 5 §"},
    "DeadlineShape": {"source": "381/2023 5 §"},
    "GroundShape": {"name": "Monialainen tuki", "text": "Tiedot, jotka ovat välttämättömiä monialaiselle tuelle."},
    "KindShape": {"name": "Työllistymisen monialainen tuki", "version": "2024-07"},
    "OrganisationShape": {"kind": "employment_authority", "name": "Kainuun työllisyysalue"},
    "EventShape": {"what": "Luki asiakkuuden tiedot", "kind": "read"},
    "TransferShape": {"state": "proposed", "decision_reason": ""},
    "ConsentShape": {"ground": "written_consent_plan", "channel": "writing", "language": "fi"},
    "NewConsent": {"ground": "written_consent_plan", "channel": "writing", "from_unit_id": None},
    "Taking": {"responsible_id": None},
    "Reopening": {"responsible_id": None},
    "Objection": {"note": "Aino: jaksan enemmän kuin tässä sanotaan."},
    "PlanShape": {"number": 1, "reason": "Ensimmäinen suunnitelma"},
    "NewPlan": {"reason": "Ensimmäinen suunnitelma"},
    "Gate": {"first_names": "", "last_name": "", "birth_date": None},
    "Candidate": {"reasons": ["Sama syntymäaika"]},
    "Matches": {"likely": [], "is_known": True},
    "End": {"ended_on": None, "aftercare_until": None},
}  # fmt: skip

_LISTS = {name for name, told in _FIELDS.items() if isinstance(told, list)}
_OF_FORMAT = {"date": _DAY, "date-time": _MOMENT, "uuid": _ROW}
_OF_TYPE: dict[str, Any] = {"boolean": False, "integer": 1}


def example_of(schema: dict[str, Any], shapes: dict[str, Any], *, name: str = "", within: str = "") -> Any:
    """An example of what the schema describes; ``name`` is what the field is called, ``within`` the shape it stands in.

    Raises ``LookupError`` for a text that no example is told of.
    """
    shape = schema.get("$ref", "").rpartition("/")[2]
    if shape and "properties" in shapes[shape]:
        return _fields(shapes[shape], shapes, shape)
    if name in _IN.get(within, {}):
        return _IN[within][name]
    inner = (
        shapes[shape]
        if shape
        else next((schema[word][0] for word in ("anyOf", "allOf") if word in schema), None)
    )
    if inner is not None:
        return example_of(inner, shapes, name=name, within=within)
    if "properties" in schema:
        return _fields(schema, shapes, "")
    if schema.get("type") == "array" and name not in _LISTS:
        return [example_of(schema["items"], shapes, name=name, within=within)]
    return _simple(schema, name)


def _fields(schema: dict[str, Any], shapes: dict[str, Any], shape: str) -> dict[str, Any]:
    return {
        name: example_of(told, shapes, name=name, within=shape) for name, told in schema["properties"].items()
    }


def _simple(schema: dict[str, Any], name: str) -> Any:
    if "enum" in schema:
        return _FIELDS[name] if _FIELDS.get(name) in schema["enum"] else schema["enum"][0]
    if name in _FIELDS:
        return _FIELDS[name]
    if schema.get("format") in _OF_FORMAT:
        return _OF_FORMAT[schema["format"]]
    if schema["type"] not in _OF_TYPE:
        raise LookupError(f"the field {name} needs an example")
    return _OF_TYPE[schema["type"]]
