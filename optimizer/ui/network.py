"""The repair network: what it costs, who is open, the strategy of every class and market, and what it hangs on."""
from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.domain.names import NEEDS
from optimizer.i18n import Titles
from optimizer.report.files import csv_bytes
from optimizer.report.network import LINE_TITLES, NetworkReport, cell_sentences, network_page, provider_sentences, strategy_title, way_title
from optimizer.report.text import money
from optimizer.ui import state

ICON = ":material/build_circle:"
ASKED = "network_asked"


def page() -> None:
    """The plan at once; entry prices and break-even volumes, which take some ten seconds, when they are asked for."""
    t = state.translate()
    st.title(t("Repair network"))
    mine = state.own()
    if mine is not None and mine.months is None:
        st.info(t("The network is worked out from orders per month; bring them on the page of your reports."), icon=":material/info:")
        return
    report = state.network(bool(st.session_state.get(ASKED)))
    titles = state.titles()
    _totals(report)
    st.caption(t("Terms of the providers, batches, price lists, season and limits stand among the assumptions: search for terms, batch, pricelist, season or network."))
    _providers(report, titles)
    if not report.asked:
        st.button(t("Ask what the plan hangs on"), on_click=st.session_state.__setitem__, args=(ASKED, True), key="ask_network", icon=":material/help:")
        st.caption(t("The network is solved again some hundred times: about ten seconds."))
    _strategies(report, titles)
    page_, table, _ = st.columns([1, 1, 2])
    page_.download_button(t("Plan as a page"), network_page(report, state.language()), "network.md", "text/markdown", key="network_md", on_click="ignore",
                          icon=":material/download:", width="stretch")
    table.download_button(t("Strategies as CSV"), csv_bytes(report.tables["strategy.csv"]), "strategy.csv", "text/csv", key="strategy_csv",
                          on_click="ignore", icon=":material/download:", width="stretch")


def _totals(report: NetworkReport) -> None:
    t, plan, c = state.translate(), report.network.plan, report.network.currency
    plain = {"border": True, "height": "stretch", "delta_color": "off", "delta_arrow": "off"}
    cost, units, proof = st.columns(3)
    months = report.network.problem.months
    cost.metric(t("Cost of the network"), money(plan.cost, c), t("{first} to {last}, discounted").format(first=months[0], last=months[-1]),
                help=t("below 0: goods that came back earn more than all else costs"), **plain)
    units.metric(t("Units to serve"), f"{report.network.demand['units'].sum():,.0f}", ", ".join(
        f"{getattr(NEEDS[need], state.language())} {count:,.0f}" for need, count in report.network.demand.groupby("need")["units"].sum().items()), **plain)
    proof.metric(t("Proven within"), f"{plan.cost - plan.bound:.2f} {c}", help=t("no plan of the network is cheaper by more than this"), **plain)
    lines = pd.DataFrame({"line": [str(t(LINE_TITLES[k])) for k, v in plan.by_line.items() if round(v, 2)],
                          "money": [v for v in plan.by_line.values() if round(v, 2)]})
    st.dataframe(lines, hide_index=True, width="content", column_config={
        "line": t("line"), "money": st.column_config.NumberColumn(t("money ({currency})").format(currency=c), format="accounting")})


def _providers(report: NetworkReport, titles: Titles) -> None:
    """Who is open, and who could be."""
    t = state.translate()
    st.subheader(t("Who is open"))
    rows = report.providers
    frame = pd.DataFrame({
        "provider": [titles.provider(p) for p in rows["provider"]], "kind": [strategy_title(k, titles.lang) for k in rows["kind"]],
        "from": rows["from_month"], "to": rows["to_month"], "units": rows["units"], "share": rows["utilisation"], "fixed": rows["fixed_cost"],
        "variable": rows["variable_cost"]})
    if report.asked:
        frame["price"], frame["entry"], frame["rent"] = rows["price"], rows["entry_price"], rows["entry_rent"]
        frame["volume"], frame["other"] = rows["break_even_factor"], rows["other_cost"]
    else:
        frame = frame[rows["open_months"].to_numpy() > 0]
    c, config = report.network.currency, st.column_config
    st.dataframe(frame, hide_index=True, width="stretch", column_config={
        "provider": t("provider"), "kind": t("kind"), "from": t("open from"), "to": t("open to"), "units": config.NumberColumn(t("units"), format="%.0f"),
        "share": config.ProgressColumn(t("share of capacity used"), format="percent", min_value=0.0, max_value=1.0),
        "fixed": config.NumberColumn(t("fixed ({currency})").format(currency=c), format="accounting"),
        "variable": config.NumberColumn(t("variable ({currency})").format(currency=c), format="accounting"),
        "price": config.NumberColumn(t("price of a job now"), format="%.2f"),
        "entry": config.NumberColumn(t("entry price"), format="%.2f", help=t("the largest price of a job, on average, at which the best plan with it beats the best without it")),
        "rent": config.NumberColumn(t("entry cost per month"), format="%.2f", help=t("the largest cost per month at which the best plan with it beats the best without it")),
        "volume": config.NumberColumn(t("break-even volume"), format="%.2f ×", help=t("times the demand it could serve, from which on it is worth having")),
        "other": config.NumberColumn(t("the other way costs more"), format="accounting", help=t("what the network costs more without it, or, where it is not used, with it all along"))})


def _strategies(report: NetworkReport, titles: Titles) -> None:
    """The strategy of every class and market, filtered, with the sentences of the market chosen."""
    t = state.translate()
    st.subheader(t("Strategy per class and market"))
    rows = report.strategies
    market, need = st.columns(2)
    markets = sorted(rows["market"].unique())
    chosen = market.selectbox(t("market"), markets, index=markets.index("US") if "US" in markets else 0, format_func=titles.market, key="network_market")
    wanted = need.selectbox(t("need"), list(NEEDS), format_func=lambda n: getattr(NEEDS[n], titles.lang), key="network_need")
    its = rows[(rows["market"] == chosen) & (rows["need"] == wanted)]
    config = st.column_config
    st.dataframe(pd.DataFrame({
        "class": [titles.product_class(p) for p in its["product_class"]],
        "way": [way_title(r, p, titles) for r, p in zip(its["resolution"], its["provider"])], "units": its["units"], "unit_cost": its["unit_cost"],
        "cost": its["cost"], "days": its["days"], "next": [way_title(*r.split("|"), titles) if r else "" for r in its["runner_up"]],
        "margin": its["runner_up_margin"]}), hide_index=True, width="stretch", column_config={
            "class": t("class"), "way": t("way out"), "units": config.NumberColumn(t("units"), format="%.0f"),
            "unit_cost": config.NumberColumn(t("each"), format="%.2f"), "cost": config.NumberColumn(t("together"), format="accounting"),
            "days": config.NumberColumn(t("days"), format="%.0f"), "next": t("next best"), "margin": config.NumberColumn(t("more each"), format="%.2f")})
    with st.expander(t("In words")):
        for line in provider_sentences(report, chosen, titles):
            st.markdown(f"* {line}")
        for place, sentence in cell_sentences(report, its, titles):
            st.markdown(f"* **{place}** {sentence}")
