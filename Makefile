# Targets that people type. `make help` prints the lines that begin with `##`.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The steps share .venv/ and build/; each tool brings its own parallelism, so `make -j` must not start them at once.
.NOTPARALLEL:

PROFILE ?= cpu
DEVICE ?= auto
SEED ?= 0
PORT ?= 8000
PYTEST ?=
PYTHON := .venv/bin/python
# Two steps at a time: each chapter is a process of its own and uses one core for most of its time.
DOIT := $(PYTHON) -m doit --continue -n 2 -P thread

# Tests by file in two processes. More would want more memory than they save time: some tests train networks.
TESTS := $(PYTHON) -m pytest -n logical --maxprocesses 2 --dist loadfile --no-loadscope-reorder

# Without .pyc files every import costs three times as much; a foreign PYTHONPATH must not shadow the locked packages.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH VIRTUAL_ENV

.PHONY: help setup book smoke test test-fast coverage check serve-book lock clean
.PHONY: _profile

help:  ## this list
	@echo "make TARGET [PROFILE=smoke|cpu|full] [DEVICE=auto|cpu|cuda] [SEED=0]     (now: $(PROFILE), $(DEVICE), $(SEED))"
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

setup:  ## .venv/ with the locked packages and vendor/ with the scripts of the pages (needs Python 3.11 and pip only)
	@requirements/setup.sh

_profile:
	@case "$(PROFILE)" in smoke|cpu|full) ;; *) echo "PROFILE=$(PROFILE) is unknown; known: smoke, cpu, full" >&2; exit 2;; esac
	@case "$(DEVICE)" in auto|cpu|cuda) ;; *) echo "DEVICE=$(DEVICE) is unknown; known: auto, cpu, cuda" >&2; exit 2;; esac

book: _profile setup  ## render data, run every chapter, build the report: build/html/index.html
	@$(DOIT) profile=$(PROFILE) device=$(DEVICE) seed=$(SEED)

smoke: setup  ## the whole way with tiny models, trained from nothing: build/smoke/html/index.html
	@rm -rf build/smoke
	@$(DOIT) profile=smoke device=$(DEVICE) seed=$(SEED)

test: setup  ## every test, in minutes (PYTEST='-k words' narrows it)
	@$(TESTS) $(PYTEST)

test-fast: setup  ## the tests that take seconds
	@$(TESTS) -m "not slow and not gpu and not browser" $(PYTEST)

coverage: setup  ## the tests that take seconds, and the share of lines that they run, by folder
	@$(PYTHON) -m coverage run -m pytest -q -m "not slow and not gpu and not browser" $(PYTEST)
	@$(PYTHON) -m coverage json -q -o build/coverage.json && $(PYTHON) tests/house.py build/coverage.json

check: setup  ## style, types, layout, locked versions, clean chapter sources, and the built report if there is one
	@$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ty check
	@$(PYTHON) -m pytest -q tests/test_layout.py tests/book/test_sources.py tests/book/test_pins.py tests/test_house.py
	@$(PYTHON) tests/house.py
	@if [ -d build/html ]; then $(PYTHON) -m book.tools.gate build/book && $(PYTHON) -m book.tools.offline build/html; fi

pdf: setup  ## the report as one file, build/report.pdf (needs Chromium; after make book)
	@$(PYTHON) -m book.tools.pdf

serve-book: setup  ## show build/html at http://127.0.0.1:8000 (PORT=...)
	@test -f build/html/index.html || { echo "No report yet: run 'make book' first." >&2; exit 2; }
	@$(PYTHON) -m http.server --bind 127.0.0.1 --directory build/html $(PORT)

lock: setup  ## resolve pyproject.toml again under requirements/pins.in, and rewrite environment.yml
	@$(PYTHON) -m uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --all-extras \
	    --custom-compile-command "make lock" --constraint requirements/pins.in pyproject.toml -o requirements/lock.txt
	@$(PYTHON) -m uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --custom-compile-command "make lock" requirements/node.in -o requirements/node.txt
	@$(PYTHON) -m book.tools.environment_yml > environment.yml.new && mv environment.yml.new environment.yml

clean:  ## remove build/ (data, chapters, pages); .venv/ and vendor/ stay
	@rm -rf build
