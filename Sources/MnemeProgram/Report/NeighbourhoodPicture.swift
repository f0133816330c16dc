// The neighbourhood of a record, drawn: records on rings, edges by type, each with its direction.

internal import Mneme
internal import MnemeCommandLine

/// Draws a neighbourhood.
struct NeighbourhoodPicture: Sendable {
    private let found: Neighbourhood
    private let layout: RadialLayout
    private let types: [String]
    private let places: [Reference: Int]

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
        // Between the same records edges lie beside each other.
        var seen: [Set<Int>: Int] = [:]
        let edges = found.edges.map { edge in
            let pair = Set([places[edge.from] ?? 0, places[edge.to] ?? 0])
            defer { seen[pair, default: 0] += 1 }
            return self.edge(edge, number: seen[pair] ?? 0)
        }
        let picture = Markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": "wide", "role": "img",
                "viewBox": box.joined(separator: " "), "aria-labelledby": "t-around",
            ],
            [.element("title", ["id": "t-around"], title), heads] + edges
                + found.nodes.indices.reversed().map(node)
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

    private func edge(_ edge: Edge, number: Int) -> Markup {
        let (from, to) = (places[edge.from] ?? 0, places[edge.to] ?? 0)
        let place = types.firstIndex(of: edge.type) ?? 0
        let colour = place % Self.colours
        let curve = EdgeCurve(layout.spots[from], layout.spots[to], number: number)
        let hasDirection = !found.undirected.contains(edge.type)
        let path = Markup.element(
            "path",
            [
                "class": "edge e\(colour)", "d": curve.path, "stroke-dasharray": dashes(place),
                "marker-end": hasDirection ? "url(#head\(colour))" : "none",
            ],
            [.element("title", [:], "\(edge.from) \(edge.type) \(edge.to)")]
        )
        guard found.edges.count <= Self.labelledEdges else { return path }
        return .parts([
            path,
            .element(
                "text",
                [
                    "class": "soft halo", "x": SeriesPicture.place(curve.middle.x),
                    "y": SeriesPicture.place(curve.middle.y - 3), "text-anchor": "middle",
                ],
                TextFlow.shortened(edge.type, to: Self.labelLength)
            ),
        ])
    }

    private func node(_ place: Int) -> Markup {
        let (node, spot) = (found.nodes[place], layout.spots[place])
        let isStart = place == 0
        // Text that would stand on its head is turned, and ends where it else begins.
        let isLeft = spot.angle > 90 && spot.angle < 270
        let turn = isStart ? 0 : isLeft ? spot.angle - 180 : spot.angle
        let (x, y) = (SeriesPicture.place(spot.x), SeriesPicture.place(spot.y))
        let words = node.words.isEmpty ? "" : ": \(node.words)"
        let label = TextFlow.shortened(node.reference.key.description, to: Self.labelLength)
        return .element(
            "g",
            [:],
            [
                .element("title", [:], "\(node.reference)\(words)"),
                .element(
                    "circle",
                    [
                        "class": isStart ? "start" : "node", "cx": x, "cy": y,
                        "r": isStart ? "9" : "5",
                    ]
                ),
                .element(
                    "text",
                    [
                        "class": "halo", "x": SeriesPicture.place(spot.x + shift(isStart, isLeft)),
                        "y": SeriesPicture.place(spot.y + (isStart ? -15 : 4)),
                        "text-anchor": isStart ? "middle" : isLeft ? "end" : "start",
                        "transform": "rotate(\(SeriesPicture.place(turn)) \(x) \(y))",
                    ],
                    label
                ),
            ]
        )
    }

    private func shift(_ isStart: Bool, _ isLeft: Bool) -> Double {
        isStart ? 0 : isLeft ? -10 : 10
    }
}

/// The way of an edge from one spot to another, ending before it.
private struct EdgeCurve {
    /// As SVG has it.
    let path: String
    /// Where its type is written.
    let middle: (x: Double, y: Double)

    /// `number`: how many edges between the same two are drawn before it.
    init(_ start: RadialLayout.Spot, _ end: RadialLayout.Spot, number: Int) {
        func shown(_ x: Double, _ y: Double) -> String {
            "\(SeriesPicture.place(x)) \(SeriesPicture.place(y))"
        }
        let (across, down) = (end.x - start.x, end.y - start.y)
        let length = (across * across + down * down).squareRoot()
        guard length > 1 else {
            // From a record to itself.
            let size = 26 + 10 * Double(number)
            path =
                "M\(shown(start.x - 5, start.y + 6))C\(shown(start.x - size, start.y + size * 1.5))"
                + " \(shown(start.x + size, start.y + size * 1.5))"
                + " \(shown(start.x + 5, start.y + 9))"
            middle = (start.x, start.y + size + 6)
            return
        }
        // Bent to its left, the more the more there are.
        let bend = number == 0 ? 0.06 * length : (0.06 + 0.12 * Double(number)) * length
        let control = (
            x: (start.x + end.x) / 2 + down / length * bend,
            y: (start.y + end.y) / 2 - across / length * bend
        )
        let (toX, toY) = (control.x - end.x, control.y - end.y)
        let rest = max(1, (toX * toX + toY * toY).squareRoot())
        let tip = (x: end.x + toX / rest * 10, y: end.y + toY / rest * 10)
        path =
            "M\(shown(start.x, start.y))Q\(shown(control.x, control.y)) \(shown(tip.x, tip.y))"
        middle = (
            x: (start.x + 2 * control.x + end.x) / 4, y: (start.y + 2 * control.y + end.y) / 4
        )
    }
}
