# just: https://just.systems; the environment is .venv, as the README makes it
default: test lint

test:
    .venv/bin/pytest -n 2

slow:
    .venv/bin/pytest -m slow

lint:
    .venv/bin/ruff check && .venv/bin/ruff format --check && .venv/bin/mypy

# write the generated pages and completions/, then the site
docs:
    .venv/bin/python docs/generate.py
    .venv/bin/sphinx-build -W -q docs out/docs

# one of tests/benchmarks, with its words: just bench spectra
bench name *words:
    .venv/bin/python tests/benchmarks/{{name}}.py {{words}}

# the built wheel in a clean environment
smoke:
    rm -rf out/wheel && python3 -m venv out/wheel && out/wheel/bin/pip install -q build
    out/wheel/bin/python -m build -q --wheel --outdir out/wheel && out/wheel/bin/pip install -q out/wheel/*.whl
    PATH="$PWD/out/wheel/bin:$PATH" bash examples/smoke.sh
