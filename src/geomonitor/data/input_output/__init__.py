"""Inter-country input-output tables: readers, checks, repairs, mappings and the embedded table."""

from geomonitor.data.input_output.checks import ACCOUNT_CHECKS, AccountCheck, check_accounts
from geomonitor.data.input_output.embedded import EMBEDDED_TABLE, embedded_input_output
from geomonitor.data.input_output.mapping import aggregate, disaggregate, read_mapping
from geomonitor.data.input_output.readers import INPUT_OUTPUT_FORMATS, RESIDUAL_REGIONS, read_input_output
from geomonitor.data.input_output.repair import REPAIRS, repair
from geomonitor.data.input_output.sectors import SECTOR_GROUPS, oecd_sectors, sector_group, sector_name
from geomonitor.data.input_output.store import (
    input_output_about,
    input_output_table,
    input_output_tables,
    load_input_output,
    save_input_output,
)
from geomonitor.data.input_output.table import NO_DESTINATION, InputOutputTable

__all__ = [
    "ACCOUNT_CHECKS",
    "EMBEDDED_TABLE",
    "INPUT_OUTPUT_FORMATS",
    "NO_DESTINATION",
    "REPAIRS",
    "RESIDUAL_REGIONS",
    "SECTOR_GROUPS",
    "AccountCheck",
    "InputOutputTable",
    "aggregate",
    "check_accounts",
    "disaggregate",
    "embedded_input_output",
    "input_output_about",
    "input_output_table",
    "input_output_tables",
    "load_input_output",
    "oecd_sectors",
    "read_input_output",
    "read_mapping",
    "repair",
    "save_input_output",
    "sector_group",
    "sector_name",
]
