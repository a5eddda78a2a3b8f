"""Pages as a scanner would deliver them: pictures of known reports, clean and spoilt in known ways."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import pypdfium2 as pdfium
from PIL import Image

from parsers.readers.pdf_system_fonts import use_system_fonts

Page = np.ndarray
"""Rows by columns by red, green and blue, a byte each."""
Spoil = Callable[[Page, int, np.random.Generator], Page]


def rasterise(payload: bytes, dpi: int) -> list[Page]:
    """Render each page of a PDF in colour."""
    use_system_fonts()
    pdf = pdfium.PdfDocument(payload)
    try:
        return [
            np.ascontiguousarray(page.render(scale=dpi / 72, rev_byteorder=True).to_numpy()[..., :3]) for page in pdf
        ]
    finally:
        pdf.close()


def as_pdf(pages: Sequence[Page], dpi: int, quality: int = 85) -> bytes:
    """Bind pages to a PDF that holds nothing but JPEG pictures."""
    frames = [Image.fromarray(page) for page in pages]
    stream = io.BytesIO()
    frames[0].save(stream, "PDF", save_all=True, append_images=frames[1:], resolution=dpi, quality=quality)
    return stream.getvalue()


def turned(degrees: float) -> Spoil:
    """A page laid on the glass askew."""

    def spoil(page: Page, _dpi: int, _rng: np.random.Generator) -> Page:
        height, width = page.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        return cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255))

    return spoil


def noisy(page: Page, _dpi: int, rng: np.random.Generator) -> Page:
    """Grain, dust and specks."""
    grain = rng.normal(0, 14, page.shape[:2])[..., None]
    spoilt = np.clip(page.astype(np.float32) + grain, 0, 255).astype(np.uint8)
    specks = rng.random(page.shape[:2])
    spoilt[specks < 0.0006] = 0
    spoilt[specks > 0.9994] = 255
    return spoilt


def squeezed(quality: int) -> Spoil:
    """Compressed hard, as by a messenger."""

    def spoil(page: Page, _dpi: int, _rng: np.random.Generator) -> Page:
        done, data = cv2.imencode(".jpg", cv2.cvtColor(page, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
        assert done
        return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)

    return spoil


def shaded(page: Page, dpi: int, _rng: np.random.Generator) -> Page:
    """Photographed: soft, yellowish, darker towards a corner."""
    height, width = page.shape[:2]
    light = 0.62 + 0.38 * np.linspace(0, 1, width)[None, :] * np.linspace(0.3, 1, height)[:, None]
    soft = cv2.GaussianBlur(page, (0, 0), 0.5 * dpi / 150).astype(np.float32)
    paper = np.array([1.0, 0.97, 0.88])
    return np.clip(soft * light[..., None] * paper, 0, 255).astype(np.uint8)


def stamped(page: Page, dpi: int, rng: np.random.Generator) -> Page:
    """Two red seals, wherever they happen to fall."""
    spoilt = page.copy()
    height, width = page.shape[:2]
    radius = round(0.75 * dpi)
    for _ in range(2):
        ink = np.zeros((height, width), np.uint8)
        centre = int(rng.integers(radius, width - radius)), int(rng.integers(radius, height - radius))
        cv2.circle(ink, centre, radius, 255, max(dpi // 40, 2), cv2.LINE_AA)
        for point in range(5):
            at = 2 * np.pi * (point / 5 + rng.random() / 50)
            tip = (round(centre[0] + radius * 0.4 * np.sin(at)), round(centre[1] - radius * 0.4 * np.cos(at)))
            cv2.line(ink, centre, tip, 255, max(dpi // 25, 2), cv2.LINE_AA)
        cv2.putText(
            ink, "2024 1708", (centre[0] - radius // 2, centre[1] + radius // 2), 0, dpi / 180, 255, max(dpi // 75, 1)
        )
        share = (ink / 255 * 0.85)[..., None]
        spoilt = (spoilt * (1 - share) + np.minimum(spoilt, (225, 40, 50)) * share).astype(np.uint8)
    return spoilt


def copied(page: Page, _dpi: int, rng: np.random.Generator) -> Page:
    """Black or white only, thin strokes broken, as by a fax."""
    grey = cv2.GaussianBlur(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), (3, 3), 0).astype(np.float32)
    black = grey + rng.normal(0, 12, grey.shape) < 150
    return np.repeat(np.where(black, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


SPOILT: dict[str, Spoil | None] = {
    "clean": None,
    "turned +2°": turned(2.0),
    "turned +1.3°": turned(1.3),
    "turned -1.3°": turned(-1.3),
    "turned -2°": turned(-2.0),
    "noisy": noisy,
    "jpeg 40": squeezed(40),
    "jpeg 25": squeezed(25),
    "shaded": shaded,
    "stamped": stamped,
    "copied": copied,
}


def scan(payload: bytes, dpi: int, how: str, seed: int = 0) -> bytes:
    """Return a PDF as a scan of itself: pictures of ``dpi``, spoilt as :data:`SPOILT` names it."""
    rng = np.random.default_rng(seed)
    spoil = SPOILT[how]
    pages = rasterise(payload, dpi)
    return as_pdf([spoil(page, dpi, rng) if spoil else page for page in pages], dpi)
