"""The WSGI application of the portal, built from the environment at import. Imported by workers of the server only."""

from services.portal.app_factory import create_app
from services.portal.bootstrap import WEB_CONNECTIONS, Parts
from services.portal.config import Settings
from services.runtime.http_server import end_with_main_process
from services.runtime.logs import configure_logs
from services.runtime.settings import read_settings

end_with_main_process()
_settings = read_settings(Settings)
configure_logs("portal web", _settings.log_level)
app = create_app(Parts(_settings, "portal web", max_connections=WEB_CONNECTIONS))
