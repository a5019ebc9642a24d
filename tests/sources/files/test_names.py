import pytest

from atlas.sources.files.names import name_facts


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("a/31TDF_2024-01-01_2025-01-01.parquet", "2024-01-01T00:00:00", "2024-12-31T23:59:59.999999"),
        ("01WCN_20190518_20231021_v001.gpq", "2019-05-18T00:00:00", "2023-10-21T23:59:59.999999"),
        ("wa/2021/m_4007201_ne_18_060_20211105.parquet", "2021-11-05T00:00:00", "2021-11-05T23:59:59.999999"),
        ("gzd=10S/year=2024/month=12/x.parquet", "2024-12-01T00:00:00", "2024-12-31T23:59:59.999999"),
        ("2024/U/1/L/7/471U_587L.tif", "2024-01-01T00:00:00", "2024-12-31T23:59:59.999999"),
    ],
)
def test_names_say_when(name, start, end):
    facts = name_facts(name)
    assert (facts.start.isoformat().removesuffix("+00:00"), facts.end.isoformat().removesuffix("+00:00")) == (
        start,
        end,
    )


@pytest.mark.parametrize("name", ["31TDF_2024-02-30_2025-01-01.parquet", "01WCN_20231021_20190518_v001.gpq"])
def test_dates_that_do_not_exist_are_refused(name):
    with pytest.raises(ValueError):
        name_facts(name)


def test_other_names_say_nothing():
    assert name_facts("part_00001-00050.parquet").start is None
