"""Numbers counted ahead: each window's declarations, then its dossiers; and put right for what is refused."""

import numpy as np
import pytest

from services.simulator.numbering import Numbering

#: Three windows of ten seconds: 2 declarations and 2 dossiers, nothing at all, 1 and 1.
DECLARATIONS = np.array([0, 9, 20], dtype=np.int32)
DOSSIERS = np.array([1, 2, 29], dtype=np.int32)


@pytest.fixture
def numbering() -> Numbering:
    return Numbering(DECLARATIONS, DOSSIERS, 10, 3)


def test_a_window_begins_where_the_one_before_ends(numbering: Numbering) -> None:
    assert [numbering.first_number(window) for window in range(3)] == [1, 5, 5]
    assert [tuple(numbering.places(window)) for window in range(3)] == [(0, 2, 0, 2), (2, 2, 2, 2), (2, 3, 2, 3)]


def test_declarations_come_before_the_dossiers_of_their_window(numbering: Numbering) -> None:
    assert [numbering.of_declaration(place) for place in range(3)] == [1, 2, 5]
    assert [numbering.dossier_with(number) for number in range(1, 7)] == [None, None, 0, 1, None, 2]


def test_nobody_has_a_number_that_was_never_given(numbering: Numbering) -> None:
    assert numbering.dossier_with(0) is None
    assert numbering.dossier_with(7) is None


def test_what_comes_after_a_refusal_gets_a_lower_number(numbering: Numbering) -> None:
    numbering.refuse([2])
    numbering.refuse([4, 2])
    # Given are: 1 declaration, 3 (as 2) dossier, 5 (as 3) declaration, 6 (as 4) dossier.
    assert numbering.of_declaration(2) == 3
    assert [numbering.dossier_with(number) for number in range(1, 5)] == [None, 0, None, 2]
