"""The page "Which product is this file from?": what it says about a chosen or dropped file."""

import json
from pathlib import Path

import icechunk
import pytest
import zarr

pytestmark = pytest.mark.browser

TILE = Path(__file__).parents[1] / "read" / "data" / "aef_10x10.tif"


def repository(folder: Path) -> Path:
    """As the icechunk library writes it: years, bands and pixels of one zone, as dClimate's store has them."""
    made = icechunk.Repository.create(icechunk.local_filesystem_storage(str(folder)))
    session = made.writable_session("main")
    zone = zarr.open_group(session.store, mode="w").create_group("utm33")
    zone.create_array("embeddings", shape=(9, 128, 64, 64), dtype="int8", chunks=(1, 128, 64, 64))[:] = 1
    zone.create_array("scales", shape=(9, 64, 64), dtype="float32")
    session.commit("one zone")
    return folder


def test_a_file_is_told_without_leaving_the_machine(visit, tmp_path):
    store = tmp_path / "store"
    (store / "embeddings").mkdir(parents=True)
    (store / "zarr.json").write_text(json.dumps({"zarr_format": 3, "node_type": "group"}))
    array = {"zarr_format": 3, "node_type": "array", "shape": [1, 128, 8, 8], "data_type": "int8"}
    (store / "embeddings" / "zarr.json").write_text(json.dumps(array))
    with visit("identify.html") as page:
        page.set_input_files("#identify-file", TILE)
        said, found = page.locator("[data-said]"), page.locator("[data-found]")
        page.get_by_text("aef_10x10.tif (GeoTIFF): fits").wait_for()
        told = found.locator("li", has_text="its bands are named A00 to A63")
        assert told.get_attribute("title") == "Field embedding.band_names of the record"
        assert "embedding." not in found.inner_text()
        assert "x = sign(v) · (|v| / 127.5)^2" in found.inner_text()
        assert found.locator("a").first.get_attribute("href").endswith("products/aef-v1-annual.html")
        page.set_input_files("#identify-file", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"int8 A00"})
        page.get_by_text("a.txt (not a known format of vectors): it fits no product of the catalogue.").wait_for()
        assert found.inner_text() == ""
        page.set_input_files("#identify-file", {"name": "b.tif", "mimeType": "", "buffer": TILE.read_bytes()[:40]})
        page.get_by_text("b.tif begins like a file that may hold vectors, but cannot be read").wait_for()
        page.set_input_files("#identify-folder", store)
        page.get_by_text("store (Zarr): may belong to").wait_for()
        page.set_input_files("#identify-folder", repository(tmp_path / "repository"))
        page.get_by_text("repository (Icechunk): may belong to 1 product").wait_for()
        assert found.locator("a").first.get_attribute("href").endswith("products/tessera-v1.1-dclimate.html")
        assert "128 stored numbers per vector" in found.inner_text()
        assert said.get_attribute("aria-live") == "polite"
        # As a file manager drops it.
        page.evaluate(
            """bytes => {
              const data = new DataTransfer();
              data.items.add(new File([new Uint8Array(bytes)], "dropped.tif"));
              document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", { dataTransfer: data }));
            }""",
            list(TILE.read_bytes()),
        )
        page.get_by_text("dropped.tif (GeoTIFF): fits").wait_for()
