"""Account health (JSON) to orders and defects per channel, and the room that is left to each target."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from optimizer.domain.names import Title
from optimizer.domain.sets import AMAZON_CHANNELS
from optimizer.errors import InputError, Problem
from optimizer.inputs.decoding import decode, file_bytes
from optimizer.inputs.headers import short
from optimizer.inputs.mapping import IMPORTS
from optimizer.phrases import Phrase, bilingual, phrase

HEALTH_COLUMNS = (
    "market",
    "channel",
    "metric",
    "orders",
    "defects",
    "claims",
    "chargebacks",
    "negative_feedback",
    "rate",
    "stated_rate",
    "target",
    "headroom",
    "from_date",
    "to_date",
    "status",
)
COUNTS = ("orders", "defects", "claims", "chargebacks", "negative_feedback", "headroom")
SAME_STATUS = {
    "SUSPENDED": "DEACTIVATED"
}  # the example of the report says the one, its description the other
_REPEATED = phrase("already in this import")
MOST = 1e12  # orders; more is a damaged number


class Metric(NamedTuple):
    """A rate of the report: its name for people, its keys (example and schema spell them differently),
    what counts and out of what."""

    title: Title
    keys: tuple[str, ...]
    defects: tuple[str, ...]
    out_of: tuple[str, ...]
    above: bool  # is the target a floor? Else a ceiling


METRICS: dict[str, Metric] = {
    "order_defect_rate": Metric(
        Title("order defect rate (ODR)", "订单缺陷率（ODR）"),
        ("orderDefectRate",),
        ("orderWithDefects",),
        ("orderCount",),
        False,
    ),
    "late_shipment_rate": Metric(
        Title("late shipment rate", "迟发率"),
        ("lateShipmentRate",),
        ("lateShipmentCount",),
        ("orderCount",),
        False,
    ),
    "cancellation_rate": Metric(
        Title("cancellation rate before shipping", "发货前取消率"),
        ("preFulfillmentCancellationRate", "prefulfillmentCancelRate", "preFulfillmentCancelRate"),
        ("cancellationCount",),
        ("orderCount",),
        False,
    ),
    "invoice_defect_rate": Metric(
        Title("invoice defect rate", "发票缺陷率"),
        ("invoiceDefectRate",),
        ("invoiceDefect",),
        ("orderCount",),
        False,
    ),
    "valid_tracking_rate": Metric(
        Title("valid tracking rate", "有效追踪率"),
        ("validTrackingRate",),
        ("validTrackingCount",),
        ("shipmentCount",),
        True,
    ),
    "on_time_delivery_rate": Metric(
        Title("on-time delivery rate", "准时送达率"),
        ("onTimeDeliveryRate",),
        ("onTimeDeliveryCount",),
        ("shipmentCountWithValidTracking",),
        True,
    ),
    "unit_on_time_delivery_rate": Metric(
        Title("on-time delivery rate of units", "按件准时送达率"),
        ("unitOnTimeDeliveryRate",),
        ("unitOnTimeDeliveryCount",),
        ("totalUnitCount",),
        True,
    ),
}
_BY_KEY = {key.lower(): name for name, metric in METRICS.items() for key in metric.keys}
NOT_RATES = ("marketplaceid",)


class AccountHealth(NamedTuple):
    """Rates of one or several reports; metrics + skipped + rejected = what the files hold."""

    table: pd.DataFrame  # COLUMNS; counts whole or missing, rates shares
    rejects: list[Problem]
    skipped: dict[Phrase, int]
    rows: int
    notes: list[Phrase]

    @property
    def rejected_rows(self) -> int:
        """Metrics with at least one problem."""
        return len({(p.file, p.column.rpartition("/")[0]) for p in self.rejects})


def looks_like_account_health(data: bytes) -> bool:
    """Is this the JSON of a seller performance report?"""
    return (
        data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") and b"performanceMetrics" in data
    )


def read_account_health(files: str | Path | Iterable[str | Path]) -> AccountHealth:
    """Rates with their counts per market and channel; counts of policy violations are skipped with a reason.

    headroom = the most further defects that keep the rate below a ceiling, (largest whole number below target
    x orders) less defects; blank for floors. Raises InputError for a file that is no such report.
    """
    rows: list[dict[str, Any]] = []
    rejects: list[Problem] = []
    notes: list[Phrase] = []
    problems: list[Problem] = []
    skipped: dict[Phrase, int] = {}
    seen: dict[tuple[object, ...], dict[str, Any]] = {}
    count = 0
    for path in [files] if isinstance(files, (str, Path)) else files:
        file = str(path)
        try:
            blocks, statuses = _blocks(file)
        except InputError as refused:
            problems += refused.problems
            continue
        notes += [
            phrase(
                "{file}: the account in {market} is {status}",
                file=file,
                market=_market(account, file, notes),
                status=status,
            )
            for account, status in statuses
            if status != "NORMAL"
        ]
        for number, block in enumerate(blocks):
            market = _market(block.get("marketplaceId"), file, notes)
            for key, value in block.items():
                if key.lower() in NOT_RATES:
                    continue
                parts = value if key.lower() == "orderdefectrate" and isinstance(value, dict) else {"": value}
                for part, found in parts.items():
                    count += 1
                    place = "/".join(["performanceMetrics", str(number + 1), key, *([part] if part else [])])
                    name = _BY_KEY.get(key.lower())
                    if name is None:
                        if isinstance(found, dict) and "rate" in found:
                            notes.append(
                                phrase(
                                    "{file}: {place}: a rate that is not known, and was left out: {rate}",
                                    file=file,
                                    place=place,
                                    rate=str(found["rate"])[:20],
                                )
                            )
                        reason = phrase("count of the policy pages, not a rate of orders")
                        skipped[reason] = skipped.get(reason, 0) + 1
                        continue
                    row, wrong = _row(file, place, market, name, part, found)
                    rejects += wrong
                    if row is None:
                        continue
                    same = tuple(row[n] for n in ("market", "channel", "metric", "from_date", "to_date"))
                    earlier = seen.setdefault(same, row) if row["from_date"] else row
                    if earlier is row:
                        rows.append(row)
                        notes += _contradiction(file, place, row, found)
                    elif earlier == row:
                        skipped[_REPEATED] = skipped.get(_REPEATED, 0) + 1
                    else:
                        rejects.append(
                            Problem(
                                file,
                                None,
                                f"{place}/orderCount",
                                str(row["orders"]),
                                phrase("says something else of the same days than an earlier report"),
                                phrase("Import only the report that is right."),
                            )
                        )
    if problems:
        raise InputError(problems)
    table = pd.DataFrame(rows, columns=list(HEALTH_COLUMNS)).astype(dict.fromkeys(COUNTS, "Int64"))
    return AccountHealth(table, rejects, skipped, count, notes)


def _blocks(file: str) -> tuple[list[dict[str, Any]], list[tuple[object, str]]]:
    """The metrics of each marketplace, and the status of each account."""
    text, _ = decode(file, file_bytes(Path(file)))
    try:
        raw = json.loads(text, object_pairs_hook=_once)
        json.dumps(
            raw, ensure_ascii=False
        ).encode()  # half a character, as a lone surrogate, cannot be written
    except (ValueError, RecursionError) as error:
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    "",
                    "",
                    phrase("is not readable JSON ({error})", error=short(error)),
                    phrase("Download the report again, whole."),
                )
            ]
        ) from None
    blocks = raw.get("performanceMetrics") if isinstance(raw, dict) else None
    if not isinstance(blocks, list) or not blocks or not all(isinstance(b, dict) for b in blocks):
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    "performanceMetrics",
                    "",
                    phrase("is missing"),
                    phrase("Download the seller performance report (account health) as JSON."),
                )
            ]
        )
    statuses = raw.get("accountStatuses")
    accounts = [a for a in statuses if isinstance(a, dict)] if isinstance(statuses, list) else []
    return blocks, [
        (
            a.get("marketplaceId"),
            SAME_STATUS.get(str(a.get("status")).upper(), str(a.get("status")).upper()[:40]),
        )
        for a in accounts
    ]


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose keys stand once; ValueError names the one that stands twice, for one of its values
    would be lost."""
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"key {next(key for key in keys if keys.count(key) > 1)!r} stands twice")
    return made


def _market(identifier: object, file: str, notes: list[Phrase]) -> str:
    """Market of a marketplace id; an id that is not known stays, and is said."""
    known = _ids()
    name = str(identifier or "")
    if name and name not in known:
        notes.append(
            phrase(
                "{file}: marketplace {name} is not known; add it to data/imports/marketplace_ids.csv",
                file=file,
                name=name,
            )
        )
    return known.get(name, name)


@lru_cache(maxsize=1)
def _ids() -> dict[str, str]:
    frame = pd.read_csv(
        IMPORTS / "marketplace_ids.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False
    )
    return dict(zip(frame["id"], frame["market"]))


def _row(
    file: str, place: str, market: str, name: str, part: str, found: object
) -> tuple[dict[str, Any] | None, list[Problem]]:
    """One rate with its counts; problems name the path inside the file."""
    metric, wrong = METRICS[name], []

    def say(key: str, value: object, problem: str) -> None:
        wrong.append(
            Problem(
                file, None, f"{place}/{key}", str(value)[:80], problem, phrase("Download the report again.")
            )
        )

    if not isinstance(found, dict):
        say("", found, phrase("is not a group of numbers"))
        return None, wrong

    def number(keys: tuple[str, ...], whole: bool, needed: bool) -> float | None:
        for key in keys:
            value = found.get(key)
            value = value.get("count") if isinstance(value, dict) else value
            if value is None:
                continue
            usable = (
                isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MOST
            )  # NaN is neither
            if not usable or (whole and value != int(value)):
                say(
                    key,
                    value,
                    (
                        phrase("is not a whole number of at least 0")
                        if whole
                        else phrase("is not a number of at least 0")
                    ),
                )
                return None
            return value
        if needed:
            say(keys[0], "", phrase("is missing"))
        return None

    orders, defects = number(metric.out_of, True, True), number(metric.defects, True, True)
    claims, chargebacks, feedback = (
        number((key,), True, False) for key in ("claims", "chargebacks", "negativeFeedback")
    )
    target, stated = number(("targetValue",), False, False), number(("rate",), False, False)
    if target is not None and target >= 1:
        say("targetValue", target, phrase("is not a share below 1"))
    dates = found.get("reportingDateRange")
    span: dict[str, object] = dates if isinstance(dates, dict) else {}
    days = [str(span.get(key) or "")[:10] for key in ("reportingDateFrom", "reportingDateTo")]
    for key, day in zip(("reportingDateFrom", "reportingDateTo"), days):
        if day and not _is_day(day):
            say(f"reportingDateRange.{key}", span[key], phrase("is not a date written year-month-day"))
    if wrong or orders is None or defects is None:
        return None, wrong
    room = (
        None
        if metric.above or target is None
        else max(math.ceil(round(target * orders, 9)) - 1, -1) - int(defects)
    )
    status = found.get("status", found.get("warningState", found.get("ahrStatus", "")))
    return {
        "market": market,
        "channel": AMAZON_CHANNELS.get(part, part),
        "metric": name,
        "orders": int(orders),
        "defects": int(defects),
        "claims": claims,
        "chargebacks": chargebacks,
        "negative_feedback": feedback,
        "rate": defects / orders if orders else None,
        "stated_rate": stated,
        "target": target,
        "headroom": room,
        "from_date": days[0],
        "to_date": days[1],
        "status": str(status)[:40],
    }, []


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _contradiction(file: str, place: str, row: dict[str, Any], found: dict[str, Any]) -> list[Phrase]:
    """Notes where the stated rate is not what the counts give, and where an entry stands under another
    channel than it names."""
    stated, counted = row["stated_rate"], row["rate"]
    said, channel = found.get("fulfillmentType"), place.rpartition("/")[2]
    notes = []
    if isinstance(said, str) and channel in AMAZON_CHANNELS and said.lower() != channel:
        notes.append(
            phrase(
                "{file}: {place}: its fulfillmentType says {said}; it was taken as {channel}",
                file=file,
                place=place,
                said=said[:20],
                channel=AMAZON_CHANNELS[channel],
            )
        )
    if stated is None or counted is None or abs(stated - counted) <= 0.0005:
        return notes
    return [
        *notes,
        phrase(
            "{file}: {place}: the report says {stated:.4%}, its counts give {counted:.4%} ({defects:,} of"
            " {orders:,}); the counts are used",
            file=file,
            place=place,
            stated=stated,
            counted=counted,
            defects=row["defects"],
            orders=row["orders"],
        ),
    ]


def sentences(table: pd.DataFrame) -> list[Phrase]:
    """What each rate says: the share, what it is of, and how many more defects its ceiling leaves."""
    said = []
    for row in table.itertuples():
        where = f"{row.market} {row.channel}".strip()
        title = bilingual(*METRICS[row.metric].title)
        if pd.isna(row.rate):
            said.append(phrase("{where}: {title}: no orders", where=where, title=title))
        elif pd.isna(row.headroom):
            said.append(
                phrase(
                    "{where}: {title} {rate:.2%} of {orders:,}",
                    where=where,
                    title=title,
                    rate=row.rate,
                    orders=row.orders,
                )
            )
        elif row.headroom < 0:
            said.append(
                phrase(
                    "{where}: {title} {rate:.2%} of {orders:,}, above the limit of {target:.2%}: {over:,} too"
                    " many",
                    where=where,
                    title=title,
                    rate=row.rate,
                    orders=row.orders,
                    target=row.target,
                    over=-row.headroom,
                )
            )
        else:
            said.append(
                phrase(
                    "{where}: {title} {rate:.2%} of {orders:,}; {room:,} more stay below the limit of"
                    " {target:.2%}",
                    where=where,
                    title=title,
                    rate=row.rate,
                    orders=row.orders,
                    room=row.headroom,
                    target=row.target,
                )
            )
    return said
