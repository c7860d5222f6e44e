"""A report as one HTML page that needs nothing beside it: no script, no network, no fonts."""

import base64
from collections.abc import Mapping
from html import escape

from specrob import __version__
from specrob.reports.report import Cell, Origin, Picture, Report, Table

SCALE = 1.25  # of figures on the page, whose letters are made for columns of print

STYLE = """
:root { color-scheme: light; --ink: #1a1a1a; --muted: #5a5a5a; --line: #d9d9d9; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 76rem; color: var(--ink);
  background: #fff; font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .8rem; padding-bottom: .25rem;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: .2rem 0; max-width: 60rem; overflow-wrap: anywhere; }
a { color: #1d5c91; }
.wide { overflow-x: auto; margin: 0 0 1.6rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .2rem 0 .4rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem 1.3rem .35rem 0; }
thead th { border-bottom: 1.5px solid var(--ink); font-weight: 600; vertical-align: bottom;
  max-width: 11rem; }
tbody tr { border-bottom: 1px solid var(--line); }
tbody th { font-weight: 600; overflow-wrap: break-word; max-width: 20rem; }
td small { display: block; color: var(--muted); max-width: 13rem; }
sup { font-size: .7rem; line-height: 0; padding-left: .15rem; }
.figures { display: flex; flex-wrap: wrap; gap: 2rem 2.5rem; align-items: flex-start; }
figure { margin: 0; max-width: 100%; }
figure img { display: block; max-width: 100%; height: auto; }
figcaption { color: var(--muted); font-size: .9rem; max-width: 45rem; overflow-wrap: anywhere; }
article { padding: .8rem 0; border-bottom: 1px solid var(--line); }
article:target { background: #fdf6e3; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: .3rem 0;
  font-size: .88rem; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: .3rem 0; padding: .5rem .7rem; background: #f6f6f6; font-size: .8rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }
footer { margin-top: 3rem; color: var(--muted); font-size: .88rem; }
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  .wide { overflow: visible; }
  th, td { padding-right: .7rem; }
  figure, tr, article { break-inside: avoid; }
  a { color: inherit; text-decoration: none; }
}
"""

# nothing but what stands in the page may be shown, whatever a file's text says
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def plain(text: object) -> str:
    """Return text that HTML shows as it is, also within quotes.

    >>> plain('<b>"x"' + chr(0))
    '&lt;b&gt;&quot;x&quot;?'
    """
    return escape("".join(c if c.isprintable() else "?" for c in str(text)))


def to_html(report: Report) -> str:
    """Return the whole page.

    >>> page = to_html(Report("<runs>", ["ImageSet: digits."], [], [], []))
    >>> "<h1>Results in &lt;runs&gt;</h1>" in page, "//" in page
    (True, False)
    """
    title = f"Results in {plain(report.title)}"
    origins = {origin.number: origin for origin in report.origins}
    tables = "".join(_table(table, origins) for table in report.tables)
    figures = "".join(_figure(picture, origins) for picture in report.pictures)
    sources = "".join(map(_origin, report.origins))
    parts = {
        "Results": tables,
        "Figures": f'<div class="figures">{figures}</div>' if figures else "",
        "Notes": "".join(f"<li>{plain(note)}</li>" for note in report.notes),
        "Where the numbers come from": sources,
    }
    parts["Notes"] = f"<ul>{parts['Notes']}</ul>" if report.notes else ""
    body = "".join(f"<section><h2>{n}</h2>{text}</section>" for n, text in parts.items() if text)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><header><h1>{title}</h1>"
        + "".join(f"<p>{plain(line)}</p>" for line in report.lead)
        + f"</header><main>{body}</main>"
        f"<footer>Written by specrob {__version__}.</footer></body></html>"
    )


def _table(table: Table, origins: Mapping[int, Origin]) -> str:
    head = "".join(f'<th scope="col">{plain(name)}</th>' for name in table.header)
    rows = "".join(
        f'<tr><th scope="row">{_cell(first, origins)}</th>'
        + "".join(f"<td>{_cell(cell, origins)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in table.rows
    )
    title = plain(table.title)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{title}"><table>'
        f"<caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
        "</table></div>"
    )


def _cell(cell: Cell, origins: Mapping[int, Origin]) -> str:
    return "".join(
        f"<div>{plain(item.text)}{_sources(item.sources, origins)}"
        + (f"<small>{plain(item.note)}</small>" if item.note else "")
        + "</div>"
        for item in cell
    )


def _sources(numbers: tuple[int, ...], origins: Mapping[int, Origin]) -> str:
    """Return links to where numbers come from; pointing at one names file and command."""
    links = ", ".join(
        f'<a href="#source-{number}" title="{plain(_named(origins[number]))}">{number}</a>'
        for number in numbers
    )
    return f"<sup>{links}</sup>" if links else ""


def _named(origin: Origin) -> str:
    return ": ".join(filter(None, (origin.file, origin.facts.get("command"))))


def _figure(picture: Picture, origins: Mapping[int, Origin]) -> str:
    width = f' style="width: {SCALE * picture.width:.2f}in"' if picture.width else ""
    data = base64.b64encode(picture.data).decode()
    title = plain(picture.title)
    return (
        f'<figure><img{width} alt="{title}" src="data:{picture.media};base64,{data}">'
        f"<figcaption>{title}{_sources(picture.sources, origins)}</figcaption>"
        "</figure>"
    )


def _origin(origin: Origin) -> str:
    facts = "".join(f"<dt>{plain(k)}</dt><dd>{plain(v)}</dd>" for k, v in origin.facts.items())
    script = "\n".join(map(plain, origin.script))
    return (
        f'<article id="source-{origin.number}"><h3>{origin.number}. {plain(origin.file)}</h3>'
        f"<dl>{facts}</dl>" + (f"<pre>{script}</pre>" if script else "") + "</article>"
    )
