"""`calcitrace agreement`: two readers side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calcitrace.cli.options import DebugOption, ExitCode, JsonOption, QuietOption

if TYPE_CHECKING:
    from calcitrace.bootstrap.agreeing import Agreement


def agreement(
    first: Annotated[
        Path, typer.Argument(help="First reader: edits.json, its folder, or many.")
    ],
    second: Annotated[Path, typer.Argument(help="Second reader, likewise.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="Table to write (CSV).")] = Path(
        "agreement.csv"
    ),
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Compare two readers: kappa, ICC(2,1), bias and limits of agreement."""
    del debug  # `run` reads it
    from calcitrace.bootstrap import agreeing
    from calcitrace.bootstrap.written import json_text

    found = agreeing.agree_into(first, second, out)
    if as_json:
        rows = agreeing.agreement_rows(found)
        typer.echo(json_text({"table": str(out), "rows": rows}), nl=False)
    elif not quiet:
        typer.echo("\n".join(agreement_lines(found, out)))
    return ExitCode.DONE


def agreement_lines(found: "Agreement", out: Path) -> list[str]:
    """Lines of the table for people."""
    from calcitrace.bootstrap.agreeing import agreement_rows

    lines = [f"{'':<30}{'value':>10}{'95 % interval':>24}  {'n':>4}"]
    for row in agreement_rows(found):
        interval = (
            f"{float(row['ci95_low']):.4g} to {float(row['ci95_high']):.4g}"
            if row["ci95_low"] and row["ci95_high"]
            else ""
        )
        value = f"{float(row['value']):.4g}" if row["value"] else "-"
        said = f"{value} {row['unit']}".rstrip()
        line = f"{row['measure']:<30}{said:>10}{interval:>24}  {row['n']:>4}"
        lines.append(f"{line}  {row['why_not']}".rstrip())
    return [*lines, f"Table: {out}", "Research use only: not a medical device."]
