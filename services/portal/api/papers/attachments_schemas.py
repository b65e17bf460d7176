"""What attachments look like on the wire."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from services.portal.api.strict_fields import Text
from services.portal.domain.attachments import COPY_KINDS, FILES_PER_DOSSIER, AttachmentRef, CopyKind

#: Ids of uploaded files.
ATTACHMENT_PATTERN = r"^att_[0-9a-f]{16}$"


class AttachmentRefSchema(Schema):
    """An uploaded file that is handed in."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    attachment_id = fields.String(
        required=True,
        validate=validate.Regexp(ATTACHMENT_PATTERN),
        metadata={"description": "From POST /api/v1/attachments.", "example": "att_0123456789abcdef"},
    )
    document = Text(
        required=True,
        validate=validate.Length(max=300),
        metadata={
            "description": "Which paper it is, such as one of the procedure's `documents`.",
            "example": "Hóa đơn thương mại",
        },
    )
    copy_kind = fields.String(
        load_default=CopyKind.ELECTRONIC.slug,
        validate=validate.OneOf(list(COPY_KINDS)),
        metadata={"description": "What it is (LoaiBan 0, 1, 2): original, copy, electronic."},
    )


class HandInSchema(Schema):
    """Uploaded files to hand in with a dossier that has been filed."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    attachments = fields.List(
        fields.Nested(AttachmentRefSchema), required=True, validate=validate.Length(min=1, max=FILES_PER_DOSSIER)
    )


class AttachmentSchema(Schema):
    """A file, without its content."""

    attachment_id = fields.String(required=True)
    file_name = fields.String(required=True)
    content_type = fields.String(required=True, metadata={"description": "What the content shows it to be."})
    size_bytes = fields.Integer(required=True)
    sha256 = fields.String(required=True, metadata={"description": "Of the content, hexadecimal."})
    uploaded_at = fields.DateTime(required=True, metadata={"description": "On the wall's clock."})
    expires_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "Removed then unless a dossier has it."}
    )
    url = fields.String(required=True)


class HandedInFileSchema(Schema):
    """A file as it was handed in."""

    attachment_id = fields.String(required=True)
    document = fields.String(required=True)
    copy_kind = fields.String(required=True)
    copy_kind_code = fields.Integer(required=True, metadata={"description": "LoaiBan of the national portal."})
    stage = fields.String(required=True, metadata={"description": "`receipt`, `supplement` or `result`."})
    stage_code = fields.Integer(required=True, metadata={"description": "HinhThucThu of the national portal."})
    attached_at = fields.DateTime(required=True, metadata={"description": "On the sandbox's clock."})


class HandedInSchema(Schema):
    """What was just handed in."""

    items = fields.List(fields.Nested(HandedInFileSchema), required=True)


class DossierAttachmentSchema(HandedInFileSchema, AttachmentSchema):
    """A file that belongs to a dossier."""

    dossier_id = fields.String(required=True)


class AttachmentListSchema(Schema):
    """A dossier's files, in the order in which they were handed in."""

    items = fields.List(fields.Nested(DossierAttachmentSchema), required=True)


class UploadQuerySchema(Schema):
    """How an uploaded file is called."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    filename = fields.String(
        validate=validate.Length(max=1000),
        metadata={"description": "For a raw body; a form says it with its part."},
    )


def read_refs(rows: Sequence[Mapping[str, Any]]) -> tuple[AttachmentRef, ...]:
    """From loaded `AttachmentRefSchema`s."""
    return tuple(AttachmentRef(row["attachment_id"], row["document"], COPY_KINDS[row["copy_kind"]]) for row in rows)
