"""The recogniser: RapidOCR's detection and recognition models, which come within its wheel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np

from parsers.readers.ocr.raster import Pixels

_BATCH = 16
_LONG = 6  # heights of a line: longer ones are read few at a time, to bound memory
_LONG_BATCH = 3
_LINE_HEIGHT = 48  # pixels: what the model takes
_LONGEST = 40  # heights of a line: no printed line is longer, and memory grows with it
_DETECTION_SCALE = 1.6  # pixels a point: lines are found in small, and read in full size
_ANY_SIDE = 20_000
_PARAMETERS = {
    "Global.log_level": "critical",
    # One thread: documents are read in as many processes as there are processors.
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    # Most cells hold one digit; the model's own width would pad each to a line of prose.
    "Rec.rec_img_shape": [3, _LINE_HEIGHT, _LINE_HEIGHT],
    "Rec.rec_batch_num": _BATCH,
    # Pages are scaled here; the detector is not to scale them again.
    "Det.limit_type": "max",
    "Det.limit_side_len": _ANY_SIDE,
}


@dataclass(frozen=True, slots=True)
class Text:
    """A recognised line and the score (0 to 1) of its least certain character."""

    text: str
    score: float


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params=_PARAMETERS)


def recognise(lines: Sequence[Pixels]) -> list[Text]:
    """Read pictures of single lines; pictures that are the same to the last pixel are read once."""
    if not lines:
        return []
    from rapidocr.ch_ppocr_rec import TextRecInput

    distinct: dict[tuple[tuple[int, ...], bytes], int] = {}
    order = [distinct.setdefault((line.shape, line.tobytes()), len(distinct)) for line in lines]
    pictures: list[Pixels] = [None] * len(distinct)
    for index, line in zip(order, lines, strict=True):
        pictures[index] = cv2.cvtColor(line[:, : _LONGEST * line.shape[0]], cv2.COLOR_GRAY2BGR)
    model = _engine()._load_rec_model()
    texts: dict[int, Text] = {}
    for batch, long in ((_BATCH, False), (_LONG_BATCH, True)):
        chosen = [at for at, line in enumerate(pictures) if (line.shape[1] > _LONG * line.shape[0]) is long]
        if not chosen:
            continue
        model.rec_batch_num = batch
        read = model(TextRecInput(img=[pictures[at] for at in chosen], return_word_box=True))
        for at, text, words in zip(chosen, read.txts, read.word_results, strict=True):
            texts[at] = Text(text, min(words.confs, default=0.0) if text else 0.0)
    return [texts[index] for index in order]


def detect(page: Pixels, scale: float) -> list[tuple[int, int, int, int]]:
    """Boxes (x0, y0, x1, y1) in pixels of the lines of text on a straight page, in no order that counts.

    ``scale`` counts pixels a point.
    """
    height, width = page.shape
    factor = min(_DETECTION_SCALE / scale, 1.0)
    small = cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else page
    found = _engine()._load_det_model()(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR))
    boxes = []
    for corners in found.boxes if found.boxes is not None else ():
        xs, ys = (np.asarray(corners) / factor).T
        x0, x1 = int(max(xs.min(), 0)), int(min(xs.max(), width))
        y0, y1 = int(max(ys.min(), 0)), int(min(ys.max(), height))
        if x1 > x0 and y1 > y0:
            boxes.append((x0, y0, x1, y1))
    return boxes
