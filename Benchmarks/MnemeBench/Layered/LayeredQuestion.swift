// The questions of the layered service, as both engines are asked them.

internal import MnemeBase

/// A question.
struct LayeredQuestion: Hashable, Sendable {
    /// A kind of question.
    enum Kind: String, CaseIterable, Sendable {
        /// The layered retrieval: not archived, of the project or of all, important; the most
        /// important first, with the layer that counts.
        case layered50
        case newest50
        /// Of a project and a type, above an importance.
        case compound50
        case tag50
        case containment50
        case groups
    }

    static let limit = 50

    let kind: Kind
    var user: Int
    let project: Int
    let type: Int
    let tag: Int
    let language: Int
    let framework: Int

    /// A question by chance.
    init(_ kind: Kind, _ chance: SeededRandomness) {
        self.kind = kind
        user = chance.below(LayeredMemories.userCount)
        func drawn(_ count: Int, _ kinds: Kind...) -> Int {
            let number = chance.below(count)
            return kinds.contains(kind) ? number : 0
        }
        project = drawn(LayeredMemories.projectCount, .compound50)
        type = drawn(LayeredMemories.types.count, .compound50)
        tag = drawn(LayeredMemories.tagCount, .tag50)
        language = drawn(LayeredMemories.languages.count, .containment50)
        framework = drawn(LayeredMemories.frameworks.count, .containment50)
    }
}

/// Who is asked.
protocol LayeredEngine {
    var name: String { get }

    /// Puts the answer into room that is used again.
    func ask(_ question: LayeredQuestion, _ answer: LayeredAnswer) throws
}
