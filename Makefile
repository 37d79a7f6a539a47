# Each target sets up what it needs, from nothing; a second run is quick.
#
#   make run         all of Turnout on this machine, with a demo event      KEEP=1 keeps its data
#   make test        everything: style, types, rules, races, the packaged system end to end
#   make check       the quick part of that
#   make bench       what a booking takes and costs, counted; some minutes
#   make live        a load on the running system, and whether its books are right afterwards: RATE=, SECONDS=, PLACES=
#   make launch-plan PEOPLE=100000 PLACES=5000 OPENS=2027-09-01T10:00:00Z: what to set, ask for and expect
#   make launch      launch day in simulated time, against its goals; half an hour, QUICK=1 three minutes
#   make package     the zip and the template for AWS
#   make deploy      STAGE=live MAIL_FROM=...: onto AWS; shows what would change, and asks
#   make restore     STAGE=live TO=...: the table as it was then, as a new one (docs/restore.md)
#   make stop, start STAGE=live: hold a deployment still, and let it go on
#   make shut, reopen STAGE=live: show the public a page that says so, and let it in again; all else goes on
#   make rotate      STAGE=live: the next step of rotating the secret that signs links (docs/deploy.md)
#   make organiser   NAME="Who organises": creates one, and prints its token once; ID=...: one more token of one
#   make clean       removes all that these made

PYTHON ?= python3
REQUIREMENTS := requirements.txt requirements-dev.txt requirements-local.txt
READY := .venv/ready-$(shell cat $(REQUIREMENTS) | cksum | cut -d' ' -f1)
RUN := .venv/bin/python
export PYTHONDONTWRITEBYTECODE = 1
export PYTHONUNBUFFERED = 1

.PHONY: run test check bench launch live launch-plan package deploy restore stop start shut reopen rotate organiser clean help
.DEFAULT_GOAL := help

help:
	@sed -n 's|^#   make|make|p' Makefile

$(READY):
	@$(PYTHON) -c 'import sys; sys.exit("Turnout needs Python 3.11 or newer: make PYTHON=python3.11 ..." if sys.version_info < (3, 11) else 0)'
	@echo "Setting up Python packages in .venv (once) ..."
	@test -x $(RUN) || $(PYTHON) -m venv .venv || { $(PYTHON) infra/needs.py venv; rm -rf .venv; $(PYTHON) -m venv .venv; }
	@$(RUN) -m pip install -qq --disable-pip-version-check -r requirements-dev.txt
	@$(RUN) -m venv .venv/ministack
	@.venv/ministack/bin/python -m pip install -qq --disable-pip-version-check -r requirements-local.txt
	@rm -f .venv/ready-* && touch $@

run: $(READY)
	@exec $(RUN) -m infra.local

test: $(READY)
	@$(RUN) infra/needs.py java node chromium zbar
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/pytest --numprocesses auto --no-loadscope-reorder

check: $(READY)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/pytest -q --quick --numprocesses auto

bench: $(READY)
	@$(RUN) infra/needs.py java node valgrind
	@$(RUN) -m bench

# The names on the command line, so that one which is mistyped is not taken for one that was left out.
launch-plan: export NAMES_GIVEN = $(foreach one,$(.VARIABLES),$(if $(findstring command,$(origin $(one))),$(one)))
launch-plan: $(READY)
	@$(RUN) -m bench.launch_plan

live: $(READY)
	@$(RUN) infra/needs.py java node
	@$(RUN) -m bench.live

launch: $(READY)
	@$(RUN) -m bench.launch

package: $(READY)
	@$(RUN) -m infra.package

deploy: $(READY)
	@$(RUN) -m infra.deploy

restore: $(READY)
	@$(RUN) -m infra.restore

stop start: $(READY)
	@$(RUN) -m infra.standstill $@

shut reopen: $(READY)
	@$(RUN) -m infra.shut_out $@

rotate: $(READY)
	@test -n "$$STAGE" || { echo 'Say which deployment: make rotate STAGE=live'; exit 2; }
	@$(RUN) -m infra.secrets --stage "$$STAGE" --rotate

organiser: $(READY)
	@test -n "$$NAME$$ID" || { echo 'Say who: make organiser NAME="Social Care Curry", or ID=... for one more token'; exit 2; }
	@if test -n "$$ID"; then $(RUN) -m infra.organiser --id "$$ID"; else $(RUN) -m infra.organiser "$$NAME"; fi

clean:
	rm -rf .build .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
