package io.ancillary.operate;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.ancillary.collation.DeadPart;
import io.ancillary.collation.DeadPart.Place;
import io.ancillary.collation.Partitions;
import io.ancillary.http.ProblemException;
import io.ancillary.operate.PartsResource.PartPage;
import io.ancillary.operate.PartsResource.PartView;
import io.smallrye.mutiny.Uni;

/** The dead parts of one partition after another. */
@ApplicationScoped
class DeadParts {
    /** Partition, then the place: two instants, an index, and the collation, in which there may be blanks. */
    private static final Pattern CURSOR = Pattern
            .compile("(\\d{1,4}) (\\d{1,19}) (\\d{1,19}) (\\d{1,10}) (\\S{1,20} \\S{1,60} \\S{1,128})?");

    private final Partitions partitions;

    DeadParts(Partitions partitions) {
        this.partitions = partitions;
    }

    Uni<PartPage> page(@Nullable String cursor, int limit) {
        Cursor from = cursor == null || cursor.isEmpty() ? new Cursor(0, Place.START) : Cursor.read(cursor);
        return from.partition() < partitions.stores().size() ? page(from, limit, new ArrayList<>())
                : Uni.createFrom().item(new PartPage(List.of(), null));
    }

    private Uni<PartPage> page(Cursor from, int limit, List<PartView> found) {
        int wanted = limit - found.size();
        return Uni.createFrom().completionStage(
                () -> partitions.stores().get(from.partition()).deadParts(from.after(), wanted)).chain(parts -> {
                    parts.forEach(part -> found.add(PartView.of(from.partition(), part)));
                    if (parts.size() == wanted) {
                        DeadPart last = parts.get(wanted - 1);
                        return Uni.createFrom()
                                .item(new PartPage(found, new Cursor(from.partition(), last.place()).write()));
                    }
                    int next = from.partition() + 1;
                    return next < partitions.stores().size() ? page(new Cursor(next, Place.START), limit, found)
                            : Uni.createFrom().item(new PartPage(found, null));
                });
    }

    /** Opaque to clients, safe in a URL. */
    private record Cursor(int partition, Place after) {

        static Cursor read(String text) {
            try {
                Matcher words = CURSOR.matcher(new String(Base64.getUrlDecoder().decode(text), UTF_8));
                if (words.matches()) {
                    String collation = words.group(5) == null ? "" : words.group(5);
                    return new Cursor(Integer.parseInt(words.group(1)), new Place(Long.parseLong(words.group(2)), collation,
                            Long.parseLong(words.group(3)), Integer.parseInt(words.group(4))));
                }
            } catch (IllegalArgumentException e) {
                // Neither ours nor a number: answered below.
            }
            throw ProblemException.invalid("cursor must be the next_cursor of a page before");
        }

        String write() {
            String text = partition + " " + after.collationMillis() + " " + after.failedMillis() + " " + after.index() + " "
                    + after.collation();
            return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
        }
    }
}
