"""What stands on papers: forms word by word, results of every procedure, and nothing that a value could smuggle in."""

from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.catalogue import ResultKind
from services.contracts.vocabulary import Action, Actor, Reason, Status
from services.portal.domain.papers.composing import compose
from services.portal.domain.papers.papers import Paper, PaperKind, PaperSource, papers_of
from services.portal.domain.papers.sheets import NumberedList, Paragraph, Sheet, Table
from tests.support.fakes import the_catalogue
from tests.support.papers import MORNING, Story, a_full_story, a_payment, a_source, the_words

URL = "http://portal.example/lookup?sandbox=0123456789&dossier_id=000.00.00.G12-190605-000123"
PROCEDURES = sorted(the_catalogue().procedures)


def papers(source: PaperSource) -> list[Paper]:
    return papers_of(source, the_words().templates)


def sheet(source: PaperSource, kind: PaperKind) -> Sheet:
    paper = next(paper for paper in papers(source) if paper.kind is kind)
    return compose(paper, source, the_words(), URL)


def lines(printed: Sheet) -> list[str]:
    """Everything in the body, a line for each paragraph, item and row."""
    found: list[str] = []
    for block in printed.blocks:
        if isinstance(block, Paragraph):
            found.append(block.text)
        elif isinstance(block, NumberedList):
            found += [f"{index}. {item}" for index, item in enumerate(block.items, start=1)]
        else:
            found += [" | ".join(row) for row in block.rows]
    return found


@pytest.mark.parametrize("action", [Action.REFUSE_INTAKE, Action.REFUSE])
def test_a_refusal_without_a_reason_says_that_there_is_none(action: Action) -> None:
    story = Story() if action is Action.REFUSE_INTAKE else Story().received().started()
    status = Status.NOT_RECEIVED if action is Action.REFUSE_INTAKE else Status.PROCESSED
    kind = PaperKind.INTAKE_REFUSAL if action is Action.REFUSE_INTAKE else PaperKind.REFUSAL
    printed = sheet(a_source(the_catalogue(), story=story.then(action, Actor.OFFICER, status)), kind)
    assert "1. Không nêu cụ thể" in lines(printed)
    assert "reason: not stated" in printed.summary_en


def test_form_01_says_who_what_and_when() -> None:
    story = Story().received(due_in_hours=2 * 24 + 1)
    printed = sheet(a_source(the_catalogue(), "amendment-after-clearance", story), PaperKind.RECEIPT)
    assert (printed.above, printed.issuer) == (
        "Chi cục Hải quan cửa khẩu Cảng Vũng Áng Hà Tĩnh",
        "BỘ PHẬN TIẾP NHẬN\nVÀ TRẢ KẾT QUẢ",
    )
    assert printed.number == "Số: 123/TNHS-30CF"
    assert printed.place_and_day == "Hà Tĩnh, ngày 05 tháng 6 năm 2019"
    assert printed.title == "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"
    documents = the_catalogue().procedures["amendment-after-clearance"].documents
    assert lines(printed) == [
        "Mã hồ sơ: 000.00.00.G12-190605-000123",
        "Bộ phận tiếp nhận và trả kết quả: Chi cục Hải quan cửa khẩu Cảng Vũng Áng Hà Tĩnh",
        "Tiếp nhận hồ sơ của: Công ty TNHH Tiếp vận Vũng Áng",
        "Mã số thuế: 0100109106 (Doanh nghiệp). Hình thức nộp: trực tuyến",
        "Nội dung yêu cầu giải quyết: Khai bổ sung hồ sơ khai thuế / hồ sơ hải quan (hàng hóa đã thông quan)",
        "Thành phần hồ sơ nộp gồm:",
        *(f"{index}. {document}" for index, document in enumerate(documents, start=1)),
        "Số lượng hồ sơ: 01 (bộ)",
        "Thời gian giải quyết hồ sơ theo quy định là: 02 giờ làm việc",
        "Thời gian nhận hồ sơ: 09 giờ 30 phút, ngày 05 tháng 6 năm 2019",
        "Thời gian trả kết quả giải quyết hồ sơ: 09 giờ 30 phút, ngày 07 tháng 6 năm 2019",
        "Đăng ký nhận kết quả tại: Cổng dịch vụ công trực tuyến hoặc Chi cục Hải quan cửa khẩu Cảng Vũng Áng Hà Tĩnh",
    ]
    assert [signature.capacity for signature in printed.signatures] == ["NGƯỜI NỘP HỒ SƠ", "NGƯỜI TIẾP NHẬN HỒ SƠ"]
    assert printed.summary_en == (
        "The office received the dossier at 09:30 on 5 June 2019 and returns the result by 09:30 on 7 June 2019."
    )
    assert printed.look_up_url == URL


def test_form_01_lists_what_was_handed_in() -> None:
    source = a_source(the_catalogue(), story=Story().received(), handed_in=["Hóa đơn (hd.pdf)"])
    assert "1. Hóa đơn (hd.pdf)" in lines(sheet(source, PaperKind.RECEIPT))


def test_form_01_names_each_step_of_a_limit_and_none_where_the_law_has_none() -> None:
    printed = lines(sheet(a_source(the_catalogue(), "bonded-warehouse-recognition", Story().received()),
                          PaperKind.RECEIPT))  # fmt: skip
    assert any("10 ngày làm việc (" in line and " và 05 ngày làm việc (" in line for line in printed)
    printed = lines(sheet(a_source(the_catalogue(), story=Story().received(due_in_hours=None)), PaperKind.RECEIPT))
    assert "Thời gian giải quyết hồ sơ theo quy định là: pháp luật không quy định thời hạn" in printed
    assert any("pháp luật không quy định thời hạn" in line and "trả kết quả" in line for line in printed)


def test_a_citizen_has_a_personal_number() -> None:
    source = a_source(the_catalogue(), story=Story().received(), applicant_kind="citizen", applicant_id="042088001234",
                      applicant_name="Nguyễn Thị Hường")  # fmt: skip
    assert "Số CMND/CCCD: 042088001234 (Cá nhân). Hình thức nộp: trực tuyến" in lines(sheet(source, PaperKind.RECEIPT))


def test_form_02_takes_the_note_line_by_line() -> None:
    story = Story().received().started().asked_for_more("- Hợp đồng mua bán;\n\n• Vận đơn.\n")
    printed = lines(sheet(a_source(the_catalogue(), story=story), PaperKind.SUPPLEMENT_REQUEST))
    start = printed.index("Yêu cầu hoàn thiện hồ sơ gồm những nội dung sau:")
    assert printed[start + 1 : start + 4] == ["1. Hợp đồng mua bán", "2. Vận đơn", "Lý do: Thiếu giấy tờ."]
    assert "Thời hạn bổ sung: trong 30 ngày làm việc kể từ ngày nhận được phiếu này." in printed


def test_form_02_without_a_note_gives_the_reason() -> None:
    story = Story().received().started().asked_for_more(None)
    printed = lines(sheet(a_source(the_catalogue(), story=story), PaperKind.SUPPLEMENT_REQUEST))
    assert "1. Thiếu giấy tờ" in printed


def test_form_04_has_both_dates() -> None:
    printed = sheet(a_source(the_catalogue(), story=a_full_story()), PaperKind.APOLOGY)
    text = "\n".join(lines(printed))
    assert "Thời gian hẹn trả kết quả: 08 giờ 30 phút, ngày 10 tháng 6 năm 2019." in text
    assert "sẽ trả kết quả giải quyết hồ sơ vào 08 giờ 30 phút, ngày 14 tháng 6 năm 2019." in text
    assert "Lý do: Khối lượng công việc lớn." in text


def test_form_05_has_a_row_for_each_step_and_says_whether_the_decision_was_in_time() -> None:
    story = a_full_story().then(Action.CONSULT, Actor.OFFICER, Status.IN_PROCESS, detail={"unit": "Cục Kiểm định"})
    story.then(Action.FORWARD, Actor.OFFICER, Status.IN_PROCESS, detail={"to_level": "department"}).granted()
    printed = sheet(a_source(the_catalogue(), story=story), PaperKind.CONTROL_SHEET)
    (table,) = [block for block in printed.blocks if isinstance(block, Table)]
    assert len(table.rows) == len(story.entries)
    assert [row[0] for row in table.rows] == [str(index) for index in range(1, len(story.entries) + 1)]
    assert table.rows[0][1:] == ("Nộp hồ sơ", "Người nộp hồ sơ", "08:30 05/06/2019", "", "")
    assert table.rows[3][-1] == "Hợp đồng mua bán;\nVận đơn"
    assert table.rows[6][-1] == "Hẹn lại 08:30 14/06/2019"
    assert [row[-1] for row in table.rows[-3:]] == ["Cục Kiểm định", "Chuyển Cục", ""]
    assert [row[4] for row in table.rows if row[4]] == ["Trước hạn"]


@pytest.mark.parametrize(("hours", "outcome"), [(24 * 9, "Trước hạn"), (5, "Đúng hạn"), (-24, "Quá hạn")])
def test_form_05_compares_by_the_day(hours: float, outcome: str) -> None:
    story = Story().received(due_in_hours=hours).started().granted()
    printed = sheet(a_source(the_catalogue(), story=story), PaperKind.CONTROL_SHEET)
    (table,) = [block for block in printed.blocks if isinstance(block, Table)]
    assert table.rows[-1][4] == outcome


def test_a_payment_is_told_in_digits_and_in_words() -> None:
    story = a_full_story()
    payment = a_payment(story.entries[-2].occurred_at)
    source = a_source(the_catalogue(), story=story, payments=[payment])
    request = "\n".join(lines(sheet(source, PaperKind.PAYMENT_REQUEST)))
    words = "Một triệu hai trăm ba mươi bốn nghìn năm trăm sáu mươi bảy đồng"
    assert f"Số tiền phải nộp: 1.234.567 đồng (Bằng chữ: {words})." in request
    printed = sheet(source, PaperKind.PAYMENT_STATEMENT)
    assert (printed.above, printed.issuer, printed.signed_by) == ("", "Công ty TNHH Tiếp vận Vũng Áng", "")
    statement = "\n".join(lines(printed))
    assert f"Số định danh hồ sơ: {payment.payment_id[:4]} " in statement
    assert "1 | Tiền thuế, tiền chậm nộp, tiền phạt | 7111.30CF | 1.234.567 đồng" in statement


def test_a_request_without_an_amount_asks_for_none() -> None:
    story = Story().received().started()
    story.then(Action.REQUEST_PAYMENT, Actor.OFFICER, Status.PAYMENT_REQUESTED, reason=Reason.OTHER)
    text = "\n".join(lines(sheet(a_source(the_catalogue(), story=story), PaperKind.PAYMENT_REQUEST)))
    assert "Số tiền" not in text
    assert "Lý do: Lý do khác." in text


def test_another_reason_gives_way_to_its_note() -> None:
    story = Story().received().started()
    story.then(Action.STOP, Actor.OFFICER, Status.STOPPED, reason=Reason.OTHER, note="Trùng hồ sơ")
    assert "Lý do: Trùng hồ sơ." in lines(sheet(a_source(the_catalogue(), story=story), PaperKind.STOP_NOTICE))


@pytest.mark.parametrize("procedure_id", PROCEDURES)
@pytest.mark.parametrize(
    "begins_at", [datetime(2018, 1, 2, 2, tzinfo=UTC), MORNING, datetime(2021, 6, 1, 2, tzinfo=UTC)]
)
def test_every_paper_of_every_procedure_can_be_composed(procedure_id: str, begins_at: datetime) -> None:
    """Granted and refused, whatever the law of the day; no value is missing where words need it."""
    procedure = the_catalogue().procedures[procedure_id]
    for story in (a_full_story(begins_at).granted(), a_full_story(begins_at).refused()):
        payment = a_payment(begins_at + timedelta(hours=7))
        source = a_source(the_catalogue(), procedure_id, story, payments=[payment])
        found = papers(source)
        for paper in found:
            printed = compose(paper, source, the_words(), URL)
            text = "\n".join([printed.title, printed.subtitle, printed.summary_en, *lines(printed)])
            assert "{" not in text, (paper.paper_id, text)
            assert all(line.strip() for line in lines(printed)), paper.paper_id
            assert printed.issued_at == paper.issued_at
        assert {PaperKind.RECEIPT, PaperKind.APOLOGY, PaperKind.CONTROL_SHEET} <= {paper.kind for paper in found}
        outcomes = {PaperKind.RESULT, PaperKind.REFUSAL} & {paper.kind for paper in found}
        assert len(outcomes) == 1
        assert procedure.name_vi in "\n".join(lines(compose(found[0], source, the_words(), URL)))


@pytest.mark.parametrize("result_kind", list(ResultKind))
def test_there_is_a_result_paper_for_each_kind(result_kind: ResultKind) -> None:
    titles = {
        template.title
        for template in the_words().templates
        if template.kind is PaperKind.RESULT and result_kind in template.result_kinds
    }
    assert len(titles) == 1


def test_every_family_has_its_own_words() -> None:
    """Of its own in the table, or a template of its own."""
    families = {procedure.family for procedure in the_catalogue().procedures.values()}
    special = {
        family
        for template in the_words().templates
        if template.kind is PaperKind.RESULT
        for family in template.families
    }
    assert sorted(families - set(the_words().families) - special) == []
    assert sorted(set(the_words().families) - families - {"default"}) == []  # and none for families that aren't there


def test_a_family_of_the_users_own_gets_the_general_words() -> None:
    words = the_words().of_family("something-else")
    assert words is the_words().families["default"]


def test_a_result_shows_the_number_that_was_issued() -> None:
    story = Story().then(Action.RESOLVE_AT_ONCE, Actor.SYSTEM, Status.RETURNED, reason=Reason.AUTOMATIC)
    source = a_source(the_catalogue(), "cargo-identification", story)
    assert not any("Số, mã được cấp" in line for line in lines(sheet(source, PaperKind.RESULT)))
    object.__setattr__(source, "issued_code", "VASS19900001")
    assert "Số, mã được cấp: VASS19900001" in lines(sheet(source, PaperKind.RESULT))


def test_filled_in_values_are_printed_as_people_write_them() -> None:
    procedure = the_catalogue().procedures["refund-first"]
    printed = lines(sheet(a_source(the_catalogue(), "refund-first"), PaperKind.RESULT))
    for field in procedure.form:
        assert any(line.startswith(f"{field.label_vi}: ") for line in printed), field.name
    assert not any(line.endswith((": True", ": False")) for line in printed)


def test_values_are_never_markup() -> None:
    name = "A **B** {dossier_id} {form[x]} %s <b>"
    source = a_source(the_catalogue(), story=a_full_story().granted(), applicant_name=name)
    for paper in papers(source):
        printed = compose(paper, source, the_words(), URL)
        if paper.kind is PaperKind.RECEIPT:
            assert f"Tiếp nhận hồ sơ của: {name}" in lines(printed)
            bold = [
                run for block in printed.blocks if isinstance(block, Paragraph) for run in block.runs if run.is_bold
            ]
            assert name in [run.text for run in bold]


def test_the_same_facts_give_the_same_sheet() -> None:
    """And other facts another one: its representation is what the ETag is made of."""
    one, again = (a_source(the_catalogue(), story=a_full_story().granted()) for _ in range(2))
    other = a_source(the_catalogue(), story=a_full_story().granted(), applicant_name="Công ty khác")
    for paper, same, different in zip(papers(one), papers(again), papers(other), strict=True):
        first = repr(compose(paper, one, the_words(), URL))
        assert first == repr(compose(same, again, the_words(), URL))
        assert first != repr(compose(different, other, the_words(), URL))
