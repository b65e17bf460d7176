"""One dossier: its form in words, its timeline, what was refused."""

import pytest

from services.contracts.catalogue import Catalogue
from services.portal.application.deadline_history import DeadlineHistory
from services.portal.web.view_models.dossiers import FormRow, dossier_page, form_rows, timeline_steps
from tests.support.fakes import NOW, a_dossier, a_timeline, an_entry
from tests.support.histories import a_procedure


@pytest.mark.usefixtures("vietnamese")
def test_form_values_are_told_in_words(catalogue: Catalogue) -> None:
    procedure = catalogue.procedures["amendment-after-clearance"]
    form = {field.name: field.example for field in procedure.form}
    values = {row.label: row.value for row in form_rows(form, procedure, catalogue)}
    assert values["Chi cục đăng ký tờ khai"].startswith("30F1 · ")
    assert values["Ngày thông quan"] == "14/05/2018"
    assert values["Lý do khai bổ sung"] == "Mã HS"
    assert values["Số tiền thuế khai bổ sung"] == "12.500.000 ₫"
    assert values["Đã nhận quyết định kiểm tra sau thông quan"] == "Không"


@pytest.mark.usefixtures("english")
def test_labels_follow_the_language(catalogue: Catalogue) -> None:
    procedure = catalogue.procedures["amendment-after-clearance"]
    (row,) = form_rows({"audit_decision_received": True}, procedure, catalogue)
    assert row == FormRow("A post-clearance audit decision was received", "Yes")


@pytest.mark.usefixtures("english")
def test_fields_that_the_form_does_not_know_come_last(catalogue: Catalogue) -> None:
    procedure = catalogue.procedures["refund-first"]
    rows = form_rows({"older_field": 7, "taxpayer_code": None}, procedure, catalogue)
    assert rows[-1] == FormRow("older_field", "7")


@pytest.mark.usefixtures("english")
def test_a_refused_action_says_why_and_changes_no_due_instant() -> None:
    steps = timeline_steps(a_timeline(), a_procedure())
    refused = steps[3]
    assert refused.refusal == "This is somebody else's to do."
    assert refused.due_at is None


@pytest.mark.usefixtures("english")
def test_the_due_instant_stands_only_where_it_changed() -> None:
    entries = [an_entry(place, due_at=due_at) for place, due_at in enumerate((None, NOW, NOW, None, NOW), 1)]
    assert [step.due_at for step in timeline_steps(entries, a_procedure())] == [None, NOW, None, None, NOW]


@pytest.mark.usefixtures("vietnamese")
def test_an_office_that_the_catalogue_does_not_know_keeps_its_code(catalogue: Catalogue) -> None:
    page = dossier_page(a_dossier(office_code="ZZZZ"), {}, [], DeadlineHistory(deadline=None), catalogue, NOW)
    assert (page.row.office_code, page.row.office_name) == ("ZZZZ", "—")
