package io.ancillary.packets;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Cuts a long body into its elements as it comes, however it is cut up on its way. No more of it is kept than one element,
 * and of one that is too large nothing. What an element holds is for others to read.
 */
abstract sealed class Splitter permits Splitter.Lines, Splitter.Elements {
    private static final byte[] NOTHING = {};

    private final int mostBytes;
    private final Sink sink;
    /** What has come of an element that is not whole yet. */
    private ByteArrayOutputStream begun = new ByteArrayOutputStream();
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

    /** How many bytes are kept of an element that is not whole yet. */
    final int kept() {
        return begun.size();
    }

    /** Of the element that is being read, and goes on. */
    final void keep(byte[] bytes, int from, int to) {
        tooLarge |= begun.size() + (to - from) > mostBytes;
        if (tooLarge) {
            forget();
        } else {
            begun.write(bytes, from, to - from);
        }
    }

    final boolean isEmpty() {
        return begun.size() == 0 && !tooLarge;
    }

    /** The element ends with these bytes; one that is blank is passed over where it may be. */
    final void cut(byte[] bytes, int from, int to, boolean mayBeBlank) {
        number++;
        if (tooLarge || begun.size() + (to - from) > mostBytes) {
            tooLarge = false;
            forget();
            sink.tooLarge(number);
            return;
        }
        byte[] element = whole(bytes, from, to);
        if (!mayBeBlank || !isBlank(element)) {
            sink.take(number, element);
        }
    }

    final void cut(boolean mayBeBlank) {
        cut(NOTHING, 0, 0, mayBeBlank);
    }

    private byte[] whole(byte[] bytes, int from, int to) {
        if (begun.size() == 0) {
            return Arrays.copyOfRange(bytes, from, to);
        }
        begun.write(bytes, from, to - from);
        byte[] all = begun.toByteArray();
        forget();
        return all;
    }

    /** With the memory it had: that of a long one is not for as long as the body lasts. */
    private void forget() {
        if (begun.size() > 0) {
            begun = new ByteArrayOutputStream();
        }
    }

    final long number() {
        return number;
    }

    private static boolean isBlank(byte[] element) {
        for (byte each : element) {
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
                    cut(bytes, from, at, true);
                    from = at + 1;
                }
            }
            keep(bytes, from, bytes.length);
        }

        @Override
        void end() {
            if (!isEmpty()) {
                cut(true);
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
                    boolean last = each == ']';
                    // An array may be empty, but no element may.
                    cut(bytes, from, at, last && number() == 0);
                    place = last ? Place.BEHIND : place;
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
