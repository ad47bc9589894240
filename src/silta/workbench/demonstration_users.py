"""The people who sign in to the demonstration: the sign-in page shows them, the stories are told by them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Purpose

PASSWORD = "silta-demo"  # noqa: S105 - published on the sign-in page of the demonstration


@dataclass(frozen=True, slots=True)
class DemonstrationUser:
    """One sign-in: who she is, what she does, and where she works (``unit`` names a unit of ``region``)."""

    email: str
    name: str
    description: str | Promise
    unit: str = ""
    role: str = ""
    purpose: str = ""
    title: str = ""
    phone: str = ""


USERS: list[DemonstrationUser] = [
    DemonstrationUser(
        "eero.virtanen@tyollisyys.example",
        "Eero Virtanen",
        _("Employment authority: responsible for clients' cases"),
        "employment",
        "case_worker",
        Purpose.JOINT_SUPPORT,
        "Asiakasvastaava",
        "029 000 9001",
    ),
    DemonstrationUser(
        "paula.laine@tyollisyys.example",
        "Paula Laine",
        _("Employment authority: leads Eero's unit"),
        "employment",
        "unit_lead",
        Purpose.JOINT_SUPPORT,
        "Palveluesihenkilö",
        "029 000 9002",
    ),
    DemonstrationUser(
        "saara.niemi@hyvinvointi.example",
        "Saara Niemi",
        _("Wellbeing services county: social worker"),
        "social",
        "case_worker",
        Purpose.JOINT_SUPPORT,
        "Sosiaalityöntekijä",
        "029 000 9003",
    ),
    DemonstrationUser(
        "kaisa.lehto@kela.example",
        "Kaisa Lehto",
        _("Kela: specialist in rehabilitation"),
        "kela",
        "network_member",
        Purpose.JOINT_SUPPORT,
        "Kuntoutuksen asiantuntija",
        "029 000 9004",
    ),
    DemonstrationUser(
        "liisa.koski@valmennus.example",
        "Liisa Koski",
        _("Service provider: work coach"),
        "coaching",
        "work_coach",
        Purpose.COACHING,
        "Työhönvalmentaja",
        "029 000 9005",
    ),
    DemonstrationUser(
        "olli.makinen@yritys.example",
        "Olli Mäkinen",
        _("Employer: supervisor at a workplace"),
        "workplace",
        "supervisor",
        Purpose.WORKPLACE_SUPPORT,
        "Tuotantopäällikkö",
        "029 000 9006",
    ),
    DemonstrationUser(
        "hanna.jarvinen@kaupunki.example",
        "Hanna Järvinen",
        _("Municipal employer: coordinator of work ability"),
        "city_hr",
        "employer_coordinator",
        Purpose.WORKPLACE_SUPPORT,
        "Työkykykoordinaattori",
        "029 000 9007",
    ),
    DemonstrationUser(
        "tiina.rautio@arviointi.example",
        "Tiina Rautio",
        _("Evaluator: reads definitions and figures, never a client"),
        "evaluation",
        "evaluator",
        Purpose.EVALUATION,
        "Arvioija",
        "029 000 9008",
    ),
    DemonstrationUser(
        "aino.korhonen@asiakas.example",
        "Aino Korhonen",
        _("Client: her own plan and her own data"),
    ),
    DemonstrationUser(
        "vaino.salo@tyollisyys.example",
        "Väinö Salo",
        _("Another unit of the employment authority, on no case: to him everything is “not found”"),
        "employment_other",
        "case_worker",
        Purpose.JOINT_SUPPORT,
        "Yritysasiantuntija",
        "029 000 9009",
    ),
    DemonstrationUser(
        "reino.aho@tyollisyys.example",
        "Reino Aho",
        _("Employment authority: data protection officer"),
        "employment",
        "data_protection_officer",
        Purpose.OVERSIGHT,
        "Tietosuojavastaava",
        "029 000 9010",
    ),
    DemonstrationUser(
        "admin@silta.example",
        "Sillan ylläpitäjä",
        _("Runs the installation, sees no client"),
        "keeping",
        "keeper",
        Purpose.KEEPING,
        "Ylläpitäjä",
    ),
]


def _colleague(  # noqa: PLR0917 - the table below is read column by column
    name: str, unit: str, role: str, purpose: str, title: str, domain: str
) -> DemonstrationUser:
    address = name.lower().translate(str.maketrans("äöå ", "aoa."))
    phone = f"029 000 {8000 + sum(map(ord, name)) % 1000}"
    return DemonstrationUser(f"{address}@{domain}.example", name, "", unit, role, purpose, title, phone)


_JOINT, _COACHING = Purpose.JOINT_SUPPORT, Purpose.COACHING
# Their colleagues: they fill the region and sign in with the same password, but the sign-in page leaves them out.
COLLEAGUES: list[DemonstrationUser] = [
    _colleague("Marja Tolonen", "employment", "case_worker", _JOINT, "Asiantuntija", "tyollisyys"),
    _colleague("Antti Rusanen", "employment", "case_worker", _JOINT, "Asiantuntija", "tyollisyys"),
    _colleague("Sini Väisänen", "employment", "case_worker", _JOINT, "Asiakasvastaava", "tyollisyys"),
    _colleague("Jouni Karppinen", "employment", "case_worker", _JOINT, "Asiakasvastaava", "tyollisyys"),
    _colleague("Hannu Kemppainen", "employment", "case_worker", _JOINT, "Asiantuntija", "tyollisyys"),
    _colleague("Tuula Moilanen", "employment_young", "unit_lead", _JOINT, "Palveluesihenkilö", "tyollisyys"),
    _colleague("Essi Leinonen", "employment_young", "case_worker", _JOINT, "Asiantuntija", "tyollisyys"),
    _colleague("Pekka Kyllönen", "employment_young", "case_worker", _JOINT, "Asiantuntija", "tyollisyys"),
    _colleague("Raija Juntunen", "social", "unit_lead", _JOINT, "Johtava sosiaalityöntekijä", "hyvinvointi"),
    _colleague("Timo Heikkinen", "social", "case_worker", _JOINT, "Sosiaaliohjaaja", "hyvinvointi"),
    _colleague("Minna Kinnunen", "health", "case_worker", _JOINT, "Terveydenhoitaja", "hyvinvointi"),
    _colleague("Tuomas Haataja", "health", "network_member", _JOINT, "Lääkäri", "hyvinvointi"),
    _colleague("Riitta Komulainen", "kela", "case_worker", _JOINT, "Kuntoutuksen asiantuntija", "kela"),
    _colleague("Juha Tervo", "coaching", "unit_lead", _COACHING, "Valmennusjohtaja", "valmennus"),
    _colleague("Noora Ahonen", "coaching", "work_coach", _COACHING, "Työhönvalmentaja", "valmennus"),
    _colleague("Päivi Keränen", "workplace_hr", "employer_coordinator", Purpose.WORKPLACE_SUPPORT, "Henkilöstöpäällikkö",
               "yritys"),
    _colleague("Sanna Oikarinen", "occupational", "network_member", Purpose.WORKPLACE_SUPPORT, "Työterveyshoitaja",
               "tyoterveys"),
]  # fmt: skip
