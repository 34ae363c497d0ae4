package io.ancillary.delivery;

import java.util.List;

import io.vertx.core.buffer.Buffer;

/** What is sent, JSON in UTF-8: in pieces, so that a large one is in memory once. Nobody changes them. */
public record Body(List<Buffer> pieces) {

    public Body {
        pieces = List.copyOf(pieces);
    }

    public long length() {
        return pieces.stream().mapToLong(Buffer::length).sum();
    }

    /** There would be more of it than is delivered. */
    public static final class TooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1;

        public TooLargeException(long most) {
            super("the outcome is larger than " + most + " bytes, and no larger one is delivered", null, false, false);
        }
    }
}
