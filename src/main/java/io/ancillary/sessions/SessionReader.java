package io.ancillary.sessions;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

import io.ancillary.delivery.CallbackPolicy;
import io.ancillary.http.JsonBody;
import io.ancillary.http.Problem.Violation;
import io.ancillary.http.ProblemException;

/** Reads a request to start a session. Its messages are part of the contract, and so is their order. */
final class SessionReader {
    private static final String UUID = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    private static final int SHORTEST_TOKEN = 20;
    private static final int LONGEST_TOKEN = 80;
    private static final int MOST_CHARACTERS_NAMED = 20;

    private final CallbackPolicy callbacks;

    SessionReader(CallbackPolicy callbacks) {
        this.callbacks = callbacks;
    }

    static boolean isStationId(String text) {
        boolean valid = text.length() == UUID.length();
        for (int i = 0; valid && i < UUID.length(); i++) {
            char c = text.charAt(i);
            valid = UUID.charAt(i) == '-' ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        }
        return valid;
    }

    static boolean isDriverToken(String text) {
        if (text.length() < SHORTEST_TOKEN || text.length() > LONGEST_TOKEN) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (!isAllowed(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Reads a body in UTF-8; fails with a {@link ProblemException} that holds all that is wrong. */
    SessionRequest read(byte[] body) {
        Value stationId = new Value();
        Value driverToken = new Value();
        Value callbackUrl = new Value();
        List<Violation> repeated = JsonBody.read(body, name -> switch (name) {
            case "station_id" -> stationId::read;
            case "driver_token" -> driverToken::read;
            case "callback_url" -> callbackUrl::read;
            default -> null;
        });
        List<Violation> violations = new ArrayList<>();
        checkStation(stationId, violations);
        checkToken(driverToken, violations);
        checkCallback(callbackUrl, violations);
        violations.addAll(repeated);
        if (!violations.isEmpty()) {
            throw ProblemException.invalid(violations);
        }
        return new SessionRequest(stationId.string(), driverToken.string(), callbackUrl.string());
    }

    private static void checkStation(Value value, List<Violation> violations) {
        if (value.isMissing()) {
            violations.add(new Violation("station_id", "station_id is missing"));
        } else if (!isStationId(value.string())) {
            violations.add(new Violation("station_id", "station id is not a valid uuid"));
        }
    }

    private static void checkToken(Value value, List<Violation> violations) {
        if (value.isMissing()) {
            violations.add(new Violation("driver_token", "driver_token is missing"));
            return;
        }
        String token = value.string();
        if (isDriverToken(token)) {
            return;
        }
        int length = token.codePointCount(0, token.length());
        if (length < SHORTEST_TOKEN || length > LONGEST_TOKEN) {
            violations.add(new Violation("driver_token", "driver token len is " + length
                    + ". But it should be between " + SHORTEST_TOKEN + " and " + LONGEST_TOKEN + " characters"));
        }
        token.codePoints().filter(character -> !isAllowed(character)).limit(MOST_CHARACTERS_NAMED)
                .forEach(character -> violations.add(new Violation("driver_token",
                        "driver token contains invalid character " + Character.toString(character))));
    }

    /** The unreserved characters of RFC 3986. */
    private static boolean isAllowed(int character) {
        return character < 128 && (Character.isLetterOrDigit(character) || "-._~".indexOf(character) >= 0);
    }

    private void checkCallback(Value value, List<Violation> violations) {
        if (value.isMissing()) {
            violations.add(new Violation("callback_url", "callback_url is missing"));
        } else if (!callbacks.accepts(value.string())) {
            violations.add(new Violation("callback_url", "callback_url is not a valid URL"));
        }
    }

    /** A field's value: a string, or nothing that could pass for one. */
    private static final class Value {
        private @Nullable String text;

        void read(JsonParser value) throws IOException {
            if (value.currentToken() != JsonToken.VALUE_NULL) {
                text = value.currentToken() == JsonToken.VALUE_STRING ? value.getText() : "";
            }
        }

        boolean isMissing() {
            return text == null;
        }

        String string() {
            return text == null ? "" : text;
        }
    }
}
