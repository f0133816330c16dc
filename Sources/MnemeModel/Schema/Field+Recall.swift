// The recall that a vector field asks for: the one part of its type that says nothing of what is
// kept, so that it may change.

extension Field {
    /// How much of what is truly nearest its searches are to find; nil where nothing is asked for,
    /// and of other fields than vectors, of which it cannot be set.
    package var recall: Double? {
        get {
            guard case .vector(let vector) = type else { return nil }
            return vector.recall
        }
        set {
            guard case .vector(var vector) = type else { return }
            vector.recall = newValue
            type = .vector(vector)
        }
    }

    /// Whether two definitions agree but for the recall that they ask for.
    package func agrees(butForRecallWith other: Field) -> Bool {
        var same = self
        same.recall = other.recall
        return same == other
    }

    /// The field as it stands once it is defined: a recall of 0 asks for none.
    package var settled: Field {
        guard recall == 0 else { return self }
        var settled = self
        settled.recall = Double?.none
        return settled
    }
}
