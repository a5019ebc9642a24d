"""The row group of an Item is found by its id, at any number of them."""

import numpy as np
import pyarrow as pa

from atlas.store.cold.ids import IdIndex, bucket_of, groups_in

GROUPS = [[f"tile-{n}" for n in range(first, first + 1_500)] for first in range(0, 6_000, 1_500)]


def index(groups):
    made = IdIndex()
    for ids in groups:
        made.next_group()
        for part in (ids[:1_000], ids[1_000:]):
            made.add(pa.array(part, pa.string()), np.full(len(part), 2020))
    return made


def test_every_id_is_in_the_entries_of_its_bucket_with_its_group():
    made = index(GROUPS)
    rows = dict(made.rows())
    assert made.buckets == 6
    assert sum(len(entries) for entries in rows.values()) == 8 * 6_000
    for number, ids in enumerate(GROUPS):
        assert all(number in groups_in(rows[bucket_of(one, made.buckets)], one) for one in ids)
    unknown = [groups_in(rows[bucket_of(f"other-{n}", made.buckets)], f"other-{n}") for n in range(1_000)]
    assert not any(unknown)


def test_an_id_in_several_groups_has_all_of_them():
    rows = dict(index([["a", "b"], ["b"]]).rows())
    assert (groups_in(rows[0], "a"), groups_in(rows[0], "b")) == ({0}, {0, 1})


def test_no_items_have_no_entries():
    assert list(index([]).rows()) == []
    assert list(index([[]]).rows()) == []


def test_ids_are_repeated_within_a_year_only():
    made = IdIndex()
    made.next_group()
    made.add(pa.array(["a", "b", "a", "a"]), np.array([2020, 2020, 2021, 2020]))
    assert made.repeated() == 1
    assert made.lacks(pa.array(["a", "c"])).tolist() == [False, True]
