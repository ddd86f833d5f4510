# Regulars: every target sets up what it needs, in .venv and nowhere else. `make` alone lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
PYTHON := $(VENV)/bin/python
UV := $(PYTHON) -m uv
CODE := platform tenants billing cms plugins
WORKERS ?= 2
BASE_PYTHON ?=

# The environment of whoever calls must not change what is installed or run; this folder is the whole project.
export PYTHONNOUSERSITE := 1
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export UV_PYTHON_DOWNLOADS := never
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
# A user without a home (a service, a container) keeps the caches of the installers here.
ifneq ($(shell home="$${HOME:-$$(eval echo "~$$(id -un)")}"; [ -w "$$home" ] && echo writable),writable)
export HOME := $(CURDIR)/$(VENV)/.home
endif
# Where the machine has certificates of its own (a company's proxy), they count; a bare machine keeps uv's.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem),)
export UV_SYSTEM_CERTS := true
endif

# ---- the environment, each step with a stamp so that nothing is done twice ------------------------------------------

TOOLS := $(VENV)/.stamp-tools
PACKAGES := $(VENV)/.stamp-packages
PROJECT := $(VENV)/.stamp-project
WORDS := $(VENV)/.stamp-words
READY := $(WORDS)
CATALOGUES := $(shell find $(CODE) tests -name '*.po' -not -path '*/node_modules/*' 2>/dev/null)

$(PYTHON):
	@found=; for name in $(BASE_PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if "$$name" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' > /dev/null 2>&1; then found=$$name; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Regulars needs Python 3.11 or newer, and none is on the PATH (looked for python3, python3.11 and up)." >&2; \
		echo "Install one, or name it: make BASE_PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' > /dev/null 2>&1; then \
		echo "$$found cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$("$$found" --version), only this once"; \
	"$$found" -m venv --clear $(VENV)

$(TOOLS): $(PYTHON) requirements-uv.lock
	@$(PYTHON) -m pip install --quiet --require-hashes --requirement requirements-uv.lock
	@touch $@

$(PACKAGES): $(TOOLS) requirements.lock
	@$(UV) pip install --quiet --python $(PYTHON) --require-hashes --requirement requirements.lock
	@touch $@

$(PROJECT): $(PACKAGES) pyproject.toml
	@$(UV) pip install --quiet --python $(PYTHON) --no-deps --no-build-isolation --editable .
	@touch $@

$(WORDS): $(PROJECT) $(CATALOGUES)
	@$(PYTHON) -m regulars.config.translations
	@touch $@

# ---- what people call ----------------------------------------------------------------------------------------------

.PHONY: help setup demo test browser lint types bench storm assets pictures lock openapi capabilities clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

# PORT, BENCH and JSON reach the programs as environment variables: make exports what its command line sets.

setup: $(READY) ## Make .venv with the pinned packages; every other target does it by itself

demo: $(READY) ## Start the product with two demo businesses and a year of history; PORT=8000 moves it
	@$(PYTHON) -m regulars.config.demo

test: $(READY) ## Run the tests, with a sample of the browser tests
	@$(PYTHON) -m pytest -n $(WORKERS) --dist worksteal -m "not browser or sample"

browser: $(READY) ## Run all browser tests: every page in both languages and widths
	@$(PYTHON) -m pytest -n $(WORKERS) --dist worksteal -m browser

lint: $(READY) ## Check style, security, arrows, layout, words and missing migrations
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m bandit --quiet --configfile pyproject.toml --recursive $(CODE)
	@$(VENV)/bin/lint-imports --no-cache --no-logo
	@$(PYTHON) -m pytest --quiet --noconftest --override-ini 'addopts=--import-mode=importlib --strict-markers' \
		-p no:cacheprovider tests/test_layout.py tests/test_words.py

types: $(READY) ## Check the types, strictly
	@$(PYTHON) -m mypy $(CODE) bench

bench: $(READY) ## Measure the figures; BENCH=provision picks one, JSON=1 prints one object
	@$(PYTHON) -m bench

storm: $(READY) ## Run the storms in their full form: parallel, crashing and random tests
	@STORM=full $(PYTHON) -m pytest -n $(WORKERS) --dist worksteal -m storm tests

assets: ## Build style sheet, script and icons from assets/ (needs Node; what is built is committed)
	@command -v npm > /dev/null || { echo "make assets needs Node.js with npm; nothing else does." >&2; exit 1; }
	@cd assets && npm ci --no-audit --no-fund && npm run build

pictures: $(READY) ## Take the pictures of the documents from a running demo (needs a Chromium)
	@$(PYTHON) docs/pictures/take.py

lock: $(TOOLS) ## Resolve the requirements again and write the lock files
	@$(UV) pip compile --quiet --python $(PYTHON) --universal --generate-hashes --no-header \
		--python-version 3.11 --output-file requirements.lock requirements-dev.in
	@$(UV) pip compile --quiet --python $(PYTHON) --universal --generate-hashes --no-header \
		--python-version 3.11 --output-file requirements-production.lock --constraint requirements.lock requirements.in
	@$(UV) pip compile --quiet --python $(PYTHON) --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --output-file requirements-uv.lock requirements-uv.in

openapi: $(READY) ## Write the description of the API, docs/api/openapi.json, anew from the code
	@$(PYTHON) -m regulars.config.openapi

capabilities: $(READY) ## List which capabilities and clauses are shown, and by which tests
	@$(PYTHON) -m regulars.config.capabilities

clean: ## Remove the environment and what tests and builds leave behind; the demo's data in var/ stays
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
