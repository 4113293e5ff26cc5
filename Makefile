# `make demo` and `make test` do all of their own set-up; the rest is for daily work.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types imports unit simulations large browser crates pool-tests faults mutants fuzz fuzz-quick docs architecture gallery golden wheel release lock clean

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements/dev.txt pyproject.toml scripts/setup.sh
	PYTHON=$(PYTHON) bash scripts/setup.sh

setup: $(STAMP) ## Make the virtual environment from the locked dependencies

demo: setup ## Train 48 runs on a real HTCondor pool on this machine, and show what came of it
	bash scripts/demo.sh

test: lint types imports unit simulations fuzz-quick docs wheel large browser crates pool-tests ## All that has to hold

lint: setup ## ruff, and words that are misspelt
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	git ls-files | xargs $(BIN)/codespell

types: setup ## mypy, strict
	$(BIN)/mypy

imports: setup ## The floors of the house
	$(BIN)/lint-imports

unit: setup ## Quick tests, no pool
	$(BIN)/python -m pytest -n auto -m "not simulation and not sweep" tests/unit tests/fuzz

simulations: setup ## How often answers are right in studies of a known truth; long lists; properties on more examples
	$(BIN)/python -m pytest -n auto --hypothesis-profile thorough -m "simulation or sweep or hypothesis" tests/unit

large: setup ## Ten million rows
	$(BIN)/python -m pytest tests/large

browser: setup ## The report's page in a real Chromium
	OSGREPRO_CHROMIUM=$$(bash scripts/chromium.sh) && export OSGREPRO_CHROMIUM && \
	  $(BIN)/python -m pytest tests/browser

.venv-crates/.stamp: requirements/crates.txt
	rm -rf .venv-crates
	$(PYTHON) -m venv .venv-crates
	.venv-crates/bin/python -m pip install --quiet --quiet --require-hashes --requirement requirements/crates.txt
	touch $@

crates: setup .venv-crates/.stamp ## Exported crates before the public validator of their profile
	$(BIN)/python -m pytest tests/crate

pool-tests: setup ## Tests on a real pool with real images
	$(BIN)/python -m pytest tests/pool

faults: setup ## What goes wrong on a pool, done to a real one: a table of how each ended
	$(BIN)/python -m pytest --slow tests/faults

.venv-mutants/.stamp: $(STAMP) requirements/mutants.txt
	rm -rf .venv-mutants
	$(BIN)/python -m venv .venv-mutants
	.venv-mutants/bin/python -m pip install --quiet --quiet --require-hashes --requirement requirements/mutants.txt
	touch $@

ROOM ?= runs/render results/records pool/condor analysis
SAMPLE ?= 40
SEED ?= 1

mutants: .venv-mutants/.stamp ## Small changes of ROOM=folder that its tests don't notice: SAMPLE=40 of them, drawn by SEED=1
	.venv-mutants/bin/python scripts/mutants.py --sample $(SAMPLE) --seed $(SEED) $(ROOM)

# Without a wheel for this Python the environment stays empty, and hypothesis draws alone.
.venv-fuzz/.stamp: $(STAMP) requirements/fuzz.txt
	rm -rf .venv-fuzz
	$(BIN)/python -m venv .venv-fuzz
	-.venv-fuzz/bin/python -m pip install --quiet --quiet --only-binary :all: --require-hashes --requirement requirements/fuzz.txt
	touch $@

SECONDS ?= 600
TARGET ?=

fuzz: .venv-fuzz/.stamp ## Whole but damaged things for SECONDS=600 each, and what code they reach; TARGET=results for one
	.venv-fuzz/bin/python scripts/fuzz.py --seconds $(SECONDS) $(TARGET)

fuzz-quick: .venv-fuzz/.stamp ## The same for half a minute in all
	.venv-fuzz/bin/python scripts/fuzz.py --seconds 5

docs: setup ## The documentation, strictly
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

architecture: setup ## Draw the picture of the imports anew
	$(BIN)/python scripts/draw_architecture.py

gallery: setup ## Draw the figures of the gallery anew
	$(BIN)/python scripts/make_gallery.py

golden: setup ## Write the golden files and the generated reference anew; read the difference before you commit it
	OSGREPRO_UPDATE_GOLDEN=1 $(BIN)/python -m pytest -q tests/unit

wheel: setup ## The wheel, tried in an empty environment
	bash scripts/try_wheel.sh

release: setup ## Wheel, source archive and notes in dist/, checked; DRAFT=1 takes what is not released yet
	$(BIN)/python scripts/release.py $(if $(DRAFT),--draft)

lock: setup ## Lock the development dependencies anew
	$(BIN)/uv pip compile --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
	  --no-header --upgrade --group dev pyproject.toml --output-file requirements/dev.txt
	$(BIN)/uv pip compile --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
	  --no-header --upgrade requirements/crates.in --output-file requirements/crates.txt
	$(BIN)/uv pip compile --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
	  --no-header --upgrade --constraint requirements/dev.txt requirements/mutants.in --output-file requirements/mutants.txt
	$(BIN)/uv pip compile --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
	  --no-header --upgrade requirements/fuzz.in --output-file requirements/fuzz.txt

clean: ## Remove what was made in this folder; the cache stays
	rm -rf .venv .venv-crates .venv-mutants .venv-fuzz .fuzz build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis
