# `make lab` opens the course, `make test` runs everything that must pass; `make help` lists the rest.
# Works with GNU make 3.81 and later, on Debian, Ubuntu and macOS.

PROBE = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c '$(PROBE)' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Threads that wait for each other in a busy loop crawl on a machine that has other work.
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: help lab test quick lint nbval trials plain lowest hub notebooks slides site links assets chromium \
	bubblewrap clean

help:
	@echo 'make lab                    set up and open the course in JupyterLab'
	@echo 'make lab TORCH=cpu          the same with the CPU build of PyTorch, which is much smaller'
	@echo 'make test                   set up and run everything that must pass'
	@echo 'make quick                  the checks that answer in a few minutes'
	@echo 'make plain                  a part of the tests and lectures on the plainest kernels'
	@echo 'make nbval                  run the notebooks and compare their stored outputs'
	@echo 'make trials                 the same with the trials, each over its first seed'
	@echo 'make lowest                 run the course on the oldest libraries that it allows'
	@echo 'make hub                    let two users of this machine work on a real JupyterHub (root)'
	@echo 'make notebooks              execute the notebooks and store their outputs'
	@echo 'make notebooks PICTURES=1   the same, and store every picture again'
	@echo 'make slides                 write the decks into build/slides; list screens that overflow'
	@echo 'make site                   write the course as pages into build/site; open index.html'
	@echo 'make links REPO=owner/name  put in the address of your repository'
	@echo 'make clean                  remove .venv and everything that was built'
	@echo 'PYTHON=python3.12 chooses the Python (3.11 to 3.14) for .venv.'

lab: .venv/lab assets
	$(BIN)/cs826tl lab

# Two processes with one thread each are done sooner than one with two. What the tests of a file share,
# such as a site or a notebook in a browser, is made once, in the one process that has the file.
PARALLEL = OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q --numprocesses 2 --dist loadfile \
	--no-loadscope-reorder

# Each notebook in a process of its own, two at a time. `-o assets`: they are there, and what waited for
# them, the longest of all, would begin last.
CHECKED := $(patsubst %,nbval-%,$(wildcard notebooks/*.ipynb))
TRIALS := $(patsubst %,nbval-%,$(wildcard notebooks/trials/*.ipynb))

test:
	$(MAKE) --no-print-directory --jobs=2 .venv/dev bubblewrap
	$(MAKE) --no-print-directory assets lint
	$(PARALLEL)
	OMP_NUM_THREADS=1 $(MAKE) --no-print-directory --jobs=2 -o assets lowest $(CHECKED)
	$(MAKE) --no-print-directory -o assets plain

quick: .venv/dev assets lint
	$(PARALLEL) -m "not slow"

# Another processor is another reader: AVX2 and AVX-512 round differently, and so do kernels with neither.
PLAIN = ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41
PLAIN_LECTURES = $(patsubst %,nbval-notebooks/%.ipynb,02_kinds_of_transfer 03_multitask 08_gradual_unfreezing)
plain: .venv/dev assets
	$(PLAIN) $(PARALLEL) -m "not slow" tests/methods tests/training
	$(PLAIN) OMP_NUM_THREADS=1 $(MAKE) --no-print-directory --jobs=2 -o assets $(PLAIN_LECTURES)

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry cs826tl cs826tl_grader

nbval: .venv/dev assets
	OMP_NUM_THREADS=1 $(MAKE) --no-print-directory --jobs=2 $(CHECKED)

# Not a part of `make test`: a trial takes minutes, and the nightly run goes through all of them.
trials: .venv/dev assets
	OMP_NUM_THREADS=1 $(MAKE) --no-print-directory --jobs=2 $(TRIALS)

.PHONY: $(CHECKED) $(TRIALS)
$(CHECKED) $(TRIALS): nbval-%:
	$(BIN)/python -m pytest -q --nbval --nbval-current-env \
		--nbval-sanitize-with tests/nbval_sanitize.cfg $*

# Not torch itself: on Linux its lowest versions on PyPI come with three gigabytes of CUDA.
lowest: .venv/dev assets
	$(BIN)/python -m tools.lowest

# Not a part of `make test`: it makes users of this machine, and runs lectures in full. Ordinary users
# have to be able to enter this folder and Python's own.
hub: .venv/dev assets
	npm install --silent --no-audit --no-fund --prefix build/hub configurable-http-proxy
	$(BIN)/python -m pytest -q -rs -m hub tests/hub

notebooks: .venv/dev assets
	$(BIN)/python -m tools.notebooks $(if $(PICTURES),--pictures)

slides: .venv/dev chromium
	$(BIN)/python -m tools.slides

site: .venv/dev assets
	$(BIN)/python -m tools.website

links: .venv/dev
	$(BIN)/python -m tools.links "$(REPO)"

assets: | .venv/bin/pip
	$(BIN)/cs826tl fetch

# On Linux, PyPI's torch comes with CUDA. TORCH=cpu takes PyTorch's own CPU build first; what the
# course asks for is then there already. Run `make clean` before you change from one to the other.
TORCH ?=
CPU_TORCH = $(BIN)/python -m pip install --quiet torch torchvision \
	--index-url https://download.pytorch.org/whl/cpu

# The files .venv/lab and .venv/dev record when each set was installed, so that only a changed
# pyproject.toml installs again; dev contains lab.
.venv/lab: pyproject.toml | .venv/bin/pip
	$(if $(filter cpu,$(TORCH)),$(CPU_TORCH))
	$(BIN)/python -m pip install --quiet -e '.[lab,grade]'
	@touch $@

.venv/dev: pyproject.toml | .venv/bin/pip
	$(if $(filter cpu,$(TORCH)),$(CPU_TORCH))
	$(BIN)/python -m pip install --quiet -e '.[dev]'
	@touch .venv/lab $@

.venv/bin/pip:
	@test -n "$(PYTHON)" || { echo 'The course needs Python 3.11 to 3.14: install one, or name it with PYTHON=…' >&2; exit 1; }
	@$(PYTHON) -c '$(PROBE)' || { echo '$(PYTHON) is not Python 3.11 to 3.14' >&2; exit 1; }
	$(PYTHON) -m venv .venv || { rm -rf .venv; echo 'Python cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=24'

# Some tests drive a real browser, others the sandbox that the grader prefers. apt installs them if
# it can do so without asking; otherwise those tests are skipped and say so.
SUDO = $(if $(filter 0,$(shell id -u)),,sudo -n)
APT_INSTALL = command -v apt-get >/dev/null && $(SUDO) apt-get update -qq \
	&& $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends
chromium:
	@for browser in chromium chromium-browser google-chrome; do \
		command -v $$browser >/dev/null && exit 0; done; \
	$(APT_INSTALL) chromium \
	|| echo 'no Chromium, and apt could not install it: the browser tests will be skipped'

bubblewrap: | chromium # one after the other: apt locks
	@command -v bwrap >/dev/null && exit 0; \
	$(APT_INSTALL) bubblewrap \
	|| echo 'no bubblewrap, and apt could not install it: its tests will be skipped'

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -type d \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +
