PYTHON ?= python3
RUN := .venv/bin/python -m
# These would lead Python or pip past this folder's own installation.
unexport PYTHONSAFEPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX

.DEFAULT_GOAL := help
.PHONY: help setup dev start migrate test test-all check format bench load doctor contract lock keys revoke role clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## Install everything, beneath this folder
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python 3.11 or newer is needed; install it, or name it with PYTHON=…"; exit 1; }
	@$(PYTHON) scripts/setup.py $(if $(filter file,$(origin PYTHON)),,--named)

dev: setup ## Run everything, reloading on change: web on :3000, API on :8000
	@exec $(RUN) scripts.stack development

start: setup ## Run everything in production mode
	@exec $(RUN) scripts.stack production

migrate: setup ## Bring the database up to date
	@$(RUN) scripts.migrate

test: setup ## Run the tests, on a stack of their own, in under ten minutes
	@$(RUN) scripts.test

test-all: setup ## Run those that take longer too; skipped ones are listed with the reason
	@$(RUN) scripts.test --all

check: setup ## Lint, format and types, both sides
	@$(RUN) scripts.check

format: setup ## Format both sides
	@$(RUN) scripts.check --write

bench: setup ## Measure, and print tables
	@$(RUN) scripts.bench

load: setup ## Let 2,000 people use a stack of its own, and then too many; LOAD_PEOPLE, LOAD_RUSHING, LOAD_HOLD
	@$(RUN) scripts.load

doctor: setup ## Say what is wrong, and what to do; JSON=1, WEB_ENV=<file> and API_ENV=<file> of what runs elsewhere
	@$(RUN) scripts.doctor $(if $(filter-out 0 no false,$(JSON)),--json) $(if $(WEB_ENV),--web-env "$(WEB_ENV)") $(if $(API_ENV),--api-env "$(API_ENV)")

contract: setup ## Generate both sides' code from shared-schema
	@$(RUN) scripts.contract

lock: setup ## Lock the Python packages' versions; UPGRADE="name …" moves some
	@$(RUN) scripts.lock $(UPGRADE)

# The shell has variables of its own: USER names who is logged in, EMAIL who commits, and TOKEN may hold a token. What
# changes something counts only on make's command line.
typed = $(if $(filter command,$(origin $(1))),$(value $(1)))

keys: export KEYS_COMMAND = $(call typed,CMD)
keys: setup ## List signing keys; CMD="rotate", CMD="retire KID"
	@$(RUN) scripts.identity keys

revoke: export REVOKE_USER = $(call typed,USER)
revoke: export REVOKE_TOKEN = $(call typed,TOKEN)
revoke: export REVOKE_CLIENT = $(call typed,CLIENT)
revoke: export REVOKE_BEFORE = $(call typed,BEFORE)
revoke: export REVOKE_SESSION = $(call typed,SESSION)
revoke: export REVOKE_ALL = $(call typed,ALL)
revoke: export REVOKE_YES = $(call typed,YES)
revoke: setup ## Revoke tokens: USER=<id or e-mail>, SESSION=<id>, TOKEN=<jti>, CLIENT=<id> or ALL=1 (asks, or takes YES=1); BEFORE=<time>
	@$(RUN) scripts.revoke

role: export ROLE_EMAIL = $(call typed,EMAIL)
role: export ROLE_NAME = $(call typed,ROLE)
role: setup ## Give a user a role: EMAIL=… ROLE=admin
	@$(RUN) scripts.identity role "$$ROLE_EMAIL" "$$ROLE_NAME"

clean: ## Remove what was installed and built; the database stays
	rm -rf .venv frontend/node_modules frontend/.next
