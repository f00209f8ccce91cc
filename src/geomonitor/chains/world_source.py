"""World supply of raw materials as a source of who supplies a stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from geomonitor.chains.chain_files import ChainStage, StageMaterial
from geomonitor.chains.stage_sources import SupplyFound
from geomonitor.chains.world_supply import WORLD_SUPPLY_SCHEMA
from geomonitor.codes import ECONOMY_CODES, MATERIAL_STAGES, material, material_members
from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.trade import Importer

__all__ = ["WorldSource", "check_world_supply"]

# Studies print whole percents, so lists of many economies add up to a little more or less.
_TOLERANCE = 0.05
# Where the part of the world that a list does not name is put: no single economy.
_NOT_NAMED = "XXX"
_UNIT = "share of world supply"
_KEY = ["material", "stage"]


@dataclass(frozen=True, slots=True)
class _Shares:
    """World supply of one material at one stage, by economy; the rest of the world is not named.

    `at_most` is the largest share that an economy can have which is not named.
    """

    shares: dict[str, float]
    detail: str
    abroad: str | None
    at_most: float
    main_only: bool

    @property
    def largest(self) -> float:
        """Share of the largest supplier abroad."""
        return 0.0 if self.abroad is None else self.shares[self.abroad]


@dataclass(frozen=True, slots=True)
class WorldSource:
    """World supply of the raw materials of a stage.

    Attributes
    ----------
    entries : mapping of (str, str) to (_Shares or str)
        By material and stage; a text where the shares cannot be used says why.
    importer_label : str
    no_suppliers : frozenset of str
        On whom nobody depends: home, and what is not named.
    """

    entries: Mapping[tuple[str, str], _Shares | str]
    importer_label: str
    no_suppliers: frozenset[str]

    @classmethod
    def of(
        cls, table: pl.DataFrame, importer: Importer, merge: Mapping[str, str], *, include_home: bool
    ) -> WorldSource:
        """Check shares of world supply.

        Raises
        ------
        DataError
            If columns are missing, a share is none, or a material, stage or economy is not known.
        """
        home = () if include_home else importer.home
        entries: dict[tuple[str, str], _Shares | str] = {}
        for key, rows in check_world_supply(table).group_by(_KEY, maintain_order=True):
            code, stage = str(key[0]), str(key[1])
            shares: dict[str, float] = {}
            for economy, share in rows.select("economy", "share").iter_rows():
                supplier = _NOT_NAMED if economy is None else merge.get(economy, economy)
                shares[supplier] = shares.get(supplier, 0.0) + share
            years, source, main_only = rows.select("years", "source", "main_only").row(0)
            entries[code, stage] = _usable(
                shares, f"{code}, {stage}, {years}, {source}", home, main_only=main_only
            )
        return cls(entries, importer.label, frozenset({_NOT_NAMED, *home}))

    def supply_of(self, stage: ChainStage) -> SupplyFound | str:
        """Give the world supply of the weakest material of a stage, or why there is none."""
        found: dict[str, _Shares] = {}
        reasons: list[str] = []
        for each in stage.materials:
            answers = {code: self.entries[code, each.stage] for code in self._standing_for(each)}
            if not answers:
                reasons.append(f"no world supply of {each.material} at {each.stage}")
            for code, answer in answers.items():
                if isinstance(answer, str):
                    reasons.append(answer)
                else:
                    found[code] = answer
        if not found:
            return "; ".join(dict.fromkeys(reasons))
        # the first named of those that are equally weak
        weakest = max(found, key=lambda code: found[code].largest)
        chosen = found[weakest]
        return SupplyFound(
            chosen.shares,
            _UNIT,
            "production",
            f"production: world supply, not supply to {self.importer_label}: {chosen.detail}",
            note=self._note(weakest, found, reasons),
            no_suppliers=frozenset(chosen.shares.keys() & self.no_suppliers),
            unnamed_at_most=chosen.at_most,
        )

    def _standing_for(self, wanted: StageMaterial) -> tuple[str, ...]:
        """Name the entries for a material: its own, else that of its group, else those of its members."""
        own = material(wanted.material)
        if (own.code, wanted.stage) in self.entries:
            return (own.code,)
        groups = tuple(code for code in own.parents if (code, wanted.stage) in self.entries)
        if groups:
            return groups[:1]
        members = (code for code in material_members(own.code) if code != own.code)
        return tuple(code for code in members if (code, wanted.stage) in self.entries)

    @staticmethod
    def _note(weakest: str, found: Mapping[str, _Shares], reasons: list[str]) -> str:
        def spoken(code: str) -> str:
            each = found[code]
            share = f"{each.abroad} {each.largest:.2f}" if each.abroad else "nothing from abroad"
            return f"{code} ({share})"

        others = [spoken(code) for code in found if code != weakest]
        texts = [f"World supply of {spoken(weakest)}"]
        if others:
            texts.append(f", the weakest of this and {', '.join(others)}")
        if found[weakest].main_only:
            texts.append("; other suppliers are not given")
        if reasons:
            texts.append(f"; not used: {'; '.join(dict.fromkeys(reasons))}")
        return f"{''.join(texts)}."


def _usable(
    shares: dict[str, float], detail: str, home: tuple[str, ...], *, main_only: bool
) -> _Shares | str:
    """Take shares whose largest supplier abroad is certain; what is not named is put apart."""
    total = sum(shares.values())
    if total > 1 + _TOLERANCE:
        return f"world supply of {detail} adds up to {total:.2f}"
    if total > 1:
        # percents that were rounded up
        shares = {code: share / total for code, share in shares.items()}
    named = {code: share for code, share in shares.items() if code != _NOT_NAMED and share > 0}
    rest = max(0.0, 1 - sum(named.values()))
    foreign = {code: share for code, share in named.items() if code not in home}
    abroad = min(foreign, key=lambda code: (-foreign[code], code), default=None)
    largest = 0.0 if abroad is None else foreign[abroad]
    if main_only and abroad is None:
        return f"world supply of {detail} names no supplier abroad"
    if not main_only and rest > max(largest, _TOLERANCE):
        # somebody who is not named may supply more
        return f"world supply of {detail} is known for {1 - rest:.2f} of it only"
    return _Shares(
        # 1e-9: what sums of decimals leave over is nothing
        named | ({_NOT_NAMED: rest} if rest > 1e-9 else {}),
        detail,
        abroad,
        min(rest, max(named.values(), default=0.0)) if rest > _TOLERANCE else 0.0,
        main_only,
    )


def check_world_supply(
    table: pl.DataFrame, *, where: str = "world supply", first_row: int = 1
) -> pl.DataFrame:
    """Refuse shares of world supply that are not what they should be.

    Parameters
    ----------
    table : polars.DataFrame
        Columns of `WORLD_SUPPLY_SCHEMA`, and `main_only` where the table has it.
    where : str
        File, for the messages.
    first_row : int
        Number of the first row of the table in that file.

    Returns
    -------
    polars.DataFrame
        Typed, with codes of materials, and `main_only`.

    Raises
    ------
    DataError
        If columns are missing, a value is of another type, a share is none, a material, stage or economy
        is not known, an economy is there twice, or sources or years are mixed in a material and stage.

    Examples
    --------
    >>> rows = [("Gallium", "processing", "CHN", 0.94, "study", "2016-2020")]
    >>> check_world_supply(pl.DataFrame(rows, schema=WORLD_SUPPLY_SCHEMA, orient="row"))["material"].item()
    'gallium'
    """
    lacking = [name for name in WORLD_SUPPLY_SCHEMA.names() if name not in table.columns]
    if lacking:
        raise _wrong(f"The columns {', '.join(lacking)} are missing.", where)
    main_only = pl.col("main_only") if "main_only" in table.columns else pl.lit(value=False)
    try:
        rows = table.select(
            *(pl.col(name).cast(kind) for name, kind in WORLD_SUPPLY_SCHEMA.items()),
            main_only.cast(pl.Boolean).fill_null(value=False).alias("main_only"),
        )
    except pl.exceptions.PolarsError as error:
        raise _wrong(f"A column is of another type: {error}.", where) from error
    known = {*ECONOMY_CODES}
    codes: list[str] = []
    for number, row in enumerate(rows.iter_rows(named=True), start=first_row):
        here = f"{where}, row {number}"
        try:
            codes.append(material(row["material"] or "").code)
        except UnknownCodeError as error:
            raise _wrong(error.what, f"{here}, column material") from error
        if row["stage"] not in MATERIAL_STAGES:
            raise _wrong(f"There is no stage {row['stage']!r}.", f"{here}, column stage")
        if row["economy"] is not None and row["economy"] not in known:
            raise _wrong(f"There is no economy {row['economy']!r}.", f"{here}, column economy")
        # not a number fails both comparisons
        if row["share"] is None or not 0 <= row["share"] <= 1:
            raise _wrong(f"{row['share']!r} is not a share.", f"{here}, column share")
        for name in ("source", "years"):
            if not row[name]:
                raise _wrong(f"The {name} of the share is missing.", f"{here}, column {name}")
    rows = rows.with_columns(pl.Series("material", codes, dtype=pl.String))
    for what, names, problem in _problems(rows):
        if problem.height:
            first = problem.row(0, named=True)
            raise _wrong(f"{what}: {', '.join(str(first[name]) for name in names)}.", where)
    return rows


def _problems(rows: pl.DataFrame) -> Iterator[tuple[str, list[str], pl.DataFrame]]:
    twice = [*_KEY, "economy"]
    named = rows.filter(pl.col("economy").is_not_null())
    yield "An economy is there twice", twice, named.filter(pl.struct(twice).is_duplicated())
    origins = rows.group_by(_KEY, maintain_order=True).agg(
        pl.struct("source", "years", "main_only").n_unique().alias("origins")
    )
    yield "Shares of several sources or years are mixed", _KEY, origins.filter(pl.col("origins") > 1)


def _wrong(what: str, where: str) -> DataError:
    return DataError(
        what,
        where=where,
        expected="a row a material, stage and economy, with a share from 0 to 1, source and years; of one "
        "source and period a material and stage",
        next_step="See docs/stacking.md for the columns.",
    )
