"""Launch day in simulated time: the product's own code against a model of what AWS lets it do."""

import os

from bench.functions import ENVIRONMENT

# Here, because the store reads the environment as it is imported. Tests have set theirs before.
for name, value in ENVIRONMENT.items():
    os.environ.setdefault(name, value)
