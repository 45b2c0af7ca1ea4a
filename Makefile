# make check: all that .ci/run does, in the environment at hand.
.PHONY: check format test types sample

check: types test
	ruff format --check .
	ruff check .

format:
	ruff format .
	ruff check --fix .

types:
	mypy

test:
	python -m pytest -q

sample:
	python sample_data/make.py
