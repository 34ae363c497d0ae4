package io.ancillary.bench;

import org.HdrHistogram.Histogram;

/**
 * What can be measured.
 *
 * @param things how many packets, or sessions, are sent
 */
record Work(int things, Job job) {

    /** Gives how long its requests took, in nanoseconds. */
    Histogram run() throws InterruptedException {
        return job.run();
    }

    /** Does it. */
    interface Job {
        Histogram run() throws InterruptedException;
    }
}
