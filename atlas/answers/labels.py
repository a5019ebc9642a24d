"""Names for readers instead of those for programs: paths of fields, and licences outside the SPDX list."""

from collections.abc import Mapping

__all__ = ["field_label", "licence_name", "protocol_name"]

_OWN = "LicenseRef-"
_LABELS = {
    "citation": "Citation",
    "counts.bytes": "Size of all files",
    "counts.items": "Number of files or tiles",
    "counts.vectors": "Number of vectors",
    "embedding.context_size": "Ground area that the model saw",
    "embedding.footprint": "Ground size of one vector",
    "embedding.gsd": "Ground sample distance of the imagery",
    "embedding.normalization": "Whether vectors have unit length",
    "embedding.quantization": "How stored numbers become vectors",
    "embedding.similarity": "How vectors are compared",
    "embedding.space": "Vector space",
    "embedding.type": "Type of embedding",
    "extent.bbox": "Bounding box",
    "extent.crs": "Coordinate reference system",
    "extent.interval": "Time covered",
    "extent.place": "Place",
    "extent.years": "Years",
    "inference_data": "Data read at inference",
    "known_issues": "Known issues",
    "licences.attribution": "Text of the attribution",
    "licences.data": "Licence of the data",
    "licences.href": "Address of the licence",
    "model.architecture": "Architecture of the model",
    "model.code_license": "Licence of the code",
    "model.href": "Address of the model",
    "model.license": "Licence of the weights",
    "model.name": "Name of the model",
    "model.paper_version": "Version in the paper",
    "model.version": "Version of the model",
    "training_data": "Training data",
}
_MEMBERS = {
    "auth": "who may read it",
    "bytes": "size",
    "cors": "whether a web page of another site may read it",
    "crs": "coordinate reference system",
    "gsd": "ground sample distance",
    "href": "address",
    "range_reads": "whether parts of a file can be read",
    "requester_pays": "who pays for the transfer",
    "vectors": "whether its vectors are those of the other places",
}
_GROUPS = {
    "distributions": "Access",
    "embedding": "",
    "extent": "",
    "inference_data": "Read at inference",
    "item_assets": "Assets",
    "known_issues": "Known issue",
    "licences": "Licence",
    "training_data": "Learned from",
}


def field_label(path: str, places: Mapping[str, str] | None = None) -> str:
    """What a field of a record is called on pages: `distributions.gcs.auth` is "Access, gcs: who may read it".

    Args:
        path: of the field.
        places: id to title of the record's distributions; a title replaces the id where it is given.
    """
    if path in _LABELS:
        return _LABELS[path]
    longest = max(
        (known for known in _LABELS if path.startswith(f"{known}.") and known not in _GROUPS), default="", key=len
    )
    if longest:
        return f"{_LABELS[longest]}: {_said(path[len(longest) + 1 :])}"
    group, _, rest = path.partition(".")
    head = _GROUPS.get(group, group.replace("_", " ").capitalize())
    if not rest:
        return head or group.capitalize()
    entry, _, member = rest.rpartition(".")
    words = _MEMBERS.get(member, _said(member))
    if not head:
        text = _said(rest)
        return text[:1].upper() + text[1:]
    if group == "distributions" and places and entry in places:
        return f"{head}, {places[entry]}: {words}"
    return f"{head}{f', {_said(entry)}' if entry and entry != '*' else ''}: {words}"


def _said(path: str) -> str:
    return path.replace(".", ", ").replace("_", " ")


def licence_name(expression: str | None) -> str:
    """A licence for readers: an SPDX expression unchanged, a producer's licence by its name; empty without one."""
    if not expression or _OWN not in expression:
        return expression or ""
    if expression.startswith(_OWN) and " " not in expression:
        name = expression.removeprefix(_OWN).replace("-", " ")
        return f"{name[:1].upper()}{name[1:]} terms" if not name.lower().endswith(("terms", "licence", "tos")) else name
    return " ".join(licence_name(part) if part.startswith(_OWN) else part for part in expression.split(" "))


_PROTOCOLS = {
    "api": "web API",
    "bigquery": "BigQuery",
    "earth-engine": "Earth Engine",
    "gs": "Google Cloud Storage",
    "hugging-face": "Hugging Face",
    "https": "HTTPS",
    "icechunk": "Icechunk",
    "s3": "S3",
}


def protocol_name(protocol: str) -> str:
    """Name of a distribution's protocol for readers."""
    return _PROTOCOLS.get(protocol, protocol)
