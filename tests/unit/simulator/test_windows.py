"""A crowd with declarations, window by window: exact, the same for a seed, and as the portal's registers take it."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from services.contracts.catalogue import Catalogue, Effect
from services.contracts.form_fields import FieldKind
from services.contracts.timeliness import VIETNAM_TIME
from services.contracts.vocabulary import Status
from services.portal.adapters.registers.register_data import load_declaration_kinds, load_declaration_rules
from services.portal.api.registers.declaration_reading import DeclarationReader
from services.portal.api.submissions import SubmissionReader
from services.portal.domain.registers.declarations import DeclarationState, declaration_number, own_base
from services.portal.domain.traits import form_traits, trait_fields
from services.simulator.crowd import Crowd
from services.simulator.declarations import CLEARANCE_OF_CHANNEL
from services.simulator.dossiers import dossiers_by_procedure
from services.simulator.draws import share_out
from services.simulator.preset import DURING_CLEARANCE, Preset
from services.simulator.preset_files import load_preset, preset_names
from services.simulator.preset_keys import Change
from services.simulator.windows import CHANNELS, Ended
from tests.support.crowds import Line, lines, small_national

DAY = timedelta(days=1)


def at(line: Line) -> datetime:
    return datetime.fromisoformat(line.body["filed_at"])


def test_everything_comes_in_exactly_the_numbers_that_the_preset_says(
    national: Preset, national_lines: list[Line]
) -> None:
    declarations = [line.body for line in national_lines if line.is_declaration]
    dossiers = [line.body for line in national_lines if not line.is_declaration]
    assert (len(declarations), len(dossiers)) == (12_000, 3_000)
    assert national.declarations is not None
    channels = Counter(body["customs_channel"] for body in declarations)
    weights = [share.weight for share in national.declarations.channels]
    assert [channels[share.channel] for share in national.declarations.channels] == share_out(12_000, weights)
    procedures = Counter(body["procedure"] for body in dossiers)
    assert [procedures[share.procedure_id] for share in national.procedures] == dossiers_by_procedure(national)
    assert len({body["declarant"]["identifier"] for body in declarations}) == 800
    filers = {(body["applicant"]["kind"], body["applicant"]["identifier"]) for body in dossiers}
    assert Counter(kind for kind, _ in filers) == {"enterprise": 400, "citizen": 20}


def test_a_whole_quarter_is_exact(whole_quarter: Crowd, catalogue: Catalogue) -> None:
    preset = load_preset("national-2018-q2", catalogue)
    by_procedure: Counter[str] = Counter()
    by_channel: Counter[str] = Counter()
    seen = np.zeros(len(whole_quarter.applicants), dtype=bool)
    last_number = 0
    for plan in whole_quarter.plans:
        columns = whole_quarter.columns(plan.index)
        assert (columns.numbers == last_number + 1 + np.arange(plan.count)).all()
        assert (columns.filed_at >= plan.start.timestamp()).all()
        assert (columns.filed_at < plan.end.timestamp()).all()
        last_number += plan.count
        by_procedure.update(columns.by_procedure())
        by_channel.update(columns.by_channel())
        seen[columns.applicant] = True
    assert last_number == 3_070_000
    assert by_channel == {"green": 1_825_255, "yellow": 1_064_732, "red": 152_105}
    assert by_procedure["clearance-documentary-check"] == 1_825_255 + 1_064_732
    assert by_procedure["clearance-goods-inspection"] == 152_105
    for share, count in zip(preset.procedures, dossiers_by_procedure(preset), strict=True):
        assert by_procedure[share.procedure_id] == count
    assert sum(dossiers_by_procedure(preset)) == 27_908
    assert seen.all(), "everybody files something"


def test_offices_get_their_share_of_the_declarations(whole_quarter: Crowd, catalogue: Catalogue) -> None:
    preset = load_preset("national-2018-q2", catalogue)
    counted = sum(np.bincount(whole_quarter.columns(plan.index).office, minlength=177) for plan in whole_quarter.plans)
    assert isinstance(counted, np.ndarray)
    weights = np.array([share.weight for share in preset.offices])
    expected = weights / weights.sum() * 3_070_000
    # One in a hundred is a dossier: it goes where its declaration was, or anywhere.
    assert (np.abs(counted - expected) < 0.03 * expected + 200).all()


def test_a_quarter_fits_into_300_megabytes() -> None:
    """All that is held for the whole of it, and the lines of windows made one after the other as a run does."""
    program = """
from services.runtime.catalogue import load_catalogue
from services.simulator.crowd import Crowd
from services.simulator.preset_files import load_preset
catalogue = load_catalogue()
crowd = Crowd(load_preset("national-2018-q2", catalogue), catalogue, 1)
sent = sum(len(body.data) for index in range(20) for body in crowd.window(index).bodies(10_000))
# Not `getrusage`, which remembers the process that this one was forked from.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(sent, int(peak.split()[1]) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=240)
    sent, megabytes = map(int, done.stdout.split())
    assert sent > 100_000_000, "a fifth of it"
    assert megabytes < 300


def test_the_same_seed_gives_the_same_bytes(national: Preset, catalogue: Catalogue) -> None:
    few = national.scaled(0.1)

    def sent(seed: int) -> list[bytes]:
        return [body.data for window in Crowd(few, catalogue, seed) for body in window.bodies(1_000)]

    assert sent(3) == sent(3)
    assert sent(3) != sent(4)


def test_bodies_are_cut_where_they_are_full_and_know_their_numbers(national: Preset, catalogue: Catalogue) -> None:
    window = Crowd(national, catalogue, 7).window(3)
    bodies = list(window.bodies(100))
    assert [body.first_number for body in bodies] == [
        window.plan.first_number + sum(one.line_count for one in bodies[:place]) for place in range(len(bodies))
    ]
    assert all(body.data.count(b"\n") == body.line_count - 1 < 100 for body in bodies)
    assert {body.path for body in bodies} == {"/api/v1/declarations/batch", "/api/v1/dossiers"}
    joined = b"\n".join(body.data for body in bodies).split(b"\n")
    assert joined == [*window.declaration_lines, *window.dossier_lines]


def test_columns_say_what_the_lines_say(national: Preset, catalogue: Catalogue) -> None:
    crowd = Crowd(national, catalogue, 7)
    for index in (0, 40, 90):
        window = crowd.window(index)
        columns = window.columns
        for place, line in enumerate(lines([window])):
            body, channel = line.body, int(columns.customs_channel[place])
            who = crowd.applicants[int(columns.applicant[place])]
            assert columns.office_codes[int(columns.office[place])] == body["office"]
            assert columns.filed_at[place] == at(line).timestamp()
            assert who.identifier == body["declarant" if line.is_declaration else "applicant"]["identifier"]
            procedure_id = columns.procedure_ids[int(columns.procedure[place])]
            if line.is_declaration:
                assert CHANNELS[channel - 1] == body["customs_channel"]
                assert procedure_id == CLEARANCE_OF_CHANNEL[CHANNELS[channel - 1]]
            else:
                assert (channel, procedure_id) == (0, body["procedure"])
                traits = form_traits(trait_fields(catalogue.procedures[procedure_id]), body["form"])
                assert columns.traits[place - window.plan.declaration_count] == traits


def test_traits_of_dossiers_are_told_as_the_portal_tells_them(catalogue: Catalogue) -> None:
    preset = small_national(catalogue, declaration_count=0, dossier_count=60, enterprise_count=20)
    instalment = replace(preset.procedures[0], procedure_id="debt-instalment")
    preset = replace(preset, procedures=(instalment,), peaks=())
    crowd = Crowd(preset, catalogue, 1)
    told = [dict(traits) for plan in crowd.plans for traits in crowd.columns(plan.index).traits]
    fields = trait_fields(catalogue.procedures["debt-instalment"])
    sent = [form_traits(fields, line.body["form"]) for line in lines(crowd)]
    assert told == sent
    assert len({traits["debt_arose_at"] for traits in told}) > 1


def test_a_window_comes_out_the_same_when_those_before_were_filed_by_an_earlier_run(
    national: Preset, catalogue: Catalogue
) -> None:
    whole, resumed = Crowd(national, catalogue, 7), Crowd(national, catalogue, 7)
    windows = [whole.window(index) for index in range(13)]
    assert list(resumed.window(12).bodies(10_000)) == list(windows[12].bodies(10_000))
    with pytest.raises(ValueError, match="in order"):
        resumed.window(11)


@pytest.mark.parametrize("name", preset_names())
def test_the_portals_own_readers_take_everything_of_every_preset(name: str, catalogue: Catalogue) -> None:
    preset = load_preset(name, catalogue)
    crowd = Crowd(preset.scaled(min(1.0, 1_000 / preset.total_count)), catalogue, 5)
    dossiers, declarations = SubmissionReader(catalogue), DeclarationReader(catalogue, load_declaration_kinds())
    procedures = Counter[str]()
    for line in lines(crowd):
        if line.is_declaration:
            submission = declarations.read_registration(line.body)
            assert submission.declaration is not None
            assert submission.declaration.channel == line.body["customs_channel"]
        else:
            submission = dossiers.read(line.body)
            procedures[submission.procedure_id] += 1
        assert submission.filed_at == at(line)
    assert procedures.keys() == {share.procedure_id for share in preset.procedures}


ODD: dict[str, dict[str, object]] = {
    "individuals only": {"enterprise_count": 0, "individual_count": 50, "dossier_count": 60},
    "as many dossiers as subjects": {"dossier_count": 420},
    "as many declarations as enterprises": {"declaration_count": 800},
    "no green ones": {"declaration_channels.green": 0},
    "green ones only": {"declaration_channels.yellow": 0, "declaration_channels.red": 0},
    "amendments during clearance, hardly anything else": {"procedures.amendment-before-clearance": 1_000_000},
    "a month at a time": {"window_days": 31},
    "named long after": {"named_after_days.least": 90, "named_after_days.most": 400},
    "all at home": {"home_office_percent": 100},
}


@pytest.mark.parametrize("odd", ODD)
def test_odd_presets_are_exact_and_valid_too(odd: str, catalogue: Catalogue) -> None:
    preset = small_national(catalogue, **ODD[odd])
    sent = list(lines(Crowd(preset, catalogue, 3)))
    dossiers = [line for line in sent if not line.is_declaration]
    assert (len(sent), len(dossiers)) == (preset.total_count, preset.dossier_count.value)
    assert [line.number for line in sent] == list(range(1, len(sent) + 1))
    subjects = {line.body["declarant" if line.is_declaration else "applicant"]["identifier"] for line in sent}
    assert len(subjects) == preset.all_enterprise_count + preset.individual_count.value
    reader = SubmissionReader(catalogue)
    for line in dossiers[::20]:
        assert reader.read(line.body).procedure_id == line.body["procedure"]
    for line, declaration in own(sent, catalogue):
        assert declaration.body["declarant"]["identifier"] == line.body["applicant"]["identifier"]


def test_kinds_are_imports_and_exports_as_the_register_knows_them(catalogue: Catalogue) -> None:
    known = load_declaration_kinds()
    for name in preset_names():
        declarations = load_preset(name, catalogue).declarations
        for share in declarations.kinds if declarations else ():
            assert known[share.kind].direction == ("import" if share.is_import else "export")


def test_a_declaration_says_what_goods_of_its_direction_are(national_lines: list[Line]) -> None:
    known = load_declaration_kinds()
    goods: dict[str, set[str]] = {"import": set(), "export": set()}
    values = set()
    for line in national_lines:
        if line.is_declaration:
            content = line.body["content"]
            goods[known[line.body["kind"]].direction].add(content["goods_name"])
            values.add(content["value_vnd"])
    assert len(goods["import"]) > 20
    assert len(goods["export"]) > 20
    assert not goods["import"] & goods["export"]
    assert min(values) >= 5_000_000
    assert max(values) <= 5_000_000_000
    assert all(value % 1000 == 0 for value in values)
    assert len(values) > 900


# What the registers say: as `register_rules.check_declaration`, with a memory of what was filed before


def named(line: Line, catalogue: Catalogue) -> str | None:
    for field in catalogue.procedures[line.body["procedure"]].form:
        if field.must_be_registered and field.kind is FieldKind.DECLARATION_NUMBER:
            return str(line.body["form"][field.name])
    return None


def own(national_lines: list[Line], catalogue: Catalogue) -> Iterator[tuple[Line, Line]]:
    """Dossiers that name a declaration of the period, each with it."""
    known = load_declaration_kinds()
    by_number = {
        declaration_number(own_base(known[line.body["kind"]].direction, line.number), 0): line
        for line in national_lines
        if line.is_declaration
    }
    for line in national_lines:
        number = None if line.is_declaration else named(line, catalogue)
        if number is not None and number[1:3] == "00":
            yield line, by_number[number]


def test_dossiers_name_declarations_that_the_registers_take(
    national: Preset, catalogue: Catalogue, national_lines: list[Line]
) -> None:
    rules = load_declaration_rules(catalogue.procedures)
    plans = Crowd(national, catalogue, 7).plans
    counted = Counter[bool]()
    for line, declaration in own(national_lines, catalogue):
        is_during = line.body["procedure"] in DURING_CLEARANCE
        states = rules.states_for(line.body["procedure"])
        assert declaration.body["declarant"]["identifier"] == line.body["applicant"]["identifier"]
        assert declaration.body["office"] == line.body["office"]
        assert at(declaration) <= at(line)
        if is_during:
            # Filed with it before the clock comes to either: it is registered, and no more.
            assert DeclarationState.REGISTERED in states
            assert declaration.window == line.window
            assert declaration.body["customs_channel"] != "green"
        else:
            # Settled before the window is filed, and green: cleared, whatever the robot draws.
            assert DeclarationState.CLEARED in states
            assert at(declaration) <= plans[line.window].settled_until
            assert declaration.body["customs_channel"] == "green"
        counted[is_during] += 1
    assert counted[True] > 600, "nearly all amendments during clearance"
    assert counted[False] > 700


def test_no_declaration_is_named_twice(catalogue: Catalogue, national_lines: list[Line]) -> None:
    names = [declaration.number for _, declaration in own(national_lines, catalogue)]
    assert len(set(names)) == len(names)


def test_imports_are_named_where_only_imports_make_sense(catalogue: Catalogue, national_lines: list[Line]) -> None:
    directions: dict[Effect | None, set[str]] = {}
    for line, declaration in own(national_lines, catalogue):
        effect = catalogue.procedures[line.body["procedure"]].effect
        directions.setdefault(effect, set()).add(declaration.body["kind"][0])
    assert directions[Effect.AMEND_DECLARATION] >= {"A", "B"}
    assert "B" not in directions[Effect.REFUND_TAX]


def test_what_dossiers_say_of_a_declaration_is_so(catalogue: Catalogue, national_lines: list[Line]) -> None:
    for line, declaration in own(national_lines, catalogue):
        form, registered_on = line.body["form"], at(declaration).date().isoformat()
        for field in ("registered_on", "cleared_on"):
            assert form.get(field, registered_on) == registered_on
        assert registered_on <= form.get("paid_on", registered_on) <= at(line).date().isoformat()


def test_early_dossiers_name_declarations_from_before_the_period(
    catalogue: Catalogue, national_lines: list[Line]
) -> None:
    early = [line for line in national_lines if not line.is_declaration and line.window < 3]
    later = [line for line in early if line.body["procedure"] not in DURING_CLEARANCE]
    numbers = [number for line in later if (number := named(line, catalogue))]
    assert len(numbers) > 20
    assert all(number[1:3] != "00" for number in numbers), "those that the register gives begin with 100 and 300"


# Who files again


def ended(line: Line, status: Status = Status.NOT_RECEIVED, days: int = 1) -> Ended:
    return Ended(line.number, status, at(line) + days * DAY)


def refiled(preset: Preset, catalogue: Catalogue, tell: list[Ended]) -> list[Line]:
    crowd = Crowd(preset, catalogue, 7)
    crowd.feed(tell)
    return list(lines(crowd))


def test_some_of_those_whose_dossier_ended_undecided_file_it_again(
    national: Preset, catalogue: Catalogue, national_lines: list[Line]
) -> None:
    told = [line for line in national_lines if line.window < 7 and not line.is_declaration and named(line, catalogue)]
    again = refiled(national, catalogue, [ended(line) for line in told])
    changed = [
        (before, after) for before, after in zip(national_lines, again, strict=True) if before.body != after.body
    ]
    matters = {(line.body["applicant"]["identifier"], named(line, catalogue)): line for line in told}
    for before, after in changed:
        first = matters[after.body["applicant"]["identifier"], named(after, catalogue)]
        assert first.body["procedure"] == after.body["procedure"] == before.body["procedure"]
        assert first.body["procedure"] not in DURING_CLEARANCE
        assert first.body["office"] == after.body["office"] == before.body["office"]
        assert at(after) == at(before) >= at(first) + 5 * DAY, "a day to its end, four at least after it"
        assert (first.number, after.number) == (first.number, before.number)
    closed = sum(line.body["procedure"] in DURING_CLEARANCE for line in told)
    assert 0.3 < len(changed) / (len(told) - closed) <= 0.7, "six in ten, unless nothing comes in their place"
    identifiers = {line.body["applicant"]["identifier"] for line in again if not line.is_declaration}
    assert len(identifiers) == 420, "nobody falls out"


def test_ends_are_taken_in_as_they_are_due_however_they_are_told(
    national: Preset, catalogue: Catalogue, national_lines: list[Line]
) -> None:
    told = [ended(line) for line in national_lines if not line.is_declaration][::9]
    at_once = refiled(national, catalogue, told)
    crowd = Crowd(national, catalogue, 7)
    bit_by_bit = []
    for plan in crowd.plans:
        crowd.feed(reversed([end for end in told if end.ended_at <= plan.fed_until]))
        bit_by_bit += lines([crowd.window(plan.index)])
    assert [line.body for line in bit_by_bit] == [line.body for line in at_once]


def test_what_was_decided_is_not_filed_again(
    national: Preset, catalogue: Catalogue, national_lines: list[Line]
) -> None:
    decided = [ended(line, Status.RETURNED) for line in national_lines[::5]]
    declarations = [ended(line) for line in national_lines if line.is_declaration][::20]
    again = refiled(national, catalogue, [*decided, *declarations])
    assert [line.body for line in again] == [line.body for line in national_lines]


def test_a_preset_says_how_many_file_again(catalogue: Catalogue, national_lines: list[Line]) -> None:
    told = [ended(line) for line in national_lines if not line.is_declaration][::9]
    nobody = refiled(small_national(catalogue, refiling_percent=0), catalogue, told)
    assert [line.body for line in nobody] == [line.body for line in national_lines]


def test_after_a_refusal_at_the_door_numbers_are_named_as_they_were_given(
    national: Preset, catalogue: Catalogue, national_lines: list[Line]
) -> None:
    crowd = Crowd(national, catalogue, 7)
    windows = [crowd.window(index) for index in range(10)]
    refused = [windows[0].plan.first_number + 4, windows[5].plan.first_number]
    crowd.refused(refused)
    later = [line for line in lines(crowd.window(index) for index in range(10, 91)) if not line.is_declaration]
    before = {line.number: line for line in national_lines}
    shifts = Counter[int]()
    for line in later:
        now, then = named(line, catalogue), named(before[line.number], catalogue)
        if now is not None and then is not None and then[1:3] == "00":
            shifts[int(then[:-1]) - int(now[:-1])] += 1
    assert shifts.keys() == {1, 2}


def test_windows_tell_what_must_have_happened_before(national: Preset, catalogue: Catalogue) -> None:
    plans = Crowd(national, catalogue, 7).plans
    start = plans[0].start
    assert start == datetime(2018, 4, 1, tzinfo=VIETNAM_TIME)
    assert [plan.index for plan in plans] == list(range(91))
    assert all(after.start == before.end for before, after in pairwise(plans))
    assert [(plan.settled_until - start).days for plan in plans[:6]] == [0, 0, 0, 0, 1, 2]
    assert [(plan.fed_until - start).days for plan in plans[:16:3]] == [0, 0, 0, 4, 4, 11]


@pytest.mark.parametrize("name", ["portal-2018-h1", "national-2018-q1"])
def test_what_is_from_before_the_period_is_one_applicants_own(name: str, catalogue: Catalogue) -> None:
    """So many numbers are drawn that some would come twice, and the second dossier would name somebody else's."""
    preset = load_preset(name, catalogue, [Change("declaration_count", "0")] if "national" in name else [])
    owners: dict[tuple[FieldKind, str], str] = {}
    for line in lines(Crowd(preset, catalogue, 2018)):
        for field in catalogue.procedures[line.body["procedure"]].form:
            if field.must_be_registered:
                number = line.body["form"][field.name]
                key = number[:-1] if field.kind is FieldKind.DECLARATION_NUMBER else number
                applicant = line.body["applicant"]["identifier"]
                assert owners.setdefault((field.kind, key), applicant) == applicant
    assert {kind for kind, _ in owners} == {FieldKind.DECLARATION_NUMBER, FieldKind.FACILITY_CODE}
