"""What a definition names as its source, in words a reader can look up: statutes, studies, and what Silta itself chose.

The files write a source in English with the numbers of requirements, for those who keep them; on the screen a number of a
requirement says nothing. What an organisation's own file says in its own words stays as it is.
"""

import re

from silta.kernel.language import Text

_STUDIES = {
    "000": Text("katsaus monialaiseen palveluun", "översikten över sektorsövergripande service", "review of multi-sector services"),
    "001": Text("Työkykyohjelman arviointi", "utvärderingen av Arbetsförmågeprogrammet", "evaluation of the Work Ability Programme"),
    "002": Text("tutkimus työhönvalmennuksen osaamisesta", "studien om kunnandet i arbetsträning", "study of competence in work coaching"),
    "003": Text("tutkimus kuntien työkykykoordinaattoreista", "studien om kommunernas arbetsförmågekoordinatorer", "study of municipal work-ability coordinators"),
    "004": Text("tutkimus kuntoutuksen työnantajayhteistyöstä", "studien om arbetsgivarsamarbete i rehabiliteringen", "study of employer cooperation in rehabilitation"),
}  # fmt: skip
_DEFAULTS = {
    "organisation": Text("Sillan oletus, organisaatio asettaa omansa", "Siltas standard, organisationen anger sin egen", "a Silta default, set by the organisation"),
    "employer": Text("Sillan oletus, työnantaja asettaa omansa", "Siltas standard, arbetsgivaren anger sin egen", "a Silta default, set by the employer"),
}  # fmt: skip
_PHRASES = {
    "agreed in the plan": Text("sovittu suunnitelmassa", "överenskommet i planen", "agreed in the plan"),
    "380/2023 122 § in employment services": Text(
        "työvoimapalveluissa 380/2023 122 §", "i arbetskraftsservicen 380/2023 122 §", "in employment services 380/2023 122 §",
    ),
    "otherwise by the controller's own retention plan": Text(
        "muuten rekisterinpitäjän oma säilytyssuunnitelma", "annars den personuppgiftsansvarigas egen bevaringsplan", "otherwise the controller's own retention plan",
    ),
    "social welfare keeps 10 years (703/2023 annex)": Text(
        "sosiaalihuolto säilyttää 10 vuotta (703/2023, liite)", "socialvården bevarar i 10 år (703/2023, bilaga)", "social welfare keeps 10 years (703/2023, annex)",
    ),
    "days of allowance are monday to saturday": Text(
        "päivärahapäiviä ovat päivät maanantaista lauantaihin", "dagpenningsdagar är måndag till lördag", "days of allowance are Monday to Saturday",
    ),
    "30 days: he 75/2011, a month of absence": Text(
        "30 päivää: HE 75/2011, kuukauden poissaolo", "30 dagar: RP 75/2011, en månads frånvaro", "30 days: HE 75/2011, a month of absence",
    ),
    "60 days: kela, within two months": Text(
        "60 päivää: Kela, kahden kuukauden kuluessa", "60 dagar: FPA, inom två månader", "60 days: Kela, within two months",
    ),
    "60 paid days: kela": Text("60 korvattua päivää: Kela", "60 ersatta dagar: FPA", "60 paid days: Kela"),
    "90 paid days: he 75/2011": Text("90 korvattua päivää: HE 75/2011", "90 ersatta dagar: RP 75/2011", "90 paid days: HE 75/2011"),
    "150 paid days: he 152/2021, where needed": Text(
        "150 korvattua päivää: HE 152/2021, tarvittaessa", "150 ersatta dagar: RP 152/2021, vid behov", "150 paid days: HE 152/2021, where needed",
    ),
    "230 paid days: he 152/2021, where needed": Text(
        "230 korvattua päivää: HE 152/2021, tarvittaessa", "230 ersatta dagar: RP 152/2021, vid behov", "230 paid days: HE 152/2021, where needed",
    ),
    "law-standards-evidence.md 1.5": Text(
        "työkyvyn tuen lakisääteiset tarkistuspisteet", "de lagstadgade kontrollpunkterna för stöd för arbetsförmågan", "the statutory check-points of work-ability support",
    ),
}  # fmt: skip
_STUDY = re.compile(r"REQ-(\d{3})")
_DEFAULT = re.compile(r"silta defaults?, set by the (organisation|employer)", re.IGNORECASE)


def in_words(source: str) -> str:
    """The source in the reader's language, each part once, in the order of the file."""
    told = dict.fromkeys(word for part in source.split(";") for word in _words(part.strip()))
    words = "; ".join(told)
    return words[:1].upper() + words[1:]


def statutes(source: str) -> str:
    """Of a source what a reader can look up as law. Numbers of requirements are for the page of the rules."""
    return "; ".join(part.strip() for part in source.split(";") if "§" in part)


def _words(part: str) -> list[str]:
    if phrase := _PHRASES.get(part.lower()):
        return [str(phrase)]
    if default := _DEFAULT.search(part):
        return [str(_DEFAULTS[default[1].lower()])]
    if studies := [str(_STUDIES[number]) for number in _STUDY.findall(part) if number in _STUDIES]:
        return studies
    return [part] if part else []
