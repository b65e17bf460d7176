"""The compiled readers and the schemas read the same: bodies of every procedure, right ones and spoilt ones."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.catalogue import Procedure
from services.contracts.vocabulary import ApplicantKind
from services.portal.adapters.registers.register_data import load_declaration_kinds
from services.portal.api.compiled_forms import is_known_tax_code
from services.portal.api.compiled_reading import CompiledRegistrations, CompiledSubmissions
from services.portal.api.registers.declaration_reading import DeclarationReader
from services.portal.api.submissions import SubmissionReader
from services.portal.application.clearance import DOCUMENTS, ClearanceForms
from services.runtime.errors import ProblemError
from tests.support.filings import catalogue, filing, tax_code
from tests.support.forms import valid_form

PROCEDURES = list(catalogue().procedures.values())
#: One procedure for each form: many share one.
ONE_A_FORM = list({procedure.form: procedure for procedure in PROCEDURES}.values())
KINDS = load_declaration_kinds()
SUBMISSIONS, COMPILED_SUBMISSIONS = SubmissionReader(catalogue()), CompiledSubmissions(catalogue())
DECLARATIONS, COMPILED_REGISTRATIONS = DeclarationReader(catalogue(), KINDS), CompiledRegistrations(catalogue(), KINDS)

INSTANTS = (
    "2018-06-05T08:30:00+07:00",
    "2018-06-05t08:30:00.123456789z",
    "2018-06-05 08:30:00.5-00:30",
    "2018-06-05T08:30:00",
    "2018-06-05T24:00:00Z",
    "2018-06-05T23:59:60Z",
    "2018-02-30T08:30:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2018-06-05T08:30:00+25:00",
)
#: What a text is taken for that it isn't: other digits, other spaces, line ends, letters of two code points.
TEXTS = (
    "",
    " ",
    "\n",
    "a\n",
    "\u00a0",
    "\x85",
    "\x00",
    "\x7f",
    "x" * 301,
    "٠١٢٣٤٥٦٧٨٩",
    "e\u0301",
    "\u2028x",
    "\t.",
    "30CF",
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    1.0,
    1e300,
    2**53,
    2**63,
    2**64 - 1,
    -(2**63),
    [],
    [{}],
    {},
    {"": 1},
    *TEXTS,
    *INSTANTS,
)

#: What makes another text of a right one.
TWISTS: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.lower,
    lambda text: text + "\n",
    lambda text: " " + text,
    lambda text: text + "\x00",
    lambda text: text[:-1],
    lambda text: text[::-1],
    lambda text: text + "-001",
    lambda text: text + "-000",
    lambda text: text.translate({48 + digit: 0x660 + digit for digit in range(10)}),
    lambda text: text.translate({48 + digit: 48 + (digit + 1) % 10 for digit in range(10)}),
)

values = st.sampled_from(VALUES) | st.text(max_size=20) | st.integers(-(2**63), 2**64 - 1)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a body."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, inner in items for place in places(inner, (*path, key)))]


def changed(data: Any, path: tuple[Any, ...], change: Any) -> Any:
    """The body with something else in one place; `...` takes it away."""
    if not path:
        return change(data)
    key, *rest = path
    copy = dict(data) if isinstance(data, dict) else list(data)
    if (inner := changed(copy[key], tuple(rest), change)) is ...:
        del copy[key]
    else:
        copy[key] = inner
    return copy


@st.composite
def spoilt(draw: st.DrawFn, bodies: st.SearchStrategy[dict[str, Any]]) -> Any:
    """A body in which up to three things were changed."""
    data: Any = draw(bodies)
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(places(data)))
        data = changed(data, path, draw(st.sampled_from((_replaced, _removed, _added, _twisted)))(draw))
        if data is ...:
            return draw(values)
    return data


def _replaced(draw: st.DrawFn) -> Any:
    value = draw(values)
    return lambda _: value


def _removed(_: st.DrawFn) -> Any:
    return lambda _: ...


def _added(draw: st.DrawFn) -> Any:
    name = draw(st.sampled_from(("attachments", "form", "content", "kind", "channel", "filed_at", "x", "")))
    value = draw(values)
    return lambda inner: {**inner, name: value} if isinstance(inner, dict) else value


def _twisted(draw: st.DrawFn) -> Any:
    """A text that looks like the right one."""
    twist = draw(st.sampled_from(TWISTS))
    return lambda inner: twist(inner) if isinstance(inner, str) else [inner]


@st.composite
def submissions(draw: st.DrawFn) -> dict[str, Any]:
    procedure = draw(st.sampled_from(PROCEDURES))
    body = filing(procedure.procedure_id, applicant=draw(st.integers(0, 50)))
    optional: dict[str, Any] = {
        "channel": draw(st.sampled_from(("online", "post", "in-person"))),
        "filed_at": draw(st.sampled_from((None, *INSTANTS[:3]))),
        "attachments": [],
    }
    kept = draw(st.sets(st.sampled_from(sorted(optional))))
    return {**body, "form": valid_form(procedure, seed=draw(st.integers(0, 20))), **{k: optional[k] for k in kept}}


@st.composite
def registrations(draw: st.DrawFn) -> dict[str, Any]:
    content = valid_form(catalogue().procedures[DOCUMENTS], seed=draw(st.integers(0, 20)))
    given = {name: value for name, value in content.items() if name not in ClearanceForms.filled_fields()}
    body = {
        "kind": draw(st.sampled_from(sorted(KINDS))),
        "office": draw(st.sampled_from(("30CF", "02CI"))),
        "declarant": {"kind": "enterprise", "identifier": tax_code(draw(st.integers(0, 50))), "name": "Công ty"},
        "content": draw(st.sampled_from((given, content, {}))),
        "customs_channel": draw(st.sampled_from((None, "green", "yellow", "red"))),
        "filed_at": draw(st.sampled_from((None, *INSTANTS[:3]))),
    }
    left_out = draw(st.sets(st.sampled_from(("content", "customs_channel", "filed_at"))))
    return {name: value for name, value in body.items() if name not in left_out}


def outcome(read: Any, data: Any) -> Any:
    """What was read; of a refusal everything that is told."""
    try:
        return read(data)
    except ProblemError as error:
        return (error.code, error.status, error.detail, error.errors)


def as_sent(data: Any) -> Any:
    """As it comes out of a request's body."""
    return orjson.loads(orjson.dumps(data))


def spoilt_once(body: dict[str, Any]) -> Iterator[Any]:
    """The body with one thing wrong, in every place and every way."""
    for path in places(body):
        yield changed(body, path, lambda _: ...) if path else None
        yield changed(body, path, lambda inner: {**inner, "x": 1} if isinstance(inner, dict) else {"x": inner})
        for value in VALUES:
            yield changed(body, path, lambda _, value=value: value)
        for twist in TWISTS:
            yield changed(body, path, lambda inner, twist=twist: twist(inner) if isinstance(inner, str) else [inner])


@pytest.mark.parametrize("procedure", ONE_A_FORM, ids=lambda procedure: procedure.procedure_id)
def test_a_submission_with_one_thing_wrong_is_refused_as_the_schemas_refuse_it(procedure: Procedure) -> None:
    form = {field.name: field.example for field in procedure.form}
    for data in spoilt_once(form):
        sent = as_sent({**filing(procedure.procedure_id), "form": data})
        read = COMPILED_SUBMISSIONS.read(sent)
        assert read is None or read == outcome(SUBMISSIONS.read_thoroughly, sent), sent


def test_a_submission_with_one_thing_wrong_around_the_form_is_refused_as_the_schemas_refuse_it() -> None:
    for kind, identifier in (
        ("enterprise", tax_code(1)),
        ("household", f"{tax_code(2)}-001"),
        ("citizen", "042088001234"),
    ):
        applicant = {"kind": kind, "identifier": identifier, "name": "Công ty"}
        around = {"office": "30CF", "applicant": applicant, "channel": "post", "filed_at": INSTANTS[0]}
        for data in spoilt_once(around):
            sent = as_sent({**filing("declaration-cancellation"), **data} if isinstance(data, dict) else data)
            read = COMPILED_SUBMISSIONS.read(sent)
            assert read is None or read == outcome(SUBMISSIONS.read_thoroughly, sent), sent


def test_a_registration_with_one_thing_wrong_is_refused_as_the_schemas_refuse_it() -> None:
    body = {
        "kind": "A11",
        "office": "30CF",
        "declarant": {"kind": "enterprise", "identifier": tax_code(1), "name": "Công ty"},
        "customs_channel": "green",
        "filed_at": INSTANTS[0],
        "content": {"goods_name": "Thép cuộn", "hs_code": "72083990", "value_vnd": 1850000},
    }
    for data in spoilt_once(body):
        sent = as_sent(data)
        read = COMPILED_REGISTRATIONS.read(sent)
        assert read is None or read == outcome(DECLARATIONS.read_registration_thoroughly, sent), sent


@given(data=spoilt(submissions()))
def test_a_submission_is_read_as_the_schemas_read_it(data: Any) -> None:
    sent = as_sent(data)
    by_schemas = outcome(SUBMISSIONS.read_thoroughly, sent)
    assert outcome(SUBMISSIONS.read, sent) == by_schemas
    assert COMPILED_SUBMISSIONS.read(sent) in (None, by_schemas)


@given(data=spoilt(registrations()))
def test_a_registration_is_read_as_the_schemas_read_it(data: Any) -> None:
    sent = as_sent(data)
    by_schemas = outcome(DECLARATIONS.read_registration_thoroughly, sent)
    assert outcome(DECLARATIONS.read_registration, sent) == by_schemas
    assert COMPILED_REGISTRATIONS.read(sent) in (None, by_schemas)


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda procedure: procedure.procedure_id)
def test_ordinary_submissions_are_read_by_the_compiled_reader(procedure: Procedure) -> None:
    """Otherwise everything would be right, and ten times as slow."""
    for seed in range(5):
        body = {**filing(procedure.procedure_id), "form": valid_form(procedure, seed=seed)}
        assert COMPILED_SUBMISSIONS.read(as_sent(body)) is not None
    citizen = {"kind": "citizen", "identifier": "042088001234", "name": "Nguyễn Thị Hường"}
    read = COMPILED_SUBMISSIONS.read({**body, "applicant": citizen, "filed_at": INSTANTS[0]})
    assert read is not None
    assert (read.applicant_kind, read.procedure_id) == (ApplicantKind.CITIZEN, procedure.procedure_id)


@given(body=registrations())
def test_ordinary_registrations_are_read_by_the_compiled_reader(body: dict[str, Any]) -> None:
    is_ordinary = not (body.get("content", {}).keys() & ClearanceForms.filled_fields())
    assert (COMPILED_REGISTRATIONS.read(as_sent(body)) is not None) is is_ordinary


def test_what_is_too_long_for_a_tax_code_is_not_remembered() -> None:
    """Remembered are texts of whoever has a key: each of them has to be short, wrong ones too."""
    body = {**filing("declaration-cancellation"), "applicant": {"identifier": "0" * 100_000, "name": "A"}}
    before = is_known_tax_code.cache_info().currsize
    assert COMPILED_SUBMISSIONS.read(as_sent(body)) is None
    assert is_known_tax_code.cache_info().currsize == before
    wrong = {**body, "applicant": {"identifier": "0123456789-012", "name": "A"}}
    assert COMPILED_SUBMISSIONS.read(as_sent(wrong)) is None
