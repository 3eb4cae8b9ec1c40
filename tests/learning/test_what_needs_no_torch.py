"""Web processes and the coordinator start without torch and without polars."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "wardround.learning.predict",
        "wardround.learning.explain",
        "wardround.federation.aggregate",
        "wardround.bench.commands",
    ],
)
def test_a_module_that_a_server_imports_at_start_loads_neither_torch_nor_polars(module):
    code = f"import sys, {module}; print(sorted({{'torch', 'polars', 'sklearn'}} & set(sys.modules)))"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"
