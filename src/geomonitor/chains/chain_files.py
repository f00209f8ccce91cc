"""Chain files: the stages of a value chain, and the materials, products or sectors that stand for each."""

from __future__ import annotations

import datetime
import importlib.resources
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geomonitor.codes import MATERIAL_STAGES, material, near_matches
from geomonitor.data.described_files import DescribedFiles
from geomonitor.data.input_output.sectors import SECTOR_SCHEMES
from geomonitor.errors import DataError, UnknownCodeError

__all__ = [
    "STAGE_KINDS",
    "Chain",
    "ChainStage",
    "ProductGroup",
    "StageMaterial",
    "chain_named",
    "load_chain",
    "load_chains",
]

STAGE_KINDS: tuple[str, ...] = ("extraction", "processing", "component", "assembly")
"""What happens in a stage, from the mine to the product in use."""

_CODE = re.compile(r"[a-z][a-z0-9_]*")
_FILES = DescribedFiles("See docs/stacking.md for the format.")


@dataclass(frozen=True, slots=True)
class ProductGroup:
    """Products that stand for a stage, in the revisions where their codes mean that.

    Attributes
    ----------
    prefixes : tuple of str
        2, 4 or 6 digits of the Harmonized System.
    hs_revisions : tuple of str
        Such as ``("HS17", "HS22")``.
    """

    prefixes: tuple[str, ...]
    hs_revisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StageMaterial:
    """A raw material that a stage yields.

    Attributes
    ----------
    material : str
        Code of the material, see `geomonitor.codes.material`.
    stage : str
        One of `geomonitor.codes.MATERIAL_STAGES`; the kind of the stage of the chain.
    """

    material: str
    stage: str


@dataclass(frozen=True, slots=True)
class ChainStage:
    """One stage of a chain.

    Attributes
    ----------
    code : str
    kind : str
        One of `STAGE_KINDS`.
    name : dict of str to str
        By language ('en', 'nl').
    products : tuple of ProductGroup
        Products of the stage; empty where no code of the Harmonized System describes it.
    sectors : tuple of str
        Sectors of an input-output table that hold the stage; wider than it.
    buyers : tuple of str
        Sectors whose purchases count; those of all where empty.
    note : str
        What is wider or narrower than the stage; empty where nothing is.
    materials : tuple of StageMaterial
        Raw materials that the stage yields; empty where it makes no raw material.
    """

    code: str
    kind: str
    name: Mapping[str, str]
    products: tuple[ProductGroup, ...]
    sectors: tuple[str, ...]
    buyers: tuple[str, ...]
    note: str
    materials: tuple[StageMaterial, ...] = ()

    def prefixes(self, hs_revision: str) -> tuple[str, ...]:
        """Give the product prefixes of the stage in a revision of the Harmonized System.

        Parameters
        ----------
        hs_revision : str
            Such as ``HS92``.

        Returns
        -------
        tuple of str
            Empty where the revision has no code for the stage.
        """
        return tuple(
            prefix
            for group in self.products
            if hs_revision in group.hs_revisions
            for prefix in group.prefixes
        )


@dataclass(frozen=True, slots=True)
class Chain:
    """A value chain: stages from raw material to the product in use.

    Attributes
    ----------
    code : str
    name : dict of str to str
        By language ('en', 'nl').
    source : str
        Where the chain and its stages are named.
    date : datetime.date
        When the file was made or last looked at.
    interests : tuple of str
        Codes of the public interests that the chain serves.
    stages : tuple of ChainStage
        In the order of the chain. The list is part of a result: finer stages stack higher.
    file : str
        Name of the file.
    """

    code: str
    name: Mapping[str, str]
    source: str
    date: datetime.date
    interests: tuple[str, ...]
    stages: tuple[ChainStage, ...]
    file: str

    @property
    def stage_codes(self) -> tuple[str, ...]:
        """Codes of the stages, in order."""
        return tuple(stage.code for stage in self.stages)

    @property
    def materials(self) -> tuple[str, ...]:
        """Codes of the raw materials of all stages, each once, in order.

        Examples
        --------
        >>> chain_named("batteries").materials
        ('lithium', 'cobalt', 'nickel', 'manganese', 'natural_graphite')
        """
        return tuple(dict.fromkeys(each.material for stage in self.stages for each in stage.materials))

    def products(self, hs_revision: str, codes: Iterable[str]) -> tuple[str, ...]:
        """Choose the products of all stages among codes.

        Parameters
        ----------
        hs_revision : str
            Revision of the codes.
        codes : iterable of str
            HS6 codes of a dataset.

        Returns
        -------
        tuple of str

        Examples
        --------
        >>> chain_named("magnets").products("HS92", ["280530", "284610", "660110"])
        ('280530', '284610')
        """
        prefixes = tuple(prefix for stage in self.stages for prefix in stage.prefixes(hs_revision))
        return tuple(code for code in codes if prefixes and code.startswith(prefixes))


def load_chains(
    folder: str | Path | None = None, *, known_interests: Sequence[str] | None = None
) -> tuple[Chain, ...]:
    """Read the chains that ship with Geomonitor, and those of a folder of the user's own.

    Parameters
    ----------
    folder : path, optional
        Folder whose ``*.toml`` files are added.
    known_interests : sequence of str, optional
        Codes of public interests; other codes are refused. Not looked at where left out.

    Returns
    -------
    tuple of Chain
        Shipped chains first; each in the order of the file names.

    Raises
    ------
    DataError
        If a file cannot be read, an entry is not valid (the message names file, entry and key), or
        two files define one chain.

    Examples
    --------
    >>> [chain.code for chain in load_chains()]
    ['batteries', 'chips', 'defence_industry', 'magnets', 'medicines', 'robotics', 'solar']
    """
    shipped = importlib.resources.files("geomonitor.chains") / "chains"
    texts = {
        each.name: each.read_text(encoding="utf-8")
        for each in sorted(shipped.iterdir(), key=lambda each: each.name)
        if each.name.endswith(".toml")
    }
    if folder is not None:
        files = sorted(Path(folder).glob("*.toml"))
        if not files:
            raise DataError(
                "The folder has no chain files.",
                where=str(folder),
                expected="a folder with .toml files, one a chain",
                next_step=_FILES.next_step,
            )
        texts |= {str(file): _FILES.text(file) for file in files}
    chains = [_chain(_FILES.parsed(text, file), file, known_interests) for file, text in texts.items()]
    seen: dict[str, str] = {}
    for chain in chains:
        if chain.code in seen:
            raise _FILES.wrong(
                f"The chain {chain.code!r} is in {seen[chain.code]} too.",
                chain.file,
                "code",
                "a code that no other file has",
            )
        seen[chain.code] = chain.file
    return tuple(chains)


def load_chain(path: str | Path, *, known_interests: Sequence[str] | None = None) -> Chain:
    """Read one chain file.

    Parameters
    ----------
    path : path
        TOML file.
    known_interests : sequence of str, optional
        See `load_chains`.

    Returns
    -------
    Chain

    Raises
    ------
    DataError
        If the file cannot be read or an entry is not valid.
    """
    return _chain(_FILES.parsed(_FILES.text(path), str(path)), str(path), known_interests)


def chain_named(code: str, chains: Sequence[Chain] | None = None) -> Chain:
    """Find a chain by its code.

    Parameters
    ----------
    code : str
    chains : sequence of Chain, optional
        Where to look; the shipped ones by default.

    Returns
    -------
    Chain

    Raises
    ------
    UnknownCodeError
        If there is none; the message names those that exist.

    Examples
    --------
    >>> chain_named("magnets").name["nl"]
    'Permanente magneten voor windturbines'
    """
    known = {chain.code: chain for chain in (load_chains() if chains is None else chains)}
    if code not in known:
        near = near_matches(code, tuple(known))
        raise UnknownCodeError(
            f"There is no chain {code!r}.",
            where="chain",
            expected=f"one of {', '.join(known)}",
            next_step=f"Did you mean {' or '.join(near)}?" if near else _FILES.next_step,
        )
    return known[code]


def _code_of(raw: dict[str, Any], where: str) -> str:
    if not _CODE.fullmatch(raw["code"]):
        raise _FILES.wrong(
            f"{raw['code']!r} cannot be a code.", where, "code", "lower-case letters, digits and underscores"
        )
    return str(raw["code"])


def _name_of(raw: dict[str, Any], where: str) -> dict[str, str]:
    _FILES.checked(raw["name"], {"en": str, "nl": str}, f"{where}, key name")
    return dict(raw["name"])


def _chain(raw: dict[str, Any], file: str, known_interests: Sequence[str] | None) -> Chain:
    kinds = {
        "code": str,
        "name": dict,
        "source": str,
        "date": datetime.date,
        "interests": list,
        "stage": list,
    }
    _FILES.checked(raw, kinds, file)
    for interest in raw["interests"]:
        if not isinstance(interest, str) or (known_interests is not None and interest not in known_interests):
            raise _FILES.wrong(
                f"There is no interest {interest!r}.",
                file,
                "interests",
                f"one or more of {', '.join(known_interests)}" if known_interests else "codes in quotes",
            )
    stages = tuple(
        _stage(each, _called(each, number, file)) for number, each in enumerate(raw["stage"], start=1)
    )
    codes = [stage.code for stage in stages]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise _FILES.wrong(f"The stage {twice[0]!r} is there twice.", file, "stage", "each code once")
    return Chain(
        code=_code_of(raw, file),
        name=_name_of(raw, file),
        source=raw["source"],
        date=raw["date"],
        interests=tuple(raw["interests"]),
        stages=stages,
        file=file,
    )


def _called(raw: object, number: int, file: str) -> str:
    code = raw.get("code") if isinstance(raw, dict) else None
    return f"{file}, stage {number}" + (f" ({code})" if isinstance(code, str) else "")


def _stage(raw: Any, where: str) -> ChainStage:
    kinds = {
        "code": str,
        "kind": str,
        "name": dict,
        "materials": list,
        "products": list,
        "sectors": list,
        "buyers": list,
        "note": str,
    }
    _FILES.checked(raw, kinds, where, optional=("materials", "products", "sectors", "buyers", "note"))
    if raw["kind"] not in STAGE_KINDS:
        raise _FILES.wrong(
            f"There is no kind {raw['kind']!r}.", where, "kind", f"one of {', '.join(STAGE_KINDS)}"
        )
    if not {"materials", "products", "sectors", "note"} & {*raw}:
        raise _FILES.wrong(
            "Neither materials nor products nor sectors describe the stage.",
            where,
            "note",
            "a note that says why",
        )
    if "buyers" in raw and "sectors" not in raw:
        raise _FILES.wrong(
            "Buyers need sectors that they buy from.", where, "buyers", "a key sectors beside it"
        )
    return ChainStage(
        code=_code_of(raw, where),
        kind=raw["kind"],
        name=_name_of(raw, where),
        products=tuple(
            _group(each, f"{where}, products {number}")
            for number, each in enumerate(raw.get("products", ()), start=1)
        ),
        sectors=_sectors(raw.get("sectors", ()), where, "sectors"),
        buyers=_sectors(raw.get("buyers", ()), where, "buyers"),
        note=raw.get("note", ""),
        materials=_materials(raw, where),
    )


def _materials(raw: dict[str, Any], where: str) -> tuple[StageMaterial, ...]:
    """Read the raw materials of a stage: known ones, at what the stage does, each once."""
    found: list[StageMaterial] = []
    for number, each in enumerate(raw.get("materials", ()), start=1):
        entry = f"{where}, materials {number}"
        _FILES.checked(each, {"material": str, "stage": str}, entry)
        try:
            code = material(each["material"]).code
        except UnknownCodeError as error:
            raise DataError(
                error.what,
                where=f"{entry}, key material",
                expected=error.expected,
                next_step=error.next_step or _FILES.next_step,
            ) from error
        # mined shares do not tell who refines, and raw materials are no parts
        if each["stage"] != raw["kind"] or each["stage"] not in MATERIAL_STAGES:
            raise _FILES.wrong(
                f"A stage of the kind {raw['kind']!r} does not yield a raw material at {each['stage']!r}.",
                entry,
                "stage",
                f"the kind of the stage, where that is {' or '.join(MATERIAL_STAGES)}",
            )
        if any(known.material == code for known in found):
            raise _FILES.wrong(f"The material {code!r} is there twice.", entry, "material", "each once")
        found.append(StageMaterial(code, each["stage"]))
    return tuple(found)


def _group(raw: Any, where: str) -> ProductGroup:
    _FILES.checked(raw, {"prefixes": list, "hs_revisions": str}, where)
    return ProductGroup(
        _FILES.prefixes(raw["prefixes"], where, "prefixes"), _FILES.revisions(raw["hs_revisions"], where)
    )


def _sectors(values: Sequence[object], where: str, key: str) -> tuple[str, ...]:
    known = {code for scheme in SECTOR_SCHEMES.values() for code in scheme}
    for value in values:
        if value not in known:
            raise _FILES.wrong(
                f"There is no sector {value!r}.", where, key, "codes of a published table, such as C26"
            )
    return tuple(str(value) for value in values)
