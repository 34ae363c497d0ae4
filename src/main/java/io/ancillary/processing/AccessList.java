package io.ancillary.processing;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Which driver may charge at which station. All replicas share one list: what is changed here is asked by all
 * from then on.
 */
public interface AccessList {

    /** The built-in authorization service. An empty list allows nobody. */
    CompletionStage<Verdict> decide(String stationId, String driverToken);

    CompletionStage<Optional<Entry>> find(String stationId);

    /** Puts an entry in, in place of what the station had. */
    CompletionStage<Void> put(String stationId, Entry entry);

    /** Takes a station's entry out; false when it had none. */
    CompletionStage<Boolean> remove(String stationId);

    /** What the list says of a driver at a station. */
    enum Verdict {
        /** The station's entry holds the driver's token, or allows everybody. */
        ALLOWED,
        /** It does not, but another station's does. */
        NOT_ALLOWED,
        /** Nobody knows the token. */
        INVALID
    }

    /**
     * Who may charge at one station.
     *
     * @param everybody whether any driver may
     * @param driverTokens who else may; empty when everybody may
     */
    record Entry(boolean everybody, Set<String> driverTokens) {

        public Entry {
            driverTokens = Set.copyOf(driverTokens);
        }
    }
}
