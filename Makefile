# Everything runs in .venv, which tools/setup.sh makes and keeps up to date; nothing needs activating.
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
# As many tests at a time as there are CPUs, up to four: each process holds a TensorFlow of 1 GB.
PARALLEL := --numprocesses auto --maxprocesses 4 --dist worksteal
SHELL_SCRIPTS := .ci/run $(wildcard */*.sh tensorflow_build/releases/*.sh)

.DEFAULT_GOAL := help
.PHONY: help setup profile test check format engine-test native native-test compatibility-test inspect-test environments-test features-test report-test docker-test clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r target text; do \
	  printf '  make %-18s %s\n' "$$target" "$$text"; done
	@echo 'Variables: TENSORFLOW (a requirement such as tensorflow-cpu==2.14.0, or a wheel), PYTHON (an'
	@echo 'interpreter), ARGS (more arguments for pytest, profile.py or the script of a test).'

setup: ## make .venv with TensorFlow, the package, the custom ops and the weights
	@tools/setup.sh

profile: setup ## set up, then measure every backend; writes to results/
	$(BIN)/python profile.py $(ARGS)

test: setup ## set up, then run all tests
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

check: ## formatting, lint, types, shell scripts, Dockerfiles (no TensorFlow needed)
	@tools/setup.sh tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/shellcheck $(SHELL_SCRIPTS)
	$(BIN)/hadolint Dockerfile tensorflow_build/Dockerfile

format: ## apply the formatter and lint fixes
	@tools/setup.sh tools
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

engine-test: ## test the C++ engine: natively, with sanitizers, on emulated CPUs
	@tools/setup.sh tools
	@tools/engine_test.sh $(ARGS)

native: ## build the program tfopt-native: build/release/tfopt-native
	@tools/setup.sh tools
	@tools/build_native.sh

native-test: setup ## test tfopt-native: by itself, with sanitizers, against the package
	@tools/native_test.sh $(PARALLEL) $(ARGS)

compatibility-test: setup ## test the custom ops with four versions of TensorFlow
	@tools/compatibility_test.sh $(ARGS)

inspect-test: setup ## test what builds of TensorFlow are found to be compiled with, and emulated CPUs
	@tools/inspect_test.sh

environments-test: setup ## profile with two builds of TensorFlow, each in its environment
	@tools/environments_test.sh

features-test: setup ## test mel spectrograms (librosa, tensorflow-io), and what needs librosa of the training
	@tools/features_test.sh $(ARGS)

report-test: setup ## open the report in headless Chromium
	@tools/report_test.sh $(ARGS)

docker-test: setup ## build the image and run the documented commands in it
	@tools/docker_test.sh

clean: ## remove .venv and build products
	rm -rf .venv build dist model/tfopt/libtfopt_ops.so .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
