package io.ancillary.http;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * The body of every error.
 *
 * @param status always {@code failed}
 * @param error all messages, joined by {@code " \n"}
 * @param code a word that will not change
 * @param violations the fields at fault; left out where none is
 */
@RegisterForReflection
@JsonPropertyOrder({ "status", "error", "code", "violations" })
public record Problem(String status, String error, String code,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Violation> violations) {

    static final String SEPARATOR = " \n";

    public Problem(String code, String error) {
        this("failed", error, code, List.of());
    }

    public Problem(String code, List<Violation> violations) {
        this("failed", String.join(SEPARATOR, violations.stream().map(Violation::message).toList()), code,
                List.copyOf(violations));
    }

    /** What is wrong with one field. */
    @RegisterForReflection
    @JsonPropertyOrder({ "field", "message" })
    public record Violation(String field, String message) {
    }
}
