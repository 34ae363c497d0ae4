package io.ancillary.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.ancillary.collation.CollationStore.Position;

/** A place in a listing as clients carry it: opaque to them, safe in a URL. */
public final class Cursor {
    private static final Pattern RESOURCE = Pattern.compile("[A-Za-z0-9._~:-]{1,128}");

    private Cursor() {
    }

    static String write(Position position) {
        String text = position.createdMillis() + " " + position.resource();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
    }

    public static Position read(@Nullable String cursor) {
        if (cursor == null || cursor.isEmpty()) {
            return Position.START;
        }
        try {
            String[] words = new String(Base64.getUrlDecoder().decode(cursor), UTF_8).split(" ", 2);
            if (words.length == 2 && RESOURCE.matcher(words[1]).matches()) {
                return new Position(Long.parseLong(words[0]), words[1]);
            }
        } catch (IllegalArgumentException e) {
            // Neither ours nor a number: answered below.
        }
        throw ProblemException.invalid("cursor must be the next_cursor of a page before");
    }
}
