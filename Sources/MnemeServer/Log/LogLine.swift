// One line an event, for people (time, level, event, then name=value) or as JSON (one object with
// the same names). Whatever somebody sent stands in one value of the line: what would end the line,
// steer a terminal or turn its text around is spelled \uXXXX in both.

package import MnemeBase
internal import MnemeModel

/// How a line of the log is written.
package enum LogFormat: String, Sendable, CaseIterable {
    case text
    case json
}

/// A line of the log.
package enum LogLine {
    /// The most characters of one value; what is longer is cut, and then always a text.
    static let longestValue = 4000

    /// The line of an event, with its end.
    package static func of(
        _ event: LogEvent,
        at time: Microseconds,
        as format: LogFormat
    ) -> String {
        switch format {
        case .text: text(event, time)
        case .json: json(event, time)
        }
    }

    private static func text(_ event: LogEvent, _ time: Microseconds) -> String {
        var line = "\(stamp(time)) \(event.name.level.rawValue) \(event.name.rawValue)"
        for (name, value) in members(of: event) { line += " \(name)=\(plain(value))" }
        return line + "\n"
    }

    private static func json(_ event: LogEvent, _ time: Microseconds) -> String {
        var line = "{\"time\":\"\(stamp(time))\",\"level\":\"\(event.name.level.rawValue)\""
        line += ",\"event\":\"\(event.name.rawValue)\""
        for (name, value) in members(of: event) { line += ",\"\(name)\":\(spelled(value))" }
        return line + "}\n"
    }

    private static func members(of event: LogEvent) -> [LogEvent.Field] {
        var members: [LogEvent.Field] = []
        if let store = event.store { members.append(("store", .text(store))) }
        if let connection = event.connection { members.append(("connection", Value(connection))) }
        return members + event.allFields
    }

    /// A time in UTC with all its microseconds, so that lines are in the order of their texts.
    static func stamp(_ time: Microseconds) -> String {
        let second = 1_000_000 as Microseconds
        let rest = (time % second + second) % second
        let digits = String(rest)
        let whole = Instant(microseconds: time - rest).description.dropLast()
        return whole + "." + String(repeating: "0", count: 6 - digits.count) + digits + "Z"
    }

    /// A value as JSON on one line.
    static func spelled(_ value: Value) -> String {
        let spelled = escaped(cut(value).json())
        guard spelled.unicodeScalars.count > 2 * longestValue else { return spelled }
        return escaped(Value.text(String(spelled.prefix(longestValue)) + "…").json())
    }

    /// The same, without quotes where a text has nothing that needs them.
    private static func plain(_ value: Value) -> String {
        guard case .text(let text) = value, isPlain(text) else { return spelled(value) }
        return text
    }

    private static func isPlain(_ text: String) -> Bool {
        let marks = "-._:/@+".utf8
        return !text.isEmpty && text.utf8.count <= longestValue
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || marks.contains(byte)
            }
    }

    private static func cut(_ value: Value) -> Value {
        guard case .text(let text) = value, text.utf8.count > longestValue,
            text.unicodeScalars.count > longestValue
        else { return value }
        let beginning = String.UnicodeScalarView(text.unicodeScalars.prefix(longestValue))
        return .text(String(beginning) + "…")
    }

    /// JSON in which what could pass for the end of a line, or steers, is spelled out.
    ///
    /// Such characters are in its texts alone, where they may be spelled so.
    private static func escaped(_ json: String) -> String {
        guard json.unicodeScalars.contains(where: isSteering) else { return json }
        var escaped = ""
        for scalar in json.unicodeScalars {
            guard isSteering(scalar) else {
                escaped.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return escaped
    }

    private static func isSteering(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }
}
