# Geomonitor: everyday commands. `make help` lists them.
#
# Variables:  PYTHON=python3.11  VENV=.venv  JOBS=3  ARGS="--language nl"  TEST_ARGS="tests/codes -x"

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
# One more than the cores of a small machine: browsers and servers wait for one another.
JOBS ?= 3
ARGS ?=
TEST_ARGS ?=
POSTGRESQL_ARGS ?=
# Where the made data of the benchmarks go: some gigabytes.
BENCH ?= build/benchmarks
# Tests that need the reference data read this folder; they skip, saying why, where it is not set.
export GEOMONITOR_REFERENCE_DATA
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# A program that keeps no bytecode compiles every module again, and the tests start a hundred of them.
unexport PYTHONDONTWRITEBYTECODE

BIN := $(VENV)/bin
# A file goes to one worker, in the order of the folders: long files last would leave the others idle.
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder
INSTALLED := $(VENV)/.geomonitor-installed
INSTALLED_DEV := $(VENV)/.geomonitor-installed-dev

.DEFAULT_GOAL := help
.PHONY: help install dev run serve test test-postgresql lint format check bench sample pictures clean distclean

help: ## Show this list
	@echo "Geomonitor. First time here: make run"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "Python: $(PYTHON) (choose another with PYTHON=...), virtual environment: $(VENV)"

run: $(INSTALLED) ## Install where needed, run the monitor, say where the edition is
	$(BIN)/geomonitor run $(ARGS)
	@echo
	@echo "Open a brief (brief.en.html or brief.nl.html) in a browser, a workbook in a spreadsheet program."
	@echo "What next: $(BIN)/geomonitor --help, and docs/getting-started.md"

serve: $(INSTALLED) ## Install where needed, open the web application, say its address
	$(BIN)/geomonitor serve $(ARGS)

test: $(INSTALLED_DEV) ## Run all tests, with the examples in the docstrings
	$(PYTEST) $(TEST_ARGS)

# The second run of these tests, with another database. Pages look the same on either, so Chromium is not asked again.
test-postgresql: $(INSTALLED_DEV) ## Run the tests of register and application on a PostgreSQL that it starts
	$(BIN)/python tests/postgresql.py $(PYTEST) \
		--ignore-glob='*browser*' tests/register tests/archive tests/web $(POSTGRESQL_ARGS)

lint: $(INSTALLED_DEV) ## Check style, layout, types and the order of the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## Lint and test: what must pass before a change goes in

format: $(INSTALLED_DEV) ## Lay out the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(INSTALLED_DEV) ## Measure speed and memory on made data (minutes, gigabytes of disk)
	@test -d $(BENCH)/flows || { rm -rf $(BENCH)/making && \
		$(BIN)/python benchmarks/generate_flows.py $(BENCH)/making --years 5 && mv $(BENCH)/making $(BENCH)/flows; }
	$(BIN)/python benchmarks/screening.py $(BENCH)/flows $(ARGS)
	$(BIN)/python benchmarks/ingest.py $(BENCH)/release --years 1
	$(BIN)/python benchmarks/exposure.py
	$(BIN)/python benchmarks/shocks.py
	$(BIN)/python benchmarks/application.py

sample: $(INSTALLED_DEV) ## Build the embedded samples again from their packages (downloads them)
	$(BIN)/python scripts/build_sample.py $(ARGS)
	$(BIN)/python scripts/build_icio_sample.py

pictures: $(INSTALLED_DEV) ## Make the pictures of the documentation again (needs Chromium)
	$(BIN)/python scripts/docs_pictures.py $(ARGS)

install: $(INSTALLED) ## Only install the program

dev: $(INSTALLED_DEV) ## Only install the program and what its developers need

clean: ## Remove caches and build products; editions and the environment stay
	rm -rf build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache .coverage htmlcov
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Also remove the virtual environment
	rm -rf $(VENV)

# A stamp is newer than what it was made from, so a second call does nothing and needs no network.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "There is no Python. Install Python 3.11 or newer, or name it: make PYTHON=..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than Python 3.11, or does not run. Name another: make PYTHON=python3.11" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(INSTALLED): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Geomonitor into $(VENV) (the first time: a minute or two)"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(INSTALLED_DEV): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Geomonitor and what its developers need into $(VENV) (the first time: some minutes)"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(INSTALLED) $@
