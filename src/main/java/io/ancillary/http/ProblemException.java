package io.ancillary.http;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.ancillary.http.Problem.Violation;

/** Ends a request with a problem. Control flow, not a defect: it has no stack trace. */
public class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1;
    /** Nobody can tell when. */
    public static final Duration MUCH_LATER = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofSeconds(1);

    private final int status;
    private final transient Problem problem;
    private final @Nullable Duration retryAfter;
    private final Duration late;

    public ProblemException(int status, Problem problem) {
        this(status, problem, null);
    }

    private ProblemException(int status, Problem problem, @Nullable Duration retryAfter) {
        this(status, problem, retryAfter, Duration.ZERO);
    }

    private ProblemException(int status, Problem problem, @Nullable Duration retryAfter, Duration late) {
        super(problem.error(), null, false, false);
        this.status = status;
        this.problem = problem;
        this.retryAfter = retryAfter;
        this.late = late;
    }

    /** The same, to be said only after a while. */
    ProblemException late(Duration wait) {
        return new ProblemException(status, problem, retryAfter, wait);
    }

    /** How long to wait before it is said. */
    Duration late() {
        return late;
    }

    public static ProblemException invalid(List<Violation> violations) {
        return new ProblemException(400, new Problem("invalid_request", violations));
    }

    public static ProblemException invalid(String error) {
        return new ProblemException(400, new Problem("invalid_request", error));
    }

    public static ProblemException notFound(String error) {
        return new ProblemException(404, new Problem("not_found", error));
    }

    public static ProblemException unauthorized(String error) {
        return new ProblemException(401, new Problem("unauthorized", error));
    }

    public static ProblemException notAcceptable() {
        return new ProblemException(406, ProblemMapper.ofStatus(406));
    }

    public static ProblemException conflict(String code, String error) {
        return new ProblemException(409, new Problem(code, error));
    }

    public static ProblemException unavailable(String code, String error) {
        return unavailable(code, error, SOON);
    }

    /** Not now; {@code retryAfter}, in whole seconds, says when. */
    public static ProblemException unavailable(String code, String error, Duration retryAfter) {
        return new ProblemException(503, new Problem(code, error), retryAfter);
    }

    /** Not so soon; {@code retryAfter}, in whole seconds, says when. */
    public static ProblemException tooMany(String code, String error, Duration retryAfter) {
        return new ProblemException(429, new Problem(code, error), retryAfter);
    }

    public int status() {
        return status;
    }

    public Problem problem() {
        return problem;
    }

    /** What the answer says besides its body. */
    Map<String, String> headers() {
        if (status == 401) {
            return Map.of("WWW-Authenticate", "Bearer");
        }
        return retryAfter == null ? Map.of() : Map.of("Retry-After", String.valueOf(retryAfter.toSeconds()));
    }
}
