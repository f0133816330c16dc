// Which vectors a field takes: one rule for those of records and for those of questions, and a
// sentence for each way to break it. Lengths that are taken lie well within what float32 holds once
// it is squared, as kernels square.

/// Whose vector is checked, as messages name it.
package struct VectorSubject: Sendable {
    /// The collection, or the type of edges.
    let place: String
    let field: String
    /// Whether it comes with a question, and is not kept.
    let isAsked: Bool

    /// The vector that a record, or an edge, is to have in a field.
    init(of field: String, in place: String) {
        self.place = place
        self.field = field
        isAsked = false
    }

    /// The vector that a question looks for in a field.
    package init(askedOf field: String, in place: String) {
        self.place = place
        self.field = field
        isAsked = true
    }

    /// `notes.meaning`, `the question for notes.meaning`.
    fileprivate var name: String { (isAsked ? "the question for " : "") + "\(place).\(field)" }

    /// `notes.meaning[1]`, `component 1 of the question for notes.meaning`.
    fileprivate func component(_ index: Int) -> String {
        isAsked ? "component \(index) of \(name)" : "\(name)[\(index)]"
    }
}

extension VectorType {
    /// What the sum of squares may be at most; at least, under cosine, it is one by this.
    private static let greatestSquares = 1e36

    /// Refuses a vector that a field of this type does not take.
    ///
    /// A vector has the type's dimension, and components that are finite once they are kept; those
    /// of a question are not kept, and are float32 whatever the field has. Its length is at most
    /// 1e18, and under cosine at least 1e-18.
    ///
    /// - Throws: `badVector`, which says which of these it is not.
    /// - Complexity: O(*d*).
    package func check(_ vector: [Float], _ subject: VectorSubject) throws(MnemeError) {
        guard vector.count == dimension else {
            throw MnemeError(
                .badVector,
                "\(subject.name) takes a vector of \(wanted) and got \(vector.count). Embed with "
                    + "the model that the field was defined for."
            )
        }
        let element = subject.isAsked ? VectorElement.float32 : self.element
        let squares = Self.squares(vector, as: element)
        // What is no number is in no range.
        let least = metric == .cosine ? 1 / Self.greatestSquares : 0
        if squares >= least, squares <= Self.greatestSquares { return }
        throw fault(of: vector, as: element, subject, squares: squares)
    }

    /// The sum of the squares of the components as they are kept; not finite where one of them is
    /// not.
    private static func squares(_ vector: [Float], as element: VectorElement) -> Double {
        if element == .float16 {
            return vector.reduce(0) { sum, component in
                let kept = Double(Float16(component))
                return sum + kept * kept
            }
        }
        // Four sums, as one would wait for itself.
        var sums = (0.0, 0.0, 0.0, 0.0)
        var index = 0
        while index + 4 <= vector.count {
            let part = (
                Double(vector[index]), Double(vector[index + 1]), Double(vector[index + 2]),
                Double(vector[index + 3])
            )
            sums.0 += part.0 * part.0
            sums.1 += part.1 * part.1
            sums.2 += part.2 * part.2
            sums.3 += part.3 * part.3
            index += 4
        }
        for component in vector[index...] { sums.0 += Double(component) * Double(component) }
        return (sums.0 + sums.1) + (sums.2 + sums.3)
    }

    /// What is wrong with a vector of the right dimension.
    private func fault(
        of vector: [Float],
        as element: VectorElement,
        _ subject: VectorSubject,
        squares: Double
    ) -> MnemeError {
        for (index, component) in vector.enumerated() {
            let kept = element == .float16 ? Float(Float16(component)) : component
            guard !kept.isFinite else { continue }
            let rule =
                if component.isNaN {
                    "which is no number. Every component must be a finite number."
                } else if component.isInfinite {
                    "beyond the 3.4e38 that float32 holds. Every component must be finite."
                } else {
                    "beyond the 65504 that float16 holds. Scale the vectors of the field, or "
                        + "define a field of float32."
                }
            return MnemeError(
                .badVector,
                "\(subject.component(index)) is \(component), \(rule)"
            )
        }
        if squares == 0 {
            return MnemeError(
                .badVector,
                "\(subject.name): components 0 to \(vector.count - 1) are all 0 as "
                    + "\(element.rawValue), and a zero vector has no cosine. "
                    + (subject.isAsked
                        ? "Ask with a vector that has a direction."
                        : "Leave the field out or use dot.")
            )
        }
        let length = "\(subject.name): the vector's length is \(squares.squareRoot())"
        if metric == .cosine {
            return MnemeError(
                .badVector,
                "\(length); under cosine it must lie between 1e-18 and 1e18. Scale the vector to "
                    + "length 1."
            )
        }
        return MnemeError(
            .badVector,
            "\(length); under \(metric.rawValue) it must be at most 1e18. Scale the vectors of the "
                + "field" + (subject.isAsked ? ", and those of questions with them." : ".")
        )
    }
}
