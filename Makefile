# Everything is run from here; `make` alone lists what there is.

ORGANISATION ?= sample
# The made-up community of the sample falls silent after this night. For others: yesterday.
NIGHT ?= $(if $(filter sample,$(ORGANISATION)),2026-02-04)

# The newest Python that fits. Another one: make PYTHON=/path/to/python3.12 …
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo "$$python" && break; done)
BIN := .venv/bin
DATA := $(abspath $(or $(RAPPORT_HOME),var))
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate pyproject.toml --extra production

export PYTHONPATH := $(CURDIR)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help nightly test bench lint airflow docs lock clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

nightly: .venv/.ready ## Run one night: make nightly [ORGANISATION=sample] [NIGHT=2026-02-04]
	@$(BIN)/python -m dags $(ORGANISATION) $(if $(NIGHT),--night $(NIGHT))

test: .venv/.ready ## Run all tests but those that need real servers
	@$(BIN)/python -m pytest -m "not server" --numprocesses 2 --dist loadfile --cov --cov-report term

bench: .venv/.ready ## Measure speed and memory: make bench [MESSAGES="1000000 3000000 10000000"]
	@$(BIN)/python -m tests.bench --messages $(or $(MESSAGES),1000000)

lint: .venv/.ready ## Check format, style, types, import directions, SQL and Dockerfile
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/sqlfluff lint sql
	@$(BIN)/hadolint docker/Dockerfile

airflow: .venv/.ready ## Open the Airflow UI on this machine
	@$(BIN)/python -m dags ui

docs: .venv/.ready ## Write the documentation of all models and columns into one page
	@test -e $(DATA)/build/$(ORGANISATION)/relationships.duckdb || $(MAKE) --no-print-directory nightly
	@RAPPORT_BUILD=$(DATA)/build/$(ORGANISATION)/relationships.duckdb \
		RAPPORT_CORE=$(DATA)/lake/$(ORGANISATION)/core \
		RAPPORT_STATE=$(DATA)/lake/$(ORGANISATION)/state DO_NOT_TRACK=1 \
		$(BIN)/dbt --quiet docs generate --static --project-dir sql --profiles-dir sql \
		--target-path $(DATA)/docs --log-path $(DATA)/logs --vars '{as_of: "$(or $(NIGHT),2026-02-04)"}'
	@echo "Open $(DATA)/docs/static_index.html"

lock: .venv/.ready ## Resolve all dependencies anew: make lock [UPGRADE=--upgrade]
	@echo "Resolving dependencies into requirements-dev.lock and requirements.lock …"
	@$(LOCK) $(UPGRADE) --group dev --output-file requirements-dev.lock
	@$(LOCK) $(UPGRADE) --constraint requirements-dev.lock --output-file requirements.lock

clean: ## Remove the environment and all caches; what nights have written stays in var/
	@rm -rf .venv build *.egg-info .coverage .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache .hypothesis sql/target sql/logs
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv comes first and, like all that it then installs, only as the lock's hashes allow.
.venv/.ready: requirements-dev.lock
	@test -n "$(PYTHON)" || { echo "Rapport needs Python 3.11, 3.12 or 3.13 and finds none:" \
		"install one, or name it: make PYTHON=/path/to/python3.12 …" >&2; exit 1; }
	@echo "Setting up .venv with $$("$(PYTHON)" --version), once …"
	@"$(PYTHON)" -c 'import ensurepip' 2>/dev/null || $(INSTALL_VENV)
	@"$(PYTHON)" -m venv --clear .venv
	@awk '/^[^ ]/ { mine = /^uv==/ } mine' requirements-dev.lock > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement .venv/uv.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements-dev.lock
	@touch $@

# Debian ships Python without the part that makes environments.
INSTALL_VENV = { \
	venv="$$("$(PYTHON)" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"; \
	test "$$(id -u)" = 0 && command -v apt-get >/dev/null || { \
		echo "$(PYTHON) cannot make environments: run 'sudo apt-get install $$venv', then make again" >&2; exit 1; }; \
	echo "Installing $$venv …" && apt-get update --quiet=2 \
	&& DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends $$venv >/dev/null; }
