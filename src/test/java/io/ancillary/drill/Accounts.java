package io.ancillary.drill;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * Every packet of a drill: when it was acknowledged, and what came of its resource. The packets of resource n have
 * payloads that say whose they are, so that an output in the wrong place is seen.
 * <p>
 * Hundreds of thousands of resources are kept while latencies are read on the same machine: what a garbage collector has to
 * carry about stands in those latencies, so little is kept of each.
 */
final class Accounts {
    private static final int USUAL_PACKETS_A_RESOURCE = 10;
    private static final String OUTCOME = "{\"resource_id\":\"r";

    private final Map<Integer, Account> resources = new ConcurrentHashMap<>();
    private final List<String> wrong = new ArrayList<>();
    private final AtomicInteger packets = new AtomicInteger();
    private final AtomicInteger delivered = new AtomicInteger();
    private final AtomicInteger repeatedDeliveries = new AtomicInteger();

    private final int packetsAResource;
    private final int payloadSize;

    /** What is known of one resource. */
    private static final class Account {
        private long acknowledged;
        private long wholeSince;
        private long deliveredAt;
        private String webhookId = "";
        private boolean whole;
        private boolean delivered;
        private boolean doubled;

        /** Whether it was not acknowledged before. */
        synchronized boolean acknowledge(int index, long all) {
            long before = acknowledged;
            acknowledged |= 1L << (index - 1);
            if (acknowledged == all && !whole) {
                whole = true;
                wholeSince = System.nanoTime();
            }
            return acknowledged != before;
        }

        /** Whether it was not delivered before. */
        synchronized boolean deliver(String id) {
            doubled |= delivered && !id.equals(webhookId);
            if (delivered) {
                return false;
            }
            webhookId = id;
            delivered = true;
            deliveredAt = System.nanoTime();
            return true;
        }

        synchronized boolean isLost() {
            return whole && !delivered;
        }

        synchronized boolean isWholeBefore(long instant) {
            return whole && wholeSince < instant;
        }

        synchronized boolean isDelivered() {
            return delivered;
        }

        synchronized boolean isDoubled() {
            return doubled;
        }

        synchronized long deliveredAt() {
            return delivered ? deliveredAt : Long.MAX_VALUE;
        }

        /** A webhook may come before the answer to the packet that it is about. */
        synchronized OptionalLong tookToDeliver() {
            return whole && delivered ? OptionalLong.of(Math.max(0, deliveredAt - wholeSince)) : OptionalLong.empty();
        }
    }

    Accounts() {
        this(0);
    }

    /**
     * @param payloadSize how long payloads are at least: the shorter ones have a last word that fills them up
     */
    Accounts(int payloadSize) {
        this(USUAL_PACKETS_A_RESOURCE, payloadSize);
    }

    /**
     * @param packetsAResource at most 63
     */
    Accounts(int packetsAResource, int payloadSize) {
        if (packetsAResource >= Long.SIZE) {
            throw new IllegalArgumentException("more packets a resource than are kept account of: " + packetsAResource);
        }
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

    /** By hand too. */
    private String expected(int resource) {
        StringBuilder outcome = new StringBuilder(OUTCOME).append(resource)
                .append("\",\"status\":\"completed\",\"packet_count\":").append(packetsAResource).append(",\"output\":");
        char separator = '[';
        for (int index = 1; index <= packetsAResource; index++) {
            String payload = payload(resource, index);
            for (int at = 0; at < payload.length();) {
                int space = payload.indexOf(' ', at);
                int end = space < 0 ? payload.length() : space;
                outcome.append(separator).append(end - at);
                separator = ',';
                at = end + 1;
            }
        }
        return outcome.append("]}").toString();
    }

    /** Whether an outcome holds what it says of itself: the outputs of all packets but those it calls missing. */
    boolean addsUp(String outcome) {
        if (!outcome.startsWith(OUTCOME)) {
            return false;
        }
        int resource = resourceOf(outcome);
        JsonObject json = new JsonObject(outcome);
        if (json.getString("status").equals("completed")) {
            return outcome.equals(expected(resource));
        }
        JsonArray missing = json.getJsonArray("missing");
        List<Integer> words = IntStream.rangeClosed(1, packetsAResource).filter(index -> !missing.contains(index)).boxed()
                .flatMap(index -> lengths(resource, index).stream()).toList();
        return json.getJsonArray("output").getList().equals(words);
    }

    private static int resourceOf(String outcome) {
        return Integer.parseInt(outcome, OUTCOME.length(), outcome.indexOf('"', OUTCOME.length()), 10);
    }

    private Account account(int resource) {
        return resources.computeIfAbsent(resource, none -> new Account());
    }

    void acknowledge(int n) {
        if (account(resource(n)).acknowledge(index(n), (1L << packetsAResource) - 1)) {
            packets.incrementAndGet();
        }
    }

    /** A webhook came, with its id, which may be null; it counts when it is answered with 2xx. */
    void deliver(String webhookId, String body) {
        if (webhookId == null || webhookId.isEmpty() || !body.startsWith(OUTCOME)) {
            addWrong(body);
            return;
        }
        int resource = resourceOf(body);
        if (!body.equals(expected(resource))) {
            addWrong(body);
        }
        (account(resource).deliver(webhookId) ? delivered : repeatedDeliveries).incrementAndGet();
    }

    private void addWrong(String body) {
        synchronized (wrong) {
            wrong.add(body);
        }
    }

    int packets() {
        return packets.get();
    }

    int delivered() {
        return delivered.get();
    }

    int repeatedDeliveries() {
        return repeatedDeliveries.get();
    }

    List<String> wrong() {
        synchronized (wrong) {
            return List.copyOf(wrong);
        }
    }

    /** Resources that were whole at an instant and not delivered by then, that are still not delivered. */
    long open(long since) {
        return resources.values().stream().filter(it -> it.isWholeBefore(since) && !it.isDelivered()).count();
    }

    /** Resources all of whose packets were acknowledged, and of which nothing came. */
    List<Integer> lost() {
        return those(Account::isLost);
    }

    /** Of the resources from one to before another, those that nothing came of. */
    List<Integer> undelivered(int from, int to) {
        return IntStream.range(from, to).filter(resource -> {
            Account account = resources.get(resource);
            return account == null || !account.isDelivered();
        }).boxed().toList();
    }

    /** Resources that were delivered under more than one id. */
    List<Integer> doubled() {
        return those(Account::isDoubled);
    }

    private List<Integer> those(Predicate<Account> what) {
        return resources.entrySet().stream().filter(it -> what.test(it.getValue())).map(Map.Entry::getKey).toList();
    }

    /** Of what was delivered, how long that took since its last packet was acknowledged. */
    Latencies deliveries() {
        Latencies deliveries = new Latencies();
        resources.values().forEach(it -> it.tookToDeliver().ifPresent(deliveries::add));
        return deliveries;
    }

    /** When the last of those resources was delivered that were whole and undelivered at an instant. */
    long settledAt(long instant) {
        return resources.values().stream().filter(it -> it.isWholeBefore(instant)).mapToLong(Account::deliveredAt)
                .filter(at -> at >= instant).max().orElse(instant);
    }
}
