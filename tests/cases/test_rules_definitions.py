import datetime as dt
from pathlib import Path

import pytest
import yaml

from silta.cases.enums import Need
from silta.cases.rules import deadlines, definitions
from silta.cases.rules.deadlines import Facts
from silta.cases.rules.definitions import DefinitionError
from silta.cases.rules.schema import Subject

KINDS = ["coaching", "joint_support", "rehabilitation", "workplace_support"]


def written(tmp_path: Path, file: str = "own.yaml", /, **changed: object) -> Path:
    """A definition file like that of joint support, with some keys changed; ``None`` leaves a key out."""
    content = yaml.safe_load((definitions.SHIPPED / "joint_support.yaml").read_text(encoding="utf-8"))
    content |= changed
    path = tmp_path / file
    path.write_text(yaml.safe_dump({k: v for k, v in content.items() if v is not None}), encoding="utf-8")
    return path


def test_the_four_kinds_are_there() -> None:
    assert list(definitions.definitions()) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_has_a_source_and_every_path_leads_to_the_end(kind: str) -> None:
    found = definitions.definition(kind)
    assert all(rule.source for rule in found.rules)
    reached, new = set[str](), {found.first_phase}
    while new:
        reached |= new
        new = {after for before in new for after in found.moves.get(before, ())} - reached
    assert reached == {phase.code for phase in found.phases}
    assert not found.moves.get(found.last_phase)


@pytest.mark.parametrize("kind", KINDS)
def test_more_need_weighs_more_and_asks_for_contact_sooner(kind: str) -> None:
    found = definitions.definition(kind)
    weights = found.need_weights
    assert weights[Need.LIGHT] < weights[Need.REGULAR] < weights[Need.INTENSIVE]
    quiet = next(rule for rule in found.rules if rule.quiet)
    days = quiet.amount_by_need
    assert days[Need.LIGHT] > days[Need.REGULAR] == found.no_contact_days > days[Need.INTENSIVE]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_follows_promised_actions_and_services(kind: str) -> None:
    subjects = {rule.subject for rule in definitions.definition(kind).rules}
    assert subjects == set(Subject)


def test_workplace_support_has_nine_triggers_and_sees_no_health() -> None:
    assert len(definitions.definition("workplace_support").triggers) == 9


def test_kinds_open_to_an_organisation() -> None:
    assert [one.code for one in definitions.kinds_open_to("employer")] == ["workplace_support"]
    assert "joint_support" in [one.code for one in definitions.kinds_open_to("employment_authority")]
    assert not definitions.kinds_open_to("employment_authority", on=dt.date(2024, 12, 31))


def test_an_unknown_word_names_file_and_place(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"own\.yaml: colour: "):
        definitions.read(written(tmp_path, colour="blue"))


def test_a_phase_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="moves: there is no limbo"):
        definitions.read(written(tmp_path, moves={"contact": ["limbo"]}))


def test_a_fact_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    content = yaml.safe_load((definitions.SHIPPED / "joint_support.yaml").read_text(encoding="utf-8"))
    content["rules"][0]["from_facts"] = ["full_moon"]
    with pytest.raises(DefinitionError, match=r"rule plan_due, facts: there is no full_moon"):
        definitions.read(written(tmp_path, rules=content["rules"]))


def test_a_shared_rule_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"own\.yaml: rules\.0"):
        definitions.read(written(tmp_path, rules=["no_such_rule"]))


def test_a_text_must_be_in_all_three_languages(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"name: .*fi, sv and en"):
        definitions.read(written(tmp_path, name={"fi": "Tuki", "en": "Support"}))


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("code: [", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"broken\.yaml"):
        definitions.read(path)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_who_decides_its_end_and_by_which_source(kind: str) -> None:
    found = definitions.definition(kind)
    assert found.closing.source
    assert all(one.source for one in found.closing.decided_by)
    assert "client" in {one.who for one in found.closing.decided_by}


def test_joint_support_is_ended_by_the_three_and_only_kela_may_have_had_no_part() -> None:
    decided_by = definitions.definition("joint_support").closing.decided_by
    three = {one.who: one.may_be_missing for one in decided_by if one.who != "client"}
    assert three == {"employment_authority": False, "wellbeing_county": False, "kela": True}
    assert all("381/2023 8 §" in one.source for one in decided_by if one.who != "client")


def test_an_end_that_nobody_decides_is_no_closing_rule(tmp_path: Path) -> None:
    content = yaml.safe_load((definitions.SHIPPED / "joint_support.yaml").read_text(encoding="utf-8"))
    for wrong in ([], [{"who": "neighbour", "source": "x"}]):
        path = written(tmp_path, closing=content["closing"] | {"decided_by": wrong})
        with pytest.raises(DefinitionError, match="decided_by"):
            definitions.read(path)


def test_nothing_is_counted_by_code_another_file_gives_other_days(tmp_path: Path) -> None:
    content = yaml.safe_load((definitions.SHIPPED / "joint_support.yaml").read_text(encoding="utf-8"))
    plan_due = next(
        rule for rule in content["rules"] if isinstance(rule, dict) and rule["code"] == "plan_due"
    )
    plan_due |= {"amount": 10, "unit": "working_days"}
    own = definitions.read(written(tmp_path, rules=content["rules"]))
    start = dt.date(2026, 12, 21)
    facts = Facts("open", "assessment", "regular", {"assessment_started": start})
    due = {one.rule: one for one in deadlines.due(own, facts)}["plan_due"]
    assert due.due_on == dt.date(2027, 1, 8), "Christmas, New Year's Day and Epiphany do not count"
    assert due.inputs == {"assessment_started": "2026-12-21", "working_days": 10, "version": "2025.1"}


def test_two_versions_may_not_hold_on_the_same_day(tmp_path: Path) -> None:
    written(tmp_path, "one.yaml", version="1")
    written(tmp_path, "two.yaml", version="2", valid_from=dt.date(2026, 1, 1))
    with pytest.raises(DefinitionError, match="hold on the same day"):
        definitions.gather([tmp_path])


def test_the_version_in_force_on_the_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "one.yaml", version="1", valid_until=dt.date(2025, 12, 31))
    written(tmp_path, "two.yaml", version="2", valid_from=dt.date(2026, 1, 1))
    written(
        tmp_path, "own.yaml", version="2-own", valid_from=dt.date(2026, 1, 1), for_business_ids=["0112038-9"]
    )
    found = definitions.gather([tmp_path])
    monkeypatch.setattr(definitions, "definitions", lambda: found)
    assert definitions.definition("joint_support", on=dt.date(2025, 6, 1)).version == "1"
    assert definitions.definition("joint_support", on=dt.date(2026, 6, 1)).version == "2"
    assert (
        definitions.definition("joint_support", on=dt.date(2026, 6, 1), business_id="0112038-9").version
        == "2-own"
    )
    assert (
        definitions.definition("joint_support", on=dt.date(2026, 6, 1), business_id="0246246-0").version
        == "2"
    )
    assert definitions.definition("joint_support", "1").version == "1"
    with pytest.raises(KeyError):
        definitions.definition("joint_support", "7")
    with pytest.raises(KeyError):
        definitions.definition("joint_support", on=dt.date(2024, 1, 1))
