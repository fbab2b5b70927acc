"""Rates of one server beside its peers' as a table in Markdown and as a picture; pure."""

import dataclasses
import statistics
from xml.sax.saxutils import escape


@dataclasses.dataclass(frozen=True)
class Compared:
    """One class of requests: what each server did in each round, in ``unit`` a second, and how much processor time a request took it."""
    name: str
    unit: str
    promise: float
    rates: dict
    processor: dict

    @property
    def best(self) -> str:
        """The peer with the highest median."""
        return max((name for name in self.rates if name != "mirror"), key=lambda name: statistics.median(self.rates[name]))

    @property
    def ratios(self) -> list:
        """The mirror to the best peer, round by round: what slows the machine down for a while slows both."""
        return [ours / theirs for ours, theirs in zip(self.rates["mirror"], self.rates[self.best])]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def processor_ratio(self) -> float | None:
        """How many times as many requests the mirror answers in the same processor time as the best peer."""
        ours, theirs = self.processor.get("mirror"), self.processor.get(self.best)
        return statistics.median(theirs) / statistics.median(ours) if ours and theirs and statistics.median(ours) > 0 else None


def spread(values: list, digits: int = 0) -> str:
    """Median with least and most."""
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def markdown(compared: list, servers: list) -> str:
    lines = ["| class | a second | " + " | ".join(servers) + " | best peer | ratio | by processor time | promised |", "|---" * (len(servers) + 6) + "|"]
    for each in compared:
        rates = [spread(each.rates[name], 1 if statistics.median(each.rates[name]) < 100 else 0) if name in each.rates else "–" for name in servers]
        saved = f"{each.processor_ratio:.2f}" if each.processor_ratio else "–"
        promised = "–" if each.promise == 0 else f"{each.promise:.1f}" if each.ratio >= each.promise else f"{each.promise:.1f}, missed"
        lines.append(f"| {each.name} | {each.unit} | " + " | ".join(rates) +
                     f" | {each.best} | **{each.ratio:.2f}** ({min(each.ratios):.2f}–{max(each.ratios):.2f}) | {saved} | {promised} |")
    return "\n".join(lines) + "\n"


def picture(compared: list, title: str) -> str:
    """SVG: a bar for each class as long as its ratio, a whisker for the rounds, a line at the promise."""
    left, wide, row, top = 190, 560, 26, 56
    most = max(1.2, *(max(each.ratios) for each in compared)) * 1.05
    height = top + row * len(compared) + 40

    def x(value: float) -> float:
        return round(left + wide * value / most, 1)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + wide + 70}" height="{height}" font-family="sans-serif" font-size="13">',
             f'<rect width="100%" height="100%" fill="white"/><text x="12" y="22" font-size="15">{escape(title)}</text>',
             '<text x="12" y="42" fill="#555">the mirror\'s rate to that of its best peer: median of the rounds, least and most; a tick at what is promised</text>']
    step = 0.5 if most > 2.5 else 0.2
    for number in range(int(most / step) + 1):
        value = number * step
        line = "#333" if abs(value - 1) < 1e-9 else "#ddd"
        parts.append(f'<line x1="{x(value)}" y1="{top}" x2="{x(value)}" y2="{height - 30}" stroke="{line}"/>'
                     f'<text x="{x(value)}" y="{height - 12}" text-anchor="middle" fill="#555">{value:.1f}</text>')
    for number, each in enumerate(compared):
        y = top + row * number + 4
        colour = "#3a7d44" if each.ratio >= each.promise else "#c0632f"
        middle = y + (row - 8) / 2
        parts.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{escape(each.name)}</text>'
                     f'<rect x="{left}" y="{y}" width="{round(x(each.ratio) - left, 1)}" height="{row - 8}" fill="{colour}"/>'
                     f'<line x1="{x(min(each.ratios))}" y1="{middle}" x2="{x(max(each.ratios))}" y2="{middle}" stroke="black"/>'
                     f'<line x1="{x(each.promise)}" y1="{y - 2}" x2="{x(each.promise)}" y2="{y + row - 6}" stroke="black" stroke-width="2"/>'
                     f'<text x="{x(max(each.ratio, max(each.ratios))) + 6}" y="{y + 14}">{each.ratio:.2f} to {escape(each.best)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
