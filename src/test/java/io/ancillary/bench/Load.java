package io.ancillary.bench;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntFunction;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;

/** Load over so many connections. */
final class Load implements AutoCloseable {
    private static final int CONNECTIONS = 64;
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final HttpClient client;
    private final int port;

    Load(Vertx vertx, int port) {
        this.client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(CONNECTIONS).setKeepAlive(true));
        this.port = port;
    }

    /**
     * In a closed loop, each connection sending its next request when the last was answered, until all are answered
     * with 202.
     *
     * @param bodies the body of the n-th request
     */
    void send(String path, int requests, IntFunction<Buffer> bodies) throws InterruptedException {
        Run run = new Run(path, requests, bodies);
        for (int i = 0; i < CONNECTIONS; i++) {
            run.next();
        }
        run.awaitAccepted();
    }

    /** In an open loop: each request when it is due, whatever became of those before it. */
    void send(String path, int requests, IntFunction<Buffer> bodies, Pace pace) throws InterruptedException {
        Run run = new Run(path, requests, bodies);
        for (int n = 0; n < requests; n++) {
            pace.awaitDue(n);
            run.send(n, run::count);
        }
        run.awaitAccepted();
    }

    @Override
    public void close() {
        client.close();
    }

    private final class Run {
        private final RequestOptions options;
        private final int requests;
        private final IntFunction<Buffer> bodies;
        private final AtomicInteger sent = new AtomicInteger();
        private final AtomicInteger answered = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();
        private final CountDownLatch done = new CountDownLatch(1);

        Run(String path, int requests, IntFunction<Buffer> bodies) {
            this.options = new RequestOptions().setMethod(HttpMethod.POST).setHost("localhost").setPort(port).setURI(path)
                    .putHeader("content-type", "application/json");
            this.requests = requests;
            this.bodies = bodies;
        }

        void next() {
            int n = sent.getAndIncrement();
            if (n < requests) {
                send(n, accepted -> {
                    count(accepted);
                    next();
                });
            }
        }

        void send(int n, Consumer<Boolean> answered) {
            client.request(options).compose(request -> request.send(bodies.apply(n)))
                    .onComplete(answer -> answered.accept(answer.succeeded() && answer.result().statusCode() == 202));
        }

        private void count(boolean accepted) {
            if (!accepted) {
                refused.incrementAndGet();
            }
            if (answered.incrementAndGet() == requests) {
                done.countDown();
            }
        }

        void awaitAccepted() throws InterruptedException {
            if (!done.await(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("only " + answered + " of " + requests + " were answered");
            }
            if (refused.get() > 0) {
                throw new AssertionError(refused + " of " + requests + " were not answered with 202");
            }
        }
    }
}
