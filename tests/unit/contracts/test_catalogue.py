"""The catalogue's values: what they derive and what they refuse."""

from dataclasses import replace

import pytest

from services.contracts.catalogue import OnlineScope, TimeLimit, TimeUnit
from services.runtime.catalogue import load_catalogue


@pytest.mark.parametrize("amount", [0, -1])
def test_a_time_limit_is_at_least_one_unit(amount: int) -> None:
    with pytest.raises(ValueError, match="at least 1 working-days"):
        TimeLimit(amount, TimeUnit.WORKING_DAYS)


@pytest.mark.parametrize(
    ("level", "scope", "label"),
    [
        (1, OnlineScope.INFORMATION, "cung cấp thông tin"),
        (2, OnlineScope.INFORMATION, "cung cấp thông tin"),
        (3, OnlineScope.PARTIAL, "một phần"),
        (4, OnlineScope.FULL, "toàn trình"),
    ],
)
def test_the_later_scheme_names_each_level(level: int, scope: OnlineScope, label: str) -> None:
    procedure = replace(load_catalogue().procedures["refund-first"], level=level)
    assert (procedure.online_scope, procedure.online_scope.label_vi) == (scope, label)
    assert procedure.online_scope.label_en
