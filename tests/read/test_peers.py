"""Other readers of single products give the same numbers, each in its own environment."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio

from atlas.read import restore
from tests.environments import own_environment

DATA = Path(__file__).parent / "data"
SCALED = {"method": "per_vector_scale", "scale_asset": "scales"}
AEF = {"method": "signed_power", "divisor": 127.5, "exponent": 2, "nodata": -128, "nodata_rule": "any"}


def theirs(interpreter, code, folder):
    done = subprocess.run([str(interpreter), "-c", code], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]
    return np.load(folder / "theirs.npy")


@pytest.fixture
def tile(tmp_path):
    """Codes (y, x, vector) with their scales, some of them NaN."""
    random = np.random.default_rng(0)
    codes = random.integers(-127, 128, (20, 30, 128)).astype("int8")
    scales = random.uniform(0.01, 0.1, (20, 30)).astype("float32")
    scales[3, 4] = np.nan
    np.save(tmp_path / "codes.npy", codes)
    np.save(tmp_path / "scales.npy", scales)
    return codes, scales


@pytest.mark.slow
def test_zeit_restores_both_products_alike(tmp_path, tile):
    interpreter = own_environment("zeit", "--no-deps")
    load = "import numpy as np; c = np.load('codes.npy'); "
    code = (
        load + "from zeit._tessera import dequantise; s = np.load('scales.npy'); "
        "np.save('theirs.npy', np.moveaxis(dequantise(np.moveaxis(c, -1, 0), s), 0, -1))"
    )
    found = theirs(interpreter, code, tmp_path)
    assert np.array_equal(found, restore(tile[0], SCALED, scales=tile[1]).values, equal_nan=True)
    with rasterio.open(DATA / "aef_10x10.tif") as file:
        codes = file.read()
    codes[:, 2, 3] = -128
    np.save(tmp_path / "codes.npy", codes)
    code = load + "from zeit._alphaearth import dequantise; np.save('theirs.npy', dequantise(c))"
    found = theirs(interpreter, code, tmp_path)
    # theirs is single precision throughout
    assert np.allclose(found, restore(codes, AEF, axis=0).values, atol=1e-7, rtol=0, equal_nan=True)


@pytest.mark.slow
@pytest.mark.skipif(sys.version_info < (3, 12), reason="geotessera's reader needs Python 3.12")
def test_geotessera_restores_its_product_alike(tmp_path, tile):
    interpreter = own_environment("geotessera-reader", "--no-deps")
    code = (
        "import numpy as np; from geotessera.core import dequantize_embedding as d; "
        "np.save('theirs.npy', d(np.load('codes.npy'), np.load('scales.npy')))"
    )
    found = theirs(interpreter, code, tmp_path)
    ours = restore(tile[0], SCALED, scales=tile[1])
    assert np.array_equal(found[ours.valid], ours.values[ours.valid])
