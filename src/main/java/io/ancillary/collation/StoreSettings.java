package io.ancillary.collation;

import java.time.Duration;

/**
 * What every replica of one Redis must agree on, or nearly.
 *
 * @param partitions how many there are
 * @param beat how often each replica says that it lives
 * @param lease after how much silence its work is taken over
 * @param retention how long finished work stays visible
 * @param deadRetention how long a dead letter does
 */
public record StoreSettings(int partitions, Duration beat, Duration lease, Duration retention, Duration deadRetention) {
}
