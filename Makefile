# Each target sets up what it needs, from nothing; a second run is quick.
#
#   make run         run all of Turnout on this machine, with a demo event; KEEP=1 keeps its data, PORT=8050 moves it
#   make test        check everything: style, types, rules, races, the packaged system end to end
#   make check       check the quick part of that
#   make bench       count what a booking takes and costs; some minutes
#   make live        send a crowd to the running system, and check its books: RATE=4 SECONDS=30 PLACES=100 SEED=1
#   make launch      play launch day in simulated time, against its goals; half an hour, QUICK=1 three minutes
#   make launch-plan PEOPLE=100000 PLACES=5000 OPENS=2027-09-01T10:00:00Z: say what to set, ask for and expect
#   make preflight   MAIL_FROM=bookings@your.org: check what AWS and DNS need before the first deployment
#   make package     build the zip and the template for AWS
#   make deploy      STAGE=live MAIL_FROM=...: put Turnout onto AWS; shows what would change, and asks
#   make shut        STAGE=live: show the public that booking is closed; make reopen lets it in again
#   make stop        STAGE=live: hold a deployment still; make start lets it go on
#   make restore     STAGE=live TO=...: restore the table as it was then, as a new one (docs/restore.md)
#   make rotate      STAGE=live: take the next step of rotating the secret that signs links; DROP=k1 forgets a key
#   make organiser   NAME="Social Care Curry": create an organiser, and print its token once; ID=...: another token
#   make lock        write requirements-deployed.txt, after a version in requirements.txt has changed
#   make map       write the towns and outlines of maps again, from GeoNames and Natural Earth
#   make clean       remove all that these made here
#
# .venv/bin/python -m infra COMMAND --help explains each variable, as the option of the same name.

PYTHON ?= python3
REQUIREMENTS := requirements.txt requirements-dev.txt requirements-local.txt
READY := .venv/ready-$(shell cat $(REQUIREMENTS) | cksum | cut -d' ' -f1)
RUN := .venv/bin/python
INSTALL := -m pip install -qq --disable-pip-version-check
export PYTHONUNBUFFERED = 1
# Python may keep its bytecode, whatever the shell says: or each process of the tests compiles everything again.
unexport PYTHONDONTWRITEBYTECODE

TARGETS := run test check bench live launch launch-plan preflight package deploy shut reopen stop start restore \
	rotate organiser lock map clean help
.PHONY: $(TARGETS)
.DEFAULT_GOAL := help
# Of two targets the first one is done first, also with -j.
.NOTPARALLEL:

# What each command takes. Those of `python -m infra`, of live and of launch are options by the same names.
TAKES_run := KEEP PORT INBOX_PORT AWS_PORT TURNOUT_BUILD
TAKES_live := RATE SECONDS PLACES SEED
TAKES_launch := QUICK WORKERS
TAKES_launch-plan := PEOPLE PLACES OPENS SESSIONS ADMISSION MAILS_PER_SECOND MAILS_PER_DAY LAMBDA_CONCURRENCY \
	REQUESTS_PER_SECOND TABLE_UNITS HOURS DISTRIBUTION FIREWALL
TAKES_preflight := STAGE MAIL_FROM WEBSITE PEOPLE PLACES SESSIONS RESOLVER
TAKES_deploy := STAGE MAIL_FROM BASE_URL PARAMETERS BUCKET RESTORED_TABLE YES
TAKES_shut := STAGE
TAKES_reopen := STAGE
TAKES_stop := STAGE
TAKES_start := STAGE
TAKES_restore := STAGE TO
TAKES_rotate := STAGE DROP
TAKES_organiser := NAME ID TURNOUT_TABLE TURNOUT_BUILD
TAKEN_BY_ALL := PYTHON SHELL AWS_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY \
	AWS_SESSION_TOKEN NO_COLOR

quoted = $(foreach name,$(1),'$(subst ','\'',$(name))')

# A mistyped target is refused first: make would do those before it, and call a directory of that name done.
NO_TARGETS := $(filter-out $(TARGETS),$(MAKECMDGOALS))
ifneq ($(NO_TARGETS),)
$(shell $(PYTHON) infra/mistyped.py $(call quoted,$(NO_TARGETS)) -- $(TARGETS))
$(error Nothing was done. make help lists all targets)
endif

# A name on make's command line that the command doesn't take is refused: its value would be ignored.
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
GOALS := $(or $(MAKECMDGOALS),help)
TAKEN := $(foreach goal,$(GOALS),$(TAKES_$(goal)))
MISTYPED := $(filter-out $(TAKEN) $(TAKEN_BY_ALL),$(GIVEN))
ifneq ($(MISTYPED),)
$(shell $(PYTHON) infra/mistyped.py $(call quoted,$(MISTYPED)) -- $(TAKEN) $(TAKEN_BY_ALL))
$(error Nothing was done. make $(GOALS) takes $(or $(strip $(TAKEN)),no variables))
endif

# A value may hold anything: it goes to the command through the environment, and neither make nor a shell reads it.
define KEPT
override $(1) := $$(value $(1))
export $(1)
endef
$(foreach name,$(GIVEN),$(eval $(call KEPT,$(name))))

# The options of this target: each variable that has a value. An empty RESTORED_TABLE means something as well.
is_set = $(or $(value $(1)),$(and $(filter RESTORED_TABLE,$(1)),$(filter-out undefined,$(origin $(1)))))
option = --$(shell echo $(1) | tr A-Z_ a-z-)
flag = $(if $(filter 1,$(value $(1))),$(option))
valued = $(if $(is_set),$(option)="$${$(1)}")
OPTIONS = $(foreach name,$(TAKES_$@),$(call $(if $(filter YES QUICK,$(name)),flag,valued),$(name)))

help:
	@sed -n 's|^#   make|make|p' Makefile

$(READY):
	@$(PYTHON) -c 'import sys; sys.exit("Turnout needs Python 3.11 or newer: make PYTHON=python3.11 ..." if sys.version_info < (3, 11) else 0)'
	@echo "Setting up Python packages in .venv (once) ..."
	@test -x $(RUN) || $(PYTHON) -m venv .venv || { $(PYTHON) infra/needs.py venv; rm -rf .venv; $(PYTHON) -m venv .venv; }
	@# Both at once: each mostly waits for the network, or writes bytecode on one processor.
	@{ $(RUN) -m venv .venv/ministack && .venv/ministack/bin/python $(INSTALL) -r requirements-local.txt; } & \
	$(RUN) $(INSTALL) -r requirements-dev.txt && wait $$!
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

live: $(READY)
	@$(RUN) infra/needs.py java node
	@$(RUN) -m bench.live $(OPTIONS)

launch: $(READY)
	@$(RUN) -m bench.launch $(OPTIONS)

launch-plan preflight package deploy shut reopen stop start restore rotate lock map: $(READY)
	@$(RUN) -m infra $@ $(OPTIONS)

organiser: $(READY)
	@$(RUN) -m infra organiser $(if $(value ID),--id="$$ID",$(if $(value NAME),-- "$$NAME"))

clean:
	rm -rf .build .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
