"""The repair network: what it costs, who is open, the strategy of every class and market, and what it
hangs on."""

from __future__ import annotations

import io
import tempfile
import zipfile
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from optimizer.answer.network import NetworkReport, market_rows
from optimizer.domain.names import NEEDS
from optimizer.i18n import Titles
from optimizer.network.labels import way_parts
from optimizer.phrases import say_again
from optimizer.report.network.page import cell_sentences, provider_sentences, way_title, write_network
from optimizer.report.network.text import LINE_TITLES, alternative_lines
from optimizer.report.words.text import money
from optimizer.ui import state

ICON = ":material/build_circle:"
ASKED = "network_asked"
_WHOLE = {"hide_index": True, "width": "stretch", "height": "content", "placeholder": ""}


def page() -> None:
    """The plan at once; entry prices and break-even volumes, which take some ten seconds, when they are
    asked for."""
    t = state.translate()
    st.title(t("Repair network"))
    mine = state.own()
    if mine is not None and mine.months is None:
        st.info(
            t("The network is worked out from orders per month; bring them on the page of your reports."),
            icon=":material/info:",
        )
        return
    report = state.network(bool(st.session_state.get(ASKED)))
    titles = state.titles()
    for note in report.network.notes:
        st.info(str(say_again(note, t)), icon=":material/info:")
    _totals(report)
    st.caption(
        t(
            "Terms of the providers, batches, price lists, season and limits stand among the assumptions:"
            " search for terms, batch, pricelist, season or network."
        )
    )
    _markets(report, titles)
    _providers(report, titles)
    st.subheader(t("What the plan hangs on"))
    if report.asked:
        _answers(report, titles)
    else:
        st.button(
            t("Ask what the plan hangs on"),
            on_click=st.session_state.__setitem__,
            args=(ASKED, True),
            key="ask_network",
            icon=":material/help:",
        )
        st.caption(t("The network is solved again some hundred times: about ten seconds."))
    _strategies(report, titles)
    st.download_button(
        t("All files as ZIP"),
        partial(network_zip, report, state.language()),
        "network.zip",
        "application/zip",
        key="network_zip",
        on_click="ignore",
        icon=":material/download:",
    )


def network_zip(report: NetworkReport, lang: str) -> bytes:
    """Everything that `network --out` writes, in one file."""
    packed = io.BytesIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for path in write_network(report, Path(folder), lang):
            archive.write(path, path.name)
    return packed.getvalue()


def _totals(report: NetworkReport) -> None:
    t, plan, n = state.translate(), report.network.plan, report.network
    plain = {"border": True, "height": "stretch", "delta_color": "off", "delta_arrow": "off"}
    (cost, saved), (units, proof) = st.columns(2), st.columns(2)
    months = n.problem.months
    cost.metric(
        t("Cost of the network"),
        money(plan.cost, n.currency),
        t("{first} to {last}, discounted").format(first=months[0], last=months[-1]),
        help=t("below 0: goods that came back earn more than all else costs"),
        **plain,
    )
    saved.metric(
        t("What the benches save"),
        (
            money(n.cost_without_benches - plan.cost, n.currency)
            if n.cost_without_benches < float("inf")
            else t("needed")
        ),
        help=t("against the cheapest network without any provider"),
        **plain,
    )
    units.metric(
        t("Units to serve"),
        f"{n.demand['units'].sum():,.0f}",
        ", ".join(
            f"{getattr(NEEDS[need], state.language())} {count:,.0f}"
            for need, count in n.demand.groupby("need")["units"].sum().items()
        ),
        **plain,
    )
    proof.metric(
        t("Proven within"),
        f"{plan.cost - plan.bound:.2f} {n.currency}",
        help=t("no plan of the network is cheaper by more than this"),
        **plain,
    )
    lines = pd.DataFrame(
        {
            "line": [str(t(LINE_TITLES[k])) for k, v in plan.by_line.items() if round(v, 2)],
            "money": [v for v in plan.by_line.values() if round(v, 2)],
        }
    )
    st.dataframe(
        lines,
        hide_index=True,
        width="content",
        column_config={
            "line": t("line"),
            "money": st.column_config.NumberColumn(
                t("money ({currency})").format(currency=n.currency), format="accounting"
            ),
        },
    )


def _markets(report: NetworkReport, titles: Titles) -> None:
    t, rows, config = state.translate(), market_rows(report), st.column_config
    st.subheader(t("Markets at a glance"))
    st.dataframe(
        rows.assign(
            market=rows["market"].map(titles.market),
            need=[getattr(NEEDS[n], titles.lang) for n in rows["need"]],
        ),
        **_WHOLE,
        column_config={
            "market": t("market"),
            "need": t("need"),
            "units": config.NumberColumn(t("units"), format="localized", step=1),
            "cost": config.NumberColumn(
                t("money ({currency})").format(currency=report.network.currency),
                format="accounting",
                help=t("as paid, not discounted"),
            ),
            "each": config.NumberColumn(t("each"), format="accounting"),
            "days": config.NumberColumn(t("days"), format="%.1f"),
            "benched": config.NumberColumn(t("served by a bench"), format="percent"),
        },
    )


def _providers(report: NetworkReport, titles: Titles) -> None:
    """Who is open, or used without being opened."""
    t, c, config = state.translate(), report.network.currency, st.column_config
    st.subheader(t("Who is open"))
    rows = report.providers[report.providers["open_months"] > 0]
    if rows.empty:
        st.write(t("nobody: every way out is one that needs no bench, or one that is paid per job"))
        return
    st.dataframe(
        pd.DataFrame(
            {
                "provider": rows["provider"].map(titles.provider),
                "paid": [t("per job") if p else t("by contract") for p in rows["per_job"]],
                "months": rows["open_months"],
                "from": rows["from_month"],
                "to": rows["to_month"],
                "units": rows["units"].round(1),
                "jobs": rows["jobs"].round(1),
                "share": rows["utilisation"],
                "fixed": rows["fixed_cost"],
                "variable": rows["variable_cost"],
            }
        ),
        **_WHOLE,
        column_config={
            "provider": config.TextColumn(t("provider"), width="medium"),
            "paid": config.TextColumn(
                t("paid"),
                help=t("per job: it is there without being opened, and its months are those it is used in"),
            ),
            "months": t("months"),
            "from": t("open from"),
            "to": t("open to"),
            "units": config.NumberColumn(t("units"), format="localized"),
            "jobs": config.NumberColumn(
                t("jobs"), format="localized", help=t("units that reach it, for some buyers decline")
            ),
            "share": config.ProgressColumn(
                t("share of capacity used"), format="percent", min_value=0.0, max_value=1.0
            ),
            "fixed": config.NumberColumn(t("fixed ({currency})").format(currency=c), format="accounting"),
            "variable": config.NumberColumn(
                t("variable ({currency})").format(currency=c), format="accounting"
            ),
        },
    )


def _answers(report: NetworkReport, titles: Titles) -> None:
    """Entry prices, break-even volumes and other networks."""
    t, c, config = state.translate(), report.network.currency, st.column_config
    rows = report.providers[report.providers["provider"].isin(report.answers)]
    table = pd.DataFrame(
        {
            "provider": rows["provider"].map(titles.provider),
            "used": [t("used") if u > 0 else t("not used") for u in rows["units"]],
            "price": rows["price"].where(rows["price"] > 0),
            "entry": rows["entry_price"],
            "rent": rows["entry_rent"],
            "volume": rows["break_even_factor"],
            "other": rows["other_cost"],
        }
    )
    st.caption(
        t(
            "Money in {currency}; a provider that is paid per job has no entry price, it serves where it is"
            " cheapest."
        ).format(currency=c)
    )
    st.dataframe(
        table,
        **_WHOLE,
        column_config={
            "provider": config.TextColumn(t("provider"), width="medium"),
            "used": t("in the plan"),
            "price": config.NumberColumn(t("price of a job"), format="accounting"),
            "entry": config.NumberColumn(
                t("entry price"),
                format="accounting",
                help=t(
                    "the largest price of a job, on average, at which the best plan with it beats the best"
                    " without it"
                ),
            ),
            "rent": config.NumberColumn(
                t("entry rent"),
                format="accounting",
                help=t("the largest cost per month at which the best plan with it beats the best without it"),
            ),
            "volume": config.NumberColumn(
                t("break-even"),
                format="%.2f ×",
                help=t("times the demand it could serve, from which on it is worth having"),
            ),
            "other": config.NumberColumn(
                t("other way"),
                format="accounting",
                help=t(
                    "what the network costs more without it, or, where it is not used, with it in all months"
                ),
            ),
        },
    )
    with st.expander(t("Networks that cost at most 2 % more")):
        st.markdown("\n".join(f"* {line}" for line in alternative_lines(report, titles)) or t("none"))


def _strategies(report: NetworkReport, titles: Titles) -> None:
    """The strategy of every class and market, filtered, with the sentences of the market chosen."""
    t = state.translate()
    st.subheader(t("Strategy per class and market"))
    rows = report.strategies
    market, need = st.columns(2)
    markets = sorted(rows["market"].unique())
    chosen = market.selectbox(
        t("market"),
        markets,
        index=markets.index("US") if "US" in markets else 0,
        format_func=titles.market,
        key="network_market",
    )
    wanted = need.selectbox(
        t("need"), list(NEEDS), format_func=lambda n: getattr(NEEDS[n], titles.lang), key="network_need"
    )
    its = rows[(rows["market"] == chosen) & (rows["need"] == wanted)]
    config = st.column_config
    st.dataframe(
        pd.DataFrame(
            {
                "class": [titles.product_class(p) for p in its["product_class"]],
                "way": [way_title(titles, r, p) for r, p in zip(its["resolution"], its["provider"])],
                "units": its["units"].round(1),
                "unit_cost": its["unit_cost"],
                "cost": its["cost"],
                "days": its["days"],
                "margin": its["runner_up_margin"],
                "next": [way_title(titles, *way_parts(r)) if r else "" for r in its["runner_up"]],
            }
        ),
        **_WHOLE,
        column_config={
            "class": config.TextColumn(t("class"), width="medium"),
            "way": config.TextColumn(t("way out"), width="medium"),
            "units": config.NumberColumn(t("units"), format="localized"),
            "unit_cost": config.NumberColumn(t("each"), format="accounting"),
            "cost": config.NumberColumn(t("together"), format="accounting"),
            "days": config.NumberColumn(t("days"), format="%.0f"),
            "next": config.TextColumn(t("next best"), width="medium"),
            "margin": config.NumberColumn(
                t("next best, more each"),
                format="accounting",
                help=t(
                    "below 0: it looks cheaper, but has no room left, or its fixed cost or minimum fee"
                    " outweighs that; the sentences say which"
                ),
            ),
        },
    )
    with st.expander(t("In words")):
        for line in provider_sentences(report, chosen, titles):
            st.markdown(f"* {line}")
        for place, sentence in cell_sentences(report, rows[rows["market"] == chosen], titles):
            st.markdown(f"* **{place}** {sentence}")
