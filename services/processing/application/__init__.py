"""Use cases of processing; they name no framework and no SQL."""
