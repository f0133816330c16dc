// Text of unknown origin on its way to a terminal.

extension String {
    /// The text, with what would steer a terminal put so that it is seen and steers nothing; line
    /// ends and tabs stay.
    package var shown: String {
        func isSteering(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
        }
        guard unicodeScalars.contains(where: isSteering) else { return self }
        var shown = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            guard isSteering(scalar) else {
                shown.append(scalar)
                continue
            }
            // The pictures of the first 32, and of delete; the others have none.
            let picture = scalar.value == 0x7f ? 0x21 : scalar.value
            shown.append(
                picture < 0x22 ? Unicode.Scalar(0x2400 + picture) ?? "\u{fffd}" : "\u{fffd}"
            )
        }
        return String(shown)
    }
}
