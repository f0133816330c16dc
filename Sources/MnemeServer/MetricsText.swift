// Figures as Prometheus reads them. Source: "Exposition formats", text format 0.0.4,
// prometheus.io/docs/instrumenting/exposition_formats.

internal import MnemeBase

/// A text of families of samples.
struct MetricsText {
    private(set) var text = ""

    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    /// Begins a family; its samples come next.
    mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// A sample of a family that has one.
    mutating func sample(_ name: String, _ value: some CustomStringConvertible) {
        sample(name, [:], value)
    }

    /// A sample of the family.
    mutating func sample(
        _ name: String,
        _ labels: KeyValuePairs<String, String>,
        _ value: some CustomStringConvertible
    ) {
        text += "\(name)\(Self.spelled(Array(labels))) \(value)\n"
    }

    /// The samples of a histogram; times are given in seconds.
    mutating func histogram(
        _ name: String,
        _ labels: KeyValuePairs<String, String>,
        _ reading: Histogram.Reading
    ) {
        let labels = Array(labels)
        var seen: UInt64 = 0
        for (bucket, count) in reading.counts.enumerated() {
            seen += count
            let bound =
                bucket < Histogram.boundCount ? Self.seconds(Histogram.bound(bucket)) : "+Inf"
            text += "\(name)_bucket\(Self.spelled(labels + [("le", bound)])) \(seen)\n"
        }
        text += "\(name)_sum\(Self.spelled(labels)) \(Self.seconds(Int64(clamping: reading.sum)))\n"
        text += "\(name)_count\(Self.spelled(labels)) \(seen)\n"
    }

    /// Seconds with six digits behind the point.
    private static func seconds(_ microseconds: Microseconds) -> String {
        let digits = String(microseconds % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - digits.count)
        return "\(microseconds / 1_000_000).\(zeros)\(digits)"
    }

    private static func spelled(_ labels: [(key: String, value: String)]) -> String {
        if labels.isEmpty { return "" }
        let pairs = labels.map { "\($0.key)=\"\(escaped($0.value))\"" }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for character in value {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
