# Vraagbaak: `make run` serves it with its demo, `make test` tests it. Both need Debian with
# python3.11, python3.11-venv and make; nothing else.
PYTHON ?= python3.11
PORT ?= 8000
DEMO ?= 1
VENV := .venv
# Where config/settings.py keeps what is written while Vraagbaak runs.
VAR := $(or $(VAR_DIR),var)
BIN := $(VENV)/bin
UV := 0.13.9
WORKERS ?= auto
# Compiling the libraries anew takes each process 5 s and more, so what is compiled is kept.
unexport PYTHONDONTWRITEBYTECODE
# The embedded parts, whatever the shell has set.
EMBEDDED := env -u DATABASE_URL -u REDIS_URL -u ELASTICSEARCH_URL -u SECRET_KEY -u DEBUG -u EMAIL_URL

.PHONY: help run test test-services check quality format install install-dev clean
help:
	@echo "make run     serve Vraagbaak with its demo on http://127.0.0.1:$(PORT) (PORT=, DEMO=0)"
	@echo "make test    everything that needs no service"
	@echo "make test-services  what depends on PostgreSQL, Redis or Elasticsearch, on them (FULL=1: everything)"
	@echo "make check   linters, types, migrations, translations"
	@echo "make quality search quality against the recorded figures (DATA=../shared/data)"
	@echo "make format  format code and templates"

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Vraagbaak needs Python 3.11. On Debian: apt install python3.11 python3.11-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv is missing. On Debian: apt install python3.11-venv"; exit 1; }

$(BIN)/uv: | $(BIN)/python
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV)

$(VENV)/installed: requirements.txt build-constraints.txt | $(BIN)/uv
	@echo "Installing …"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --require-hashes --build-constraints build-constraints.txt -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt build-constraints.txt | $(BIN)/uv
	@echo "Installing …"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --compile-bytecode --require-hashes --build-constraints build-constraints.txt -r requirements-dev.txt
	@touch $@ $(VENV)/installed

$(VAR)/secret_key: | $(BIN)/python
	@mkdir -p $(VAR) && umask 077 && $(BIN)/python -c "import secrets; print(secrets.token_urlsafe(50))" > $@

install: $(VENV)/installed $(VAR)/secret_key
install-dev: $(VENV)/installed-dev $(VAR)/secret_key

run: install
	@$(EMBEDDED) PORT=$(PORT) DEMO=$(DEMO) $(BIN)/python -m config.run

# What takes long is named, so that it is seen when it begins to.
SLOWEST := --durations 10 --durations-min 8

test: install-dev
	@$(EMBEDDED) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(SLOWEST) -m "not services and not browser and not faults"

# What depends on a service (tests/on_services.py); with FULL=1 everything.
test-services: install-dev
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(SLOWEST) -m "$(if $(FULL),,on_services and )not browser and not faults"

check: install-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/djlint --lint --quiet templates
	@$(EMBEDDED) $(BIN)/mypy .
	@$(EMBEDDED) $(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m config.translations --check

# The embedded engine always, Elasticsearch where ELASTICSEARCH_URL is set. On quality, never on time.
DATA ?= ../shared/data
SETS := stackfaq qatarliving lohelp-nl gnomehelp twittercare medquad
# With meaning only the small ones: vectors of the others take minutes.
SMALL := stackfaq gnomehelp
FIGURES := benchmarks/quality.json
EVALUATE = $(BIN)/python manage.py evaluate_search --no-baseline --check $(FIGURES)
quality: install-dev
	@if [ ! -d "$(DATA)" ]; then echo "No relevance judgements in $(DATA): search quality was not checked."; else \
	for engine in embedded $${ELASTICSEARCH_URL:+elastic}; do echo "$$engine:"; \
	$(EVALUATE) --engine $$engine --lexical $(addprefix $(DATA)/,$(SETS)) && \
	$(EVALUATE) --engine $$engine $(addprefix $(DATA)/,$(SMALL)) || exit 1; done; fi

format: install-dev
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format . ; $(BIN)/djlint --reformat --quiet templates

clean:
	rm -rf $(VAR)/search $(VAR)/static
