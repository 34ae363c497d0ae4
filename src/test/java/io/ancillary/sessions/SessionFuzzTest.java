package io.ancillary.sessions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import io.ancillary.delivery.CallbackPolicy;
import io.ancillary.http.ProblemException;
import io.ancillary.testsupport.Dice;
import io.ancillary.testsupport.Fuzz;
import io.ancillary.testsupport.StrictJson;
import io.ancillary.testsupport.StrictJson.Members;
import io.ancillary.testsupport.StrictJson.Null;
import io.smallrye.mutiny.Uni;

/** Whatever the bytes, a session begins when the contract says so, and else its very messages are given, in its order. */
class SessionFuzzTest {
    private static final int CASES = 25_000;
    private static final String ALLOWED = "ABCXYZabcxyz0189-._~";
    private static final List<String> FIELDS = List.of("station_id", "driver_token", "callback_url");
    private static final CallbackPolicy CALLBACKS = new CallbackPolicy(List.of(), List.of(), List.of(), List.of(),
            name -> Uni.createFrom().failure(new AssertionError("resolves " + name)));

    private final SessionReader reader = new SessionReader(CALLBACKS);

    @Test
    void saysWhatTheContractSays() {
        Fuzz.run("session", CASES, SessionFuzzTest::body, this::check);
    }

    private boolean check(byte[] body) {
        Optional<Members> json = StrictJson.parse(body).filter(Members.class::isInstance).map(Members.class::cast);
        try {
            SessionRequest read = reader.read(body);
            assertThat(json.map(SessionFuzzTest::problems)).contains(List.of());
            assertThat(read).isEqualTo(new SessionRequest(string(json.get(), "station_id"), string(json.get(), "driver_token"),
                    string(json.get(), "callback_url")));
            return true;
        } catch (ProblemException e) {
            if (json.isPresent()) {
                assertThat(e.getMessage()).isEqualTo(String.join(" \n", problems(json.get())));
            } else {
                assertThat(e.getMessage()).startsWith("the body ");
            }
            return false;
        }
    }

    private static byte[] body(Dice dice) {
        List<String> members = new ArrayList<>();
        for (String field : FIELDS) {
            for (int times = dice.one(10) ? dice.below(3) : 1; times > 0; times--) {
                members.add(dice.quoted(field) + dice.blank() + ":"
                        + (dice.one(6) ? dice.json(2) : dice.quoted(value(dice, field))));
            }
        }
        if (dice.one(4)) {
            members.add(dice.quoted(dice.string()) + ":" + dice.json(2));
        }
        Collections.shuffle(members, new Random(dice.below(1000)));
        byte[] body = (dice.blank() + "{" + String.join(",", members) + "}" + dice.blank()).getBytes(UTF_8);
        return dice.one(3) ? dice.damaged(body) : body;
    }

    private static String value(Dice dice, String field) {
        return switch (field) {
            case "station_id" -> dice.one(6) ? dice.string()
                    : Stream.of(8, 4, 4, 4, 12)
                            .map(length -> dice.word(dice.one(40) ? "019afA" : "0189abcdef", length))
                            .collect(Collectors.joining("-"));
            case "driver_token" -> dice.word(dice.one(4) ? ALLOWED + " \u00e9/%" : ALLOWED,
                    dice.one(4) ? dice.pick(0, 1, 19, 81) : dice.pick(20, 21, 50, 79, 80));
            default -> dice.one(4) ? dice.string() : "https://example.com/" + dice.word("ab?&=", 5);
        };
    }

    private static List<String> problems(Members json) {
        List<String> problems = new ArrayList<>();
        Object station = value(json, "station_id");
        if (station == Null.NULL) {
            problems.add("station_id is missing");
        } else if (!(station instanceof String text
                && text.matches("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"))) {
            problems.add("station id is not a valid uuid");
        }
        Object token = value(json, "driver_token");
        if (token == Null.NULL) {
            problems.add("driver_token is missing");
        } else {
            String text = token instanceof String string ? string : "";
            long length = text.codePoints().count();
            if (length < 20 || length > 80) {
                problems.add("driver token len is " + length + ". But it should be between 20 and 80 characters");
            }
            text.codePoints().filter(it -> !Character.toString(it).matches("[A-Za-z0-9._~-]")).limit(20)
                    .forEach(it -> problems.add("driver token contains invalid character " + Character.toString(it)));
        }
        Object callback = value(json, "callback_url");
        if (callback == Null.NULL) {
            problems.add("callback_url is missing");
        } else if (!(callback instanceof String url && CALLBACKS.accepts(url))) {
            problems.add("callback_url is not a valid URL");
        }
        for (int i = 0; i < json.list().size(); i++) {
            String name = json.list().get(i).getKey();
            if (FIELDS.contains(name) && json.list().subList(0, i).stream().anyMatch(it -> it.getKey().equals(name))) {
                problems.add(name + " is given more than once");
            }
        }
        return problems;
    }

    private static String string(Members json, String field) {
        return (String) value(json, field);
    }

    /** The first of a name; nothing is the same as null. */
    private static Object value(Members json, String field) {
        return json.list().stream().filter(it -> it.getKey().equals(field)).map(Map.Entry::getValue).findFirst()
                .orElse(Null.NULL);
    }
}
