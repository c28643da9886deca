# Every habit by name. `make help` lists them; each target is one line that calls a tool.
SHELL := bash
.SHELLFLAGS := -euc
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PATH := $(shell . .ci/environment && echo "$$PATH")
export FAIRLEAD_CACHE := $(shell . .ci/environment && echo "$$FAIRLEAD_CACHE")

# `--split`: the browser loads the pages behind the lists when one of them is opened (app/src/later.rs).
FRONT := cargo leptos build --frontend-only --split
# The whole workspace in one go: alone, each program would ask for other features of the dependencies and compile them once more. (Tests do so too, with
# those that only they need: `make test` therefore starts from them, which gives both programs as well.)
BUILD := cargo build --workspace --bins && $(FRONT)
TESTBED := target/debug/testbed
# Tests wait for syncs a part of their time: two more than there are processors keep these at work.
THREADS := $(shell echo $$(($$(nproc) + 2)))
# Microsoft's SDKs and a fuzzer against the REST API of a portal that the testbed has ready.
SDK := cd end2end/sdk && ../../$(TESTBED) run --portal -- "$$FAIRLEAD_CACHE/sdk/bin/python" -B -m pytest

.PHONY: help setup demo run watch test soak e2e sdk check advisories sbom fuzz bench fmt

help: ## list the targets
	@sed -nE 's/^([a-z0-9]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 16

setup: ## install what is missing (every other target does this first)
	@.ci/setup

demo: setup ## a cluster, a Git server and the portal with a synced configuration; DEMO=once checks it and exits
	$(BUILD)
	$(TESTBED) demo $(if $(filter once,$(DEMO)),--once)

run: setup ## the portal alone, as a user starts it
	$(BUILD)
	target/debug/fairlead serve

watch: setup ## the portal, rebuilt and reloaded at every change of the sources
	$(BUILD)
	cargo leptos watch --split --bin-cargo-args=--workspace -- serve

# Examples in the docs are left to `make soak`: looking for them takes half a minute, and there is one.
test: setup ## all Rust tests, then Microsoft's SDKs, then the browser stories
	cargo test --workspace --tests --no-run
	$(FRONT)
	RUST_TEST_THREADS=$(THREADS) $(TESTBED) run -- cargo test --workspace --tests
	$(SDK)
	cd end2end && ../$(TESTBED) run -- npx playwright test

soak: setup ## all Rust tests, with sweeps, samples and properties at their stated size
	cargo test --workspace --no-run
	FAIRLEAD_SOAK=1 PROPTEST_CASES=10000 $(TESTBED) run -- cargo test --workspace

e2e: setup ## the browser stories alone
	$(BUILD)
	cd end2end && ../$(TESTBED) run -- npx playwright test

sdk: setup ## Microsoft's SDKs and a fuzzer against the REST API alone
	cargo build --workspace --bins
	$(SDK)

check: setup ## formatting, lints, wasm, each crate alone, the arrows between crates, licences
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy -p hydrate --target wasm32-unknown-unknown --target-dir target/front -- -D warnings
	.ci/each-crate-alone
	cargo deny check bans licenses sources

advisories: setup ## known faults of the crates we use; ADVISORY_DB=folder reads a copy of the database
	.ci/advisories

sbom: setup ## what the program is made of, as CycloneDX in target/fairlead.cdx.json
	.ci/sbom

fuzz: setup ## what strangers may write, each target for a minute
	.ci/fuzz

bench: setup ## release build, measured under load
	cargo build --release --workspace --bins
	LEPTOS_SITE_ROOT=target/release/site cargo leptos build --release --frontend-only --split --precompress
	target/release/testbed bench

fmt: setup ## format all Rust sources
	cargo fmt --all
