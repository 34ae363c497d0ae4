package io.ancillary.bench;

/** A measurement, and the one of the bare endpoint just before it. */
record Pair(Sample sample, Sample bare) {

    double ratio() {
        return sample.all() / bare.all();
    }
}
