"""Use cases of the portal; they name no framework and no SQL."""
