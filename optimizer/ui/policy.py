"""The policy table: filter it, read it, take it home."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.report.run import Run
from optimizer.report.words.policy_row import (
    ANY,
    instruction,
    option_in_words,
    price_band,
    reason_in_words,
    when_in_words,
)
from optimizer.ui import state

ICON = ":material/table_chart:"
_ROW_HEIGHT = 68  # from 64 on, text in cells wraps


def page() -> None:
    """Filters, the table in words, downloads of the whole table."""
    t, answer = state.translate(), state.answer()
    table = answer.policy()
    st.title(t("Policy"))
    st.caption(
        t(
            "Read from the top: the first row that fits a case holds. `*` stands for any. Prices include the"
            " upper end and leave out the lower."
        )
    )
    shown = _filtered(table)
    st.dataframe(
        _in_words(shown, answer),
        hide_index=True,
        width="stretch",
        height=10 * _ROW_HEIGHT + 36,
        row_height=_ROW_HEIGHT,
        column_config=_columns(answer.currency),
    )
    st.caption(
        t(
            "{shown:,} of {rows:,} rows. Following the table costs {extra:,.2f} {currency} more than deciding"
            " case by case."
        ).format(
            shown=len(shown),
            rows=len(table),
            extra=answer.summary["policy_extra_cost"],
            currency=answer.currency,
        )
    )
    downloads()


def downloads() -> None:
    """The whole table to take home, as CSV and as a workbook."""
    t = state.translate()
    csv, xlsx, _ = st.columns([1, 1, 2])
    csv.download_button(
        t("Whole table as CSV"),
        state.download("csv"),
        "policy.csv",
        "text/csv",
        key="csv",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )
    xlsx.download_button(
        t("Workbook for Excel"),
        state.download("xlsx"),
        "policy.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        key="xlsx",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )


def _filtered(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that fit every filter; a row for any value fits each, so that the rows left are those a case
    would meet."""
    t, titles = state.translate(), state.titles()
    filters = {
        "market": (t("market"), titles.market),
        "issue": (t("issue"), titles.issue),
        "channel": (t("channel"), titles.channel),
        "product_class": (t("class"), titles.product_class),
    }
    kept = pd.Series(True, index=table.index)
    for box, (column, (label, title)) in zip(st.columns(len(filters)), filters.items()):
        values = table[column].astype(str)
        chosen = box.multiselect(
            state.label(label),
            sorted(set(values) - {ANY}),
            format_func=title,
            key=f"filter_{column}",
            placeholder=t("all"),
        )
        if chosen:
            kept &= values.isin([*chosen, ANY])
    return table[kept]


def _in_words(rows: pd.DataFrame, answer: Run) -> pd.DataFrame:
    """The columns a person reads, identifiers replaced by their titles."""
    t, titles = state.translate(), state.titles()
    anything = t("any")

    def words(column: str, title) -> list[str]:
        return [anything if v == ANY else title(str(v)) for v in rows[column]]

    records = rows.to_dict("records")
    return pd.DataFrame(
        {
            "row_id": rows["row_id"].astype(str),
            "market": words("market", titles.market),
            "issue": words("issue", titles.issue),
            "channel": words("channel", titles.channel),
            "product_class": words("product_class", titles.product_class),
            "price": [price_band(r, titles) for r in records],
            "instruction": [instruction(r, titles) for r in records],
            "when": [when_in_words(r["when"], titles, str(r["currency"])) for r in records],
            "cases": rows["cases"].astype(int),
            "expected_cost": rows["expected_cost"].astype(float),
            "extra_cost": rows["extra_cost"].astype(float),
            "decided_by": words("decided_by", titles.decider),
            "runner_up": [
                option_in_words(r["runner_up"], "", titles, str(r["currency"])) if r["runner_up"] else ""
                for r in records
            ],
            "margin": rows["margin"].astype(float),
            "share_following": rows["share_following"].astype(float),
            "reason": [reason_in_words(r["reason"], titles) for r in records],
        },
        index=rows.index,
    )


def _columns(currency: str) -> dict[str, object]:
    t, config = state.translate(), st.column_config
    money = {
        "expected_cost": t("mean cost"),
        "extra_cost": t("extra cost"),
        "margin": t("next best is dearer by"),
    }
    return {
        "row_id": config.TextColumn(t("row"), width=60, pinned=True),
        "market": config.TextColumn(t("market"), width=90),
        "issue": config.TextColumn(t("issue"), width=120),
        "channel": config.TextColumn(t("channel"), width=100),
        "product_class": config.TextColumn(t("class"), width=80),
        "price": config.TextColumn(t("price"), width=120),
        "instruction": config.TextColumn(t("do this"), width=300),
        "when": config.TextColumn(t("when"), width=260),
        "cases": config.NumberColumn(t("cases"), format="localized"),
        **{
            k: config.NumberColumn(f"{title} ({currency})", format="accounting") for k, title in money.items()
        },
        "decided_by": t("who decides"),
        "runner_up": config.TextColumn(t("next best"), width="medium"),
        "share_following": config.NumberColumn(t("share of cases whose own best this is"), format="percent"),
        "reason": config.TextColumn(t("reason"), width="large"),
    }
