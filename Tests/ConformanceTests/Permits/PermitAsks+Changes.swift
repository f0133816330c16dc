// The kinds of changes, each by its own way through the store: whoever adds one does not compile
// before he says here what it is called, and what the matrix asks of it.

import MnemeModel

extension PermitAsk {
    /// A kind of change.
    enum ChangeKind: CaseIterable {
        case put
        case patch
        case delete
        case erase
        case remove
        case mark
        case link
        case unlink
        case eraseEdge
        case supersede

        init(_ change: Change) {
            self =
                switch change {
                case .put: .put
                case .patch: .patch
                case .delete: .delete
                case .erase: .erase
                case .remove: .remove
                case .mark: .mark
                case .link: .link
                case .unlink: .unlink
                case .eraseEdge: .eraseEdge
                case .supersede: .supersede
                }
        }
    }

    /// Those kinds that nothing else asks, of what is another's.
    static let restoring: [PermitAsk] = [
        PermitAsk(#"{"commit": {"changes": [{"restore": "notes/nbob"}]}}"#, ["notes"]),
        PermitAsk(
            #"""
            {"commit": {"changes": [{"delete": {"reference": "notes/nbob", "version": 0,
            "returns": "old"}}]}}
            """#,
            ["notes"]
        ),
        PermitAsk(
            #"""
            {"commit": {"changes": [{"erase": {"reference": "tags/t", "returns": "old"}}]}}
            """#,
            ["tags"]
        ),
        PermitAsk(#"{"commit": {"changes": [{"erase": $edge}]}}"#),
    ]
}
