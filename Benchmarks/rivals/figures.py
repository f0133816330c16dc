"""Figures that the peers' scripts share, with the definitions of mneme-bench."""

import json
import math
import statistics
import time


def line(bench, engine, **figures):
    """Prints one line."""
    print(json.dumps({"bench": bench, "engine": engine, **figures}), flush=True)


def percentile(percent, values):
    """The smallest value that at least so many percent do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = max(1, math.ceil(percent / 100 * len(ordered)))
    return ordered[rank - 1]


def timed(calls, passes):
    """Calls every function once a pass, and takes medians over the passes."""
    rates, middles, tails = [], [], []
    for _ in range(passes):
        durations = []
        start = time.perf_counter_ns()
        for call in calls:
            before = time.perf_counter_ns()
            call()
            durations.append(time.perf_counter_ns() - before)
        rates.append(len(calls) / (time.perf_counter_ns() - start) * 1e9)
        middles.append(percentile(50, durations) / 1000)
        tails.append(percentile(99, durations) / 1000)
    return {
        "queriesPerSecond": round(statistics.median(rates), 1),
        "p50Microseconds": round(statistics.median(middles), 3),
        "p99Microseconds": round(statistics.median(tails), 3),
    }


def recall(ranked, relevant, k):
    """The part of what is relevant among the first k."""
    return len(set(ranked[:k]) & relevant) / len(relevant)


def discounted_gain(ranked, relevant, k):
    """nDCG with binary relevance."""
    best = sum(1 / math.log2(i + 2) for i in range(min(k, len(relevant))))
    return sum(1 / math.log2(i + 2) for i, one in enumerate(ranked[:k]) if one in relevant) / best
