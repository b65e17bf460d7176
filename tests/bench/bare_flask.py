"""The floor under filing: one Flask route that reads JSON and answers JSON, on the same server as the portal."""

from typing import Any

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.post("/echo")
def echo() -> Any:
    """Parse and answer."""
    data = request.get_json()
    return jsonify(procedure=data["procedure"], ok=True)
