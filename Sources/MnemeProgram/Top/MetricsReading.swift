// Figures as a server tells them over HTTP, read back. Source: "Exposition formats", text format
// 0.0.4, prometheus.io/docs/instrumenting/exposition_formats.

internal import Mneme
internal import MnemeCommandLine

/// What a server told of itself at one time.
struct MetricsReading: Hashable, Sendable {
    /// A figure under a name, with what it is of.
    struct Sample: Hashable, Sendable {
        var labels: [String: String]
        var value: Double
    }

    /// The samples by name, in their order.
    let samples: [String: [Sample]]

    /// Reads a text.
    ///
    /// - Throws: `Failure` with the line that is none.
    init(_ text: String) throws(Failure) {
        var samples: [String: [Sample]] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            var rest = line.unicodeScalars.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
            if rest.isEmpty || rest.first == "#" { continue }
            guard let (name, sample) = Self.sample(&rest) else {
                throw Failure(
                    "Line \(index + 1) of the figures is none: "
                        + "\(TextFlow.shortened(String(line), to: 60).shown). Give the address of "
                        + "a server's --metrics.",
                    code: .badRequest
                )
            }
            samples[name, default: []].append(sample)
        }
        self.samples = samples
    }

    /// The value of the first sample of a name that has these labels.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples[name]?.first { $0.has(labels) }?.value
    }

    /// The values of a label in a family's samples, each once, in the order of the samples.
    func values(of label: String, in name: String) -> [String] {
        var seen: Set<String> = []
        return (samples[name] ?? []).compactMap { $0.labels[label] }.filter {
            seen.insert($0).inserted
        }
    }

    /// The histogram of a name that has these labels; nothing counted where there is none.
    func times(_ name: String, _ labels: [String: String] = [:]) -> BucketedTimes {
        var buckets: [BucketedTimes.Bucket] = []
        for sample in samples[name + "_bucket"] ?? [] where sample.has(labels) {
            guard let bound = sample.labels["le"].flatMap(Self.number) else { continue }
            buckets.append(BucketedTimes.Bucket(bound: bound, count: sample.value))
        }
        return BucketedTimes(
            cumulative: buckets,
            sum: value(name + "_sum", labels) ?? 0
        )
    }

    // MARK: Lines

    private typealias Rest = Substring.UnicodeScalarView

    private static func sample(_ rest: inout Rest) -> (String, Sample)? {
        let name = take(&rest) { isOfName($0) }
        guard !name.isEmpty else { return nil }
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            guard let read = self.labels(&rest) else { return nil }
            labels = read
        }
        // A time may stand behind the value.
        guard let word = String(rest).split(whereSeparator: \.isWhitespace).first,
            let value = number(String(word))
        else { return nil }
        return (name, Sample(labels: labels, value: value))
    }

    private static func labels(_ rest: inout Rest) -> [String: String]? {
        var labels: [String: String] = [:]
        while true {
            _ = take(&rest) { $0 == " " || $0 == "," }
            guard let next = rest.first else { return nil }
            if next == "}" {
                rest.removeFirst()
                return labels
            }
            let name = take(&rest) { isOfName($0) }
            guard !name.isEmpty, rest.popFirst() == "=", rest.popFirst() == "\"",
                let value = quoted(&rest)
            else { return nil }
            labels[name] = value
        }
    }

    /// What stands up to the closing quote, which is passed.
    private static func quoted(_ rest: inout Rest) -> String? {
        var value = String.UnicodeScalarView()
        while let next = rest.popFirst() {
            switch next {
            case "\"": return String(value)
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped == "n" ? "\n" : escaped)
            default: value.append(next)
            }
        }
        return nil
    }

    private static func take(_ rest: inout Rest, _ isWanted: (Unicode.Scalar) -> Bool) -> String {
        let taken = rest.prefix(while: isWanted)
        rest = rest.dropFirst(taken.count)
        return String(taken)
    }

    private static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ":": true
        default: false
        }
    }

    private static func number(_ text: String) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: Double(text)
        }
    }
}

extension MetricsReading.Sample {
    /// Whether it has all of these labels.
    func has(_ wanted: [String: String]) -> Bool {
        wanted.allSatisfy { labels[$0.key] == $0.value }
    }
}
