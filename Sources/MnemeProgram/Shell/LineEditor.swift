// Lines that a person types in a terminal: moved in, corrected, completed and taken back from the
// history by libedit. The terminal is this process's standard input and output.

internal import CEdit
internal import Glibc
internal import MnemeCommandLine

/// What reading a line came to.
enum ReadLine: Hashable, Sendable {
    /// A line, without its end.
    case line(String)
    /// Control-C: what was typed is given up.
    case interrupted
    /// There are no more.
    case end
}

/// What goes on at the cursor of a line.
enum Completion: Hashable, Sendable {
    /// Nothing is known.
    case nothing
    /// This is put in.
    case text(String)
    /// These are shown, as more than one may follow.
    case choices([String])
}

/// An editor of lines in a terminal, for one thread.
///
/// SAFETY: the pointer is the editor's that `deinit` gives back, and only the thread that has this
/// object uses it; the box that C holds lives in this object as long as the editor does.
@safe final class LineEditor {
    private let edit: OpaquePointer
    private let box: CompletionBox

    /// An editor on a terminal; nil where standard input is none.
    ///
    /// `complete` is given what stands before the cursor.
    init?(_ name: String, complete: @escaping (String) -> Completion) {
        box = CompletionBox(complete)
        let context = unsafe Unmanaged.passUnretained(box).toOpaque()
        let made = unsafe mneme_edit_make(
            name,
            { context, line, _, cursor in
                guard let context = unsafe context, let line = unsafe line else { return nil }
                let box = unsafe Unmanaged<CompletionBox>.fromOpaque(context)
                    .takeUnretainedValue()
                let bytes = unsafe UnsafeRawBufferPointer(start: line, count: cursor)
                guard let text = unsafe String(validating: Array(bytes), as: UTF8.self),
                    let answer = box.answer(text)
                else { return nil }
                return unsafe strdup(answer)
            },
            context
        )
        guard let made = unsafe made else { return nil }
        unsafe edit = made
    }

    deinit { unsafe mneme_edit_free(edit) }

    /// The columns of the terminal; those of every text for people where there is none.
    static var width: Int {
        let width = Int(mneme_terminal_width())
        return width > 0 ? width : Program.width
    }

    /// Reads a line behind a prompt.
    func read(_ prompt: String) -> ReadLine {
        var line: UnsafePointer<CChar>?
        var count = 0
        switch unsafe mneme_edit_read(edit, prompt, &line, &count) {
        case mneme_edit_interrupted: return .interrupted
        case mneme_edit_line:
            guard let line = unsafe line else { return .end }
            let bytes = unsafe UnsafeRawBufferPointer(start: line, count: count)
            var text = unsafe String(decoding: bytes, as: UTF8.self)
            if text.last?.isNewline == true { text.removeLast() }
            return .line(text)
        default: return .end
        }
    }

    /// Keeps a statement in the history.
    func keep(_ text: String) { unsafe mneme_edit_keep(edit, text) }

    /// Takes over the history of a file, where there is one.
    func load(_ path: String) { _ = unsafe mneme_edit_load(edit, path) }

    /// Writes the history to a file that its owner alone reads; false where it cannot be written.
    func save(_ path: String) -> Bool { unsafe mneme_edit_save(edit, path) != 0 }
}

/// What completes lines, where C can point at it.
private final class CompletionBox {
    private let complete: (String) -> Completion

    init(_ complete: @escaping (String) -> Completion) { self.complete = complete }

    /// The answer in the form that C takes.
    func answer(_ text: String) -> String? {
        switch complete(text) {
        case .nothing: nil
        case .text(let text): text
        case .choices(let choices):
            "\n" + ChoiceLayout.lines(choices, width: LineEditor.width).joined(separator: "\n")
        }
    }
}

/// Choices below a line that is typed.
enum ChoiceLayout {
    /// The most that are shown.
    static let limit = 100

    /// The choices in columns, down before across.
    static func lines(_ choices: [String], width: Int) -> [String] {
        let shown = choices.prefix(limit).map { TextFlow.shortened($0.shown, to: width - 2) }
        let widest = (shown.map(\.count).max() ?? 0) + 2
        let columns = max(1, width / widest)
        let height = (shown.count + columns - 1) / columns
        var lines = (0..<height).map { row in
            let cells = stride(from: row, to: shown.count, by: height).map { shown[$0] }
            return cells.enumerated().map { place, cell in
                place == cells.count - 1 ? cell : cell + TextFlow.blanks(widest - cell.count)
            }.joined()
        }
        if choices.count > limit {
            lines.append("and \(Figures.count(choices.count - limit)) more")
        }
        return lines
    }
}
