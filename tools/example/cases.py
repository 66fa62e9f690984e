"""Made-up months of after-sales work, skewed like real sales and drawn from a seed; data/EXAMPLE.md says
what comes from where."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.domain.money import round_money
from optimizer.domain.names import (
    CHANNELS,
    CONDITIONS,
    FAULTS,
    ISSUES,
    PLATFORMS,
    PRICE_SOURCES,
    REVIEW_ISSUES,
    UNDER_WAY_ISSUES,
    UNSHIPPED_ISSUES,
)
from optimizer.inputs.bundled import BUNDLED
from optimizer.inputs.scenario import read_scenario
from optimizer.model.rules import rule_switches
from optimizer.model.world import World
from tools.example import rates as figures

ISSUE, CHANNEL, CONDITION, FAULT, PRICE_SOURCE = (
    list(names) for names in (ISSUES, CHANNELS, CONDITIONS, FAULTS, PRICE_SOURCES)
)
FBA, MERCHANT, WAREHOUSE = range(len(CHANNEL))


@dataclass(frozen=True)
class Catalogue:
    """What the seller sells: P products, and how units and cases spread over them."""

    world: World
    products: pd.DataFrame
    market_price: np.ndarray  # (P, M) price as buyers pay it, in the market's currency
    units: np.ndarray  # (P, M, H) share of all units sold
    cases: np.ndarray  # (P, M, H, I) cases per unit sold of all products

    @property
    def cases_per_unit(self) -> float:
        return float(self.cases.sum())


def catalogue(world: World | None = None) -> Catalogue:
    """The products and their rates under the figures of the data folder; the same ones for every month."""
    world = world or World.of(read_scenario("base", declared=rule_switches()))
    rng = np.random.default_rng(figures.CATALOGUE_SEED)
    count = np.array([n for _, n, _ in figures.CLASSES.values()])
    k = np.repeat([world.classes.index(c) for c in figures.CLASSES], count)
    rank = np.concatenate([np.arange(1, n + 1) for n in count])

    def typical(what: str) -> np.ndarray:
        return world.class_numbers(what)[k]

    def spread(width: float) -> np.ndarray:
        """Lognormal factors; the sum of twelve uniforms stands for a normal draw, so that every machine
        draws the same."""
        return np.exp(width * (rng.random((len(k), 12)).sum(axis=1) - 6.0))

    price = np.maximum(np.floor(typical("price") * spread(0.35)) + 0.99, 4.99)
    size = spread(0.08)
    stock = np.full(len(k), np.nan)
    stock[np.argsort(rng.random(len(k)))[:8]] = (0, 0, 2, 5, 12, 40, 90, 250)
    prefix = np.repeat([p for _, _, p in figures.CLASSES.values()], count)
    products = pd.DataFrame(
        {
            "sku": [f"{p}-{r:03d}" for p, r in zip(prefix, rank)],
            "product_class": np.array(world.classes, object)[k],
            "price": price,
            "landed_cost": round_money(typical("landed") / typical("price") * price * spread(0.12)),
            "weight_kg": np.maximum(np.round(typical("weight_kg") * size**3, 2), 0.05),
            **{side: np.round(typical(side) * size, 1) for side in ("length_cm", "width_cm", "height_cm")},
            "battery": np.array(world.class_texts("battery"), object)[k],
            "supplier": [f"S{1 + int(n):02d}" for n in np.floor(rng.random(len(k)) * 14)],
            "stock_on_hand": stock,
        }
    )
    markets = [world.markets[m] for m in figures.MARKETS]
    local = [
        world.currencies[m.currency] * (1.0 + m.number("tax.rate") * m.number("tax.price_includes"))
        for m in markets
    ]
    units = _unit_shares(world, k, rank)
    whole = np.array([world.currencies[m.currency] >= figures.WHOLE_PRICES_FROM for m in markets])
    return Catalogue(
        world,
        products,
        np.maximum(np.floor(price[:, None] * local), 4.0) + np.where(whole, 0.0, 0.99),
        units,
        units[..., None] * _rates(world)[k],
    )


def _unit_shares(world: World, k: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Share of units per product, market and channel; a market without warehouse sells through the other
    channels.   (P, M, H)"""
    by_rank = 1.0 / rank**figures.ZIPF
    in_class = by_rank / np.bincount(k, by_rank)[k]
    of_class = np.array([figures.CLASSES[world.classes[i]][0] for i in k])
    bulky = world.class_numbers("weight_kg")[k] >= figures.BULKY_KG
    of_product = np.where(bulky[:, None], figures.BULKY_CHANNEL_SHARES, figures.CHANNEL_SHARES)
    channels = np.repeat(of_product[:, None, :], len(figures.MARKETS), axis=1)
    channels[:, [not world.has_local_address(m) for m in figures.MARKETS], WAREHOUSE] = 0.0
    market = np.array([share for share, _, _ in figures.MARKETS.values()])
    return (
        (of_class * in_class)[:, None, None]
        * market[None, :, None]
        * channels
        / channels.sum(axis=2, keepdims=True)
    )


def _rates(world: World) -> np.ndarray:
    """Cases per unit sold.   (K, M, H, I)"""
    rates = np.zeros((len(world.classes), len(figures.MARKETS), len(CHANNEL), len(ISSUE)))
    failure = world.class_numbers("failure_rate_12m")
    soft = failure < figures.SOFT_FAILURE_RATE
    for m, (_, against_us, second_year) in enumerate(figures.MARKETS.values()):
        returns = world.class_numbers("return_rate") * against_us
        for issue in figures.REQUESTS:
            rates[:, m, :, ISSUE.index(issue)] = (
                returns * np.where(soft, figures.SOFT_REQUESTS[issue], figures.REQUESTS[issue])
            )[:, None]
        rates[:, m, :, ISSUE.index("returned_goods")] = returns[:, None] * figures.GOODS_BACK
        rates[:, m, :, ISSUE.index("warranty_claim")] = (failure * (figures.AFTER_MONTH_1 + second_year))[
            :, None
        ]
    for issue, by_channel in figures.PER_ORDER.items():
        rates[..., ISSUE.index(issue)] = by_channel
    return rates


# ---------------------------------------------------------------- one month of cases


def example_cases(count: int, seed: int, month: str, goods: Catalogue | None = None) -> pd.DataFrame:
    """`count` cases that came up in `month` (YYYY-MM), in the order of their days, as the validated case
    table of CASE_COLUMNS."""
    goods = goods or catalogue()
    world, rng = goods.world, np.random.default_rng(seed)
    product, market, channel, issue = np.unravel_index(
        _place(rng.random(count), goods.cases.ravel()), goods.cases.shape
    )
    day = _days(rng, month, market, channel, issue)

    price = goods.market_price[product, market]
    came_back = _is(issue, "returned_goods")
    from_list = came_back & (channel == FBA)  # the FBA report of returns has no prices
    source = np.where(from_list, PRICE_SOURCE.index("product"), PRICE_SOURCE.index("given"))
    paid = round_money(price * (1.0 - _draw(rng, figures.PROMOTIONS, count)))
    price = np.where(from_list, price, np.where(price % 1.0 == 0.0, np.floor(paid), paid))

    reason, fault = _reasons(rng, goods, product, issue, ~np.isnat(day["delivery_date"]))
    condition = np.full(count, CONDITION.index("unknown"))
    for inside, findings in ((channel == FBA, figures.FBA_FINDINGS), (channel != FBA, figures.OWN_FINDINGS)):
        found = _draw(rng, {CONDITION.index(c): share for c, share in findings.items()}, count)
        condition = np.where(came_back & inside, found, condition)
    complaint = _is(issue, *figures.COMPLAINTS)
    claim_open = _is(issue, "a_to_z_claim") | (complaint & (rng.random(count) < figures.CLAIM_OPEN_SHARE))
    stars = np.where(
        _is(issue, *REVIEW_ISSUES) | complaint & (rng.random(count) < figures.STARS_SHARE),
        _draw(rng, figures.STARS, count),
        np.nan,
    )
    stars = np.where(_is(issue, "negative_feedback"), np.minimum(stars, figures.BAD_FEEDBACK_STARS), stars)
    done = _done(rng, channel, issue)

    markets, currencies = list(world.markets), list(world.currencies)
    market_code = np.array([markets.index(m) for m in figures.MARKETS])[market]
    currency_code = np.array([currencies.index(world.markets[m].currency) for m in figures.MARKETS])[market]
    class_code = np.array([world.classes.index(c) for c in goods.products["product_class"]])[product]
    name = f"C{month[2:4]}{month[5:7]}-%06d"
    table = {
        "case_id": pd.Series([name % n for n in range(1, count + 1)], dtype="str"),
        "platform": pd.Categorical.from_codes(_platforms(rng, market, channel, issue), PLATFORMS),
        "market": pd.Categorical.from_codes(market_code, markets),
        "channel": pd.Categorical.from_codes(channel, CHANNEL),
        "sku": _texts(goods.products["sku"], product),
        "product_class": pd.Categorical.from_codes(class_code, world.classes),
        "issue": pd.Categorical.from_codes(issue, ISSUE),
        **day,
        "item_price": price,
        "price_source": pd.Categorical.from_codes(source, PRICE_SOURCE),
        "currency": pd.Categorical.from_codes(currency_code, currencies),
        "quantity": _draw(rng, figures.QUANTITIES, count),
        "fault": pd.Categorical.from_codes(fault, FAULT),
        "shipped": ~np.isnat(day["ship_date"]),
        "delivered": ~np.isnat(day["delivery_date"]),
        "claim_open": claim_open,
        "stars": stars,
        "condition": pd.Categorical.from_codes(condition, CONDITION),
        "reason_text": reason,
        "prior_claims": _draw(rng, figures.PRIOR_CLAIMS, count),
        "actual_resolution": done,
        "actual_cost": np.full(count, np.nan),
    }
    return pd.DataFrame(table)[[c.name for c in CASE_COLUMNS]]


def _platforms(
    rng: np.random.Generator, market: np.ndarray, channel: np.ndarray, issue: np.ndarray
) -> np.ndarray:
    """Code of the platform: Amazon, and a few cases of what the seller sells beside it and ships himself.
    (C,) int"""
    found, pick = np.zeros(len(market), np.int8), rng.random(len(market))
    beside = (channel != FBA) & ~_is(issue, "a_to_z_claim")
    for name, (platform, share) in figures.OTHER_PLATFORMS.items():
        found[beside & (market == list(figures.MARKETS).index(name)) & (pick < share)] = PLATFORMS.index(
            platform
        )
    return found


def _is(issue: np.ndarray, *names: str) -> np.ndarray:
    return np.isin(ISSUE, names)[issue]


def _place(drawn: np.ndarray, shares: Iterable[float]) -> np.ndarray:
    """Which share each number drawn from 0 to 1 falls into; the shares need not add up to 1."""
    reach = np.cumsum(list(shares))
    return np.searchsorted(reach, drawn * reach[-1], side="right")


def _draw(rng: np.random.Generator, shares: dict, count: int) -> np.ndarray:
    """`count` values drawn by their shares."""
    return np.array(list(shares))[_place(rng.random(count), shares.values())]


def _between(rng: np.random.Generator, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Whole numbers from low to high, each as likely."""
    return low + np.floor(rng.random(len(low)) * (high - low + 1)).astype(np.int64)


def _texts(labels: list[str] | pd.Series, codes: np.ndarray) -> pd.Series:
    return pd.Series(np.array(labels, object)[codes], dtype="str")


def _days(
    rng: np.random.Generator, month: str, market: np.ndarray, channel: np.ndarray, issue: np.ndarray
) -> dict[str, np.ndarray]:
    """Order, shipping, delivery and case day of every case; the first three before the last."""
    count, first = len(issue), np.datetime64(month, "M")
    length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(int)
    opened = np.sort(np.floor(rng.random(count) * length).astype(np.int64))
    unshipped = _is(issue, *UNSHIPPED_ISSUES)
    never = unshipped | _is(issue, *UNDER_WAY_ISSUES)
    never |= _is(issue, "a_to_z_claim") & (rng.random(count) < figures.NEVER_ARRIVED)

    low, high = np.zeros(count, np.int64), np.zeros(count, np.int64)
    pick = rng.random(count)
    for name in figures.AGES:
        for m, (_, _, second_year) in enumerate(figures.MARKETS.values()):
            segments = figures.AGES[name] + (
                ((*figures.SECOND_YEAR, second_year),) if name == "warranty_claim" else ()
            )
            mine = np.flatnonzero(_is(issue, name) & (market == m))
            at = _place(pick[mine], [share for *_, share in segments])
            low[mine], high[mine] = (
                np.array([a for a, _, _ in segments])[at],
                np.array([b for _, b, _ in segments])[at],
            )
    for name, (near, from_china) in figures.WAITING.items():
        mine = never & _is(issue, name)
        for days, inside in ((near, channel != MERCHANT), (from_china, channel == MERCHANT)):
            low[mine & inside], high[mine & inside] = days
    since = _between(rng, low, high)
    transit = np.where(never, 0, _between(rng, *np.array(figures.TRANSIT)[channel].T))
    handling = _between(rng, *np.array(figures.HANDLING)[channel].T)

    start = first.astype("datetime64[s]")

    def as_day(number: np.ndarray, known: np.ndarray) -> np.ndarray:
        day = start + number.astype("timedelta64[D]").astype("timedelta64[s]")
        return np.where(known, day, np.datetime64("NaT", "s"))

    everyone = np.ones(count, bool)
    return {
        "order_date": as_day(opened - since - transit - handling, everyone),
        "ship_date": as_day(opened - since - transit, ~unshipped),
        "delivery_date": as_day(opened - since, ~never),
        "case_date": as_day(opened, everyone),
    }


def _reasons(
    rng: np.random.Generator, goods: Catalogue, product: np.ndarray, issue: np.ndarray, arrived: np.ndarray
) -> tuple[pd.Series, np.ndarray]:
    """Reason code and fault of every case; a few defects of battery products speak of danger, some claims
    of a return."""
    codes = dict.fromkeys(code for rows in figures.REASONS.values() for code, _, _ in rows)
    labels = [*codes, *figures.UNHAPPY_RETURNS, *figures.UNSAFE_WORDS]
    reason, fault = np.zeros(len(issue), np.int64), np.zeros(len(issue), np.int64)
    pick = rng.random(len(issue))
    for i, name in enumerate(ISSUE):
        rows = figures.REASONS[name]
        mine = np.flatnonzero(issue == i)
        at = _place(pick[mine], [share for *_, share in rows])
        reason[mine] = np.array([labels.index(code) for code, _, _ in rows])[at]
        fault[mine] = np.array([FAULT.index(f) for _, f, _ in rows])[at]
    unhappy = np.flatnonzero(
        _is(issue, "a_to_z_claim") & arrived & (rng.random(len(issue)) < figures.UNHAPPY_RETURN_SHARE)
    )
    reason[unhappy] = len(codes) + np.arange(len(unhappy)) % len(figures.UNHAPPY_RETURNS)
    defect = _is(issue, "quality_defect", "warranty_claim")
    battery = (goods.products["battery"] != "none").to_numpy(bool)[product]
    unsafe = np.flatnonzero(defect & battery & (rng.random(len(issue)) < figures.UNSAFE_SHARE))
    reason[unsafe] = (
        len(labels) - len(figures.UNSAFE_WORDS) + np.arange(len(unsafe)) % len(figures.UNSAFE_WORDS)
    )
    fault[unsafe] = FAULT.index("seller")
    return _texts(labels, reason), fault


def _done(rng: np.random.Generator, channel: np.ndarray, issue: np.ndarray) -> pd.Series:
    """What was done, recorded for some cases."""
    labels = [
        "",
        *dict.fromkeys(
            r
            for table in (figures.DONE_FBA, figures.DONE_ELSEWHERE)
            for shares in table.values()
            for r in shares
        ),
    ]
    recorded, pick = rng.random(len(issue)) < figures.DONE_SHARE, rng.random(len(issue))
    done = np.zeros(len(issue), np.int64)
    for inside, table in ((channel == FBA, figures.DONE_FBA), (channel != FBA, figures.DONE_ELSEWHERE)):
        for i, name in enumerate(ISSUE):
            mine = np.flatnonzero(recorded & inside & (issue == i))
            done[mine] = np.array([labels.index(r) for r in table[name]])[
                _place(pick[mine], table[name].values())
            ]
    return _texts(labels, done)


# ---------------------------------------------------------------- files


def example_orders(cases: int, seed: int, month: str, goods: Catalogue | None = None) -> pd.DataFrame:
    """Orders, units and net sales of three months up to `month`: so many units that the last one brings
    `cases` cases."""
    goods = goods or catalogue()
    rng, world = np.random.default_rng(seed), goods.world
    net = goods.market_price / [1.0 + world.markets[m].tax_in_price for m in figures.MARKETS]
    net = net * (1.0 - sum(discount * share for discount, share in figures.PROMOTIONS.items()))
    per_order = sum(q * share for q, share in figures.QUANTITIES.items())
    months = []
    for back, growth in ((2, 0.94), (1, 0.97), (0, 1.0)):
        # rounding up or down by chance keeps the sum right where single products sell less than one a month
        units = np.floor(growth * cases / goods.cases_per_unit * goods.units + rng.random(goods.units.shape))
        p, m, h = np.nonzero(units)
        sold = units[p, m, h]
        months.append(
            pd.DataFrame(
                {
                    "month": str(np.datetime64(month, "M") - back),
                    "market": np.array(list(figures.MARKETS))[m],
                    "channel": np.array(CHANNEL)[h],
                    "sku": goods.products["sku"].to_numpy(object)[p],
                    "orders": np.ceil(sold / per_order).astype(np.int64),
                    "units": sold.astype(np.int64),
                    "net_sales": round_money(sold * net[p, m]),
                }
            )
        )
    return pd.concat(months, ignore_index=True)


def write_cases(cases: pd.DataFrame, path: str | Path) -> None:
    """A case table as Parquet: the same cases give the same bytes."""
    table = pa.Table.from_pandas(cases, preserve_index=False).replace_schema_metadata(None)
    for i, column in enumerate(CASE_COLUMNS):
        if column.kind == "date":
            table = table.set_column(i, column.name, table.column(i).cast(pa.date32()))
        elif column.kind in ("code", "text"):
            table = table.set_column(i, column.name, table.column(i).cast(pa.string()))
    pa.parquet.write_table(table, path, compression="zstd")


def write_csv(table: pd.DataFrame, path: str | Path) -> None:
    """A table as CSV in UTF-8 with BOM, whole stock without decimals."""
    if "stock_on_hand" in table:
        table = table.assign(stock_on_hand=table["stock_on_hand"].astype("Int64"))
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def write_bundled(folder: Path = BUNDLED) -> list[Path]:
    """The four example files of the data folder."""
    goods = catalogue()
    for name, count, seed, month in figures.BUNDLED_CASES:
        write_cases(example_cases(count, seed, month, goods), folder / name)
    write_csv(goods.products, folder / "products_example.csv")
    write_csv(example_orders(*figures.BUNDLED_CASES[0][1:], goods), folder / "orders_example.csv")
    return [
        folder / name
        for name in (
            *(name for name, *_ in figures.BUNDLED_CASES),
            "products_example.csv",
            "orders_example.csv",
        )
    ]


@click.command(
    help="Write made-up cases of one month, or with --bundled the four example files of the data folder."
)
@click.option(
    "--cases", "count", default=20_000, show_default=True, type=click.IntRange(min=1), help="Number of cases."
)
@click.option(
    "--seed", default=7, show_default=True, type=click.IntRange(min=0), help="Another seed draws other cases."
)
@click.option("--month", default="2026-10", show_default=True, help="Month of the cases, YYYY-MM.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Parquet file to write.")
@click.option("--bundled", is_flag=True, help="Write the example files of the data folder instead.")
def main(count: int, seed: int, month: str, out: Path | None, bundled: bool) -> None:
    if bundled == (out is not None):
        raise click.UsageError("Name either --out FILE or --bundled.")
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month):
        raise click.BadParameter(f"{month!r} is not a month. Write it like 2026-10.", param_hint="--month")
    if bundled:
        written = write_bundled()
    else:
        write_cases(example_cases(count, seed, month), out)
        written = [out]
    for path in written:
        click.echo(f"wrote {path}", err=True)
