# make run    set everything up and open the app        make test   set everything up and test
# make bench  measure speed beside what a user would pick instead, with this processor's
#             instructions, then without those for bf16 (an hour or two); make bench-short does less
# make check  what a change needs at least: make lint and the quick tests, side by side
# make coverage   the tests once more, with how much of the code they run
# make lint   ruff and mypy    make fix   what ruff can mend
# make docs   the documentation as a site, in artefacts/docs
# make readme   what the README and docs/ take from the code: command help, endpoints, files
# make families   the table of model families: which go the fast way, which the plain one

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
export HF_HUB_DISABLE_TELEMETRY := 1
export TOKENIZERS_PARALLELISM := false

.PHONY: run check quick test test-slow test-gpu coverage lint fix bench measure bench-short measure-short bench-native families readme docs clean

run: $(VENV)/.ready
	$(PY) -m calm prepare
	$(PY) app.py

# Files of tests side by side: one thread each, four at the most, since each may hold a model, and
# one more than there are cores, since those that look at pages often wait for them.
WORKERS := $(shell $(PYTHON) -c "import os; print(min(4, 1 + (os.cpu_count() or 1)))")
SIDE_BY_SIDE := OMP_NUM_THREADS=1 $(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: $(VENV)/.ready-dev
	$(PY) -m calm prepare
	$(SIDE_BY_SIDE)

test-slow: $(VENV)/.ready-dev
	$(PY) -m pytest -m slow

test-gpu: $(VENV)/.ready-dev
	$(PY) -m pytest -m gpu

# No model, no browser, and not the thousands of texts that the reader of answers is tested on.
QUICK := $(addprefix tests/,asking ballots evaluation languages runs voting)
QUICK += $(addprefix tests/pairs/test_,build.py edits.py files.py)
QUICK += $(addprefix tests/test_,architecture.py config.py messages.py settings.py)
QUICK += $(addprefix tests/ui/test_,rights.py settings.py words.py)
check: $(VENV)/.ready-dev
	@$(MAKE) --no-print-directory -j2 lint quick

quick: $(VENV)/.ready-dev
	CALM_TEST_DATA= OMP_NUM_THREADS=1 $(PY) -m pytest -q $(QUICK)

coverage: $(VENV)/.ready-dev
	$(PY) -m calm prepare
	$(SIDE_BY_SIDE) --cov=calm --cov=ui --cov-report=term:skip-covered

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
	$(MAKE) measure
	ONEDNN_MAX_CPU_ISA=AVX512_CORE $(MAKE) measure
	$(PY) -m benchmarks.speed_page

# The contenders that the goals need, one round, less work for training, no growth.
bench-short: $(VENV)/.ready
	$(PIP) install -r requirements-bench.txt
	$(PY) -m calm prepare
	$(MAKE) measure-short
	ONEDNN_MAX_CPU_ISA=AVX512_CORE $(MAKE) measure-short
	$(PY) -m benchmarks.speed_page

measure-short:
	$(PY) -m benchmarks.floor --write
	$(PY) -m benchmarks.sampling --write --rounds 1 --only ours generate-32 llama-prebuilt
	$(PY) -m benchmarks.scoring --write --rounds 1 --only ours plain
	$(PY) -m benchmarks.ask --write --rounds 1 --only ours ours-choices six-calls
	$(PY) -m benchmarks.training --write --rounds 1 --part 0.5 --only ours trl

measure:
	for name in floor sampling scoring training ask growth; do \
		$(PY) -m benchmarks.$$name --write || exit 1; done

# Its AMX code broke off with a segmentation fault on the machine of docs/SPEED.md: left out.
NO_AMX := -mno-amx-tile -mno-amx-int8 -mno-amx-bf16
bench-native: $(VENV)/.ready
	CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF -DCMAKE_C_FLAGS='$(NO_AMX)' -DCMAKE_CXX_FLAGS='$(NO_AMX)'" \
		$(PIP) install --no-binary llama-cpp-python llama-cpp-python==0.3.36

families: $(VENV)/.ready-dev
	$(PY) -m tests.models.families

readme: $(VENV)/.ready
	$(PY) tests/readme.py --write

docs: $(VENV)/.ready-dev
	$(VENV)/bin/mkdocs build --strict

$(VENV)/.ready: requirements.lock requirements-no-deps.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "CALM Studio needs Python 3.11 or later, but $(PYTHON) is " + sys.version.split()[0] + ". Call: make PYTHON=python3.12 ...")'
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PIP) install -r requirements.lock
	$(PIP) install --no-deps -r requirements-no-deps.txt
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	$(PIP) install -r requirements-dev.txt
	sh tests/install_browser.sh
	@touch $@

clean:
	rm -rf $(VENV) artefacts .pytest_cache .mypy_cache .ruff_cache
