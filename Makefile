# Two commands matter: `make run` opens the bot on http://127.0.0.1:8080, `make test` runs every test.
PY ?= python3
V  := .venv
UV := $(V)/bin/uv
PIP := $(UV) pip install -q --require-hashes --no-build --compile-bytecode --python $(V)/bin/python

.PHONY: run test check lock words wheel help
help:
	@echo "make run    the bot on its web page, http://127.0.0.1:8080, with SQLite"
	@echo "make test   every test, on SQLite, PostgreSQL and in a real browser"
	@echo "make check  format, lint, types, import contracts, catalogs"
	@echo "make words  collect the sentences of the code into locales/"
	@echo "make wheel  an installable copy in dist/ (docs/operations.md)"
	@echo "make lock   resolve the requirements again"

run: $(V)/.run
	@$(V)/bin/mouwakib serve

test: $(V)/.test
	@sh tests/browser.sh
	@$(V)/bin/python -m pytest

check: $(V)/.test
	@$(V)/bin/ruff format --check .
	@$(V)/bin/ruff check .
	@$(V)/bin/mypy
	@$(V)/bin/lint-imports
	@$(V)/bin/python -m tests.catalogs --check

words: $(V)/.test
	@$(V)/bin/python -m tests.catalogs

wheel: $(V)/.run
	@$(V)/bin/python -m hatchling build -t wheel

$(V)/.uv: requirements-uv.txt
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, for example: make $(MAKECMDGOALS) PY=python3.12")'
	@$(PY) -m venv $(V) || { echo "On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@$(V)/bin/pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-uv.txt
	@touch $@

$(V)/.run: $(V)/.uv requirements.txt pyproject.toml
	@$(PIP) -r requirements.txt
	@$(UV) pip install -q --no-deps --no-build-isolation --python $(V)/bin/python -e .
	@$(V)/bin/python -m compileall -q bot handlers storage
	@touch $@

$(V)/.test: $(V)/.run requirements-dev.txt
	@$(PIP) -r requirements-dev.txt
	@touch $@

LOCK := $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header
lock: $(V)/.uv
	@$(LOCK) pyproject.toml --group install -o requirements.txt
	@$(LOCK) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	@echo "uv" | $(LOCK) - -o requirements-uv.txt
