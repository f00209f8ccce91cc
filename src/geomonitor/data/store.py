"""The store: the folder in which datasets are kept, and the sample that travels with Geomonitor."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from geomonitor.data.dataset import Dataset
from geomonitor.errors import DataError, UnknownCodeError

if TYPE_CHECKING:
    from geomonitor.data.ingest import Added

__all__ = ["EMBEDDED_NAME", "Dataset", "Store", "embedded_dataset", "store_root"]

EMBEDDED_NAME = "baci-hs92-raw-materials"

_SAMPLE = Path(__file__).parent / "sample"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def store_root() -> Path:
    """Give the folder of the store: ``GEOMONITOR_DATA``, else the user's data folder.

    Returns
    -------
    pathlib.Path
        The folder; it need not exist yet.
    """
    named = os.environ.get("GEOMONITOR_DATA")
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "geomonitor"


def embedded_dataset() -> Dataset:
    """Open the sample that ships with Geomonitor: BACI, HS 1992, raw materials and energy.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the installation lacks the sample.

    Examples
    --------
    >>> embedded_dataset().name
    'baci-hs92-raw-materials'
    """
    return Dataset.open(_SAMPLE / EMBEDDED_NAME)


class Store:
    """The datasets of a user, each in a folder of its own under one root.

    Parameters
    ----------
    root : pathlib.Path, optional
        The folder of the store; `store_root` when left out. It is made when something is added.

    Examples
    --------
    >>> Store().dataset("baci-hs92-raw-materials").years[-1]
    2024
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = Path(root) if root is not None else store_root()

    def __repr__(self) -> str:
        return f"Store({str(self.root)!r})"

    def datasets(self) -> tuple[Dataset, ...]:
        """Open every dataset: those of the store by name, after the one that ships with Geomonitor.

        Returns
        -------
        tuple of Dataset

        Raises
        ------
        DataError
            If a dataset has metadata that cannot be read.
        """
        kept = [Dataset.open(self.root / name) for name in self._names()]
        return (embedded_dataset(), *kept)

    def dataset(self, name: str) -> Dataset:
        """Open one dataset by name.

        Parameters
        ----------
        name : str
            The name of a dataset in the store, or of the embedded sample.

        Returns
        -------
        Dataset

        Raises
        ------
        UnknownCodeError
            If there is no dataset of that name; the message names those that exist.
        """
        if name == EMBEDDED_NAME:
            return embedded_dataset()
        if name not in self._names():
            raise UnknownCodeError(
                f"There is no dataset named {name!r}.",
                where=str(self.root),
                expected=f"one of {', '.join((EMBEDDED_NAME, *self._names()))}",
                next_step="See `geomonitor data list`, or add it with `geomonitor data add`.",
            )
        return Dataset.open(self.root / name)

    def add(
        self,
        path: Path,
        *,
        name: str,
        format: str,  # noqa: A002 - the word of the command line
        revision: str | None = None,
        years: Sequence[int] | None = None,
        flow: str = "import",
        title: str | None = None,
        source: str | None = None,
        replace: bool = False,
        allow_missing_years: bool = False,
        progress: bool = False,
    ) -> Added:
        """Read, verify and keep a published release, atomically and with bounded memory.

        Parameters
        ----------
        path : pathlib.Path
            The zip, folder or file as published.
        name : str
            The name to keep it under: lower-case letters, digits, dot, hyphen, underscore.
        format : str
            ``baci``, ``comtrade`` or ``canonical``.
        revision : str, optional
            The HS revision, where the files do not name it.
        years : sequence of int, optional
            Keep these calendar years only.
        flow : str
            For Comtrade: ``import`` or ``export``, the reports to read.
        title : str, optional
            A title for people.
        source : str, optional
            The id of the registered source that it comes from.
        replace : bool
            Put it in the place of an existing dataset of the same name.
        allow_missing_years : bool
            Accept a release with years missing in the middle; a note records them.
        progress : bool
            Show a progress bar on standard error.

        Returns
        -------
        Added
            The dataset, and whether it was added, replaced or already there.

        Raises
        ------
        DataError
            If the input is not what its format promises, the disk is full, or another run adds
            the same name. The store is as it was before.
        UnknownCodeError
            If economies, products or revisions are not known.
        """
        from geomonitor.data.ingest import AddRequest, add_dataset

        _check_name(name)
        request = AddRequest(
            path=Path(path),
            name=name,
            format=format,
            revision=revision,
            years=None if years is None else tuple(sorted(set(years))),
            flow=flow,
            title=title,
            source=source,
            replace=replace,
            allow_missing_years=allow_missing_years,
        )
        return add_dataset(self.root, request, progress=progress)

    def remove(self, name: str) -> Path:
        """Remove a dataset from the store.

        Parameters
        ----------
        name : str
            The name of a dataset in the store.

        Returns
        -------
        pathlib.Path
            The folder that is gone.

        Raises
        ------
        UnknownCodeError
            If there is no dataset of that name.
        DataError
            If it is the embedded sample, or another run is busy with it.
        """
        from geomonitor.data.staging import disk_errors, name_lock

        if name == EMBEDDED_NAME:
            raise DataError(
                f"{name} ships with Geomonitor and cannot be removed.",
                next_step="Choose a dataset of your own: `geomonitor data list`.",
            )
        folder = self.dataset(name).path
        with name_lock(self.root, name), disk_errors(self.root):
            # Renamed first, so that a half-removed folder never passes for a dataset.
            doomed = self.root / f".removed-{name}-{os.getpid()}"
            folder.rename(doomed)
            shutil.rmtree(doomed)
        return folder

    def _names(self) -> tuple[str, ...]:
        if not self.root.is_dir():
            return ()
        return tuple(
            sorted(
                entry.name
                for entry in self.root.iterdir()
                if _NAME.fullmatch(entry.name) and (entry / "metadata.json").is_file()
            )
        )


def _check_name(name: str) -> None:
    if name == EMBEDDED_NAME:
        raise DataError(
            f"{name} is the name of the sample that ships with Geomonitor.",
            expected="another name",
            next_step="Choose another --name.",
        )
    if not _NAME.fullmatch(name):
        raise DataError(
            f"{name!r} cannot be the name of a dataset.",
            expected="up to 64 lower-case letters, digits, dots, hyphens or underscores",
            next_step="Choose another --name, such as baci-hs17.",
        )
