# Everything that a person or a CI job does with this checkout: `make help` lists it.
# Each installation leaves a stamp in .stamps/, so a second run installs nothing again.

PYTHON ?= python3
# Appended to the last command of `demo`, `unit`, `integration`, `browser` and `notebooks`, e.g. ARGS=--no-browser or ARGS="-k glare".
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
# npm's own record of what it installed: gone when the folder is.
NODE_MODULES := js/node_modules/.package-lock.json
BUNDLE := rtc_widget/static/widget.js
LESSONS := $(wildcard $(addprefix notebooks/,*.ipynb pictures/*.svg traces/*.jsonl))
JS_SOURCES := js/build.mjs js/tsconfig.json $(shell find js/src -type f 2>/dev/null)
STAGES := lint format types house js-check js-test docs unit integration browser notebooks
# Each of these takes one core: those of Python's run beside the rest.
STATIC := lint format types house
STATIC_BESIDE := js-check js-test docs
BESIDE_NOTEBOOKS := integration browser

# Jupyter refuses to run as root unless told that it is meant.
ROOT_FLAG := $(if $(filter 0,$(shell id -u)),--allow-root)

# Tests that compute get the two cores, and so do browsers; those that wait for processes are three at once.
IN_TWO := --numprocesses 2 --dist loadfile
IN_THREE := --numprocesses 3 --dist loadfile
# Each process has its browsers and its JupyterLab for all of its tests; who is done first takes some of the other's.
AND_SHARE := --numprocesses 2 --dist worksteal
# Lessons mostly wait: `make test` runs them beside everything that starts processes.
IN_ONE := --numprocesses 1

# Where it is set, every kernel, relay and media process would compile this package anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The stages share two cores, one browser and one virtual environment.
.NOTPARALLEL:
.PHONY: help demo test js docs check unit integration browser notebooks soak audit wheel clean setup $(addprefix stage-,$(STAGES))

help: ## Say what there is.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# JupyterLab saves what it has open: it gets copies of the lessons, each anew once the lesson itself has changed.
# The default address is what --no-browser prints; without it, it would lead to a launcher instead of the call.
demo: $(STAMPS)/demo $(BUNDLE) $(patsubst %,scratch/%,$(LESSONS)) ## Open a copy of the first call in JupyterLab (ARGS=--no-browser prints its address).
	$(BIN)/jupyter lab $(ROOT_FLAG) --LabApp.default_url=/lab/tree/01_first_call.ipynb scratch/notebooks/01_first_call.ipynb $(ARGS)

scratch/%: %
	@mkdir -p $(@D) && cp $< $@

# The browsers are fetched while everything runs that needs none.
test: $(STAMPS)/test $(STAMPS)/docs $(STAMPS)/ipykernel-6 $(STAMPS)/hub-proxy $(STAMPS)/networks $(BUNDLE) ## Run every check and every test, and stop at the first stage that fails.
	@$(MAKE) --no-print-directory $(STAMPS)/browsers >$(STAMPS)/browsers.log 2>&1 & browsers=$$!; \
	printf '\n=== %s ===\n' "$(STATIC) $(STATIC_BESIDE)"; \
	$(MAKE) --no-print-directory $(addprefix stage-,$(STATIC_BESIDE)) >$(STAMPS)/beside.log 2>&1 & beside=$$!; \
	$(MAKE) --no-print-directory $(addprefix stage-,$(STATIC)) || { \
	  printf '\nmake test: one of the stages "$(STATIC)" failed\n'; wait $$beside $$browsers; exit 1; }; \
	wait $$beside || { cat $(STAMPS)/beside.log; \
	  printf '\nmake test: one of the stages "$(STATIC_BESIDE)" failed\n'; wait $$browsers; exit 1; }; \
	tail -n 8 $(STAMPS)/beside.log; \
	printf '\n=== unit ===\n'; $(MAKE) --no-print-directory stage-unit || { \
	  printf '\nmake test: stage "unit" failed\n'; wait $$browsers; exit 1; }; \
	wait $$browsers || { cat $(STAMPS)/browsers.log; exit 1; }; \
	$(MAKE) --no-print-directory stage-notebooks >$(STAMPS)/notebooks.log 2>&1 & notebooks=$$!; \
	for stage in $(BESIDE_NOTEBOOKS); do \
	  printf '\n=== %s ===\n' "$$stage"; \
	  $(MAKE) --no-print-directory "stage-$$stage" || { \
	    wait $$notebooks; cat $(STAMPS)/notebooks.log; \
	    printf '\nmake test: stage "%s" failed\n' "$$stage"; exit 1; }; \
	done; \
	wait $$notebooks; notebooks=$$?; printf '\n=== notebooks ===\n'; cat $(STAMPS)/notebooks.log; \
	[ $$notebooks = 0 ] || { printf '\nmake test: stage "notebooks" failed\n'; exit 1; }; \
	printf '\nmake test: all stages passed ($(STAGES))\n'

js: $(BUNDLE) ## Build the front end into rtc_widget/static.

docs: $(STAMPS)/docs $(BUNDLE) stage-docs ## Build the documentation into site/html/ (open its index.html).

check: $(STAMPS)/test $(NODE_MODULES) stage-lint stage-format stage-types stage-house stage-js-check ## Lint, formatting and types of both languages.

unit: $(STAMPS)/test $(BUNDLE) stage-js-test stage-unit ## Tests that start no process and open no socket.

integration: $(STAMPS)/test $(STAMPS)/ipykernel-6 $(STAMPS)/networks $(BUNDLE) stage-integration ## Tests with a real relay and real peers, without a browser.

browser: setup stage-browser ## Tests in real browsers and a real JupyterLab.

# With fake devices; the recorded demo is written in place, each lesson with its outputs, and as a page, into recorded/.
notebooks: setup ## Record every lesson anew (ARGS=13_recorded_demo for one).
	$(BIN)/python scripts/record_notebooks.py $(ARGS)

# Seeds are random and printed: SCHEDULES and MESSAGES say how many, NOSHRINK=1 stops at the first that fails. JOINS, CALLS,
# RERUNS and QUIET_MINUTES say how much is done over and over, ASLEEP_SECONDS and BUSY_SECONDS how long faults last.
# Each lesson is run LESSON_RUNS times beside HOGS processes that take all the time there is.
soak: setup ## Random schedules, strangers' messages, what must not grow, and faults, for hours (ARGS="-k schedule").
	SCHEDULES=$(or $(SCHEDULES),1000) MESSAGES=$(or $(MESSAGES),100000) LABEL_WIDTHS=4 $(BIN)/python -m pytest -s \
	  tests/browser/test_diagram_labels.py tests/browser/test_convergence.py tests/integration/test_relay_fuzz.py \
	  tests/integration/test_description_fuzz.py tests/browser/test_description_fuzz.py \
	  tests/unit/recording/read/test_mutated_files.py tests/unit/trace/test_one_bad_message.py tests/soak $(ARGS)

# Fails for a hole that is known; where advisories cannot be reached, it says so.
audit: $(STAMPS)/test $(NODE_MODULES) ## Look for known holes in what is installed.
	$(call install,--quiet --group audit)
	$(BIN)/python scripts/audit.py

wheel: $(STAMPS)/test $(BUNDLE) ## Build the wheel into dist/.
	$(BIN)/pip wheel --no-deps --wheel-dir dist .

clean: ## Remove what this file made.
	rm -rf $(VENV) $(STAMPS) js/node_modules rtc_widget/static dist site test-artifacts recorded scratch
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: $(STAMPS)/test $(STAMPS)/ipykernel-6 $(STAMPS)/hub-proxy $(BUNDLE) $(STAMPS)/networks $(STAMPS)/browsers

stage-lint:
	$(BIN)/ruff check .
	$(BIN)/python scripts/check_docstrings.py
stage-format:
	$(BIN)/ruff format --check .
stage-types:
	$(BIN)/mypy
# Which way imports point, and code that nothing uses.
stage-house:
	$(BIN)/lint-imports
	$(BIN)/vulture
stage-js-check:
	npm --prefix js run check
stage-js-test:
	npm --prefix js test
# Whatever a page links to in the project has to be there; what it links to outside is not asked.
stage-docs:
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --fresh-env -c docs -b html . site/html
stage-unit:
	$(BIN)/python -m pytest tests/unit $(IN_TWO) $(ARGS)
# Those of one file share a relay, or browsers and a JupyterLab, and stay together.
stage-integration:
	$(BIN)/python -m pytest tests/integration $(IN_THREE) $(ARGS)
stage-browser:
	$(BIN)/python -m pytest tests/browser $(AND_SHARE) $(ARGS)
stage-notebooks:
	$(BIN)/python -m pytest tests/notebooks $(IN_ONE) $(ARGS)

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "rtc_widget needs Python 3.11 or newer. Name one: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# `pip install --group` came with pip 25.1; a new environment has the interpreter's own, often older.
$(STAMPS)/python: $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --upgrade pip uv
	@mkdir -p $(@D) && touch $@

# uv does in seconds what takes pip minutes, but knows nothing of a mirror that only pip was told of.
install = $(BIN)/uv pip install --python $(VENV) $(1) || $(BIN)/python -m pip install $(1)

$(STAMPS)/demo: pyproject.toml $(STAMPS)/python
	$(call install,--editable '.[peer]' --group demo)
	@touch $@

$(STAMPS)/docs: $(STAMPS)/test
	$(call install,--group docs)
	@touch $@

$(STAMPS)/test: pyproject.toml $(STAMPS)/python
	$(call install,--editable '.[peer]' --group test)
	@touch $@

# The last ipykernel without subshells, beside the present one: a kernel of its own in the tests. Only what it needs
# that the present one does not bring.
$(STAMPS)/ipykernel-6: $(STAMPS)/test
	$(call install,--no-deps --upgrade --target $@ 'ipykernel==6.31.*' nest-asyncio)
	@touch $@

# What leads to JupyterHub's servers, which it does not bring.
$(STAMPS)/hub-proxy: Makefile
	npm install --silent --no-audit --no-fund --no-package-lock --prefix $@ 'configurable-http-proxy@^5'
	@touch $@

$(NODE_MODULES): js/package.json js/package-lock.json
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { \
	  echo "Building the front end needs Node.js 20 or newer and npm."; exit 1; }
	npm --prefix js ci --no-audit --no-fund
	@touch $@

$(BUNDLE): $(NODE_MODULES) $(JS_SOURCES)
	npm --prefix js run build
	@touch $@

$(STAMPS)/browsers: scripts/debian_packages.sh
	bash scripts/debian_packages.sh "$${CHROMIUM:-chromium}=chromium" "$${FIREFOX:-firefox-esr}=firefox-esr"
	[ -n "$${CHROMIUM-}" ] || bash scripts/debian_packages.sh --optional chromium-headless-shell=chromium-headless-shell
	@mkdir -p $(@D) && touch $@

# A TURN server, a web server that notebooks are behind, what networks are made of, and a sound card that nobody hears.
$(STAMPS)/networks: scripts/debian_packages.sh Makefile
	bash scripts/debian_packages.sh --optional turnserver=coturn nginx=nginx ip=iproute2 nft=nftables \
	  vde_plug=vdeplug wirefilter=vde-wirefilter pulseaudio=pulseaudio
	@mkdir -p $(@D) && touch $@
