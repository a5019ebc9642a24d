"""Dashboard and alerts query metrics that exist."""

import json
import re
from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families

from atlas.api.metrics import Metrics
from atlas.crawl.status import Status, metrics_of

FOLDER = Path(__file__).parents[2] / "deploy/monitoring"
ONE = Status("tessera-v1", "x", "2026-01-01T00:00:00Z", 5, 9, None, 1, 0, 0, 0, 2, 3, 4)


def test_the_states_of_crawls_are_what_prometheus_reads():
    found = {f.name: f.samples for f in text_string_to_metric_families(metrics_of([ONE]) + "\n")}
    assert {name: samples[0].value for name, samples in found.items()} == {
        "atlas_crawl_finished_timestamp_seconds": 1767225600,
        "atlas_crawl_items": 5,
        "atlas_crawl_rejected_rows": 2,
        "atlas_crawl_faults": 3,
        "atlas_crawl_drift": 4,
    }
    assert found["atlas_crawl_items"][0].labels == {"product": "tessera-v1"}


def test_every_measurement_of_the_dashboard_and_the_alerts_exists():
    panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    asked += [rule["expr"] for rule in group["rules"]]
    named = {name for text in asked for name in re.findall(r"\batlas_\w+", text)}
    of_api = {family.name for family in Metrics().registry.collect()}
    known = {f"{name}{end}" for name in of_api for end in ("", "_total", "_bucket")}
    known |= {family.name for family in text_string_to_metric_families(metrics_of([ONE]) + "\n")}
    assert len(named) >= 6
    assert named <= known
