// Numbers for people.

/// Writes numbers.
package enum Figures {
    /// A whole number with commas between thousands: `117,659`.
    package static func count(_ number: Int) -> String {
        var digits = ""
        for (index, digit) in String(number.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { digits.append(",") }
            digits.append(digit)
        }
        return (number < 0 ? "-" : "") + String(digits.reversed())
    }

    /// A number of things: `1 record`, `1,000 records`; `several` where that is not `one` with s.
    package static func count(_ number: Int, _ one: String, _ several: String? = nil) -> String {
        "\(count(number)) \(number == 1 ? one : several ?? one + "s")"
    }

    /// A number with so many digits after the point; `nan` and infinities by their names.
    package static func decimal(_ number: Double, digits: Int) -> String {
        var unit = 1.0
        for _ in 0..<digits { unit *= 10 }
        let scaled = (abs(number) * unit).rounded()
        guard scaled < 1e15 else { return "\(number)" }
        let sign = number < 0 && scaled > 0 ? "-" : ""
        let whole = String(Int(scaled))
        guard digits > 0 else { return sign + whole }
        let padded = String(repeating: "0", count: max(0, digits + 1 - whole.count)) + whole
        return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
    }

    /// Bytes in the largest unit that fits, where a megabyte has 1,000,000 bytes: `118.4 MB`.
    package static func bytes(_ count: Int) -> String {
        let units = ["kB", "MB", "GB", "TB"]
        guard count >= 1000 else { return "\(count) bytes" }
        var size = Double(count) / 1000
        var unit = 0
        while size >= 999.95, unit < units.count - 1 {
            size /= 1000
            unit += 1
        }
        return decimal(size, digits: 1) + " " + units[unit]
    }

    /// Seconds in a unit that fits: `12 µs`, `3.4 ms`, `7.2 s`, `3 min 20 s`.
    package static func seconds(_ seconds: Double) -> String {
        if seconds < 0.001 { return decimal(seconds * 1e6, digits: 0) + " µs" }
        if seconds < 1 { return decimal(seconds * 1000, digits: 1) + " ms" }
        if seconds < 100 { return decimal(seconds, digits: 1) + " s" }
        let whole = Int(seconds.rounded())
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole / 60 % 60) min"
    }
}
