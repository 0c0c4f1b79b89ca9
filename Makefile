# make run      everything under one roof, at http://127.0.0.1:8000/ (PORT=8001 make run: at another port)
# make test     all tests                     make lint     style, types, who may import whom
# make format   put the style right           make bench    measurements: make bench ARGS="--help"
# make lock     choose the versions of all packages anew
# make messages what we say to people, brought together in locale/ for translation
#                                               make bench-web     the site under load: make bench-web ARGS="feed cache"
#                                               make bench-walls   the gallery's walls at size: ARGS="--only search"
#                                               make faults      200 jobs in a storm: make faults ARGS="--jobs 100"
#                                               make bench-print   a canvas, apart: it takes up to 40 minutes
#
# PYTHON=/path/to/python  chooses the interpreter of .venv (3.11 or newer; found by itself otherwise).
# TORCH_BACKEND=cpu       a PyTorch without CUDA, some 5 GB smaller: the same versions, but from PyTorch's own index,
#                         which must be reachable, and without checksums for torch and torchvision. All other packages
#                         are checked as always. (uv's --torch-backend: cpu, auto, cu130 ...)

PYTHON ?=
TORCH_BACKEND ?=
ARGS ?=
VENV := .venv
PY := $(VENV)/bin/python
INSTALL := PY=$(PY) TORCH_BACKEND=$(TORCH_BACKEND) sh requirements/install.sh
WORKER := $(VENV)/.worker-$(or $(TORCH_BACKEND),locked)
DEV := $(VENV)/.dev-$(or $(TORCH_BACKEND),locked)

.PHONY: run test lint format bench bench-web bench-walls bench-print faults lock messages
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:

run: $(WORKER)
	@exec $(PY) manage.py up

test: $(DEV)
	$(VENV)/bin/pytest -n 3 -q --durations=10 $(ARGS)

lint: $(DEV)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/lint-imports

format: $(DEV)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: $(DEV)
	$(PY) -m benchmarks $(ARGS)

bench-web: $(DEV)
	$(PY) -m benchmarks.web $(ARGS)

bench-walls: $(DEV)
	$(PY) -m benchmarks.walls $(ARGS)

bench-print: $(DEV)
	$(PY) -m benchmarks.canvas $(ARGS)

faults: $(DEV)
	$(PY) -m benchmarks.faults $(ARGS)

lock: $(VENV)/.uv
	$(INSTALL) lock

messages: $(DEV)
	$(PY) manage.py messages

# Each stamp says: the packages of that list are in .venv. One after the other, so that make -j does no harm.
$(DEV): requirements/dev.txt $(WORKER)
	$(INSTALL) dev
	@touch $@

$(WORKER): requirements/worker.txt $(VENV)/.uv
	$(INSTALL) worker
	@touch $@

$(VENV)/.uv: requirements/uv.txt $(VENV)/.made
	$(PY) -m pip install --quiet --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.made:
	@PYTHON="$(PYTHON)" VENV=$(VENV) sh requirements/venv.sh
	@touch $@
