# Everything a person or CI does with this repository. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
PYTEST_ARGS ?=
GOLDEN ?=
CONSOLE := $(shell find console -path '*/node_modules' -prune -o -type f ! -name '*.test.ts*' -print 2>/dev/null)
export UV_PROJECT_ENVIRONMENT := $(VENV)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
unexport CONDA_PREFIX
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev up test check fix bench soak chaos compat drills screenshots lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.setup ## create .venv with the locked packages and build the console

$(BIN)/uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt

$(VENV)/.setup: $(BIN)/uv requirements/run.txt pyproject.toml hatch_build.py $(CONSOLE)
	$(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements/run.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --reinstall-package gwf --editable .
	$(BIN)/python -m compileall -q src/gwf
	@test -f src/gwf/console_dist/.build-error || touch $@

setup-dev: $(VENV)/.setup-dev ## add the test and lint tools

$(VENV)/.setup-dev: $(VENV)/.setup requirements/dev.txt
	$(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements/dev.txt
	@touch $@

up: setup ## start the platform; ARGS are passed to `gwf up`
	$(BIN)/gwf up --data .gwf $(ARGS)

test: setup-dev ## run all tests
	$(BIN)/python -m pytest -n 3 --dist loadfile $(PYTEST_ARGS)

check: setup-dev ## lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/basedpyright

fix: setup-dev ## format and mend what tools can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-dev ## run the benchmarks; ARGS select and scale them, see bench/README.md
	$(BIN)/python -m bench $(ARGS)

soak: setup-dev ## 30 minutes of load with faults and changes; ARGS="--minutes 5", see bench/README.md
	$(BIN)/python -m bench soak $(ARGS)

chaos: setup-dev ## the long form of the fault tests, and the long benchmarks once as small as they go
	$(BIN)/python -m pytest -m chaos tests $(PYTEST_ARGS)

compat: setup-dev ## play recorded exchanges with the Go version; GOLDEN=folder plays another folder
	$(BIN)/python -m tests.compat $(GOLDEN)

drills: setup ## all drills in a small form; reports in .gwf/drills/reports
	$(BIN)/gwf drill all --data .gwf --files 120 --seconds 4 $(ARGS)

screenshots: setup-dev ## take the pictures of docs/images anew, of a demo
	$(BIN)/python -m tests.console.screenshots

lock: $(BIN)/uv ## resolve the packages anew into requirements/
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group build pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group build --group dev pyproject.toml -c requirements/run.txt -o requirements/dev.txt
	printf 'uv\n' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header - -o requirements/uv.txt

clean: ## remove what setup and builds made
	rm -rf $(VENV) dist src/gwf/console_dist console/node_modules
