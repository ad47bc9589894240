# The two commands of the README are `make run` and `make test`; the others are their parts.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: run test check tests browser messages format clean
.DELETE_ON_ERROR:

.make/venv:
	@mkdir -p .make
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv==$$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements/dev.txt)
	@touch $@

.make/run: requirements/run.txt pyproject.toml package-lock.json | .make/venv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	$(BIN)/npm ci --silent --no-audit --no-fund
	$(BIN)/silta messages --compile
	@touch $@

.make/dev: requirements/dev.txt .make/run
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

run: .make/run  ## the product with its demonstration region, on the embedded database
	$(BIN)/silta serve --port $(PORT)

test: check tests browser  ## everything

check: .make/dev
	$(BIN)/ruff format --check src tests
	$(BIN)/ruff check src tests
	$(BIN)/djlint --check --quiet src
	$(BIN)/djlint --lint --quiet src
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/silta manage makemigrations --check --dry-run

tests: .make/dev
	$(BIN)/pytest -n 2 -m "not browser"

browser: .make/dev
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get -qq update && apt-get -qq install -y chromium >/dev/null; } \
	  || { echo "The browser tests need Chromium: install the package 'chromium' and run 'make test' again."; exit 1; }
	$(BIN)/pytest -m browser

format: .make/dev
	$(BIN)/ruff format src tests
	$(BIN)/ruff check --fix src tests

messages: .make/run  ## gather the texts to translate and compile the translations
	$(BIN)/silta messages

lock:  ## pin the dependencies anew, with hashes
	$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt
