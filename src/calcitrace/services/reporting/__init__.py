"""What a report says of one measured scan, in English or French."""

from calcitrace.model.deposit import Status
from calcitrace.model.result import ScanResult
from calcitrace.services.reporting.content import ReportContent
from calcitrace.services.reporting.corrections import corrections
from calcitrace.services.reporting.facts import (
    acquisition_facts,
    calibration_facts,
    provenance_facts,
    series_rows,
)
from calcitrace.services.reporting.headline import headline, place, region_rows
from calcitrace.services.reporting.language import Language, language
from calcitrace.services.reporting.methods import LIMITS, methods
from calcitrace.services.reporting.notices import attention, scan_notices
from calcitrace.services.reporting.tables import (
    deposit_rows,
    exclusion_groups,
    mass_histogram,
)
from calcitrace.services.reporting.words import GRADE_WORDS

__all__ = ["ReportContent", "report_content"]


def report_content(result: ScanResult, lang: str) -> ReportContent:
    """Put everything that a report says into words.

    Parameters
    ----------
    result
        As `measure_scan` returns it.
    lang
        "en" or "fr".

    Returns
    -------
    ReportContent
        Words and formatted numbers; nothing in it names the patient.

    Raises
    ------
    InputError
        If the language is not one of ours.
    """
    words = language(lang)
    paragraphs, references = methods(result, words)
    return ReportContent(
        lang=words,
        title=words.gettext("Calcium in soft tissue on CT"),
        subtitle=_subtitle(result, words),
        headline=headline(result, words),
        regions=region_rows(result, words),
        attention=attention(result, words),
        corrections=corrections(result, words),
        accepted=deposit_rows(result, Status.ACCEPTED, words),
        review=deposit_rows(result, Status.REVIEW, words),
        is_learned=result.provenance.is_learned,
        histogram=mass_histogram(result, words),
        excluded=exclusion_groups(result.candidates, words),
        flags=scan_notices(result.flags, words),
        calibration_grade=result.calibration.grade.value,
        calibration_meaning=words.gettext(GRADE_WORDS[result.calibration.grade]),
        calibration=calibration_facts(result.calibration, words),
        acquisition=acquisition_facts(result, words),
        series=series_rows(result.scan.series, words),
        methods=paragraphs,
        references=references,
        limits=tuple(words.gettext(text) for text in LIMITS),
        provenance=provenance_facts(result, words),
    )


def _subtitle(result: ScanResult, lang: Language) -> str:
    """When and what: date of the scan, part of the body."""
    acquired = result.acquisition.acquired
    parts = [
        lang.gettext("date not stated")
        if acquired is None
        else lang.gettext("scan of {date}").format(date=lang.date(acquired))
    ]
    if result.deposits:
        places = {(d.region, d.laterality) for d in result.deposits}
        if len(places) == 1:
            parts.append(place(*places.pop(), lang))
    return " · ".join(parts)
