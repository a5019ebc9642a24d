"""In CI nothing is skipped for want of a tool: a skip there is a failure, but for what cannot be there."""

import os

import pytest

# Data that does not belong to the repository, and the question who runs the tests.
ALLOWED = ("beside the checkout", "beside this checkout", "only root", "needs apt-get")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(text in reason for text in ALLOWED):
            report.outcome = "failed"
            report.longrepr = f"CI must not skip this: {reason}"
    return report
