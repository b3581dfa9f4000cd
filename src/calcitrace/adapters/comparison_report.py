"""Report of a comparison as one self-contained HTML page."""

from pathlib import Path

from calcitrace.adapters.pages import page
from calcitrace.adapters.timeline_plots import timeline_plot
from calcitrace.model.comparison import Comparison
from calcitrace.services.reporting.following import comparison_content

TEMPLATE = "comparison.html.j2"
FILE_NAME = "report.html"


class ComparisonReport:
    """Writes `report.html`: timelines, tables, methods, all in one file."""

    def write(
        self, comparison: Comparison, folder: Path, *, lang: str
    ) -> tuple[Path, ...]:
        """Write the report in a language, "en" or "fr"."""
        path = folder / FILE_NAME
        text = comparison_html(comparison, lang)
        path.write_text(text, encoding="utf-8", newline="\n")
        return (path,)


def comparison_html(comparison: Comparison, lang: str) -> str:
    """Return the whole page; the same comparison gives the same bytes.

    Raises
    ------
    InputError
        If the language is not one of ours.
    """
    content = comparison_content(comparison, lang)
    plots = [
        timeline_plot(
            timeline,
            content.axis,
            content.lang,
            width=540.0 if number == 0 else 340.0,
            height=250.0 if number == 0 else 170.0,
        )
        for number, timeline in enumerate(content.timelines)
    ]
    return page(
        TEMPLATE,
        gettext=content.lang.gettext,
        ngettext=content.lang.ngettext,
        c=content,
        lang=content.lang,
        plots=plots,
    )
