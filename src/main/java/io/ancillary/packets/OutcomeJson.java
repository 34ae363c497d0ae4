package io.ancillary.packets;

import java.util.List;
import java.util.StringJoiner;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

import io.ancillary.collation.Outcome;
import io.ancillary.collation.Outcome.Collected;
import io.ancillary.collation.PartResult;
import io.ancillary.http.ResourceId;

/** The body of the webhook for a resource's packets. */
final class OutcomeJson {

    private OutcomeJson() {
    }

    static String of(Outcome outcome) {
        StringBuilder json = new StringBuilder();
        json.append("{\"resource_id\":").append(new ResourceId(outcome.id().resource()).json());
        json.append(",\"status\":\"").append(outcome.completed() ? "completed" : "incomplete");
        json.append("\",\"packet_count\":").append(outcome.size());
        json.append(",\"output\":").append(output(outcome.results()));
        if (!outcome.completed()) {
            json.append(",\"missing\":").append(missing(outcome));
            json.append(",\"failed\":").append(failed(outcome.results()));
        }
        return json.append('}').toString();
    }

    /** Arrays are flattened one level; anything else is one element. */
    private static String output(List<Collected> results) {
        StringJoiner elements = new StringJoiner(",", "[", "]");
        for (Collected collected : results) {
            if (collected.result() instanceof PartResult.Output output) {
                String json = output.json().strip();
                String inner = json.startsWith("[") ? json.substring(1, json.length() - 1).strip() : json;
                if (!inner.isEmpty()) {
                    elements.add(inner);
                }
            }
        }
        return elements.toString();
    }

    private static String missing(Outcome outcome) {
        StringJoiner indices = new StringJoiner(",", "[", "]");
        int expected = outcome.of().first();
        for (Collected collected : outcome.results()) {
            for (; expected < collected.index(); expected++) {
                indices.add(String.valueOf(expected));
            }
            expected = collected.index() + 1;
        }
        for (; expected <= outcome.of().upTo(); expected++) {
            indices.add(String.valueOf(expected));
        }
        return indices.toString();
    }

    private static String failed(List<Collected> results) {
        StringJoiner failures = new StringJoiner(",", "[", "]");
        for (Collected collected : results) {
            if (collected.result() instanceof PartResult.Failure failure) {
                failures.add("{\"packet_index\":" + collected.index() + ",\"error\":\""
                        + new String(JsonStringEncoder.getInstance().quoteAsString(failure.error())) + "\"}");
            }
        }
        return failures.toString();
    }
}
