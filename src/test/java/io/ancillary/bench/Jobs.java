package io.ancillary.bench;

import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

import org.HdrHistogram.Histogram;

import io.ancillary.bench.Packets.Words;
import io.ancillary.testsupport.Api;

/**
 * What a service can be loaded with, each time with ids that were not there before. A whole job ends when the last webhook
 * has come, and fails unless each came as it must.
 */
final class Jobs {
    static final int CONNECTIONS = 64;
    /** Too few for any to be turned away, however late a cold service is with them. */
    private static final int FEW_CONNECTIONS = 8;
    private static final String BARE = "/bench/bare";
    private static final String BARE_EXPRESS = "/bench/bare-express";
    private static final String MANY = "/api/v1/ancillary/packets";
    static final int PACKETS_A_BODY = 5_000;
    /** Others may have used a given Redis before. */
    private static final String RUN = Integer.toString(ThreadLocalRandom.current().nextInt(36 * 36 * 36, 36 * 36 * 36 * 36),
            36);
    private static final AtomicInteger BATCHES = new AtomicInteger();

    private final Rig rig;
    private final int connections;

    Jobs(Rig rig) {
        this(rig, CONNECTIONS);
    }

    private Jobs(Rig rig, int connections) {
        this.rig = rig;
        this.connections = connections;
    }

    /** Over few connections. */
    static Jobs gentle(Rig rig) {
        return new Jobs(rig, FEW_CONNECTIONS);
    }

    /** An id's beginning that nothing else has. */
    static String newPrefix() {
        return String.format(Locale.ROOT, "%s%03d-", RUN, BATCHES.incrementAndGet());
    }

    /** Packets that are read and judged and not kept. */
    Work bare(int packets) {
        return new Work(packets, () -> send(BARE, new Packets(newPrefix(), 10), packets));
    }

    /** The same, by the way past JAX-RS that the intake has. */
    Work bareExpress(int packets) {
        return new Work(packets, () -> send(BARE_EXPRESS, new Packets(newPrefix(), 10), packets));
    }

    /** Packets that are accepted and kept, and of which nothing may come. */
    Work intake(int packets) {
        return new Work(packets, true, () -> {
            Receipts none = rig.expect(Receipts.none());
            Histogram latency = send(Api.PACKETS, Packets.open(newPrefix(), 10, Words.HUNDRED_BYTES), packets);
            none.awaitAll();
            return latency;
        });
    }

    Work wholeJob(int packets, int aResource) {
        return wholeJob(packets, aResource, Words.HUNDRED_BYTES);
    }

    Work wholeJob(int packets, int aResource, Words words) {
        return new Work(packets, () -> {
            Packets all = new Packets(newPrefix(), aResource, words, true);
            Receipts receipts = expect(all, packets);
            Histogram latency = send(Api.PACKETS, all, packets);
            receipts.awaitAll();
            return latency;
        });
    }

    /** The same, of bodies with 5,000 packets each, which is what each answer's time is for. */
    Work bulk(int packets, int connections) {
        return new Work(packets, () -> {
            Packets all = new Packets(newPrefix(), 10);
            Receipts receipts = expect(all, packets);
            Histogram latency = sendMany(all, packets, connections);
            receipts.awaitAll();
            return latency;
        });
    }

    /** Sessions until each has been called back by itself, under the id that its answer told. */
    Work sessions(int count) {
        return new Work(count, () -> {
            Sessions all = new Sessions(newPrefix(), rig.receiverUrl());
            Receipts receipts = rig.expect(new Receipts(count, all::numberOf));
            String[] locations = new String[count];
            Histogram latency = rig.load().closedLoop(Requests.json(Api.SESSION, count, all::request, (n, answer) -> {
                locations[n] = answer.header("location");
                return answer.status() == 202;
            }), connections);
            receipts.awaitAll();
            for (int n = 0; n < count; n++) {
                if (!locations[n].endsWith("/charge_point/sessions/" + receipts.id(n))) {
                    throw new AssertionError(locations[n] + " was called back as " + receipts.id(n));
                }
            }
            return latency;
        });
    }

    /** Sends packets of which no webhook may come, in bulk; who expects others next fails when one came by then. */
    void accept(Packets packets, int count) throws InterruptedException {
        rig.expect(Receipts.none());
        sendMany(packets, count, 1);
    }

    Receipts expect(Packets packets, int count) {
        return rig.expect(new Receipts(count / packets.aResource(), packets::resourceOf));
    }

    private Histogram send(String path, Packets packets, int count) throws InterruptedException {
        return rig.load().closedLoop(Requests.json(path, count, packets::packet), connections);
    }

    private Histogram sendMany(Packets packets, int count, int connections) throws InterruptedException {
        int each = Math.min(count, PACKETS_A_BODY);
        if (count % each != 0) {
            throw new IllegalArgumentException(count + " packets do not fill bodies of " + each);
        }
        String taken = "{\"accepted\":" + each + ",\"duplicates\":0,\"rejected_count\":0,\"rejected\":[]}";
        return rig.load().closedLoop(new Requests(MANY, "application/x-ndjson", count / each,
                n -> packets.lines(n * each, each),
                (n, answer) -> answer.status() == 200 && answer.body().equals(taken)), connections);
    }
}
