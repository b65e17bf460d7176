"""A person's own procedures, forms, offices and days off, checked before anything is started.

Each service reads and checks the folder for itself; a mistake told here is one sentence, and not the end of a log.
"""

from collections.abc import Mapping

from services.launcher.environment import CATALOGUE_FOLDER
from services.launcher.errors import LauncherError
from services.launcher.messages import say
from services.runtime.catalogue import load_catalogue
from services.runtime.records import DataFileError


def check_own_catalogue(environment: Mapping[str, str]) -> None:
    """Look at the person's files, if there are any.

    Raises:
        LauncherError: a file is wrong; the sentence names file, line and field.
    """
    name = environment.get(CATALOGUE_FOLDER)
    if not name:
        return
    try:
        load_catalogue(own=name)
    except DataFileError as error:
        raise LauncherError(say("own-catalogue-wrong", reason=error)) from error
