"""Draws how long requests take, by percentile: a part for each scenario, a line for each engine.

Reads the lines that "Benchmarks/compare load" keeps, those of all operations together. Percentiles
are drawn by how much is missing from 100, so that the slowest are told apart. What runs beside a
flood is dashed.
"""

import argparse
import json
import math

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

PERCENTILES = [("p50", 50), ("p90", 90), ("p99", 99), ("p999", 99.9), ("p9999", 99.99)]
LOOKS = {
    "mneme": {"color": "black", "marker": "*", "markersize": 10, "linewidth": 2.5, "zorder": 3},
    "postgresql": {"color": "C0", "marker": "o", "markersize": 5, "linewidth": 1.2},
    "redis": {"color": "C3", "marker": "s", "markersize": 5, "linewidth": 1.2},
}


def across(percent):
    """The place of a percentile on the axis."""
    return -math.log10(1 - percent / 100)


def draw(axes, scenario, lines):
    for one in lines:
        beside = one.get("load") == "beside"
        shown = [(across(percent), one[name + "Microseconds"] / 1000)
                 for name, percent in PERCENTILES if one["requests"] * (1 - percent / 100) >= 1]
        if shown:
            name = one["engine"] + (" beside the flood" if beside else "")
            axes.plot(*zip(*shown), label=name, linestyle="--" if beside else "-",
                      **LOOKS[one["engine"]])
    asked = lines[0].get("askedPerSecond")
    axes.set_title(scenario + (f", {asked:,.0f} a second" if asked else ""))
    axes.set_yscale("log")
    axes.set_xticks([across(percent) for _, percent in PERCENTILES],
                    [f"{percent:g} %" for _, percent in PERCENTILES])
    axes.grid(True, which="both", alpha=0.25)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", help="file of JSON lines")
    parser.add_argument("picture", help="file that is written, .png")
    options = parser.parse_args()
    with open(options.lines, encoding="utf-8") as file:
        lines = [one for one in map(json.loads, file)
                 if one.get("event") == "all" and one.get("load") != "flood"]
    scenarios = list(dict.fromkeys(one["scenario"] for one in lines))
    columns = min(3, max(1, len(scenarios)))
    height = max(1, math.ceil(len(scenarios) / columns))
    figure, all_axes = plt.subplots(height, columns, figsize=(5 * columns, 4 * height),
                                    squeeze=False, layout="constrained")
    for axes, scenario in zip(all_axes.flat, scenarios):
        draw(axes, scenario, [one for one in lines if one["scenario"] == scenario])
    for axes in list(all_axes.flat)[len(scenarios):]:
        axes.set_visible(False)
    for row in all_axes:
        row[0].set_ylabel("milliseconds from when it was due")
    handles = {}
    for axes in all_axes.flat:
        handles.update(zip(*reversed(axes.get_legend_handles_labels())))
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=3)
    figure.savefig(options.picture, dpi=110)


main()
