// How an edge of a drawn neighbourhood bends on its way from one record to another.

/// The way of an edge from one spot to another, ending before it.
struct EdgeCurve {
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
