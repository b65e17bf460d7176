"""Which papers a dossier has: by its timeline, its procedure, and the law of the day."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.contracts.catalogue import AuthorityLevel
from services.contracts.vocabulary import Action, Actor, Reason, Refusal, Status
from services.portal.domain.papers.composing import compose, paper_issuer
from services.portal.domain.papers.papers import Paper, PaperKind, PaperSource, papers_of
from services.portal.domain.payments.payments import PaymentKind
from tests.support.fakes import the_catalogue
from tests.support.papers import MORNING, Story, a_full_story, a_payment, a_source, the_words

#: First days of the laws that number the forms.
TT39 = datetime(2018, 6, 5, 1, 30, tzinfo=UTC)
TT06 = datetime(2021, 3, 8, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def papers(source: PaperSource) -> list[Paper]:
    return papers_of(source, the_words().templates)


def kinds(source: PaperSource) -> list[str]:
    return [paper.kind for paper in papers(source)]


def form_of(source: PaperSource, kind: PaperKind) -> str:
    paper = next(paper for paper in papers(source) if paper.kind is kind)
    return compose(paper, source, the_words(), "http://x").form


def test_a_dossier_that_was_only_filed_has_none() -> None:
    assert papers(a_source(the_catalogue(), story=Story())) == []


def test_papers_come_in_the_order_of_their_facts_and_the_control_sheet_last() -> None:
    source = a_source(the_catalogue(), story=a_full_story().granted())
    assert [paper.paper_id for paper in papers(source)] == [
        "receipt-2", "supplement-request-4", "extension-notice-6", "apology-7", "payment-request-8", "result-10",
        "control-sheet",
    ]  # fmt: skip


def test_a_paper_has_the_instant_of_its_fact() -> None:
    story = a_full_story().granted()
    instants = {entry.position: entry.occurred_at for entry in story.entries}
    for paper in papers(a_source(the_catalogue(), story=story)):
        assert paper.issued_at == instants[paper.moment.entry.position]


def test_a_refused_action_gives_no_paper() -> None:
    story = Story().received().then(Action.GRANT, Actor.APPLICANT, Status.RECEIVED, refusal=Refusal.ACTOR_NOT_ALLOWED)
    assert kinds(a_source(the_catalogue(), story=story)) == ["receipt", "control-sheet"]


def test_refused_at_intake_means_form_03_and_no_control_sheet() -> None:
    story = Story().then(Action.REFUSE_INTAKE, Actor.OFFICER, Status.NOT_RECEIVED, reason=Reason.NOT_COMPETENT)
    assert kinds(a_source(the_catalogue(), story=story)) == ["intake-refusal"]


def test_an_automatic_result_needs_no_receipt() -> None:
    """Decree 61/2018/NĐ-CP art. 17.4."""
    story = Story().then(Action.RESOLVE_AT_ONCE, Actor.SYSTEM, Status.RETURNED, reason=Reason.AUTOMATIC)
    assert kinds(a_source(the_catalogue(), "cargo-identification", story)) == ["result"]


def test_stopping_is_told() -> None:
    story = Story().received().started().asked_for_more()
    story.then(Action.STOP, Actor.CLOCK, Status.STOPPED, reason=Reason.APPLICANT_SILENT)
    assert kinds(a_source(the_catalogue(), story=story))[-2:] == ["stop-notice", "control-sheet"]


def test_every_form_that_the_lifecycle_names_is_issued() -> None:
    """`form` of a row in the published table is the number of a paper that its action gives rise to."""
    path = Path(__file__).parents[4] / "services/contracts/published/lifecycle.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["transitions"]
    named = {(row["action"], row["form"]) for row in rows if row["form"]}
    assert named
    for action, form in named:
        texts = [
            number.text for template in the_words().templates if action in template.actions for number in template.forms
        ]
        assert any(text.startswith(f"Mẫu số {form} ") for text in texts), (action, form)


def test_forms_are_numbered_from_the_day_the_circular_is_in_force() -> None:
    """Circular 01/2018/TT-VPCP: 6 January 2019, in Vietnam."""
    first = datetime(2019, 1, 5, 16, 0, tzinfo=UTC)  # 23:00 on the 5th; received at midnight
    numbered = "Mẫu số 01 - Thông tư số 01/2018/TT-VPCP"
    story = Story(first).received()
    assert form_of(a_source(the_catalogue(), story=story), PaperKind.RECEIPT) == numbered
    story = Story(first - timedelta(hours=1)).received()
    assert form_of(a_source(the_catalogue(), story=story), PaperKind.RECEIPT) == ""


@pytest.mark.parametrize(
    ("begins_at", "kind", "form"),
    [
        (TT39 - DAY, PaperKind.SUPPLEMENT_REQUEST, ""),
        (TT39, PaperKind.SUPPLEMENT_REQUEST, "11/TBBSHS/TXNK"),
        (TT06 - DAY, PaperKind.SUPPLEMENT_REQUEST, "11/TBBSHS/TXNK"),
        (TT06, PaperKind.SUPPLEMENT_REQUEST, "05/TXNK"),
        (TT39, PaperKind.RESULT, "10/QĐKTT/TXNK"),
        (TT06 - DAY, PaperKind.RESULT, "10/QĐKTT/TXNK"),
        (TT06, PaperKind.RESULT, "13/TXNK"),
    ],
)
def test_refund_papers_are_numbered_by_date(begins_at: datetime, kind: PaperKind, form: str) -> None:
    """Circular 39/2018/TT-BTC art. 129 until 7 March 2021, Circular 06/2021/TT-BTC art. 12 after that."""
    story = Story(begins_at).received().started().asked_for_more()
    story.then(Action.SUPPLEMENT, Actor.APPLICANT, Status.IN_PROCESS).granted()
    printed = form_of(a_source(the_catalogue(), "refund-first", story), kind)
    assert printed.startswith(f"Mẫu số {form} - ") if form else printed == ""


@pytest.mark.parametrize(
    ("procedure_id", "begins_at", "form"),
    [
        ("refund-first", TT39, "12/TBKTT/TXNK"),
        ("refund-first", TT06, "06/TXNK"),
        ("overpaid-tax", TT39, "12/TBKTT/TXNK"),
        ("tax-non-collection", TT39, "12/TBKTT/TXNK"),
        ("storage-extension", MORNING, "03"),
    ],
)
def test_a_refusal_as_result_follows_the_form_of_its_sector(procedure_id: str, begins_at: datetime, form: str) -> None:
    source = a_source(the_catalogue(), procedure_id, Story(begins_at).received().started().refused())
    assert form_of(source, PaperKind.REFUSAL).startswith(f"Mẫu số {form} - ")


def test_overpaid_tax_is_refunded_by_a_form_of_its_own() -> None:
    source = a_source(the_catalogue(), "overpaid-tax", Story(TT39).received().started().granted())
    assert form_of(source, PaperKind.RESULT).startswith("Mẫu số 09/QĐHT/TXNK - ")


def test_a_refund_is_accepted_by_notice_since_2021() -> None:
    before = a_source(the_catalogue(), "refund-first", Story(TT06 - DAY).received())
    after = a_source(the_catalogue(), "refund-first", Story(TT06).received())
    assert kinds(before) == ["receipt", "control-sheet"]
    assert kinds(after) == ["receipt", "acceptance-notice", "control-sheet"]


def test_an_inspection_is_announced_decided_and_extended() -> None:
    story = Story(TT39).received().started()
    story.then(Action.COMPLETE_STEP, Actor.OFFICER, Status.IN_PROCESS, detail={"step_id": "inspection-decision"})
    story.then(Action.COMPLETE_STEP, Actor.OFFICER, Status.IN_PROCESS, detail={"step_id": "inspection-start"})
    story.then(Action.EXTEND, Actor.LEADER, Status.IN_PROCESS, reason=Reason.COMPLEX,
               detail={"step_id": "inspection", "amount": 10, "unit": "working-days", "article": "Đ129"})  # fmt: skip
    source = a_source(the_catalogue(), "refund-inspect-first", story, traits={"track": "inspect-first"})
    assert kinds(source) == [
        "receipt", "inspection-notice", "inspection-decision", "extension-notice", "control-sheet"
    ]  # fmt: skip
    assert form_of(source, PaperKind.INSPECTION_NOTICE).startswith("Mẫu số 21/TBKT/TXNK")
    assert form_of(source, PaperKind.INSPECTION_DECISION).startswith("Mẫu số 22/QĐKT/TXNK")
    assert form_of(source, PaperKind.EXTENSION_NOTICE).startswith("Mẫu số 25/QĐGH/TXNK")


def test_a_refund_that_becomes_inspect_first_is_told_then_and_not_before() -> None:
    """The traits of each fact are those that the dossier had at it."""
    story = Story(TT39).received().started().asked_for_more()
    story.then(Action.RECLASSIFY, Actor.CLOCK, Status.IN_PROCESS, reason=Reason.APPLICANT_SILENT,
               detail={"traits": {"track": "inspect-first"}})  # fmt: skip
    source = a_source(
        the_catalogue(), "refund-first", story,
        traits={"track": "refund-first"}, later_traits={"track": "inspect-first"},
    )  # fmt: skip
    assert kinds(source) == ["receipt", "supplement-request", "inspection-notice", "control-sheet"]
    assert next(paper for paper in papers(source) if paper.kind is PaperKind.INSPECTION_NOTICE).paper_id.endswith("-5")


def test_payments_have_a_request_and_a_statement() -> None:
    story = a_full_story()
    asked = next(entry for entry in story.entries if entry.action == Action.REQUEST_PAYMENT)
    payment = a_payment(asked.occurred_at)
    source = a_source(the_catalogue(), story=story, payments=[payment])
    found = {paper.kind: paper for paper in papers(source)}
    assert found[PaperKind.PAYMENT_STATEMENT].paper_id == f"payment-statement-{payment.payment_id}"
    assert found[PaperKind.PAYMENT_STATEMENT].payment == payment
    assert [paper.is_signed for paper in papers(source) if paper.payment] == [False]
    assert form_of(source, PaperKind.PAYMENT_STATEMENT).startswith("Mẫu số 01/BKNT")
    fee = a_source(the_catalogue(), story=story, payments=[a_payment(asked.occurred_at, PaymentKind.FEE, 20_000)])
    assert form_of(fee, PaperKind.PAYMENT_STATEMENT).startswith("Mẫu số 02/BKNP")


def test_two_requests_in_one_instant_have_a_statement_each() -> None:
    story = Story().received().started()
    story.then(Action.REQUEST_PAYMENT, Actor.OFFICER, Status.PAYMENT_REQUESTED, detail={"amount_vnd": 1})
    asked = story.entries[-1]
    story.entries.append(
        type(asked)(**{name: getattr(asked, name) for name in asked.__slots__} | {"position": asked.position + 1})
    )
    payment = a_payment(asked.occurred_at)
    found = papers(a_source(the_catalogue(), story=story, payments=[payment]))
    assert [paper.kind for paper in found].count(PaperKind.PAYMENT_STATEMENT) == 1


def test_ids_are_unique_and_numbers_count_papers_of_a_kind() -> None:
    story = Story().asked_for_more().then(Action.RESUBMIT, Actor.APPLICANT, Status.SUBMITTED)
    story.received().started().asked_for_more()
    source = a_source(the_catalogue(), story=story)
    found = papers(source)
    assert len({paper.paper_id for paper in found}) == len(found)
    numbers = [
        compose(paper, source, the_words(), "http://x").number
        for paper in found
        if paper.kind is PaperKind.SUPPLEMENT_REQUEST
    ]
    assert numbers == ["Số: 123/HDHS-30CF", "Số: 123.2/HDHS-30CF"]


@pytest.mark.parametrize(
    ("procedure_id", "detail", "code", "head"),
    [
        ("storage-extension", None, "30CF", "CHI CỤC TRƯỞNG"),
        ("storage-extension", {"to_level": "department"}, "30", "CỤC TRƯỞNG"),
        ("storage-extension", {"to_level": "general-department"}, "TCHQ", "TỔNG CỤC TRƯỞNG"),
        ("storage-extension", {"to_level": "ministry"}, "BTC", "BỘ TRƯỞNG"),
        ("aeo-recognition", None, "TCHQ", "TỔNG CỤC TRƯỞNG"),
        ("aeo-recognition", {"to_level": "department"}, "TCHQ", "TỔNG CỤC TRƯỞNG"),
        ("site-inspection-place-recognition", None, "30", "CỤC TRƯỞNG"),
    ],
)
def test_whoever_decides_signs_the_result(
    procedure_id: str, detail: dict[str, str] | None, code: str, head: str
) -> None:
    story = Story().received().started()
    if detail:
        story.then(Action.FORWARD, Actor.OFFICER, Status.IN_PROCESS, detail=detail)
    source = a_source(the_catalogue(), procedure_id, story.granted())
    by_kind = {paper.kind: paper for paper in papers(source)}
    assert paper_issuer(by_kind[PaperKind.RESULT], source).code == code
    assert compose(by_kind[PaperKind.RESULT], source, the_words(), "http://x").signatures[0].capacity == head
    assert paper_issuer(by_kind[PaperKind.RECEIPT], source).code == "30CF"


def test_the_level_follows_where_a_debt_arose() -> None:
    """Circular 39/2018/TT-BTC art. 134."""
    for where, level in (("one-branch", AuthorityLevel.BRANCH), ("several-departments", "general-department")):
        story = Story().received().started().granted()
        source = a_source(the_catalogue(), "debt-instalment", story, traits={"debt_arose_at": where})
        result = next(paper for paper in papers(source) if paper.kind is PaperKind.RESULT)
        assert result.moment.level == level


def test_an_office_that_the_catalogue_forgot_still_signs() -> None:
    source = a_source(the_catalogue(), office_code="ZZZZ")
    result = papers(source)[0]
    assert paper_issuer(result, source).name == "Đơn vị hải quan ZZZZ"
