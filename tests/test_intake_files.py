"""Text files as they come: encodings, line ends, delimiters."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import intake
from data.intake import IntakeError, lines
from data.intake.containers import open_file
from data.intake.encodings import ENCODINGS, WHOLE
from tests.made_uploads import HEADER, ROWS, code, opened

VOLUMES = "month,city,platform,parcels\n"
RECORDS = [list(HEADER), ["2024-01", "杭州", "菜鸟", "3"], ["2024-01", "金华", "多多", "4"]]
TRADITIONAL = "月份,城市,平臺,件量\n2024-01,廣州,菜鳥驛站,3\n2024-02,東莞,多多驛站,4\n"


def read(text, dataset="volumes", **options):
    return intake.read(text.encode(), dataset, **options)


def problems(found, *columns):
    return found.problems[list(columns)].to_numpy().tolist()


# encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_encoding_is_detected(tmp_path, encoding):
    sheet, records = opened(ROWS.encode(encoding), tmp_path)
    assert records == RECORDS
    assert sheet.encoding == {"utf-8-sig": "utf-8", "gbk": "gb18030"}.get(encoding, encoding)
    assert sheet.encodings[0] == sheet.encoding


def test_big5_is_told_from_gb18030(tmp_path):
    sheet, records = opened(TRADITIONAL.encode("cp950"), tmp_path)
    assert (sheet.encoding, records[1]) == ("big5", ["2024-01", "廣州", "菜鳥驛站", "3"])
    sheet, records = opened(TRADITIONAL.encode("gb18030"), tmp_path)
    assert (sheet.encoding, records[1]) == ("gb18030", ["2024-01", "廣州", "菜鳥驛站", "3"])


PLACES = (
    "幸福路三十二号楼下",
    "人民大道与解放路交叉口西南角",
    "老王小卖部",
    "便民超市",
    "城西银泰旁",
    "学院路校区快递中心",
)


@given(st.lists(st.sampled_from(PLACES), min_size=1, max_size=20), st.sampled_from(["gb18030", "utf-8", "utf-16"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_addresses_alone_tell_the_encoding(tmp_path, places, encoding):
    text = "名称,地址\n" + "".join(f"{n},{place}\n" for n, place in enumerate(places))
    assert opened(text.encode(encoding), tmp_path)[0].encoding == encoding


def test_marks_alone_tell_the_encoding(tmp_path):
    text = "name,note\n1,Owner’s\n2,25℃\n3,（×）\n"
    assert opened(text.encode("gb18030"), tmp_path)[0].encoding == "gb18030"
    assert opened(text.encode("gb18030"), tmp_path)[1][1] == ["1", "Owner’s"]


def test_rare_characters_of_gb18030(tmp_path):
    assert opened(ROWS.replace("金华", "𠮷𠮷").encode("gb18030"), tmp_path)[1][2][1] == "𠮷𠮷"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encoding_can_be_given(tmp_path, encoding):
    text = VOLUMES + "2024-01,330100,jd,3\n"
    sheet, records = opened(text.encode(encoding), tmp_path, encoding=encoding)
    assert (sheet.encoding, records[1]) == (encoding, ["2024-01", "330100", "jd", "3"])


def test_text_that_two_encodings_could_be_offers_both(tmp_path):
    raw = "件量".encode("gb18030") + b",a\n1,2\n"
    assert opened(raw, tmp_path)[0].encodings == ("gb18030",)
    sheet, _ = opened("\u04bc\u04ce,a\n1,2\n".encode(), tmp_path)
    assert sheet.encodings[0] == "utf-8"


@pytest.mark.parametrize(
    ("raw", "encoding", "expected"),
    [
        (ROWS.encode("gb18030"), "utf-8", {"code": "wrong_encoding", "row": "1"}),
        ((VOLUMES * 5 + "月").encode("gb18030") + b"\n", "utf-8", {"code": "wrong_encoding", "row": "6"}),
        (ROWS.encode("utf-8") + b"\xff\n", "gb18030", {"code": "wrong_encoding", "row": "4"}),
        (ROWS.encode("utf-16") + b"a", None, {"code": "mixed_encoding"}),
        (ROWS.encode("utf-8"), "latin-1", {"code": "unknown_encoding"}),
        (ROWS.encode() + "2024-02,杭州,菜鸟,5\n".encode("gbk"), None, {"code": "mixed_encoding", "row": "4"}),
        (ROWS.encode("gbk") * 3 + "2024-02,杭州,菜鸟驿站,5\n".encode(), None, {"code": "mixed_encoding", "row": "10"}),
    ],
)
def test_wrong_and_mixed_encodings_name_the_line(tmp_path, raw, encoding, expected):
    with pytest.raises(IntakeError) as caught:
        open_file(raw, folder=tmp_path, encoding=encoding)
    assert {"code": caught.value.code, **caught.value.values}.items() >= expected.items()
    assert code(raw, tmp_path, encoding=encoding) == expected["code"]


def test_encoding_given_overrules_a_mixture(tmp_path):
    raw = ROWS.encode("gbk") * 3 + "2024-02,杭州,菜鸟驿站,5\n".encode()
    assert opened(raw, tmp_path, encoding="gbk")[1][1] == RECORDS[1]


def test_large_files_are_detected_from_their_parts_and_decoded_whole(tmp_path):
    text = ROWS + "2024-02,杭州,菜鸟,5\n" * (WHOLE // 20) + "2024-03,金华,𠮷,6\n"
    sheet, _ = opened(text.encode("gb18030"), tmp_path)
    assert sheet.encoding == "gb18030"
    assert sheet.path.read_text("utf-8") == text


@given(st.text(st.sampled_from('杭州菜鸟,\n\r"aé𠮷'), max_size=200), st.integers(1, 9))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_transcoding_in_pieces_changes_nothing(tmp_path, text, size):
    from data.intake import decode

    path, target = tmp_path / "a", tmp_path / "b"
    for encoding in ("gb18030", "utf-16-le"):
        path.write_bytes(text.encode(encoding))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(decode, "CHUNK", size)
            decode.transcode(path, target, encoding, code="wrong_encoding")
        assert target.read_bytes().decode() == text


# lines and delimiters


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(tmp_path, delimiter):
    sheet, records = opened(ROWS.replace(",", delimiter).encode(), tmp_path)
    assert (records, sheet.delimiter) == (RECORDS, delimiter)


def test_delimiter_is_that_of_the_table_not_of_its_cells(tmp_path):
    text = "2024年业务量,单位：件,草稿\n月份;城市;平台;件量\n2024-01;杭州;菜鸟;1,250,000\n2024-02;杭州;菜鸟;1,350,000\n"
    sheet, records = opened(text.encode(), tmp_path)
    assert (sheet.delimiter, sheet.header_row, records[2][3]) == (";", 2, "1,250,000")
    assert opened(b"sep=|\na|b,c\n1|2,3\n", tmp_path)[0].delimiter == "|"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_newline(tmp_path, newline):
    assert opened(ROWS.replace("\n", newline).encode(), tmp_path)[1] == RECORDS


@pytest.mark.parametrize("end", ["", "\n\n\n", "\x1a", "\n\x1a", "\0\0\0\0", " \r\n\t\n"])
def test_what_follows_the_last_row_is_no_row(tmp_path, end):
    _, records = opened((ROWS.rstrip("\n") + end).encode(), tmp_path)
    stripped = [[cell.strip() for cell in record] for record in records]
    assert [record for record in stripped if any(record)] == RECORDS


def test_plain_file_is_used_where_it_is(tmp_path):
    path = tmp_path / "件 量's.csv"
    for raw in (ROWS.encode(), ROWS.encode("utf-8-sig"), ROWS.replace("\n", "\r\n").encode()):
        path.write_bytes(raw)
        assert opened(path, tmp_path)[0].path == path
        assert path.read_bytes() == raw


def test_name_that_means_several_files_is_read_as_one(tmp_path):
    for name in ("a*.csv", "[x].csv"):
        (tmp_path / name).write_text(ROWS)
        sheet, records = opened(tmp_path / name, tmp_path)
        assert records == RECORDS
        assert not set("*?[") & set(str(sheet.path))


def _duckdb_rows(sheet, folder):
    """Number of each record that is not blank and its cells, as the checking reads them."""
    import duckdb

    width = 8
    columns = {f"c{n}": "VARCHAR" for n in range(width)}
    found = duckdb.sql(
        f"SELECT row_number() OVER () AS row, * FROM read_csv($path, auto_detect=false, header=false, delim=$delim, "
        f"quote='\"', escape='\"', strict_mode=false, null_padding=true, parallel=false, columns={columns})",
        params={"path": str(sheet.path), "delim": sheet.delimiter},
    ).fetchall()
    rows = {row: [cell or "" for cell in cells] for row, *cells in found}
    return {row: cells for row, cells in rows.items() if any(map(str.strip, cells))}


CELLS = st.sampled_from(["杭州", "", "a", "1", " ", '"x"', '"a\nb"', '"a\n\nb"', '"say ""no"""', '5" wide', "“"])


@given(
    st.lists(st.one_of(st.just([]), st.lists(CELLS, min_size=2, max_size=4)), min_size=1, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_line_outside_quotes_is_a_record(tmp_path, table, newline):
    text = newline.join(["月份,城市,平台,件量", *(",".join(cells) for cells in table), "z,z,z,z"]) + newline
    sheet, _ = opened(text.encode(), tmp_path)
    found = _duckdb_rows(sheet, tmp_path)
    expected = {
        n: cells
        for n, line in enumerate([["月份", "城市", "平台", "件量"], *table, list("zzzz")], 1)
        if any(map(str.strip, cells := [_unquoted(cell) for cell in line]))
    }
    assert {n: cells[: len(expected[n])] for n, cells in found.items()} == expected


def _unquoted(cell):
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


@given(st.text(st.sampled_from('ab,\n\r" '), max_size=60), st.integers(1, 7))
def test_mending_in_pieces_is_mending_at_once(text, size):
    def mended(parts):
        try:
            return "".join(lines.mended(parts, ","))
        except IntakeError as error:
            return error.code

    text = text.replace("\r", "")
    assert mended(text[n : n + size] for n in range(0, len(text), size)) == mended([text])


@given(st.binary(max_size=120), st.sampled_from([2, 3, 5, 64]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_scan_is_the_same_at_any_step(tmp_path, raw, step):
    path = tmp_path / "x"
    path.write_bytes(raw + b"x")
    text = raw + b"x"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_STEP", step)
        ends = lines.scan(path)
    returns = text.replace(b"\r\n", b"\n")
    assert ends.bare == (b"\r" in returns)
    assert ends.quotes == text.count(b'"')
    assert ends.zeros == (b"\0" in text)
    if not ends.bare:
        assert ends.blank == (returns.startswith(b"\n") or b"\n\n" in returns)
