"""Timelines of dossiers for tests of the portal: entries in the words of the lifecycle, each with its instant."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from services.contracts.catalogue import (
    LimitRule,
    LimitStep,
    Procedure,
    SilenceOutcome,
    SupplementRule,
    SupplementTerms,
    TimeLimit,
    TimeUnit,
)
from services.contracts.vocabulary import STATUS_BY_SLUG
from services.portal.application.lifecycle_guide import LifecycleGuide
from services.portal.domain.sandbox import Dossier, TimelineEntry
from tests.support.fakes import a_dossier, an_entry, the_catalogue
from tests.support.limits import local, one_step

FIVE_DAYS = TimeLimit(5, TimeUnit.WORKING_DAYS)


@cache
def published_guide() -> LifecycleGuide:
    """The published lifecycle."""
    table = files("services.contracts") / "published" / "lifecycle.json"
    return LifecycleGuide(json.loads(table.read_text(encoding="utf-8"))["transitions"])


@cache
def _rows() -> Mapping[tuple[int | None, str], Mapping[str, Any]]:
    table = files("services.contracts") / "published" / "lifecycle.json"
    rows = json.loads(table.read_text(encoding="utf-8"))["transitions"]
    return {(row["before"] and STATUS_BY_SLUG[row["before"]], row["action"]): row for row in rows}


def a_procedure(*rules: LimitRule, **changes: Any) -> Procedure:
    """A shipped procedure under rules of the test's own; five working days when none is given, supplements restart."""
    supplement = SupplementTerms(
        rule=SupplementRule.RESTART,
        rule_article="NĐ 61/2018/NĐ-CP Đ19.4",
        rule_source="test",
        notice_limit=TimeLimit(3, TimeUnit.WORKING_DAYS),
        notice_article="NĐ 61/2018/NĐ-CP Đ19.4",
        silence_limit=TimeLimit(30, TimeUnit.WORKING_DAYS),
        silence_outcome=SilenceOutcome.STOP,
        silence_article="ours",
    )
    supplement = replace(supplement, **changes.pop("supplement", {}))
    values = {"limit_rules": rules or (one_step(FIVE_DAYS),), "supplement": supplement, **changes}
    return replace(the_catalogue().procedures["refund-first"], **values)


def rule_when(rule_id: str, *steps: LimitStep, since: date | None = None, **when: str) -> LimitRule:
    """A rule for dossiers with certain traits."""
    return LimitRule(rule_id, steps, "Article 1", in_force_from=since, when=when)


#: An action, the local time of Vietnam at which it was taken, and what else its entry has.
Step = tuple[str, str] | tuple[str, str, Mapping[str, Any]]


def history(steps: Iterable[Step], **dossier: Any) -> tuple[Dossier, list[TimelineEntry]]:
    """A dossier and its timeline: filed on Monday 4 June 2018 at 9, then as told; statuses follow the lifecycle."""
    entries = [an_entry(1, occurred_at=local("2018-06-04 09:00"))]
    received_at: datetime | None = None
    settled_at: datetime | None = None
    status = 1
    for position, (action, at, *rest) in enumerate(steps, start=2):
        more = dict(rest[0]) if rest else {}
        row = _rows().get((STATUS_BY_SLUG[_slug(status)], action))
        after = status if row is None or more.get("refusal") else int(STATUS_BY_SLUG[row["after"]])
        actor = sorted(row["actors"])[0] if row else "officer"
        entry = an_entry(position, action=action, actor=actor, status_before=status, status=after)
        entries.append(replace(entry, occurred_at=local(at), **more))
        status = after
        if action == "receive":
            received_at = local(at)
        if settled_at is None and status in {3, 7, 8, 9, 10}:
            settled_at = local(at)
    values = {
        "filed_at": entries[0].occurred_at,
        "status": status,
        "version": entries[-1].position,
        "received_at": received_at,
        "resolved_at": settled_at,
        **dossier,
    }
    return a_dossier(**values), entries


def _slug(status: int) -> str:
    return next(slug for slug, known in STATUS_BY_SLUG.items() if known == status)
