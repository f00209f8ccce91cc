"""The package itself: nothing in it hides something else."""

from __future__ import annotations

import importlib
from pathlib import Path

import geomonitor

ROOT = Path(geomonitor.__file__).parent


def test_no_folder_of_data_has_the_name_of_something_in_its_package() -> None:
    # importing it as a package, as some tools do, would put a module in place of the function
    hidden = []
    for package in ROOT.glob("**/__init__.py"):
        folders = {
            each.name
            for each in package.parent.iterdir()
            if each.is_dir() and not (each / "__init__.py").exists() and each.name.isidentifier()
        }
        if folders - {"__pycache__"}:
            name = ".".join(("geomonitor", *package.parent.relative_to(ROOT).parts))
            hidden += [
                f"{name}.{each}"
                for each in folders
                if each in getattr(importlib.import_module(name), "__all__", ())
            ]
    assert hidden == []
