"""How papers, motions and commitments are named on every page: in words, with where they lead."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.text import Truncator

from geomonitor.archive.models import (
    Commitment,
    CommitmentState,
    Dossier,
    Motion,
    MotionState,
    Paper,
)
from geomonitor.archive.neighbourhood import LIGHT_PAPER
from geomonitor.dossier.reading.normal_forms import official_address, shown
from geomonitor.web.language import has_text, say

__all__ = [
    "COMMITMENT_TAGS",
    "MOTION_TAGS",
    "Named",
    "StateTag",
    "commitment_tag",
    "kind_of_commitment",
    "motion_tag",
    "motion_title",
    "named_paper",
    "named_targets",
    "paper_url",
    "papers_by_name",
    "shortened",
]

MOTION_TAGS: Mapping[str, str] = {
    MotionState.SUBMITTED: "tag-plain",
    MotionState.HELD_OVER: "tag-warm",
    MotionState.WITHDRAWN: "tag-plain",
    MotionState.REPLACED: "tag-plain",
    MotionState.REJECTED: "tag-plain",
    MotionState.ADOPTED: "tag-warm",
    MotionState.CARRIED_OUT: "tag-good",
    MotionState.SETTLED: "tag-good",
}
COMMITMENT_TAGS: Mapping[str, str] = {
    CommitmentState.OPEN: "tag-plain",
    CommitmentState.DUE: "tag-warm",
    CommitmentState.OVERDUE: "tag-danger",
    CommitmentState.MET: "tag-good",
}

_DOSSIER = "dossier-"


@dataclass(frozen=True, slots=True)
class StateTag:
    """A state as a tag.

    Attributes
    ----------
    judged : bool
        Whether a person judged it, against what was derived.
    """

    state: str
    name: str
    tag: str
    judged: bool

    @property
    def state_relation(self) -> str:
        """What the paper does that brought a motion to this state."""
        return {MotionState.REPLACED: "replaces", MotionState.SETTLED: "settles"}.get(
            MotionState(self.state), "carries_out"
        )


def motion_tag(motion: Motion) -> StateTag:
    """Give the state of a motion as a tag."""
    state = motion.current_state
    return StateTag(state, say(None, f"motion_state.{state}"), MOTION_TAGS[state], bool(motion.judged_state))


def commitment_tag(commitment: Commitment) -> StateTag:
    """Give the state of a commitment as a tag."""
    state = commitment.current_state
    name = say(None, f"commitment_state.{state}")
    return StateTag(state, name, COMMITMENT_TAGS[state], bool(commitment.judged_state))


@dataclass(frozen=True, slots=True)
class Named:
    """Something that a paper refers to, by name.

    Attributes
    ----------
    key : str
        Normal form.
    name : str
        In words, such as Kamerstuk 35 207, nr. 60.
    title : str
        Where the archive has it.
    url : str
        Its page here; empty where the archive does not have it.
    official : str
        Its address at the official source; empty where it has none.
    """

    key: str
    name: str
    title: str = ""
    date: datetime.date | None = None
    kind: str = ""
    url: str = ""
    official: str = ""


def paper_url(paper: str) -> str:
    """Give the address of the page of a paper."""
    return reverse("paper", kwargs={"paper": paper})


def named_targets(targets: Iterable[str]) -> dict[str, Named]:
    """Name what papers refer to, with the page here where the archive has it: a query a kind.

    Parameters
    ----------
    targets : iterable of str
        Normal forms.
    """
    wanted = {each for each in targets if each}
    found: dict[str, Named] = {}
    dossiers = {each.removeprefix(_DOSSIER) for each in wanted if each.startswith(_DOSSIER)}
    if dossiers:
        for dossier in Dossier.objects.filter(dossier__in=dossiers):
            key = f"{_DOSSIER}{dossier.dossier}"
            url = reverse("dossier", kwargs={"dossier": dossier.dossier})
            found[key] = Named(key, shown(key), dossier.title, url=url, official=official_address(key))
    promised = {each for each in wanted if each.startswith("TZ")}
    if promised:
        for commitment in Commitment.objects.filter(commitment__in=promised):
            url = reverse("commitment", kwargs={"commitment": commitment.commitment})
            title = shortened(commitment.text)
            key = commitment.commitment
            found[key] = Named(key, shown(key), title, commitment.made_on, url=url)
    printed = wanted - promised - {f"{_DOSSIER}{each}" for each in dossiers}
    if printed:
        found |= {key: named_paper(paper) for key, paper in papers_by_name(printed).items()}
    for key in wanted - set(found):
        found[key] = Named(key, shown(key), official=official_address(key))
    return found


def papers_by_name(names: Iterable[str]) -> dict[str, Paper]:
    """Find papers by their own identifier, or else by that of the paper that they became: one query.

    They come without their texts; withdrawn ones are left out.
    """
    wanted = {each for each in names if each}
    known = Paper.objects.filter(withdrawn_at__isnull=True).only(*LIGHT_PAPER)
    found = (
        list(known.filter(Q(paper__in=wanted) | Q(same_as__in=wanted)).order_by("paper")) if wanted else []
    )
    by_name: dict[str, Paper] = {}
    for each in found:
        if each.same_as in wanted:
            by_name.setdefault(each.same_as, each)
    return by_name | {each.paper: each for each in found if each.paper in wanted}


def named_paper(paper: Paper) -> Named:
    """Name a paper that was read already."""
    return Named(
        paper.paper,
        shown(paper.paper),
        paper.title,
        paper.date,
        paper.kind,
        paper_url(paper.paper),
        paper.url or official_address(paper.paper),
    )


def kind_of_commitment(commitment: Commitment) -> str:
    """Say whether it is a commitment to parliament or an announcement."""
    key = f"commitment.kind_{commitment.kind}"
    return say(None, key) if has_text(key) else commitment.kind


def motion_title(motion: Motion) -> str:
    """Give the title of a motion, or what it asks, or its number."""
    return motion.title or shortened(motion.request_text) or shown(motion.motion)


def shortened(text: str, longest: int = 200) -> str:
    """Cut a text after a word.

    Examples
    --------
    >>> shortened("requests the government to inform the House", 24)
    'requests the government…'
    """
    return str(Truncator(" ".join(text.split())).chars(longest))
