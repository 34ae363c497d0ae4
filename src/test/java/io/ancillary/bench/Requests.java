package io.ancillary.bench;

import java.util.function.IntFunction;

import io.ancillary.testsupport.Wire.Answer;
import io.vertx.core.buffer.Buffer;

/**
 * What is sent to one endpoint, and what must be answered.
 *
 * @param bodies the body of the n-th request
 */
record Requests(String path, String contentType, int count, IntFunction<Buffer> bodies, Check check) {

    /** Whether the n-th request was answered as it must be. */
    interface Check {
        boolean isRight(int n, Answer answer);
    }

    /** Of JSON, each to be answered with 202. */
    static Requests json(String path, int count, IntFunction<Buffer> bodies) {
        return json(path, count, bodies, (n, answer) -> answer.status() == 202);
    }

    static Requests json(String path, int count, IntFunction<Buffer> bodies, Check check) {
        return new Requests(path, "application/json", count, bodies, check);
    }
}
