"""Word documents in one XML file: the parts of a DOCX file ("flat OPC"), and the format of Word 2003."""

from __future__ import annotations

import io
import re
import zipfile

from lxml import etree

from parsers import media
from parsers.document import Document, UnreadableDocumentError
from parsers.readers.docx import MAX_XML, read_docx

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_WORD_2003 = b"http://schemas.microsoft.com/office/word/2003/wordml"
_MERGES_OF_2003 = re.compile(rb"(<w:[vh])merge\b")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def read_word_xml(payload: bytes) -> Document:
    """Read a Word document in one XML file; its elements are those of DOCX under the same or older names.

    Raises UnreadableDocumentError ``broken_docx`` or ``too_big``.
    """
    if len(payload) > MAX_XML:
        raise UnreadableDocumentError("too_big", f"the file has {len(payload)} bytes")
    if _WORD_2003 in payload:
        xml = _MERGES_OF_2003.sub(rb"\1Merge", payload.replace(_WORD_2003, _MAIN.encode()))
    else:
        xml = _main_part(payload)
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
        archive.writestr("word/document.xml", xml)
    document = read_docx(packed.getvalue())
    document.media_type = media.WORD_XML
    return document


def _main_part(payload: bytes) -> bytes:
    try:
        root = etree.fromstring(payload, _PARSER)
    except etree.XMLSyntaxError as error:
        raise UnreadableDocumentError("broken_docx", f"the XML file: {error}") from error
    main = root.find(f".//{{{_MAIN}}}document")
    if main is None:
        raise UnreadableDocumentError("broken_docx", "the XML file has no main part")
    return etree.tostring(main)
