"""The app: `make app`, or `streamlit run app.py`. Shared controls stand here, each page in its own module."""

import streamlit as st

from optimizer.ui import assumptions, limits, network, overview, policy, reports, state

st.set_page_config(
    page_title="After-sales cost optimizer", page_icon=":material/assignment_return:", layout="wide"
)
t = state.sidebar()
st.navigation(
    [
        st.Page(overview.page, title=t("Overview"), icon=overview.ICON, url_path="overview", default=True),
        st.Page(reports.page, title=t("Your reports"), icon=reports.ICON, url_path="reports"),
        st.Page(assumptions.page, title=t("Assumptions"), icon=assumptions.ICON, url_path="assumptions"),
        st.Page(limits.page, title=t("Limits"), icon=limits.ICON, url_path="limits"),
        st.Page(network.page, title=t("Repair network"), icon=network.ICON, url_path="network"),
        st.Page(policy.page, title=t("Policy"), icon=policy.ICON, url_path="policy"),
    ]
).run()
state.markers()
