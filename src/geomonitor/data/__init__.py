"""Data: sources, readers of published formats, checks, the store and the embedded sample."""

from geomonitor.data.checks import CHECKS, Check, CheckResult, run_checks
from geomonitor.data.dataset import CANONICAL_COLUMNS, Dataset
from geomonitor.data.engines import ENGINES, open_flows
from geomonitor.data.fetch import fetch
from geomonitor.data.governance import governance
from geomonitor.data.ingest import Added
from geomonitor.data.registry import Source, source, sources
from geomonitor.data.store import EMBEDDED_NAME, Store, embedded_dataset, store_root

__all__ = [
    "CANONICAL_COLUMNS",
    "CHECKS",
    "EMBEDDED_NAME",
    "ENGINES",
    "Added",
    "Check",
    "CheckResult",
    "Dataset",
    "Source",
    "Store",
    "embedded_dataset",
    "fetch",
    "governance",
    "open_flows",
    "run_checks",
    "source",
    "sources",
    "store_root",
]
