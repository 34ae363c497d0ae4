package io.ancillary.bench;

/** How fast a service does what it does, and what that costs the service and Redis. */
record Meter(ProcessCpu service, ProcessCpu redis) {

    Meter(long service, long redis) {
        this(new ProcessCpu(service), new ProcessCpu(redis));
    }

    /**
     * Measures work.
     *
     * @param things how many things it does
     */
    Figures of(int things, Work work) throws InterruptedException {
        long serviceBefore = service.micros();
        long redisBefore = redis.micros();
        long began = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Figures(things / seconds, (service.micros() - serviceBefore) / (double) things,
                (redis.micros() - redisBefore) / (double) things);
    }

    interface Work {
        void run() throws InterruptedException;
    }

    /**
     * Of each thing, on average.
     *
     * @param service CPU time in microseconds
     * @param redis the same
     */
    record Figures(double perSecond, double service, double redis) {

        double all() {
            return service + redis;
        }
    }
}
