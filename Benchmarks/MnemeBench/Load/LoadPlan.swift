// How many connections send how much for how long.

/// How a load is sent.
struct LoadPlan {
    var connections = 16
    /// Tasks that a connection keeps in flight, where there is no rate.
    var depth = 1
    /// Tasks a second over all connections; nil for as many as are answered.
    var rate: Int?
    var arrivals = LoadArrivals.poisson
    /// How long is measured; a work that ends by itself may end before.
    var seconds = 10.0
    /// Seconds of the same load before anything is counted.
    var warmUpSeconds = 1.0
    /// Whether a connection that is lost is made again, and what is due meanwhile held for it.
    var reconnects = false
    /// How long answers are waited for at the end, and a connection at the beginning.
    var patienceSeconds = 10.0
    var seed: UInt64 = 1
}
