package io.ancillary.bench;

import org.HdrHistogram.Histogram;

/**
 * One measurement.
 *
 * @param things how many packets, or sessions, were sent
 * @param serviceMicros of CPU, for all of them
 * @param redisMicros the same
 * @param refused how many requests were turned away, and sent again
 * @param latency of the requests, in nanoseconds
 */
record Sample(int things, double seconds, double serviceMicros, double redisMicros, double scriptCalls,
        double allocatedBytes, long refused, Histogram latency) {

    double perSecond() {
        return things / seconds;
    }

    /** CPU of the service, microseconds a thing. */
    double service() {
        return serviceMicros / things;
    }

    double redis() {
        return redisMicros / things;
    }

    double all() {
        return service() + redis();
    }
}
