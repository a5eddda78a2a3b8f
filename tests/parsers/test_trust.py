import pytest

from parsers import recognise
from parsers.document import Document, Paragraph, Recognition
from parsers.trust import doubt

TITLE = "云溪县民政局2024年政府信息公开工作年度报告"
CERTAIN, SURE, UNSURE = Recognition(0.99, True), Recognition(0.9, True), Recognition(0.7, True)
TORN = Recognition(0.99, False)
PROSE = "2024年，云溪县民政局认真做好政府信息公开工作。"


def judged(title_seen, prose="一句话。", stated=(), publisher=None, title=TITLE):
    document = Document(
        "application/pdf",
        [Paragraph(title, recognition=title_seen), Paragraph(prose, recognition=Recognition(0.5, False))],
    )
    identity = recognise.identify(document, [], list(stated), publisher)
    found = doubt(identity, document, list(stated), publisher)
    return found and found[0]


@pytest.mark.parametrize("seen", [UNSURE, TORN, SURE])
def test_a_title_that_nothing_bears_out_is_not_believed(seen):
    assert judged(seen) == "organ_unknown"


def test_a_title_is_believed_when_certain():
    assert judged(CERTAIN) is None


def test_a_title_is_believed_when_the_text_repeats_organ_and_year():
    assert judged(SURE, PROSE) is None
    assert judged(TORN, PROSE) == "organ_unknown"


@pytest.mark.parametrize("stated", [TITLE, f"{TITLE}.pdf"])
def test_link_or_file_name_bear_out_a_poor_reading(stated):
    assert judged(UNSURE, stated=[stated]) is None


def test_the_publisher_bears_out_the_organ_and_not_the_year():
    assert judged(UNSURE, publisher="云溪县民政局") == "year_unknown"


def test_a_link_that_names_another_organ_or_year_speaks_against_the_reading():
    assert judged(CERTAIN, PROSE, stated=["云汉县民政局2024年政府信息公开工作年度报告"]) == "organ_unknown"
    assert judged(CERTAIN, PROSE, stated=["云溪县民政局2021年政府信息公开工作年度报告"]) == "year_unknown"


def test_text_needs_no_bearing_out():
    document = Document("application/pdf", [Paragraph(TITLE), Paragraph("扫描的附件", recognition=UNSURE)])
    identity = recognise.identify(document, [], [], None)
    assert doubt(identity, document, [], None) is None
