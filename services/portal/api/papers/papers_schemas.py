"""What papers look like on the wire."""

from marshmallow import Schema, fields

from services.portal.api.schemas import LabelSchema


class PaperSchema(Schema):
    """A paper of a dossier."""

    paper_id = fields.String(required=True, metadata={"description": "Unique in its dossier."})
    kind = fields.String(required=True)
    title = fields.Nested(LabelSchema, required=True)
    form = fields.String(required=True, allow_none=True, metadata={"description": "The official form on its day."})
    issued_at = fields.DateTime(required=True, metadata={"description": "On the sandbox's clock."})
    is_signed = fields.Boolean(required=True)
    url = fields.String(required=True)


class PaperListSchema(Schema):
    """A dossier's papers, in the order in which they came to be; the control sheet last."""

    dossier_id = fields.String(required=True)
    items = fields.List(fields.Nested(PaperSchema), required=True)


class IssuerSchema(Schema):
    """Who signed."""

    code = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)


class VerificationSchema(Schema):
    """What a check of a file found."""

    is_valid = fields.Boolean(required=True, metadata={"description": "Signed by this sandbox, and intact."})
    is_signed = fields.Boolean(required=True)
    is_intact = fields.Boolean(required=True, metadata={"description": "No byte has changed since it was signed."})
    is_trusted = fields.Boolean(required=True, metadata={"description": "Signed under this sandbox's authority."})
    issuer = fields.Nested(IssuerSchema, required=True, allow_none=True)
    signed_at = fields.DateTime(required=True, allow_none=True)
    dossier_id = fields.String(required=True, allow_none=True, metadata={"description": "As the file says."})
    paper_id = fields.String(required=True, allow_none=True, metadata={"description": "As the file says."})


class SigningAuthoritySchema(Schema):
    """The sandbox's certificate authority, for those who verify papers themselves."""

    certificate = fields.String(required=True, metadata={"description": "PEM, with subject and fingerprint above it."})
