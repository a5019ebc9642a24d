"""The first view of any page: at most 100 KB of HTML, CSS, JavaScript and fonts, compressed."""

import gzip
from functools import cache

import lxml.html

LIMIT = 100_000


def compressed(data: bytes) -> int:
    return len(gzip.compress(data, 6))


def test_first_view_of_every_page(site):
    fonts = sum(p.stat().st_size for p in (site / "static" / "fonts").glob("*.woff2"))
    assert 20_000 < fonts < 60_000
    shared = cache(lambda file: compressed(file.read_bytes()))
    sizes = {}
    for page in site.rglob("*.html"):
        html = page.read_bytes()
        document = lxml.html.fromstring(html)
        files = document.xpath("//script/@src | //link[@rel='stylesheet']/@href")
        names = [f.partition("?")[0] for f in files]
        parts = [(site / n[1:] if n.startswith("/") else page.parent / n).resolve() for n in names]
        sizes[page.relative_to(site).as_posix()] = fonts + compressed(html) + sum(map(shared, parts))
    heaviest = sorted(sizes.items(), key=lambda x: -x[1])[:5]
    assert len(sizes) > 100
    assert heaviest[0][1] <= LIMIT, heaviest
