// Options that do not stand on the command line: the environment's, and those of a file. What the
// command line says counts before the environment, this before the file, the file before defaults.

/// Where a command finds options besides its command line.
///
/// A command that declares `Settings.file` looks there; for others the command line is all.
package enum Settings {
    /// The option that names the file.
    package static let file = Parameter<String?>(
        option: "config",
        .text("FILE"),
        "a file with options, a line each: NAME = VALUE, with the names of the command line "
            + "without \"--\"; yes or no for an option without a value; # begins a comment line"
    )

    /// What the help of a command says that looks for settings.
    static let help =
        "Each option may be given by the environment as well, as MNEME_CONFIG is for --config: in "
        + "capitals, with MNEME_ before it and _ for -. What the command line says counts before "
        + "the environment, that before the file, and the file before the defaults."

    /// The variable of the environment that stands for an option.
    static func variable(of option: String) -> String {
        let name = option.map { $0 == "-" ? "_" : Character($0.uppercased()) }
        return "MNEME_" + String(name)
    }

    /// Whether a text says yes or no to an option without a value; nil where it says neither.
    static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "yes", "true", "on", "1": true
        case "no", "false", "off", "0": false
        default: nil
        }
    }
}

/// Whence the value of an option is.
package enum SettingOrigin: Hashable, Sendable, CustomStringConvertible {
    case commandLine
    /// A variable of the environment.
    case environment(String)
    /// A line of a file, counted from 1.
    case file(String, line: Int)
    /// Nobody gave one.
    case standard

    package var description: String {
        switch self {
        case .commandLine: "the command line"
        case .environment(let name): name
        case .file(let path, let line): "\(path), line \(line)"
        case .standard: "default"
        }
    }
}

/// An option with the value that holds.
package struct Setting: Hashable, Sendable {
    /// The name, without `--`.
    package let name: String
    /// The value as it was given, several with blanks between them; nil where there is none.
    package let text: String?
    package let origin: SettingOrigin
}

/// A line of a file with settings.
struct SettingLine: Equatable {
    let number: Int
    let name: String
    let text: String
}

extension SettingLine {
    /// The lines of a file that are no comments.
    ///
    /// Blanks around name and value do not count, and neither do quotes around a value.
    ///
    /// - Throws: `CommandLineError` where the file cannot be read or a line says nothing.
    static func read(_ path: String) throws(CommandLineError) -> [SettingLine] {
        var found: [SettingLine] = []
        do throws(Failure) {
            var lines = InputLines(try InputFile(path))
            while let bytes = try lines.next() {
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw Failure("\(path), line \(lines.number) is not UTF-8.")
                }
                let line = trimmed(text[...])
                if line.isEmpty || line.hasPrefix("#") { continue }
                let parts = line.split(
                    separator: "=",
                    maxSplits: 1,
                    omittingEmptySubsequences: false
                )
                let name = String(trimmed(parts[0]))
                guard parts.count == 2, !name.isEmpty else {
                    throw Failure("\(path), line \(lines.number) is no NAME = VALUE; mend it.")
                }
                let value = String(unquoted(trimmed(parts[1])))
                found.append(SettingLine(number: lines.number, name: name, text: value))
            }
        } catch {
            throw CommandLineError(error.message, code: error.code)
        }
        return found
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }

    private static func unquoted(_ text: Substring) -> Substring {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
        return text.dropFirst().dropLast()
    }
}
