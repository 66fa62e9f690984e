"""Cases -> blocks by cell -> priced blocks, on all cores. No loop over cases."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.domain.money import round_money
from optimizer.domain.names import CONDITIONS, FAULTS
from optimizer.inputs.scenario import Scenario
from optimizer.model.block import RETURN_WORDS, SAFETY_WORDS, Block, Cell, Columns
from optimizer.model.pricing import PricedBlock, Pricer
from optimizer.model.products import Products, build_products
from optimizer.model.world import World
from optimizer.phrases import phrase

BLOCK = 32_768  # cases per block: the arrays of one option stay in the processor's cache
Progress = Callable[[float, str], None]


@dataclass
class Engine:
    """Prices a case table under a scenario."""

    world: World
    products: Products
    cases: pd.DataFrame
    columns: Columns
    cells: list[tuple[Cell, np.ndarray]]

    @classmethod
    def of(cls, scenario: Scenario, cases: pd.DataFrame, products: pd.DataFrame | None = None) -> Engine:
        """Prepare the columns; `cases` is a validated case table, `products` a validated product list."""
        world = World.of(scenario)
        goods = build_products(world, products)
        return cls(world, goods, cases, _columns(world, goods, cases), _cells(cases))

    def block(self, cell: Cell, rows: np.ndarray) -> Block:
        return Block(self.world, self.products, cell, self.columns.take(rows))

    def pricer(self, cell: Cell, rows: np.ndarray) -> Pricer:
        return Pricer(self.block(cell, rows))

    def chunks(self, size: int = BLOCK) -> Iterator[tuple[Cell, np.ndarray]]:
        for cell, rows in self.cells:
            for start in range(0, len(rows), size):
                yield cell, rows[start : start + size]

    def price(self, size: int = BLOCK, progress: Progress | None = None) -> list[PricedBlock]:
        """All blocks priced, in the order of the cells; the answer does not depend on `size`."""
        work = list(self.chunks(size))
        done, priced = 0, []

        def one(item: tuple[Cell, np.ndarray]) -> PricedBlock:
            return self.pricer(*item).priced(item[1])

        with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as pool:
            for item, result in zip(work, pool.map(one, work)):
                priced.append(result)
                done += len(item[1])
                if progress:
                    progress(done / len(self.cases), phrase("pricing"))
        return priced


def _codes(column: pd.Series, names: list[str]) -> np.ndarray:
    return pd.Categorical(column, categories=names).codes.astype(np.int8)


def _columns(world: World, products: Products, cases: pd.DataFrame) -> Columns:
    day = {c: cases[c].to_numpy("datetime64[D]") for c in ("order_date", "case_date", "delivery_date")}
    age = (day["case_date"] - day["delivery_date"]).astype(float)
    age = np.where(np.isnat(day["delivery_date"]), (day["case_date"] - day["order_date"]).astype(float), age)
    price = cases["item_price"].to_numpy(float)
    market, markets = pd.factorize(cases["market"])
    currency, currencies = pd.factorize(cases["currency"])
    own = np.array([world.markets[m].currency for m in markets], object)[market]
    given = np.array(currencies, object)[currency]
    other = np.flatnonzero(given != own)
    if len(other):
        price = price.copy()
        factor = [world.currencies[o] / world.currencies[g] for o, g in zip(own[other], given[other])]
        price[other] = round_money(price[other] * np.array(factor))
    reason = cases["reason_text"].astype("category")

    def speaks_of(words: str) -> np.ndarray:
        found = np.asarray(
            reason.cat.categories.astype(str).str.contains(words, case=False, regex=True), bool
        )
        return np.append(found, False)[reason.cat.codes.to_numpy()]

    return Columns(
        price,
        cases["quantity"].to_numpy(np.int64),
        products.rows(cases["sku"], cases["product_class"], world),
        _codes(cases["fault"], list(FAULTS)),
        _codes(cases["condition"], list(CONDITIONS)),
        cases["shipped"].to_numpy(bool),
        cases["delivered"].to_numpy(bool),
        cases["claim_open"].to_numpy(bool),
        speaks_of(SAFETY_WORDS),
        speaks_of(RETURN_WORDS),
        cases["stars"].to_numpy(float),
        cases["prior_claims"].to_numpy(np.int64),
        day["order_date"],
        day["case_date"],
        np.where(cases["delivered"].to_numpy(bool), np.maximum(age, 0.0), 0.0),
    )


def _cells(cases: pd.DataFrame) -> list[tuple[Cell, np.ndarray]]:
    """Rows of each cell, cells in alphabetical order, rows in the order of the table."""
    groups = cases.groupby(["platform", "market", "channel", "issue"], sort=True, observed=True).indices
    return [(Cell(*map(str, key)), np.sort(rows)) for key, rows in groups.items()]
