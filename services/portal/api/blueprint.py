"""The blueprint that all routes of the API are made with."""

from typing import Any

from flask import Request
from flask_smorest import Blueprint
from marshmallow import Schema, missing
from webargs.flaskparser import FlaskParser, is_json_request

from services.portal.api.bodies import decode_json


class StrictParser(FlaskParser):
    """Reads JSON bodies with the decoder that filing uses; what it doesn't take is `malformed-json`."""

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002 - the parser's own signature
        """The decoded body; `missing` when there is none."""
        body = req.get_data() if is_json_request(req) else b""
        return decode_json(body) if body else missing


class ApiBlueprint(Blueprint):  # type: ignore[misc]
    """flask-smorest's blueprint with our parser."""

    ARGUMENTS_PARSER = StrictParser()
