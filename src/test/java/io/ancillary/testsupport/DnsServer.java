package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * A name server on a free port of this machine, whose answers for a name may be others each time it is asked, and are not
 * to be kept. It knows the names it is told, and A and AAAA records.
 */
public final class DnsServer implements AutoCloseable {
    private static final int HEADER = 12;
    private static final int A = 1;
    private static final int AAAA = 28;
    private static final int NAME_ERROR = 3;
    private static final int MOST = 512;

    private final DatagramSocket socket;
    private final Map<String, IntFunction<List<String>>> names = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();

    private DnsServer(DatagramSocket socket) {
        this.socket = socket;
        Thread thread = new Thread(this::answerAll, "dns-" + socket.getLocalPort());
        thread.setDaemon(true);
        thread.start();
    }

    public static DnsServer start() {
        try {
            return new DnsServer(new DatagramSocket(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has a name lead to these addresses, of either family. */
    public void name(String name, String... addresses) {
        name(name, time -> List.of(addresses));
    }

    /** Has a name lead to what a function says of the how-manieth time, from 0, its IPv4 addresses are asked for. */
    public void name(String name, IntFunction<List<String>> addresses) {
        asked.put(name, new AtomicInteger());
        names.put(name, addresses);
    }

    /** Host and port. */
    public String address() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    /** How often the IPv4 addresses of a name were asked for. */
    public int asked(String name) {
        return asked.get(name).get();
    }

    @Override
    public void close() {
        socket.close();
    }

    private void answerAll() {
        DatagramPacket query = new DatagramPacket(new byte[MOST], MOST);
        try {
            while (!socket.isClosed()) {
                query.setLength(MOST);
                socket.receive(query);
                byte[] answer = answer(ByteBuffer.wrap(query.getData(), 0, query.getLength()));
                socket.send(new DatagramPacket(answer, answer.length, query.getSocketAddress()));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private byte[] answer(ByteBuffer query) {
        short id = query.getShort(0);
        query.position(HEADER);
        StringBuilder name = new StringBuilder();
        for (int length = query.get(); length > 0; length = query.get()) {
            byte[] label = new byte[length];
            query.get(label);
            name.append(name.length() == 0 ? "" : ".").append(new String(label, US_ASCII));
        }
        short type = query.getShort();
        query.getShort();
        byte[] question = new byte[query.position() - HEADER];
        query.get(HEADER, question);
        List<byte[]> addresses = addresses(name.toString(), type);
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.writeBytes(ByteBuffer.allocate(HEADER).putShort(id)
                .putShort((short) (0x8400 | (names.containsKey(name.toString()) ? 0 : NAME_ERROR)))
                .putShort((short) 1).putShort((short) addresses.size()).array());
        answer.writeBytes(question);
        for (byte[] address : addresses) {
            // The name of the question, of class IN, for no second.
            answer.writeBytes(ByteBuffer.allocate(12).putShort((short) 0xc00c).putShort(type).putShort((short) 1)
                    .putInt(0).putShort((short) address.length).array());
            answer.writeBytes(address);
        }
        return answer.toByteArray();
    }

    private List<byte[]> addresses(String name, int type) {
        IntFunction<List<String>> all = names.get(name);
        if (all == null || (type != A && type != AAAA)) {
            return List.of();
        }
        int time = type == A ? asked.get(name).getAndIncrement() : Math.max(0, asked.get(name).get() - 1);
        return all.apply(time).stream().filter(it -> it.contains(":") == (type == AAAA)).map(DnsServer::bytes).toList();
    }

    private static byte[] bytes(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
