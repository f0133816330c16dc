// The neighbourhood of a record, drawn: records on rings, edges by type, each with its direction.

internal import Mneme
internal import MnemeCommandLine

/// Draws a neighbourhood.
struct NeighbourhoodPicture: Sendable {
    private let found: Neighbourhood
    private let layout: RadialLayout
    private let types: [String]
    private let places: [Reference: Int]
    private let strands: [Strand]

    /// Edges of one type between the same two records, drawn as one.
    private struct Strand {
        /// The first of them.
        let edge: Edge
        var count = 1
    }

    /// Colours of types; those behind them have the same ones again, dashed.
    private static let colours = 6
    /// Edges have their types written on them where there are no more than so many.
    private static let labelledEdges = 16
    private static let labelLength = 20
    /// Room around the outermost ring, for labels.
    private static let margin = 165.0

    init(_ found: Neighbourhood) {
        self.found = found
        layout = RadialLayout(found.nodes.map(\.parent))
        types = found.types
        places = found.places
        strands = Self.strands(found)
    }

    /// The edges as they are drawn; direction tells two apart where the type has one.
    private static func strands(_ found: Neighbourhood) -> [Strand] {
        var strands: [Strand] = []
        var known: [[String]: Int] = [:]
        for edge in found.edges {
            let ends = [edge.from.description, edge.to.description]
            let isDirected = !found.undirected.contains(edge.type)
            let name = [edge.type] + (isDirected ? ends : ends.sorted())
            if let place = known[name] {
                strands[place].count += 1
            } else {
                known[name] = strands.count
                strands.append(Strand(edge: edge))
            }
        }
        return strands
    }

    /// What is pictured, for those who do not see it.
    var title: String {
        "\(found.nodes[0].reference) with \(Figures.count(found.nodes.count - 1, "record")) "
            + "around it and \(Figures.count(found.edges.count, "edge"))"
    }

    /// The picture, which scrolls by itself, and the types below it.
    var markup: Markup {
        let half = layout.radius + Self.margin
        let box = [-half, -half, 2 * half, 2 * half].map(SeriesPicture.place)
        // Between the same records edges lie beside each other, and share a label.
        var names: [[Int]: [String]] = [:]
        var labelled: [(pair: [Int], middle: (x: Double, y: Double))] = []
        let edges = strands.map { strand in
            let pair = [places[strand.edge.from] ?? 0, places[strand.edge.to] ?? 0].sorted()
            let curve = curve(strand, number: names[pair]?.count ?? 0)
            if names[pair] == nil { labelled.append((pair, curve.middle)) }
            names[pair, default: []].append(name(strand))
            return path(strand, curve)
        }
        let labels = labelled.compactMap { pair, middle -> Markup? in
            let name = (names[pair] ?? []).filter { !$0.isEmpty }.joined(separator: ", ")
            guard !name.isEmpty else { return nil }
            return .element(
                "text",
                [
                    "class": "soft halo", "x": SeriesPicture.place(middle.x),
                    "y": SeriesPicture.place(middle.y - 3), "text-anchor": "middle",
                ],
                name
            )
        }
        // What is drawn later lies above.
        let nodes = found.nodes.indices.reversed()
        let picture = Markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": "wide", "role": "img",
                "viewBox": box.joined(separator: " "), "aria-labelledby": "t-around",
            ],
            [.element("title", ["id": "t-around"], title), heads] + edges + labels
                + nodes.map(circle) + nodes.map(label)
        )
        return .element(
            "figure",
            [:],
            [
                .element(
                    "div",
                    ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": title],
                    [picture]
                ),
                .element("figcaption", [:], types.indices.map(legend)),
            ]
        )
    }

    // MARK: Parts

    /// The heads of arrows, one for each colour.
    private var heads: Markup {
        .element(
            "defs",
            [:],
            (0..<Self.colours).map { colour in
                .element(
                    "marker",
                    [
                        "id": "head\(colour)", "viewBox": "0 0 8 8", "refX": "7", "refY": "4",
                        "markerWidth": "7", "markerHeight": "7", "orient": "auto",
                    ],
                    [.element("path", ["class": "f\(colour)", "d": "M0 0L8 4L0 8Z"])]
                )
            }
        )
    }

    private func legend(_ place: Int) -> Markup {
        let line = Markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": "key", "viewBox": "0 0 28 8",
                "aria-hidden": "true",
            ],
            [
                .element(
                    "line",
                    [
                        "class": "edge e\(place % Self.colours)", "x1": "0", "y1": "4",
                        "x2": "28", "y2": "4", "stroke-dasharray": dashes(place),
                    ]
                )
            ]
        )
        let count = found.edges.count { $0.type == types[place] }
        let words = "\(types[place]) (\(Figures.count(count)))"
        return .element("span", ["class": "legend"], [line, .words(words)])
    }

    private func dashes(_ place: Int) -> String { place < Self.colours ? "none" : "5 3" }

    private func curve(_ strand: Strand, number: Int) -> EdgeCurve {
        let (from, to) = (places[strand.edge.from] ?? 0, places[strand.edge.to] ?? 0)
        return EdgeCurve(layout.spots[from], layout.spots[to], number: number)
    }

    /// What is written on it: its type where there is room, and of how many edges it is.
    private func name(_ strand: Strand) -> String {
        let isNamed = strands.count <= Self.labelledEdges
        let type = isNamed ? TextFlow.shortened(strand.edge.type, to: Self.labelLength) : ""
        return [type, times(strand)].filter { !$0.isEmpty }.joined(separator: " ")
    }

    private func times(_ strand: Strand) -> String {
        strand.count > 1 ? "×\(Figures.count(strand.count))" : ""
    }

    private func path(_ strand: Strand, _ curve: EdgeCurve) -> Markup {
        let edge = strand.edge
        let place = types.firstIndex(of: edge.type) ?? 0
        let colour = place % Self.colours
        let hasDirection = !found.undirected.contains(edge.type)
        let title = "\(edge.from) \(edge.type) \(edge.to) \(times(strand))"
        return .element(
            "path",
            [
                "class": "edge e\(colour)", "d": curve.path, "stroke-dasharray": dashes(place),
                "marker-end": hasDirection ? "url(#head\(colour))" : "none",
            ],
            [.element("title", [:], TextFlow.shortened(title, to: .max))]
        )
    }

    /// What is shown of a record where somebody points at it.
    private func words(_ node: Neighbourhood.Node) -> Markup {
        let words = node.words.isEmpty ? "" : ": \(node.words)"
        return .element("title", [:], "\(node.reference)\(words)")
    }

    private func circle(_ place: Int) -> Markup {
        let (node, spot) = (found.nodes[place], layout.spots[place])
        return .element(
            "circle",
            [
                "class": place == 0 ? "start" : "node", "cx": SeriesPicture.place(spot.x),
                "cy": SeriesPicture.place(spot.y), "r": place == 0 ? "9" : "5",
            ],
            [words(node)]
        )
    }

    private func label(_ place: Int) -> Markup {
        let (node, spot) = (found.nodes[place], layout.spots[place])
        let isStart = place == 0
        // Beside the edges that lead on from it, and not on them.
        let isInner = found.nodes.contains { $0.parent == place }
        let rise = isStart ? -15.0 : isInner ? -8 : 4
        // Text that would stand on its head is turned, and ends where it else begins.
        let isLeft = spot.angle > 90 && spot.angle < 270
        let turn = isStart ? 0 : isLeft ? spot.angle - 180 : spot.angle
        let (x, y) = (SeriesPicture.place(spot.x), SeriesPicture.place(spot.y))
        let label = TextFlow.shortened(node.reference.key.description, to: Self.labelLength)
        return .element(
            "text",
            [
                "class": "halo", "x": SeriesPicture.place(spot.x + shift(isStart, isLeft)),
                "y": SeriesPicture.place(spot.y + rise),
                "text-anchor": isStart ? "middle" : isLeft ? "end" : "start",
                "transform": "rotate(\(SeriesPicture.place(turn)) \(x) \(y))",
            ],
            [words(node), .words(label)]
        )
    }

    private func shift(_ isStart: Bool, _ isLeft: Bool) -> Double {
        isStart ? 0 : isLeft ? -10 : 10
    }
}
