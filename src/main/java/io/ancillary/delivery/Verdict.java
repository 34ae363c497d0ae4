package io.ancillary.delivery;

/** What an attempt says of its endpoint. */
enum Verdict {
    /** It takes what it is given. */
    WELL,
    /** It answers, and would not have this one: that need not be its fault. */
    ALIVE,
    /** It asks to be given less. */
    BUSY,
    /** It does not answer, or with an error of its own. */
    FAILING,
    /** Nothing: it was never asked. */
    UNKNOWN
}
