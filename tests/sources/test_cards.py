import pytest

from atlas.sources.cards import read_card


def test_a_card_gives_its_keys():
    card = read_card(b"---\nlicense: cc-by-sa-4.0\ntags:\n- embeddings\n---\n# Title\n")
    assert card.data == {"license": "cc-by-sa-4.0", "tags": ["embeddings"]}
    assert card.fault is None


@pytest.mark.parametrize(
    ("text", "fault", "line"),
    [
        ("---\nlicense: x\nfeatures:\n- dtype: {list(float32}\n  name: [a\n---\n", "front matter is not YAML", 6),
        ("# no front matter\n", "has no front matter", None),
        ("---\n- a\n---\n", "is not a mapping", 2),
        ("---\na: &x [1]\nb: *x\n---\n", "aliases are not read", 3),
        ("---\na: !!python/object/apply:os.system ['true']\n---\n", "could not determine a constructor", 2),
        ("---\na: 2026-13-45\n---\n", "front matter is not YAML: month must be", None),
        ("---\n" + "[" * 5000 + "\n---\n", "front matter is not YAML", None),
    ],
)
def test_a_broken_card_is_reported_with_its_line(text, fault, line):
    card = read_card(text.encode())
    assert card.data == {}
    assert fault in card.fault
    if line is not None:
        assert card.line == line


def test_a_bomb_of_aliases_is_not_unfolded():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{n}: &{n} [{', '.join(['*' + p] * 9)}]" for p, n in zip("abcdefgh", "bcdefghi", strict=True)]
    assert "aliases are not read" in read_card(("---\n" + "\n".join(lines) + "\n---\n").encode()).fault


def test_a_huge_card_is_not_parsed():
    assert "the limit is" in read_card(b"---\n" + b"a" * 2_000_000).fault


def test_bytes_that_are_no_text_are_reported():
    assert "not UTF-8" in read_card(b"---\n\xff\xfe\n---\n").fault


def test_a_feature_type_that_does_not_close_is_reported_as_a_published_card_had_it():
    card = read_card(b"---\ndataset_info:\n- features:\n  - name: embedding\n    dtype: sequence(float32\n---\n")
    assert "'sequence(float32' is not a feature type" in card.fault
    assert card.data["dataset_info"]
