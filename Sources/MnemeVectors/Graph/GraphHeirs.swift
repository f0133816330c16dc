// What takes the place of copies that are gone. A tree of copies that loses some of its nodes falls
// into parts; the uppermost of each part, the heirs, are put together again as a tree, below what
// is left above them. Where the root is gone the first heir is the root from then on, and links to
// the old one lead there. Who the heirs are is said by the links of nodes that are gone alone,
// which do not change meanwhile: so nodes can be mended in any order, a part at a time.

/// Nodes that are being taken out of a graph, and who takes the place of copies among them.
///
/// Used by one thread at a time, as long as the links of the nodes are as they were.
final class GraphLeaving {
    /// The nodes.
    let gone: Set<UInt32>
    private var families: [UInt32: Family] = [:]

    /// Copies that are gone and were linked with each other, and those around them.
    private struct Family {
        /// The uppermost that is gone.
        let top: UInt32
        /// What the uppermost hung below; nil where it was the root.
        let above: UInt32?
        /// Those that hung below one that is gone, the uppermost first.
        var heirs: [UInt32] = []
        var places: [UInt32: Int] = [:]
    }

    /// What a node that hung below one that is gone gets in its place.
    struct Inheritance {
        /// What it hangs below; nil for a root.
        var up: UInt32?
        /// What hangs below it besides.
        var copies: [UInt32] = []
        /// The root whose links to others it takes over.
        var root: UInt32?
    }

    init(_ gone: Set<UInt32>) { self.gone = gone }

    func contains(_ node: UInt32) -> Bool { gone.contains(node) }

    /// What a node that hangs below `up`, which is gone, gets in its place.
    func inheritance<Nodes: GraphNodes>(
        of node: UInt32,
        below up: UInt32,
        in graph: Nodes
    ) throws(Nodes.Failure) -> Inheritance {
        let family = try family(of: up, graph)
        guard let place = family.places[node] else {
            // The two of a root that was linked to nobody else lead to one another.
            guard family.above == node else { return Inheritance(up: family.heirs.first) }
            return Inheritance(up: family.heirs.first, root: family.top)
        }
        var own = Inheritance()
        for child in [2 * place + 1, 2 * place + 2] where child < family.heirs.count {
            own.copies.append(family.heirs[child])
        }
        own.up = place > 0 ? family.heirs[(place - 1) / 2] : family.above
        if own.up == nil { own.root = family.top }
        return own
    }

    /// What hangs below a node in the place of a copy that is gone.
    func heir<Nodes: GraphNodes>(
        of copy: UInt32,
        below node: UInt32,
        in graph: Nodes
    ) throws(Nodes.Failure) -> UInt32? {
        let family = try family(of: copy, graph)
        return family.above == node ? family.heirs.first : nil
    }

    /// A copy that links to one that is gone lead to in its place.
    func other<Nodes: GraphNodes>(
        than node: UInt32,
        in graph: Nodes
    ) throws(Nodes.Failure) -> UInt32? {
        let family = try family(of: node, graph)
        return family.above ?? family.heirs.first
    }

    private func family<Nodes: GraphNodes>(
        of node: UInt32,
        _ graph: Nodes
    ) throws(Nodes.Failure) -> Family {
        var above: UInt32?
        var (last, top) = (node, node)
        // No way up is longer, unless the pages are damaged.
        for _ in 0..<gone.count {
            guard let up = try graph.linkList(top).first, try graph.isCopy(up, of: top) else {
                break
            }
            if !gone.contains(up) {
                above = up
                break
            }
            if up == last, last != top {
                top = min(top, up)
                break
            }
            (last, top) = (top, up)
        }
        if let known = families[top] { return known }
        var family = Family(top: top, above: above)
        var seen: Set<UInt32> = [top]
        var met = [top]
        var next = 0
        while next < met.count {
            for link in try graph.linkList(met[next]) where link != above {
                guard try graph.isCopy(link, of: met[next]), seen.insert(link).inserted else {
                    continue
                }
                if gone.contains(link) {
                    met.append(link)
                } else {
                    family.places[link] = family.heirs.count
                    family.heirs.append(link)
                }
            }
            next += 1
        }
        families[top] = family
        return family
    }
}
