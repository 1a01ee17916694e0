import numpy as np
import pytest

from twinlib.data.text import words
from twinlib.data.text.table_files import head_of, read_table
from twinlib.errors import InputError

ROWS = [("Image", "subject"), ("ä b/1.jpg", "Zoë"), ("2.jpg", "001")]


def write(folder, text, encoding="utf-8"):
    file = folder / "t.csv"
    file.write_bytes(text.encode(encoding))
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_separators_encodings_and_ends_of_lines_make_no_difference(tmp_path, mark, end, encoding):
    table = read_table(write(tmp_path, end.join(mark.join(row) for row in ROWS), encoding), words.MANIFEST)
    assert table.frame.to_dict("list") == {"image": ["ä b/1.jpg", "2.jpg"], "subject": ["Zoë", "001"]}
    assert table.separator == mark
    assert table.notes == (("t.csv is no UTF-8; it was read as Windows-1252.",) if encoding == "cp1252" else ())


def test_cells_stay_what_was_typed(tmp_path):
    cells = ["001", "NA", "None", "nan", "1e5", "TRUE", "-0", "null", "1_000"]
    table = read_table(write(tmp_path, "subject,x\n" + "\n".join(f" {cell} ,1" for cell in cells)), words.MANIFEST)
    assert table.frame["subject"].tolist() == cells
    assert table.typed(("subject",)).dtypes["x"] == np.int64


def test_what_spreadsheets_leave_is_left_out(tmp_path):
    text = 'sep=;\r\nimage;subject;;\r\n\r\na.jpg;s;;\r\n;;;\r\n"b;\n.jpg";s;;\r\nc.jpg;s;;\r\n'
    table = read_table(write(tmp_path, text), words.MANIFEST)
    assert table.frame.to_numpy().tolist() == [["a.jpg", "s"], ["b;\n.jpg", "s"], ["c.jpg", "s"]]
    assert table.lines == [4, 6, 8]
    indexed = read_table(write(tmp_path, ",image\n0,a.jpg\n"), words.MANIFEST)  # as pandas writes its index
    assert indexed.frame["image"].tolist() == ["a.jpg"]


def test_accents_in_another_normal_form_are_the_same_text(tmp_path):
    table = read_table(write(tmp_path, "image,subject\n1.jpg,Zoe\u0308\n2.jpg,Zo\u00eb\n"), words.MANIFEST)
    assert table.frame["subject"].nunique() == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ("\ufeff \n", "it is empty"),
        ("image,subject\n", r"it has a head \(image, subject\), but no row"),
        ("image,subject\na,b\n\nc\n", "line 4 has 1 cells, its head 2"),
        ("image,subject\na,b,c\n", "line 2 has 3 cells, its head 2"),
        ('image,subject\na,"b\nc,d\n', "unexpected end of data.*quote that does not end"),
        ('image,subject\n"a"b,c\n', "quote that does not end"),
        ("image,x,x\na,1,2\n", "the column 'x' occurs twice"),
        ("image,Image \na,b\n", "the columns 'image' and 'Image' both mean image"),
        ("file,filename\na,b\n", "both mean path"),
    ],
)  # fmt: skip
def test_broken_tables_are_refused_by_line_and_remedy(tmp_path, text, message):
    with pytest.raises(InputError, match=rf"t\.csv.*{message}"):
        read_table(write(tmp_path, text), words.MANIFEST)


def test_two_encodings_in_one_file_are_refused(tmp_path):
    (tmp_path / "t.csv").write_bytes("image\nä.jpg\n".encode() + "ö.jpg\n".encode("cp1252"))
    with pytest.raises(InputError, match="mixes encodings: line 2 is UTF-8, line 3 is not"):
        read_table(tmp_path / "t.csv", words.MANIFEST)


def test_numbers_with_a_decimal_comma(tmp_path):
    table = read_table(write(tmp_path, "image;x\na;0,5\nb;1.5\n"), words.MANIFEST)
    assert table.numbers(["x"]).tolist() == [[0.5], [1.5]]
    for bad in ("", "inf", "1,5"):
        with pytest.raises(InputError, match=rf"row 3: wanted a number, found '{bad}' in x"):
            read_table(write(tmp_path, f'image,x\na,1\nb,"{bad}"\n'), words.MANIFEST).numbers(["x"])


def test_the_head_alone(tmp_path):
    assert head_of(write(tmp_path, "\nanna;berta\n")) == ["anna", "berta"]
    assert head_of(write(tmp_path, "")) == []
