package io.ancillary.delivery;

import java.util.Optional;
import java.util.function.Supplier;

import io.ancillary.collation.Delivery;
import io.ancillary.collation.Settlement;
import io.smallrye.mutiny.Uni;

/** Takes one turn at a delivery. */
@FunctionalInterface
public interface Deliverer {

    /**
     * Never fails; how the turn ended is in the settlement, also when the letter could not be written.
     *
     * @param letter empty when nobody said where it should go
     */
    Uni<Settlement> deliver(Delivery delivery, Supplier<Optional<Letter>> letter);
}
