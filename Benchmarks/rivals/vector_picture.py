"""Draws recall against rate as a picture: one part for all vectors, one for each tenant.

Reads the lines that "Benchmarks/compare vectors" keeps. Recall is drawn by how much is missing from
1, so that what lies between 0.99 and 1 can be told apart; above 0.9999 is 1.
"""

import argparse
import json
import math

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from curves import curves, is_own

LEAST = 1e-4
TICKS = [0.8, 0.9, 0.95, 0.99, 0.999, 1.0]
MARKERS = "osv^D<>PhdXp"


def across(recall):
    """The place of a recall on the axis."""
    return -math.log10(max(1 - recall, LEAST))


def draw(axes, title, found, looks):
    for name, points in found.items():
        axes.plot([across(recall) for recall, _ in points], [rate for _, rate in points],
                  label=name, **looks[name])
    axes.set_title(title)
    axes.set_yscale("log")
    axes.set_xticks([across(tick) for tick in TICKS], [f"{tick:g}" for tick in TICKS])
    axes.set_xlim(across(TICKS[0]), across(TICKS[-1]) + 0.1)
    axes.set_xlabel("recall")
    axes.grid(True, which="both", alpha=0.25)


def looks_of(names):
    """Mneme's lines are thick and black or blue; each peer has a colour and a mark of its own."""
    looks, own, peers = {}, 0, 0
    for name in names:
        if is_own(name):
            looks[name] = {"color": ["black", "navy", "royalblue", "slategray"][own % 4],
                           "marker": "*", "markersize": 10, "linewidth": 2.5, "zorder": 3}
            own += 1
        else:
            looks[name] = {"color": f"C{peers % 10}", "marker": MARKERS[peers % len(MARKERS)],
                           "markersize": 4, "linewidth": 1}
            peers += 1
    return looks


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", help="file of JSON lines")
    parser.add_argument("picture", help="file that is written, .png")
    options = parser.parse_args()
    with open(options.lines, encoding="utf-8") as file:
        lines = [json.loads(text) for text in file]
    tenants = sorted({one["tenant"] for one in lines if one.get("tenant") is not None})
    parts = [("all vectors", curves(lines))]
    for tenant in tenants:
        share = next((one["share"] for one in lines
                      if one.get("tenant") == tenant and "share" in one), None)
        title = f"tenant {tenant}" + (f", {share:.1%} of the vectors" if share else "")
        parts.append((title, curves(lines, tenant)))
    looks = looks_of(sorted({name for _, found in parts for name in found}))
    columns = min(2, len(parts))
    height = math.ceil(len(parts) / columns)
    figure, all_axes = plt.subplots(height, columns, figsize=(7.5 * columns, 5.5 * height),
                                    squeeze=False, layout="constrained")
    for axes, (title, found) in zip(all_axes.flat, parts):
        draw(axes, title, found, looks)
    for axes in list(all_axes.flat)[len(parts):]:
        axes.set_visible(False)
    for row in all_axes:
        row[0].set_ylabel("queries a second, one thread")
    handles = {}
    for axes in all_axes.flat:
        handles.update(zip(*reversed(axes.get_legend_handles_labels())))
    figure.legend(handles.values(), handles.keys(), loc="outside right center")
    figure.savefig(options.picture, dpi=110)


main()
