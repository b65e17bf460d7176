"""How each language writes numbers, parts and days."""

from dataclasses import dataclass
from datetime import date
from typing import Final

#: Not from the machine's locale, which may be a third language.
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Words:
    """One language.

    Attributes:
        language: `vi` or `en`.
    """

    language: str

    @property
    def is_vietnamese(self) -> bool:
        """Whether it is Vietnamese."""
        return self.language == "vi"

    def number(self, value: int) -> str:
        """A whole number with its thousands set apart."""
        text = f"{value:,}"
        return text.replace(",", ".") if self.is_vietnamese else text

    def decimal(self, value: float) -> str:
        """A number with one decimal."""
        text = f"{value:,.1f}"
        return text.translate(_COMMAS_AND_POINTS) if self.is_vietnamese else text

    def percent(self, ratio: float | None) -> str:
        """A part of 1 in per cent, rounded down: 100 is said of nothing less. A dash for what there is none of."""
        # The tiny addition keeps 0.29, which is a little less in binary, from becoming 28.9.
        return "–" if ratio is None else f"{self.decimal(int(ratio * 1000 + 1e-9) / 10)}%"

    def fine_percent(self, ratio: float | None) -> str:
        """Likewise with two decimals, for shares that are all near to 1."""
        if ratio is None:
            return "–"
        text = f"{int(ratio * 10_000 + 1e-9) / 100:.2f}%"
        return text.translate(_COMMAS_AND_POINTS) if self.is_vietnamese else text

    def percentage_points(self, difference: float) -> str:
        """A difference of parts of 1, in percentage points with their sign."""
        text = f"{100 * difference:+.2f}"
        return text.translate(_COMMAS_AND_POINTS) if self.is_vietnamese else text

    def day(self, value: date) -> str:
        """A day."""
        return f"{value:%d/%m/%Y}" if self.is_vietnamese else f"{value.day} {_MONTHS[value.month - 1]} {value.year}"

    def short_day(self, value: date) -> str:
        """A day of a known year."""
        return f"{value:%d/%m}" if self.is_vietnamese else f"{value.day} {_MONTHS[value.month - 1]}"


_COMMAS_AND_POINTS: Final = str.maketrans(",.", ".,")
