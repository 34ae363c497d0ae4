package io.ancillary.http;

import java.math.BigInteger;
import java.util.regex.Pattern;

/**
 * A resource's id: an integer from 0 to 2^63-1, or 1 to 128 of {@code A-Z a-z 0-9 . _ ~ : -}. Held as text, so
 * that {@code 101} and {@code "101"} are one resource.
 */
public record ResourceId(String text) {
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._~:-]{1,128}");
    private static final Pattern CANONICAL_DECIMAL = Pattern.compile("0|[1-9][0-9]{0,18}");
    private static final BigInteger HIGHEST = BigInteger.valueOf(Long.MAX_VALUE);

    public static boolean isValid(String text) {
        return ALLOWED.matcher(text).matches();
    }

    public static boolean isValid(BigInteger number) {
        return number.signum() >= 0 && number.compareTo(HIGHEST) <= 0;
    }

    /** Whether it is told to others as a number. */
    public boolean isNumber() {
        return CANONICAL_DECIMAL.matcher(text).matches()
                && (text.length() < 19 || isValid(new BigInteger(text)));
    }

    /** As a JSON value. None of the allowed characters needs escaping. */
    public String json() {
        return isNumber() ? text : '"' + text + '"';
    }
}
