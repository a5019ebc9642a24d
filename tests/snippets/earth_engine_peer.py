"""A server for the part of Earth Engine's REST protocol that the snippets use, over a small collection.

It serves the discovery document and the list of algorithms that Google ships with its client, checks each call of an
expression against that list (names, arguments, what must be given), and evaluates what the snippets use as Earth Engine
documents it. Whatever else is asked for is refused as Earth Engine refuses it: nothing is answered unread.
"""

import dataclasses
import datetime as dt
import http.server
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from pyproj import Transformer

ASSET = "GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL"
BANDS = [f"A{n:02d}" for n in range(64)]
SIDE, STEP = 163_840, 10
TOKEN = "Bearer token-of-the-test"


class RefusedError(Exception):
    """A request that Earth Engine would answer with an error."""

    def __init__(self, message: str, code: int = 400) -> None:
        super().__init__(message)
        self.code = code


@dataclasses.dataclass(frozen=True)
class Image:
    """One image of a year: cell (i, j) of a UTM zone's grid, in the producer's layout."""

    year: int
    epsg: int
    i: int
    j: int
    empty: bool = False

    @property
    def started(self) -> dt.datetime:
        return dt.datetime(self.year, 1, 1, tzinfo=dt.UTC)

    def pixel(self, lon: float, lat: float) -> tuple[int, int] | None:
        x, y = Transformer.from_crs("OGC:CRS84", self.epsg, always_xy=True).transform(lon, lat)
        west, north = 500_000 + self.i * SIDE, (self.j + 1) * SIDE
        row, column = int((north - y) // STEP), int((x - west) // STEP)
        return (row, column) if 0 <= row < SIDE // STEP and 0 <= column < SIDE // STEP else None

    def vector(self, row: int, column: int) -> np.ndarray:
        values = np.random.default_rng([self.year, self.i + 100, self.j + 1000, row, column]).normal(size=64)
        return values / np.linalg.norm(values)


@dataclasses.dataclass(frozen=True)
class Call:
    """A function with evaluated arguments, for functions that only describe something."""

    name: str
    arguments: dict[str, Any]


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def dates(filter_: Call, image: Image) -> bool:
    if filter_.arguments.get("rightField") != "system:time_start":
        message = "Filter.dateRangeContains: this server compares system:time_start only."
        raise RefusedError(message)
    period = filter_.arguments["leftValue"]
    return instant(period.arguments["start"]) <= image.started < instant(period.arguments["end"])


def meets(filter_: Call, image: Image) -> bool:
    if filter_.arguments.get("leftField") != ".all":
        message = "Filter.intersects: this server compares geometries only."
        raise RefusedError(message)
    point = filter_.arguments["rightValue"].arguments["geometry"]
    return image.pixel(*point.arguments["coordinates"]) is not None


@dataclasses.dataclass(frozen=True)
class Computed:
    """An image computed from others: its bands at a place, None where one has no data."""

    bands: Callable[[float, float], list[float] | None]
    names: list[str]


def computed(image: Any) -> Computed:
    """Any image as a computed one."""
    if isinstance(image, Computed):
        return image
    if not isinstance(image, Image):
        message = "this server works out images of the collection only."
        raise RefusedError(message)

    def bands(lon: float, lat: float) -> list[float] | None:
        pixel = image.pixel(lon, lat)
        return None if pixel is None or image.empty else image.vector(*pixel).tolist()

    return Computed(bands, BANDS)


def product(arguments: dict[str, Any]) -> Computed:
    """Bands by position, or one band against all: https://developers.google.com/earth-engine/apidocs/ee-image-multiply."""
    one, other = computed(arguments["image1"]), computed(arguments["image2"])
    if len(one.names) != len(other.names):
        message = "Image.multiply: this server multiplies images of as many bands."
        raise RefusedError(message)

    def bands(lon: float, lat: float) -> list[float] | None:
        pair = one.bands(lon, lat), other.bands(lon, lat)
        return None if None in pair else [a * b for a, b in zip(*pair, strict=True)]

    return Computed(bands, one.names)


def total(arguments: dict[str, Any]) -> Computed:
    """One band, named after the reducer: https://developers.google.com/earth-engine/apidocs/ee-image-reduce."""
    if arguments["reducer"] != Call("Reducer.sum", {}):
        message = "Image.reduce: this server reduces by the sum."
        raise RefusedError(message)
    image = computed(arguments["image"])

    def bands(lon: float, lat: float) -> list[float] | None:
        values = image.bands(lon, lat)
        return None if values is None else [sum(values)]

    return Computed(bands, ["sum"])


def constant(arguments: dict[str, Any]) -> Computed:
    """The values of a dictionary at every place; no data where one is missing."""
    values = [arguments["dictionary"].get(name) for name in arguments["names"]]
    return Computed(lambda _lon, _lat: None if None in values else values, arguments["names"])


DESCRIBING = {"DateRange", "Feature", "GeometryConstructors.Point", "Reducer.first", "Reducer.sum"}
FILTERS: dict[str, Callable[[Call, Image], bool]] = {"Filter.dateRangeContains": dates, "Filter.intersects": meets}


def load(images: list[Image], arguments: dict[str, Any]) -> list[Image]:
    if arguments["id"] != ASSET:
        message = (
            f"ImageCollection.load: ImageCollection asset '{arguments['id']}' not found "
            "(does not exist or caller does not have access)."
        )
        raise RefusedError(message, 404)
    return images


def region(arguments: dict[str, Any]) -> dict[str, float | None]:
    image, reducer, point = (arguments.get(name) for name in ("image", "reducer", "geometry"))
    if image is None:
        message = "Image.reduceRegion: Parameter 'image' is required and may not be null."
        raise RefusedError(message)
    if reducer != Call("Reducer.first", {}) or arguments.get("scale") != STEP or "crs" in arguments:
        message = "Image.reduceRegion: this server reduces by the first value at the collection's own scale."
        raise RefusedError(message)
    of = computed(image)
    values = of.bands(*point.arguments["coordinates"])
    return dict.fromkeys(of.names) if values is None else dict(zip(of.names, values, strict=True))


class Evaluator:
    """Evaluates expression graphs."""

    def __init__(self, algorithms: list[dict[str, Any]], images: list[Image]) -> None:
        self.signatures = {a["name"].removeprefix("algorithms/"): a for a in algorithms}
        self.images = images

    def run(self, expression: dict[str, Any]) -> Any:
        values = expression["values"]
        return self.node(values[expression["result"]], values)

    def node(self, node: dict[str, Any], values: dict[str, Any]) -> Any:
        ((kind, content),) = node.items()
        match kind:
            case "constantValue":
                return content
            case "integerValue":
                return int(content)
            case "valueReference":
                return self.node(values[content], values)
            case "arrayValue":
                return [self.node(v, values) for v in content["values"]]
            case "functionInvocationValue":
                arguments = {k: self.node(v, values) for k, v in content.get("arguments", {}).items()}
                return self.call(content["functionName"], arguments)
        message = f"Invalid value node: {kind}."
        raise RefusedError(message)

    def call(self, name: str, arguments: dict[str, Any]) -> Any:
        if name not in self.signatures:
            message = f"Unknown function '{name}'."
            raise RefusedError(message)
        known = {a["argumentName"]: a for a in self.signatures[name].get("arguments", [])}
        if strange := arguments.keys() - known.keys():
            message = f"{name}: Unknown argument '{min(strange)}'."
            raise RefusedError(message)
        if missing := [k for k, a in known.items() if not a.get("optional") and k not in arguments]:
            message = f"{name}: Parameter '{missing[0]}' is required."
            raise RefusedError(message)
        match name:
            case "ImageCollection.load":
                return load(self.images, arguments)
            case "Collection.filter":
                filter_ = arguments["filter"]
                return [i for i in arguments["collection"] if FILTERS[filter_.name](filter_, i)]
            case "Collection.first":
                return next(iter(arguments["collection"]), None)
            case "Image.reduceRegion":
                return region(arguments)
            case "Image.multiply":
                return product(arguments)
            case "Image.reduce":
                return total(arguments)
            case "Dictionary.toImage":
                return constant(arguments)
        if name in FILTERS or name in DESCRIBING:
            return Call(name, arguments)
        message = f"{name}: not a function of this server."
        raise RefusedError(message)


class Peer(http.server.ThreadingHTTPServer):
    """The server; `asked` lists the methods called."""

    def __init__(self, documents: Path, images: list[Image]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.discovery = json.loads((documents / "cloud_api_discovery_document.json").read_text("utf-8"))
        self.discovery |= {"rootUrl": f"{self.url}/", "baseUrl": f"{self.url}/", "mtlsRootUrl": f"{self.url}/"}
        self.projects = self.discovery["resources"]["projects"]["resources"]
        self.algorithms = json.loads((documents / "algorithms.json").read_text("utf-8"))
        self.evaluator = Evaluator(self.algorithms["algorithms"], images)
        self.asked: list[str] = []


class Handler(http.server.BaseHTTPRequestHandler):
    """Methods of the API, by path."""

    server: Peer
    protocol_version = "HTTP/1.1"

    def answer(self, code: int, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, error: RefusedError) -> None:
        status = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND"}[error.code]
        self.answer(error.code, {"error": {"code": error.code, "message": str(error), "status": status}})

    def read(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")

    def respond(self, routes: dict[str, Callable[[], object]]) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append(parts.path)
        try:
            if self.headers.get("Authorization") != TOKEN:
                message = "Request had invalid authentication credentials."
                raise RefusedError(message, 401)
            if parts.path not in routes:
                message = f"Not found: {parts.path}"
                raise RefusedError(message, 404)
            if "$discovery" in parts.path and parse_qs(parts.query).get("version") != ["v1"]:
                message = "Unknown version."
                raise RefusedError(message)
            self.answer(200, routes[parts.path]())
        except RefusedError as error:
            self.refuse(error)

    def path_of(self, resource: str, method: str) -> str:
        """The path of a method in the discovery document, in the only project."""
        template = self.server.projects[resource]["methods"][method]["path"]
        return "/" + re.sub(r"\{\+(project|parent)}", "projects/my-project", template)

    def do_GET(self) -> None:
        listing = self.path_of("algorithms", "list")
        self.respond({"/$discovery/rest": lambda: self.server.discovery, listing: lambda: self.server.algorithms})

    def do_POST(self) -> None:
        document = self.read()
        compute = self.path_of("value", "compute")
        self.respond({compute: lambda: {"result": self.server.evaluator.run(document["expression"])}})
