# Benhan: what the README tells people to type. Each target is a few lines; what is longer is a script in deploy/setup.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# A build cache outside the checkout speeds a fresh clone up; nothing needs it.
ifdef BENHAN_BUILD_CACHE
export CARGO_TARGET_DIR ?= $(BENHAN_BUILD_CACHE)/target
else
export CARGO_TARGET_DIR ?= $(CURDIR)/target
endif
export BENHAN_BIN ?= $(CARGO_TARGET_DIR)/debug/benhan
# Last on PATH: the venv has its own storescu and openssl-like tools that must not hide Debian's.
export PATH := $(PATH):$(CURDIR)/.venv/bin
# A machine that builds once has no use for incremental files, and lints as it builds: clippy compiles our crates there.
ifdef CI
export CARGO_INCREMENTAL := 0
export RUSTC_WORKSPACE_WRAPPER := clippy-driver
export CLIPPY_ARGS := -Dwarnings
endif

# Stages share one target folder and two cores: one at a time.
.NOTPARALLEL:

DATA_DIR ?= data
FUZZ_SECONDS ?= 20
PYTHON := .venv/bin/python
STAGES := setup fmt-check frontend $(if $(CI),,clippy) deny build compliance-check postgres unit third-party browser fuzz

.PHONY: help run sample-record test bench soak fmt lint setup fmt-check frontend clippy deny advisories build compliance compliance-check unit postgres third-party browser fuzz

##@ Every day

help: ## list these commands
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## install what is missing, build, start a demo hospital on https://localhost:8443 with its data in ./data
	@deploy/setup/run.sh $(DATA_DIR)

test: ## set up and run everything, with the time of each stage
	@deploy/setup/stages.sh $(STAGES)

fmt: ## format the Rust code
	cargo fmt --all

lint: clippy deny ## clippy with warnings denied, licences and sources of dependencies

sample-record: ## write one complete package of a demo patient to OUT, with the trust anchors beside it
	@test -n "$(OUT)" || { echo "make sample-record OUT=DIR" >&2; exit 1; }
	@deploy/setup/with-demo.sh $(PYTHON) deploy/setup/sample-record.py "$(abspath $(OUT))"

##@ The long proofs

bench: ## measure beside the peers, release build
	@deploy/setup/proof.sh bench

soak: ## kill, cut and fuzz for hours, with a dated log
	@deploy/setup/proof.sh soak

##@ The stages of make test, each alone

setup: ## Debian packages, Python packages and cargo tools that are missing
	@deploy/setup/toolchain.sh
	@deploy/setup/apt.sh run test
	@deploy/setup/venv.sh

fmt-check: ## is the Rust code formatted?
	cargo fmt --all --check

frontend: ## types, lint, unit tests, build and size budget of the web app
	@deploy/setup/frontend.sh test

clippy: ## warnings are errors
	cargo clippy --workspace --all-targets -- -D warnings

deny: ## licences, bans and sources of every dependency
	cargo deny check licenses bans sources
	@echo "deny: security advisories are not checked here; 'make advisories' does, where their database can be reached"

advisories: ## known vulnerabilities (needs the RustSec database, so not part of make test)
	cargo deny check advisories

build: ## the executable and every test, profile dev (where CI is set, warnings are errors here)
	cargo build --workspace --bins --tests --examples

compliance: ## write docs/compliance.md: every clause of the law and the test that proves it
	@cargo nextest list --workspace --message-format json | $(CARGO_TARGET_DIR)/debug/compliance

compliance-check: ## does every clause have its row, and every row its running test?
	@cargo nextest list --workspace --message-format json | $(CARGO_TARGET_DIR)/debug/compliance --check

unit: ## unit and integration tests, on SQLite and on a throw-away PostgreSQL
	@deploy/setup/with-postgres.sh cargo nextest run --workspace
	cargo test --workspace --doc --quiet

postgres: ## does the throw-away PostgreSQL start, answer and go?
	@deploy/setup/with-postgres.sh sh -c 'psql -Atqc "select version()" "$$BENHAN_TEST_POSTGRES"'

third-party: ## tools that others wrote judge our signatures, DICOM and HL7
	@deploy/setup/with-demo.sh $(PYTHON) tests/third_party/run.py

browser: ## the three trips in Debian's Chromium
	@deploy/setup/with-demo.sh npm --prefix frontend run --silent e2e

fuzz: ## every fuzz target for FUZZ_SECONDS (20), one a core at a time
	@deploy/setup/fuzz.sh $(FUZZ_SECONDS)
