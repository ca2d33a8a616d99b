# `make serve` and `make test` do all set-up themselves: a virtual environment in .venv, from pyproject.toml and the lock.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STORE  ?= store
PORT   ?= 8000
SIZES  ?= 10000
ORACLES := shapes/test_examples test_validation test_reasoning test_sheets protocol/test_direct
BENCH  := mix repeated inference shacl record edit dump memory harvest
MEASURE = PYTHONPATH=tests$${PYTHONPATH:+:$$PYTHONPATH} $(BIN)/python -m

.PHONY: serve test test-engines oracles faults bench bench-data $(BENCH:%=bench-%) measurements lint format check layout answers context lock wheel clean

serve: $(VENV)/installed ## load the records into STORE if it is empty, then serve them
	$(BIN)/missiegraaf serve --store $(STORE) --port $(PORT)

test: $(VENV)/installed-dev ## the whole test suite, in two processes
	$(BIN)/pytest -n 2 --dist worksteal

test-engines: $(VENV)/installed-dev ## the protocols over Apache Jena Fuseki too, which Maven brings; about ten minutes
	MISSIEGRAAF_ENGINES=fuseki $(BIN)/pytest -rs -k fuseki tests/protocol

oracles: $(VENV)/installed-dev ## what `make test` compares samples of: with pySHACL, owlrl, Flask, sheets; minutes
	MISSIEGRAAF_LONG=1 $(BIN)/pytest -s $(ORACLES:%=tests/%.py)

faults: $(VENV)/installed-dev ## kills under load, a full disk, ten minutes of mixed load; about half an hour
	MISSIEGRAAF_LONG=1 $(BIN)/pytest -s -o faulthandler_timeout=3600 tests/protocol/faults

bench: bench-data $(BENCH:%=bench-%) measurements ## all of it; SIZES="10000 200000"; make bench-<one> for one

$(patsubst %,bench-%,$(filter-out repeated,$(BENCH))): bench-%: $(VENV)/installed-dev
	$(MEASURE) bench.$* $(SIZES)

bench-data: $(VENV)/installed-dev
	$(MEASURE) bench.common $(SIZES)

bench-repeated: $(VENV)/installed-dev
	$(MEASURE) bench.mix --repeated --servers missiegraaf oxigraph-memory -- $(SIZES)

measurements: $(VENV)/installed-dev ## write docs/measurements.md from what the benchmarks left
	$(MEASURE) bench.table > docs/measurements.md

lint: $(VENV)/installed-dev ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/installed-dev ## lay the code out
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: $(VENV)/installed ## the records against the shapes
	$(BIN)/missiegraaf validate data/*.ttl

layout: $(VENV)/installed ## lay the records and value lists out as the project does
	$(BIN)/missiegraaf load --replace --trusted --store $(VENV)/layout
	$(BIN)/missiegraaf export $(VENV)/layout/files --store $(VENV)/layout
	cp $(VENV)/layout/files/*.ttl data/
	cp $(VENV)/layout/files/schemes/*.ttl ontology/schemes/
	rm -rf $(VENV)/layout

answers: $(VENV)/installed-dev ## write the expected answers and the model's numbers anew; read the difference
	$(BIN)/python tests/answers.py

context: $(VENV)/installed-dev ## write the JSON-LD context of the ontology's version anew
	$(BIN)/python tests/context.py

wheel: $(VENV)/installed-dev ## build the package
	$(BIN)/python -m build --no-isolation --wheel

lock: ## write the exact versions that work together, for Python 3.11
	rm -rf $(VENV)-lock
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet --upgrade pip
	$(VENV)-lock/bin/pip install --quiet . --group dev
	$(VENV)-lock/bin/pip freeze --exclude missiegraaf > requirements.lock
	rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) $(VENV)-bench .bench dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(VENV)/installed: pyproject.toml requirements.lock | $(VENV)/bin/python
	$(BIN)/pip install --quiet --constraint requirements.lock --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/pip install --quiet --constraint requirements.lock --group dev
	touch $@
