"""The floor under filing: one Flask route that reads JSON and answers JSON, on the same server as the portal."""

from flask import Flask, Response, request

app = Flask(__name__)


@app.post("/echo")
def echo() -> Response:
    """Parse and answer."""
    data = request.get_json()
    return app.json.response({"procedure": data["procedure"], "ok": True})
