package io.ancillary.http;

import java.io.IOException;
import java.util.List;
import java.util.Map;

import jakarta.validation.ConstraintViolationException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jspecify.annotations.Nullable;

import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.http.Problem.Violation;
import io.smallrye.mutiny.Uni;

/** Every error a door can end with, as an answer. */
class ProblemMapper {
    private static final Logger LOG = Logger.getLogger(ProblemMapper.class);

    private static final Map<Integer, Problem> BY_STATUS = Map.of(
            400, new Problem("invalid_request", "the request could not be read"),
            401, new Problem("unauthorized", "a bearer token is needed"),
            404, new Problem("not_found", "there is nothing here"),
            405, new Problem("method_not_allowed", "this method is not allowed here"),
            406, new Problem("not_acceptable", "answers are application/json"),
            413, new Problem("too_large", "the body is too large"),
            415, new Problem("unsupported_media_type", "the content type must be application/json"));

    /** What a status says by itself. */
    static Problem ofStatus(int status) {
        Problem problem = BY_STATUS.get(status);
        return problem != null ? problem
                : new Problem(status < 500 ? "invalid_request" : "internal_error", "the request failed");
    }

    /** What a client is told of a failure that is not JAX-RS' own. */
    static ProblemException problemOf(@Nullable Throwable failure) {
        if (failure instanceof ProblemException problem) {
            return problem;
        }
        if (failure instanceof StoreUnavailableException) {
            return ProblemException.unavailable("store_unavailable", "the store is not available: nothing is acknowledged");
        }
        LOG.error("a request failed", failure);
        return new ProblemException(500, ofStatus(500));
    }

    @ServerExceptionMapper
    Uni<Response> problem(ProblemException exception) {
        Uni<Response> answer = Uni.createFrom().item(() -> answerTo(exception));
        return exception.late().isZero() ? answer : answer.onItem().delayIt().by(exception.late());
    }

    private static Response answerTo(ProblemException exception) {
        Response.ResponseBuilder answer = answer(exception.status(), exception.problem());
        exception.headers().forEach(answer::header);
        return answer.build();
    }

    @ServerExceptionMapper
    Response storeUnavailable(StoreUnavailableException exception) {
        return answerTo(problemOf(exception));
    }

    @ServerExceptionMapper
    Response violations(ConstraintViolationException exception) {
        List<Violation> violations = exception.getConstraintViolations().stream().map(violation -> {
            String path = violation.getPropertyPath().toString();
            String field = path.substring(path.lastIndexOf('.') + 1);
            return new Violation(field, field + " " + violation.getMessage());
        }).toList();
        return answerTo(ProblemException.invalid(violations));
    }

    /** What the framework found wrong, such as a path, a method or a media type. */
    @ServerExceptionMapper
    Response framework(WebApplicationException exception) {
        int status = exception.getResponse().getStatus();
        return status == 405 ? otherMethod(CurrentRequestManager.get()) : answer(status, ofStatus(status)).build();
    }

    private static Response otherMethod(ResteasyReactiveRequestContext request) {
        String allowed = String.join(", ", AllowedMethods.of(request));
        return answer(405, new Problem("method_not_allowed", "Invalid request method. request is " + request.getMethod()
                + ". But should be " + allowed + ".")).header(HttpHeaders.ALLOW, allowed).build();
    }

    /** The client went away, or was too slow; nobody is left to read the answer. */
    @ServerExceptionMapper
    Response unreadable(IOException exception) {
        LOG.debug("a body could not be read", exception);
        return answer(400, ofStatus(400)).build();
    }

    @ServerExceptionMapper
    Response defect(Throwable exception) {
        return answerTo(problemOf(exception));
    }

    private static Response.ResponseBuilder answer(int status, Problem problem) {
        return Response.status(status).type(MediaType.APPLICATION_JSON_TYPE).entity(problem);
    }
}
