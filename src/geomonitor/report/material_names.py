"""Names of raw materials, stages and scopes in the language of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geomonitor.codes import material
from geomonitor.errors import UnknownCodeError
from geomonitor.report.content import Content

__all__ = ["WORLD_EXPORTS", "WORLD_PRODUCTION", "MaterialNames", "material_names"]

# how the table of concentration over the years names what is no importer
WORLD_EXPORTS = "world exports"
WORLD_PRODUCTION = "world production"


@dataclass(frozen=True, slots=True)
class MaterialNames:
    """Names and symbols of materials by code.

    Attributes
    ----------
    names, symbols : mapping of str to str
        A material without a symbol has the empty text.
    """

    names: Mapping[str, str]
    symbols: Mapping[str, str]

    def name(self, code: str) -> str:
        """Name a material; one that no table names goes by its code in words."""
        return self.names.get(code, code.replace("_", " "))

    def lower(self, code: str) -> str:
        """Name a material inside a sentence."""
        name = self.name(code)
        return name[:1].lower() + name[1:]

    def with_symbol(self, code: str) -> str:
        """Name a material with its symbol behind it."""
        symbol = self.symbols.get(code, "")
        return f"{self.name(code)} ({symbol})" if symbol else self.name(code)


def material_names(content: Content) -> MaterialNames:
    """Take names from the edition, and else from the tables of codes.

    Parameters
    ----------
    content : Content

    Returns
    -------
    MaterialNames
    """
    language = content.language.code
    names: dict[str, str] = {}
    symbols: dict[str, str] = {}
    for table in ("material_published", "material_comparison", "material_history", "materials"):
        for code in content.tables[table]["material"].unique().drop_nulls().to_list():
            try:
                known = material(code)
            except UnknownCodeError:
                # a material of the user's own: it goes by what the edition calls it
                names.setdefault(code, code.replace("_", " ").capitalize())
                continue
            names[code] = known.name_nl if language == "nl" else known.name_en
            symbols[code] = known.symbol
    own = content.tables["materials"].select("material", f"name_{language}").unique("material")
    names.update({code: name for code, name in own.iter_rows() if name})
    return MaterialNames(names, symbols)
