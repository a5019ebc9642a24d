import io
import urllib.request

import numpy as np

href = "https://data.source.coop/tessera/tessera/npy/v1/2021/grid_0.15_52.25/grid_0.15_52.25.npy"
scales_href = "https://data.source.coop/tessera/tessera/npy/v1/2021/grid_0.15_52.25/grid_0.15_52.25_scales.npy"


def fetch(url):
    # The host refuses some default user agents: say who you are.
    request = urllib.request.Request(url, headers={"User-Agent": "my-project/1.0 (mail@example.org)"})
    with urllib.request.urlopen(request) as response:
        return np.load(io.BytesIO(response.read()))


stored = fetch(href)  # (rows, columns, 128), int8
scales = fetch(scales_href)  # (rows, columns), float32: one scale for each vector
vectors = stored.astype("float32") * (scales[..., np.newaxis] if scales.ndim == 2 else scales)

vector = vectors[vectors.shape[0] // 2, vectors.shape[1] // 2]
print(vector.shape, vector[:3].round(4).tolist())
