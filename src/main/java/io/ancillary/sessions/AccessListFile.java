package io.ancillary.sessions;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import org.jboss.logging.Logger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.ancillary.processing.AccessList;
import io.ancillary.processing.AccessList.Entry;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;

/**
 * Entries of the access control list from a file, put in at the start. They replace what their stations had;
 * other stations keep theirs. Nothing is decided before they are in.
 */
@Singleton
public class AccessListFile {
    private static final Logger LOG = Logger.getLogger(AccessListFile.class);

    private final Uni<Void> loaded;

    AccessListFile(SessionsConfig config, AccessList list) {
        Optional<Path> file = config.aclFile();
        this.loaded = file.isEmpty() ? Uni.createFrom().voidItem() : load(read(file.get()), list);
    }

    void start(@Observes StartupEvent started) {
        loaded.subscribe().with(done -> LOG.debug("the access control list is in"));
    }

    /** Completes when the file's entries are in. */
    Uni<Void> loaded() {
        return loaded;
    }

    private static Uni<Void> load(Map<String, Entry> entries, AccessList list) {
        return Multi.createFrom().iterable(entries.entrySet())
                .onItem().transformToUniAndConcatenate(entry -> Uni.createFrom()
                        .completionStage(() -> list.put(entry.getKey(), entry.getValue()))
                        .onFailure().retry().withBackOff(Duration.ofMillis(100), Duration.ofSeconds(1)).indefinitely())
                .collect().asList().replaceWithVoid()
                .memoize().indefinitely();
    }

    /** Reads a file; fails with {@link IllegalArgumentException} and a sentence that says what is wrong. */
    public static Map<String, Entry> read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            JsonNode root = AccessListEntry.strict(new ObjectMapper()).readTree(in);
            if (!root.isObject()) {
                throw new IllegalArgumentException("it must be a JSON object: station id to driver tokens");
            }
            Map<String, Entry> entries = new LinkedHashMap<>();
            root.properties().forEach(field -> entries.put(station(field.getKey()),
                    AccessListEntry.read(field.getValue())));
            return entries;
        } catch (IOException e) {
            throw new IllegalArgumentException("it cannot be read as JSON", e);
        }
    }

    private static String station(String id) {
        if (!SessionReader.isStationId(id)) {
            throw new IllegalArgumentException("station id is not a valid uuid");
        }
        return id;
    }
}
