package io.ancillary.bench;

import org.HdrHistogram.Histogram;

/**
 * What can be measured.
 *
 * @param things how many packets, or sessions, are sent
 * @param kept whether all of it must be in the journal afterwards, since nothing comes of it that could be checked
 */
record Work(int things, boolean kept, Job job) {

    Work(int things, Job job) {
        this(things, false, job);
    }

    /** Gives how long its requests took, in nanoseconds. */
    Histogram run() throws InterruptedException {
        return job.run();
    }

    /** Does it. */
    interface Job {
        Histogram run() throws InterruptedException;
    }
}
