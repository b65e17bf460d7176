"""Blocks of the ledger on their way out: bytes as they are kept, but for a run of small ones, which travel as one.

A sandbox in which one thing happens at a time writes blocks of a fact or two. A stream holds so many entries and no
more, so what waits together goes together.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from services.casework.fact_log import MOST_FACTS
from services.contracts.facts import DossierColumns, FactBlock, FactColumns
from services.runtime.compact import COMPRESSED_FROM_BYTES
from services.runtime.streams import decode_block, encode_block

#: Joined blocks are decoded and encoded: only those that cost less than an entry of their own.
_SMALL_BYTES: Final = COMPRESSED_FROM_BYTES


class KeptBlock(NamedTuple):
    """A row of the ledger."""

    first: int
    last: int
    payload: bytes


def travelling(kept: Sequence[KeptBlock]) -> Iterator[KeptBlock]:
    """The same facts in fewer blocks, where small ones follow each other."""
    waiting: list[KeptBlock] = []
    for block in kept:
        is_small = len(block.payload) < _SMALL_BYTES
        if waiting and not (is_small and block.last - waiting[0].first < MOST_FACTS):
            yield _joined(waiting)
            waiting = []
        if is_small:
            waiting.append(block)
        else:
            yield block
    if waiting:
        yield _joined(waiting)


def _joined(kept: Sequence[KeptBlock]) -> KeptBlock:
    if len(kept) == 1:
        return kept[0]
    return KeptBlock(kept[0].first, kept[-1].last, encode_block(join([decode_block(block.payload) for block in kept])))


def join(blocks: Sequence[FactBlock]) -> FactBlock:
    """One block of blocks that follow each other without a gap; a dossier may stand in it several times."""
    places: list[int] = []
    offset = 0
    for block in blocks:
        places += [offset + place for place in block.facts.dossier]
        offset += len(block.dossiers.number)
    dossiers: Any = (list(chain(*columns)) for columns in zip(*(block.dossiers for block in blocks), strict=True))
    facts: Any = (list(chain(*columns)) for columns in zip(*(block.facts[1:] for block in blocks), strict=True))
    return FactBlock(blocks[0].first, DossierColumns(*dossiers), FactColumns(places, *facts))
