"""The pages' addresses: each view reads the request, asks for what it shows, and renders."""

from importlib import import_module

_MODULES = (
    "home",
    "procedures",
    "dossiers",
    "declarations",
    "statistics",
    "report",
    "sign_in",
    "reference",
    "about",
    "payments",
    "calendar",
    "look_up",
    "papers",
)


def load_routes() -> None:
    """Put all views on the blueprint; once a process, however many applications it builds."""
    for name in _MODULES:
        import_module(f"{__name__}.{name}")
