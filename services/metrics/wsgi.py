"""The WSGI application of metrics, built from the environment at import. Imported by workers of the server only."""

from services.metrics.api.app import create_app
from services.metrics.bootstrap import build_web
from services.metrics.config import WebSettings
from services.runtime.http_server import end_with_main_process
from services.runtime.logs import configure_logs
from services.runtime.settings import read_settings

end_with_main_process()
_settings = read_settings(WebSettings)
configure_logs("metrics web", _settings.log_level)
app = create_app(build_web(_settings))
