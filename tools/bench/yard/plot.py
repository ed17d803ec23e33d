# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""A picture of ours against C over the sizes, as SVG without any library."""

from math import log2

COLOURS = {"rdm": "#1f77b4", "seq": "#d62728", "stream": "#2ca02c"}
WIDTH, HEIGHT, LEFT, TOP = 330, 240, 50, 40
MOST = 1.2


def draw(rows):
    """One frame for each place and test that has sizes, a line for each protocol."""
    groups = {}
    for row in rows:
        parts = row.name.split("/")
        ratio = row.ours / row.c if row.ours and row.c else None
        if ratio and len(parts) == 4 and parts[1] in ("self", "rtt", "oneway", "mcast1", "mcast8", "many"):
            groups.setdefault("/".join(parts[:2]), {}).setdefault(parts[2], []).append((int(parts[3]), ratio))
    high = (len(groups) + 2) // 3
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{3 * WIDTH}" height="{max(high, 1) * HEIGHT}" '
           f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>']
    for i, (title, protocols) in enumerate(groups.items()):
        out += _frame(i % 3 * WIDTH, i // 3 * HEIGHT, title, protocols)
    return "\n".join([*out, "</svg>\n"])


def _frame(x, y, title, protocols):
    wide, high = WIDTH - LEFT - 20, HEIGHT - TOP - 40
    across = lambda size: x + LEFT + (log2(size) - 6) / 10 * wide
    down = lambda ratio: y + TOP + (1 - min(ratio, MOST) / MOST) * high
    out = [f'<text x="{x + LEFT}" y="{y + 20}" font-weight="bold">{title}: ours / C</text>']
    for ratio in (0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2):
        colour = "#000" if ratio == 1.0 else "#ddd"
        out.append(f'<path d="M{x + LEFT} {down(ratio):.1f}h{wide}" stroke="{colour}"/>'
                   f'<text x="{x + LEFT - 26}" y="{down(ratio) + 4:.1f}">{ratio:.1f}</text>')
    for size in (64, 256, 1024, 4096, 16384, 65536):
        out.append(f'<text x="{across(size):.1f}" y="{y + HEIGHT - 24}" text-anchor="middle">{size}</text>')
    for i, (protocol, points) in enumerate(protocols.items()):
        colour = COLOURS.get(protocol, "#000")
        path = " ".join(f"{across(s):.1f},{down(r):.1f}" for s, r in sorted(points))
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
                   f'<text x="{x + LEFT + 60 * i}" y="{y + TOP - 6}" fill="{colour}">{protocol}</text>')
    return out
