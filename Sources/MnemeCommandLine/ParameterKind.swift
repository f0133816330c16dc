// What the value of an option or argument is: its name in the help, how its text is read and what
// to say when the text is none.

package import MnemeModel

/// A kind of value that can be given on a command line.
package struct ParameterKind<Content: Sendable>: Sendable {
    /// What stands for the value in the help: `N`, `DIR`.
    package let name: String
    /// What is taken, with an article: `a whole number from 1 to 100`.
    package let wanted: String
    /// The texts that are taken, where they are few enough to name.
    package let choices: [String]
    /// The value of a text; nil when it is none.
    package let read: @Sendable (String) -> Content?

    /// A kind of its parts.
    package init(
        _ name: String,
        wanted: String,
        choices: [String] = [],
        read: @escaping @Sendable (String) -> Content?
    ) {
        self.name = name
        self.wanted = wanted
        self.choices = choices
        self.read = read
    }
}

extension ParameterKind where Content == String {
    /// Any text but an empty one.
    package static func text(_ name: String) -> Self {
        Self(name, wanted: "a text that is not empty") { $0.isEmpty ? nil : $0 }
    }
}

extension ParameterKind where Content == Int {
    /// A whole number.
    package static func int(_ name: String = "N", in range: ClosedRange<Int>) -> Self {
        let wanted =
            range.upperBound == .max
            ? "a whole number of at least \(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return Self(name, wanted: wanted) { text in
            guard let number = Int(text), range.contains(number) else { return nil }
            return number
        }
    }
}

extension ParameterKind where Content == Double {
    /// A number.
    package static func float(_ name: String = "X", in range: ClosedRange<Double>) -> Self {
        Self(name, wanted: "a number from \(range.lowerBound) to \(range.upperBound)") { text in
            guard let number = Double(text), range.contains(number) else { return nil }
            return number
        }
    }
}

extension ParameterKind {
    /// A point in time.
    package static func instant(_ name: String = "TIME") -> ParameterKind<Instant>
    where Content == Instant {
        ParameterKind<Instant>(name, wanted: "an instant such as 2023-05-08T13:56:00Z") {
            Instant($0)
        }
    }
}

extension ParameterKind where Content: RawRepresentable<String> & CaseIterable {
    /// One word of a list.
    package static func word(_ type: Content.Type = Content.self) -> Self {
        let words = Content.allCases.map(\.rawValue)
        return Self(
            words.joined(separator: "|"),
            wanted: "one of \(words.joined(separator: ", "))",
            choices: words
        ) { Content(rawValue: $0) }
    }
}

extension ParameterKind {
    /// Several values with commas between them, at least one.
    package static func list<Element: Sendable>(
        of element: ParameterKind<Element>
    ) -> Self where Content == [Element] {
        Self(
            "\(element.name),…",
            wanted: "values with commas between them, each \(element.wanted)"
        ) { text in
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            let values = parts.compactMap { element.read(String($0)) }
            return values.count == parts.count ? values : nil
        }
    }
}

extension ParameterKind where Content == KeyedText {
    /// Two texts with `=` between them, such as `TYPE=KEY`; the second one may have `=` in it.
    package static func pair(_ first: String, _ second: String) -> Self {
        Self("\(first)=\(second)", wanted: "\(first)=\(second)") { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
            return KeyedText(name: String(parts[0]), text: String(parts[1]))
        }
    }
}

/// A text under a name, as `NAME=TEXT` gives it.
package struct KeyedText: Hashable, Sendable {
    /// What stands before the first `=`.
    package let name: String
    /// What stands behind it.
    package let text: String
}
