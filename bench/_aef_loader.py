"""Reads a window with aef-loader, in an interpreter that has it.

Arguments: endpoint, bucket, key, first row and column, size. For each line of its input it reads once, and prints the
seconds and the sum of the vectors, as JSON. The loader knows Source Cooperative's bucket only:
its store is replaced by one of the same client for another endpoint.
"""

import asyncio
import json
import sys
import time
from typing import Any

__all__: list[str] = []


def main() -> None:
    """Open, dequantise, print."""
    # Not in the environment of the atlas.
    from aef_loader import VirtualTiffReader  # type: ignore[import-not-found]
    from aef_loader.types import AEFTileInfo  # type: ignore[import-not-found]
    from aef_loader.utils import dequantize_aef  # type: ignore[import-not-found]
    from obstore.store import S3Store

    endpoint, bucket, key, *numbers = sys.argv[1:]
    row, size = map(int, numbers)

    class Reader(VirtualTiffReader):  # type: ignore[misc] # see above
        def _get_s3_store(self, bucket: str) -> S3Store:
            return S3Store(
                bucket,
                endpoint=endpoint,
                region="us-east-1",
                virtual_hosted_style_request=False,
                skip_signature=True,
                client_options={"allow_http": True},
            )

    tile = AEFTileInfo(key, f"s3://{bucket}/{key}", 2024, (3, 51, 4, 52), 32631, utm_zone="31N")

    async def window() -> Any:  # noqa: ANN401 - an array
        async with Reader() as reader:
            tree = await reader.open_tiles_by_zone([tile])
            part = tree["31N"]["embeddings"].isel(time=0, y=slice(row, row + size), x=slice(row, row + size))
            return dequantize_aef(part).values

    for _ in sys.stdin:
        begin = time.perf_counter()
        values = asyncio.run(window())
        seconds = time.perf_counter() - begin
        print(json.dumps({"seconds": seconds, "sum": float(values.sum())}), flush=True)


if __name__ == "__main__":
    main()
