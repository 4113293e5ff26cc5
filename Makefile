# `make demo` and `make test` do all of their own set-up; the rest is for daily work.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types imports unit pool-tests browser docs golden wheel lock clean

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements/dev.txt pyproject.toml scripts/setup.sh
	PYTHON=$(PYTHON) bash scripts/setup.sh

setup: $(STAMP) ## Make the virtual environment from the locked dependencies

demo: setup ## Train 48 runs on a real HTCondor pool on this machine, and show what came of it
	bash scripts/demo.sh

test: lint types imports unit docs wheel pool-tests ## All that has to hold

lint: setup ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## mypy, strict
	$(BIN)/mypy

imports: setup ## The floors of the house
	$(BIN)/lint-imports

unit: setup ## Quick tests, no pool
	$(BIN)/python -m pytest tests/unit

pool-tests: setup ## Tests on a real pool with real images
	$(BIN)/python -m pytest tests/pool

docs: setup ## The documentation, strictly
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

golden: setup ## Write the golden files and the generated reference anew; read the difference before you commit it
	OSGREPRO_UPDATE_GOLDEN=1 $(BIN)/python -m pytest -q tests/unit

wheel: setup ## The wheel, tried in an empty environment
	bash scripts/try_wheel.sh

lock: setup ## Lock the development dependencies anew
	$(BIN)/uv pip compile --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
	  --no-header --upgrade --group dev pyproject.toml --output-file requirements/dev.txt

clean: ## Remove what was made in this folder; the cache stays
	rm -rf .venv build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis
