# make run    set everything up and start Asklight with its embedded assistant
# make test   set everything up and run every test: Python, TypeScript, browsers
# make check  the linters, the type checkers and the formatters
# make build  rebuild the widget and the extension alone
# make npm-package  build the npm package and pack it into dist/
# make pictures  a picture of the widget in each of its states, into docs/states
# make bench  measure the relay beside other proxies (BENCH="--help" for parts of it)
# make bench-widget  measure what a long answer costs the page it is shown on
# make bench-host  measure what the tag costs a page, and the panel one of many megabytes
#
# Needs python3 (3.11 or later, with venv) and make; Node and the rest are installed into .venv.

PYTHON ?= python3
BIN := .venv/bin
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PATH := $(CURDIR)/$(BIN):$(PATH)

TWO_AT_A_TIME := --numprocesses=2 --dist=loadfile

BROWSER_SIDE := $(shell find widget extension -type f -not -path '*/node_modules/*' -not -path 'extension/.*' 2>/dev/null)
BUILT_FROM := pyproject.toml constraints.txt hatch_build.py package.json package-lock.json tsconfig.base.json $(BROWSER_SIDE)

.PHONY: run test check format build npm-package bench bench-widget bench-host clean

run: .venv/installed
	@$(BIN)/asklight serve

# Tests wait more than they work: two at a time. What measures time runs alone.
test: .venv/installed-for-tests
	$(BIN)/python -m pytest -m alone
	$(BIN)/python -m pytest -m "not alone" $(TWO_AT_A_TIME) --ignore=tests/browser
	$(BIN)/python -m pytest -m "not alone" $(TWO_AT_A_TIME) tests/browser

check: .venv/installed-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	npm run --silent typecheck
	npm run --silent format

format: .venv/installed-for-tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	npm run --silent format:write

build: .venv/installed-for-tests
	$(BIN)/python hatch_build.py

npm-package: .venv/installed-for-tests
	npm run --silent build:npm --workspace widget
	mkdir -p dist
	npm pack --silent ./widget/npm --pack-destination dist

pictures: .venv/installed-for-tests
	$(BIN)/python docs/states.py

bench: .venv/installed-for-tests
	$(BIN)/python -m bench $(BENCH)

bench-widget: .venv/installed-for-tests
	$(BIN)/python -m bench.widget $(BENCH)

bench-host: .venv/installed-for-tests
	$(BIN)/python -m bench.host $(BENCH)

clean:
	rm -rf .venv node_modules extension/.output extension/.wxt proxy/asklight/site/static

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Asklight needs Python 3.11 or later; $(PYTHON) is older. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up (about a minute, once)."
	@$(PYTHON) -m venv .venv

.venv/installed: .venv/pyvenv.cfg $(BUILT_FROM)
	@$(BIN)/pip install --quiet --editable .
	@touch $@

.venv/installed-for-tests: .venv/pyvenv.cfg $(BUILT_FROM)
	@$(BIN)/pip install --quiet --editable '.[test]'
	@touch $@ .venv/installed
