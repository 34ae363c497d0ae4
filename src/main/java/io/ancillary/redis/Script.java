package io.ancillary.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;

/** The Lua scripts, sent by their digest and, where Redis does not know it, by their text. */
enum Script {
    PARTITIONS,
    VACATE("common", "layout"),
    JOIN("common", "layout"),
    ACCEPT("common"),
    COLLATE("common", "collations"),
    COMPLETE("common", "collations"),
    SETTLE("common"),
    TICK("common"),
    CLAIM("common"),
    TAKEOVER("common", "journal"),
    LEAVE,
    MARK("common", "journal"),
    COMPARE("common"),
    GIVE("common", "journal"),
    EXPIRE("common", "collations"),
    WAKE("common", "collations"),
    RETRY("common", "collations"),
    REDELIVER("common"),
    DROP("common", "collations"),
    OUTPUTS,
    ACL_DECIDE,
    ACL_PUT;

    private final String text;
    private final String sha1;

    /** Takes the names of what it shares with others: a script cannot call another. */
    Script(String... shared) {
        String own = read(name().toLowerCase(Locale.ROOT));
        text = Stream.of(shared).map(Script::read).collect(Collectors.joining()) + own;
        try {
            sha1 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String read(String name) {
        String file = "/lua/" + name + ".lua";
        try (InputStream in = Script.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("missing " + file);
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Request bySha(List<String> keys, List<String> args) {
        return withArguments(Request.cmd(Command.EVALSHA).arg(sha1), keys, args);
    }

    Request byText(List<String> keys, List<String> args) {
        return withArguments(Request.cmd(Command.EVAL).arg(text), keys, args);
    }

    private static Request withArguments(Request request, List<String> keys, List<String> args) {
        request.arg(keys.size());
        keys.forEach(request::arg);
        args.forEach(request::arg);
        return request;
    }
}
