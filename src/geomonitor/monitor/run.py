"""The main job: run a profile, and leave an edition."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl

import geomonitor
from geomonitor._version import __version__
from geomonitor.data import Dataset, Store, governance, open_flows
from geomonitor.dependency import (
    Fragility,
    Interests,
    Judgements,
    churn,
    common,
    history,
    load_interests,
    load_substitutability,
    measure,
    mutual,
    robustness_of_importers,
    screen,
    strategic,
    supply_fragility,
)
from geomonitor.findings import Edition, Finding, edition_id, findings_of, findings_table
from geomonitor.monitor.chain_tables import ChainInputs, chain_inputs, chain_tables
from geomonitor.monitor.material_findings import material_findings
from geomonitor.monitor.material_sources import MaterialSources, evaluated_materials, material_sources
from geomonitor.monitor.material_tables import material_tables
from geomonitor.monitor.profile import Profile
from geomonitor.monitor.shock_findings import shock_findings
from geomonitor.monitor.shock_sources import ShockSources, shock_sources
from geomonitor.monitor.shock_tables import shock_tables
from geomonitor.trade import Importer, Supply, importer, supply_tables

__all__ = ["make_edition", "planned_edition_id"]

Progress = Callable[[str, int, int], None]

_SUPPLIERS_SHOWN = 8
# rooms that show editions and ask for them, and change nothing in them
_TAKE_NO_PART = frozenset({"cli", "register", "web"})
_STEPS = 10


@dataclass(frozen=True, slots=True)
class _Inputs:
    """All that goes into an edition, read once."""

    profile: Profile
    dataset: Dataset
    interests: Interests
    judgements: Judgements
    chains: ChainInputs | None
    materials: MaterialSources | None
    shocks: ShockSources | None
    code_sha256: str

    def as_record(self) -> dict[str, Any]:
        """Give what decides the content of the edition as plain data."""
        profile = self.profile
        return {
            "profile": {
                # the engine is no input: the numbers are the same on each
                **{key: value for key, value in profile.raw.items() if key != "engine"},
                "years": list(profile.years),
                "dataset": profile.dataset,
                "intra_group": profile.options.intra_group,
                "minimum_import_value_kusd": profile.options.minimum_import_value_kusd,
                "merge": dict(profile.merge),
                "re_export_shares": dict(profile.options.re_export_shares),
                "partner_group": profile.options.partner_group,
            },
            "methods": [
                {
                    **each.as_record(),
                    "title": dict(each.title),
                    "summary": dict(each.summary),
                    "known_differences": list(each.known_differences),
                    "meanings": {
                        condition.indicator: dict(condition.meaning)
                        for condition in (*each.conditions, *each.severe_conditions)
                    },
                }
                for each in profile.methods
            ],
            "importers": [
                {
                    "code": each.code,
                    "home_code": each.home_code,
                    "label": each.label,
                    "members": list(each.members),
                }
                for each in profile.importers
            ],
            "dataset_sha256": self.dataset.content_sha256,
            "interests": {
                "version": self.interests.version,
                "names": {each.code: dict(each.name) for each in self.interests.interests},
                "source": self.interests.source,
                "extended_by": profile.interests.name if profile.interests else None,
                "sha256": _digest([*self.interests.interests, *self.interests.entries]),
                "judgements": profile.judgements.name if profile.judgements else None,
                "judgements_sha256": _digest(self.judgements.judgements),
            },
            "value_chains": self.chains.as_record() if self.chains else None,
            "materials": self.materials.as_record() if self.materials else None,
            "shocks": self.shocks.as_record() if self.shocks else None,
            "geomonitor_version": __version__,
            "code_sha256": self.code_sha256,
        }


def _inputs(profile: Profile, store: Store | None) -> _Inputs:
    interests = (
        load_interests(profile.interests)
        if profile.replace_interests
        else load_interests(extend=[profile.interests] if profile.interests else [])
    )
    return _Inputs(
        profile=profile,
        dataset=(store or Store()).dataset(profile.dataset),
        interests=interests,
        judgements=load_substitutability(profile.judgements) if profile.judgements else Judgements(),
        chains=chain_inputs(profile, None if store is None else store.root),
        materials=material_sources(profile, None if store is None else store.root),
        shocks=shock_sources(profile, None if store is None else store.root),
        code_sha256=_code_sha256(),
    )


def _digest(entries: Iterable[Any]) -> str:
    """Hash entries by what they say, not by the file that they stand in."""
    plain = [{name: value for name, value in asdict(each).items() if name != "file"} for each in entries]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()


def _code_sha256() -> str:
    """Hash the program itself, so that an edition names the code that made it."""
    root = Path(geomonitor.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*")):
        if file.relative_to(root).parts[0] in _TAKE_NO_PART:
            continue
        if file.suffix in {".py", ".yaml", ".toml", ".csv", ".j2", ".css", ".js", ".json"}:
            digest.update(str(file.relative_to(root)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def planned_edition_id(profile: Profile, *, store: Store | None = None) -> str:
    """Say what the edition of a profile will be called: its name and the hash of all that goes in.

    Parameters
    ----------
    profile : Profile
    store : Store, optional

    Examples
    --------
    >>> from geomonitor.monitor import load_profile
    >>> planned_edition_id(load_profile()).startswith("raw-materials-")
    True
    """
    return edition_id(profile.name, _inputs(profile, store).as_record())


def make_edition(
    profile: Profile,
    *,
    engine: str | None = None,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Edition:
    """Run a profile: screen, test the verdicts, look back, look both ways, and put it together.

    Parameters
    ----------
    profile : Profile
    engine : str, optional
        Engine for the pass over the flows; that of the profile where left out. The numbers are the
        same on every engine.
    store : Store, optional
        Where the dataset is; the user's store where left out.
    progress : callable, optional
        Called with what is done now, the step, and the number of steps.

    Returns
    -------
    Edition
        Not yet written; see `geomonitor.findings.write_edition`.

    Raises
    ------
    GeomonitorError
        If the dataset, its years, the engine or a file of the profile is not there or not right.

    Notes
    -----
    The flows are passed over twice: for the years of the profile with every importer needed, and
    for all years with the importers of the profile only; and a third time, product by product, if
    a method needs trade networks.
    """
    inputs = _inputs(profile, store)
    dataset = inputs.dataset
    chosen_engine = engine or profile.engine
    tell = progress or (lambda text, step, steps: None)
    whole_dollars = dataset.whole_dollars

    tell("Reading the flows", 1, _STEPS)
    measured = _needed(profile)
    flows = open_flows(dataset, chosen_engine, profile.years)
    supply = supply_tables(
        flows, measured, profile.years, merge=profile.merge, whole_dollars=whole_dollars, verified=True
    )
    tell("Looking back over all years", 2, _STEPS)
    past = supply_tables(
        open_flows(dataset, chosen_engine),
        profile.importers,
        dataset.years,
        quantities=False,
        merge=profile.merge,
        whole_dollars=whole_dollars,
        verified=True,
    )
    fragility = None
    if any(each.network for each in profile.methods):
        tell("Ranking trade networks", 3, _STEPS)
        fragility = supply_fragility(
            flows, profile.years, merge=profile.merge, whole_dollars=whole_dollars, verified=True
        )

    tell("Screening every product", 4, _STEPS)
    tables: dict[str, pl.DataFrame] = {}
    tables["products"], tables["robustness"] = _screened(inputs, supply, fragility)
    tell("Comparing years", 5, _STEPS)
    tables |= _looked_back(profile, past, tables["products"], dataset.product_names())
    tell("Looking both ways", 6, _STEPS)
    tables |= _related(inputs, supply, tables["products"], fragility)
    if fragility is not None:
        tables["fragility"] = fragility.table
    about_chains: dict[str, Any] = {}
    if inputs.chains is not None:
        tell("Looking through value chains", 7, _STEPS)
        found, about_chains = chain_tables(
            profile,
            inputs.chains,
            tables["products"],
            dataset=dataset,
            flows=flows,
            interests=inputs.interests,
            root=None if store is None else store.root,
        )
        tables |= found
    if inputs.materials is not None:
        tell("Assessing raw materials", 8, _STEPS)
        evaluated = evaluated_materials(
            inputs.materials, profile.importers, supply=past, dataset=dataset, years=profile.years
        )
        tables |= material_tables(
            inputs.materials,
            evaluated,
            dataset=dataset,
            period=profile.period,
            chains=inputs.chains.chains if inputs.chains else (),
        )
    about_shocks: dict[str, Any] = {}
    if inputs.shocks is not None:
        tell("Running shocks", 9, _STEPS)
        found, about_shocks = shock_tables(inputs.shocks, None if store is None else store.root)
        tables |= found
    tell("Writing down the findings", 10, _STEPS)
    return Edition(
        record={**_record(inputs, chosen_engine), **about_chains, **about_shocks},
        tables=tables,
        findings=_findings(inputs, tables, about_shocks),
    )


def _needed(profile: Profile) -> list[Importer]:
    """List every importer to measure: those asked for, members of groups, and counterparts."""
    found = {each.code: each for each in profile.importers}
    members = (code for each in profile.importers if each.is_group for code in each.members)
    for code in (*members, *profile.counterparts):
        # a folded economy is measured as part of another
        if code not in profile.merge:
            found.setdefault(code, importer(code))
    return list(found.values())


def _named(table: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    return table.with_columns(
        pl.col("product").replace_strict(names, default="", return_dtype=pl.String).alias("product_name")
    )


def _screened(
    inputs: _Inputs, supply: Supply, fragility: Fragility | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Screen all importers by all methods, and test how firm the verdicts are."""
    profile = inputs.profile
    screened, tested = [], []
    for measurement in measure(supply, profile.importers, options=profile.options):
        for specification in profile.methods:
            table = screen(measurement, specification, fragility=fragility).table
            label = pl.lit(measurement.importer.label).alias("label")
            screened.append(table.with_columns(label, pl.lit(specification.id).alias("method")))
    for specification in profile.methods:
        scores = fragility if specification.network else None
        for found in robustness_of_importers(
            supply, profile.importers, specification, options=profile.options, fragility=scores
        ):
            key = {"label": found.importer.label, "method": specification.id}
            tested.append((key, found))
    products = pl.concat(screened, how="diagonal")
    stability = _keyed((key, found.stability.select("product", "stability")) for key, found in tested)
    robust = _keyed((key, found.table) for key, found in tested)
    products = products.join(stability, on=["label", "method", "product"], how="left")
    known = governance(profile.years[-1]).select(
        pl.col("economy").alias("main_supplier"), "governance", "governance_year"
    )
    products = products.join(known, on="main_supplier", how="left")
    products = strategic(
        _named(products, inputs.dataset.product_names()),
        inputs.interests,
        inputs.judgements,
        hs_revision=inputs.dataset.hs_revision,
    )
    first = [
        "label",
        "importer",
        "home",
        "method",
        "product",
        "product_name",
        "dependent",
        "strategic",
        "margin",
    ]
    ordered = products.select(*first, pl.exclude(first)).sort(
        "label", "method", "product", maintain_order=True
    )
    return ordered, robust.join(
        ordered.select("label", "method", "importer", "home").unique(), on=["label", "method"], how="left"
    ).select("label", "importer", "home", "method", "product", "variant", "kind", "dependent")


def _keyed(parts: Iterable[tuple[Mapping[str, str], pl.DataFrame]]) -> pl.DataFrame:
    return pl.concat(
        [
            table.with_columns(*(pl.lit(value).alias(name) for name, value in key.items()))
            for key, table in parts
        ],
        how="diagonal",
    )


def _looked_back(
    profile: Profile, past: Supply, products: pl.DataFrame, names: Mapping[str, str]
) -> dict[str, pl.DataFrame]:
    """Give verdicts year by year, churn, and the suppliers of every flagged product."""
    main = profile.methods[0]
    if main.network:
        # one network score for all years would pass for a history of it
        return {}
    verdicts = _named(history(past, profile.importers, main, options=profile.options), names)
    flagged = products.filter(pl.col("dependent") & (pl.col("method") == main.id))
    parts = []
    for each in profile.importers:
        wanted = flagged.filter(pl.col("label") == each.label)["product"].unique()
        parts.append(_suppliers(past, each, wanted.to_list()))
    return {"history": verdicts, "churn": churn(verdicts), "suppliers": pl.concat(parts)}


def _suppliers(past: Supply, each: Importer, wanted: Sequence[str]) -> pl.DataFrame:
    """Give the largest foreign suppliers of some products by year; the rest together as OTHER."""
    home = list(each.home)
    foreign = past.table(each.code).filter(pl.col("product").is_in(wanted) & ~pl.col("exporter").is_in(home))
    largest = (
        foreign.group_by("product", "exporter")
        .agg(pl.col("value_kusd").sum())
        .sort("product", "value_kusd", "exporter", descending=[False, True, False])
        .with_columns(pl.int_range(pl.len()).over("product").alias("place"))
        .filter(pl.col("place") < _SUPPLIERS_SHOWN)
        .select("product", "exporter", pl.lit(True).alias("shown"))
    )
    named = foreign.join(largest, on=["product", "exporter"], how="left").with_columns(
        pl.when(pl.col("shown").fill_null(False))
        .then("exporter")
        .otherwise(pl.lit("OTHER"))
        .alias("supplier")
    )
    summed = named.group_by("year", "product", "supplier").agg(pl.col("value_kusd").sum())
    return summed.sort("product", "year", "supplier").select(
        pl.lit(each.code).alias("importer"),
        pl.lit(each.home_code).alias("home"),
        "year",
        "product",
        "supplier",
        "value_kusd",
        (pl.col("value_kusd") / pl.col("value_kusd").sum().over("year", "product")).alias("share"),
    )


def _related(
    inputs: _Inputs, supply: Supply, products: pl.DataFrame, fragility: Fragility | None
) -> dict[str, pl.DataFrame]:
    """Give common dependencies of group members, and dependence both ways with counterparts."""
    profile = inputs.profile
    main = profile.methods[0]
    shared = [
        common(supply, each, main, options=profile.options, fragility=fragility).table
        for each in profile.importers
        if each.is_group
    ]
    pairs, sums = [], []
    for each in profile.importers:
        for code in profile.counterparts:
            if code in each.home or code in profile.merge:
                continue
            found = mutual(supply, each, importer(code), main, options=profile.options, fragility=fragility)
            label = pl.lit(each.label).alias("label")
            pairs.append(found.table.with_columns(label))
            sums.append(
                found.summary.with_columns(
                    label, pl.lit(each.code).alias("importer"), pl.lit(code).alias("counterpart")
                )
            )
    tables = {}
    if shared:
        tables["common"] = pl.concat(shared)
    if pairs:
        relations = pl.concat(pairs)
        strategic_keys = products.filter((pl.col("method") == main.id) & pl.col("strategic")).select(
            "label", "product", pl.lit("on counterpart").alias("direction"), pl.lit(True).alias("strategic")
        )
        tables["relations"] = relations.join(
            strategic_keys, on=["label", "product", "direction"], how="left"
        ).with_columns(
            pl.when(pl.col("direction") == "on counterpart")
            .then(pl.col("strategic").fill_null(False))
            .otherwise(None)
            .alias("strategic")
        )
        tables["relations_summary"] = pl.concat(sums)
    return tables


def _findings(
    inputs: _Inputs, tables: Mapping[str, pl.DataFrame], about_shocks: Mapping[str, Any]
) -> pl.DataFrame:
    profile, products = inputs.profile, tables["products"]
    of_products = (
        finding
        for each in profile.importers
        for specification in profile.methods
        for finding in findings_of(
            products.filter((pl.col("label") == each.label) & (pl.col("method") == specification.id)),
            specification,
            subject=each.label,
            period=profile.period,
            dataset=inputs.dataset.name,
            dataset_sha256=inputs.dataset.content_sha256,
        )
    )
    of_materials: Iterable[Finding] = ()
    if inputs.materials is not None and "materials" in tables:
        of_materials = material_findings(
            tables, inputs.materials, dataset=inputs.dataset, period=profile.period
        )
    of_shocks: Iterable[Finding] = ()
    if inputs.shocks is not None:
        of_shocks = shock_findings(tables, inputs.shocks, about_shocks["shocks"])
    return findings_table([*of_products, *of_materials, *of_shocks])


def _record(inputs: _Inputs, engine: str) -> dict[str, Any]:
    profile, dataset = inputs.profile, inputs.dataset
    content = inputs.as_record()
    kept = (
        "name",
        "title",
        "producer",
        "citation",
        "licence",
        "licence_url",
        "hs_revision",
        "content_sha256",
        "rows",
        "notes",
    )
    return {
        **{key: value for key, value in content.items() if key not in {"dataset_sha256", "value_chains"}},
        "id": edition_id(profile.name, content),
        "title": dict(profile.title),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "period": [profile.years[0], profile.years[-1]],
        "period_text": profile.period,
        "main_method": profile.methods[0].id,
        "dataset": {**{key: dataset.metadata[key] for key in kept}, "years": list(dataset.years)},
        "governance": {
            "indicator": "Worldwide Governance Indicators, political stability and absence of violence",
            "citation": "World Bank, Worldwide Governance Indicators",
            "licence": "CC BY 4.0",
        },
        "engine": engine,
        "environment": {
            "python": platform.python_version(),
            "platform": platform.platform(),
            **{name: metadata.version(name) for name in ("polars", "narwhals", "numpy", "scipy", "plotly")},
        },
        "tables": {},
    }
