"""Writes the small corpus of fuzz/corpus: one road, two invented people, one square. Same bytes every time."""

import io
import pathlib
import struct
import zipfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent / "fuzz" / "corpus"


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def message(field, content):
    return varint(field << 3 | 2) + varint(len(content)) + content


def number(field, n):
    return varint(field << 3) + varint(n)


def frame(kind, content):
    blob = number(2, len(content)) + message(3, zlib.compress(content, 9))
    head = message(1, kind) + number(3, len(blob))
    return struct.pack(">I", len(head)) + head + blob


def road_map():
    """Five nodes in a line and one residential way along them."""
    header = b"".join(message(4, f) for f in (b"OsmSchema-V0.6", b"DenseNodes"))
    strings = b"".join(message(1, s) for s in (b"", b"highway", b"residential", b"oneway", b"yes"))
    steps = varint(20_000) * 5
    nodes = message(1, b"\x02" * 5) + message(8, steps) + message(9, steps)
    way = number(1, 7) + message(2, b"\x01\x03") + message(3, b"\x02\x04") + message(8, b"\x02" * 5)
    block = message(1, strings) + message(2, message(2, nodes)) + message(2, message(3, way))
    return frame(b"OSMHeader", header) + frame(b"OSMData", block)


ROWS = (("编号", "姓名", "类别"), ("K1", "王某福", "孤儿"), ("K2", "李某贵", "孤儿"))


def workbook():
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    cells = lambda i, row: "".join(
        f'<c r="{c}{i}" t="inlineStr"><is><t>{t}</t></is></c>' for c, t in zip("ABC", row)
    )
    rows = "".join(f'<row r="{i}">{cells(i, row)}</row>' for i, row in enumerate(ROWS, 1))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Override PartName="/xl/workbook.xml" '
        f'ContentType="{kind}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="a" sheetId="1" '
        f'r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text.encode())
    return out.getvalue()


def main():
    text = "\n".join(",".join(row) for row in ROWS) + "\n"
    square = '{"type":"Polygon","coordinates":[[[-1,-1],[1,-1],[1,1],[-1,1],[-1,-1]]]}'
    files = {
        "map/sound.osm.pbf": road_map(),
        "workbook/roster.xlsx": workbook(),
        "csv/utf8.csv": text.encode(),
        "csv/gb18030.csv": text.encode("gb18030"),
        "csv/utf16.csv": text.encode("utf-16-le"),
        "csv/quotes.csv": text.replace("王某福", '"王""某\n福"').encode(),
        "area/square.geojson": square.encode(),
    }
    for name, content in files.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
