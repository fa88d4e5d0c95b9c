# Everything a person or CI does with the lobby. It needs git, make and Python 3.11; the rest it gets.
PYTHON := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup run tour test bench check clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup: ## Install what is missing, make fonts, keys, credentials and demonstration data
	@./bootstrap.sh run
	@$(PYTHON) -m controller.setup

run: ## Open the lobby: broker, controller, kiosk and board; Ctrl-C closes it
	@./bootstrap.sh run
	@exec $(PYTHON) -m controller.lobby

tour: ## Play a morning through the real lobby and keep its pictures
	@./bootstrap.sh test
	@exec $(PYTHON) -m tests.e2e.tour

# One process more than there are processors: much of a test is waiting.
test: check ## Run the checks and all tests, as CI does
	@$(PYTHON) -m controller.setup
	@$(PYTHON) -m pytest -n $$(($$(nproc) + 1))

bench: ## Measure what the design promises
	@./bootstrap.sh test
	@exec $(PYTHON) -m tests.benchmarks

check: ## Format, lint and types
	@./bootstrap.sh test
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy

clean: ## Remove what was installed and generated, but no lobby's data
	rm -rf .venv out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
