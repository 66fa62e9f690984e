"""Own reports in the app: what is said of them, what they add up to, and the same answer as the command
line gives."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import streamlit as st
from conftest import ROOT
from report_files import ERP, V2
from streamlit.testing.v1 import AppTest
from test_app import good, metrics, opened

from optimizer import load_scenario, pipeline, run
from optimizer.errors import InputError, Problem
from optimizer.i18n import translator
from optimizer.inputs.mapping import IMPORTS
from optimizer.phrases import phrase, say_again
from optimizer.report.files import write_csv
from optimizer.report.imported import write_imported
from optimizer.report.run import Run
from optimizer.report.words.text import money
from optimizer.ui import brought, readings, state, uploads
from optimizer.ui.uploads import Upload

FIXTURES = ROOT / "tests" / "fixtures"
RETURNS, ORDERS = FIXTURES / "fba_returns.txt", FIXTURES / "all_orders.txt"
MARKER = "Zaphod Beeblebrox"  # a buyer who must be found nowhere
PRODUCTS = (
    b"sku,product_class,item_price,item_price_DE,landed_cost\nROLLER-1,fitness_equipment,24.99,22.50,6.10\n"
    b"CHAIR-2,furniture,,129.90,41.00\nCASE-3,phone_accessory,9.99,,1.20\n"
)
HEADER = (
    "return-date\torder-id\tsku\tfnsku\tquantity\tdetailed-disposition\treason\t"
    "license-plate-number\tbuyer-name\n"
)
ROW = "2026-03-{day:02d}\t302-{n}\tROLLER-1\tX1\t1\t{found}\tUNWANTED_ITEM\tLPN-{n}\t" + MARKER + "\n"


pytestmark = pytest.mark.usefixtures("tables_once")


@pytest.fixture(scope="module", autouse=True)
def answers_of_this_file_only():
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def returns(*numbers: int, found: str = "SELLABLE") -> bytes:
    """An FBA returns report with one row per number."""
    return (HEADER + "".join(ROW.format(n=n, day=n, found=found) for n in numbers)).encode()


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    return good(app.file_uploader[0].set_value([(name, data, "text/plain") for name, data in files]).run())


def read(app: AppTest, *files: tuple[str, bytes], market: str = "") -> AppTest:
    """Upload, name the market, read."""
    upload(app, *files)
    if market:
        number = app.session_state[brought.ROUND]
        app.selectbox(key=f"market_{number}").set_value(market).run()
    return good(app.button(key="read").click().run())


def decided(app: AppTest) -> AppTest:
    return good(app.button(key="decide").click().run())


def counts(app: AppTest) -> list[str]:
    """The sentences that say how rows add up."""
    return [
        m.value.strip("*")
        for m in app.main.markdown
        if m.value.startswith("**") and (" rows = " in m.value or " 行 = " in m.value)
    ]


def by_command_line(folder: Path, kind: str, files: list[Path], products: Path | None = None, **how) -> Run:
    """import … --out cases.csv, then run base --cases cases.csv."""
    book = load_scenario("base")
    write_imported(
        pipeline.import_cases(kind, files, book, products=products, **how), str(folder / "cases.csv"), None
    )
    return run(book, [folder / "cases.csv"], products)


# ---------------------------------------------------------------- from files to an answer
def test_uploaded_returns_are_recognised_counted_and_decided_as_on_the_command_line(tmp_path):
    app = upload(opened("reports"), ("returns.txt", RETURNS.read_bytes()))
    assert [s.value for s in app.main.success] == [
        "returns.txt: recognised as FBA customer returns (fba_returns)"
    ]
    assert any("does not name the market" in w.value for w in app.main.warning)
    good(app.selectbox(key="market_0").set_value("DE").run())
    assert app.main.warning.len == 0
    good(app.button(key="read").click().run())
    assert counts(app) == ["9 rows = 6 cases + 2 skipped + 1 rejected"]
    skipped, rejected = (d.value for d in app.dataframe)
    assert skipped["rows"].sum() == 2
    assert rejected.iloc[0, :4].tolist() == ["returns.txt", 9, "quantity", "two"] and len(rejected) == 1
    assert app.session_state[brought.ROUND] == 1 and not app.file_uploader[0].value  # emptied
    assert "own" not in app.session_state and not metrics(app)  # nothing decided yet

    result = by_command_line(tmp_path, "fba_returns", [RETURNS], market="DE")
    decided(app)
    assert metrics(app)["Total cost"] == money(result.figures["total_cost"], "USD")
    assert metrics(app)["Current practice"] == money(result.figures["current_cost"], "USD")
    mine = app.session_state[state.OWN_CASES]
    assert mine.csv == (tmp_path / "cases.csv").read_bytes()  # what an auditor can hash
    assert [s.value for s in app.sidebar.success] == ["Your own cases: 6 from returns.txt"]


def test_product_list_and_orders_report_supply_what_returns_lack(tmp_path):
    products = tmp_path / "goods.csv"
    products.write_bytes(PRODUCTS)
    result = by_command_line(tmp_path, "fba_returns", [RETURNS], products, market="DE", orders=ORDERS)
    app = upload(
        opened("reports"),
        ("returns.txt", RETURNS.read_bytes()),
        ("goods.csv", PRODUCTS),
        ("orders.txt", ORDERS.read_bytes()),
    )
    good(
        app.selectbox(key="kind_0_2_all_orders_True").set_value(uploads.PRICES).run()
    )  # prices only: its cancelled lines stay out
    good(app.selectbox(key="market_0").set_value("DE").run())
    good(app.button(key="read").click().run())
    decided(app)
    assert set(app.session_state[brought.JOINED][1][0]["price_source"].astype(str)) >= {"order", "product"}
    assert metrics(app)["Total cost"] == money(result.figures["total_cost"], "USD")
    mine = app.session_state[state.OWN_CASES]
    assert mine.csv == (tmp_path / "cases.csv").read_bytes() and mine.products == Upload(
        "goods.csv", PRODUCTS
    )
    with mine.laid_out() as paths:
        assert (
            run(load_scenario("base"), **paths).run_id == result.run_id
        )  # the same inputs by name and content


def test_every_page_answers_for_own_cases_until_the_way_back(tmp_path):
    app = decided(read(opened("reports"), ("returns.txt", returns(1, 2, 3)), market="DE"))
    mine = app.session_state[state.OWN_CASES]
    page = opened("overview", own=mine)
    assert page.caption[0].value.startswith(
        "Your own data (returns.txt): 3 cases from 2026-03-01 to 2026-03-03."
    )
    assert metrics(page)["Total cost"] == metrics(app)["Total cost"]
    page = opened("policy", own=mine)
    (tmp_path / "cases.csv").write_bytes(mine.csv)
    by_hand = run(load_scenario("base"), [tmp_path / "cases.csv"])
    assert page.dataframe[0].value["row_id"].tolist() == by_hand.policy()["row_id"].tolist()
    write_csv(by_hand.policy(), tmp_path / "policy.csv")
    by_hand.to_excel(tmp_path / "policy.xlsx", "en")
    with mine.laid_out() as paths:
        result = run(load_scenario("base"), **paths)
        assert result.run_id == by_hand.run_id  # read while the files are there, as the app does
    assert state.made_file(result, "csv", "en") == (tmp_path / "policy.csv").read_bytes()
    assert state.made_file(result, "xlsx", "en") == (tmp_path / "policy.xlsx").read_bytes()
    page = opened("assumptions", own=mine, changes={"contact.cost": 1.5})
    assert page.code[0].value == "python -m optimizer run base --cases cases.csv --set contact.cost=1.5"
    good(page.button(key="back_to_sample").click().run())
    assert page.sidebar.success.len == 0 and "Cases: sample data, made up" in [
        c.value for c in page.sidebar.caption
    ]


def test_a_case_table_is_read_as_run_reads_it(tmp_path):
    table = tmp_path / "mine.csv"
    header = "case_id,market,channel,sku,product_class,issue,order_date,case_date,item_price,price_source"
    table.write_text(
        f"{header}\nA1,DE,fba,,apparel,unwanted,2026-05-01,2026-05-09,30,product\n"
        "A2,US,merchant,,furniture,damaged,2026-05-01,2026-05-09,80,given\n"
        "A3,XX,fba,,apparel,unwanted,2026-05-01,2026-05-09,30,given\n",
        encoding="utf-8",
    )
    result = run(load_scenario("base"), [table], skip_rejects=True)
    app = upload(opened("reports"), ("mine.csv", table.read_bytes()))
    assert [s.value for s in app.main.success] == [
        "mine.csv: recognised as Case table (cases.csv), read as it is"
    ]
    assert not [
        s for s in app.main.selectbox if s.key and s.key.startswith("market_")
    ]  # cases say where they were sold
    good(app.button(key="read").click().run())
    assert counts(app) == ["3 rows = 2 cases + 0 skipped + 1 rejected"]
    assert metrics(decided(app))["Total cost"] == money(result.figures["total_cost"], "USD")


# ---------------------------------------------------------------- several imports
def test_the_same_file_twice_does_not_double():
    app = upload(opened("reports"), ("a.txt", returns(1, 2)), ("b.txt", returns(1, 2)))
    assert [i.value for i in app.main.info] == ["b.txt has the same content as a.txt: it is read once."]
    app.selectbox(key="market_0").set_value("DE").run()
    good(app.button(key="read").click().run())
    assert counts(app) == ["2 rows = 2 cases + 0 skipped + 0 rejected"]
    upload(app, ("again.txt", returns(1, 2)))
    assert [i.value for i in app.main.info] == [
        "again.txt was read before (the same content as a.txt): it is not read again."
    ]
    assert not [b for b in app.button if b.key == "read"]


def test_imports_of_one_session_are_joined_and_overlaps_are_said():
    app = read(opened("reports"), ("march.txt", returns(1, 2, 3)), market="DE")
    read(app, ("later.txt", returns(2, 3, 4)), market="DE")
    assert any(
        i.value
        == "Of these cases 1 are new, 0 take the place of a case read before, 2 were read before and stay as"
        " they are."
        for i in app.main.info
    )
    assert app.button(key="decide").label == "Decide these 4 cases"
    read(app, ("found.txt", returns(1, 5, found="CUSTOMER_DAMAGED")), market="DE")
    assert any(
        i.value
        == "Of these cases 1 are new, 1 take the place of a case read before, 0 were read before and stay as"
        " they are."
        for i in app.main.info
    )
    cases = app.session_state[brought.JOINED][1][0]
    assert len(cases) == 5 and cases["case_id"].is_unique
    assert cases.set_index("case_id")["condition"].astype(str)["302-1-ROLLER-1-LPN-1"] == "customer_damaged"
    good(app.button(key="remove_3").click().run())
    assert app.button(key="decide").label == "Decide these 4 cases"


def test_an_answer_that_is_older_than_the_reports_says_so():
    app = decided(read(opened("reports"), ("one.txt", returns(1)), market="DE"))
    assert app.button(key="decide").disabled
    read(app, ("two.txt", returns(2)), market="GB")
    assert any("decide again" in w.value for w in app.main.warning) and not app.button(key="decide").disabled
    assert app.session_state[state.OWN_CASES].count == 1
    decided(app)
    assert app.session_state[state.OWN_CASES].count == 2 and app.session_state[state.OWN_CASES].files == (
        "one.txt",
        "two.txt",
    )


# ---------------------------------------------------------------- further roles of a file
def test_a_mapping_of_ones_own_reads_any_table():
    mapping = (IMPORTS / "erp_aftersales.yaml").read_bytes()
    app = upload(opened("reports"), ("售后.csv", "\r\n".join(ERP).encode("gbk")), ("my.yaml", mapping))
    assert [s.value for s in app.main.success] == [
        "售后.csv: recognised as Report read by the uploaded mapping",
        "my.yaml: recognised as Mapping of your own (YAML)",
    ]
    good(app.button(key="read").click().run())
    assert counts(app) == ["4 rows = 3 cases + 1 skipped + 0 rejected"]
    assert "王小明" not in app.session_state[brought.JOINED][1][0].to_csv()


def test_a_mapping_alone_waits_for_its_file():
    app = upload(opened("reports"), ("my.yaml", (IMPORTS / "erp_aftersales.yaml").read_bytes()))
    assert [w.value for w in app.main.warning] == [
        "The mapping is not used: choose the file it is for, or upload that file too."
    ]
    assert app.button(key="read").disabled


def test_a_settlement_beside_returns_says_what_they_cost_and_makes_no_cases_of_its_own():
    settlement = ("settlement.txt", "\n".join(row.replace("|", "\t") for row in V2).encode())
    app = upload(opened("reports"), ("returns.txt", returns(1, 2)), settlement)
    assert app.selectbox(key="kind_0_1_settlement_v2_True").value == uploads.COSTS
    app.selectbox(key="market_0").set_value("US").run()
    good(app.button(key="read").click().run())
    assert counts(app) == ["2 rows = 2 cases + 0 skipped + 0 rejected"]
    app = upload(opened("reports"), settlement)
    assert app.selectbox(key="kind_0_0_settlement_v2_False").value == "settlement_v2"
    good(app.selectbox(key="market_0").set_value("US").run())
    good(app.button(key="read").click().run())
    assert "ties to the cent" in app.code[0].value and counts(app)[0].startswith(
        f"{len(V2) - 1} rows = 3 cases"
    )


def test_a_product_list_of_two_files_is_refused():
    app = read(opened("reports"), ("a.csv", PRODUCTS), ("b.csv", PRODUCTS + b"X-9,apparel,5,,1\n"))
    assert [e.value for e in app.main.error] == [
        "The inputs are refused:\n\n* b.csv: is a second table of the same kind. Join the two into one file,"
        " or leave one out."
    ]
    assert app.session_state[brought.BROUGHT_TABLES] == {}


# ---------------------------------------------------------------- refusals, privacy, languages
def test_a_refusal_is_in_the_language_without_folders_and_keeps_the_files():
    app = read(opened("reports", "zh"), ("退货.txt", returns(1)))
    error = app.main.error[0].value
    assert error.startswith("输入被拒绝") and "退货.txt" in error and "after-sales-" not in error
    assert "is not in this report" not in error
    assert app.session_state[brought.ROUND] == 0 and app.button(key="read")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01\x02\xff\xfe" * 50,
        b"PK\x03\x04 no workbook",
        b"PAR1 no parquet",
        b"one line without a header",
    ],
)
def test_files_that_are_no_tables_are_refused_or_left_to_a_choice(data):
    app = upload(opened("reports"), ("strange.bin", data))
    assert app.main.error.len + app.main.warning.len >= 1
    assert not [b for b in app.button if b.key == "read" and not b.disabled]


def test_many_problems_stand_in_a_table():
    bad = "sku,product_class\n" + "".join(f"S{i},no_such_class\n" for i in range(25))
    app = read(opened("reports"), ("goods.csv", bad.encode()))
    assert app.main.error[0].value.count("\n* ") == 10
    assert len(app.dataframe[0].value) == 25 and app.expander[0].label == "All 25 problems"


def test_buyers_are_shown_and_kept_nowhere():
    bad = f"2026-03-09\t302-9\tROLLER-1\tX1\tmany\tSELLABLE\tOTHER\tLPN-9\t{MARKER}\n".encode()
    app = read(opened("reports"), ("returns.txt", returns(1, 2) + bad), market="DE")
    assert any("buyer-name" in m.value for m in app.main.markdown)  # the dropped column is named
    decided(app)
    kept = [
        app.session_state[name]
        for name in (
            brought.BATCHES,
            brought.BROUGHT_TABLES,
            brought.JOINED,
            brought.RECOGNISED,
            state.OWN_CASES,
        )
    ]
    shown = [e.value for e in (*app.markdown, *app.caption, *app.text, *app.info, *app.error)] + [
        d.value.to_csv() for d in app.dataframe
    ]
    rejects = readings.rejects_file(app.session_state[brought.BATCHES][0].imported.rejects, "en")
    assert (
        MARKER not in repr(kept)
        and MARKER not in repr(shown)
        and MARKER.encode() not in app.session_state[state.OWN_CASES].csv + rejects
    )
    assert app.session_state[brought.JOINED][1][0].to_csv().count("ROLLER-1") and b"many" in rejects


@pytest.mark.parametrize("lang, said", [("en", "row,column"), ("zh", "row,column")])
def test_rejected_rows_come_home_in_the_language(lang, said):
    problem = Problem(
        "r.txt", 3, "sku", "=1+1", phrase("is blank"), phrase("Give exactly one of {tests}.", tests="a")
    )
    data = readings.rejects_file([problem], lang).decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(data)))
    assert (
        said in data
        and row["problem"] == say_again(problem.problem, translator(lang))
        and row["value"] == "'=1+1"
    )


def test_nothing_to_decide_is_said():
    bad = HEADER + ROW.format(n=1, day=1, found="SELLABLE").replace("\t1\tSELL", "\ttwo\tSELL")
    app = read(opened("reports"), ("returns.txt", bad.encode()), market="DE")
    assert counts(app) == ["1 rows = 0 cases + 0 skipped + 1 rejected"]
    assert app.button(key="decide").disabled and any("nothing to decide" in w.value for w in app.main.warning)


# ---------------------------------------------------------------- files in a folder that goes away
def test_uploads_lie_in_a_folder_only_for_a_while():
    with uploads.laid_out(
        [
            Upload("../../etc/a.csv", b"1"),
            Upload("C:\\x\\a.csv", b"2"),
            Upload("", b"3"),
            Upload("长" * 90 + ".csv", b"4"),
        ]
    ) as paths:
        folder = paths[0].parent
        assert [p.name for p in paths[:3]] == ["a.csv", "a (2).csv", "file"] and {
            p.parent for p in paths
        } == {folder}
        assert [p.read_bytes() for p in paths] == [b"1", b"2", b"3", b"4"]
    assert not folder.exists()


def test_messages_name_files_without_their_folder():
    with pytest.raises(InputError) as caught, uploads.laid_out([Upload("a.csv", b"x")]) as (path,):
        said = phrase("is the same case as row {row} of {file}", row=2, file=str(path))
        raise InputError([Problem(str(path), 2, "", "", said, phrase("is blank"))])
    problem = caught.value.problems[0]
    assert problem.file == "a.csv" and problem.problem == "is the same case as row 2 of a.csv"
    assert problem.problem.fields["file"] == "a.csv"  # and so in another language too


def test_content_decides_what_is_the_same_answer():
    one, other = (
        uploads.OwnCases((1,), ("a.csv",), 1, csv_bytes) for csv_bytes in (b"case_id\nA\n", b"case_id\nB\n")
    )
    assert (
        one.digest
        == uploads.OwnCases((7,), ("named otherwise.csv",), 1, b"case_id\nA\n").digest
        != other.digest
    )
    assert (
        one.digest != uploads.OwnCases((1,), ("a.csv",), 1, b"case_id\nA\n", Upload("p.csv", PRODUCTS)).digest
    )
