"""The thresholds of a method as a reader moves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geomonitor.dependency import INDICATORS, methods
from geomonitor.report.content import Content
from geomonitor.web.evidence.contents import unknown_value
from geomonitor.web.language import say
from geomonitor.web.words import WrongRequestError

__all__ = ["PREFIX", "Slider", "asked_thresholds", "sliders", "thresholds_of"]

PREFIX = "t_"
"""Begins the name of a threshold in a URL: ``t_import_concentration``."""


@dataclass(frozen=True, slots=True)
class Slider:
    """A threshold that can be moved.

    Attributes
    ----------
    name, label, operator : str
    unit_text, value_text, published_text : str
        Unit, threshold and published threshold in the language of the page.
    value, own, published : float
        As it is moved now; that of the edition; that of the published method.
    low, high, step : float
        Ends of the slider; the field beside it takes any number above 0.
    """

    name: str
    label: str
    operator: str
    unit_text: str
    value_text: str
    published_text: str
    value: float
    own: float
    published: float
    low: float
    high: float
    step: float

    @property
    def parameter(self) -> str:
        """Its name in the URL."""
        return f"{PREFIX}{self.name}"

    @property
    def changed(self) -> bool:
        """Whether it differs from the published threshold."""
        return self.value != self.published


def thresholds_of(content: Content, method: str) -> dict[str, tuple[str, float]]:
    """Give operator and threshold of the edition by indicator."""
    (record,) = (each for each in content.record["methods"] if each["id"] == method)
    conditions = [*record["conditions"], *(record.get("severe_conditions") or [])]
    return {name: (operator, float(threshold)) for name, operator, threshold in conditions}


def asked_thresholds(content: Content, method: str, parameters: Mapping[str, str]) -> dict[str, float]:
    """Read the thresholds of a query that differ from those of the edition.

    Parameters
    ----------
    content : Content
    method : str
        Id of one of the edition's methods.
    parameters : mapping of str to str

    Raises
    ------
    UnknownCodeError
        If the method has no such threshold.
    DataError
        If a threshold is no number above 0.
    """
    tests = thresholds_of(content, method)
    found = {}
    for parameter, text in parameters.items():
        if not parameter.startswith(PREFIX) or not text.strip():
            continue
        name = parameter.removeprefix(PREFIX)
        if name not in tests:
            raise unknown_value(parameter, text, (f"{PREFIX}{each}" for each in tests))
        value = _number(text, parameter)
        if value != tests[name][1]:
            found[name] = value
    return found


def _number(text: str, parameter: str) -> float:
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = float("nan")
    if not 0 < value < 1e12:
        raise WrongRequestError(
            say(None, "asked.no_threshold", value=text[:60]),
            where=parameter,
            expected=say(None, "asked.above_nothing"),
        )
    return value


def sliders(
    content: Content, method: str, moved: Mapping[str, float], *, movable: bool
) -> tuple[Slider, ...]:
    """Give the thresholds of a method with their scales.

    Parameters
    ----------
    content : Content
    method : str
    moved : mapping of str to float
        Thresholds of the reader's own, by indicator.
    movable : bool
        Whether this version of Geomonitor has the method as the edition used it.
    """
    known = methods().get(method)
    published: dict[str, float] = {}
    if known is not None and movable:
        published = {each.indicator: each.threshold for each in (*known.conditions, *known.severe_conditions)}
    found = []
    for name, (operator, threshold) in thresholds_of(content, method).items():
        unit = INDICATORS[name][0] if name in INDICATORS else "index"
        low, high, step = _scale(unit, threshold)
        value = moved.get(name, threshold)
        decimals = 0 if threshold > 1000 else 2
        found.append(
            Slider(
                name=name,
                label=content.language.indicator(name),
                operator="≥" if operator == ">=" else ">",
                unit_text=say(content.language, f"unit_of.{unit.split()[0]}"),
                value_text=content.language.number(value, decimals),
                published_text=content.language.number(published.get(name, threshold), decimals),
                value=value,
                own=threshold,
                published=published.get(name, threshold),
                low=low,
                high=max(high, value),
                step=step,
            )
        )
    return tuple(found)


def _scale(unit: str, threshold: float) -> tuple[float, float, float]:
    """Give the ends and the step of a slider.

    Examples
    --------
    >>> _scale("share", 0.5), _scale("ratio", 1.0)
    ((0.01, 1.0, 0.01), (0.05, 5.0, 0.05))
    """
    if unit in {"index", "share", "rank"}:
        return 0.01, 1.0, 0.01
    if unit == "ratio":
        return 0.05, max(5.0, 5 * threshold), 0.05
    size = 10 ** (len(str(int(threshold))) - 2)
    return float(size), float(round(5 * threshold / size) * size), float(size)
