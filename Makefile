# Two commands for a newcomer: `make demo` and `make test`. Both need Python 3.11 or newer and make, nothing else.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name) 2>/dev/null)))
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   ?= demo-home
PYTEST := $(BIN)/python -m pytest -q
FAST   := -m "not slow and not processes and not browser"
SLOW   := -m "slow or processes or browser"

.PHONY: help demo demo-down setup check format test test-slow catalogues screenshots clean

help:
	@echo "make demo       four hospitals, one model: builds everything and serves it (Ctrl+C or make demo-down ends it)"
	@echo "make test       the tests (under ten minutes)"
	@echo "make test-slow  the engine over processes, the browser, the full benchmark checks"
	@echo "make check      lint, types, floors"

# The install compiles the catalogues of translations, so they call for it too.
$(VENV)/.installed: pyproject.toml constraints.txt $(wildcard src/wardround/locale/*/LC_MESSAGES/*.po)
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is missing: install it and run make again."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Name one with: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: on Debian, apt-get install python3-venv."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

setup: $(VENV)/.installed

demo: setup
	$(BIN)/wardround demo up --home $(DEMO)

demo-down: setup
	$(BIN)/wardround demo down --home $(DEMO)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# A Django process is one site: the plain floors, the hospital and the coordinator are three runs of the same pytest.
test: setup
	$(PYTEST) -n 2 $(FAST) tests/house tests/clinical tests/interchange tests/learning tests/federation tests/bench tests/demo
	$(PYTEST) -n 2 $(FAST) tests/hospital
	$(PYTEST) -n 2 $(FAST) tests/coordinator

# pytest ends with 5 where a folder holds no slow test.
test-slow: setup
	$(PYTEST) $(SLOW) tests/house tests/clinical tests/interchange tests/learning tests/federation tests/bench tests/demo tests/processes tests/browser
	$(PYTEST) $(SLOW) tests/hospital
	$(PYTEST) $(FAST) tests/hospital/records tests/hospital/fhir tests/hospital/exports tests/hospital/identity tests/hospital/quality tests/hospital/intake --database postgresql
	$(PYTEST) $(SLOW) tests/coordinator || [ $$? -eq 5 ]

# Texts of the pages into the catalogues of translations (needs GNU gettext); what is translated stays.
catalogues: setup
	$(BIN)/python scripts/write_catalogues.py

screenshots: setup
	$(BIN)/wardround demo up --home $(DEMO) --json > $(DEMO).json & \
	until [ -s $(DEMO).json ]; do sleep 1; done; \
	$(BIN)/python scripts/screenshots.py $(DEMO).json; \
	$(BIN)/wardround demo down --home $(DEMO); rm -f $(DEMO).json

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
