package io.ancillary;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The bill of materials names what is shipped, byte by byte. */
class SbomIT {
    private static final Path TARGET = Path.of("target");

    @Test
    void namesEachJarThatIsShipped_withItsDigest() throws IOException {
        Map<String, Component> components = components();
        Set<String> shipped = shipped();

        assertThat(shipped).hasSizeGreaterThan(100);
        assertThat(components.keySet()).containsAll(shipped);
        assertThat(shipped).allMatch(digest -> components.get(digest).scope().equals("runtime"));
    }

    /** By digest. */
    private static Map<String, Component> components() throws IOException {
        try (Stream<Path> files = Files.list(TARGET)) {
            Path sbom = files.filter(file -> file.toString().endsWith("-cyclonedx.json")).findFirst().orElseThrow();
            JsonNode read = new ObjectMapper().readTree(sbom.toFile());
            assertThat(read.get("bomFormat").asText()).isEqualTo("CycloneDX");
            return StreamSupport.stream(read.get("components").spliterator(), false).map(Component::of)
                    .collect(Collectors.toMap(Component::sha256, Function.identity(), (one, same) -> one));
        }
    }

    /** Digests of the libraries, without what the build itself makes. */
    private static Set<String> shipped() throws IOException {
        try (Stream<Path> files = Files.walk(TARGET.resolve("quarkus-app").resolve("lib"))) {
            return files.filter(file -> file.toString().endsWith(".jar")).map(SbomIT::sha256).collect(Collectors.toSet());
        }
    }

    private static String sha256(Path file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Component(String sha256, String scope) {

        static Component of(JsonNode json) {
            String digest = "";
            for (JsonNode hash : json.path("hashes")) {
                digest = hash.get("alg").asText().equals("SHA-256") ? hash.get("content").asText() : digest;
            }
            String scope = "";
            for (JsonNode property : json.path("properties")) {
                scope = property.get("name").asText().endsWith("scope") ? property.get("value").asText() : scope;
            }
            return new Component(digest, scope);
        }
    }
}
