# Everything a person needs: `make hunt` runs the main job, `make test` proves it.
# A fresh machine needs Python 3.11+, make and a package index; the environment is made on first use.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STUDY  ?=
WORKERS ?= auto
FUZZ_SECONDS ?= 60

.PHONY: setup hunt test test-slow validation lint bench docs page page-check lock sbom clean fuzz

setup: $(VENV)/.program

$(VENV)/.program: requirements.lock pyproject.toml
	@tools/environment.sh $(PYTHON) $(VENV) requirements.lock
	@touch $@

$(VENV)/.workshop: requirements-test.lock $(VENV)/.program
	@tools/environment.sh $(PYTHON) $(VENV) requirements-test.lock
	@touch $@

hunt: setup
	$(BIN)/motherlode hunt $(STUDY)

test: $(VENV)/.workshop
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not slow"

test-slow: $(VENV)/.workshop
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

fuzz: $(VENV)/.workshop
	MOTHERLODE_FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest -q -n $(WORKERS) -m slow tests/test_parsers.py

validation: $(VENV)/.workshop
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not slow" --write-validation

lint: $(VENV)/.workshop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.workshop
	$(BIN)/python -m benchmarks

docs: $(VENV)/.workshop
	$(BIN)/python tools/build_docs.py

page:
	cd frontend && npm ci --no-audit --no-fund --silent && npm run --silent build

page-check: page
	git diff --exit-code --stat -- src/motherlode/web/static

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header pyproject.toml requirements.in -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header pyproject.toml requirements.in --group test -c requirements.lock -o requirements-test.lock

sbom: setup
	$(BIN)/python tools/build_sbom.py sbom.json

clean:
	rm -rf $(VENV) dist site .pytest_cache .mypy_cache .ruff_cache
