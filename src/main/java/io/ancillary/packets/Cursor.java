package io.ancillary.packets;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

import org.jspecify.annotations.Nullable;

import io.ancillary.collation.CollationStore.Position;
import io.ancillary.http.ProblemException;

/** A place in a listing as clients carry it: opaque to them, safe in a URL. */
final class Cursor {

    private Cursor() {
    }

    static String write(Position position) {
        String text = position.createdMillis() + " " + position.resource();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
    }

    static Position read(@Nullable String cursor) {
        if (cursor == null || cursor.isEmpty()) {
            return Position.START;
        }
        try {
            String[] words = new String(Base64.getUrlDecoder().decode(cursor), UTF_8).split(" ", 2);
            if (words.length == 2 && ResourceId.isValid(words[1])) {
                return new Position(Long.parseLong(words[0]), words[1]);
            }
        } catch (IllegalArgumentException e) {
            // Neither ours nor a number: answered below.
        }
        throw ProblemException.invalid("cursor must be the next_cursor of a page before");
    }
}
