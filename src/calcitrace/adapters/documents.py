"""Documents for people: the report as one self-contained HTML page."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from calcitrace.adapters.key_images import KeyImage, key_images
from calcitrace.adapters.overviews import Overview, overviews
from calcitrace.adapters.pages import page
from calcitrace.adapters.pictures import BONE, PROJECTION, SOFT_TISSUE
from calcitrace.adapters.plots import histogram_plot
from calcitrace.model.deposit import Deposit
from calcitrace.model.result import ScanResult
from calcitrace.services.reporting import ReportContent, report_content

TEMPLATE = "report.html.j2"
FILE_NAME = "report.html"
# More pictures than this nobody looks at; the table has every deposit.
N_PICTURES_MAX = 60


class HtmlReport:
    """Writes `report.html`: pictures, table, methods, all in one file."""

    def write(self, result: ScanResult, folder: Path, *, lang: str) -> tuple[Path, ...]:
        """Write the report in a language, "en" or "fr"."""
        path = folder / FILE_NAME
        path.write_text(report_html(result, lang), encoding="utf-8", newline="\n")
        return (path,)


def report_html(result: ScanResult, lang: str) -> str:
    """Return the whole page; the same result gives the same bytes.

    Raises
    ------
    InputError
        If the language is not one of ours.
    """
    content = report_content(result, lang)
    shown = pictured(result.deposits)
    return _page(
        content,
        key_images(result, shown),
        overviews(result, shown),
        n_without_picture=len(result.deposits) - len(shown),
    )


def pictured(deposits: Sequence[Deposit]) -> tuple[Deposit, ...]:
    """Deposits that get a picture, in their order: the largest by mass."""
    ranked = sorted(deposits, key=lambda d: (-d.mass.value, d.deposit_id))
    chosen = {d.deposit_id for d in ranked[:N_PICTURES_MAX]}
    return tuple(d for d in deposits if d.deposit_id in chosen)


def _page(
    content: ReportContent,
    images: Mapping[int, KeyImage],
    views: Sequence[Overview],
    *,
    n_without_picture: int,
) -> str:
    lang = content.lang
    return page(
        TEMPLATE,
        # The two names that the i18n extension looks up.
        gettext=lang.gettext,
        ngettext=lang.ngettext,
        content=content,
        lang=lang,
        images=images,
        overviews=views,
        plot=histogram_plot(content.histogram),
        n_without_picture=n_without_picture,
        windows={"soft": SOFT_TISSUE, "bone": BONE, "projection": PROJECTION},
    )
