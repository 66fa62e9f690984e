"""Account health (JSON) to orders and defects per channel, and the room that is left to each target."""
from __future__ import annotations

import json
import math
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from optimizer.domain.names import Title
from optimizer.errors import InputError, Problem
from optimizer.inputs.columns import as_text
from optimizer.inputs.decoding import decode, file_bytes
from optimizer.inputs.headers import short
from optimizer.inputs.mapping import FOLDER
from optimizer.inputs.tabular import read_table
from optimizer.phrases import Phrase, bilingual, phrase

COLUMNS = ("market", "channel", "metric", "orders", "defects", "claims", "chargebacks", "negative_feedback", "rate", "stated_rate", "target",
           "headroom", "from_date", "to_date", "status")
COUNTS = ("orders", "defects", "claims", "chargebacks", "negative_feedback", "headroom")
CHANNELS = {"mfn": "merchant", "afn": "fba"}


class Metric(NamedTuple):
    """A rate of the report: its name for people, its keys (example and schema spell them differently), what counts and out of what."""
    title: Title
    keys: tuple[str, ...]
    count: tuple[str, ...]
    of: tuple[str, ...]
    above: bool                          # is the target a floor? Else a ceiling


METRICS: dict[str, Metric] = {
    "order_defect_rate": Metric(Title("order defect rate (ODR)", "订单缺陷率（ODR）"), ("orderDefectRate",), ("orderWithDefects",), ("orderCount",), False),
    "late_shipment_rate": Metric(Title("late shipment rate", "迟发率"), ("lateShipmentRate",), ("lateShipmentCount",), ("orderCount",), False),
    "cancellation_rate": Metric(Title("cancellation rate before shipping", "发货前取消率"),
                                ("preFulfillmentCancellationRate", "prefulfillmentCancelRate", "preFulfillmentCancelRate"), ("cancellationCount",), ("orderCount",), False),
    "invoice_defect_rate": Metric(Title("invoice defect rate", "发票缺陷率"), ("invoiceDefectRate",), ("invoiceDefect",), ("orderCount",), False),
    "valid_tracking_rate": Metric(Title("valid tracking rate", "有效追踪率"), ("validTrackingRate",), ("validTrackingCount",), ("shipmentCount",), True),
    "on_time_delivery_rate": Metric(Title("on-time delivery rate", "准时送达率"), ("onTimeDeliveryRate",), ("onTimeDeliveryCount",), ("shipmentCountWithValidTracking",), True),
    "unit_on_time_delivery_rate": Metric(Title("on-time delivery rate of units", "按件准时送达率"), ("unitOnTimeDeliveryRate",), ("unitOnTimeDeliveryCount",), ("totalUnitCount",), True),
}
BY_KEY = {key.lower(): name for name, metric in METRICS.items() for key in metric.keys}
NOT_RATES = ("marketplaceid",)


class AccountHealth(NamedTuple):
    """Rates of one or several reports; metrics + skipped + rejected = what the files hold."""
    table: pd.DataFrame                  # COLUMNS; counts whole or missing, rates shares
    rejects: list[Problem]
    skipped: dict[str, int]
    rows: int
    notes: list[Phrase]

    @property
    def rejected_rows(self) -> int:
        """Metrics with at least one problem."""
        return len({(p.file, p.column.rpartition("/")[0]) for p in self.rejects})


def looks_like_account_health(data: bytes) -> bool:
    """Is this the JSON of a seller performance report?"""
    return data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") and b"performanceMetrics" in data


def read_account_health(files: str | Path | Iterable[str | Path]) -> AccountHealth:
    """Rates with their counts per market and channel; counts of policy violations are skipped with a reason.

    headroom = the most further defects that keep the rate below a ceiling, (largest whole number below target x orders) less
    defects; blank for floors. Raises InputError for a file that is no such report.
    """
    rows, rejects, notes, problems, skipped, count = [], [], [], [], {}, 0
    for path in [files] if isinstance(files, (str, Path)) else files:
        file = str(path)
        try:
            blocks = _blocks(file)
        except InputError as refused:
            problems += refused.problems
            continue
        for number, block in enumerate(blocks):
            market = _market(block.get("marketplaceId"), file, notes)
            for key, value in block.items():
                if key.lower() in NOT_RATES:
                    continue
                parts = value if key.lower() == "orderdefectrate" and isinstance(value, dict) else {"": value}
                for part, found in parts.items():
                    count += 1
                    place = "/".join(["performanceMetrics", str(number + 1), key, *([part] if part else [])])
                    name = BY_KEY.get(key.lower())
                    if name is None:
                        reason = phrase("count of the policy pages, not a rate of orders")
                        skipped[reason] = skipped.get(reason, 0) + 1
                        continue
                    row, wrong = _row(file, place, market, name, part, found)
                    rejects += wrong
                    if row is not None:
                        rows.append(row)
                        notes += _contradiction(file, place, row)
    if problems:
        raise InputError(problems)
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({name: "Int64" for name in COUNTS})
    return AccountHealth(table, rejects, skipped, count, notes)


def _blocks(file: str) -> list[dict]:
    text, _ = decode(file, file_bytes(Path(file)))
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError([Problem(file, None, "", "", phrase("is not readable JSON ({error})", error=short(error)),
                                  phrase("Download the report again, whole."))]) from None
    blocks = raw.get("performanceMetrics") if isinstance(raw, dict) else None
    if not isinstance(blocks, list) or not blocks or not all(isinstance(b, dict) for b in blocks):
        raise InputError([Problem(file, None, "performanceMetrics", "", phrase("is missing"),
                                  phrase("Download the seller performance report (account health) as JSON."))])
    return blocks


def _market(identifier: object, file: str, notes: list[Phrase]) -> str:
    """Market of a marketplace id; an id that is not known stays, and is said."""
    known = _ids()
    name = str(identifier or "")
    if name and name not in known:
        notes.append(phrase("{file}: marketplace {name} is not known; add it to data/imports/marketplace_ids.csv", file=file, name=name))
    return known.get(name, name)


@lru_cache(maxsize=1)
def _ids() -> dict[str, str]:
    frame = pd.read_csv(FOLDER / "marketplace_ids.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    return dict(zip(frame["id"], frame["market"]))


def _row(file: str, place: str, market: str, name: str, part: str, found: object) -> tuple[dict | None, list[Problem]]:
    """One rate with its counts; problems name the path inside the file."""
    metric, wrong = METRICS[name], []

    def say(key: str, value: object, problem: str) -> None:
        wrong.append(Problem(file, None, f"{place}/{key}", str(value)[:80], problem, phrase("Download the report again.")))
    if not isinstance(found, dict):
        say("", found, phrase("is not a group of numbers"))
        return None, wrong

    def number(keys: tuple[str, ...], whole: bool, needed: bool) -> float | None:
        for key in keys:
            value = found.get(key)
            value = value.get("count") if isinstance(value, dict) else value
            if value is None:
                continue
            usable = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
            if not usable or (whole and value != int(value)):
                say(key, value, phrase("is not a whole number of at least 0") if whole else phrase("is not a number of at least 0"))
                return None
            return value
        if needed:
            say(keys[0], "", phrase("is missing"))
        return None
    orders, defects = number(metric.of, True, True), number(metric.count, True, True)
    claims, chargebacks, feedback = (number((key,), True, False) for key in ("claims", "chargebacks", "negativeFeedback"))
    target, stated = number(("targetValue",), False, False), number(("rate",), False, False)
    if wrong:
        return None, wrong
    span = found.get("reportingDateRange") if isinstance(found.get("reportingDateRange"), dict) else {}
    room = None if metric.above or target is None else max(math.ceil(round(target * orders, 9)) - 1, -1) - int(defects)
    status = found.get("status", found.get("warningState", found.get("ahrStatus", "")))
    return {"market": market, "channel": CHANNELS.get(part, part), "metric": name, "orders": int(orders), "defects": int(defects),
            "claims": claims, "chargebacks": chargebacks, "negative_feedback": feedback, "rate": defects / orders if orders else None,
            "stated_rate": stated, "target": target, "headroom": room, "from_date": str(span.get("reportingDateFrom", ""))[:10],
            "to_date": str(span.get("reportingDateTo", ""))[:10], "status": str(status)}, []


def _contradiction(file: str, place: str, row: dict) -> list[Phrase]:
    """A note where the stated rate is not what the counts give, at the digits that it is stated with."""
    stated, counted = row["stated_rate"], row["rate"]
    if stated is None or counted is None or abs(stated - counted) <= 0.0005:
        return []
    return [phrase("{file}: {place}: the report says {stated:.4%}, its counts give {counted:.4%} ({defects:,} of {orders:,}); the counts are used",
                   file=file, place=place, stated=stated, counted=counted, defects=row["defects"], orders=row["orders"])]


def read_account_health_csv(path: str | Path) -> pd.DataFrame:
    """The table that an import wrote, typed as `AccountHealth.table`; InputError where a column is missing."""
    table = read_table(path)
    missing = [name for name in COLUMNS if name not in table.frame]
    if missing:
        raise InputError([Problem(table.file, None, name, "", phrase("is missing"), phrase("Import the account health report again."))
                          for name in missing])
    frame = pd.DataFrame({name: as_text(table.frame[name]) for name in COLUMNS}).reset_index(drop=True)
    for name in COLUMNS:
        if name in COUNTS:
            frame[name] = pd.to_numeric(frame[name].mask(frame[name] == "")).astype("Int64")
        elif name in ("rate", "stated_rate", "target"):
            frame[name] = pd.to_numeric(frame[name].mask(frame[name] == "")).astype(float)
    return frame


def sentences(table: pd.DataFrame) -> list[Phrase]:
    """What each rate says: the share, what it is of, and how many more defects its ceiling leaves."""
    said = []
    for row in table.itertuples():
        where = f"{row.market} {row.channel}".strip()
        title = bilingual(*METRICS[row.metric].title)
        if pd.isna(row.rate):
            said.append(phrase("{where}: {title}: no orders", where=where, title=title))
        elif pd.isna(row.headroom):
            said.append(phrase("{where}: {title} {rate:.2%} of {orders:,}", where=where, title=title, rate=row.rate, orders=row.orders))
        elif row.headroom < 0:
            said.append(phrase("{where}: {title} {rate:.2%} of {orders:,}, above the limit of {target:.2%}: {over:,} too many", where=where, title=title,
                               rate=row.rate, orders=row.orders, target=row.target, over=-row.headroom))
        else:
            said.append(phrase("{where}: {title} {rate:.2%} of {orders:,}; {room:,} more stay below the limit of {target:.2%}", where=where, title=title,
                               rate=row.rate, orders=row.orders, room=row.headroom, target=row.target))
    return said
