"""What is true of a document of the corpus, and how it is written down."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Number = int | float
Expectation = Literal["exact", "right_or_null", "refused"]


@dataclass(slots=True)
class Truth:
    """The truth about one document.

    ``cells`` maps fields such as ``requests.new.total`` to the number printed there, None
    for a blank or a placeholder; ``units`` gives the unit of amounts, ``wrong_sums`` names the form's
    relations that the printed figures break. ``indicators`` are the
    labels and values of a statistics appendix in printed order. ``organs`` are the names that
    the document prints for its organ. ``expect`` says what a sound reader does:

    - ``exact``: reads every cell;
    - ``right_or_null``: the rendering destroyed information, so a cell may be absent with a
      finding, and the whole document may be refused for one of ``reasons``;
    - ``refused``: takes no report from it, for one of ``reasons``; the refusal's detail names
      ``names``.
    """

    expect: Expectation = "exact"
    organs: tuple[str, ...] = ()
    year: int | None = None
    disclosures_edition: str | None = None
    requests_edition: str | None = None
    cells: dict[str, Number | None] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    indicators: list[tuple[str, Number | None]] = field(default_factory=list)
    wrong_sums: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    names: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, what is empty left out."""
        return {key: value for key, value in asdict(self).items() if value not in (None, (), [], {})}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Truth:
        """Restore what :meth:`to_json` wrote."""
        data = dict(data)
        for key in ("organs", "wrong_sums", "reasons"):
            data[key] = tuple(data.get(key, ()))
        data["indicators"] = [(label, value) for label, value in data.get("indicators", [])]
        return cls(**data)


@dataclass(frozen=True, slots=True)
class CorpusDocument:
    """A file of the corpus: its bytes, the name under which a portal would offer it, and the truth."""

    payload: bytes
    file_name: str
    renderer: str
    dialect: str
    truth: Truth

    @property
    def key(self) -> str:
        """Renderer and dialect."""
        return f"{self.renderer}/{self.dialect}"

    def manifest_line(self, file: str) -> str:
        """One line of the manifest; ``file`` is where the bytes stand."""
        entry = {
            "file": file,
            "file_name": self.file_name,
            "renderer": self.renderer,
            "dialect": self.dialect,
            "truth": self.truth.to_json(),
        }
        return json.dumps(entry, ensure_ascii=False)
