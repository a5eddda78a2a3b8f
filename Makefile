# nianbao: `make demo` shows it at work, `make test` runs the tests. Both set up all they need.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test lint lock chromium benchmark clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: $(READY) ## crawl the fictional sample portals and serve the result on http://127.0.0.1:8001/
	$(BIN)/nianbao demo

test: $(READY) chromium ## lint, type-check and test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist loadfile

lint: $(READY) ## format, lint and type-check
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/mypy

lock: $(READY) ## pin the newest allowed dependencies in requirements.lock
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --extra dev --extra ocr --generate-hashes --allow-unsafe \
		--no-emit-index-url --no-emit-trusted-host --output-file requirements.lock pyproject.toml

benchmark: $(READY) ## documents per second and milliseconds per stage
	$(BIN)/python benchmarks/import_documents.py

chromium: # the browser tests need it; without it they are skipped with that reason
	@command -v chromium >/dev/null 2>&1 || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-wqy-zenhei >/dev/null; \
	else echo "install chromium (and a Chinese font) with your package manager to run the browser tests"; fi

clean: ## remove the environment and caches; archives stay
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "nianbao needs Python 3.11 or newer; install it or set PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@
