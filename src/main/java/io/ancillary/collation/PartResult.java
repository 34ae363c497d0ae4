package io.ancillary.collation;

/** What a processor made of a part. */
public sealed interface PartResult {

    /** An output: any one JSON value, as text. */
    record Output(String json) implements PartResult {
    }

    /** No output, for good. */
    record Failure(String error) implements PartResult {
    }
}
