package io.ancillary.pipeline;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Collated;
import io.ancillary.collation.Completion;
import io.ancillary.collation.Settlement;

/**
 * What happens in the engine, for whoever counts it. For each flow and process:
 * {@code accepted + adopted = added + ended + parked + late + stale + lost + dropped + given + held}.
 */
public interface EngineEvents {

    /** An intake call was answered. */
    void answered(String flow, Acceptance acceptance);

    /** A part was found in this replica's journal that it did not hold. */
    void adopted(String flow);

    /** So many parts were given up because another replica has them now. */
    void dropped(String flow, int parts);

    /** So many parts were given to a replica that has less to do. */
    void given(String flow, int parts);

    /** A part left this replica. */
    void collated(String flow, Collated collated);

    /** An output came for a part that was put off, or should have been. */
    void completed(String flow, Completion completion);

    /** A part had another turn, because nothing came of the one before. */
    void repeated(String flow);

    /** A turn at a delivery ended. */
    void settled(String flow, Settlement settlement);

    /** Work of a silent replica was moved here. */
    void tookOver();

    /** Counts nothing. */
    EngineEvents NONE = new EngineEvents() {
        @Override
        public void answered(String flow, Acceptance acceptance) {
            // Nobody counts.
        }

        @Override
        public void adopted(String flow) {
            // Nobody counts.
        }

        @Override
        public void dropped(String flow, int parts) {
            // Nobody counts.
        }

        @Override
        public void given(String flow, int parts) {
            // Nobody counts.
        }

        @Override
        public void collated(String flow, Collated collated) {
            // Nobody counts.
        }

        @Override
        public void completed(String flow, Completion completion) {
            // Nobody counts.
        }

        @Override
        public void repeated(String flow) {
            // Nobody counts.
        }

        @Override
        public void settled(String flow, Settlement settlement) {
            // Nobody counts.
        }

        @Override
        public void tookOver() {
            // Nobody counts.
        }
    };
}
