"""Raw materials: names, groups, and the products of the Harmonized System that hold them, by stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geomonitor.codes.economies import in_language
from geomonitor.codes.products import HS_REVISIONS, hs_revision, product_code
from geomonitor.errors import UnknownCodeError

__all__ = [
    "MATERIAL_STAGES",
    "Material",
    "MaterialProduct",
    "material",
    "material_members",
    "material_name",
    "material_products",
    "materials",
]

MATERIAL_STAGES: tuple[str, ...] = ("extraction", "processing")

_TABLES = Path(__file__).with_name("tables")


@dataclass(frozen=True, slots=True)
class Material:
    """A raw material, or a group of them that is assessed as one.

    Parameters
    ----------
    code : str
        Code after the name in the Commission's study of 2023, such as ``natural_graphite``.
    name_en, name_nl : str
        Name in English and in Dutch.
    symbol : str
        Symbol of the element, or of the compound that production is counted in; empty where there is none.
    parents : tuple of str
        Codes of the groups that it belongs to, the nearest first.
    strategic : bool
        It is, wholly or in part, a strategic raw material of the EU (Regulation (EU) 2024/1252, Annex I,
        section 1).
    strategic_scope : str
        What of it is strategic: "all", "battery grade", ...; empty where nothing is.
    synonyms : tuple of str
        Other names in use.
    """

    code: str
    name_en: str
    name_nl: str
    symbol: str
    parents: tuple[str, ...]
    strategic: bool
    strategic_scope: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MaterialProduct:
    """Products of one HS revision that hold a material at one stage.

    Parameters
    ----------
    material : str
        Code of the material.
    stage : str
        One of `MATERIAL_STAGES`.
    products : tuple of str
        Six-digit codes of the revision asked for.
    hs_revisions : tuple of str
        Every revision that the statement holds for.
    share : float or None
        Part of the products' value that is this material: 1.0 where they hold nothing else, None where they
        hold more and the part is not known.
    mixed_with : str
        What else the products hold; empty where nothing.
    content : str
        What the products are: "ore", "mineral", "oxide", "compound", "element", "metal", "ferro-alloy", ...
    principal : bool
        False for products that say less about who supplies the stage: mixed codes where pure ones exist,
        alloys, semi-manufactures, intermediates and by-products.
    note : str
        What to know before use, waste and scrap inside the codes for instance.
    source : str
        What the statement rests on.
    """

    material: str
    stage: str
    products: tuple[str, ...]
    hs_revisions: tuple[str, ...]
    share: float | None
    mixed_with: str
    content: str
    principal: bool
    note: str
    source: str


def material(text: str, *, where: str | None = None) -> Material:
    """Look up a raw material by code, name, synonym or symbol.

    Parameters
    ----------
    text : str
        Code, English or Dutch name, or a name of the Commission's studies, World Mining Data or a geological
        survey, without regard to capitals, hyphens and spaces; or a symbol, as it is written.
    where : str, optional
        File and row, for the error message.

    Returns
    -------
    Material
        The material.

    Raises
    ------
    UnknownCodeError
        No material is known by that name; the message names the nearest.

    Examples
    --------
    >>> material("Wolfram").code, material("Barytes").name_nl, material("Li").code
    ('tungsten', 'Bariet', 'lithium')
    >>> material("neodymium").parents
    ('light_rare_earths', 'rare_earths')
    """
    code = _codes_by_symbol().get(text.strip()) or _codes_by_name().get(_plain(text))
    if code is not None:
        return _materials()[code]
    near = _near_names(text)
    raise UnknownCodeError(
        f"The material {text!r} is not known.",
        where=where,
        expected="the code or a name of a raw material, such as tungsten or natural_graphite",
        next_step=f"Perhaps {' or '.join(near)} was meant." if near else None,
    )


def materials() -> tuple[Material, ...]:
    """Return all raw materials and groups of them, sorted by code.

    Examples
    --------
    >>> [found.code for found in materials()][:3]
    ['aggregates', 'aluminium', 'antimony']
    """
    return tuple(_materials().values())


def material_name(code: str, language: str = "en") -> str:
    """Return the name of a raw material.

    Parameters
    ----------
    code : str
        Code of the material, or any name that `material` knows.
    language : str
        "en" or "nl".

    Raises
    ------
    UnknownCodeError
        The material or the language is not known.

    Examples
    --------
    >>> material_name("tungsten", "nl")
    'Wolfraam'
    """
    return in_language(material(code), language)


def material_members(code: str) -> tuple[str, ...]:
    """Return the codes of the single materials in a group, sorted; a single material is its own member.

    Parameters
    ----------
    code : str
        Code of the material or group, or any name that `material` knows.

    Raises
    ------
    UnknownCodeError
        The material is not known.

    Examples
    --------
    >>> material_members("light_rare_earths")
    ('cerium', 'lanthanum', 'neodymium', 'praseodymium', 'samarium')
    >>> material_members("tungsten")
    ('tungsten',)
    """
    asked = material(code).code
    groups = {parent for found in materials() for parent in found.parents}
    if asked not in groups:
        return (asked,)
    return tuple(found.code for found in materials() if asked in found.parents and found.code not in groups)


def material_products(
    hs_revision_name: str, material_code: str | None = None, stage: str | None = None
) -> tuple[MaterialProduct, ...]:
    """Return which products hold which raw material, in one revision of the Harmonized System.

    Parameters
    ----------
    hs_revision_name : str
        Revision, in any form that `hs_revision` takes.
    material_code : str, optional
        Only this material (code or name). A group has entries of its own, besides those of its members.
    stage : str, optional
        Only this stage: "extraction" or "processing".

    Returns
    -------
    tuple of MaterialProduct
        Sorted by material; extraction before processing; the principal products first.

    Raises
    ------
    UnknownCodeError
        The revision, the material or the stage is not known.

    Examples
    --------
    >>> [(found.products, found.share) for found in material_products("HS92", "antimony")]
    [(('261710',), 1.0), (('811000',), 1.0), (('282580',), 1.0)]
    >>> gallium, = material_products("HS22", "gallium")
    >>> gallium.products, gallium.share, gallium.mixed_with
    (('811292',), None, 'germanium, indium, niobium and vanadium')
    """
    revision = hs_revision(hs_revision_name)
    if stage is not None and stage not in MATERIAL_STAGES:
        raise UnknownCodeError(
            f"The stage {stage!r} is not known.", expected=f"one of {', '.join(MATERIAL_STAGES)}"
        )
    entries = _products_by_revision()[revision]
    if material_code is not None:
        code = material(material_code).code
        entries = tuple(entry for entry in entries if entry.material == code)
    if stage is not None:
        entries = tuple(entry for entry in entries if entry.stage == stage)
    return entries


def _read_table(name: str) -> dict[str, Any]:
    import tomllib  # here, for a quick import of the codes

    with (_TABLES / name).open("rb") as handle:
        return tomllib.load(handle)


@cache
def _materials() -> Mapping[str, Material]:
    raw: dict[str, dict[str, Any]] = _read_table("materials.toml")["materials"]

    def parents(code: str) -> tuple[str, ...]:
        direct: list[str] = raw[code].get("groups", [])
        return tuple(dict.fromkeys([*direct, *(above for parent in direct for above in parents(parent))]))

    return MappingProxyType(
        {
            code: Material(
                code=code,
                name_en=entry["name_en"],
                name_nl=entry["name_nl"],
                symbol=entry.get("symbol", ""),
                parents=parents(code),
                strategic="strategic" in entry,
                strategic_scope=entry.get("strategic", ""),
                synonyms=tuple(entry.get("synonyms", ())),
            )
            for code, entry in sorted(raw.items())
        }
    )


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").replace("-", " ").casefold().split())


@cache
def _codes_by_name() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for found in materials():
        for name in (found.code, found.name_en, found.name_nl, *found.synonyms):
            names[_plain(name)] = found.code
    return MappingProxyType(names)


@cache
def _codes_by_symbol() -> Mapping[str, str]:
    symbols: dict[str, str] = {}
    for found in materials():
        # C is graphite as well as diamond: a symbol of more than one material names none of them.
        symbols[found.symbol] = "" if found.symbol in symbols else found.code
    return MappingProxyType({symbol: code for symbol, code in symbols.items() if symbol and code})


def _near_names(text: str, limit: int = 3) -> tuple[str, ...]:
    from difflib import get_close_matches

    asked = _plain(text)
    names = _codes_by_name()
    found = [name for name in names if len(asked) > 1 and asked in name]
    found += get_close_matches(asked, names, n=2 * limit, cutoff=0.6)
    return tuple(dict.fromkeys(names[name] for name in found))[:limit]


def _revision_range(text: str) -> tuple[str, ...]:
    revisions = tuple(HS_REVISIONS)
    first, _, last = text.partition("-")
    return revisions[revisions.index(first) : revisions.index(last or first) + 1]


@cache
def _products_by_revision() -> Mapping[str, tuple[MaterialProduct, ...]]:
    raw = _read_table("material_products.toml")
    statements = [
        MaterialProduct(
            material=_materials()[code].code,
            stage=entry["stage"],
            products=tuple(product_code(product) for product in entry["products"]),
            hs_revisions=_revision_range(entry["hs_revisions"]),
            share=entry.get("share"),
            mixed_with=entry.get("mixed_with", ""),
            content=entry["content"],
            principal=entry.get("principal", True),
            note=entry.get("note", ""),
            source=entry.get("source", raw["source"]),
        )
        for entry in raw["entries"]
        for code in entry["materials"]
    ]
    statements.sort(key=lambda found: (found.material, found.stage, not found.principal))
    return MappingProxyType(
        {
            revision: tuple(found for found in statements if revision in found.hs_revisions)
            for revision in HS_REVISIONS
        }
    )
