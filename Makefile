# make run    set everything up and open the app        make test   set everything up and test
# make bench  measure speed beside what a user would pick instead (most of an hour)
# make lint   ruff and mypy    make fix   what ruff can mend    make help-text   README's command help
# make families   the table of model families: which go the fast way, which the plain one

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
export HF_HUB_DISABLE_TELEMETRY := 1
export TOKENIZERS_PARALLELISM := false

.PHONY: run test test-slow test-gpu lint fix bench bench-native families readme clean

run: $(VENV)/.ready
	$(PY) -m calm prepare
	$(PY) app.py

test: $(VENV)/.ready-dev
	$(PY) -m calm prepare
	$(PY) -m pytest

test-slow: $(VENV)/.ready-dev
	$(PY) -m pytest -m slow

test-gpu: $(VENV)/.ready-dev
	$(PY) -m pytest -m gpu

lint: $(VENV)/.ready-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

fix: $(VENV)/.ready-dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: $(VENV)/.ready
	$(PIP) install -r requirements-bench.txt
	$(PY) -m calm prepare
	for name in floor sampling scoring training ask growth; do \
		$(PY) -m benchmarks.$$name --write || exit 1; done
	$(PY) -m benchmarks.speed_page

# Its AMX code broke off with a segmentation fault on the machine of docs/SPEED.md: left out.
NO_AMX := -mno-amx-tile -mno-amx-int8 -mno-amx-bf16
bench-native: $(VENV)/.ready
	CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF -DCMAKE_C_FLAGS='$(NO_AMX)' -DCMAKE_CXX_FLAGS='$(NO_AMX)'" \
		$(PIP) install --no-binary llama-cpp-python llama-cpp-python==0.3.36

families: $(VENV)/.ready-dev
	$(PY) -m tests.models.families

readme: $(VENV)/.ready
	$(PY) tests/readme.py --write

$(VENV)/.ready: requirements.txt requirements-no-deps.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "CALM Studio needs Python 3.11 or later, but $(PYTHON) is " + sys.version.split()[0] + ". Call: make PYTHON=python3.12 ...")'
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PIP) install -r requirements.txt
	$(PIP) install --no-deps -r requirements-no-deps.txt
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	$(PIP) install -r requirements-dev.txt
	sh tests/install_browser.sh
	@touch $@

clean:
	rm -rf $(VENV) artefacts .pytest_cache .mypy_cache .ruff_cache
