# One word for each thing a person does here. Everything runs from .venv, which each target brings up to date first.
#   ARGS="..."           is handed on to the command behind the target
#   PYTHON=/path/python  names the Python to build .venv with (3.11 or newer)

.DEFAULT_GOAL := help
.PHONY: help setup stacked demo run test long check format docs evaluation lock clean

ARGS ?=
PYTHON ?=
export PYTHON

SOURCES := bot graphs prompts policies tests .ci
BIN := .venv/bin

# Tests write to a temporary folder that is removed, and see it as their home: nothing outside the checkout changes.
# As root, PostgreSQL runs as another user, so the folder is open like /tmp itself.
IN_A_CLEAN_ROOM = room=$$(mktemp -d) && trap 'rm -rf "$$room"' EXIT && trap 'exit 130' INT TERM \
	&& chmod 1777 "$$room" && mkdir -m 700 "$$room/home" \
	&& PYTHONUTF8=1 TMPDIR="$$room" HOME="$$room/home" XDG_CACHE_HOME="$$room/home/.cache" XDG_CONFIG_HOME="$$room/home/.config" \
	   XDG_DATA_HOME="$$room/home/.local" XDG_RUNTIME_DIR="$$room/home"

PYTEST = $(BIN)/python -m pytest --dist loadgroup --session-timeout=1200
# Tests that start bots and servers have a run of their own: what one leaves behind must not slow the next. They wait
# more than they compute, so three of them share two cores.
APART := e2e crash others demo

help: ## Say what can be done here
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 12

setup: ## Build .venv with the strata command in it (Python 3.11 or newer is all it needs)
	@sh .ci/setup run >&2

stacked: ## Build .venv with the small sentence encoder too: `strata classify --engine stacked` (80 MB more)
	@sh .ci/setup stacked >&2

demo: ## Open the demo page: Slack and a tracker on this machine (ARGS="--headless --json" plays a story)
	@sh .ci/setup run >&2
	@$(BIN)/strata demo $(ARGS)

run: ## Start the bot with the settings of your environment (.env.example lists them)
	@sh .ci/setup run >&2
	@$(BIN)/strata run $(ARGS)

test: ## Run every test but the slow profiles, in at most 8 minutes (ARGS="tests/bot -k card" for some)
	@sh .ci/setup test >&2
	@sh .ci/setup node >&2
ifeq ($(strip $(ARGS)),)
	@$(IN_A_CLEAN_ROOM) $(PYTEST) -n 2 -m "not long" $(foreach part,$(APART),--ignore=tests/$(part))
	@for part in $(APART); do ( $(IN_A_CLEAN_ROOM) $(PYTEST) -n 3 -m "not long" tests/$$part ) || exit 1; done
else
	@$(IN_A_CLEAN_ROOM) $(PYTEST) -n 2 -m "not long" $(ARGS)
endif

long: ## Run the slow profiles
	@sh .ci/setup test >&2
	@sh .ci/setup node >&2
	@$(IN_A_CLEAN_ROOM) $(BIN)/python -m pytest --dist loadgroup -n 3 -m long $(ARGS)

check: ## Formatting, lint, types and import rules
	@sh .ci/setup test >&2
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/mypy .ci/environment.py .ci/steps.py .ci/node_packages.py
	$(BIN)/lint-imports

format: ## Format the code and repair what lint can repair
	@sh .ci/setup test >&2
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

docs: ## Draw the pictures and tables of the documents from the code
	@sh .ci/setup test >&2
	@$(BIN)/python -m tests.docs

evaluation: ## Measure the engine and write docs/evaluation.md (ARGS="--data DIR" for all of it)
	@sh .ci/setup run >&2
	@$(BIN)/python -m bot.evaluation $(ARGS)

LOCK = .venv/bootstrap/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --cache-dir .venv/cache/uv

lock: ## Pin what pyproject.toml asks for, with hashes (ARGS=--upgrade for the newest versions)
	@sh .ci/setup run >&2
	$(LOCK) $(ARGS) --group bootstrap --output-file requirements-bootstrap.txt
	$(LOCK) $(ARGS) --group build pyproject.toml --output-file requirements.txt
	$(LOCK) $(ARGS) --group build --extra stacked --constraint requirements.txt pyproject.toml --output-file requirements-stacked.txt
	$(LOCK) $(ARGS) --group build --group test --extra stacked --constraint requirements-stacked.txt pyproject.toml --output-file requirements-test.txt

clean: ## Remove what was built; .strata (your data) and .env stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist tests/node/node_modules
	@find bot graphs prompts policies tests .ci -name __pycache__ -type d -exec rm -rf {} +
