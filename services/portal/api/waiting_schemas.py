"""What is told of waiting times."""

from marshmallow import Schema, fields


class DistributionSchema(Schema):
    """Times by class, by the clock: nights and holidays count."""

    counts = fields.List(
        fields.Integer(),
        required=True,
        metadata={"description": "Dossiers in each class: the first is below the first edge, the last from the last."},
    )
    mean_seconds = fields.Float(required=True, allow_none=True, metadata={"description": "`null`: of no dossier."})
    longest_seconds = fields.Float(required=True, allow_none=True)


class WaitingRowSchema(Schema):
    """The waiting times of one procedure."""

    procedure_id = fields.String(required=True)
    to_receipt = fields.Nested(
        DistributionSchema, required=True, metadata={"description": "From filing to receipt, of all received."}
    )
    to_result = fields.Nested(
        DistributionSchema, required=True, metadata={"description": "From receipt to result, of all with a result."}
    )


class WaitingSchema(Schema):
    """How long dossiers waited."""

    now = fields.DateTime(required=True)
    edges_seconds = fields.List(
        fields.Float(), required=True, metadata={"description": "Where classes begin; each holds its lower edge."}
    )
    rows = fields.List(fields.Nested(WaitingRowSchema), required=True)
