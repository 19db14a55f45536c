# Everything a fresh machine needs is python3.11+, make and a package registry.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
QC := $(VENV)/bin/qc
export HF_HUB_OFFLINE := 1
# Without compiled files every `qc` of the tests and benchmarks would compile the libraries anew.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check static quick lint types imports audit-code format lock bench bench-job \
	bench-faults bench-asr bench-hearing bench-mono bench-voices bench-trial bench-matching bench-scoring bench-rubric-change bench-sampling bench-report bench-measures docs catalogue wheel samples clean

help:
	@echo "make demo     run the weekly job on the sample calls; prints the report's path last"
	@echo "make test     all tests"
	@echo "make check    lint, types, import contracts, quick tests"
	@echo "make static   the same without tests"
	@echo "make bench    every figure the documents claim, measured on this machine"
	@echo "make docs     write the generated pages of docs/ again"
	@echo "make catalogue  write the texts' catalogue in its own form, after a change to it"

$(VENV)/.core: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install -q --require-hashes -r requirements.lock
	$(PY) -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.core
	$(PY) -m pip install -q --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.core
	@$(QC) demo demo

test: $(VENV)/.dev
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# Side by side: the tests fill what the checks leave of two cores.
check: $(VENV)/.dev
	@$(MAKE) --no-print-directory -j 2 static quick

static: lint types imports audit-code

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/.dev
	$(VENV)/bin/mypy

imports: $(VENV)/.dev
	$(VENV)/bin/lint-imports --no-cache
	$(PY) -m tools.house

audit-code: $(VENV)/.dev
	$(VENV)/bin/bandit -q -r qc_pipeline -c pyproject.toml
	$(VENV)/bin/deptry .

quick: $(VENV)/.dev
	$(PY) -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder \
		-m "not slow and not browser and not postgres"

format: $(VENV)/.dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# Both locks are hashed and name no addresses; `uv` is needed only here.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" requirements-build.in pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" requirements-build.in pyproject.toml \
		--extra dev --extra diarize --extra postgres -o requirements-dev.lock

bench: bench-job bench-asr bench-mono bench-voices bench-trial bench-faults bench-matching bench-scoring bench-rubric-change bench-sampling bench-report \
	bench-measures

bench-job: $(VENV)/.dev
	$(PY) -m benchmarks.job

bench-faults: $(VENV)/.dev
	$(PY) -m benchmarks.faults

bench-asr: $(VENV)/.dev bench-hearing
	$(PY) -m benchmarks.asr --codecs --mono --write
	$(PY) -m benchmarks.asr_speed --write

# Calls with a truth that are not part of the project: CALLS names their folder.
CALLS ?= ../shared/data/mandarin-calls
bench-hearing: $(VENV)/.dev
	$(PY) -m tools.real_model
	@test -d "$(CALLS)" || echo "no calls with a truth in $(CALLS): a real Whisper is NOT measured"
	test ! -d "$(CALLS)" || $(PY) -m benchmarks.hearing --calls $(CALLS) --write

bench-mono: $(VENV)/.dev
	$(PY) -m benchmarks.mono --write

bench-voices: $(VENV)/.dev
	$(PY) -m benchmarks.voices

bench-trial: $(VENV)/.dev
	$(PY) -m benchmarks.model_trial

bench-matching: $(VENV)/.dev
	$(PY) -m benchmarks.matching

bench-scoring: $(VENV)/.dev
	$(PY) -m benchmarks.scoring

bench-rubric-change: $(VENV)/.dev
	$(PY) -m benchmarks.rubric_change --write

bench-sampling: $(VENV)/.dev
	$(PY) -m benchmarks.sampling

bench-report: $(VENV)/.dev
	$(PY) -m benchmarks.report

bench-measures: $(VENV)/.dev
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PY) -m benchmarks.measures

docs: $(VENV)/.dev
	$(PY) -m tools.docs

catalogue: $(VENV)/.dev
	$(PY) -m tools.catalogue

wheel: $(VENV)/.dev
	$(PY) -m pip wheel -q --no-deps --no-build-isolation -w dist .

# Needs espeak-ng; writes samples/ again, the same bytes for the same seed and espeak version.
samples: $(VENV)/.dev
	$(PY) -m tools.samples.make --out samples

clean:
	rm -rf demo build dist .pytest_cache .mypy_cache .ruff_cache
