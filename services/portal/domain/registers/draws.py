"""A seeded draw: a number from 0 to below 1 that depends on nothing but what is asked about.

SplitMix64 (Steele, Lea, Flood 2014), as processing draws for its robots, but over its own question: what the portal
draws for dossier 7 tells nothing about what a robot draws for it.
"""

from typing import Final

_MASK: Final = (1 << 64) - 1

#: Sets the portal's draws apart from those of other services with the same seed.
_QUESTION: Final = 0x706F7274616C


def draw(seed: int, number: int) -> float:
    """A value in [0, 1), the same for the same arguments, for ever.

    Args:
        seed: the sandbox's.
        number: the dossier's.
    """
    mixed = _mix((seed & _MASK) ^ _mix((number << 16) ^ _QUESTION))
    return (mixed >> 11) / (1 << 53)


def _mix(value: int) -> int:
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)
