package io.ancillary.packets;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

import io.ancillary.collation.PartResult;
import io.ancillary.collation.Snapshot;
import io.ancillary.http.ResourceId;
import io.ancillary.pipeline.OutcomeWriter;

/**
 * The body of the webhook for a resource's packets: the outputs, arrays flattened one level, and where it is incomplete
 * what is missing and what failed.
 */
final class OutcomeJson implements OutcomeWriter {
    private boolean completed;
    private Section section = Section.OUTPUT;
    private String separator = "";

    private enum Section {
        OUTPUT,
        MISSING,
        FAILED
    }

    @Override
    public void begin(Snapshot of, StringBuilder to) {
        completed = of.state() == Snapshot.State.COMPLETED;
        to.append("{\"resource_id\":").append(new ResourceId(of.id().resource()).json())
                .append(",\"status\":\"").append(completed ? "completed" : "incomplete")
                .append("\",\"packet_count\":").append(of.upTo() - of.first() + 1).append(",\"output\":[");
    }

    @Override
    public void output(PartResult.Output output, StringBuilder to) {
        String json = output.json().strip();
        String inner = json.startsWith("[") ? json.substring(1, json.length() - 1).strip() : json;
        if (!inner.isEmpty()) {
            element(to).append(inner);
        }
    }

    @Override
    public void missing(int index, StringBuilder to) {
        upTo(Section.MISSING, to);
        element(to).append(index);
    }

    @Override
    public void failed(int index, String error, StringBuilder to) {
        upTo(Section.FAILED, to);
        element(to).append("{\"packet_index\":").append(index).append(",\"error\":\"")
                .append(JsonStringEncoder.getInstance().quoteAsString(error)).append("\"}");
    }

    @Override
    public void end(StringBuilder to) {
        if (!completed) {
            upTo(Section.FAILED, to);
        }
        to.append("]}");
    }

    private void upTo(Section wanted, StringBuilder to) {
        if (section == Section.OUTPUT) {
            open(Section.MISSING, "],\"missing\":[", to);
        }
        if (section != wanted) {
            open(Section.FAILED, "],\"failed\":[", to);
        }
    }

    private void open(Section next, String text, StringBuilder to) {
        section = next;
        separator = "";
        to.append(text);
    }

    private StringBuilder element(StringBuilder to) {
        to.append(separator);
        separator = ",";
        return to;
    }
}
