// The kinds of pointers between synsets: wninput(5WN), "Pointers".

/// A kind of pointer, by the name of its edges.
enum PointerType: String, CaseIterable, Sendable {
    case antonym
    case hypernym
    case instanceHypernym = "instance_hypernym"
    case hyponym
    case instanceHyponym = "instance_hyponym"
    case memberHolonym = "member_holonym"
    case substanceHolonym = "substance_holonym"
    case partHolonym = "part_holonym"
    case memberMeronym = "member_meronym"
    case substanceMeronym = "substance_meronym"
    case partMeronym = "part_meronym"
    case attribute
    case derivation
    case domainTopic = "domain_topic"
    case memberTopic = "member_topic"
    case domainRegion = "domain_region"
    case memberRegion = "member_region"
    case domainUsage = "domain_usage"
    case memberUsage = "member_usage"
    case entailment
    case cause
    case alsoSee = "also_see"
    case verbGroup = "verb_group"
    case similarTo = "similar_to"
    case participle
    case pertainym

    /// The kind that a symbol of the files stands for; nil when it is none.
    init?(symbol: String) {
        switch symbol {
        case "!": self = .antonym
        case "@": self = .hypernym
        case "@i": self = .instanceHypernym
        case "~": self = .hyponym
        case "~i": self = .instanceHyponym
        case "#m": self = .memberHolonym
        case "#s": self = .substanceHolonym
        case "#p": self = .partHolonym
        case "%m": self = .memberMeronym
        case "%s": self = .substanceMeronym
        case "%p": self = .partMeronym
        case "=": self = .attribute
        case "+": self = .derivation
        case ";c": self = .domainTopic
        case "-c": self = .memberTopic
        case ";r": self = .domainRegion
        case "-r": self = .memberRegion
        case ";u": self = .domainUsage
        case "-u": self = .memberUsage
        case "*": self = .entailment
        case ">": self = .cause
        case "^": self = .alsoSee
        case "$": self = .verbGroup
        case "&": self = .similarTo
        case "<": self = .participle
        case "\\": self = .pertainym
        default: return nil
        }
    }
}
