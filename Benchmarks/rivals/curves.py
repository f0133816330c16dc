"""Recall against rate: the best points of every engine, and its rate at a recall."""

import math

# The recalls that rates are compared at.
RECALLS = [0.95, 0.99, 0.999]


def label(line):
    """Whose curve a line belongs to: the engine, for Mneme with its mode."""
    return " ".join(filter(None, [line["engine"], line.get("mode")]))


def is_own(name):
    return name.split()[0] == "mneme"


def curves(lines, tenant=None):
    """Every engine's best points (recall, rate) by rising recall, inside a tenant or over all.

    All calls and variants of an engine are put together: what counts is the best of them. A point
    is left out if another one has no less recall and no less rate.
    """
    found = {}
    for line in lines:
        if line["event"] == "search" and line.get("tenant") == tenant:
            found.setdefault(label(line), []).append((line["recall"], line["queriesPerSecond"]))
    return {name: best(points) for name, points in found.items()}


def best(points):
    kept = []
    for recall, rate in sorted(points, reverse=True):
        if not kept or rate > kept[-1][1]:
            kept.append((recall, rate))
    return kept[::-1]


def rate_at(points, recall):
    """The rate at a recall, or nothing where that is not reached.

    Between two points it is linear in recall and in the logarithm of the rate; where every point
    has more recall it is the rate of the fastest.
    """
    above = [point for point in points if point[0] >= recall]
    below = [point for point in points if point[0] < recall]
    if not above:
        return None
    if not below:
        return above[0][1]
    (low, fast), (high, slow) = below[-1], above[0]
    share = (recall - low) / (high - low)
    return math.exp(math.log(fast) * (1 - share) + math.log(slow) * share)


def rate_rows(lines, tenant=None):
    """Rows of a table: the rates at `RECALLS`, Mneme first, and what its best is to its peers."""
    found = curves(lines, tenant)
    rates = {name: [rate_at(points, recall) for recall in RECALLS]
             for name, points in found.items()}
    names = sorted(found, key=lambda name: (not is_own(name), [-(r or 0) for r in rates[name]]))
    rows = [["engine", *(f"at recall {recall}" for recall in RECALLS), "highest recall"]]
    rows += [[name, *rates[name], found[name][-1][0]] for name in names]
    return rows + ratio_rows(rates, RECALLS)


def build_rows(lines):
    """Rows of a table: what building takes, and Mneme's part of what its peers need."""
    columns = {
        "threads": "threads", "secondsUntilGraphReady": "seconds",
        "residentBytesPerVector": "memory B/vector", "callerBytesPerVector": "caller's B/vector",
        "diskBytesPerVector": "disk B/vector", "version": "version",
    }
    builds = {label(line): {"secondsUntilGraphReady": line["seconds"], **line} for line in lines
              if line["event"] == "build" and line.get("tenant") is None}
    names = sorted(builds, key=lambda name: (not is_own(name), builds[name]["seconds"]))
    rows = [["engine", *columns.values()]]
    rows += [[name, *(builds[name].get(column) for column in columns)] for name in names]
    return rows


def ratio_rows(rates, columns):
    """How many times as fast Mneme's fastest is as the fastest peer, and as hnswlib."""
    def fastest(place, wanted):
        ranked = [(rate[place], name) for name, rate in rates.items()
                  if rate[place] and wanted(name)]
        return max(ranked, default=(None, None))

    rows = []
    for title, wanted in [("Mneme to the best peer", lambda name: not is_own(name)),
                          ("Mneme to hnswlib", lambda name: name == "hnswlib")]:
        row = [title]
        for place in range(len(columns)):
            own, _ = fastest(place, is_own)
            rate, name = fastest(place, wanted)
            row.append(f"{own / rate:.2f} ({name})" if own and rate else None)
        rows.append([*row, None])
    return rows
