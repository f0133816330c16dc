"""Figures that the peers' scripts share, with the definitions of mneme-bench."""

import json
import math
import os
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


def timed(calls, passes, seconds=math.inf, queries=1):
    """Calls every function, of so many queries each, once a pass; medians over the passes.

    No further pass begins after so many seconds.
    """
    rates, middles, tails = [], [], []
    begin = time.perf_counter()
    for _ in range(passes):
        if rates and time.perf_counter() - begin > seconds:
            break
        durations = []
        start = time.perf_counter_ns()
        for call in calls:
            before = time.perf_counter_ns()
            call()
            durations.append(time.perf_counter_ns() - before)
        rates.append(len(calls) * queries / (time.perf_counter_ns() - start) * 1e9)
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


def bytes_of(path):
    """Bytes of all files in a folder."""
    return sum(os.path.getsize(os.path.join(at, name))
               for at, _, names in os.walk(path) for name in names)


def resident_bytes(folder=None):
    """Bytes in memory: what no file stands behind, and mapped files in the folder but for its log.

    proc(5), `smaps`.
    """
    total, is_index = 0, False
    with open("/proc/self/smaps", encoding="utf-8") as file:
        for text in file:
            words = text.split()
            if "-" in words[0] and not words[0].endswith(":"):
                path = words[5] if len(words) > 5 else ""
                is_index = (folder is not None and path.startswith(folder + "/")
                            and "/wal/" not in path)
            elif words[0] == "Anonymous:" or is_index and words[0] == "Rss:":
                total += int(words[1]) * 1024
    return total
