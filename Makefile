# Thin aliases: everything is in manage.py, which makes its environment itself.
PYTHON ?= python3

.PHONY: up test check bench screenshots

up:
	$(PYTHON) manage.py up

test:
	$(PYTHON) manage.py test

check:
	$(PYTHON) manage.py check_all

bench:
	$(PYTHON) manage.py bench

screenshots:
	$(PYTHON) manage.py screenshots
