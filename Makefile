# make serve and make test are all a new machine needs, with Python 3.11 or newer; everything else stands on them.
PYTHON ?= python3
PORT ?= 8001
VENV := .venv
RUN := $(VENV)/bin/python
PACKAGE := datapackage.yaml

.PHONY: serve test check build snapshot bench format docs lint browser nginx languages audit clean

# with its files to download
serve: snapshot
	$(RUN) -m scripts serve --package $(PACKAGE) --port $(PORT)

test: $(VENV)/.test browser nginx languages lint
	$(RUN) -m pytest

check: $(VENV)/.run
	$(RUN) -m scripts validate --package $(PACKAGE)

build: $(VENV)/.run
	$(RUN) -m scripts build --package $(PACKAGE)

# against the newest release tag; PREVIOUS names another release: a database, a snapshot or a git revision
snapshot: $(VENV)/.run
	$(RUN) -m scripts snapshot --package $(PACKAGE) $(if $(PREVIOUS),--previous $(PREVIOUS))

bench: $(VENV)/.run $(VENV)-bench/.peers
	$(RUN) -m bench --write

format: $(VENV)/.run
	$(RUN) -m scripts format --package $(PACKAGE)

docs: $(VENV)/.run
	$(RUN) -m scripts document --package $(PACKAGE)
	$(RUN) -m scripts report --package $(PACKAGE) --write

lint: $(VENV)/.test
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

browser:
	tests/browser/find-chromium

nginx:
	tests/deploy/find-nginx

languages:
	tests/api/find-r
	tests/api/find-node

# asks the advisory database about every pinned library; needs the network, and is not part of the tests
audit:
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	$(VENV)-audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.txt
	$(VENV)-audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements-dev.txt

# The environment is made again whenever a lock changes; the stamp is written last, so that a broken install is repeated.
$(VENV)/.run: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.txt
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

# what the benchmarks compare with, in an environment of its own
$(VENV)-bench/.peers: requirements-bench.txt
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-audit $(VENV)-bench dist
