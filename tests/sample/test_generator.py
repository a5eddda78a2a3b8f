from __future__ import annotations

from itertools import pairwise

import pytest

from parsers import forms
from sample.figures import broken_relations
from sample.generator import (
    MIXED_REPORT,
    REVISED_REPORT,
    WRONG_SUM,
    YEARS,
    SampleCity,
    SampleReport,
    generate,
)
from sample.organs import ORGANS


@pytest.fixture(scope="module")
def city() -> SampleCity:
    return generate()


def by_key(city: SampleCity) -> dict[tuple[str, int], SampleReport]:
    return {sample.key: sample for sample in city.reports}


def test_the_same_seed_gives_the_same_reports(city: SampleCity) -> None:
    assert [sample.report.to_json() for sample in generate().phase(2)] == [
        sample.report.to_json() for sample in city.phase(2)
    ]


def test_another_seed_gives_other_figures(city: SampleCity) -> None:
    other = generate(7)
    assert all(
        mine.report.to_json() != theirs.report.to_json()
        for mine, theirs in zip(city.reports, other.reports, strict=True)
        if mine.organ.scale in ("city", "district", "office")
    )


def test_twelve_organs_report_on_every_year(city: SampleCity) -> None:
    assert len(ORGANS) == 12
    expected = [(organ.key, year) for organ in ORGANS for year in YEARS]
    assert [sample.key for sample in city.reports] == expected


def test_only_the_stated_sum_is_wrong(city: SampleCity) -> None:
    broken = {sample.key: broken_relations(sample.report.requests, sample.report.reviews) for sample in city.phase(2)}
    assert {key: names for key, names in broken.items() if names} == {
        WRONG_SUM: ["requests.granted: total", "requests.total: handled_total"]
    }


def test_the_wrong_sum_is_stated_with_what_is_printed(city: SampleCity) -> None:
    sample = by_key(city)[WRONG_SUM]
    [wrong] = sample.wrong_sums
    granted = sample.report.requests["granted"]
    assert wrong.printed == granted["total"].number
    assert wrong.expected == sum(reading.number or 0 for column, reading in granted.items() if column != "total")
    assert wrong.printed != wrong.expected
    assert not any(other.wrong_sums for other in city.reports if other.key != WRONG_SUM)


def test_what_is_carried_out_is_carried_in_a_year_later(city: SampleCity) -> None:
    reports = by_key(city)
    for organ in ORGANS:
        for before, after in pairwise(YEARS):
            earlier, later = reports[organ.key, before].report, reports[organ.key, after].report
            assert {code: cell.number for code, cell in earlier.requests["carried_out"].items()} == {
                code: cell.number for code, cell in later.requests["carried_in"].items()
            }


def test_stocks_follow_from_last_years_stocks(city: SampleCity) -> None:
    reports = by_key(city)
    for organ in ORGANS:
        for before, after in pairwise(range(2021, 2025)):
            earlier = reports[organ.key, before].report.disclosures["normative_documents"]
            later = reports[organ.key, after].report.disclosures["normative_documents"]
            expected = sum(
                sign * (cell.number or 0)
                for sign, cell in ((1, earlier["in_force"]), (1, later["issued"]), (-1, later["repealed"]))
            )
            assert later["in_force"].number == expected


def test_only_a_city_makes_regulations(city: SampleCity) -> None:
    for sample in city.reports:
        if sample.organ.scale != "city":
            assert not any(cell.number for cell in sample.report.disclosures["regulations"].values())


def test_editions_follow_the_year_but_for_one_mixed_report(city: SampleCity) -> None:
    for sample in city.reports:
        report = sample.report
        expected = "2019" if report.year <= 2020 else "2021"
        requests_edition = "2019" if sample.key == MIXED_REPORT else expected
        assert (report.disclosures_edition, report.requests_edition) == (expected, requests_edition)
        assert tuple(report.requests) == forms.editions()[requests_edition].request_rows()
    assert by_key(city)[MIXED_REPORT].report.edition == "mixed"


def test_prose_is_long_and_varied(city: SampleCity) -> None:
    texts = ["".join(section.text for section in sample.report.sections) for sample in city.reports]
    assert min(map(len, texts)) >= 800
    assert len(set(texts)) == len(texts)
    assert sum("信访" in text for text in texts) >= 6


def test_blank_and_placeholder_cells_occur_in_every_format(city: SampleCity) -> None:
    kinds: dict[str, set[str]] = {}
    for sample in city.reports:
        found = kinds.setdefault(sample.delivery, set())
        found |= {reading.kind for _, reading in sample.report.readings()}
    assert {"blank", "placeholder"} <= kinds["page"]
    assert {"blank", "placeholder"} <= kinds["page_pdf"]
    assert "blank" in kinds["page_docx"]


def test_departments_publish_in_january_and_governments_in_march(city: SampleCity) -> None:
    for sample in city.reports:
        month = "03" if sample.organ.kind == "government" else "01"
        assert str(sample.report.published_on).startswith(f"{sample.report.year + 1}-{month}-")


def test_the_revision_changes_the_stated_fields_and_no_others(city: SampleCity) -> None:
    before, after = by_key(city)[REVISED_REPORT].report.fields(), city.revised.report.fields()
    assert {name for name in before if before[name] != after[name]} == {
        *(
            f"requests.{row}.{column}"
            for row in ("new", "granted", "handled_total")
            for column in ("natural_person", "total")
        ),
        "sections.1",
        "sections.5",
    }
    assert before.keys() == after.keys()


def test_there_is_no_third_phase(city: SampleCity) -> None:
    with pytest.raises(ValueError, match="no phase 3"):
        city.phase(3)
