package io.ancillary.collation;

import java.util.List;

/**
 * A page of what a collation ended with. Over all pages: the outputs in index order, and behind them the failures in
 * index order. What was received and is in neither had not been finished by the deadline.
 *
 * @param of the collation as it ended
 * @param next where the next page begins; {@link #NONE} behind the last
 */
public record OutcomePage(Snapshot of, List<Collected> results, int next) {
    public static final int NONE = -1;

    public boolean isLast() {
        return next == NONE;
    }
}
