package io.ancillary.packets;

import java.io.ByteArrayOutputStream;

/**
 * Cuts a long body into its elements as it comes, however it is cut up on its way. No more of it is kept than one element,
 * and of one that is too large nothing. What an element holds is for others to read.
 */
abstract sealed class Splitter permits Splitter.Lines, Splitter.Elements {
    private final int mostBytes;
    private final Sink sink;
    private final ByteArrayOutputStream element = new ByteArrayOutputStream();
    private boolean tooLarge;
    private long number;

    private Splitter(int mostBytes, Sink sink) {
        this.mostBytes = mostBytes;
        this.sink = sink;
    }

    /** Is given the elements in their order, numbered from 1. */
    interface Sink {

        void take(long number, byte[] element);

        /** One that has more bytes than are allowed. */
        void tooLarge(long number);
    }

    /** Reads on; fails with {@link MalformedException} when there is no telling where the next element begins. */
    abstract void feed(byte[] bytes);

    /** There is no more. */
    abstract void end();

    /** Of the element that is being read. */
    final void keep(byte[] bytes, int from, int to) {
        tooLarge |= element.size() + (to - from) > mostBytes;
        if (!tooLarge) {
            element.write(bytes, from, to - from);
        }
    }

    final boolean isEmpty() {
        return element.size() == 0 && !tooLarge;
    }

    final void cut() {
        number++;
        if (tooLarge) {
            sink.tooLarge(number);
        } else {
            sink.take(number, element.toByteArray());
        }
        element.reset();
        tooLarge = false;
    }

    /** Passes over one that is none. */
    final void skip() {
        number++;
        element.reset();
    }

    final long number() {
        return number;
    }

    final boolean isBlank() {
        if (tooLarge) {
            return false;
        }
        for (byte each : element.toByteArray()) {
            if (!isBlank(each)) {
                return false;
            }
        }
        return true;
    }

    static boolean isBlank(byte each) {
        return each == ' ' || each == '\t' || each == '\r' || each == '\n';
    }

    /** One a line; lines that are blank are none, and counted all the same. */
    static final class Lines extends Splitter {
        Lines(int mostBytes, Sink sink) {
            super(mostBytes, sink);
        }

        @Override
        void feed(byte[] bytes) {
            int from = 0;
            for (int at = 0; at < bytes.length; at++) {
                if (bytes[at] == '\n') {
                    keep(bytes, from, at);
                    endLine();
                    from = at + 1;
                }
            }
            keep(bytes, from, bytes.length);
        }

        @Override
        void end() {
            if (!isEmpty()) {
                endLine();
            }
        }

        private void endLine() {
            if (isBlank()) {
                skip();
            } else {
                cut();
            }
        }
    }

    /** Those of one JSON array. */
    static final class Elements extends Splitter {
        private Place place = Place.BEFORE;
        private int depth;
        private boolean quoted;
        private boolean escaped;

        Elements(int mostBytes, Sink sink) {
            super(mostBytes, sink);
        }

        private enum Place {
            BEFORE,
            INSIDE,
            BEHIND
        }

        @Override
        void feed(byte[] bytes) {
            int from = 0;
            for (int at = 0; at < bytes.length; at++) {
                byte each = bytes[at];
                if (place != Place.INSIDE) {
                    outside(each);
                    from = at + 1;
                } else if (quoted) {
                    quoted = escaped || each != '"';
                    escaped = !escaped && each == '\\';
                } else if (each == '"') {
                    quoted = true;
                } else if (each == '{' || each == '[') {
                    depth++;
                } else if (depth == 0 && (each == ',' || each == ']')) {
                    keep(bytes, from, at);
                    endElement(each == ']');
                    from = at + 1;
                } else if (each == '}' || each == ']') {
                    depth--;
                    require(depth >= 0,
                            "element " + (number() + 1) + " is not JSON, and so what comes after it cannot be read");
                }
            }
            if (place == Place.INSIDE) {
                keep(bytes, from, bytes.length);
            }
        }

        private void outside(byte each) {
            boolean begins = place == Place.BEFORE && each == '[';
            require(begins || isBlank(each), place == Place.BEFORE ? "the body must be a JSON array, or a packet a line"
                    : "the body must be one JSON array and nothing after it");
            place = begins ? Place.INSIDE : place;
        }

        private void endElement(boolean last) {
            // An array may be empty, but no element may.
            if (last && number() == 0 && isBlank()) {
                skip();
            } else {
                cut();
            }
            place = last ? Place.BEHIND : place;
        }

        @Override
        void end() {
            require(place == Place.BEHIND, "the body breaks off: it is not one whole JSON array");
        }

        private static void require(boolean right, String error) {
            if (!right) {
                throw new MalformedException(error);
            }
        }
    }

    /** Says where it is wrong. */
    static final class MalformedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message, null, false, false);
        }
    }
}
