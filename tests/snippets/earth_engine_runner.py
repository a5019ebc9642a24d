"""Runs a snippet with the Earth Engine client against another server: `earth_engine_runner.py URL SNIPPET`."""

import functools
import runpy
import sys

import ee
from google.oauth2.credentials import Credentials

ee.Initialize = functools.partial(ee.Initialize, credentials=Credentials("token-of-the-test"), url=sys.argv[1])
runpy.run_path(sys.argv[2], run_name="__main__")
