package io.ancillary.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.ancillary.testsupport.LightReceiver.Webhook;
import io.vertx.core.buffer.Buffer;

/**
 * Requests to start a charging session, a third of each decision, and the callbacks that must come of them. Each has a
 * callback URL of its own, which tells them apart.
 *
 * @param receiver the URL of the receiver, with a slash at its end
 */
record Sessions(String prefix, String receiver) {
    private static final String OPEN_STATION = "00000000-0000-4000-8000-000000000001";
    private static final String OTHER_STATION = "00000000-0000-4000-8000-000000000002";
    private static final String KNOWN_TOKEN = "driver-token-known-at-another-station";
    private static final String ACCESS_LIST = "{\"" + OPEN_STATION + "\":\"*\",\"" + OTHER_STATION
            + "\":[\"driver-token-of-nobody\"],\"00000000-0000-4000-8000-000000000003\":[\"" + KNOWN_TOKEN + "\"]}";
    private static final List<Question> QUESTIONS = List.of(
            new Question(OPEN_STATION, "driver-token-which-any-will-do", "allowed"),
            new Question(OTHER_STATION, KNOWN_TOKEN, "not_allowed"),
            new Question(OTHER_STATION, "driver-token-that-nobody-knows", "invalid"));

    private record Question(String station, String token, String decision) {

        String fields() {
            return "{\"station_id\":\"" + station + "\",\"driver_token\":\"" + token + "\",";
        }
    }

    /** The access control list by which they are decided, as a file. */
    static Path accessList() {
        try {
            return Files.writeString(Files.createDirectories(Settings.DIRECTORY).resolve("acl.json"), ACCESS_LIST);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The n-th request. */
    Buffer request(int n) {
        return Buffer.buffer(question(n).fields() + "\"callback_url\":\"" + receiver + prefix + n + "\"}");
    }

    /** The number of the request of which this is the callback, as it must be; -1 when it is that of none. */
    int numberOf(Webhook webhook) {
        String begin = "/" + prefix;
        String number = webhook.path().startsWith(begin) ? webhook.path().substring(begin.length()) : "";
        int n = number.matches("\\d{1,9}") ? Integer.parseInt(number) : -1;
        return n >= 0 && webhook.body().equals(callback(n)) ? n : -1;
    }

    private static String callback(int n) {
        return question(n).fields() + "\"status\":\"" + question(n).decision() + "\"}";
    }

    private static Question question(int n) {
        return QUESTIONS.get(n % QUESTIONS.size());
    }
}
