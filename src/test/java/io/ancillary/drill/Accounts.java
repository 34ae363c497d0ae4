package io.ancillary.drill;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * Every packet of a drill: when it was acknowledged, and what came of its resource. The packets of resource n have
 * payloads that say whose they are, so that an output in the wrong place is seen.
 */
final class Accounts {
    private static final int USUAL_PACKETS_A_RESOURCE = 10;

    private final Map<Integer, Set<Integer>> acknowledged = new ConcurrentHashMap<>();
    private final Map<Integer, Long> wholeSince = new ConcurrentHashMap<>();
    private final Map<Integer, Long> deliveredAt = new ConcurrentHashMap<>();
    private final Map<Integer, Set<String>> ids = new ConcurrentHashMap<>();
    private final List<String> wrong = new ArrayList<>();
    private final AtomicInteger packets = new AtomicInteger();
    private final AtomicInteger repeatedDeliveries = new AtomicInteger();

    private final int packetsAResource;
    private final int payloadSize;

    Accounts() {
        this(0);
    }

    /**
     * @param payloadSize how long payloads are at least: the shorter ones have a last word that fills them up
     */
    Accounts(int payloadSize) {
        this(USUAL_PACKETS_A_RESOURCE, payloadSize);
    }

    Accounts(int packetsAResource, int payloadSize) {
        this.packetsAResource = packetsAResource;
        this.payloadSize = payloadSize;
    }

    int packetsAResource() {
        return packetsAResource;
    }

    /** The n-th packet of all, as JSON. */
    String packet(int n) {
        int index = index(n);
        // Put together by hand: what sends as fast as it can shares the machine with what it sends to.
        return "{\"resource_id\":\"r" + resource(n) + "\",\"payload\":\"" + payload(resource(n), index)
                + "\",\"packet_index\":" + index + ",\"last_chunk_flag\":" + (index == packetsAResource) + '}';
    }

    int resource(int n) {
        return n / packetsAResource;
    }

    private int index(int n) {
        return n % packetsAResource + 1;
    }

    /** As many words as the index says, each as long as the resource's number has digits, and one. */
    private String payload(int resource, int index) {
        String words = ("w" + resource + " ").repeat(index);
        return words.length() < payloadSize ? words + "x".repeat(payloadSize - words.length()) : words.strip();
    }

    private List<Integer> lengths(int resource, int index) {
        return Stream.of(payload(resource, index).split(" ")).map(String::length).toList();
    }

    private String expected(int resource) {
        JsonArray output = new JsonArray();
        IntStream.rangeClosed(1, packetsAResource).forEach(index -> lengths(resource, index).forEach(output::add));
        return new JsonObject().put("resource_id", "r" + resource).put("status", "completed")
                .put("packet_count", packetsAResource).put("output", output).encode();
    }

    /** Whether an outcome holds what it says of itself: the outputs of all packets but those it calls missing. */
    boolean addsUp(String outcome) {
        JsonObject json = new JsonObject(outcome);
        int resource = Integer.parseInt(json.getString("resource_id").substring(1));
        if (json.getString("status").equals("completed")) {
            return outcome.equals(expected(resource));
        }
        JsonArray missing = json.getJsonArray("missing");
        List<Integer> words = IntStream.rangeClosed(1, packetsAResource).filter(index -> !missing.contains(index)).boxed()
                .flatMap(index -> lengths(resource, index).stream()).toList();
        return json.getJsonArray("output").getList().equals(words);
    }

    void acknowledge(int n) {
        Set<Integer> indices = acknowledged.computeIfAbsent(resource(n), none -> ConcurrentHashMap.newKeySet());
        if (indices.add(index(n))) {
            packets.incrementAndGet();
        }
        if (indices.size() == packetsAResource) {
            wholeSince.putIfAbsent(resource(n), System.nanoTime());
        }
    }

    /** A webhook came; it counts when it is answered with 2xx. */
    synchronized void deliver(String webhookId, String body) {
        int resource = Integer.parseInt(new JsonObject(body).getString("resource_id").substring(1));
        if (!body.equals(expected(resource))) {
            wrong.add(body);
        }
        ids.computeIfAbsent(resource, none -> ConcurrentHashMap.newKeySet()).add(webhookId);
        if (deliveredAt.putIfAbsent(resource, System.nanoTime()) != null) {
            repeatedDeliveries.incrementAndGet();
        }
    }

    int packets() {
        return packets.get();
    }

    int delivered() {
        return deliveredAt.size();
    }

    int repeatedDeliveries() {
        return repeatedDeliveries.get();
    }

    synchronized List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** Resources that were whole at an instant and not delivered by then, that are still not delivered. */
    long open(long since) {
        return wholeSince.entrySet().stream().filter(it -> it.getValue() < since && !deliveredAt.containsKey(it.getKey()))
                .count();
    }

    /** Resources all of whose packets were acknowledged, and of which nothing came. */
    List<Integer> lost() {
        return wholeSince.keySet().stream().filter(resource -> !deliveredAt.containsKey(resource)).toList();
    }

    /** Of the resources from one to before another, those that nothing came of. */
    List<Integer> undelivered(int from, int to) {
        return IntStream.range(from, to).filter(resource -> !deliveredAt.containsKey(resource)).boxed().toList();
    }

    /** Resources that were delivered under more than one id. */
    List<Integer> doubled() {
        return ids.entrySet().stream().filter(it -> it.getValue().size() > 1).map(Map.Entry::getKey).toList();
    }

    /** Of what was delivered, how long that took since its last packet was acknowledged. */
    Latencies deliveries() {
        Latencies deliveries = new Latencies();
        wholeSince.forEach((resource, since) -> {
            Long at = deliveredAt.get(resource);
            if (at != null) {
                // A webhook may come before the answer to the packet that it is about.
                deliveries.add(Math.max(0, at - since));
            }
        });
        return deliveries;
    }

    /** When the last of those resources was delivered that were whole and undelivered at an instant. */
    long settledAt(long instant) {
        return wholeSince.entrySet().stream().filter(it -> it.getValue() < instant)
                .mapToLong(it -> deliveredAt.getOrDefault(it.getKey(), Long.MAX_VALUE)).filter(at -> at >= instant).max()
                .orElse(instant);
    }
}
