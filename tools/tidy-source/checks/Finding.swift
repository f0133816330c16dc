// What tidy says.

/// One thing that is not as it should be.
package struct Finding: Equatable, Comparable, CustomStringConvertible, Sendable {
    /// The file, from the root of the package.
    package let path: String
    /// The line, from 1.
    package let line: Int
    /// What is wrong.
    package let problem: String
    /// What to do about it.
    package let remedy: String

    init(_ path: String, _ line: Int, _ problem: String, _ remedy: String) {
        self.path = path
        self.line = line
        self.problem = problem
        self.remedy = remedy
    }

    package var description: String { "\(path):\(line): \(problem); \(remedy)" }

    package static func < (left: Finding, right: Finding) -> Bool {
        (left.path, left.line, left.problem) < (right.path, right.line, right.problem)
    }
}
