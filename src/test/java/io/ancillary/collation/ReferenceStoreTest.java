package io.ancillary.collation;

import java.time.Duration;
import java.time.Instant;

import io.ancillary.testsupport.ManualClock;

class ReferenceStoreTest extends CollationStoreContract {
    private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final ReferenceStore store = new ReferenceStore(clock, SETTINGS);

    @Override
    protected CollationStore emptyStore() {
        return store;
    }

    @Override
    public CollationStore storeSetTo(int partitions) {
        return store.sharing(
                new StoreSettings(partitions, SETTINGS.beat(), SETTINGS.lease(), SETTINGS.retention(),
                        SETTINGS.deadRetention()));
    }

    @Override
    public void advance(Duration by) {
        clock.advance(by);
    }
}
