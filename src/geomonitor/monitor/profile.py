"""A profile: what to monitor, from a TOML file."""

from __future__ import annotations

import importlib.resources
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, cast

from geomonitor.chains import load_chains
from geomonitor.codes import economy, group, material, product_code, resolve_importer
from geomonitor.data import EMBEDDED_NAME, ENGINES
from geomonitor.data.input_output import EMBEDDED_TABLE
from geomonitor.dependency import MethodSpecification, ScreeningOptions, method
from geomonitor.errors import GeomonitorError, ProfileError
from geomonitor.shocks import Scenario, scenario
from geomonitor.shocks.elasticities import elasticity_set
from geomonitor.trade import Importer, importer

__all__ = ["SHOCK_SCENARIOS", "MaterialsPart", "Profile", "ShocksPart", "load_profile"]

SHOCK_SCENARIOS: tuple[str, ...] = (
    "eu-china-25pp",
    "eu-china-50pp",
    "china-denies-electronics",
    "eu-china-decoupling",
)
"""Scenarios of a profile that names none."""

_LANGUAGES = ("en", "nl")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True, slots=True)
class MaterialsPart:
    """What a profile wants of raw materials.

    Attributes
    ----------
    tables : tuple of str
        Tables of production or of printed supply shares in the store; trade alone where empty.
    inputs : tuple of pathlib.Path
        Files with what people know of a material.
    only : tuple of str
        Codes of the materials that are assessed; all where empty.
    """

    tables: tuple[str, ...] = ()
    inputs: tuple[Path, ...] = ()
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShocksPart:
    """What a profile wants of shocks.

    Attributes
    ----------
    scenarios : tuple of Scenario
    calibration : str
        An input-output table, or ``FORMAT:PATH`` of a published calibration.
    elasticities : str or None
        A published set; that of the calibration where None.
    year : int or None
        Of a calibration whose file holds several.
    focus : tuple of str
        Economies and groups that are shown by sector and partner; those of the importers where empty.
    draws : int
        Draws of elasticities a scenario; no such table where 0.
    seed : int
    """

    scenarios: tuple[Scenario, ...]
    calibration: str = EMBEDDED_TABLE
    elasticities: str | None = None
    year: int | None = None
    focus: tuple[str, ...] = ()
    draws: int = 20
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Profile:
    """What to monitor.

    Attributes
    ----------
    name : str
        Starts the name of the edition.
    title : dict of str to str
        By language.
    dataset : str
        Name in the store.
    years : tuple of int
    importers : tuple of Importer
    methods : tuple of MethodSpecification
        The first is the main one.
    options : ScreeningOptions
    counterparts : tuple of str
        Economies with which dependence is shown both ways.
    merge : dict of str to str
        Economies folded into another one.
    interests, judgements : pathlib.Path or None
        Files that extend the mapping from products to interests, and with experts' judgements.
    replace_interests : bool
        Whether the file replaces the mapping that ships with Geomonitor.
    languages : tuple of str
    engine : str
    table : str or None
        Input-output table for the part on value chains; without that part where None.
    chains : tuple of str
        Codes of the chains in which dependencies are stacked.
    materials : MaterialsPart or None
        None where the edition has no part on raw materials.
    shocks : ShocksPart or None
        None where the edition has no part on shocks.
    groups : dict of str to tuple of str
        User-defined groups.
    raw : dict
        The profile as written, for the record.
    """

    name: str
    title: Mapping[str, str]
    dataset: str
    years: tuple[int, ...]
    importers: tuple[Importer, ...]
    methods: tuple[MethodSpecification, ...]
    options: ScreeningOptions
    counterparts: tuple[str, ...]
    merge: Mapping[str, str]
    interests: Path | None
    replace_interests: bool
    judgements: Path | None
    languages: tuple[str, ...]
    engine: str
    table: str | None = None
    chains: tuple[str, ...] = ()
    materials: MaterialsPart | None = field(default_factory=MaterialsPart)
    shocks: ShocksPart | None = None
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def period(self) -> str:
        """The years in short."""
        years = self.years
        if len(years) > 1 and years == tuple(range(years[0], years[-1] + 1)):
            return f"{years[0]}-{years[-1]}"
        return ", ".join(map(str, years))


_KEYS: Mapping[str, type | tuple[type, ...]] = {
    "name": str,
    "title": dict,
    "dataset": str,
    "years": list,
    "importers": list,
    "methods": list,
    "thresholds": dict,
    "intra_group": str,
    "minimum_import_value_kusd": (int, float),
    "re_export_shares": dict,
    "partner_group": str,
    "counterparts": list,
    "merge": dict,
    "interests": str,
    "replace_interests": bool,
    "judgements": str,
    "languages": list,
    "engine": str,
    "table": (str, bool),
    "chains": list,
    "materials": (bool, dict),
    "shocks": (bool, dict),
    "groups": dict,
}

_MATERIALS_KEYS: Mapping[str, type] = {"tables": list, "inputs": list, "only": list}

_SHOCKS_KEYS: Mapping[str, type] = {
    "scenarios": list,
    "calibration": str,
    "elasticities": str,
    "year": int,
    "focus": list,
    "draws": int,
    "seed": int,
}
_MOST_DRAWS = 10_000


def load_profile(path: Path | str | None = None) -> Profile:
    """Read a profile, and check every key and code in it.

    Parameters
    ----------
    path : pathlib.Path or str, optional
        TOML file; the default profile that ships with Geomonitor where left out.

    Returns
    -------
    Profile

    Raises
    ------
    ProfileError
        If the file is not TOML, a key is unknown, missing or of the wrong kind, or a code is not
        known; the message names the file and the key.

    Examples
    --------
    >>> [each.label for each in load_profile().importers]
    ['EU27_2020', 'NLD (home EU27_2020)']
    """
    if path is None:
        source = "default profile"
        text = (importlib.resources.files("geomonitor.monitor") / "profiles" / "default.toml").read_text(
            "utf-8"
        )
        base = Path()
    else:
        file = Path(path)
        source, base = str(file), file.parent
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except FileNotFoundError as error:
            raise ProfileError(
                "There is no such profile.",
                where=source,
                expected="a TOML file",
                next_step="Write one with `geomonitor profile > my-profile.toml`, which prints the default.",
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise ProfileError(
                f"The profile cannot be read: {error}.", where=source, expected="UTF-8 text"
            ) from error
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(
            f"The profile is not valid TOML: {error}.", where=source, expected="TOML, see docs/profiles.md"
        ) from error
    return _checked(raw, source, base)


def _checked(raw: dict[str, Any], source: str, base: Path) -> Profile:
    _check_keys(raw, _KEYS, source)
    for key in ("name", "importers", "methods", "years"):
        if not raw.get(key):
            raise ProfileError(
                f"The profile lacks {key}.",
                where=source,
                expected=f"the key {key}",
                next_step="See docs/profiles.md.",
            )
    if not _NAME.fullmatch(raw["name"]):
        raise ProfileError(
            f"{raw['name']!r} cannot be the name of a profile.",
            where=f"{source}, key name",
            expected="small letters, digits and hyphens, at most 60, as it names folders",
        )
    years = _list(raw, "years", int, source)
    groups = {
        name: tuple(_list(raw["groups"], name, str, f"{source}, groups")) for name in raw.get("groups", {})
    }
    try:
        methods = _methods(raw, source)
        # one that is named twice is one importer
        importers = tuple(
            dict.fromkeys(
                _importer(each, number, groups, source) for number, each in enumerate(raw["importers"])
            )
        )
        _check_keys(raw.get("merge", {}), dict.fromkeys(raw.get("merge", {}), str), f"{source}, merge")
        for code in (
            *_list(raw, "counterparts", str, source),
            *raw.get("merge", {}),
            *raw.get("merge", {}).values(),
        ):
            economy(code)
        options = _options(raw, groups, source)
        table, chains = _value_chains(raw, source)
        materials = _materials(raw, source, base)
        shocks = _shocks(raw, source, base, groups)
    except ProfileError:
        raise
    except GeomonitorError as error:
        raise ProfileError(
            error.what,
            where="; ".join(filter(None, [source, error.where])),
            expected=error.expected,
            next_step=error.next_step,
        ) from error
    return Profile(
        name=raw["name"],
        title=_title(raw, source),
        dataset=raw.get("dataset", EMBEDDED_NAME),
        years=tuple(sorted(set(years))),
        importers=importers,
        methods=methods,
        options=options,
        counterparts=tuple(_list(raw, "counterparts", str, source)),
        merge=dict(raw.get("merge", {})),
        interests=base / raw["interests"] if "interests" in raw else None,
        replace_interests=raw.get("replace_interests", False),
        judgements=base / raw["judgements"] if "judgements" in raw else None,
        languages=_among(_list(raw, "languages", str, source) or ["en"], _LANGUAGES, "languages", source),
        engine=_among([raw.get("engine", "polars")], ENGINES, "engine", source)[0],
        table=table,
        chains=chains,
        materials=materials,
        shocks=shocks,
        groups=groups,
        raw=raw,
    )


def _check_keys(raw: Mapping[str, Any], known: Mapping[str, type | tuple[type, ...]], source: str) -> None:
    for key, value in raw.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            raise ProfileError(
                f"The profile has a key that does not exist: {key!r}.",
                where=source,
                expected=f"one of {', '.join(known)}",
                next_step=f"Did you mean {near[0]}?" if near else "See docs/profiles.md.",
            )
        kind = known[key]
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if not isinstance(value, kind) or (isinstance(value, bool) and bool not in kinds):
            names = "number" if kinds == (int, float) else " or ".join(each.__name__ for each in kinds)
            raise ProfileError(
                f"{key} holds {type(value).__name__}: {value!r}.",
                where=f"{source}, key {key}",
                expected=names,
            )


def _list(raw: Mapping[str, Any], key: str, kind: type, source: str) -> list[Any]:
    values = raw.get(key, [])
    if not isinstance(values, list) or any(
        not isinstance(each, kind) or isinstance(each, bool) for each in values
    ):
        raise ProfileError(
            f"{key} holds {values!r}.",
            where=f"{source}, key {key}",
            expected=f"a list of {kind.__name__} values",
        )
    return values


def _among(values: Sequence[str], known: Sequence[str], key: str, source: str) -> tuple[str, ...]:
    for value in values:
        if value not in known:
            raise ProfileError(
                f"{value!r} is not known.", where=f"{source}, key {key}", expected=f"among {', '.join(known)}"
            )
    return tuple(dict.fromkeys(values))


def _methods(raw: Mapping[str, Any], source: str) -> tuple[MethodSpecification, ...]:
    names = _list(raw, "methods", str, source)
    thresholds = raw.get("thresholds", {})
    stray = [name for name in thresholds if name not in names]
    if stray:
        raise ProfileError(
            f"Thresholds are given for {', '.join(stray)}, which the profile does not run.",
            where=f"{source}, key thresholds",
            expected=f"among {', '.join(names)}",
        )
    found = []
    for name in dict.fromkeys(names):
        specification = method(name)
        changed = _table(thresholds.get(name, {}), f"{source}, thresholds.{name}")
        _check_keys(
            changed, dict.fromkeys(specification.indicators(), (int, float)), f"{source}, thresholds.{name}"
        )
        found.append(specification.with_thresholds(changed) if changed else specification)
    return tuple(found)


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ProfileError(f"A table is expected, not {value!r}.", where=where, expected="keys with values")
    return value


def _importer(raw: Any, number: int, groups: Mapping[str, Sequence[str]], source: str) -> Importer:
    where = f"{source}, importers, entry {number + 1}"
    if not isinstance(raw, dict):
        raise ProfileError(
            f"An importer is {raw!r}.", where=where, expected="a table with code, and home_group or not"
        )
    _check_keys(raw, {"code": str, "home_group": str}, where)
    if "code" not in raw:
        raise ProfileError("An importer lacks its code.", where=where, expected="the key code")
    return importer(raw["code"], home_group=raw.get("home_group"), groups=groups)


def _options(raw: Mapping[str, Any], groups: Mapping[str, Sequence[str]], source: str) -> ScreeningOptions:
    intra = _among([raw.get("intra_group", "excluded")], ("excluded", "included"), "intra_group", source)[0]
    shares = raw.get("re_export_shares", {})
    _check_keys(shares, dict.fromkeys(shares, (int, float)), f"{source}, re_export_shares")
    shares = {
        product_code(code, where=f"{source}, key re_export_shares"): share for code, share in shares.items()
    }
    if "partner_group" in raw:
        group(raw["partner_group"], extra=groups)
    return ScreeningOptions(
        intra_group=cast(Literal["excluded", "included"], intra),
        minimum_import_value_kusd=float(raw.get("minimum_import_value_kusd", 0.0)),
        re_export_shares={product: float(share) for product, share in shares.items()},
        partner_group=raw.get("partner_group"),
        groups=groups,
    )


def _value_chains(raw: Mapping[str, Any], source: str) -> tuple[str | None, tuple[str, ...]]:
    """Take the table and the chains; neither where the table is switched off."""
    table = raw.get("table", EMBEDDED_TABLE)
    codes = _list(raw, "chains", str, source)
    if table is True:
        raise ProfileError(
            "table holds true.",
            where=f"{source}, key table",
            expected="the name of an input-output table, or false for no part on value chains",
        )
    if not table:
        if codes:
            raise ProfileError(
                f"The profile names chains ({', '.join(codes)}), but no table.",
                where=f"{source}, key table",
                expected="the name of an input-output table",
                next_step=f'Write table = "{EMBEDDED_TABLE}", or leave out the chains.',
            )
        return None, ()
    known = tuple(each.code for each in load_chains())
    return table, _among(codes, known, "chains", source) if "chains" in raw else known


def _materials(raw: Mapping[str, Any], source: str, base: Path) -> MaterialsPart | None:
    """Take what is wanted of raw materials; all of them, by trade, where the key is left out."""
    wanted = raw.get("materials", True)
    if isinstance(wanted, bool):
        return MaterialsPart() if wanted else None
    where = f"{source}, materials"
    _check_keys(wanted, _MATERIALS_KEYS, where)
    return MaterialsPart(
        tables=tuple(dict.fromkeys(_list(wanted, "tables", str, where))),
        inputs=tuple(dict.fromkeys(base / each for each in _list(wanted, "inputs", str, where))),
        only=tuple(
            dict.fromkeys(material(each, where="key only").code for each in _list(wanted, "only", str, where))
        ),
    )


def _title(raw: Mapping[str, Any], source: str) -> Mapping[str, str]:
    title = raw.get("title", {})
    _check_keys(title, dict.fromkeys(_LANGUAGES, str), f"{source}, title")
    return {language: title.get(language) or raw["name"] for language in _LANGUAGES}


def _shocks(
    raw: Mapping[str, Any], source: str, base: Path, groups: Mapping[str, Sequence[str]]
) -> ShocksPart | None:
    """Take what is wanted of shocks; the scenarios of `SHOCK_SCENARIOS` where the key is left out."""
    wanted = raw.get("shocks", True)
    if wanted is False:
        return None
    given: Mapping[str, Any] = {} if wanted is True else wanted
    where = f"{source}, shocks"
    _check_keys(given, _SHOCKS_KEYS, where)
    names = _list(given, "scenarios", str, where) if "scenarios" in given else list(SHOCK_SCENARIOS)
    if not names:
        raise ProfileError(
            "The part on shocks has no scenario.",
            where=f"{where}, key scenarios",
            expected="at least one, see `geomonitor shock list`",
            next_step="Write shocks = false to leave the part out.",
        )
    scenarios = [scenario(str(base / each) if each.endswith(".toml") else each) for each in names]
    found = {each.code: each for each in scenarios}
    if len(found) < len(set(names)):
        raise ProfileError(
            "Two scenarios have the same code.",
            where=f"{where}, key scenarios",
            expected="a code of its own for each",
        )
    draws, seed = given.get("draws", 20), given.get("seed", 1)
    if not 0 <= draws <= _MOST_DRAWS or seed < 0:
        raise ProfileError(
            f"{draws} draws with seed {seed} cannot be made.",
            where=f"{where}, keys draws and seed",
            expected=f"0 to {_MOST_DRAWS:,} draws, and a seed of at least 0",
        )
    if "elasticities" in given:
        elasticity_set(given["elasticities"])
    form, colon, path = given.get("calibration", EMBEDDED_TABLE).partition(":")
    focus = tuple(dict.fromkeys(_list(given, "focus", str, where)))
    for code in focus:
        resolve_importer(code, extra=groups)
    return ShocksPart(
        scenarios=tuple(found.values()),
        calibration=f"{form}:{base / path}" if colon else form,
        elasticities=given.get("elasticities"),
        year=given.get("year"),
        focus=focus,
        draws=draws,
        seed=seed,
    )
