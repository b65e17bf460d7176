"""The WSGI application of the portal, built from the environment at import. Imported by workers of the server only."""

import gc
from typing import Final

from services.portal.app_factory import create_app
from services.portal.bootstrap import WEB_CONNECTIONS, Parts
from services.portal.config import Settings
from services.runtime.http_server import end_with_main_process
from services.runtime.logs import configure_logs
from services.runtime.settings import read_settings

#: Objects that may be made before the collector of cycles looks at the youngest. A request of ten thousand lines makes
#: ten times as many, and keeps them until it is answered: looking through them again and again was a third of filing.
YOUNG_OBJECTS: Final = 50_000

end_with_main_process()
_settings = read_settings(Settings)
configure_logs("portal web", _settings.log_level)
app = create_app(Parts(_settings, "portal web", max_connections=WEB_CONNECTIONS))

# What is here now stays: the catalogue, the routes, the schemas.
gc.collect()
gc.freeze()
gc.set_threshold(YOUNG_OBJECTS, 20, 100)
