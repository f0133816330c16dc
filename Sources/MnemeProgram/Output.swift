// What a verb prints: for people, or one JSON object on a line.

internal import Mneme
internal import MnemeCommandLine

/// Standard output in the form that was asked for.
struct Output {
    /// The forms of what is printed.
    enum Form: String, CaseIterable, Sendable {
        /// Lines for people, made for each kind of answer.
        case lines
        /// A table for people.
        case table
        /// One JSON object a line.
        case json
        /// Comma-separated values under their names.
        case csv
    }

    /// How it is printed.
    let form: Form

    /// Output in the form that the command line asks for.
    init(_ invocation: Invocation) {
        form =
            if invocation[Program.json] {
                .json
            } else if invocation[Tool.csv] {
                .csv
            } else if invocation[Tool.table] {
                .table
            } else {
                .lines
            }
    }

    /// Prints a response: as it is spelled, its rows, or in lines for people.
    ///
    /// What a request says that its answer does not say again, tables have from the request.
    func put(
        _ response: Response,
        answering request: Request? = nil,
        _ lines: () throws -> [String]
    ) rethrows {
        switch (form, response) {
        case (.csv, _): try put(FlatAnswer.spelling(response, answering: request), lines)
        case (.table, .recalled(let recalled)): write(RecalledTable.lines(recalled, width: width))
        case (.table, .walked(let walked)): write(GraphTable.lines(walked, width: width))
        case (.table, .paths(let found)):
            write(GraphTable.lines(found, answering: request?.paths, width: width))
        default: try put(response.spelling, lines)
        }
    }

    /// Prints an object, its rows, or lines for people.
    func put(_ object: Value, _ lines: () throws -> [String]) rethrows {
        switch form {
        case .lines: write(try lines())
        case .json: write(object.json() + "\n")
        case .csv: write(RowLayout.csv(AnswerRows(object)))
        case .table:
            let answer = AnswerRows(object)
            write(try answer.isList ? RowLayout.table(answer, width: width) : lines())
        }
    }

    /// Prints lines that only people are to see.
    func say(_ lines: [String]) {
        if form == .lines || form == .table { write(lines) }
    }

    private var width: Int {
        StandardStreams.outputIsTerminal ? LineEditor.width : Program.width
    }

    private func write(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        write(lines.map(\.shown).joined(separator: "\n") + "\n")
    }

    private func write(_ text: String) {
        // Of a statement that nobody waits for any more nothing is wanted.
        guard StatementRun.current?.isGivenUp != true else { return }
        StandardStreams.writeOutput(text)
    }
}

/// JSON that was given on the command line.
enum GivenJSON {
    /// Reads a noun.
    ///
    /// - Throws: `CommandLineError` with what is wrong in it.
    static func noun<Noun: Spelled>(
        _ text: String,
        as label: String,
        _ type: Noun.Type = Noun.self
    ) throws(CommandLineError) -> Noun {
        do {
            return try Noun(json: text)
        } catch {
            throw CommandLineError(placed(error.message, in: label), code: error.code)
        }
    }

    /// A message with what it is about before it; of JSON it names line and column itself.
    static func placed(_ message: String, in label: String) -> String {
        let mark = "JSON, line "
        guard message.hasPrefix(mark) else { return "\(label): \(message)" }
        return "\(label), line " + message.dropFirst(mark.count)
    }

    /// Reads an object.
    ///
    /// - Throws: as `noun`.
    static func object(
        _ text: String,
        as label: String
    ) throws(CommandLineError) -> [String: Value] {
        let value: Value
        do {
            value = try Value(json: text)
        } catch {
            throw CommandLineError(placed(error.message, in: label), code: error.code)
        }
        guard case .map(let members) = value else {
            throw CommandLineError("\(label) takes an object and got \(value.json()).")
        }
        return members
    }
}
