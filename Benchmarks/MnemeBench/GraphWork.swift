// The questions of the graph benchmark, as a JSON file holds them.

internal import Mneme
internal import MnemeCommandLine

/// Nodes to walk from, pairs to find paths between, and nodes to look at the incoming edges of.
struct GraphWork: Sendable {
    let starts: [Int]
    let pairs: [(from: Int, to: Int)]
    let typed: [(node: Int, type: String)]

    /// Reads a file with `starts`, `pairs` and `typed`.
    ///
    /// - Throws: `Failure` for another shape, or nodes that are not in `0..<nodeCount`.
    init(_ path: String, nodeCount: Int) throws(Failure) {
        let root: Value
        do throws(MnemeError) {
            root = try Value(json: try Self.bytes(path))
        } catch {
            throw Failure("\(path): \(error.message)")
        }
        guard case .map(let members) = root, case .array(let starts)? = members["starts"],
            case .array(let pairs)? = members["pairs"], case .array(let typed)? = members["typed"]
        else { throw Self.shape(path) }
        func node(_ value: Value) throws(Failure) -> Int {
            guard let number = value.int, (0..<Int64(nodeCount)).contains(number) else {
                throw Failure("\(path) names a node that is not among the \(nodeCount) nodes.")
            }
            return Int(number)
        }
        self.starts = try starts.map { (value) throws(Failure) in try node(value) }
        self.pairs = try pairs.map { (value) throws(Failure) in
            guard case .array(let ends) = value, ends.count == 2 else { throw Self.shape(path) }
            return (try node(ends[0]), try node(ends[1]))
        }
        self.typed = try typed.map { (value) throws(Failure) in
            guard case .array(let parts) = value, parts.count == 2, let type = parts[1].text else {
                throw Self.shape(path)
            }
            return (try node(parts[0]), type)
        }
    }

    private static func bytes(_ path: String) throws(MnemeError) -> [UInt8] {
        do throws(Failure) {
            return try InputFile(path).readAll()
        } catch {
            throw MnemeError(.badRequest, error.message)
        }
    }

    private static func shape(_ path: String) -> Failure {
        Failure(
            "\(path) must be {\"starts\": [node, …], \"pairs\": [[node, node], …], "
                + "\"typed\": [[node, type], …]}."
        )
    }
}
