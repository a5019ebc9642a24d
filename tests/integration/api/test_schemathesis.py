"""Every documented GET and POST, called with generated requests: no 5xx, no status or content type that is not documented."""

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    status_code_conformance,
)


@pytest.fixture(scope="module")
def document(stac):
    return httpx.get(f"{stac}/api").json()


def test_every_operation_holds_its_document(document, site):
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=site)
    failures, operations, cases = [], 0, 0
    checks = (not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance)
    with httpx.Client() as _:
        for result in schema.get_all_operations():
            operation = result.ok()
            operations += 1

            @settings(
                max_examples=12,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            def call(case, operation=operation):
                nonlocal cases
                cases += 1
                response = case.call()
                try:
                    case.validate_response(response, checks=checks)
                except Exception as error:
                    failures.append(f"{operation.label}: {str(error)[:600]}")

            operation.schema.get_strategy if False else None
            from hypothesis import given

            given(case=operation.as_strategy())(call)()
    assert operations >= 20
    assert cases > 150
    assert failures == []
