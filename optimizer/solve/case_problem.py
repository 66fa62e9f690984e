"""Cases in blocks with the limits they share, read in parts that fit the processor's cache, by as many
threads as there are cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from optimizer.domain.shared_limit import Use
from optimizer.solve.sums import Sums

ENTRIES = 100_000  # cases × options read at once
COPIED = 10_000_000  # cases × options of all blocks up to which small blocks are copied into larger ones
MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(29))


@dataclass(frozen=True, eq=False)
class CaseBlock:
    """Cases that have the same options.

    `cost` (cases, options) money of any sign, `acceptable` (cases, options) bool, at least one per case.
    `uses` by the name of the limit; a limit that no case of the block touches may be left out.
    """

    cost: np.ndarray
    acceptable: np.ndarray
    uses: Mapping[str, Use] = field(default_factory=dict)


class BlockPart(NamedTuple):
    """Some neighbouring cases of a block: their place in the block and among all cases."""

    block: CaseBlock
    here: slice
    all: slice


class Sweep(NamedTuple):
    """Every case's best option at some prices; `margin` is what the next best costs more, use paid (inf:
    there is none)."""

    best: np.ndarray  # (cases,)
    least: np.ndarray  # (cases,) cost of the best with its use paid
    margin: np.ndarray  # (cases,)


class Subset(NamedTuple):
    """Some cases put together, sorted by what they contain: the same whatever order and blocks they came
    in."""

    cases: np.ndarray  # (n,) their places among all cases
    cost: np.ndarray  # (n, options) inf where an option is not acceptable or the block has none
    uses: list[Use]  # one per limit; the groups are row numbers, `rows` = counts towards none


class CaseProblem:
    """All blocks; the groups of all limits are numbered through as rows."""

    def __init__(self, blocks: Sequence[CaseBlock], amounts: Mapping[str, np.ndarray]):
        self.blocks, self.names = blocks, list(amounts)
        sizes = [len(amounts[name]) for name in self.names]
        self.first = dict(zip(self.names, np.cumsum([0, *sizes]).tolist()))
        self.size = dict(zip(self.names, sizes))
        self.rows = [(name, g) for name in self.names for g in range(self.size[name])]
        self.amount = (
            np.concatenate([np.asarray(amounts[n], float) for n in self.names]) if self.names else np.zeros(0)
        )
        self.starts = np.cumsum([0, *(len(b.cost) for b in blocks)])
        self.cases = int(self.starts[-1])
        self.width = max((b.cost.shape[1] for b in blocks), default=0)
        self.entries = sum(
            int(np.count_nonzero(b.acceptable)) for b in blocks
        )  # what no case accepts does not count
        self.largest_use = {
            n: max((float(np.max(b.uses[n].usage, initial=0.0)) for b in blocks if n in b.uses), default=0.0)
            for n in self.names
        }

    def by_limit(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """Values per row as {limit name: (groups,)}."""
        return {n: values[self.first[n] : self.first[n] + self.size[n]] for n in self.names}

    def parts(self) -> Iterator[BlockPart]:
        """All cases, part by part."""
        for block, start in zip(self.blocks, self.starts):
            step = max(1, ENTRIES // max(1, block.cost.shape[1]))
            for a in range(0, len(block.cost), step):
                b = min(a + step, len(block.cost))
                yield BlockPart(block, slice(a, b), slice(int(start) + a, int(start) + b))

    def each(self, work: Callable[[BlockPart], object]) -> list:
        """What `work` returns for every part, in order; numpy lets threads run side by side."""
        parts = list(self.parts())
        if len(parts) < 4:
            return [work(p) for p in parts]
        with ThreadPoolExecutor(min(len(parts), os.cpu_count() or 1)) as threads:
            return list(threads.map(work, parts))

    def sweep(self, prices: np.ndarray) -> Sweep:
        """The best option of every case when the use of each row costs its price (rows,); ties go to the
        earlier one."""
        best = np.zeros(self.cases, np.int32)
        least, margin = np.zeros(self.cases), np.full(self.cases, np.inf)
        price = {n: np.append(p, 0.0) for n, p in self.by_limit(prices).items()}

        def work(part: BlockPart) -> None:
            paid = np.where(part.block.acceptable[part.here], part.block.cost[part.here], np.inf)
            for name, use in part.block.uses.items():
                if price[name].any():
                    paid += cut(use.usage, part.here) * price[name][cut(use.group, part.here)]
            chosen = paid.argmin(axis=1)
            case = np.arange(len(paid))
            best[part.all], least[part.all] = chosen, paid[case, chosen]
            if paid.shape[1] > 1:
                paid[case, chosen] = np.inf
                margin[part.all] = paid.min(axis=1) - least[part.all]

        self.each(work)
        return Sweep(best, least, margin)

    @cached_property
    def free(self) -> Sweep:
        """The best option of every case when no use costs anything."""
        return self.sweep(np.zeros(len(self.rows)))

    @cached_property
    def free_used(self) -> np.ndarray:
        """What the cheapest options use of each row.   (rows,)"""
        return self.used(self.free.best)

    def used(self, choice: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """What a choice (cases,) uses of each row, of all cases or those in `mask` (cases,); the same in
        any order.   (rows,)"""

        def sums() -> dict[str, Sums]:
            return {n: Sums(self.size[n] + 1, self.largest_use[n], self.cases) for n in self.names}

        def work(part: BlockPart) -> dict[str, Sums]:
            found, chosen = sums(), choice[part.all]
            case = np.arange(len(chosen)) if mask is None else np.flatnonzero(mask[part.all])
            chosen = chosen[case]
            for name, use in part.block.uses.items():
                usage = taken(use.usage, part.here, case, chosen)
                if np.size(use.group) == 1:
                    found[name].add(int(np.ravel(use.group)[0]) + 1, usage)
                else:  # -1, which counts towards none, comes first
                    found[name].add(taken(use.group, part.here, case, chosen) + 1, usage)
            return found

        total = sums()
        for found in self.each(work):
            for name in self.names:
                total[name].merge(found[name])
        return np.concatenate([total[n].total[1:] for n in self.names]) if self.names else np.zeros(0)

    def chosen_cost(self, choice: np.ndarray) -> np.ndarray:
        """Cost of the chosen options.   (cases,)"""
        return np.concatenate(
            [
                taken(p.block.cost, p.here, np.arange(p.here.stop - p.here.start), choice[p.all])
                for p in self.parts()
            ]
            or [np.zeros(0)]
        )

    def marks(self) -> np.ndarray:
        """A number per case that depends on its costs alone, as good as drawn by lot.   (cases,) uint64"""
        found = np.zeros(self.cases, np.uint64)

        def work(part: BlockPart) -> None:
            found[part.all] = mixed(
                np.where(part.block.acceptable[part.here], part.block.cost[part.here], np.inf)
            ).sum(axis=1, dtype=np.uint64)

        self.each(work)
        return mixed(found)

    def gather(self, cases: np.ndarray) -> Subset:
        """The arrays of some cases (n,), copied."""
        cases = np.sort(cases)
        block = np.searchsorted(self.starts, cases, side="right") - 1
        shape = (len(cases), self.width)
        cost = np.full(shape, np.inf)
        flat = {n: _one_group_per_case(self.blocks, n) for n in self.names}
        usage = [np.zeros(shape) for _ in self.names]
        row = [np.full((len(cases), 1) if flat[n] else shape, len(self.rows)) for n in self.names]
        for k in np.unique(block):
            b, its = self.blocks[k], np.flatnonzero(block == k)
            local, wide = cases[its] - self.starts[k], b.cost.shape[1]
            cost[its, :wide] = np.where(b.acceptable[local], b.cost[local], np.inf)
            for i, name in enumerate(self.names):
                if name in b.uses:
                    usage[i][its, :wide] = cut(b.uses[name].usage, local)
                    group = cut(b.uses[name].group, local)
                    row[i][its, : 1 if flat[name] else wide] = np.where(
                        group < 0, len(self.rows), group + self.first[name]
                    )
        order = np.argsort(_content(cost, usage, row), kind="stable")
        return Subset(cases[order], cost[order], [Use(u[order], r[order]) for u, r in zip(usage, row)])


def joined(blocks: Sequence[CaseBlock]) -> list[CaseBlock]:
    """The same cases in the same order, small neighbouring blocks copied into larger ones: a block costs
    time of its own."""
    if sum(b.cost.size for b in blocks) > COPIED:
        return list(blocks)
    groups: list[list[CaseBlock]] = []
    cases = width = 0
    for block in blocks:
        cases, width = cases + len(block.cost), max(width, block.cost.shape[1])
        if not groups or cases * width > ENTRIES:
            groups.append([])
            cases, width = block.cost.shape
        groups[-1].append(block)
    return [_one_block(group) if len(group) > 1 else group[0] for group in groups]


def _one_block(blocks: list[CaseBlock]) -> CaseBlock:
    shape = (sum(len(b.cost) for b in blocks), max(b.cost.shape[1] for b in blocks))
    cost, acceptable, uses = np.zeros(shape), np.zeros(shape, bool), {}
    for name in {name: None for b in blocks for name in b.uses}:
        uses[name] = Use(
            np.zeros(shape), np.full((shape[0], 1) if _one_group_per_case(blocks, name) else shape, -1)
        )
    first = 0
    for block in blocks:
        its, wide = slice(first, first + len(block.cost)), block.cost.shape[1]
        cost[its, :wide], acceptable[its, :wide] = block.cost, block.acceptable
        for name, use in block.uses.items():
            uses[name].usage[its, :wide] = use.usage
            uses[name].group[its, :wide] = use.group
        first = its.stop
    return CaseBlock(cost, acceptable, uses)


def cut(array: np.ndarray, place: slice | np.ndarray) -> np.ndarray:
    """The part of an array that stretches to (cases, options), as two dimensions."""
    wide = np.atleast_2d(array)
    return wide if wide.shape[0] == 1 else wide[place]


def taken(array: np.ndarray, place: slice, case: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The entries of the chosen options of a part.   (cases of the part,)"""
    wide = cut(array, place)
    return np.broadcast_to(
        wide[case if wide.shape[0] > 1 else 0, chosen if wide.shape[1] > 1 else 0], chosen.shape
    )


def mixed(values: np.ndarray) -> np.ndarray:
    """Numbers without pattern, the same for equal values."""
    bits = (values + 0.0 if values.dtype == float else values).view(np.uint64) * MIX[0]
    bits ^= bits >> MIX[2]
    return bits * MIX[1]


def _one_group_per_case(blocks: Sequence[CaseBlock], name: str) -> bool:
    return all(np.atleast_2d(b.uses[name].group).shape[1] == 1 for b in blocks if name in b.uses)


def _content(cost: np.ndarray, usage: list[np.ndarray], row: list[np.ndarray]) -> np.ndarray:
    # Each column has a factor of its own, so that the place of a value counts; what is not acceptable counts
    # for nothing.
    found, real = np.zeros(len(cost), np.uint64), np.isfinite(cost)
    for k, array in enumerate((cost, *usage, *row)):
        for j, column in enumerate(np.ascontiguousarray(array.T)):
            factor = mixed(np.array([1 + j + 100_003 * k], np.uint64)) | np.uint64(1)
            its = mixed(column if column.dtype == float else column.astype(np.uint64)) * factor
            found += np.where(real[:, j], its, np.uint64(0)) if array.shape[1] > 1 else its
    return mixed(found)
