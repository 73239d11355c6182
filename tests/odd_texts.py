"""Odd texts: encodings, marks of byte order, delimiters, quotes, line ends, and files that are no text at all."""

import gzip

from tests.made_uploads import compound, zipped
from tests.odd_files import BASE, HEAD, NONE, ROWS, kept, odd, one

MARKED = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16": b"",
    "utf-16-le": b"",
    "utf-16-be": b"",
    "gb18030": b"",
    "gbk": b"",
    "gb2312": b"",
}
TRADITIONAL = "月份,城市,平台,件量\n2024-01,杭州,Cainiao,3\n2024-01,杭州,Duoduo,4\n"
QUOTED = '"月份","城市","平台","件量"\n"2024-01","杭州","菜鸟","3"\n"2024-01","金华","多多","4"\n'
NOTED = '月份,城市,平台,件量,备注\n2024-01,杭州,菜鸟,3,"第一行\n第二行, ""引号"""\n2024-01,金华,多多,4,\n'
SEP = "sep=;\n" + ROWS.replace(",", ";")
GEO = b'{"type": "FeatureCollection", "features": [{"ty'

TEXTS = [
    *(odd(f"encoding {name}", ROWS.encode(name), BASE) for name in MARKED),
    odd("BOM before UTF-16 big-endian", b"\xfe\xff" + ROWS.encode("utf-16-be"), BASE),
    odd("BOM before UTF-8 twice", b"\xef\xbb\xbf" * 2 + ROWS.encode(), BASE),
    odd("BOM of GB18030", b"\x84\x31\x95\x33" + ROWS.encode("gb18030"), BASE),
    odd("Big5", TRADITIONAL.encode("big5"), (
        BASE[0], ("2024-01", "330100", "duoduo", 4))),
    odd("encoding given", ROWS.encode("gb18030"), BASE, encoding="gb18030"),
    odd("wrong encoding given", ROWS.encode("gb18030"), "wrong_encoding", encoding="utf-8"),
    odd("unknown encoding given", ROWS, "unknown_encoding", encoding="latin-1"),
    odd("mixed encodings", ROWS.encode() + "2024-02,杭州,菜鸟,5\n".encode("gbk"), "mixed_encoding"),
    odd("GBK with a line of UTF-8", ROWS.encode("gbk") * 3 + "2024-02,杭州,菜鸟驿站,5\n".encode(), "mixed_encoding"),
    odd("UTF-16 of an odd length", ROWS.encode("utf-16") + b"a", "mixed_encoding"),
    odd("UTF-32", ROWS.encode("utf-32"), "no_encoding"),
    odd("Latin-1", "ville,qté\nOrléans,3\nNîmes,4\n".encode("latin-1"), "no_encoding"),
    odd("semicolons", ROWS.replace(",", ";"), BASE),
    odd("tabs", ROWS.replace(",", "\t"), BASE, name="file.tsv"),
    odd("tabs with the ending .csv", ROWS.replace(",", "\t"), BASE),
    odd("bars", ROWS.replace(",", "|"), BASE),
    odd("tabs in GB18030 called .xls", ROWS.replace(",", "\t").encode("gb18030"), BASE, name="导出.xls"),
    odd("CSV called .xlsx", ROWS, BASE, name="file.xlsx"),
    odd("CSV called .pdf", ROWS, BASE, name="file.pdf"),
    odd("a file name that climbs", ROWS, BASE, name="../../etc/月报.csv"),
    odd("a file name of Windows", ROWS, BASE, name="C:\\a\\b.csv"),
    odd("a file name that is hostile", ROWS, BASE, name="=cmd|'/c calc'!A1\u202e\n<script>.csv"),
    odd("a file name of 1,000 characters", ROWS, BASE, name="长" * 1000 + ".csv"),
    odd("no file name", ROWS, BASE, name=""),
    odd("a line that names the delimiter", SEP, BASE),
    odd("all quoted", QUOTED, BASE),
    odd("quoted newline", NOTED, BASE, "unknown_column@1"),
    odd("lines that end with CR LF", ROWS.replace("\n", "\r\n"), BASE),
    odd("lines that end with CR", ROWS.replace("\n", "\r"), BASE),
    odd("mixed line ends", HEAD.replace("\n", "\r\n") + ROWS.split("\n", 1)[1], BASE),
    odd("no newline at the end", ROWS.rstrip("\n"), BASE),
    odd("blank lines between", ROWS.replace("\n2024-01,金", "\n\n,,,\n2024-01,金"), BASE),
    odd("trailing commas", ROWS.replace("\n", ",,\n"), BASE, "unknown_column@1", "unknown_column@1"),
    odd("a short row", ROWS + "2024-02,杭州\n", BASE, "blank_cell@4", "blank_cell@4"),
    odd("a long row", ROWS + "2024-02,杭州,菜鸟,5,9\n", BASE, "too_many_cells@4"),
    odd("unclosed quote", HEAD + '2024-01,"杭州,菜鸟,3\n2024-01,金华,多多,4\n', "unclosed_quote"),
    odd("a quote within a cell", one('3"'), NONE, "not_a_number@2"),
    odd("nothing", b"", "empty_file"),
    odd("spaces and newlines", b" \n\r\n\t\n", "empty_file"),
    odd("a BOM alone", b"\xef\xbb\xbf", "empty_file"),
    odd("header only", HEAD, "header_only"),
    odd("header and blank rows", HEAD + ",,,\n" * 50, "header_only"),
    odd("NUL in the text", ROWS.replace("杭", "\0杭"), "binary"),
    odd("zeros", bytes(3000), "empty_file"),
    odd("one very long line", b"a" * 3_000_000, "long_line"),
    odd("a very long cell on top", b"a,b\n1," + b"x" * 200_000 + b"\n", "long_cell"),
    odd("10,000 columns", lambda: ",".join(f"c{n}" for n in range(10_000)).encode() + b"\n1\n", "too_many_columns"),
    odd("999 columns", lambda: (HEAD[:-1] + ",x" * 995 + "\n2024-01,杭州,菜鸟,3" + ",a" * 995 + "\n").encode(),
        kept(), *["unknown_column@1"] * 995),
    odd("HTML called .xls", b"<html><body><table><tr><td>1</td></tr></table>", "not_csv", name="导出.xls"),
    odd("HTML in GBK called .xls", "<html><head><meta charset=gbk></head><table><tr><td>月份</td></tr>".encode("gbk"),
        "not_csv", name="导出.xls"),
    odd("XML of Excel 2003", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "not_csv", name="a.xls"),
    odd("JSON of records", '[{"月份": "2024-01", "城市": "杭州", "平台": "菜鸟", "件量": 3}]', kept(), name="file.csv"),
    odd("JSON cut short", GEO, "broken_json", name="file.csv"),
    odd("JSON that is one text", '"月份"', "header_only", name="a.json"),
    odd("PDF", b"%PDF-1.7\n%\xe2\xe3", "not_csv"),
    odd("PNG", b"\x89PNG\r\n\x1a\n" + bytes(50), "not_csv"),
    odd("Word of 1997", lambda: compound("WordDocument", b"x"), "not_csv", name="a.doc"),
    odd("docx", lambda: zipped(**{"[Content_Types]_DOT_xml": "", "word/document_DOT_xml": ""}), "not_csv",
        name="a.docx"),
    odd("random bytes", bytes(range(256)) * 4, "binary"),
    odd("gz of text", lambda: gzip.compress(ROWS.encode("gb18030")), BASE, name="file.csv.gz"),
    odd("gz called .csv", lambda: gzip.compress(ROWS.encode()), BASE),
    odd("gz cut short", lambda: gzip.compress(ROWS.encode() * 99)[:-9], "broken_archive"),
    odd("gz in a gz", lambda: gzip.compress(gzip.compress(ROWS.encode())), "nested_archive"),
    odd("gz bomb", lambda: gzip.compress(b"0,0\n" * 6_000_000), "bomb"),
]  # fmt: skip
