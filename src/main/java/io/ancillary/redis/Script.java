package io.ancillary.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;

/** The Lua scripts, sent by their digest and, where Redis does not know it, by their text. */
enum Script {
    JOIN,
    ACCEPT,
    COLLATE,
    SETTLE,
    TICK,
    CLAIM,
    TAKEOVER,
    LEAVE,
    EXPIRE,
    DROP,
    ACL_DECIDE,
    ACL_PUT;

    private final String text;
    private final String sha1;

    Script() {
        String file = "/lua/" + name().toLowerCase(java.util.Locale.ROOT) + ".lua";
        try (InputStream in = Script.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("missing " + file);
            }
            byte[] bytes = in.readAllBytes();
            text = new String(bytes, UTF_8);
            sha1 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
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
