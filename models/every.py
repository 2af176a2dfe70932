"""All tables: once this is imported ``TABLES`` is complete and models find one another.

A new file beside this one is found by itself.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

import models
from models.base import Model

for _module in pkgutil.iter_modules(models.__path__):
    if not _module.ispkg:
        import_module(f"models.{_module.name}")

TABLES = Model.metadata
