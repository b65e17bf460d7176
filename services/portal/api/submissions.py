"""From JSON to a submission: checked field by field, every mistake named with a pointer to it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from services.contracts.catalogue import Catalogue
from services.contracts.identifiers import is_personal_number
from services.contracts.vocabulary import ApplicantKind, Channel
from services.portal.api.compiled_reading import CompiledSubmissions
from services.portal.api.forms import TAX_CODE_MESSAGE, Forms, is_valid_tax_code
from services.portal.api.papers.attachments_schemas import AttachmentRefSchema, read_refs
from services.portal.api.sentences import in_vietnamese
from services.portal.api.strict_fields import Instant, Text
from services.portal.application.problems import problem
from services.portal.domain.attachments import FILES_PER_DOSSIER
from services.portal.domain.sandbox import Submission
from services.runtime.errors import ProblemError


class ApplicantSchema(Schema):
    """Who files."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    kind = fields.String(
        load_default=ApplicantKind.ENTERPRISE.value,
        validate=validate.OneOf([kind.value for kind in ApplicantKind]),
        metadata={"description": "Enterprise, household business or individual."},
    )
    identifier = fields.String(
        required=True,
        metadata={
            "description": "Tax code (10 digits with check digit, perhaps -001); for an individual 9 or 12 digits.",
            "format": "applicant-identifier",
            "pattern": r"^[0-9]{9,12}(-[0-9]{3})?$",
            "example": "0100109106",
        },
    )
    name = Text(
        required=True,
        validate=validate.Length(max=200),
        metadata={"description": "Name as registered.", "example": "Công ty TNHH Tiếp vận Vũng Áng"},
    )

    @validates_schema
    def _identifier_fits_kind(self, data: Mapping[str, Any], **_: Any) -> None:
        identifier, kind = data.get("identifier", ""), data.get("kind")
        if kind == ApplicantKind.CITIZEN:
            if not is_personal_number(identifier):
                raise ValidationError("Not a valid personal number: 9 or 12 digits.", "identifier")
        elif not is_valid_tax_code(identifier):
            raise ValidationError(TAX_CODE_MESSAGE, "identifier")


class FilingSchema(Schema):
    """A dossier to be filed; `form` follows the procedure's own schema."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    procedure = fields.String(
        required=True,
        metadata={"description": "Id from /api/v1/procedures.", "example": "declaration-cancellation"},
    )
    office = fields.String(
        required=True,
        metadata={
            "description": "Code from /api/v1/offices.",
            "format": "office-code",
            "pattern": "^[0-9A-Z]{4}$",
            "example": "30CF",
        },
    )
    applicant = fields.Nested(ApplicantSchema, required=True)
    channel = fields.String(
        load_default=Channel.ONLINE.value, validate=validate.OneOf([channel.value for channel in Channel])
    )
    filed_at = Instant(
        load_default=None,
        metadata={
            "type": "string",
            "format": "date-time",
            "description": "Only with a manual clock: file for this instant, at or after the sandbox's now.",
        },
    )
    form = fields.Dict(required=True, metadata={"description": "The procedure's form, see /api/v1/procedures/{id}."})
    attachments = fields.List(
        fields.Nested(AttachmentRefSchema),
        load_default=(),
        validate=validate.Length(max=FILES_PER_DOSSIER),
        metadata={"description": "Uploaded files that are handed in with it."},
    )


#: What a wrong field is told in Vietnamese, by code.
_DETAILS_VI: Final = {
    "required": "Thiếu trường bắt buộc.",
    "unknown-field": "Không có trường này.",
    "null": "Trường này không được để trống (null).",
    "not-a-choice": "Không thuộc các giá trị cho phép.",
    "out-of-range": "Nằm ngoài khoảng cho phép.",
    "too-long": "Quá dài.",
    "too-short": "Quá ngắn.",
    "wrong-length": "Sai độ dài.",
    "bad-tax-code": "Mã số thuế không hợp lệ: 10 chữ số với chữ số kiểm tra đúng, có thể thêm -001 đến -999.",
    "bad-declaration-number": "Số tờ khai không hợp lệ: 12 chữ số, bắt đầu bằng 1 (nhập khẩu) hoặc 3 (xuất khẩu).",
    "bad-personal-number": "Số CMND/CCCD không hợp lệ: 9 hoặc 12 chữ số.",
    "bad-email": "Địa chỉ thư điện tử không hợp lệ: viết như vanthu@example.vn.",
    "bad-phone": "Số điện thoại không hợp lệ: 10 hoặc 11 chữ số bắt đầu bằng 0, hoặc +84 thay cho số 0.",
    "bad-country": "Mã nước không hợp lệ: hai chữ cái in hoa theo ISO 3166-1, ví dụ VN.",
    "bad-manifest-number": "Số bản khai hàng hóa không hợp lệ: MF và 8 chữ số, ví dụ MF18000123.",
    "bad-facility-code": "Mã cơ sở sản xuất không hợp lệ: CSSX và 6 chữ số, ví dụ CSSX000123.",
    "bad-hs-code": "Mã HS không hợp lệ: 8 chữ số bắt đầu bằng số chương, ví dụ 85171300.",
    "unknown-office": "Không có đơn vị hải quan này.",
    "unknown-procedure": "Không có thủ tục này.",
    "wrong-shape": "Không đúng khuôn mẫu quy định.",
    "wrong-type": "Sai kiểu dữ liệu hoặc sai định dạng.",
    "invalid": "Giá trị không hợp lệ.",
}

#: marshmallow's sentences to stable codes; anything else is `invalid`.
_CODES: Final = (
    ("Missing data", "required"),
    ("Unknown field", "unknown-field"),
    ("Field may not be null", "null"),
    ("Must be one of", "not-a-choice"),
    ("Must be greater", "out-of-range"),
    ("Must be less", "out-of-range"),
    ("Longer than", "too-long"),
    ("Shorter than", "too-short"),
    ("Length must be", "wrong-length"),
    ("String does not match", "wrong-shape"),
    ("Not a valid tax code", "bad-tax-code"),
    ("Not a valid declaration number", "bad-declaration-number"),
    ("Not a valid personal number", "bad-personal-number"),
    ("Not a valid e-mail address", "bad-email"),
    ("Not a valid telephone number", "bad-phone"),
    ("Not a valid country", "bad-country"),
    ("Not a valid manifest number", "bad-manifest-number"),
    ("Not a valid facility code", "bad-facility-code"),
    ("Not a valid HS code", "bad-hs-code"),
    ("Unknown customs office", "unknown-office"),
    ("Not a valid", "wrong-type"),
)


def field_errors(messages: Any, pointer: str = "") -> Iterator[dict[str, str]]:
    """Marshmallow's nested messages as a flat list of pointer (RFC 6901), code and sentence."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            escaped = str(name).replace("~", "~0").replace("/", "~1")
            yield from field_errors(inner, pointer if name == "_schema" else f"{pointer}/{escaped}")
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            sentence = str(message)
            code = next((code for start, code in _CODES if sentence.startswith(start)), "invalid")
            detail_vi = in_vietnamese(sentence) or _DETAILS_VI[code]
            yield {"pointer": pointer, "code": code, "detail": sentence, "detail_vi": detail_vi}


def _unknown(pointer: str, code: str, detail: str) -> dict[str, str]:
    return {"pointer": pointer, "code": code, "detail": detail, "detail_vi": _DETAILS_VI[code]}


def invalid_body(messages: Any) -> ProblemError:
    """The problem of a body with wrong fields."""
    errors = list(field_errors(messages))
    return problem("invalid-body", count=len(errors), errors=errors)


class SubmissionReader:
    """Reads submissions of all procedures; built once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._compiled = CompiledSubmissions(catalogue)
        self._catalogue = catalogue
        self._forms = Forms(catalogue)
        self._schema = FilingSchema()

    def read(self, data: Any) -> Submission:
        """A submission from decoded JSON.

        Raises:
            ProblemError: `invalid-body`, `unknown-procedure` or `unknown-office`.
        """
        return self._compiled.read(data) or self.read_thoroughly(data)

    def read_thoroughly(self, data: Any) -> Submission:
        """As `read`, by the schemas alone."""
        if not isinstance(data, dict):
            raise invalid_body({"_schema": ["Not a valid object."]})
        try:
            fields_ = self._schema.load(data)
        except ValidationError as error:
            raise invalid_body(self._with_form_errors(data, error.messages)) from error
        procedure_id, office_code = fields_["procedure"], fields_["office"]
        if procedure_id not in self._catalogue.procedures:
            raise problem(
                "unknown-procedure",
                procedure=procedure_id,
                errors=[_unknown("/procedure", "unknown-procedure", "Unknown procedure.")],
            )
        if office_code not in self._catalogue.offices:
            raise problem(
                "unknown-office",
                office=office_code,
                errors=[_unknown("/office", "unknown-office", "Unknown customs office.")],
            )
        if form_errors := self._forms.errors(procedure_id, fields_["form"]):
            raise invalid_body({"form": form_errors})
        applicant = fields_["applicant"]
        return Submission(
            procedure_id=procedure_id,
            office_code=office_code,
            channel=Channel(fields_["channel"]),
            applicant_kind=ApplicantKind(applicant["kind"]),
            applicant_id=applicant["identifier"],
            applicant_name=applicant["name"],
            filed_at=fields_["filed_at"],
            form=fields_["form"],
            attachments=read_refs(fields_["attachments"]),
        )

    def _with_form_errors(self, data: Mapping[str, Any], messages: Any) -> Any:
        """All mistakes in one answer: those of the form beside those around it."""
        procedure_id = data.get("procedure")
        is_known = isinstance(procedure_id, str) and procedure_id in self._catalogue.procedures
        if not is_known or not isinstance(messages, dict) or "form" in messages:
            return messages
        form_errors = self._forms.errors(str(procedure_id), data.get("form"))
        return {**messages, "form": form_errors} if form_errors else messages
