package io.ancillary.testsupport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/** Little to send and much to unpack: zeros, of which gzip makes a thousandth. */
final class GzipBomb {
    static final long EXPANDED_BYTES = 1_000_000_000;
    private static final int STEP = 1_000_000;

    private GzipBomb() {
    }

    /** For all receivers the same; to make them takes seconds. */
    static byte[] bytes() {
        return Holder.BYTES;
    }

    /** One member: of several, which would be made sooner, many a client unpacks only the first. */
    private static byte[] make() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(STEP);
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            byte[] zeros = new byte[STEP];
            for (long written = 0; written < EXPANDED_BYTES; written += STEP) {
                gzip.write(zeros);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static final class Holder {
        static final byte[] BYTES = make();
    }
}
