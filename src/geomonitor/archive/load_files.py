"""Files brought into the archive: recognised by what is in them, and gone on with after an interruption."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from geomonitor.archive.load_decisions import DecisionOutcome, load_commitments, load_votes
from geomonitor.archive.loading import BATCH, LoadOutcome, Progress, load_papers
from geomonitor.archive.models import SyncPosition
from geomonitor.archive.row_records import Found, entity_of, records_of
from geomonitor.dossier.letter_record import letter_record
from geomonitor.dossier.records import CommitmentRecord, PaperRecord, VoteRecord
from geomonitor.dossier.sources import koop, odata, plain_text
from geomonitor.dossier.sources.unreadable import Unreadable
from geomonitor.errors import DataError

__all__ = ["FileOutcome", "FileSource", "load_file", "recognise"]

_SOURCE = "file"
_LARGEST_SUMMARY = 100_000_000
_DECISIONS = frozenset({"Besluit", "Toezegging"})
_FORMS = (
    "a folder, .zip, .tar.gz or .xml of official publications; .jsonl or .jsonl.gz of rows of Zaak, "
    "Document, Besluit or Toezegging; .json with totals of votes; .txt or .md of a letter"
)


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file or folder that can be loaded.

    Parameters
    ----------
    path : pathlib.Path
    form : str
        publications, rows, votes_summary or letter.
    """

    path: Path
    form: str


@dataclass(slots=True)
class FileOutcome:
    """What the load of a file did.

    Parameters
    ----------
    papers : LoadOutcome
    votes, commitments : DecisionOutcome
    went_on_from : int
        Lines or members that an earlier load, which was ended, had done.
    """

    papers: LoadOutcome = field(default_factory=LoadOutcome)
    votes: DecisionOutcome = field(default_factory=DecisionOutcome)
    commitments: DecisionOutcome = field(default_factory=DecisionOutcome)
    went_on_from: int = 0

    @property
    def unreadable(self) -> list[Unreadable]:
        """What was not loaded, and why."""
        return [*self.papers.unreadable, *self.votes.unreadable, *self.commitments.unreadable]

    @property
    def changed_anything(self) -> bool:
        """Whether anything in the archive is other than before."""
        counted = (self.papers, self.votes, self.commitments)
        return any(each.added or each.changed or each.withdrawn for each in counted)


def recognise(path: Path) -> FileSource:
    """Say what a file or folder holds, by its content.

    Raises
    ------
    DataError
        If it is not there, or nothing that can be loaded.
    """
    if path.is_dir():
        return FileSource(path, "publications")
    try:
        with path.open("rb") as file:
            head = file.read(4_096)
    except OSError as error:
        raise DataError(
            f"The file cannot be read: {error.strerror}.",
            where=str(path),
            expected="a file or folder",
            next_step="Check the path, and that you may read it.",
        ) from error
    name = path.name.lower()
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"PK\x03\x04") or name.endswith((".tar.gz", ".tgz", ".tar")) or start.startswith(b"<"):
        return FileSource(path, "publications")
    if name.endswith((".jsonl", ".jsonl.gz")) or start.startswith(b"{"):
        return FileSource(path, "rows")
    if start.startswith(b"["):
        return FileSource(path, "votes_summary")
    if name.endswith((".txt", ".md")):
        return FileSource(path, "letter")
    if name.endswith(".zip") or head.startswith(b"PK"):
        raise DataError(
            "The archive is empty or damaged.",
            where=str(path),
            expected="a zip with publications in it",
            next_step="Open it with another program, or download it again.",
        )
    plain_text.require_no_other_format(head, str(path))
    raise DataError(
        "The file holds nothing that can be loaded.",
        where=str(path),
        expected=_FORMS,
        next_step="Give a letter the ending .txt and --paper, and rows the ending .jsonl.",
    )


def load_file(
    path: Path,
    *,
    paper: str = "",
    progress: Progress | None = None,
    batch: int = BATCH,
    limit: int | None = None,
) -> FileOutcome:
    """Load a file or folder; one whose load was ended goes on where it stopped.

    Parameters
    ----------
    path : pathlib.Path
    paper : str
        Which paper a letter is, where it does not say so.
    progress : callable, optional
    batch : int
        Papers in a transaction.
    limit : int, optional
        Read no more than so many lines or members.

    Returns
    -------
    FileOutcome

    Raises
    ------
    DataError
        If the file is nothing that can be loaded, or breaks off; what stood before that is loaded.
    """
    source = recognise(path)
    outcome = FileOutcome()
    if source.form == "letter":
        record = letter_record(plain_text.read_text(path), paper=paper, where=str(path))
        outcome.papers = load_papers([record], progress=progress)
        return outcome
    if paper:
        raise DataError(
            "A paper can be named for a letter in plain text only.",
            where=str(path),
            expected="a .txt or .md file with --paper",
            next_step="Leave --paper out.",
        )
    if source.form == "votes_summary":
        if path.stat().st_size > _LARGEST_SUMMARY:
            raise DataError(
                f"The file is larger than {_LARGEST_SUMMARY:,} bytes.",
                where=str(path),
                next_step="Load the decisions themselves, as rows of Besluit.",
            )
        outcome.votes = load_votes(odata.votes_of_summary(path.read_bytes(), str(path)), progress=progress)
        return outcome
    reading = _Reading(source, limit)
    outcome.went_on_from = reading.done
    if reading.entity in _DECISIONS:
        reading.load_decisions(outcome, progress, batch)
    else:
        outcome.papers = load_papers(
            reading.papers(),
            progress=_with_total(progress, reading),
            batch=batch,
            mark=lambda: reading.mark(outcome),
        )
    reading.finish(outcome)
    return outcome


class _Reading:
    """A file being read: its papers one by one, its decisions beside them, and how far it has come."""

    def __init__(self, source: FileSource, limit: int | None) -> None:
        self._source, self._limit = source, limit
        self._identity = _identity(source.path)
        self._scope = str(source.path.absolute())[-300:]
        kept = SyncPosition.objects.filter(source=_SOURCE, scope=self._scope).first()
        goes_on = kept is not None and not kept.complete and kept.position.get("identity") == self._identity
        self._kept = kept
        self.done = int(kept.position["done"]) if goes_on and kept is not None else 0
        # of the batches that are written: more may be read
        self.written = self.done
        self._votes: list[VoteRecord] = []
        self._commitments: list[CommitmentRecord] = []
        self.entity = self._first_entity() if source.form == "rows" else ""

    def papers(self) -> Iterator[PaperRecord | Unreadable]:
        """Give papers; what else a row tells is put aside until its batch is written."""
        for number, found in self._items():
            for each in found:
                if isinstance(each, VoteRecord):
                    self._votes.append(each)
                elif isinstance(each, CommitmentRecord):
                    self._commitments.append(each)
                else:
                    yield each
            # comes to this only when all of the line went into a batch
            self.done = number

    def load_decisions(self, outcome: FileOutcome, progress: Progress | None, batch: int) -> None:
        """Load a file of rows that have no papers."""
        target = outcome.votes if self.entity == "Besluit" else outcome.commitments
        items = self._items()
        while some := list(islice(items, batch)):
            with transaction.atomic():
                for number, found in some:
                    target.unreadable += [each for each in found if isinstance(each, Unreadable)]
                    self._votes += [each for each in found if isinstance(each, VoteRecord)]
                    self._commitments += [each for each in found if isinstance(each, CommitmentRecord)]
                    self.done = number
                self.mark(outcome)(False)
            if progress is not None:
                progress("Loading decisions", self.done, 0)

    def _first_entity(self) -> str:
        reasons = []
        for number, row in odata.rows_in(self._source.path):
            if isinstance(row, Unreadable):
                reasons.append(f"{row.where}: {row.reason}")
                continue
            entity = entity_of(row)
            if entity is None:
                raise DataError(
                    "The rows are of nothing that can be loaded.",
                    where=f"{self._source.path.name}, line {number}",
                    expected="rows of Zaak, Document, Besluit or Toezegging, with the fields of the "
                    "open data of the Tweede Kamer",
                    next_step="Save the answers of the service as they are, a row a line.",
                )
            return entity
        why = f" The first: {reasons[0]}." if reasons else ""
        raise DataError(
            f"The file has no row that can be read.{why}",
            where=str(self._source.path),
            expected="a row of JSON a line",
            next_step="Look at its first line, or download the file again.",
        )

    def _items(self) -> Iterator[tuple[int, list[Found]]]:
        """Give what each line or member tells, from where an earlier load stopped."""
        skipped = self.done
        numbered: Iterator[tuple[int, Any]]
        if self._source.form == "rows":
            numbered = odata.rows_in(self._source.path)
        else:
            numbered = enumerate(koop.publications_in(self._source.path), start=1)
        for number, each in numbered:
            if self._limit is not None and number > self._limit:
                return
            if number <= skipped:
                continue
            yield number, self._read(number, each)

    def _read(self, number: int, each: Any) -> list[Found]:
        if self._source.form == "rows":
            return records_of(self.entity, each, f"{self._source.path.name}, line {number}")
        return [each]

    def mark(self, outcome: FileOutcome) -> Callable[[bool], None]:
        """Put aside what goes with the batch that was taken now; others are taken before it is written.

        Returns
        -------
        callable
            Loads that, and notes how far the file was read, in the transaction of the papers.
        """
        aside, self._votes, self._commitments = (self._votes, self._commitments), [], []
        return partial(self._keep, outcome, aside, self.done)

    def _keep(self, outcome: FileOutcome, aside: _Aside, done: int, wrote: bool) -> None:
        self.written = done
        wrote = _load_aside(outcome, aside) or wrote
        if wrote:
            self._note(done, complete=False)

    def finish(self, outcome: FileOutcome) -> None:
        """Note that the file was read to its end."""
        self.written = self.done
        with transaction.atomic():
            _load_aside(outcome, (self._votes, self._commitments))
            known = self._kept
            if known is not None and known.complete and known.position.get("identity") == self._identity:
                return
            self._note(self.done, complete=True)

    def _note(self, done: int, *, complete: bool) -> None:
        self._kept, _ = SyncPosition.objects.update_or_create(
            source=_SOURCE,
            scope=self._scope,
            defaults={
                "position": {"done": done, "identity": self._identity},
                "complete": complete,
                "changed_at": timezone.now(),
            },
        )


_Aside = tuple[list[VoteRecord], list[CommitmentRecord]]


def _load_aside(outcome: FileOutcome, aside: _Aside) -> bool:
    before = outcome.changed_anything
    votes, commitments = aside
    if votes:
        outcome.votes.add(load_votes(votes))
    if commitments:
        outcome.commitments.add(load_commitments(commitments))
    return outcome.changed_anything and not before


def _with_total(progress: Progress | None, reading: _Reading) -> Progress | None:
    if progress is None:
        return None
    return lambda text, done, total: progress(text, reading.written, total)


def _identity(path: Path) -> dict[str, Any]:
    """Say which file this is, so that another one at the same place starts from the beginning."""
    digest = hashlib.sha256()
    if path.is_dir():
        members = sorted(each for each in path.rglob("*") if each.is_file())
        for each in members:
            about = each.stat()
            digest.update(f"{each.relative_to(path)}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
        return {"members": len(members), "sha256": digest.hexdigest()}
    size = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            size += len(block)
    return {"bytes": size, "sha256": digest.hexdigest()}
