// What the system says about files, in words.

internal import Glibc
package import MnemeBase
package import MnemeModel

/// The system's numbers of errors.
enum SystemError {
    /// What a number means, with the number.
    static func words(_ code: Int32) -> String {
        // SAFETY: the system gives a text with its end, which is copied before anything else is
        // asked.
        let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "unknown"
        return "\(text) (error \(code))"
    }
}

extension DiskError {
    /// What went wrong and what to do, for people.
    package var words: String {
        switch self {
        case .notFound(let path): "There is no file or directory \(path)."
        case .exists(let path): "\(path) is there already. Choose another name."
        case .denied(let path):
            "\(path) may not be opened. Give yourself the right to do so."
        case .full(let path): "\(path) cannot be written: there is no room. Make some."
        case .busy(let path): "\(path) is in use by another process. Wait for it to end."
        case .short(let path, _): "\(path) became shorter while it was read."
        case .failed(_, let path, EISDIR): "\(path) is a directory. Name a file."
        case .failed(let call, let path, let code):
            "\(path) cannot be used: \(SystemError.words(code)) in \(call)."
        }
    }

    /// The code by which programs tell it from other errors.
    package var publicCode: MnemeError.Code {
        switch self {
        case .notFound: .notFound
        case .exists: .exists
        case .denied: .denied
        case .full: .diskFull
        case .busy: .busy
        case .failed(_, _, EISDIR): .badRequest
        case .short, .failed: .disk
        }
    }
}
