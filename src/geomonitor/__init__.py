"""Geomonitor: an open geo-economic monitor, from public data to a defensible decision."""

from geomonitor._version import __version__

__all__ = ["__version__"]
