"""Tables as people have them: encodings, separators, Excel, Parquet, and what is said of files that are
none."""

import codecs
import datetime
import random

import pandas as pd
import pytest

from optimizer.errors import InputError
from optimizer.inputs.decoding import decode
from optimizer.inputs.tabular import read_table, squeeze

PLAIN = "case_id,reason_text\nA1,{}\nA2,plain\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """File names in messages are short: the tests run in the folder of their files."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(name: str, **how) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_table(name, **how)
    return [str(p) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "written_as", "seen_as"),
    [
        ("résumé", "utf-8", "utf-8"),
        ("résumé", "utf-8-sig", "utf-8-sig"),
        ("résumé – 5 €", "cp1252", "cp1252"),
        ("Straße, ähnlich größer", "cp1252", "cp1252"),
        ("商品收到时已经损坏，客户要求退款", "gbk", "gbk"),
        ("買ったものが壊れていました", "cp932", "cp932"),
        ("商品收到时已经损坏", "utf-8", "utf-8"),
        ("商品收到时已经损坏", "utf-16", "utf-16"),
        ("ÄÖÜ", "utf-16", "utf-16"),
    ],
)
def test_the_encoding_is_recognised(text, written_as, seen_as):
    text = text.replace(",", "")
    open("t.csv", "wb").write(PLAIN.format(text).encode(written_as))
    table = read_table("t.csv")
    assert (table.encoding, table.frame["reason_text"].tolist()) == (seen_as, [text, "plain"])


def test_big_endian_utf16_has_a_bom_too():
    open("t.csv", "wb").write(codecs.BOM_UTF16_BE + PLAIN.format("é").encode("utf-16-be"))
    assert read_table("t.csv").frame["reason_text"].tolist() == ["é", "plain"]


def test_a_given_encoding_is_taken_or_refused():
    open("t.csv", "wb").write(PLAIN.format("é").encode("cp1252"))
    assert read_table("t.csv", encoding="latin-1").frame.iloc[0, 1] == "é"
    assert refused("t.csv", encoding="utf-8") == [
        "t.csv: cannot be read as utf-8. Leave the encoding out, or save the file again as CSV UTF-8."
    ]
    assert refused("t.csv", encoding="klingon") == [
        "t.csv: cannot be read as klingon. Leave the encoding out, or save the file again as CSV UTF-8."
    ]


@pytest.mark.parametrize(("sign", "title"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_the_separator_is_recognised(sign, title):
    open("t.csv", "w").write(sign.join(["a", "b", "c"]) + "\n" + sign.join(["1", "2", "3"]) + "\n")
    table = read_table("t.csv")
    assert table.frame.to_dict("list") == {"a": ["1"], "b": ["2"], "c": ["3"]}
    assert table.described() == f"UTF-8, {title}-separated"


def test_separators_inside_quoted_headers_do_not_count():
    open("t.csv", "w").write('"name; title; kind",b\n1,2\n')
    assert list(read_table("t.csv").frame.columns) == ["name; title; kind", "b"]


def test_quotation_marks_are_literal_in_flat_files_and_not_in_csv():
    open("t.txt", "w").write('a\tb\n12" pan\t"x\n')
    assert read_table("t.txt").frame.iloc[0].tolist() == ['12" pan', '"x']
    open("t.csv", "w").write('a,b\n"12"" pan, red","two\nlines"\n')
    assert read_table("t.csv").frame.iloc[0].tolist() == ['12" pan, red', "two\nlines"]


def test_rows_are_counted_as_a_spreadsheet_does():
    open("t.csv", "w").write('a,b\n1,"two\nlines"\n\n2,x\n,\n3,y\n')
    assert read_table("t.csv").frame["a"].to_dict() == {2: "1", 4: "2", 6: "3"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_every_line_end_is_read(end, last):
    open("t.csv", "w", newline="").write(end.join(["a,b", "1,2", "3,4"]) + (end if last else ""))
    assert read_table("t.csv").frame.to_dict("list") == {"a": ["1", "3"], "b": ["2", "4"]}


def test_ragged_rows_are_named_each():
    open("t.csv", "w").write("a,b,c\n1,2,3\n1,2\n1,2,3,,\n1,2,3,4\n4,5,6\n")
    expected = [
        "t.csv, row 3: has 2 cells where the header has 3. Complete the row, or remove it.",
        (
            "t.csv, row 5: has 4 cells where the header has 3. Put text that holds the separator into"
            " quotation marks."
        ),
    ]
    assert refused("t.csv") == expected
    table = read_table("t.csv", keep_ragged=True)
    assert [str(p) for p in table.ragged] == expected
    assert table.frame["a"].to_dict() == {2: "1", 4: "1", 6: "4"}


def test_flat_files_may_cut_off_blank_cells():
    open("t.txt", "w").write("a\tb\tc\n1\t2\n3\t4\t5\n")
    assert read_table("t.txt").frame["c"].to_dict() == {2: "", 3: "5"}


def test_an_open_quotation_mark_is_found():
    open("t.csv", "w").write('a,b\n1,"2\n3,4\n')
    assert refused("t.csv") == [
        "t.csv, row 2: opens a quotation mark and never closes it. Close it, or remove it."
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "t.csv: is empty. Export it again, with a header row and rows."),
        (b" \r\n\n", "t.csv: is empty. Export it again, with a header row and rows."),
        (
            codecs.BOM_UTF8,
            "t.csv, row 1: is blank where the header should be. Put the names of the columns into row 1.",
        ),
        (b"a,b,c\n", "t.csv: has a header and no rows. Export it again with rows, or leave it out."),
        (b"a,b,c\n,,\n", "t.csv: has a header and no rows. Export it again with rows, or leave it out."),
        (
            b",,\n1,2,3\n",
            "t.csv, row 1: is blank where the header should be. Put the names of the columns into row 1.",
        ),
        (
            b"a,b,a\n1,2,3\n",
            "t.csv, row 1, column a: stands 2 times in the header. Rename or remove the others.",
        ),
        (
            b"a,b\n1,2\x00\n",
            (
                "t.csv: is not a text table: it holds bytes that no UTF-8, UTF-16, GBK, cp932 or Windows-1252"
                " text has. Name a CSV, Excel or Parquet file, or open the table in a spreadsheet and save it"
                " as CSV UTF-8."
            ),
        ),
    ],
)
def test_files_without_a_table_are_refused(content, expected):
    open("t.csv", "wb").write(content)
    assert refused("t.csv") == [expected]


def test_random_bytes_are_refused():
    open("t.csv", "wb").write(random.Random(1).randbytes(4_000))
    assert refused("t.csv") == [
        "t.csv: is not a text table: it holds bytes that no UTF-8, UTF-16, GBK, cp932 or Windows-1252 text"
        " has. Name a CSV, Excel or Parquet file, or open the table in a spreadsheet and save it as CSV"
        " UTF-8."
    ]


def test_missing_files_and_folders_are_refused(here):
    (here / "folder").mkdir()
    assert refused("folder") == ["folder: is a folder, not a file. Name one file in it."]
    (here / "cases_may.csv").write_text("a\n1\n")
    assert refused("cases_mai.csv") == ["cases_mai.csv: does not exist. Did you mean 'cases_may.csv'?"]
    assert refused("nowhere/x.csv") == ["nowhere/x.csv: does not exist. Check the path."]


def test_excel_cells_become_text_and_dates_days():
    frame = pd.DataFrame(
        {
            "case_id": ["A1", "A2"],
            "order": [305_000_000_001, 7],
            "price": [12.5, 3.0],
            "day": [datetime.date(2025, 5, 4), None],
            "said": ["x", None],
        }
    )
    frame.to_excel("t.xlsx", index=False, engine="xlsxwriter")
    table = read_table("t.xlsx")
    assert (table.kind, table.described()) == ("xlsx", "Excel")
    assert table.frame.iloc[0].tolist() == ["A1", "305000000001", "12.5", "2025-05-04", "x"]
    assert table.frame.iloc[1].tolist() == ["A2", "7", "3", "", ""]
    assert table.frame.index.tolist() == [2, 3]


def test_a_sheet_is_chosen_by_name():
    with pd.ExcelWriter("t.xlsx", engine="xlsxwriter") as book:
        pd.DataFrame({"a": [1]}).to_excel(book, sheet_name="Notes", index=False)
        pd.DataFrame({"b": [2]}).to_excel(book, sheet_name="Cases", index=False)
    assert list(read_table("t.xlsx").frame.columns) == ["a"]
    assert list(read_table("t.xlsx", sheet="Cases").frame.columns) == ["b"]
    assert refused("t.xlsx", sheet="Case") == [
        "t.xlsx: 'Case' is not a sheet of this file. Did you mean 'Cases'?"
    ]


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 and then nothing that a workbook has", b"no workbook at all"]
)
def test_a_broken_workbook_is_refused(content):
    open("t.xlsx", "wb").write(content)
    (problem,) = refused("t.xlsx")
    assert problem.startswith("t.xlsx: is not a readable Excel file (")
    assert problem.endswith("). Open it in Excel and save it again as .xlsx, or save it as CSV UTF-8.")


def test_parquet_stays_typed():
    frame = pd.DataFrame(
        {
            "case_id": ["A1", "A2"],
            "price": [1.5, 2.0],
            "day": pd.to_datetime(["2025-05-04", "2025-05-05"]),
            "code": pd.Categorical(["x", "y"]),
            "flag": [True, None],
        }
    )
    frame.to_parquet("t.parquet")
    table = read_table("t.parquet")
    assert (table.kind, table.frame.index.tolist()) == ("parquet", [2, 3])
    assert table.frame["price"].dtype == float and table.frame["day"].dtype.kind == "M"
    assert table.frame["code"].tolist() == ["x", "y"]


def test_a_broken_parquet_file_is_refused():
    open("t.parquet", "wb").write(b"PAR1 and no footer")
    (problem,) = refused("t.parquet")
    assert problem.startswith("t.parquet: is not a readable Parquet file (") and problem.endswith(
        "). Write it again."
    )


def test_nameless_columns_are_dropped_when_blank_and_named_when_not():
    open("t.csv", "w").write("a,,b,\n1,,2,x\n")
    assert read_table("t.csv").frame.to_dict("list") == {"a": ["1"], "b": ["2"], "(column 4)": ["x"]}


def test_headers_are_compared_without_case_accents_and_signs():
    assert squeeze("Fecha de_la-Devolución ") == squeeze("fecha-de-la-devolucion") == "fechadeladevolucion"


def test_decode_names_what_it_found():
    assert decode("x", "é".encode()) == ("é", "utf-8")


def test_a_row_that_is_cut_off_behind_a_column_that_is_not_read_is_still_a_row():
    open("r.txt", "w", encoding="utf-8").write("buyer-name\tsku\tquantity\nAnn\tA\t1\nBob\n")
    table = read_table("r.txt", keep_ragged=True, keep=lambda header: header != "buyer-name")
    assert len(table.frame) + len(table.ragged) == 2


def test_a_stray_control_character_is_forgiven_in_a_short_file_too():
    open("c.csv", "w", encoding="utf-8").write("sku,note\nA,on\x05e\n")
    assert read_table("c.csv").frame["note"].tolist() == ["on\x05e"]
    open("d.csv", "wb").write(b"sku,note\nA,\x01\x02\x03\x04\n")
    assert "is not a text table" in refused("d.csv")[0]
