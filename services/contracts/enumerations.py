"""Enumerations whose members are found as quickly as any attribute of a class."""

from enum import Enum
from typing import TypeVar

E = TypeVar("E", bound=type[Enum])


def quick(kind: E) -> E:
    """Decorator: put the members of an enumeration where Python 3.12 puts them, into the class itself.

    Python 3.11 keeps a descriptor there that looks the member up, which takes six times as long: a dossier's life asks
    some fifty times for a status or an action. Nothing else about the enumeration changes.

    >>> @quick
    ... class Colour(Enum):
    ...     RED = 1
    >>> Colour.RED, Colour(1), Colour["RED"], list(Colour)
    (<Colour.RED: 1>, <Colour.RED: 1>, <Colour.RED: 1>, [<Colour.RED: 1>])
    """
    for member in kind:
        type.__setattr__(kind, member.name, member)  # an enumeration's own way to set attributes takes no members
    return kind
