package io.ancillary.delivery;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

import io.ancillary.collation.Delivery;
import io.ancillary.collation.Settlement;
import io.smallrye.mutiny.Uni;

/** Takes turns at deliveries. */
public interface Deliverer {

    /**
     * Makes one attempt when it is this delivery's turn at its endpoint, or none.
     *
     * @param body made when it is its turn; empty when there is nothing to deliver after all
     * @return what came of it; empty without a body. Fails only as the body does when the store is away.
     */
    Uni<Optional<Settlement>> deliver(Delivery delivery, Target target, Supplier<Uni<Optional<Body>>> body);

    /** What becomes of a delivery of which nobody says where it should go. */
    Settlement nowhere(Delivery delivery);

    /** How long the first attempt is to wait. */
    Duration untilFirst();

    /** How many more deliveries may be brought. */
    int room();

    /** Lets nothing wait for its turn any more: what would have to is postponed. */
    void drain();
}
