"""The policy table: filter it, read it, take it home."""
from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.report.run import Run
from optimizer.report.workbook_words import ANY, instruction, reason_in_words, when_in_words
from optimizer.ui import state

ICON = ":material/table_chart:"


def page() -> None:
    """Filters, the table in words, downloads of the whole table."""
    t, answer = state.translate(), state.answer()
    table = answer.policy()
    st.title(t("Policy"))
    st.caption(t("Read from the top: the first row that fits a case holds. `*` stands for any. Prices include the upper end and leave out the lower."))
    shown = _filtered(table)
    st.dataframe(_in_words(shown, answer), hide_index=True, width="stretch", height=560, column_config=_columns(answer.currency))
    st.caption(t("{shown:,} of {rows:,} rows. Following the table costs {extra:,.2f} {currency} more than deciding case by case.").format(
        shown=len(shown), rows=len(table), extra=answer.summary["policy_extra_cost"], currency=answer.currency))
    csv, xlsx, _ = st.columns([1, 1, 2])
    csv.download_button(t("Whole table as CSV"), state.download("csv"), "policy.csv", "text/csv", key="csv", on_click="ignore",
                        icon=":material/download:", width="stretch")
    xlsx.download_button(t("Workbook for Excel"), state.download("xlsx"), "policy.xlsx",
                         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", key="xlsx", on_click="ignore",
                         icon=":material/download:", width="stretch")


def _filtered(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that fit every filter; a row for any value fits each, so that the rows left are those a case would meet."""
    t, titles = state.translate(), state.titles()
    filters = {"market": (t("market"), titles.market), "issue": (t("issue"), titles.issue), "channel": (t("channel"), titles.channel),
               "product_class": (t("class"), titles.product_class)}
    kept = pd.Series(True, index=table.index)
    for box, (column, (label, title)) in zip(st.columns(len(filters)), filters.items()):
        values = table[column].astype(str)
        chosen = box.multiselect(label, sorted(set(values) - {ANY}), format_func=title, key=f"filter_{column}", placeholder=t("all"))
        if chosen:
            kept &= values.isin([*chosen, ANY])
    return table[kept]


def _in_words(rows: pd.DataFrame, answer: Run) -> pd.DataFrame:
    """The columns a person reads, identifiers replaced by their titles."""
    t, titles = state.translate(), state.titles()
    anything = t("any")

    def words(column: str, title) -> list[str]:
        return [anything if v == ANY else title(str(v)) for v in rows[column]]

    return pd.DataFrame({
        "row_id": rows["row_id"].astype(str), "market": words("market", titles.market), "issue": words("issue", titles.issue),
        "channel": words("channel", titles.channel), "product_class": words("product_class", titles.product_class),
        "when": [when_in_words(w, titles, str(c)) for w, c in zip(rows["when"], rows["currency"])], "price_from": pd.to_numeric(rows["price_from"], errors="coerce"),
        "price_to": pd.to_numeric(rows["price_to"], errors="coerce"), "currency": rows["currency"].replace(ANY, "").fillna(""),
        "instruction": [instruction(r, titles) for r in rows.to_dict("records")], "cases": rows["cases"].astype(int),
        "expected_cost": pd.to_numeric(rows["expected_cost"], errors="coerce"), "extra_cost": pd.to_numeric(rows["extra_cost"], errors="coerce"),
        "decided_by": words("decided_by", titles.decider), "share_following": pd.to_numeric(rows["share_following"], errors="coerce"),
        "reason": [reason_in_words(r, titles) for r in rows["reason"]]}, index=rows.index)


def _columns(currency: str) -> dict[str, object]:
    t, config = state.translate(), st.column_config
    return {
        "row_id": config.TextColumn(t("row"), width="small", pinned=True), "market": t("market"), "issue": t("issue"), "channel": t("channel"),
        "product_class": t("class"), "when": t("when"), "price_from": config.NumberColumn(t("price above"), format="accounting"),
        "price_to": config.NumberColumn(t("price up to"), format="accounting"), "currency": t("currency of the price"),
        "instruction": config.TextColumn(t("do this"), width="large"), "cases": config.NumberColumn(t("cases"), format="localized"),
        "expected_cost": config.NumberColumn(f"{t('mean cost')} ({currency})", format="accounting"),
        "extra_cost": config.NumberColumn(f"{t('extra cost')} ({currency})", format="accounting"), "decided_by": t("who decides"),
        "share_following": config.NumberColumn(t("share of cases whose own best this is"), format="percent"), "reason": config.TextColumn(t("reason"), width="large")}
