# just: https://just.systems; the environment is .venv, as the README makes it
default: test lint

test:
    .venv/bin/pytest -n 2

slow:
    .venv/bin/pytest -m slow

lint:
    .venv/bin/ruff check && .venv/bin/ruff format --check

# rewrite the README's help blocks and completions/
docs:
    .venv/bin/python tests/generate.py

bench:
    for file in tests/benchmarks/*.py; do .venv/bin/python $file; done

# the built wheel in a clean environment
smoke:
    rm -rf out/wheel && python3 -m venv out/wheel && out/wheel/bin/pip install -q build
    out/wheel/bin/python -m build -q --wheel --outdir out/wheel && out/wheel/bin/pip install -q out/wheel/*.whl
    PATH="$PWD/out/wheel/bin:$PATH" bash examples/smoke.sh
