"""A user's folder adds and changes procedures, forms, offices, days; what is wrong in it is named by file and line."""

from datetime import date
from pathlib import Path

import pytest

from services.contracts.catalogue import Catalogue, OfficeKind, SupplementRule, TimeLimit, TimeUnit
from services.runtime.catalogue import load_catalogue
from services.runtime.records import DataFileError
from services.runtime.settings import CommonSettings, read_settings

CALENDAR = "date,kind,name_vi,source,confidence\n"
OFFICES = "code,name_vi,kind,department_code,department_name_vi,department_name_en,source,confidence\n"

NEW_PROCEDURE = """\
procedures:
  - procedure_id: lantern-permit
    name_vi: Cấp phép thả đèn lồng
    name_en: Permit to release lanterns
    family: lantern
    form: lantern-permit
    sector: supervision
    authority: Chi cục
    authority_level: branch
    who_may_apply_vi: Mọi người
    who_may_apply_en: Anybody
    level: 4
    time_limit: {amount: 2, unit: working-days, article: Quy chế đèn lồng Đ1}
    supplement: general
    fee_vnd: 5000
    fee_source: our own
    result_kind: permit
    documents:
      - Đơn đề nghị
    legal_basis:
      - Quy chế đèn lồng Đ1
    source: Our own.
    confidence: low
"""
NEW_FORM = """\
form_id: lantern-permit
source: Our own.
fields:
  - use: declarant_tax_code
  - name: lanterns
    kind: integer
    required: true
    label_vi: Số đèn
    label_en: Lanterns
    help_vi: Bao nhiêu
    help_en: How many
    example: 12
    min_value: 1
    max_value: 99
"""
TWICE = """\
procedures:
  - procedure_id: overpaid-tax
    fee_vnd: 1
  - procedure_id: overpaid-tax
    level: 3
"""
ONLY_RED = """\
procedures:
  - procedure_id: overpaid-tax
    limit_rules:
      - rule_id: red
        article: ours
        when: {customs_channel: red}
"""
SHORTER = """\
procedures:
  - procedure_id: aeo-recognition
    limit_rules:
      - rule_id: decision
        article: ours
        steps:
          - step_id: decision
            name_vi: Quyết định
            name_en: Decision
            limit: {amount: 30, unit: calendar-days}
            extensions:
              - limit: {amount: 20, unit: calendar-days}
"""
ONE_DAY = """\
procedures:
  - procedure_id: refund-first
    time_limit: {amount: 1, unit: working-days, article: ours}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An empty folder of one's own."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def write(own: Path, path: str, content: str) -> None:
    file = own / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(content, encoding="utf-8")


def load(own: Path) -> Catalogue:
    return load_catalogue(own=str(own))


def mistake(own: Path) -> str:
    with pytest.raises(DataFileError) as caught:
        load(own)
    return str(caught.value)


def test_an_empty_folder_changes_nothing(own: Path) -> None:
    write(own, "README.md", "ours\n")
    assert load(own) == load_catalogue()


def test_a_procedure_with_its_form_is_added(own: Path) -> None:
    write(own, "procedures/lanterns.yaml", NEW_PROCEDURE)
    write(own, "forms/lantern-permit.yaml", NEW_FORM)
    catalogue = load(own)
    added = catalogue.procedures["lantern-permit"]
    assert len(catalogue.procedures) == 114
    assert catalogue.own_procedures == {"lantern-permit"}
    assert added.time_limit == TimeLimit(2, TimeUnit.WORKING_DAYS)
    assert [field.name for field in added.form] == ["declarant_tax_code", "lanterns"]
    assert added.supplement == catalogue.procedures["declaration-cancellation"].supplement


def test_a_known_procedure_keeps_what_is_not_said(own: Path) -> None:
    write(
        own,
        "procedures/mine.yaml",
        "procedures:\n"
        "  - procedure_id: declaration-cancellation\n"
        "    fee_vnd: 10000\n"
        "    time_limit: {amount: 4, unit: working-hours, article: ours}\n",
    )
    shipped, changed = load_catalogue().procedures, load(own).procedures
    cancellation = changed["declaration-cancellation"]
    assert (cancellation.fee_vnd, cancellation.time_limit) == (10_000, TimeLimit(4, TimeUnit.WORKING_HOURS))
    assert cancellation.form == shipped["declaration-cancellation"].form
    assert list(changed) == list(shipped)
    assert {name for name in changed if changed[name] != shipped[name]} == {"declaration-cancellation"}


def test_a_list_of_limits_is_replaced_whole(own: Path) -> None:
    write(
        own,
        "procedures/mine.yaml",
        "procedures:\n"
        "  - procedure_id: refund-first\n"
        "    supplement: general\n"
        "    limit_rules:\n"
        "      - {rule_id: always, article: ours, steps: null}\n",
    )
    refund = load(own).procedures["refund-first"]
    assert [rule.rule_id for rule in refund.limit_rules] == ["always"]
    assert not refund.has_limit
    assert refund.supplement.rule is SupplementRule.RESTART


def test_shared_terms_can_be_changed_for_all_who_use_them(own: Path) -> None:
    write(
        own,
        "shared/supplements.yaml",
        "supplements:\n"
        "  - name: warehouse\n"
        "    rule: pause\n"
        "    rule_article: ours\n"
        "    rule_source: ours\n"
        "    notice_limit: {amount: 1, unit: working-days}\n"
        "    notice_article: ours\n"
        "    silence_limit: {amount: 2, unit: working-days}\n"
        "    silence_outcome: stop\n"
        "    silence_article: ours\n",
    )
    changed = load(own).procedures
    assert changed["bonded-warehouse-recognition"].supplement.silence_limit == TimeLimit(2, TimeUnit.WORKING_DAYS)
    assert changed["duty-free-shop-certificate"].supplement.rule is SupplementRule.PAUSE
    assert changed["overpaid-tax"].supplement.rule is SupplementRule.RESTART


def test_a_form_is_replaced_whole(own: Path) -> None:
    write(own, "forms/storage-extension.yaml", NEW_FORM.replace("lantern-permit", "storage-extension"))
    assert [field.name for field in load(own).procedures["storage-extension"].form] == [
        "declarant_tax_code",
        "lanterns",
    ]


def test_an_office_is_added_and_another_one_changed(own: Path) -> None:
    write(
        own,
        "offices.csv",
        OFFICES + "30ZZ,Chi cục Đèn lồng,branch,30,Cục Hải quan tỉnh Hà Tĩnh,Ha Tinh,our own,low\n"
        "30CF,Chi cục khác tên,branch,30,Cục Hải quan tỉnh Hà Tĩnh,Ha Tinh,our own,low\n",
    )
    offices = load(own).offices
    assert len(offices) == 376
    assert offices["30ZZ"].kind is OfficeKind.BRANCH
    assert offices["30CF"].name_vi == "Chi cục khác tên"


def test_days_are_taken_off_and_given_back(own: Path) -> None:
    write(
        own,
        "calendar/holidays_override.csv",
        CALENDAR + "2018-06-05,off,Hội đèn lồng,our own,low\n2018-02-14,work,Không nghỉ,our own,low\n",
    )
    calendar = load(own).calendar
    assert date(2018, 6, 5) in calendar.days_off
    assert date(2018, 2, 14) not in calendar.days_off
    assert date(2018, 2, 15) in calendar.days_off
    assert calendar.sources[date(2018, 6, 5)] == "Hội đèn lồng; our own"


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        (
            "procedures/mine.yaml",
            "procedures:\n  - procedure_id: refund-first\n    level: five\n",
            "line 3, level: a whole number is needed, not 'five'.",
        ),
        (
            "procedures/mine.yaml",
            "procedures:\n  - procedure_id: refund-first\n    levle: 3\n",
            "line 3, levle: no such field is known here.",
        ),
        (
            "procedures/mine.yaml",
            "procedures:\n  - procedure_id: lantern-permit\n    level: 3\n",
            "line 2, form: a text is needed, but it is empty or missing.",
        ),
        (
            "procedures/mine.yaml",
            TWICE,
            "line 4, procedure_id: 'overpaid-tax' is given twice.",
        ),
        (
            "procedures/mine.yaml",
            ONLY_RED.replace("red}", "blue}"),
            "line 6, when: 'blue' is no value of 'customs_channel'; its values are green, yellow, red.",
        ),
        (
            "procedures/mine.yaml",
            ONLY_RED,
            "line 3, limit_rules: from the first day on no rule without traits holds, so some dossier would have none.",
        ),
        (
            "procedures/mine.yaml",
            SHORTER,
            "line 12, limit: 20 calendar-days is not longer than 30 before it.",
        ),
        (
            "procedures/mine.yaml",
            ONE_DAY,
            "procedures/refunds.yaml, line 124, supplement: its silence_traits lead to no limit rule: ",
        ),
        (
            "forms/storage-extension.yaml",
            "form_id: storage-extension\nsource: ours\nfields:\n  - use: no_such_field\n",
            "line 4, use: 'no_such_field' is none of the shared fields: ",
        ),
        (
            "forms/lantern.yaml",
            NEW_FORM.replace("lantern-permit", "lantern"),
            " is the form of no procedure.",
        ),
        (
            "offices.csv",
            OFFICES + "30ZZ,Chi cục,branch,31,Cục,Ha Tinh,ours,low\n",
            "line 2, code: '30ZZ' must be four characters that begin with the department's code.",
        ),
        (
            "calendar/holidays_override.csv",
            CALENDAR + "2018-06-05,off,Hội,ours,low\n2018-06-05,work,Hội,ours,low\n",
            "line 3, date: 2018-06-05 is given twice.",
        ),
    ],
)
def test_a_mistake_is_named_by_file_line_and_field(own: Path, path: str, content: str, said: str) -> None:
    write(own, path, content)
    sentence = mistake(own)
    assert said in sentence, sentence
    if said.startswith("line "):
        assert sentence.startswith(f"{own / path}, {said}")


def test_a_field_that_a_changed_procedure_did_not_say_is_blamed_on_the_shipped_file(own: Path) -> None:
    """A form of one's own takes away the trait that a shipped rule asks for: the rule's place is named."""
    write(own, "forms/debt-instalment.yaml", NEW_FORM.replace("lantern-permit", "debt-instalment"))
    assert mistake(own).startswith("procedures/tax-debt.yaml, line ")
    assert "when: 'debt_arose_at' is no trait of the procedure" in mistake(own)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("procedure/mine.yaml", "means nothing here; known are calendar, forms, offices.csv, procedures, shared."),
        ("procedures/mine.yml", "means nothing here; files in procedures end in .yaml."),
        ("holidays.csv", "means nothing here; known are "),
    ],
)
def test_a_file_that_nobody_would_read_is_named(own: Path, path: str, said: str) -> None:
    write(own, path, "")
    sentence = mistake(own)
    assert sentence.startswith(f"{own}/{Path(path).parts[0]}")
    assert said in sentence


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert (
        mistake(tmp_path / "none")
        == f"{tmp_path}/none is no folder; MOTCUA_CATALOGUE_DIR names a folder of data files."
    )


def test_the_setting_names_the_folder(monkeypatch: pytest.MonkeyPatch, own: Path) -> None:
    monkeypatch.setenv("MOTCUA_REDIS_URL", "redis://")
    assert read_settings(CommonSettings).catalogue_dir == ""
    monkeypatch.setenv("MOTCUA_CATALOGUE_DIR", str(own))
    assert read_settings(CommonSettings).catalogue_dir == str(own)
