PYTHON ?= python3
RUN := .venv/bin/python -m
export PYTHONDONTWRITEBYTECODE := 1

.DEFAULT_GOAL := help
.PHONY: help setup dev start migrate test check format bench doctor contract lock keys revoke role clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## Install everything, beneath this folder
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python 3.11 or newer is needed; install it, or name it with PYTHON=…"; exit 1; }
	@$(PYTHON) scripts/setup.py

dev: setup ## Run everything, reloading on change: web on :3000, API on :8000
	@exec $(RUN) scripts.run development

start: setup ## Run everything in production mode
	@exec $(RUN) scripts.run production

migrate: setup ## Bring the database up to date
	@$(RUN) scripts.migrate

test: setup ## Run every test, on a stack of its own
	@$(RUN) scripts.test

check: setup ## Lint, format and types, both sides
	@$(RUN) scripts.check

format: setup ## Format both sides
	@$(RUN) scripts.check --write

bench: setup ## Measure, and print tables
	@$(RUN) scripts.bench

doctor: setup ## Say what does not fit together, and what to do
	@$(RUN) scripts.doctor

contract: setup ## Generate both sides' code from shared-schema
	@$(RUN) scripts.contract

lock: setup ## Lock the Python packages' versions; UPGRADE="name …" moves some
	@$(RUN) scripts.lock $(UPGRADE)

keys: setup ## List signing keys; CMD="rotate", CMD="retire KID"
	@$(RUN) scripts.identity keys $(CMD)

revoke: setup ## Call tokens back: USER=<id or e-mail>, SESSION=<id> or ALL=1
	@$(RUN) scripts.identity revoke $(if $(SESSION),session '$(SESSION)',$(if $(ALL),all,$(if $(filter command,$(origin USER)),user '$(USER)')))

role: setup ## Give a user a role: EMAIL=… ROLE=admin
	@$(RUN) scripts.identity role '$(EMAIL)' '$(ROLE)'

clean: ## Remove what was installed and built; the database stays
	rm -rf .venv frontend/node_modules frontend/.next
