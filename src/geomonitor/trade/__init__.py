"""Trade: shares, supply and concentration, from one pass over the flows."""

from geomonitor.trade.amounts import Amounts, amounts_at
from geomonitor.trade.concentration import (
    concentration_band,
    herfindahl,
    herfindahl_bounds,
    segment_herfindahl,
    segment_maximum,
    segment_starts,
)
from geomonitor.trade.frames import FLOW_COLUMNS, flows_frame
from geomonitor.trade.importer import Importer, importer, one_a_code
from geomonitor.trade.supply import Supply, supply_tables

__all__ = [
    "FLOW_COLUMNS",
    "Amounts",
    "Importer",
    "Supply",
    "amounts_at",
    "concentration_band",
    "flows_frame",
    "herfindahl",
    "herfindahl_bounds",
    "importer",
    "one_a_code",
    "segment_herfindahl",
    "segment_maximum",
    "segment_starts",
    "supply_tables",
]
