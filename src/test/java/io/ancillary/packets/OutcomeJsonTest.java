package io.ancillary.packets;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.Collected;
import io.ancillary.collation.Outcome;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Snapshot;
import io.ancillary.collation.Snapshot.Progress;
import io.ancillary.collation.Snapshot.State;
import io.ancillary.collation.Snapshot.Terms;
import io.ancillary.collation.Snapshot.Times;

class OutcomeJsonTest {

    @Test
    void concatenatesTheOutputs_whenCompleted() {
        String json = json(outcome(true, 1, 2, output(1, "[3,4]"), output(2, "[1,4]")));

        assertThat(json).isEqualTo("{\"resource_id\":101,\"status\":\"completed\",\"packet_count\":2,\"output\":[3,4,1,4]}");
    }

    @Test
    void countsFromTheFirstIndex_whenThatIsZero() {
        String json = json(outcome(true, 0, 1, output(0, "[3]"), output(1, "[4]")));

        assertThat(json).contains("\"packet_count\":2,\"output\":[3,4]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
            "[1,2];`1,2`", "[];``", "[ ];``", "` [ 1 , 2 ] `;`1 , 2`", "[[1,2],[]];`[1,2],[]`", "[[]];`[]`", "[null];`null`",
            "7;`7`", "null;`null`", "\"a\";`\"a\"`", "\"[1]\";`\"[1]\"`", "{\"a\":[1]};`{\"a\":[1]}`", "true;`true`",
            "\"\";`\"\"`",
    })
    void flattensOneLevel_andTakesAnythingElseAsOneElement(String output, String elements) {
        String json = json(outcome(true, 1, 3, output(1, "[0]"), output(2, output), output(3, "9")));

        assertThat(json).endsWith(",\"output\":[0," + elements + (elements.isEmpty() ? "" : ",") + "9]}");
    }

    @Test
    void givesAnEmptyOutput_whenAllAreEmptyArrays() {
        assertThat(json(outcome(true, 1, 2, output(1, "[]"), output(2, "[]")))).endsWith("\"output\":[]}");
    }

    @Test
    void tellsWhatIsMissingAndWhatFailed_whenIncomplete() {
        String json = json(outcome(false, 1, 7, output(2, "[3]"), failure(4, "no"), output(5, "[4]")));

        assertThat(json).isEqualTo("{\"resource_id\":101,\"status\":\"incomplete\",\"packet_count\":7,\"output\":[3,4],"
                + "\"missing\":[1,3,6,7],\"failed\":[{\"packet_index\":4,\"error\":\"no\"}]}");
    }

    @Test
    void tellsBothLists_whenNothingWasReceived() {
        assertThat(json(outcome(false, 1, 2))).endsWith("\"output\":[],\"missing\":[1,2],\"failed\":[]}");
    }

    @Test
    void tellsEmptyLists_whenOnlyFailuresMadeItIncomplete() {
        assertThat(json(outcome(false, 1, 1, failure(1, "no"))))
                .endsWith("\"output\":[],\"missing\":[],\"failed\":[{\"packet_index\":1,\"error\":\"no\"}]}");
    }

    @Test
    void missesNothingBeyondTheHighest_whenTheLastIsUnknown() {
        Outcome outcome = outcome("101", false, 1, OptionalInt.empty(), 4, output(2, "[3]"),
                failure(4, Collected.DEADLINE));

        assertThat(json(outcome)).contains("\"packet_count\":4,")
                .endsWith("\"missing\":[1,3],\"failed\":[{\"packet_index\":4,\"error\":\"deadline\"}]}");
    }

    @Test
    void escapesWhatAnErrorSays() {
        String json = json(outcome(false, 1, 1, failure(1, "a \"quote\" \\ \n \u0000 \u00e9 \uD83D\uDE00")));

        assertThat(json).endsWith("\"error\":\"a \\\"quote\\\" \\\\ \\n \\u0000 \u00e9 \uD83D\uDE00\"}]}");
    }

    @Test
    void tellsTheIdAsAString_whenItIsNoNumber() {
        Outcome outcome = outcome("007", true, 1, OptionalInt.of(1), 1, output(1, "1"));

        assertThat(json(outcome)).startsWith("{\"resource_id\":\"007\",");
    }

    /** As it is written in one go, with what stands between the results for missing. */
    private static String json(Outcome outcome) {
        OutcomeJson writer = new OutcomeJson();
        StringBuilder json = new StringBuilder();
        writer.begin(outcome.of(), json);
        outcome.results().stream().filter(it -> it.result() instanceof PartResult.Output)
                .forEach(it -> writer.output((PartResult.Output) it.result(), json));
        IntStream.rangeClosed(outcome.of().first(), outcome.of().upTo())
                .filter(index -> outcome.results().stream().noneMatch(it -> it.index() == index))
                .forEach(index -> writer.missing(index, json));
        outcome.results().stream().filter(it -> it.result() instanceof PartResult.Failure)
                .forEach(it -> writer.failed(it.index(), ((PartResult.Failure) it.result()).error(), json));
        writer.end(json);
        return json.toString();
    }

    private static Outcome outcome(boolean completed, int first, int last, Collected... results) {
        return outcome("101", completed, first, OptionalInt.of(last), last, results);
    }

    private static Outcome outcome(String resource, boolean completed, int first, OptionalInt last, int highest,
            Collected... results) {
        Progress progress = new Progress(first, last, highest, results.length, results.length, 0, 0);
        Times times = new Times(Instant.EPOCH, Instant.EPOCH, Instant.EPOCH);
        return new Outcome(new Snapshot(new CollationId("packets", resource), "generation",
                completed ? State.COMPLETED : State.INCOMPLETE, progress, times,
                new Terms(Optional.empty(), Optional.empty()), Optional.empty()), List.of(results));
    }

    private static Collected output(int index, String json) {
        return new Collected(index, new PartResult.Output(json));
    }

    private static Collected failure(int index, String error) {
        return new Collected(index, new PartResult.Failure(error));
    }
}
