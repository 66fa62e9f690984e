# The whole set-up is here: `make run`, `make test`, `make app`, `make bench`. Windows: see README.
# `make run REQUIREMENTS=requirements/lock.txt` takes exactly the versions of the lock file; `make lock` renews it.
VENV   := .venv
PYTHON ?= python3
PY     := $(VENV)/bin/python
READY  := $(VENV)/.ready
PORT   ?= 8501
REQUIREMENTS ?= requirements.txt
LOCK   := $(PY) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
          --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: run test lint mutants app bench docs golden wheel lock clean
run: $(READY)
	$(PY) -m optimizer run base --out out

test: $(READY)
	@sh tests/install_browser.sh >/dev/null
	$(PY) -m pytest tests -n auto --dist loadgroup --no-loadscope-reorder

lint: $(READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m tools.type_ratchet

mutants: $(READY)
	$(PY) -m tools.mutants

app: $(READY)
	$(PY) -m streamlit run app.py --server.port $(PORT) --server.headless true --browser.gatherUsageStats false --client.toolbarMode viewer

bench: $(READY)
	$(PY) -m benchmarks

docs: $(READY)
	$(PY) -m tools.docs_pages docs

golden: $(READY)
	$(PY) -m pytest tests/test_golden.py tests/test_readme.py --write-golden

wheel: $(READY)
	$(PY) -m hatchling build -d dist

lock: $(READY)
	$(PY) -m pip install --quiet --disable-pip-version-check "uv>=0.5"
	$(LOCK) requirements.txt -o requirements/lock.txt
	$(LOCK) requirements/runtime.txt -c requirements/lock.txt -o requirements/lock-runtime.txt

clean:
	rm -rf $(VENV) out dist

$(READY): requirements.txt requirements/runtime.txt requirements/test.txt requirements/lint.txt
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "Python 3.11 or later is needed; this is %d.%d. Call: make PYTHON=/path/to/python3.11" % v[:2])'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r $(REQUIREMENTS)
	touch $(READY)
