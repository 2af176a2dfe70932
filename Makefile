# Each target is a few readable lines; the longer ones are scripts in bin/.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONUTF8 := 1
# Where it is set, every process compiles all of the code anew: seconds at each start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup run test check faults fault-table bench assets i18n screenshots lock

setup:  ## everything a clean machine needs, into .venv/ and static/vendor/
	@$(PYTHON) bin/setup $(if $(filter file,$(origin PYTHON)),--fastest)

run: setup  ## from nothing to a served site with demo data; PORT is respected
	@$(BIN)/python bin/run

test: setup  ## both engines and the browser
	@$(BIN)/python -m tests.browser.chromium
	$(BIN)/pytest -n auto --dist worksteal -m "not faults"

check: setup  ## style, types, arrows, templates, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint --lint --quiet --profile=jinja templates
	$(BIN)/python bin/i18n check
	$(BIN)/python bin/lengths

faults: setup  ## kills, dropped connections, two workers at once
	$(BIN)/pytest -m faults

fault-table: setup  ## the same, and what came of it into docs/operations.md
	$(BIN)/pytest tests/faults -m faults --write-faults

bench: setup  ## speed and statement counts, written to docs/bench.md
	$(BIN)/python -m tests.bench

assets: setup  ## css and js into static/vendor/
	@$(BIN)/python bin/assets

i18n: setup  ## bring the translations up to date with the code
	$(BIN)/python bin/i18n update

screenshots: setup  ## the pictures in docs/screenshots/
	@$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.browser.screenshots

lock:  ## the versions of all parts, with hashes
	$(BIN)/uv pip compile setup.cfg --generate-hashes --no-emit-index-url --no-header --quiet --upgrade -o requirements/run.txt
	$(BIN)/uv pip compile setup.cfg --extra dev --generate-hashes --no-emit-index-url --no-header --quiet -c requirements/run.txt -o requirements/dev.txt
